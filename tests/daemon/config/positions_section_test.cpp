// What is held before a run: `positions`.

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "daemon/config/config.hpp"
#include "tests/daemon/config/fixture.hpp"

namespace fermata {
namespace {

using config_test::kMinimal;
using config_test::parse;
using config_test::replaced;

std::string with(const std::string& positions) {
    return std::string(kMinimal) + "positions:\n" + positions;
}
/// What a configuration is refused with; empty: it is not.
std::string refusal(const std::string& text, const std::vector<std::string>& overrides = {}) {
    try {
        (void)parse(text, overrides);
    } catch (const ConfigError& error) {
        return error.what();
    }
    return {};
}
void expect(const std::string& said, const std::string& part) {
    EXPECT_NE(said.find(part), std::string::npos) << said;
}

TEST(PositionsSection, SaysWhatIsHeldByWhomAndSinceWhen) {
    const Config c = parse(
        with("  - {instrument: SPY, quantity: 40, cost: 450.5, mark: 460, opened: 2021-02-01}\n"
             "  - {instrument: SPY, quantity: 60, cost: 400, mark: 460,"
             " opened: 2020-07-01T15:00:00Z}\n"));
    const auto& held = c.accounts.at(0).positions;
    ASSERT_EQ(held.size(), 2U);  // by time
    EXPECT_EQ(held[0].quantity, Quantity::from_units(60));
    EXPECT_EQ(held[0].opened, *parse_iso_timestamp("2020-07-01T15:00:00Z"));
    EXPECT_EQ(held[1].instrument, InstrumentId{0});
    EXPECT_EQ(held[1].strategy, StrategyId{0});
    EXPECT_EQ(held[1].cost, Price::from_raw(Price::kOne * 901 / 2));
    EXPECT_EQ(held[1].mark, Price::from_units(460));
    // The first instant of the day in New York, the zone of its calendar.
    EXPECT_EQ(held[1].opened, *parse_iso_timestamp("2021-02-01T05:00:00Z"));
}

TEST(PositionsSection, TakesTheCostForTheMarkThatIsNotGiven) {
    const Config c =
        parse(with("  - {instrument: SPY, quantity: 1, cost: 7, opened: 2021-02-01}\n"));
    EXPECT_EQ(c.accounts.at(0).positions.at(0).mark, Price::from_units(7));
}

TEST(PositionsSection, DecidesAboutResultsAndIsNothingWhereItIsEmpty) {
    const std::string none = parse(kMinimal).hash;
    const std::string one = "  - {instrument: SPY, quantity: 1, cost: 7, opened: 2021-02-01}\n";
    EXPECT_NE(parse(with(one)).hash, none);
    EXPECT_EQ(parse(std::string(kMinimal) + "positions: []\n").hash, none);
    EXPECT_EQ(parse(kMinimal).effective.find("positions"), std::string::npos);
    // The effective configuration says the same.
    const Config c = parse(with(one));
    EXPECT_EQ(parse(c.effective).hash, c.hash);
}

TEST(PositionsSection, RefusesWhatCannotBeHeld) {
    const auto said = [](const std::string& entry) {
        return refusal(with("  - {" + entry + ", cost: 7, opened: 2021-02-01}\n"));
    };
    expect(said("instrument: SPY, quantity: 0"), "positions.0.quantity");
    expect(said("instrument: QQQ, quantity: 1"), "positions.0.instrument");
    expect(said("instrument: SPY, strategy: other, quantity: 1"), "positions.0.strategy");
    expect(said("instrument: SPY, account: other, quantity: 1"), "positions.0.account");
    expect(said("instrument: SPY, quantity: -1"), "main is a cash account");
    expect(refusal(with("  - {instrument: SPY, quantity: 40000000000, cost: 1000,"
                        " opened: 2021-02-01}\n")),
           "worth more than numbers hold");
    expect(refusal(with("  - {instrument: SPY, quantity: 1, cost: 7}\n")), "opened");
    expect(refusal(with("  - {instrument: SPY, quantity: 1, opened: 2021-02-01}\n")), "cost");
}

TEST(PositionsSection, RefusesANegativePriceWhereThereIsNone) {
    const std::string lot = "  - {instrument: SPY, quantity: 5, cost: -7, opened: 2021-02-01}\n";
    const std::string said = refusal(with(lot));
    expect(said,
           "test.yaml:12:5: positions.0.cost: found -7, expected a price that is not negative");
    expect(refusal(with("  - {instrument: SPY, quantity: 5, cost: 7, mark: -1,"
                        " opened: 2021-02-01}\n")),
           "positions.0.mark: found -1");
    EXPECT_EQ(refusal(with("  - {instrument: SPY, quantity: 5, cost: 0, opened: 2021-02-01}\n")),
              "")
        << "given away, or a part of something that was split off";
    const std::string margin = replaced(kMinimal, "type: cash", "type: margin") + "positions:\n";
    expect(refusal(margin + replaced(lot, "quantity: 5", "quantity: -5")), "positions.0.cost");
    EXPECT_EQ(refusal(replaced(with(lot), "tick: 0.01", "tick: 0.01, asset_class: future")), "");
    EXPECT_EQ(refusal(replaced(with(lot), "path: SPY.csv", "path: SPY.csv, negative_prices: true")),
              "");
}

TEST(PositionsSection, RefusesWhatWasOpenedAfterTheStartThatAReplayNames) {
    const std::string text =
        with("  - {instrument: SPY, quantity: 5, cost: 7, opened: 2021-02-02}\n");
    expect(refusal(text, {"run.from=2021-02-01"}),
           "test.yaml:12:5: positions.0.opened: found 2021-02-02T05:00:00Z, expected a time not "
           "after the start of the run, 2021-02-01T05:00:00Z");
    EXPECT_EQ(refusal(text, {"run.from=2021-02-02"}), "") << "with its first instant";
    EXPECT_EQ(refusal(text), "") << "its data says when it starts";
}

TEST(PositionsSection, RefusesWhatWillBeOpenedOneDay) {
    const std::string paper =
        replaced(replaced(kMinimal, "mode: replay", "mode: paper"), ", calendar: us_equity", "");
    const std::string lot = "positions: [{instrument: SPY, quantity: 5, cost: 7, opened: ";
    expect(refusal(paper + lot + "2199-02-02}]\n"),
           "positions.0.opened: found 2199-02-02T00:00:00Z, expected a time not after now");
    EXPECT_EQ(refusal(paper + lot + "2021-02-02}]\n"), "");
}

TEST(PositionsSection, RefusesLotsThatContradictEachOther) {
    const std::string margin = replaced(kMinimal, "type: cash", "type: margin");
    const std::string first =
        margin + "positions:\n  - {instrument: SPY, quantity: 5, cost: 7, opened: 2021-02-01}\n";
    expect(refusal(first + "  - {instrument: SPY, quantity: -5, cost: 7, opened: 2021-02-01}\n"),
           "lots of one sign");
    expect(refusal(first + "  - {instrument: SPY, quantity: 5, cost: 8, opened: 2021-02-01}\n"),
           "the same for all lots of an instrument");
    EXPECT_EQ(refusal(first + "  - {instrument: SPY, quantity: 5, cost: 8, mark: 7,"
                              " opened: 2021-02-01}\n"),
              "");
}

TEST(PositionsSection, WantsAStrategyWhereThereAreSeveral) {
    const std::string two = replaced(kMinimal, "  - {name: sma, type: sma_cross, symbols: [SPY]}\n",
                                     "  - {name: sma, type: sma_cross, symbols: [SPY]}\n"
                                     "  - {name: rsi, type: rsi_reversion, symbols: [SPY]}\n");
    const auto said = [&](const std::string& who) {
        return refusal(two + "positions: [{instrument: SPY, " + who +
                       "quantity: 1, cost: 7, opened: 2021-02-01}]\n");
    };
    expect(said(""), "expected one of the 2 strategies");
    EXPECT_EQ(said("strategy: rsi, "), "");
    EXPECT_EQ(said("strategy: rsi, account: main, "), "");
}

TEST(PositionsSection, OnesTooManyForTheLanesAreRefused) {
    std::string many = std::string(kMinimal) + "engine: {order_lane: 16}\npositions:\n";
    for (int n = 0; n < 9; ++n) {
        many += "  - {instrument: SPY, quantity: 1, cost: 7, opened: 2021-02-01}\n";
    }
    expect(refusal(many), "half of engine.order_lane");
}

TEST(PositionsSection, OnlyMarginAccountsOweCash) {
    expect(refusal(kMinimal, {"account.cash=-1"}), "a cash account owes nothing");
    const std::string margin = replaced(kMinimal, "type: cash", "type: margin");
    EXPECT_EQ(parse(margin, {"account.cash=-1"}).accounts[0].cash[0].second, -Money::from_units(1));
}

}  // namespace
}  // namespace fermata

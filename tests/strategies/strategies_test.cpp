#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <initializer_list>
#include <iomanip>
#include <iterator>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

#include "strategies/bollinger_breakout.hpp"
#include "strategies/ema_cross_ticks.hpp"
#include "strategies/macd_cross.hpp"
#include "strategies/rsi_reversion.hpp"
#include "strategies/sma_cross.hpp"
#include "tests/strategies/shard_harness.hpp"

namespace fermata {
namespace {

using test::fixed_size;
using test::make_shipped;
using test::percent_size;
using test::ShardHarness;
using ::testing::ElementsAre;

constexpr Signal kNone = Signal::kNone;
constexpr Signal kEnter = Signal::kEnter;
constexpr Signal kExit = Signal::kExit;

template <class Rule>
std::vector<Signal> run(Rule rule, std::initializer_list<double> closes) {
    std::vector<Signal> signals;
    for (const double close : closes) signals.push_back(rule.update(close));
    return signals;
}

TEST(CrossOver, CountsFromAtOrBelowToAboveAndFromAtOrAboveToBelow) {
    CrossOver cross;
    EXPECT_EQ(cross.update(2, 1), kNone);  // nothing before it
    EXPECT_EQ(cross.update(1, 1), kNone);
    EXPECT_EQ(cross.update(2, 1), kEnter);  // equal, then above
    EXPECT_EQ(cross.update(3, 1), kNone);
    EXPECT_EQ(cross.update(0, 1), kExit);
    EXPECT_EQ(cross.update(1, 1), kNone);
    EXPECT_EQ(cross.update(0, 1), kExit);  // equal, then below again
    EXPECT_EQ(cross.update(2, 1), kEnter);
}

TEST(SmaCrossRule, EntersAndExitsOnTheCrossings) {
    // SMA2|SMA3 from the third close on: 2.5|2, 3.5|3, 3|3, 1.5|2.33, 2|2, 4.5|3.33
    EXPECT_THAT(run(SmaCrossRule(2, 3), {1, 2, 3, 4, 2, 1, 3, 6}),
                ElementsAre(kNone, kNone, kNone, kNone, kNone, kExit, kNone, kEnter));
}

TEST(RsiReversionRule, RepeatsItsSignalWhileTheLevelHolds) {
    // RSI2: 3 falls of 1 -> 0, 0; then rises of 4: (0 x 1 + 4) / 2 = 2 against 0.5 -> 80, 93.3
    EXPECT_THAT(run(RsiReversionRule(2, 30, 70), {9, 8, 7, 6, 10, 14}),
                ElementsAre(kNone, kNone, kEnter, kEnter, kExit, kExit));
    // 50 lies between the levels.
    EXPECT_THAT(run(RsiReversionRule(2, 30, 70), {9, 8, 9}), ElementsAre(kNone, kNone, kNone));
}

TEST(MacdCrossRule, StartsOneCloseAfterTheSignalLine) {
    // EMA1 is the close; EMA2 seeded with the mean of two, weight 2/3; signal EMA2 of their
    // difference. Closes 0, 2, 2, 5, 2: slow 1, 5/3, 35/9, 71/27; MACD 1, 1/3, 10/9, -17/27;
    // signal from the third close on 2/3, 26/27, -8/81: below, above, below.
    EXPECT_THAT(run(MacdCrossRule(1, 2, 2, MacdSeeding::kOwnSma), {0, 2, 2, 5, 2}),
                ElementsAre(kNone, kNone, kNone, kEnter, kExit));
}

TEST(BollingerBreakoutRule, EntersAboveTheUpperBandAndExitsBelowTheChosenOne) {
    using Rule = BollingerBreakoutRule;
    // Bands of 4 at 1 deviation. Closes 1, 1, 1, 1 | 1, 2: mean 1.25, sd 0.433: 2 is above 1.683.
    // Then 2: mean 1.5, sd 0.5: 2 is not above 2. Then 1.5: mean 1.625. It is below the middle, not
    // below the lower band (1.625 - 0.415). Then 1: mean 1.625, sd 0.415: below the lower band.
    EXPECT_THAT(run(Rule(4, 1.0, Rule::ExitBand::kMiddle), {1, 1, 1, 1, 2, 2, 1.5, 1}),
                ElementsAre(kNone, kNone, kNone, kNone, kEnter, kNone, kExit, kExit));
    EXPECT_THAT(run(Rule(4, 1.0, Rule::ExitBand::kLower), {1, 1, 1, 1, 2, 2, 1.5, 1}),
                ElementsAre(kNone, kNone, kNone, kNone, kEnter, kNone, kNone, kExit));
}

TEST(SmaCross, BuysWhenFlatAndSellsTheWholePosition) {
    ShardHarness harness(make_shipped("sma_cross", {{"fast", "2"}, {"slow", "3"}}), 1,
                         percent_size("0.5"), "1000");
    for (const char* close : {"3", "2", "1", "4"}) harness.close(close);
    const auto buy = harness.take_order();
    ASSERT_TRUE(buy.has_value());
    EXPECT_EQ(buy->data.new_order.side, Side::kBuy);
    EXPECT_EQ(buy->data.new_order.quantity, Quantity::from_units(125));  // 500 / 4
    harness.fill(*buy, "5");
    harness.close("1");
    harness.close("1");
    const auto sell = harness.take_order();
    ASSERT_TRUE(sell.has_value());
    EXPECT_EQ(sell->data.new_order.side, Side::kSell);
    EXPECT_EQ(sell->data.new_order.quantity, Quantity::from_units(125));
    harness.fill(*sell, "1");
    EXPECT_EQ(harness.position(), Quantity::zero());
    EXPECT_FALSE(harness.take_order());
}

TEST(SmaCross, SendsNothingWhileItsOrderIsOpen) {
    ShardHarness harness(make_shipped("sma_cross", {{"fast", "1"}, {"slow", "2"}}), 1,
                         fixed_size(10));
    for (const char* close : {"2", "1", "2"}) harness.close(close);
    const auto buy = harness.take_order();
    ASSERT_TRUE(buy.has_value());
    for (const char* close : {"1", "2", "1"}) harness.close(close);
    EXPECT_FALSE(harness.take_order());
    harness.reject(*buy);
    harness.close("2");
    EXPECT_TRUE(harness.take_order());
}

TEST(SmaCross, SendsNothingWhenTheSizeIsZero) {
    ShardHarness harness(make_shipped("sma_cross", {{"fast", "1"}, {"slow", "2"}}), 1,
                         percent_size("0.95"), "1");
    for (const char* close : {"2", "1", "2"}) harness.close(close);
    EXPECT_FALSE(harness.take_order());
}

TEST(SmaCross, KeepsTheInstrumentsApart) {
    ShardHarness harness(make_shipped("sma_cross", {{"fast", "1"}, {"slow", "2"}}), 2,
                         fixed_size(10));
    for (const char* close : {"2", "1", "2"}) {
        harness.close("7", InstrumentId{0});
        harness.close(close, InstrumentId{1});
    }
    const auto order = harness.take_order();
    ASSERT_TRUE(order.has_value());
    EXPECT_EQ(order->instrument, InstrumentId{1});
    EXPECT_FALSE(harness.take_order());
}

TEST(SmaCross, SeesNoSignalInASplit) {
    ShardHarness harness(make_shipped("sma_cross", {{"fast", "2"}, {"slow", "3"}}), 1,
                         fixed_size(10));
    for (const char* close : {"100", "102", "104", "106"}) harness.close(close);
    harness.split(2, 1);
    for (const char* close : {"54", "55", "56", "57"}) harness.close(close);
    EXPECT_FALSE(harness.take_order());
    harness.close("40");
    harness.close("90");  // a real crossing: the averages go on as before
    EXPECT_TRUE(harness.take_order());
}

TEST(SmaCross, StartsOverAfterAGap) {
    ShardHarness harness(make_shipped("sma_cross", {{"fast", "1"}, {"slow", "2"}}), 1,
                         fixed_size(10));
    harness.close("2");
    harness.close("1");
    harness.gap();
    harness.close("2");
    harness.close("3");
    EXPECT_FALSE(harness.take_order());
}

TEST(RsiReversion, TriesAgainAtTheNextCloseAfterARejection) {
    ShardHarness harness(make_shipped("rsi_reversion", {{"period", "2"}}), 1, fixed_size(10));
    for (const char* close : {"9", "8", "7"}) harness.close(close);
    const auto first = harness.take_order();
    ASSERT_TRUE(first.has_value());
    harness.reject(*first);
    EXPECT_FALSE(harness.take_order());
    harness.close("6");
    EXPECT_TRUE(harness.take_order());
}

TEST(BuyAndHold, BuysOnceAndKeeps) {
    ShardHarness harness(make_shipped("buy_and_hold"), 2, percent_size("0.25"), "1000");
    harness.close("10");
    const auto buy = harness.take_order();
    ASSERT_TRUE(buy.has_value());
    EXPECT_EQ(buy->data.new_order.quantity, Quantity::from_units(25));
    harness.close("11");
    EXPECT_FALSE(harness.take_order());
    harness.fill(*buy, "11");
    for (const char* close : {"5", "20"}) harness.close(close);
    harness.trade("20");
    EXPECT_FALSE(harness.take_order());
    harness.trade("5", InstrumentId{1});
    EXPECT_TRUE(harness.take_order());
}

TEST(BuyAndHold, RepeatsARefusedOrderAtTheNextCloseButNotAtTheNextTick) {
    ShardHarness harness(make_shipped("buy_and_hold"), 1, fixed_size(10));
    harness.quote("10", "11", 5, 0);  // nobody offers
    EXPECT_FALSE(harness.take_order());
    harness.quote("10", "11");
    const auto first = harness.take_order();
    ASSERT_TRUE(first.has_value());
    harness.reject(*first);
    harness.quote("10", "11");
    harness.trade("10");
    EXPECT_FALSE(harness.take_order());
    harness.close("10");
    EXPECT_TRUE(harness.take_order());
}

TEST(EmaCrossTicks, FollowsMidsOfTwoSidedQuotes) {
    ShardHarness harness(
        make_shipped("ema_cross_ticks", {{"fast", "1"}, {"slow", "2"}, {"source", "quotes"}}), 1,
        percent_size("1"), "1000");
    harness.quote("11", "13");
    harness.quote("9", "11");
    harness.trade("50");              // not a quote
    harness.quote("90", "92", 1, 0);  // one-sided
    EXPECT_FALSE(harness.take_order());
    harness.quote("14", "20", 0, 0);  // sizes unknown
    const auto buy = harness.take_order();
    ASSERT_TRUE(buy.has_value());
    EXPECT_EQ(buy->data.new_order.quantity, Quantity::from_units(50));  // 1000 / ask 20
    harness.fill(*buy, "20");
    harness.quote("5", "7");
    const auto sell = harness.take_order();
    ASSERT_TRUE(sell.has_value());
    EXPECT_EQ(sell->data.new_order.side, Side::kSell);
}

TEST(EmaCrossTicks, FollowsTradesWhenToldTo) {
    ShardHarness harness(
        make_shipped("ema_cross_ticks", {{"fast", "1"}, {"slow", "2"}, {"source", "trades"}}), 1,
        fixed_size(10));
    harness.trade("12");
    harness.trade("10");
    harness.quote("90", "92");
    EXPECT_FALSE(harness.take_order());
    harness.trade("17");
    EXPECT_TRUE(harness.take_order());
}

std::string contradiction(const std::string& type,
                          const std::map<std::string, std::string>& params) {
    try {
        (void)make_shipped(type, params);
    } catch (const std::invalid_argument& error) {
        return error.what();
    }
    return "";
}

TEST(ShippedStrategies, CanAllBeMadeFromTheirDefaults) {
    StrategyRegistry registry;
    register_shipped_strategies(registry);
    EXPECT_EQ(registry.all().size(), 7U);
    for (const auto& [name, type] : registry.all()) {
        EXPECT_NE(make_shipped(name), nullptr) << name;
        EXPECT_FALSE(type.doc.empty()) << name;
        for (const ParamSpec& spec : type.params) EXPECT_FALSE(spec.doc.empty()) << spec.name;
    }
}

TEST(ShippedStrategies, RefuseParametersThatContradictEachOther) {
    EXPECT_EQ(contradiction("sma_cross", {{"fast", "50"}}),
              "'fast' (50) must be less than 'slow' (50)");
    EXPECT_NE(contradiction("macd_cross", {{"fast", "30"}}), "");
    EXPECT_NE(contradiction("ema_cross_ticks", {{"slow", "20"}}), "");
    EXPECT_NE(contradiction("rsi_reversion", {{"low", "70"}}), "");
    EXPECT_NE(contradiction("bollinger_breakout", {{"period", "5"}}), "");  // 2 >= sqrt(4)
    EXPECT_EQ(contradiction("bollinger_breakout", {{"period", "6"}}), "");
    EXPECT_NE(contradiction("bollinger_breakout", {{"exit_band", "top"}}), "");
}

/// The start of a parameter's row as docs/strategies.md must print it.
std::string documented(const ParamSpec& spec) {
    const std::string start = "| `" + spec.name + "` | ";
    if (spec.kind == ParamSpec::Kind::kText) {
        std::string choices;
        for (const std::string& choice : spec.choices) {
            choices += (choices.empty() ? "`" : ", `") + choice + "`";
        }
        return start + "text | `" + spec.default_value + "` | " + choices + " |";
    }
    if (spec.kind == ParamSpec::Kind::kBoolean) {
        return start + "boolean | " + spec.default_value + " | |";
    }
    std::ostringstream range;
    range << std::setprecision(10) << spec.minimum << " to " << spec.maximum;
    const std::string kind = spec.kind == ParamSpec::Kind::kInteger ? "integer" : "real";
    return start + kind + " | " + spec.default_value + " | " + range.str() + " |";
}

TEST(ShippedStrategies, AreDocumentedWithEveryParameter) {
    const auto here = std::filesystem::path(FERMATA_SOURCE_DIR) / "tests/strategies";
    std::ifstream file(here / "../../docs/strategies.md");
    const std::string guide{std::istreambuf_iterator<char>(file), {}};
    StrategyRegistry registry;
    register_shipped_strategies(registry);
    for (const auto& [name, type] : registry.all()) {
        const std::size_t start = guide.find("\n## " + name + "\n");
        ASSERT_NE(start, std::string::npos) << name;
        const std::string section = guide.substr(start, guide.find("\n## ", start + 1) - start);
        for (const ParamSpec& spec : type.params) {
            EXPECT_NE(section.find(documented(spec)), std::string::npos) << documented(spec);
        }
    }
}

}  // namespace
}  // namespace fermata

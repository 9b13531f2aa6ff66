// How accounts close their lots, who owns them, and what venues know of orders.

#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <vector>

#include "daemon/config/config.hpp"
#include "tests/daemon/config/fixture.hpp"

namespace fermata {
namespace {

using config_test::kMinimal;
using config_test::parse;
using config_test::replaced;

TEST(Config, AccountsSayHowLotsAreClosedAndWhoOwnsThem) {
    const Config plain = parse(kMinimal);
    EXPECT_EQ(plain.accounts[0].lots, LotMethod::kFifo);
    EXPECT_EQ(plain.accounts[0].book, AccountConfig::Book::kNetting);
    EXPECT_TRUE(plain.tax.wash_sales);
    EXPECT_TRUE(plain.tax.fees_in_basis);
    const std::string three = replaced(
        kMinimal, "account: {currency: USD, cash: 100000, type: cash}",
        "accounts:\n"
        "  - {name: a, currency: USD, cash: 1, lots: lifo, taxpayer: smith}\n"
        "  - {name: b, currency: USD, cash: 1, lots: hifo, book: hedging, taxpayer: jones}\n"
        "  - {name: c, currency: USD, cash: 1, taxpayer: smith}\n"
        "tax: {wash_sales: false}");
    const Config c = parse(three, {"strategies.sma.account=a"});
    EXPECT_EQ(c.accounts[0].lots, LotMethod::kLifo);
    EXPECT_EQ(c.accounts[1].lots, LotMethod::kHifo);
    EXPECT_EQ(c.accounts[1].book, AccountConfig::Book::kHedging);
    EXPECT_EQ(c.tax.taxpayers, (std::vector<std::uint16_t>{0, 1, 0}));
    EXPECT_FALSE(c.tax.wash_sales);
}

TEST(Config, AccountsSayWhatCoversTheirPositionsAndDaysWhatTheyCost) {
    const Config plain = parse(kMinimal);
    EXPECT_EQ(plain.accounts[0].margin, AccountConfig::Margin::kCash);
    EXPECT_TRUE(plain.end_of_day.rates.interest.empty());
    EXPECT_TRUE(plain.end_of_day.rates.borrow_default.is_zero());
    EXPECT_EQ(parse(kMinimal, {"account.type=margin"}).accounts[0].margin,
              AccountConfig::Margin::kRegT);
    EXPECT_EQ(parse(kMinimal, {"account.type=margin", "account.margin=house"}).accounts[0].margin,
              AccountConfig::Margin::kHouse);
    const Config c =
        parse(kMinimal, {"end_of_day.debit.USD=0.07", "end_of_day.credit.USD=0.03",
                         "end_of_day.borrow_default=0.01", "end_of_day.borrow.SPY=0.002",
                         "end_of_day.minimum_equity=25000", "end_of_day.stale_after=12h"});
    const DayEndRules& rules = c.end_of_day;
    ASSERT_EQ(rules.rates.interest.size(), 1U);
    EXPECT_EQ(rules.rates.interest[0].debit, Ratio::from_raw(Ratio::kOne / 100 * 7));
    EXPECT_EQ(rules.rates.interest[0].credit, Ratio::from_raw(Ratio::kOne / 100 * 3));
    ASSERT_EQ(rules.rates.borrow.size(), 1U);
    EXPECT_EQ(rules.rates.borrow[0], Ratio::from_raw(Ratio::kOne / 1000 * 2));
    EXPECT_EQ(rules.margin.minimum_equity, Money::from_units(25'000));
    EXPECT_EQ(rules.stale_after, Duration::hours(12));
}

TEST(Config, LotsAreNamedByTheNumbersOfFills) {
    const Config c =
        parse(kMinimal, {"account.lots=specific", "tax.identified.12=3", "tax.identified.40=12"});
    EXPECT_EQ(c.accounts[0].lots, LotMethod::kSpecific);
    EXPECT_EQ(c.tax.identified, (std::map<std::string, std::uint32_t>{{"12", 3}, {"40", 12}}));
    using Problems = std::vector<std::string>;
    const auto refused = [](const std::string& what) {
        return config_test::problems(kMinimal, {"account.lots=specific", what});
    };
    EXPECT_EQ(refused("tax.identified.3=3"),
              Problems{"--set tax.identified.3=3: tax.identified.3: found fill '3' and lot 3, "
                       "expected the number of a fill that comes after the one of the lot"});
    EXPECT_EQ(refused("tax.identified.x=3"),
              Problems{"--set tax.identified.x=3: tax.identified.x: found fill 'x' and lot 3, "
                       "expected the number of a fill that comes after the one of the lot"});
    EXPECT_EQ(config_test::problems(kMinimal, {"tax.identified.12=3"}),
              Problems{"--set tax.identified.12=3: tax.identified: found lots that are named, "
                       "expected an account with lots: specific"});
}

TEST(Config, EndOfDayNamesCurrenciesThatTheRunUses) {
    EXPECT_EQ(config_test::problems(kMinimal, {"end_of_day.debit.JPY=0.01"}),
              std::vector<std::string>{
                  "--set end_of_day.debit.JPY=0.01: end_of_day.debit.JPY: found 'JPY', which no "
                  "account and no instrument of the run uses"});
}

TEST(Config, AStopStaysAboveZero) {
    EXPECT_EQ(
        config_test::problems(kMinimal, {"strategies.sma.exits={stop: {type: percent, value: 5}}"}),
        std::vector<std::string>{
            "--set strategies.sma.exits={stop: {type: percent, value: 5}}: strategies.0."
            "exits: the distance of the stop is 5.000000 of the price, expected less than 1 "
            "(0.05 is 5%)"});
}

TEST(Config, AVenueKnowsEverythingUnlessItSaysWhat) {
    const Config all = parse(kMinimal);
    for (int type = 0; type < kOrderTypeCount; ++type) {
        EXPECT_TRUE(all.venues[0].supports.has(static_cast<OrderType>(type))) << type;
    }
    for (int tif = 0; tif < kTimeInForceCount; ++tif) {
        EXPECT_TRUE(all.venues[0].supports.has(static_cast<TimeInForce>(tif))) << tif;
    }
    for (int kind = 0; kind < kOffsetKindCount; ++kind) {
        EXPECT_TRUE(all.venues[0].supports.has(static_cast<OffsetKind>(kind))) << kind;
    }
    EXPECT_TRUE(all.venues[0].supports.everything());
    const Config some =
        parse(kMinimal, {"venues.0.supports.types=[market, limit]",
                         "venues.0.supports.times_in_force=[day, ioc]",
                         "venues.0.supports.offsets=[]", "venues.0.supports.features=[post_only]"});
    const VenueCapabilities& s = some.venues[0].supports;
    EXPECT_TRUE(s.has(OrderType::kMarket) && s.has(OrderType::kLimit));
    EXPECT_FALSE(s.has(OrderType::kStop) || s.has(OrderType::kPegged));
    EXPECT_TRUE(s.has(TimeInForce::kDay) && s.has(TimeInForce::kIoc));
    EXPECT_FALSE(s.has(TimeInForce::kGtc) || s.has(TimeInForce::kAtc));
    EXPECT_TRUE(s.has(OffsetKind::kNone)) << "orders without an offset";
    EXPECT_FALSE(s.has(OffsetKind::kTrailPrice) || s.has(OffsetKind::kPegMid));
    EXPECT_TRUE(s.has(kVenuePostOnly));
    EXPECT_FALSE(s.has(kVenueIceberg) || s.has(kVenueReduceOnly) || s.has(kVenueLinks));
}

TEST(Config, TaxesDecideAboutNoOrderAndClosingMethodsAreRules) {
    const std::string hash = parse(kMinimal).hash;
    EXPECT_EQ(parse(kMinimal, {"tax.wash_sales=false", "account.taxpayer=smith"}).hash, hash);
    EXPECT_NE(parse(kMinimal, {"account.lots=lifo"}).hash, hash);
    EXPECT_NE(parse(kMinimal, {"account.book=hedging"}).hash, hash);
}

}  // namespace
}  // namespace fermata

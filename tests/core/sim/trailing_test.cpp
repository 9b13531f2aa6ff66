// Trailing stops: where the trigger goes, and where the order is filled.
#include <gtest/gtest.h>

#include "tests/core/sim/exchange_fixture.hpp"

namespace fermata {
namespace {

SimConfig with(BarPath path) {
    SimConfig config;
    config.fill.path = path;
    return config;
}

TEST(TrailingStop, BeginsAtItsDistanceFromTheLastPriceOfABar) {
    Exchange x;
    x.minute(0, "100", "101", "99", "100.50");
    const auto id = x.send(60, Ticket::sell("10").trail("2"));
    EXPECT_EQ(x.restated(id), "0/98.5");  // 100.50 - 2
    const auto buy = x.send(60, Ticket::buy("10").trail_percent("0.1"));
    EXPECT_EQ(x.restated(buy), "0/110.55");  // 100.50 + 10%
}

TEST(TrailingStop, RoundsAPercentageToTheTickAwayFromTheMarket) {
    Exchange x;
    x.minute(0, "33.33", "33.33", "33.33", "33.33");
    // 1% of 33.33 is 0.3333: 32.9967 and 33.6633.
    EXPECT_EQ(x.restated(x.send(60, Ticket::sell("1").trail_percent("0.01"))), "0/32.99");
    EXPECT_EQ(x.restated(x.send(60, Ticket::buy("1").trail_percent("0.01"))), "0/33.67");
}

TEST(TrailingStop, WaitsForAFirstPriceWhereNoMarketIsKnown) {
    Exchange x;
    const auto id = x.send(0, Ticket::sell("10").trail("2"));
    EXPECT_EQ(x.restated(id), "");
    x.open(0, "100");
    EXPECT_EQ(x.restated(id), "0/98");
}

TEST(TrailingStop, BeginsAtTheTriggerThatItWasGiven) {
    Exchange x;
    x.minute(0, "100", "101", "99", "100");
    const auto id = x.send(60, Ticket::sell("10").trail("2", "95"));
    EXPECT_EQ(x.restated(id), "");
    x.open(60, "96.50");  // 94.50 would be further away
    EXPECT_EQ(x.restated(id), "");
    EXPECT_EQ(x.fills(), Fills{});
    x.bar(120, "96.50", "96.90", "94", "96");
    EXPECT_EQ(x.fills(), (Fills{{id, "10", "95"}}));
}

TEST(TrailingStop, FollowsTheMarketAndNeverGoesBack) {
    Exchange x;
    const auto id = x.send(0, Ticket::sell("10").trail("3"));
    x.open(0, "100");
    EXPECT_EQ(x.restated(id), "0/97");
    x.bar(60, "100", "102", "99.50", "101");
    EXPECT_EQ(x.restated(id), "0/99");  // 102 - 3; the low did not reach 97, nor 99
    x.minute(60, "100.50", "101", "99.20", "100");
    EXPECT_EQ(x.restated(id), "0/99");
    x.open(120, "98.70");  // gaps through it
    EXPECT_EQ(x.fills(), (Fills{{id, "10", "98.7"}}));
}

// Sell, distance 2. Bar 100 / 104 / 99 / 103, trigger 98 at its open.
//   high first: 104 moves the trigger to 102, the low of 99 passes it: 102.
//   low first:  99 does not reach 98; 104 moves it to 102; the close of 103 is above.
TEST(TrailingStop, DependsOnThePathInsideABar) {
    const auto filled = [](BarPath path) {
        Exchange x(with(path));
        x.send(0, Ticket::sell("10").trail("2"));
        x.minute(0, "100", "104", "99", "103");
        return x.fills();
    };
    EXPECT_EQ(filled(BarPath::kOpenHighLowClose), (Fills{{1, "10", "102"}}));
    EXPECT_EQ(filled(BarPath::kOpenLowHighClose), Fills{});
    EXPECT_EQ(filled(BarPath::kAdverse), (Fills{{1, "10", "102"}}));  // 1 below the close
    EXPECT_EQ(filled(BarPath::kOptimistic), Fills{});
}

// The same with a low of 97, below the trigger of the open, 98.
TEST(TrailingStop, IsAnOrdinaryStopAtTheTriggerOfTheOpenWhenThePathIsAdverse) {
    const auto filled = [](BarPath path) {
        Exchange x(with(path));
        x.send(0, Ticket::sell("10").trail("2"));
        x.minute(0, "100", "104", "97", "103");
        return x.fills();
    };
    EXPECT_EQ(filled(BarPath::kOpenHighLowClose), (Fills{{1, "10", "102"}}));
    EXPECT_EQ(filled(BarPath::kOpenLowHighClose), (Fills{{1, "10", "98"}}));
    EXPECT_EQ(filled(BarPath::kAdverse), (Fills{{1, "10", "98"}}));
    EXPECT_EQ(filled(BarPath::kOptimistic), (Fills{{1, "10", "102"}}));
}

// Low first on every path that is open, close 101.50 at or below 102: certainly filled at 102.
TEST(TrailingStop, IsFilledByTheCloseWhenTheCloseIsBeyondItsMovedTrigger) {
    for (const BarPath path : {BarPath::kOpenLowHighClose, BarPath::kAdverse, BarPath::kOptimistic,
                               BarPath::kOpenHighLowClose}) {
        Exchange x(with(path));
        x.send(0, Ticket::sell("10").trail("2"));
        x.minute(0, "100", "104", "99", "101.50");
        EXPECT_EQ(x.fills(), (Fills{{1, "10", "102"}}));
    }
}

// Buy, distance 2: the mirror image. Bar 100 / 101 / 96 / 97: the low moves the trigger to 98.
TEST(TrailingStop, MirrorsForPurchases) {
    const auto filled = [](BarPath path) {
        Exchange x(with(path));
        x.send(0, Ticket::buy("10").trail("2"));
        x.minute(0, "100", "101", "96", "97");
        return x.fills();
    };
    EXPECT_EQ(filled(BarPath::kOpenLowHighClose), (Fills{{1, "10", "98"}}));
    EXPECT_EQ(filled(BarPath::kOpenHighLowClose), Fills{});
    EXPECT_EQ(filled(BarPath::kAdverse), (Fills{{1, "10", "98"}}));
    EXPECT_EQ(filled(BarPath::kOptimistic), Fills{});
}

// Arrived at half past: whether it saw the high of 104 is not known, so only the close moves it.
TEST(TrailingStop, FollowsOnlyTheCloseOfTheBarInsideWhichItArrived) {
    for (const BarPath path : {BarPath::kOpenLowHighClose, BarPath::kAdverse, BarPath::kOptimistic,
                               BarPath::kOpenHighLowClose}) {
        Exchange x(with(path));
        x.open(0, "100");
        const auto id = x.send(30, Ticket::sell("10").trail("2"));
        EXPECT_EQ(x.restated(id), "0/98");
        x.bar(60, "100", "104", "99", "103");
        EXPECT_EQ(x.fills(), Fills{});
        EXPECT_EQ(x.restated(id), "0/101");
    }
}

TEST(TrailingStop, FollowsTheBidForSalesAndTheAskForPurchasesOnQuotes) {
    Exchange x;
    x.quote(0, "100.00", "500", "100.04", "500");
    const auto sale = x.send(1, Ticket::sell("10").trail("0.10"));
    const auto purchase = x.send(1, Ticket::buy("10").trail("0.10"));
    EXPECT_EQ(x.restated(sale), "0/99.9");
    EXPECT_EQ(x.restated(purchase), "0/100.14");
    x.quote(2, "100.05", "500", "100.09", "500");
    EXPECT_EQ(x.restated(sale), "0/99.95");
    EXPECT_EQ(x.restated(purchase), "0/100.14");
    x.quote(3, "99.95", "500", "99.99", "500");  // the bid reaches the trigger
    EXPECT_EQ(x.restated(purchase), "0/100.09");
    EXPECT_EQ(x.fills(), (Fills{{sale, "10", "99.95"}}));
}

TEST(TrailingStop, FollowsTradesWhereThereAreTrades) {
    Exchange x;
    x.trade(0, "100", "10");
    const auto id = x.send(1, Ticket::sell("10").trail_percent("0.01"));
    EXPECT_EQ(x.restated(id), "0/99");
    x.trade(2, "102", "10");
    EXPECT_EQ(x.restated(id), "0/100.98");
    x.trade(3, "100.98", "50");  // triggers; a stop is never filled by the trade that triggers it
    EXPECT_EQ(x.fills(), Fills{});
    x.trade(4, "100.90", "50");
    EXPECT_EQ(x.fills(), (Fills{{id, "10", "100.9"}}));
}

// Sell, distance 2, limit 0.50 below the trigger. 104 moves it to 102 / 101.50; the bar then opens
// at 101, below the limit: triggered and waiting, filled when the price comes back.
TEST(TrailingStopLimit, KeepsItsLimitAtItsDistanceFromTheTrigger) {
    Exchange x(with(BarPath::kOpenLowHighClose));
    const auto id = x.send(0, Ticket::sell("10").trail("2").trail_limit("-0.50"));
    x.minute(0, "100", "104", "99", "103");
    EXPECT_EQ(x.restated(id), "101.5/102");
    x.open(60, "101");
    EXPECT_EQ(x.ends().back(), (ReportSeen{id, ExecType::kTriggered, OrderReason::kNone}));
    EXPECT_EQ(x.fills(), Fills{});
    x.bar(120, "101", "101.70", "100.50", "101");
    EXPECT_EQ(x.fills(), (Fills{{id, "10", "101.5"}}));
}

TEST(TrailingStop, IsFilledAtTheMovedTriggerWhenItIsAStopLimitWithRoom) {
    Exchange x(with(BarPath::kAdverse));
    x.send(0, Ticket::sell("10").trail("2").trail_limit("-0.50"));
    x.minute(0, "100", "104", "99", "103");
    EXPECT_EQ(x.fills(), (Fills{{1, "10", "102"}}));
}

TEST(TrailingStop, BeginsAnewAtTheMarketWhenItsDistanceIsChanged) {
    Exchange x;
    x.minute(0, "100", "104", "100", "103");
    const auto id = x.send(60, Ticket::sell("10").trail("2"));
    x.minute(60, "105.20", "106", "105", "105.50");
    EXPECT_EQ(x.restated(id), "0/104");
    x.replace(120, id, Ticket::sell("10").trail("3"));
    EXPECT_EQ(x.last().exec_type, ExecType::kReplaced);
    EXPECT_EQ(to_string(x.last().stop_price), "102.5");  // 105.50 - 3
    x.replace(120, id, Ticket::sell("20").trail("3"));   // only the quantity: the trigger stays
    EXPECT_EQ(to_string(x.last().stop_price), "102.5");
    EXPECT_EQ(to_string(x.last().leaves_quantity), "20");
    x.replace(120, id, Ticket::sell("20").trail("3", "104"));
    EXPECT_EQ(to_string(x.last().stop_price), "104");
}

TEST(TrailingStop, IsRefusedWithoutADistance) {
    Exchange x;
    x.send(0, Ticket::sell("10").type(OrderType::kTrailingStop));
    EXPECT_EQ(x.ends().back().reason, OrderReason::kInvalidPrice);
    x.send(0, Ticket::sell("10").trail_percent("1"));  // 100%
    EXPECT_EQ(x.ends().back().reason, OrderReason::kInvalidPrice);
    x.send(0, Ticket::sell("10").trail("2").tif(TimeInForce::kIoc));
    EXPECT_EQ(x.ends().back().reason, OrderReason::kUnsupported);
}

// 2:1: trigger 98 and distance 2 become 49 and 1.
TEST(TrailingStop, IsRescaledByASplit) {
    Exchange x;
    x.minute(0, "100", "100", "100", "100");
    const auto id = x.send(60, Ticket::sell("10").trail("2"));
    x.split(61, 2, 1);
    x.minute(120, "50", "51", "49.50", "50.80");
    // The high of 51 moves it to 50, and the low of 49.50 is beyond: adverse.
    EXPECT_EQ(x.fills(), (Fills{{id, "20", "50"}}));
}

// A dividend of 0.30 lowers the trigger of the sale by as much.
TEST(TrailingStop, IsLoweredByADividend) {
    Exchange x;
    x.minute(0, "100", "100", "100", "100");
    const auto id = x.send(60, Ticket::sell("10").trail("2"));
    x.dividend(61, "0.30");
    x.minute(120, "99.70", "99.70", "97.70", "98");
    EXPECT_EQ(x.fills(), (Fills{{id, "10", "97.7"}}));
}

}  // namespace
}  // namespace fermata

// Icebergs, post-only and reduce-only orders.
#include <gtest/gtest.h>

#include "tests/core/sim/exchange_fixture.hpp"

namespace fermata {
namespace {

// Iceberg 100 showing 20, then a plain 30 behind it, both at 100. A trade of 60 at 100 fills the 20
// shown, the 30, and 10 of the iceberg's hidden rest.
TEST(Iceberg, ServesWhatItShowsAndTheRestBehindTheOthersAtItsPrice) {
    Exchange x;
    x.trade(0, "101", "10");
    x.send(1, Ticket::buy("100").limit("100").show("20"));
    x.send(1, Ticket::buy("30").limit("100"));
    x.trade(2, "100", "60");
    EXPECT_EQ(x.fills(), (Fills{{1, "20", "100"}, {2, "30", "100"}, {1, "10", "100"}}));
    // The other 10 of the part that it shows now came before this order.
    x.send(3, Ticket::buy("30").limit("100"));
    x.trade(4, "100", "15");
    EXPECT_EQ(x.fills()[3], (FillSeen{1, "10", "100"}));
    EXPECT_EQ(x.fills()[4], (FillSeen{3, "5", "100"}));
}

TEST(Iceberg, LosesItsPlaceWithEveryNewPart) {
    Exchange x;
    x.quote(0, "100.00", "500", "100.05", "500");
    x.send(1, Ticket::buy("60").limit("100.01").show("20"));
    x.send(1, Ticket::buy("20").limit("100.01"));
    x.quote(2, "99.90", "500", "100.01", "20");  // all that is shown
    x.quote(3, "99.90", "500", "100.02", "20");
    x.quote(4, "99.90", "500", "100.01", "20");  // now the other order is first
    x.quote(5, "99.90", "500", "100.02", "20");
    x.quote(6, "99.90", "500", "100.01", "20");
    EXPECT_EQ(x.fills(), (Fills{{1, "20", "100.01"}, {2, "20", "100.01"}, {1, "20", "100.01"}}));
}

TEST(Iceberg, TakesWithItsWholeQuantity) {
    Exchange x;
    x.quote(0, "100.00", "500", "100.05", "500");
    x.send(1, Ticket::buy("100").limit("100.05").show("20"));
    EXPECT_EQ(x.fills(), (Fills{{1, "100", "100.05"}}));
}

TEST(Iceberg, IsFilledWhollyByABarThatPassesIt) {
    Exchange x;
    x.send(0, Ticket::buy("100").limit("99").show("20"));
    x.minute(0, "100", "101", "98", "100");
    EXPECT_EQ(x.fills(), (Fills{{1, "20", "99"}, {1, "80", "99"}}));
}

// 10% of 500: the 20 shown, the other order's 20, and 10 of the hidden rest.
TEST(Iceberg, SharesACappedBarByWhatItShows) {
    SimConfig config;
    config.fill.participation = ratio("0.1");
    Exchange x(config);
    x.send(0, Ticket::buy("100").limit("99").show("20"));
    x.send(0, Ticket::buy("20").limit("99"));
    x.minute(0, "100", "101", "98", "100", "500");
    EXPECT_EQ(x.fills(), (Fills{{1, "20", "99"}, {2, "20", "99"}, {1, "10", "99"}}));
}

TEST(Iceberg, CannotShowMoreThanItIs) {
    Exchange x;
    x.send(0, Ticket::buy("10").limit("99").show("11"));
    EXPECT_EQ(x.ends().back().reason, OrderReason::kInvalidQuantity);
    x.send(0, Ticket::buy("10").show("5"));  // a market order rests nowhere
    EXPECT_EQ(x.ends().back().reason, OrderReason::kInvalidQuantity);
}

TEST(Iceberg, ChangesWhatItShows) {
    Exchange x;
    x.trade(0, "101", "10");
    x.send(1, Ticket::buy("100").limit("100").show("20"));
    x.replace(2, 1, Ticket::buy("100").limit("100").show("40"));
    x.send(3, Ticket::buy("100").limit("100"));
    x.trade(4, "100", "50");
    EXPECT_EQ(x.fills(), (Fills{{1, "40", "100"}, {2, "10", "100"}}));
}

TEST(PostOnly, IsRefusedWhenItWouldTake) {
    Exchange x;
    x.quote(0, "100.00", "500", "100.05", "500");
    x.send(1, Ticket::buy("10").limit("100.05").post_only());
    EXPECT_EQ(x.ends(), (Ends{{1, ExecType::kRejected, OrderReason::kPostOnly}}));
    x.send(1, Ticket::sell("10").limit("100.00").post_only());
    EXPECT_EQ(x.ends().back(), (ReportSeen{2, ExecType::kRejected, OrderReason::kPostOnly}));
    x.send(1, Ticket::buy("10").limit("100.04").post_only());
    EXPECT_EQ(x.last().exec_type, ExecType::kNew);
    x.replace(2, 3, Ticket::buy("10").limit("100.06"));
    EXPECT_EQ(x.last().exec_type, ExecType::kReplaceRejected);
    EXPECT_EQ(x.last().reason, OrderReason::kPostOnly);
    x.quote(3, "99.90", "500", "99.95", "500");
    EXPECT_EQ(x.fills(), (Fills{{3, "10", "100.04"}}));
    EXPECT_EQ(x.last().liquidity, Liquidity::kMaker);
}

TEST(PostOnly, IsJudgedByTheLastPriceOfBarsAndTrades) {
    Exchange bars;
    bars.minute(0, "100", "101", "99", "100.50");
    bars.send(60, Ticket::buy("10").limit("100.50").post_only());
    EXPECT_EQ(bars.last().reason, OrderReason::kPostOnly);
    bars.send(60, Ticket::buy("10").limit("100.49").post_only());
    EXPECT_EQ(bars.last().exec_type, ExecType::kNew);
    // The market opens below it: it was in its book, and is hit at its own price.
    bars.open(60, "100");
    EXPECT_EQ(bars.fills(), (Fills{{2, "10", "100.49"}}));
    EXPECT_EQ(bars.last().liquidity, Liquidity::kMaker);

    Exchange trades;
    trades.trade(0, "100", "10");
    trades.send(1, Ticket::sell("10").limit("99.90").post_only());
    EXPECT_EQ(trades.last().reason, OrderReason::kPostOnly);
}

TEST(PostOnly, RestsWhereNoMarketIsKnownAndNeverTakes) {
    Exchange x;
    x.send(0, Ticket::buy("10").limit("100").post_only());
    x.quote(1, "99.00", "500", "99.50", "500");
    EXPECT_EQ(x.fills(), (Fills{{1, "10", "100"}}));
    EXPECT_EQ(x.last().liquidity, Liquidity::kMaker);
}

TEST(PostOnly, IsCanceledWhenItsTriggerWouldMakeItTake) {
    Exchange x;
    x.quote(0, "100.00", "500", "100.05", "500");
    x.send(1, Ticket::buy("10").stop("101").limit("102").post_only());
    x.quote(2, "101.00", "500", "101.05", "500");
    EXPECT_EQ(x.fills(), Fills{});
    EXPECT_EQ(x.ends().back(), (ReportSeen{1, ExecType::kCanceled, OrderReason::kPostOnly}));
}

TEST(PostOnly, ContradictsOrdersThatMustTake) {
    Exchange x;
    x.send(0, Ticket::buy("10").post_only());
    EXPECT_EQ(x.last().reason, OrderReason::kUnsupported);
    x.send(0, Ticket::buy("10").limit("99").tif(TimeInForce::kIoc).post_only());
    EXPECT_EQ(x.last().reason, OrderReason::kUnsupported);
}

TEST(ReduceOnly, IsRefusedWhereThereIsNothingToReduce) {
    Exchange flat;
    flat.send(0, Ticket::sell("10").reduce_only());
    EXPECT_EQ(flat.ends(), (Ends{{1, ExecType::kRejected, OrderReason::kReduceOnly}}));
    Exchange longer({}, {.position = "100"});
    longer.send(0, Ticket::buy("10").reduce_only());
    EXPECT_EQ(longer.ends(), (Ends{{1, ExecType::kRejected, OrderReason::kReduceOnly}}));
}

TEST(ReduceOnly, IsCutDownToThePosition) {
    Exchange x({}, {.position = "30"});
    x.send(0, Ticket::sell("100").limit("101").reduce_only());
    EXPECT_EQ(x.ends(), (Ends{{1, ExecType::kRestated, OrderReason::kReduceOnly}}));
    EXPECT_EQ(to_string(x.last().leaves_quantity), "30");
    x.minute(0, "100", "102", "99", "100");
    EXPECT_EQ(x.fills(), (Fills{{1, "30", "101"}}));
    EXPECT_EQ(x.position(), "0");
}

TEST(ReduceOnly, CoversAShortPosition) {
    Exchange x({}, {.position = "-30"});
    x.send(0, Ticket::buy("100").reduce_only());
    x.open(0, "100");
    EXPECT_EQ(x.fills(), (Fills{{1, "30", "100"}}));
    EXPECT_EQ(x.position(), "0");
}

// 30 held. The market order sells 20 of them first: 10 are left for the reduce-only order.
TEST(ReduceOnly, IsJudgedAgainWhenItIsFilled) {
    Exchange x({}, {.position = "30"});
    x.send(0, Ticket::sell("30").limit("101").reduce_only());
    x.send(0, Ticket::sell("20"));
    x.minute(0, "100", "102", "99", "100");
    EXPECT_EQ(x.fills(), (Fills{{2, "20", "100"}, {1, "10", "101"}}));
    EXPECT_EQ(x.ends().back(), (ReportSeen{1, ExecType::kCanceled, OrderReason::kReduceOnly}));
    EXPECT_EQ(x.position(), "0");
}

TEST(ReduceOnly, IsCanceledWhenThePositionIsGone) {
    Exchange x({}, {.position = "30"});
    x.send(0, Ticket::sell("30").limit("101").reduce_only());
    x.send(0, Ticket::sell("30"));
    x.minute(0, "100", "102", "99", "100");
    EXPECT_EQ(x.fills(), (Fills{{2, "30", "100"}}));
    EXPECT_EQ(x.ends().back(), (ReportSeen{1, ExecType::kCanceled, OrderReason::kReduceOnly}));
}

TEST(ReduceOnly, CannotBeMadeLargerThanThePosition) {
    Exchange x({}, {.position = "30"});
    x.send(0, Ticket::sell("10").limit("101").reduce_only());
    x.replace(0, 1, Ticket::sell("50").limit("101"));
    EXPECT_EQ(x.last().exec_type, ExecType::kReplaced);
    EXPECT_EQ(to_string(x.last().leaves_quantity), "30");
}

}  // namespace
}  // namespace fermata

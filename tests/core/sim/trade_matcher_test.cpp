// The cases of docs/fill-model.md on trades, with the same numbers.
#include "core/sim/trade_matcher.hpp"

#include <gtest/gtest.h>

#include "tests/core/sim/exchange_fixture.hpp"

namespace fermata {
namespace {

TEST(TradeMatcher, HitsARestingLimitUpToTheSizeOfATradeAtItsPrice) {
    Exchange x;
    x.quote(0, "100", "300", "100.10", "200");
    x.send(1, Ticket::buy("80").limit("100"));
    x.trade(2, "100.10", "500");
    EXPECT_EQ(x.fills(), Fills{});
    x.trade(3, "100", "50");
    EXPECT_EQ(x.fills(), (Fills{{1, "50", "100"}}));
    EXPECT_EQ(x.last().liquidity, Liquidity::kMaker);
    x.trade(4, "99.99", "500");
    EXPECT_EQ(x.fills().back(), (FillSeen{1, "30", "100"}));
}

TEST(TradeMatcher, NeedsATradeBeyondTheLimitWhenThroughIsConfigured) {
    SimConfig config;
    config.fill.limit = LimitFill::kThrough;
    Exchange x(config);
    x.quote(0, "100", "300", "100.10", "200");
    x.send(1, Ticket::buy("80").limit("100"));
    x.trade(2, "100", "50");
    EXPECT_EQ(x.fills(), Fills{});
    x.trade(3, "99.99", "80");
    EXPECT_EQ(x.fills(), (Fills{{1, "80", "100"}}));
}

TEST(TradeMatcher, CapsParticipationInATrade) {
    SimConfig config;
    config.fill.participation = ratio("0.1");
    Exchange x(config);
    x.quote(0, "100", "300", "100.10", "200");
    x.send(1, Ticket::buy("80").limit("100"));
    x.trade(2, "99.90", "109");
    EXPECT_EQ(x.fills(), (Fills{{1, "10", "100"}}));
}

// 50 at 99: the better limit of 99.50 first, then 20 of the other. The stop that wakes up waits for
// the next trade, 25 at 98.80, of which the older order takes its last 10.
TEST(TradeMatcher, SharesATradeAmongAllOrdersThatItReaches) {
    Exchange x;
    x.trade(0, "100", "10");
    x.send(1, Ticket::buy("30").limit("99"));
    x.send(1, Ticket::sell("30").limit("98.50").stop("99.50"));
    x.send(1, Ticket::buy("30").limit("99.50"));
    x.trade(2, "99", "50");
    EXPECT_EQ(x.fills(), (Fills{{3, "30", "99.5"}, {1, "20", "99"}}));
    x.trade(3, "98.80", "25");
    EXPECT_EQ(x.fills(),
              (Fills{{3, "30", "99.5"}, {1, "20", "99"}, {1, "10", "99"}, {2, "15", "98.8"}}));
}

TEST(TradeMatcher, LetsOrdersTakeTheNextTradeWhereThereAreNoQuotes) {
    Exchange x;
    x.trade(0, "100", "500");
    x.send(1, Ticket::buy("80"));
    EXPECT_EQ(x.fills(), Fills{});
    x.trade(2, "100.05", "50");
    x.trade(3, "100.07", "50");
    EXPECT_EQ(x.fills(), (Fills{{1, "50", "100.05"}, {1, "30", "100.07"}}));
    EXPECT_EQ(x.last().liquidity, Liquidity::kTaker);
}

TEST(TradeMatcher, TellsAMarketableLimitFromARestingOneWhereThereAreNoQuotes) {
    Exchange x;
    x.trade(0, "100", "500");
    x.send(1, Ticket::buy("10").limit("101"));  // beyond the last trade: takes
    x.send(1, Ticket::buy("10").limit("99"));   // rests
    x.trade(2, "98", "500");
    EXPECT_EQ(x.fills(), (Fills{{1, "10", "98"}, {2, "10", "99"}}));
}

TEST(TradeMatcher, LetsAMarketableLimitRestOnceTheMarketIsSeenAway) {
    Exchange x;
    x.trade(0, "100", "500");
    x.send(1, Ticket::buy("10").limit("101"));
    x.trade(2, "102", "500");
    x.trade(3, "100", "500");
    EXPECT_EQ(x.fills(), (Fills{{1, "10", "101"}}));
}

TEST(TradeMatcher, TriggersStopsByTradesOnceThereAreTrades) {
    Exchange x;
    x.quote(0, "100", "300", "100.10", "200");
    x.trade(0, "100", "10");
    x.send(1, Ticket::sell("100").stop("99.50"));
    x.quote(2, "99.40", "300", "99.60", "200");  // a quote is not a trade
    EXPECT_EQ(x.ends(), Ends{});
    x.trade(3, "99.50", "10");
    EXPECT_EQ(x.ends(), (Ends{{1, ExecType::kTriggered, OrderReason::kNone}}));
    EXPECT_EQ(x.fills(), (Fills{{1, "100", "99.4"}}));  // takes the standing bid
}

TEST(TradeMatcher, DoesNotFillAStopByTheTradeThatTriggersIt) {
    Exchange x;
    x.trade(0, "100", "10");
    x.send(1, Ticket::sell("10").stop("99.50"));
    x.trade(2, "99", "500");
    EXPECT_EQ(x.fills(), Fills{});
    x.trade(3, "98.70", "500");
    EXPECT_EQ(x.fills(), (Fills{{1, "10", "98.7"}}));
}

TEST(TradeMatcher, LetsATriggeredStopLimitRestWhereThereAreNoQuotes) {
    Exchange x;
    x.trade(0, "100", "10");
    x.send(1, Ticket::buy("10").stop("102").limit("101"));
    x.trade(2, "103", "500");
    x.trade(3, "100.50", "500");
    EXPECT_EQ(x.fills(), (Fills{{1, "10", "101"}}));
    EXPECT_EQ(x.last().liquidity, Liquidity::kMaker);
}

TEST(TradeMatcher, GivesAnImmediateOrderTheNextTradeOnlyWhereThereAreNoQuotes) {
    Exchange x;
    x.trade(0, "100", "10");
    x.send(1, Ticket::buy("20").tif(TimeInForce::kIoc));
    x.send(1, Ticket::buy("20").limit("99").tif(TimeInForce::kIoc));
    x.send(1, Ticket::buy("20").tif(TimeInForce::kFok));
    x.trade(2, "100", "15");
    EXPECT_EQ(x.fills(), (Fills{{1, "15", "100"}}));
    EXPECT_EQ(x.ends(), (Ends{{1, ExecType::kCanceled, OrderReason::kNoLiquidity},
                              {3, ExecType::kCanceled, OrderReason::kNoLiquidity},
                              {2, ExecType::kCanceled, OrderReason::kNoLiquidity}}));
}

TEST(TradeMatcher, TreatsATradeWithoutSizeAsAPriceOnly) {
    Exchange x;
    x.trade(0, "100", "10");
    x.send(1, Ticket::buy("10"));
    x.send(1, Ticket::sell("10").stop("99"));
    x.trade(2, "99", "0");
    EXPECT_EQ(x.fills(), Fills{});
    EXPECT_EQ(x.ends(), (Ends{{2, ExecType::kTriggered, OrderReason::kNone}}));
}

}  // namespace
}  // namespace fermata

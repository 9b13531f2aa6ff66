// If-touched, market-to-limit, pegged orders, and what a venue may lack.
#include <gtest/gtest.h>

#include "tests/core/sim/exchange_fixture.hpp"

namespace fermata {
namespace {

SimConfig with(BarPath path) {
    SimConfig config;
    config.fill.path = path;
    return config;
}
SimConfig capped(const char* participation) {
    SimConfig config;
    config.fill.participation = ratio(participation);
    return config;
}

TEST(IfTouched, BecomesAMarketOrderWhereTheMarketComesToItsTrigger) {
    Exchange x;
    x.send(0, Ticket::buy("10").touch("99"));
    x.send(0, Ticket::sell("10").touch("102"));
    x.send(0, Ticket::buy("10").touch("98.99"));
    x.minute(0, "100", "102", "99", "101");
    EXPECT_EQ(x.ends(), (Ends{{1, ExecType::kTriggered, OrderReason::kNone},
                              {2, ExecType::kTriggered, OrderReason::kNone}}));
    EXPECT_EQ(x.fills(), (Fills{{1, "10", "99"}, {2, "10", "102"}}));
    EXPECT_EQ(x.last().liquidity, Liquidity::kTaker);
}

TEST(IfTouched, IsFilledAtTheBetterOpenWhenTheMarketGapsBeyondIt) {
    Exchange x;
    x.send(0, Ticket::buy("10").touch("99"));
    x.open(0, "97.50");
    EXPECT_EQ(x.fills(), (Fills{{1, "10", "97.5"}}));
}

// Buy touch 99, limit 98: on the way from 99 to the low of 97.50 the price passes 98.
TEST(IfTouched, LeavesALimitOrderThatTheSameFallReaches) {
    for (const BarPath path : {BarPath::kAdverse, BarPath::kOptimistic, BarPath::kOpenHighLowClose,
                               BarPath::kOpenLowHighClose}) {
        Exchange x(with(path));
        x.send(0, Ticket::buy("10").touch("99").limit("98"));
        x.minute(0, "100", "101", "97.50", "100.50");
        EXPECT_EQ(x.fills(), (Fills{{1, "10", "98"}}));
        EXPECT_EQ(x.last().liquidity, Liquidity::kMaker);
    }
}

TEST(IfTouched, TakesAtItsTriggerWhenItsLimitAllowsIt) {
    Exchange x;
    x.send(0, Ticket::buy("10").touch("99").limit("99.50"));
    x.minute(0, "100", "101", "98", "100.50");
    EXPECT_EQ(x.fills(), (Fills{{1, "10", "99"}}));
}

TEST(IfTouched, IsTriggeredByTheQuoteThatWouldFillIt) {
    Exchange x;
    x.quote(0, "100.00", "500", "100.02", "500");
    x.send(1, Ticket::buy("10").touch("99.95"));
    x.quote(2, "99.94", "500", "99.96", "500");  // the bid is beyond, the ask is not
    EXPECT_EQ(x.fills(), Fills{});
    x.quote(3, "99.93", "500", "99.95", "500");
    EXPECT_EQ(x.fills(), (Fills{{1, "10", "99.95"}}));
    x.send(4, Ticket::sell("10").touch("99.93"));  // touched when it comes
    EXPECT_EQ(x.fills().back(), (FillSeen{2, "10", "99.93"}));
}

TEST(IfTouched, IsFilledByTheTradeAfterTheOneThatTouchesIt) {
    Exchange x;
    x.trade(0, "100", "10");
    x.send(1, Ticket::buy("10").touch("99"));
    x.trade(2, "98.90", "50");
    EXPECT_EQ(x.fills(), Fills{});
    x.trade(3, "99.20", "50");
    EXPECT_EQ(x.fills(), (Fills{{1, "10", "99.2"}}));
}

TEST(IfTouched, CountsAsALimitWhenThePathDecidesBetweenItAndAStop) {
    const auto first = [](BarPath path) {
        Exchange x(with(path), {.kind = AccountKind::kCash, .position = "100"});
        x.send(0, Ticket::sell("100").stop("95"));
        x.send(0, Ticket::sell("100").touch("105"));
        x.minute(0, "100", "106", "94", "104");
        return x.fills();
    };
    EXPECT_EQ(first(BarPath::kAdverse), (Fills{{1, "100", "95"}}));
    EXPECT_EQ(first(BarPath::kOptimistic), (Fills{{2, "100", "105"}}));
}

TEST(IfTouched, CanBeChangedAndCanceled) {
    Exchange x;
    x.send(0, Ticket::buy("10").touch("99"));
    x.replace(0, 1, Ticket::buy("20").touch("98"));
    x.minute(0, "100", "101", "98.50", "100");
    EXPECT_EQ(x.fills(), Fills{});
    x.cancel(60, 1);
    x.minute(60, "100", "101", "97", "100");
    EXPECT_EQ(x.fills(), Fills{});
    EXPECT_EQ(x.ends().back(), (ReportSeen{1, ExecType::kCanceled, OrderReason::kRequested}));
}

// Ask 200 @ 100.10: 200 @ 100.10, the other 300 rest as a bid at 100.10.
TEST(MarketToLimit, RestsAtThePriceOfItsFirstFill) {
    Exchange x;
    x.quote(0, "100.00", "500", "100.10", "200");
    x.send(1, Ticket::buy("500").type(OrderType::kMarketToLimit));
    EXPECT_EQ(x.fills(), (Fills{{1, "200", "100.1"}}));
    EXPECT_EQ(x.restated(1), "100.1/0");
    EXPECT_EQ(x.ends().back(), (ReportSeen{1, ExecType::kRestated, OrderReason::kRepriced}));
    x.quote(2, "100.05", "500", "100.20", "1000");  // a market order would pay 100.20
    EXPECT_EQ(x.fills().size(), 1U);
    x.quote(3, "100.05", "500", "100.08", "1000");
    EXPECT_EQ(x.fills().back(), (FillSeen{1, "300", "100.1"}));
    EXPECT_EQ(x.last().liquidity, Liquidity::kMaker);
}

// 10% of 1,000 at the open of 100; the rest is a bid at 100, and gets 10% of 2,000 less nothing.
TEST(MarketToLimit, TakesTheNextOpenOnBarsAndRestsThere) {
    Exchange x(capped("0.1"));
    x.send(0, Ticket::buy("150").type(OrderType::kMarketToLimit));
    x.minute(0, "100", "101", "100.50", "101", "1000");
    EXPECT_EQ(x.fills(), (Fills{{1, "100", "100"}}));
    x.minute(60, "101", "102", "100.20", "101", "2000");  // never at 100
    EXPECT_EQ(x.fills().size(), 1U);
    x.minute(120, "101", "102", "99.80", "101", "2000");
    EXPECT_EQ(x.fills().back(), (FillSeen{1, "50", "100"}));
}

TEST(MarketToLimit, IsCanceledInsteadOfRestingWhenImmediate) {
    Exchange x;
    x.quote(0, "100.00", "500", "100.10", "200");
    x.send(1, Ticket::buy("500").type(OrderType::kMarketToLimit).tif(TimeInForce::kIoc));
    EXPECT_EQ(x.fills(), (Fills{{1, "200", "100.1"}}));
    EXPECT_EQ(x.ends().back(), (ReportSeen{1, ExecType::kCanceled, OrderReason::kNoLiquidity}));
}

// Bid 100.00, ask 100.05: mid 100.025, a purchase at 100.02, a sale at 100.03.
TEST(Pegged, FollowsTheMiddleAndRoundsAwayFromTheMarket) {
    Exchange x;
    x.quote(0, "100.00", "500", "100.05", "500");
    const auto buy = x.send(1, Ticket::buy("10").peg(OffsetKind::kPegMid));
    const auto sell = x.send(1, Ticket::sell("10").peg(OffsetKind::kPegMid));
    EXPECT_EQ(x.restated(buy), "100.02/0");
    EXPECT_EQ(x.restated(sell), "100.03/0");
    x.quote(2, "100.10", "500", "100.20", "500");
    // The bid of 100.10 was at the sale's price of 100.03 before it could follow.
    EXPECT_EQ(x.fills(), (Fills{{sell, "10", "100.03"}}));
    EXPECT_EQ(x.restated(buy), "100.15/0");
    x.quote(3, "100.10", "500", "100.20", "500");  // the same: no report
    EXPECT_EQ(x.reports().size(), 6U);             // 2 new, 2 + 1 restated, 1 fill
}

TEST(Pegged, FollowsItsOwnSideAndIsPickedOffWhenTheMarketComes) {
    Exchange x;
    x.quote(0, "100.00", "500", "100.05", "500");
    const auto id = x.send(1, Ticket::buy("10").peg(OffsetKind::kPegPrimary, "-0.01"));
    EXPECT_EQ(x.restated(id), "99.99/0");
    x.quote(2, "100.03", "500", "100.08", "500");
    EXPECT_EQ(x.restated(id), "100.02/0");
    x.quote(3, "99.90", "500", "99.95", "500");
    EXPECT_EQ(x.fills(), (Fills{{id, "10", "100.02"}}));
    EXPECT_EQ(x.last().liquidity, Liquidity::kMaker);
}

TEST(Pegged, DoesNotFollowBeyondItsWorstPrice) {
    Exchange x;
    x.quote(0, "100.00", "500", "100.05", "500");
    const auto id = x.send(1, Ticket::buy("10").peg(OffsetKind::kPegPrimary, "0", "100.02"));
    x.quote(2, "100.04", "500", "100.08", "500");
    EXPECT_EQ(x.restated(id), "100.02/0");
    x.quote(3, "99.98", "500", "100.03", "500");
    EXPECT_EQ(x.restated(id), "99.98/0");
}

// At the ask less a cent it rests; with the ask itself as price it takes.
TEST(Pegged, TakesWhenItIsPeggedToTheOtherSide) {
    Exchange x;
    x.quote(0, "100.00", "500", "100.05", "100");
    const auto passive = x.send(1, Ticket::buy("10").peg(OffsetKind::kPegMarket, "-0.01"));
    EXPECT_EQ(x.restated(passive), "100.04/0");
    const auto taker = x.send(1, Ticket::buy("150").peg(OffsetKind::kPegMarket));
    EXPECT_EQ(x.fills(), (Fills{{taker, "100", "100.05"}}));
    x.quote(2, "100.00", "500", "100.06", "100");
    EXPECT_EQ(x.fills().back(), (FillSeen{taker, "50", "100.06"}));
}

TEST(Pegged, IsParkedUntilItSeesAMarket) {
    Exchange x;
    const auto id = x.send(0, Ticket::buy("10").peg(OffsetKind::kPegPrimary));
    EXPECT_EQ(x.restated(id), "");
    x.quote(1, "100.00", "500", "100.05", "500");
    EXPECT_EQ(x.restated(id), "100/0");
}

TEST(Pegged, LosesItsPlaceInTheQueueWhenItMoves) {
    Exchange x;
    x.quote(0, "100.00", "500", "100.05", "500");
    const auto peg = x.send(1, Ticket::buy("10").peg(OffsetKind::kPegPrimary));
    const auto limit = x.send(1, Ticket::buy("10").limit("100.01"));
    x.quote(2, "100.01", "500", "100.05", "500");
    x.quote(3, "99.90", "500", "100.01", "15");
    EXPECT_EQ(x.fills(), (Fills{{limit, "10", "100.01"}, {peg, "5", "100.01"}}));
}

TEST(Pegged, StaysATickAwayFromTheOtherSideWhenPostOnly) {
    Exchange x;
    x.quote(0, "100.00", "500", "100.05", "500");
    const auto id = x.send(1, Ticket::buy("10").peg(OffsetKind::kPegMarket).post_only());
    EXPECT_EQ(x.restated(id), "100.04/0");
    EXPECT_EQ(x.fills(), Fills{});
}

// Pegged to the last price: open 100. That the low goes to 99 is known to have passed it; a bar
// that only stays at 100 tells nothing about the other side.
TEST(Pegged, FollowsTheLastPriceOfBarsAndNeedsTheMarketBeyondIt) {
    Exchange x;
    const auto id = x.send(0, Ticket::buy("10").peg(OffsetKind::kPegPrimary));
    x.minute(0, "100", "101", "100", "101");
    EXPECT_EQ(x.fills(), Fills{});
    EXPECT_EQ(x.restated(id), "101/0");
    x.minute(60, "101.50", "102", "101.20", "101.40");
    EXPECT_EQ(x.fills(), (Fills{{id, "10", "101.5"}}));  // at the open's price, passed downwards
}

TEST(Pegged, IsRefusedWithoutAReference) {
    Exchange x;
    x.send(0, Ticket::buy("10").type(OrderType::kPegged));
    EXPECT_EQ(x.ends().back().reason, OrderReason::kInvalidPrice);
}

TEST(Pegged, TakesANewOffset) {
    Exchange x;
    x.quote(0, "100.00", "500", "100.05", "500");
    const auto id = x.send(1, Ticket::buy("10").peg(OffsetKind::kPegPrimary));
    x.replace(2, id, Ticket::buy("10").peg(OffsetKind::kPegPrimary, "-0.02"));
    EXPECT_EQ(x.last().exec_type, ExecType::kReplaced);
    EXPECT_EQ(to_string(x.last().price), "99.98");
}

TEST(SimulatedExchange, RefusesWhatTheVenueLacks) {
    const auto refusal = [](auto&& change, const Ticket& ticket) {
        SimConfig config;
        change(config.supports);
        Exchange x(config);
        x.quote(0, "100.00", "500", "100.05", "500");
        x.send(1, ticket);
        return x.last().exec_type == ExecType::kRejected ? x.last().reason : OrderReason::kNone;
    };
    const auto all = [](VenueCapabilities&) {};
    const auto only_market_and_limit = [](VenueCapabilities& s) { s.types = 0b11; };
    const Ticket buy = Ticket::buy("10");
    for (const Ticket& ticket :
         {buy.stop("110"), buy.stop("110").limit("111"), buy.touch("90"),
          buy.touch("90").limit("89"), buy.trail("1"), buy.trail("1").trail_limit("0.5"),
          buy.peg(OffsetKind::kPegMid), buy.type(OrderType::kMarketToLimit)}) {
        EXPECT_EQ(refusal(all, ticket), OrderReason::kNone);
        EXPECT_EQ(refusal(only_market_and_limit, ticket), OrderReason::kUnsupported);
    }
    EXPECT_EQ(refusal(only_market_and_limit, buy.limit("99")), OrderReason::kNone);
    const Ticket limit = buy.limit("99");
    EXPECT_EQ(refusal([](VenueCapabilities& s) { s.drop(kVenueIceberg); }, limit.show("5")),
              OrderReason::kUnsupported);
    EXPECT_EQ(refusal([](VenueCapabilities& s) { s.drop(kVenuePostOnly); }, limit.post_only()),
              OrderReason::kUnsupported);
    EXPECT_EQ(refusal([](VenueCapabilities& s) { s.drop(kVenueReduceOnly); }, limit.reduce_only()),
              OrderReason::kUnsupported);
    EXPECT_EQ(refusal([](VenueCapabilities& s) { s.tifs = 0b1; }, limit),
              OrderReason::kUnsupported);
    EXPECT_EQ(refusal([](VenueCapabilities& s) { s.offsets = 0b1; }, buy.peg(OffsetKind::kPegMid)),
              OrderReason::kUnsupported);
}

}  // namespace
}  // namespace fermata

// The cases of docs/fill-model.md on bars, with the same numbers.
#include "core/sim/bar_matcher.hpp"

#include <gtest/gtest.h>

#include "tests/core/sim/exchange_fixture.hpp"

namespace fermata {
namespace {

constexpr Exchange::Setup kLong100{.kind = AccountKind::kCash, .position = "100"};

SimConfig with(BarPath path) {
    SimConfig config;
    config.fill.path = path;
    return config;
}
SimConfig through() {
    SimConfig config;
    config.fill.limit = LimitFill::kThrough;
    return config;
}

TEST(BarMatcher, FillsAMarketOrderAtTheNextOpen) {
    Exchange x;
    x.minute(0, "100", "102", "99", "101");
    x.send(60, Ticket::buy("10"));  // on the end of the bar, at its close of 101
    EXPECT_EQ(x.fills(), Fills{});
    x.open(60, "101.50");
    EXPECT_EQ(x.fills(), (Fills{{1, "10", "101.5"}}));
    EXPECT_EQ(x.last_ts(), at(60));
    EXPECT_EQ(x.last().liquidity, Liquidity::kTaker);
}

TEST(BarMatcher, NeverFillsFromTheBarThatProducedTheSignal) {
    Exchange x;
    x.minute(0, "100", "102", "99", "101");
    x.send(60, Ticket::buy("10").limit("99.50"));  // touched by the finished bar
    x.send(60, Ticket::sell("10").stop("100"));    // so is this
    EXPECT_EQ(x.fills(), Fills{});
    x.minute(60, "101", "101.5", "100.5", "101");  // and neither by the next
    EXPECT_EQ(x.fills(), Fills{});
}

TEST(BarMatcher, LetsAnOrderThatArrivesAtTheInstantOfABarsEndMissItsPath) {
    Exchange x;
    x.open(0, "100");
    x.send(60, Ticket::buy("10").limit("99.50"));  // same instant, before the bar is shown
    x.bar(60, "100", "102", "99", "101");
    EXPECT_EQ(x.fills(), Fills{});
}

TEST(BarMatcher, LetsAMarketOrderInsideABarWaitForTheNextOpen) {
    Exchange x;
    x.open(0, "100");
    x.send(30, Ticket::buy("10"));
    x.bar(60, "100", "102", "99", "101");
    EXPECT_EQ(x.fills(), Fills{});
    x.open(60, "101.50");
    EXPECT_EQ(x.fills(), (Fills{{1, "10", "101.5"}}));
}

TEST(BarMatcher, FillsAMarketOrderInsideABarAtItsCloseUnderNextPrice) {
    SimConfig config;
    config.fill.market = MarketFill::kNextPrice;
    Exchange x(config);
    x.open(0, "100");
    x.send(30, Ticket::buy("10"));
    x.bar(60, "100", "102", "99", "101");
    EXPECT_EQ(x.fills(), (Fills{{1, "10", "101"}}));
    x.send(60, Ticket::buy("5"));  // between two bars the open is the next price
    x.open(60, "101.50");
    EXPECT_EQ(x.fills(), (Fills{{1, "10", "101"}, {2, "5", "101.5"}}));
}

TEST(BarMatcher, FillsALimitOrderThatIsTouchedAtItsPriceAsMaker) {
    Exchange x;
    x.send(0, Ticket::buy("10").limit("100"));
    x.minute(0, "101", "102", "99.50", "101");
    EXPECT_EQ(x.fills(), (Fills{{1, "10", "100"}}));
    EXPECT_EQ(x.last().liquidity, Liquidity::kMaker);
    EXPECT_EQ(x.last_ts(), at(60));  // known when the bar is
}

TEST(BarMatcher, NeedsTheMarketBeyondALimitWhenThroughIsConfigured) {
    const auto filled = [](const SimConfig& config, const char* low) {
        Exchange x(config);
        x.send(0, Ticket::buy("10").limit("100"));
        x.minute(0, "101", "102", low, "101");
        return x.fills();
    };
    EXPECT_EQ(filled({}, "100"), (Fills{{1, "10", "100"}}));
    EXPECT_EQ(filled({}, "100.01"), Fills{});
    EXPECT_EQ(filled(through(), "100"), Fills{});
    EXPECT_EQ(filled(through(), "99.99"), (Fills{{1, "10", "100"}}));
}

TEST(BarMatcher, NeedsTheMarketBeyondALimitAtTheOpenTooWhenThroughIsConfigured) {
    Exchange x(through());
    x.send(0, Ticket::sell("10").limit("100"));
    x.open(0, "100");
    EXPECT_EQ(x.fills(), Fills{});
    x.bar(60, "100", "100.01", "99", "99.50");
    EXPECT_EQ(x.fills(), (Fills{{1, "10", "100"}}));
}

TEST(BarMatcher, FillsALimitOrderAtTheBetterOpenWhenTheMarketGapsThroughIt) {
    Exchange x;
    x.send(0, Ticket::buy("10").limit("100"));
    x.send(0, Ticket::sell("10").limit("98"));
    x.open(0, "98.50");
    EXPECT_EQ(x.fills(), (Fills{{1, "10", "98.5"}, {2, "10", "98.5"}}));
    EXPECT_EQ(x.last().liquidity, Liquidity::kTaker);
}

TEST(BarMatcher, FillsAStopOrderThatIsTouchedAtItsStopPrice) {
    Exchange x;
    x.send(0, Ticket::sell("10").stop("95"));
    x.minute(0, "97", "98", "94", "96");
    EXPECT_EQ(x.fills(), (Fills{{1, "10", "95"}}));
    EXPECT_EQ(x.ends(), (Ends{{1, ExecType::kTriggered, OrderReason::kNone}}));
    EXPECT_EQ(x.last().liquidity, Liquidity::kTaker);
}

TEST(BarMatcher, FillsAStopOrderAtTheWorseOpenWhenTheMarketGapsThroughIt) {
    Exchange x;
    x.send(0, Ticket::sell("10").stop("95"));
    x.send(0, Ticket::buy("10").stop("92"));
    x.open(0, "93");
    EXPECT_EQ(x.fills(), (Fills{{1, "10", "93"}, {2, "10", "93"}}));
}

TEST(BarMatcher, LeavesOrdersAloneThatTheBarDoesNotReach) {
    Exchange x;
    x.send(0, Ticket::buy("10").limit("98.99"));
    x.send(0, Ticket::sell("10").limit("102.01"));
    x.send(0, Ticket::buy("10").stop("102.01"));
    x.send(0, Ticket::sell("10").stop("98.99"));
    x.minute(0, "100", "102", "99", "101");
    EXPECT_EQ(x.fills(), Fills{});
    EXPECT_EQ(x.ends(), Ends{});
    EXPECT_EQ(x.exchange().live_orders(), 4U);
}

TEST(BarMatcher, FillsAStopLimitThatIsMarketableAtItsTriggerAtTheStopPrice) {
    Exchange x;
    x.send(0, Ticket::buy("10").stop("102").limit("102.50"));
    x.minute(0, "100", "103", "99", "101");
    EXPECT_EQ(x.fills(), (Fills{{1, "10", "102"}}));
}

TEST(BarMatcher, LetsAStopLimitWaitWhenTheOpenGapsBeyondItsLimit) {
    Exchange x;
    x.send(0, Ticket::buy("10").stop("102").limit("102.50"));
    x.open(0, "103");
    EXPECT_EQ(x.fills(), Fills{});
    EXPECT_EQ(x.ends(), (Ends{{1, ExecType::kTriggered, OrderReason::kNone}}));
    x.bar(60, "103", "104", "102.20", "103");
    EXPECT_EQ(x.fills(), (Fills{{1, "10", "102.5"}}));
}

// Bar: open 100, high 103, low 99. Buy stop 102, limit 101: after the trigger the price must come
// back to 101. Open-high-low-close passes it on the way down; open-low-high-close passes it only if
// the close is at 101 or below.
TEST(BarMatcher, FillsAStopLimitLaterOnTheSamePath) {
    const auto filled = [](BarPath path, const char* close) {
        Exchange x(with(path));
        x.send(0, Ticket::buy("10").stop("102").limit("101"));
        x.minute(0, "100", "103", "99", close);
        return x.fills();
    };
    const Fills yes{{1, "10", "101"}};
    EXPECT_EQ(filled(BarPath::kOpenHighLowClose, "102.50"), yes);
    EXPECT_EQ(filled(BarPath::kOpenLowHighClose, "102.50"), Fills{});
    EXPECT_EQ(filled(BarPath::kOpenLowHighClose, "100.50"), yes);
    EXPECT_EQ(filled(BarPath::kAdverse, "102.50"), Fills{});
    EXPECT_EQ(filled(BarPath::kAdverse, "100.50"), yes);
    EXPECT_EQ(filled(BarPath::kOptimistic, "102.50"), yes);
}

// Long 100 in a cash account, sell stop 95 and sell limit 105, both inside the bar: the first one
// sells the position, the other one is refused because there is nothing left to sell.
TEST(BarMatcher, DecidesByThePathWhichOfStopAndTargetComesFirst) {
    const auto run = [](BarPath path) {
        Exchange x(with(path), kLong100);
        x.send(0, Ticket::sell("100").stop("95"));
        x.send(0, Ticket::sell("100").limit("105"));
        x.minute(0, "100", "106", "94", "104");
        EXPECT_EQ(x.position(), "0");
        EXPECT_EQ(x.ends().back().type, ExecType::kRejected);
        EXPECT_EQ(x.ends().back().reason, OrderReason::kInsufficientPosition);
        return x.fills();
    };
    const Fills stopped{{1, "100", "95"}};
    const Fills target{{2, "100", "105"}};
    EXPECT_EQ(run(BarPath::kAdverse), stopped);
    EXPECT_EQ(run(BarPath::kOptimistic), target);
    EXPECT_EQ(run(BarPath::kOpenHighLowClose), target);
    EXPECT_EQ(run(BarPath::kOpenLowHighClose), stopped);
}

// Flat in a cash account. Entry limit 99 lies between the open of 100 and the stop at 95: no path
// reaches the stop before the entry, so even the adverse one fills the entry first, then the stop.
TEST(BarMatcher, NeverJumpsOverALevelEvenWhenAdverse) {
    Exchange x({}, {.kind = AccountKind::kCash});
    x.send(0, Ticket::sell("10").stop("95"));
    x.send(0, Ticket::buy("10").limit("99"));
    x.send(0, Ticket::sell("10").limit("105"));
    x.minute(0, "100", "106", "94", "104");
    EXPECT_EQ(x.fills(), (Fills{{2, "10", "99"}, {1, "10", "95"}}));
    EXPECT_EQ(x.cash(), "99960");  // 10 x (95 - 99)
}

// 10% of 1,000, 1,200 and 3,000: 100 at the first open, 120 at the second, the last 30 at the
// third.
TEST(BarMatcher, CapsParticipationAndKeepsTheRestWorking) {
    SimConfig config;
    config.fill.participation = ratio("0.1");
    Exchange x(config);
    x.send(0, Ticket::buy("250"));
    x.minute(0, "100", "101", "99", "100.50", "1000");
    x.minute(60, "100.60", "101", "100", "100.70", "1200");
    x.minute(120, "100.80", "101", "100", "101", "3000");
    EXPECT_EQ(x.fills(), (Fills{{1, "100", "100"}, {1, "120", "100.6"}, {1, "30", "100.8"}}));
}

// 10% of 1,050 is 105: in lots of 10, 100 of them. Market orders come before limits, and what the
// open consumed is not there for the path.
TEST(BarMatcher, SharesOneCapAmongAllOrdersOfABar) {
    SimConfig config;
    config.fill.participation = ratio("0.1");
    Exchange x(config, {.lot = "10"});
    x.send(0, Ticket::buy("60").limit("99"));
    x.send(0, Ticket::sell("80"));
    x.minute(0, "100", "101", "98", "100", "1050");
    EXPECT_EQ(x.fills(), (Fills{{2, "80", "100"}, {1, "20", "99"}}));
}

TEST(BarMatcher, FillsNothingFromABarWithoutVolumeUnderACap) {
    SimConfig config;
    config.fill.participation = ratio("0.1");
    Exchange x(config);
    x.send(0, Ticket::buy("10"));
    x.minute(0, "100", "101", "99", "100", "0");
    EXPECT_EQ(x.fills(), Fills{});
}

// A limit order arrives inside the bar, beyond its open: when exactly, and at which price, nobody
// knows. Adverse: its limit, as the bar went higher. Else: the open.
TEST(BarMatcher, PricesATakerThatArrivedInsideTheBarByThePath) {
    const auto filled = [](BarPath path, const char* limit) {
        Exchange x(with(path));
        x.open(0, "100");
        x.send(30, Ticket::buy("10").limit(limit));
        x.bar(60, "100", "102", "99", "101");
        return x.fills();
    };
    EXPECT_EQ(filled(BarPath::kAdverse, "101"), (Fills{{1, "10", "101"}}));
    EXPECT_EQ(filled(BarPath::kAdverse, "105"), (Fills{{1, "10", "102"}}));
    EXPECT_EQ(filled(BarPath::kOptimistic, "101"), (Fills{{1, "10", "100"}}));
    EXPECT_EQ(filled(BarPath::kOpenHighLowClose, "101"), (Fills{{1, "10", "100"}}));
}

TEST(BarMatcher, PricesAStopThatArrivedBeyondItsTriggerInsideTheBarByThePath) {
    const auto filled = [](BarPath path) {
        Exchange x(with(path));
        x.open(0, "100");
        x.send(30, Ticket::sell("10").stop("100.50"));
        x.bar(60, "100", "102", "99", "101");
        return x.fills();
    };
    EXPECT_EQ(filled(BarPath::kAdverse), (Fills{{1, "10", "99"}}));
    EXPECT_EQ(filled(BarPath::kOpenHighLowClose), (Fills{{1, "10", "100"}}));
}

TEST(BarMatcher, MeetsTheShortestBarsWhenThereAreSeveralIntervals) {
    Exchange x;
    x.open(0, "100", "100000", 3);  // the day
    x.open(0, "100");               // its first minute
    x.send(30, Ticket::sell("10").limit("109"));
    x.bar(60, "100", "101", "99", "100");
    x.bar(86'400, "100", "110", "90", "105", "100000", 3);
    EXPECT_EQ(x.fills(), Fills{});
    x.minute(86'400, "105", "109", "104", "108");
    EXPECT_EQ(x.fills(), (Fills{{1, "10", "109"}}));
}

TEST(BarMatcher, PassesOverBarsOutsideTheSessionUnlessToldOtherwise) {
    const auto filled = [](bool outside_session) {
        SimConfig config;
        config.fill.outside_session = outside_session;
        Exchange x(config);
        x.send(0, Ticket::buy("10"));
        MarketEvent e = make_bar_open(at(0), x.instrument(), StreamId{0}, px("100"), qty("1000"));
        e.flags = kFlagOutOfSession;
        x.show(e);
        return x.fills();
    };
    EXPECT_EQ(filled(false), Fills{});
    EXPECT_EQ(filled(true), (Fills{{1, "10", "100"}}));
}

TEST(BarMatcher, HandlesNegativePrices) {
    Exchange x;
    x.send(0, Ticket::buy("1").limit("-37"));
    x.send(0, Ticket::sell("1").stop("-38"));
    x.minute(0, "-10", "5", "-40.32", "-37.63");
    EXPECT_EQ(x.fills(), (Fills{{1, "1", "-37"}, {2, "1", "-38"}}));
    EXPECT_EQ(x.cash(), "99999");  // was paid 37, paid 38
}

TEST(BarMatcher, GivesAnImmediateOrderTheNextOpenOnly) {
    SimConfig config;
    config.fill.participation = ratio("0.1");
    Exchange x(config);
    x.send(0, Ticket::buy("150").tif(TimeInForce::kIoc));
    x.send(0, Ticket::buy("10").limit("99").tif(TimeInForce::kIoc));
    x.open(0, "100", "1000");
    EXPECT_EQ(x.fills(), (Fills{{1, "100", "100"}}));
    EXPECT_EQ(x.ends(), (Ends{{1, ExecType::kCanceled, OrderReason::kNoLiquidity},
                              {2, ExecType::kCanceled, OrderReason::kNoLiquidity}}));
    EXPECT_EQ(x.exchange().live_orders(), 0U);
}

TEST(BarMatcher, FillsAFillOrKillOrderWhollyOrNotAtAll) {
    SimConfig config;
    config.fill.participation = ratio("0.1");
    Exchange x(config);
    x.send(0, Ticket::buy("101").tif(TimeInForce::kFok));
    x.send(0, Ticket::buy("100").tif(TimeInForce::kFok));
    x.open(0, "100", "1000");
    EXPECT_EQ(x.fills(), (Fills{{2, "100", "100"}}));
    EXPECT_EQ(x.ends(), (Ends{{1, ExecType::kCanceled, OrderReason::kNoLiquidity}}));
}

}  // namespace
}  // namespace fermata

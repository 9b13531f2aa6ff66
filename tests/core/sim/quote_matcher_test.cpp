// The cases of docs/fill-model.md on quotes, with the same numbers.
#include "core/sim/quote_matcher.hpp"

#include <gtest/gtest.h>

#include "tests/core/sim/exchange_fixture.hpp"

namespace fermata {
namespace {

const Ends kNoEnds;

TEST(QuoteMatcher, LetsAMarketOrderTakeTheDisplayedSizeAndWaitForMore) {
    Exchange x;
    x.quote(0, "100", "300", "100.10", "200");
    x.send(1, Ticket::buy("500"));
    EXPECT_EQ(x.fills(), (Fills{{1, "200", "100.1"}}));
    EXPECT_EQ(x.last().leaves_quantity, qty("300"));
    x.quote(2, "100", "300", "100.20", "1000");
    EXPECT_EQ(x.fills(), (Fills{{1, "200", "100.1"}, {1, "300", "100.2"}}));
}

TEST(QuoteMatcher, NeverConsumesTheSameDisplayedSizeTwice) {
    Exchange x;
    x.quote(0, "100", "300", "100.10", "200");
    x.send(1, Ticket::buy("150"));
    x.send(1, Ticket::buy("100"));                // 50 are left
    x.quote(2, "100", "300", "100.10", "200");    // the same quote again
    x.quote(3, "99.90", "100", "100.10", "200");  // the other side moved
    EXPECT_EQ(x.fills(), (Fills{{1, "150", "100.1"}, {2, "50", "100.1"}}));
    x.quote(4, "99.90", "100", "100.10", "201");  // new size
    EXPECT_EQ(x.fills().back(), (FillSeen{2, "50", "100.1"}));
}

TEST(QuoteMatcher, SellsAtTheBid) {
    Exchange x;
    x.quote(0, "100", "300", "100.10", "200");
    x.send(1, Ticket::sell("300"));
    EXPECT_EQ(x.fills(), (Fills{{1, "300", "100"}}));
}

TEST(QuoteMatcher, TakesAsMuchAsItWantsWhereSizesAreUnknown) {
    Exchange x;
    x.quote(0, "100", "0", "100.10", "0", kFlagSizeUnknown);
    x.send(1, Ticket::buy("1000000"));
    EXPECT_EQ(x.fills(), (Fills{{1, "1000000", "100.1"}}));
}

TEST(QuoteMatcher, CapsParticipationInTheDisplayedSize) {
    SimConfig config;
    config.fill.participation = ratio("0.25");
    Exchange x(config);
    x.quote(0, "100", "300", "100.10", "203");
    x.send(1, Ticket::buy("500"));
    EXPECT_EQ(x.fills(), (Fills{{1, "50", "100.1"}}));  // 50.75 in whole lots
}

TEST(QuoteMatcher, LetsAMarketableLimitTakeAtTheQuoteAndItsRestWaitWithinTheLimit) {
    Exchange x;
    x.quote(0, "100", "300", "100.10", "200");
    x.send(1, Ticket::buy("500").limit("100.15"));
    EXPECT_EQ(x.fills(), (Fills{{1, "200", "100.1"}}));
    x.quote(2, "100.05", "300", "100.12", "100");  // still takes: the market is still there
    EXPECT_EQ(x.fills().back(), (FillSeen{1, "100", "100.12"}));
    x.quote(3, "100.10", "300", "100.20", "100");  // away: from now on the rest only rests
    x.quote(4, "99.90", "300", "100", "1000");     // and is hit at its own price
    EXPECT_EQ(x.fills().back(), (FillSeen{1, "200", "100.15"}));
    EXPECT_EQ(x.last().liquidity, Liquidity::kMaker);
}

TEST(QuoteMatcher, HitsARestingLimitAtItsPriceWhenTheOtherSideReachesIt) {
    Exchange x;
    x.quote(0, "100", "300", "100.10", "200");
    x.send(1, Ticket::buy("100").limit("99.95"));
    x.quote(2, "99.90", "300", "99.96", "200");
    EXPECT_EQ(x.fills(), Fills{});
    x.quote(3, "99.80", "300", "99.90", "60");
    EXPECT_EQ(x.fills(), (Fills{{1, "60", "99.95"}}));
    EXPECT_EQ(x.last().liquidity, Liquidity::kMaker);
}

TEST(QuoteMatcher, NeedsTheQuoteBeyondARestingLimitWhenThroughIsConfigured) {
    SimConfig config;
    config.fill.limit = LimitFill::kThrough;
    Exchange x(config);
    x.quote(0, "100", "300", "100.10", "200");
    x.send(1, Ticket::buy("100").limit("99.95"));
    x.quote(2, "99.90", "300", "99.95", "200");
    EXPECT_EQ(x.fills(), Fills{});
    x.quote(3, "99.90", "300", "99.94", "200");
    EXPECT_EQ(x.fills(), (Fills{{1, "100", "99.95"}}));
}

TEST(QuoteMatcher, ServesTheBetterPriceFirstThenTheEarlierOrder) {
    Exchange x;
    x.quote(0, "100", "300", "100.10", "200");
    x.send(1, Ticket::buy("50").limit("99.90"));
    x.send(1, Ticket::buy("50").limit("99.95"));
    x.send(1, Ticket::buy("50").limit("99.95"));
    x.quote(2, "99.70", "300", "99.80", "120");
    EXPECT_EQ(x.fills(), (Fills{{2, "50", "99.95"}, {3, "50", "99.95"}, {1, "20", "99.9"}}));
}

TEST(QuoteMatcher, MatchesNothingOnACrossedQuote) {
    Exchange x;
    x.quote(0, "100.20", "300", "100.10", "200");
    x.send(1, Ticket::buy("100"));
    EXPECT_EQ(x.fills(), Fills{});
    x.quote(2, "100.10", "300", "100.10", "200");  // locked is a quote
    EXPECT_EQ(x.fills(), (Fills{{1, "100", "100.1"}}));
}

TEST(QuoteMatcher, MatchesNothingOnASideWithoutSize) {
    Exchange x;
    x.quote(0, "100", "300", "0", "0");
    x.send(1, Ticket::buy("100"));
    x.send(1, Ticket::sell("100"));
    EXPECT_EQ(x.fills(), (Fills{{2, "100", "100"}}));
}

TEST(QuoteMatcher, HandlesNegativeQuotes) {
    Exchange x;
    x.quote(0, "-37.70", "10", "-37.60", "10");
    x.send(1, Ticket::buy("5"));
    x.send(1, Ticket::sell("5").limit("-37.70"));
    EXPECT_EQ(x.fills(), (Fills{{1, "5", "-37.6"}, {2, "5", "-37.7"}}));
    EXPECT_EQ(x.cash(), "99999.5");  // paid -188, received -188.5
}

TEST(QuoteMatcher, TriggersStopsByTheQuoteWhereThereAreNoTrades) {
    Exchange x;
    x.quote(0, "100", "300", "100.10", "200");
    x.send(1, Ticket::sell("100").stop("99.50"));
    x.send(1, Ticket::buy("100").stop("100.60"));
    x.quote(2, "99.51", "300", "100.59", "200");
    EXPECT_EQ(x.ends(), kNoEnds);
    x.quote(3, "99.40", "300", "99.60", "200");
    EXPECT_EQ(x.fills(), (Fills{{1, "100", "99.4"}}));
    x.quote(4, "100.50", "300", "100.60", "200");
    EXPECT_EQ(x.fills().back(), (FillSeen{2, "100", "100.6"}));
}

TEST(QuoteMatcher, TriggersAStopAtOnceThatTheQuoteHasReachedAlready) {
    Exchange x;
    x.quote(0, "100", "300", "100.10", "200");
    x.send(1, Ticket::sell("100").stop("100.05"));
    EXPECT_EQ(x.ends(), (Ends{{1, ExecType::kTriggered, OrderReason::kNone}}));
    EXPECT_EQ(x.fills(), (Fills{{1, "100", "100"}}));
}

TEST(QuoteMatcher, LetsATriggeredStopLimitRestWhenTheQuoteIsBeyondItsLimit) {
    Exchange x;
    x.quote(0, "100", "300", "100.10", "200");
    x.send(1, Ticket::sell("100").stop("99.50").limit("99.30"));
    x.quote(2, "99.20", "300", "99.60", "200");
    EXPECT_EQ(x.ends(), (Ends{{1, ExecType::kTriggered, OrderReason::kNone}}));
    EXPECT_EQ(x.fills(), Fills{});
    x.quote(3, "99.35", "300", "99.60", "200");
    EXPECT_EQ(x.fills(), (Fills{{1, "100", "99.3"}}));  // hit at its own price
}

TEST(QuoteMatcher, CancelsWhatAnImmediateOrderCannotTakeAtOnce) {
    Exchange x;
    x.quote(0, "100", "300", "100.10", "200");
    x.send(1, Ticket::buy("500").tif(TimeInForce::kIoc));
    x.send(1, Ticket::buy("10").limit("100.05").tif(TimeInForce::kIoc));
    EXPECT_EQ(x.fills(), (Fills{{1, "200", "100.1"}}));
    EXPECT_EQ(x.ends(), (Ends{{1, ExecType::kCanceled, OrderReason::kNoLiquidity},
                              {2, ExecType::kCanceled, OrderReason::kNoLiquidity}}));
    EXPECT_EQ(x.last().leaves_quantity, Quantity::zero());
    EXPECT_EQ(x.exchange().live_orders(), 0U);
}

TEST(QuoteMatcher, FillsAFillOrKillOrderWhollyOrNotAtAll) {
    Exchange x;
    x.quote(0, "100", "300", "100.10", "200");
    x.send(1, Ticket::buy("201").tif(TimeInForce::kFok));
    x.send(1, Ticket::buy("200").tif(TimeInForce::kFok));
    EXPECT_EQ(x.fills(), (Fills{{2, "200", "100.1"}}));
    EXPECT_EQ(x.ends(), (Ends{{1, ExecType::kCanceled, OrderReason::kNoLiquidity}}));
}

TEST(QuoteMatcher, LetsAnImmediateOrderBeforeTheFirstQuoteMeetThatQuote) {
    Exchange x;
    x.send(0, Ticket::buy("10").tif(TimeInForce::kIoc));
    x.send(0, Ticket::buy("10").limit("99").tif(TimeInForce::kIoc));
    x.quote(1, "100", "300", "100.10", "200");
    EXPECT_EQ(x.fills(), (Fills{{1, "10", "100.1"}}));
    EXPECT_EQ(x.ends(), (Ends{{2, ExecType::kCanceled, OrderReason::kNoLiquidity}}));
}

TEST(QuoteMatcher, LetsALimitOrderThatFoundNoMarketTakeTheFirstQuote) {
    Exchange x;
    x.send(0, Ticket::buy("10").limit("110"));
    x.quote(1, "100", "300", "100.10", "200");
    EXPECT_EQ(x.fills(), (Fills{{1, "10", "100.1"}}));
}

TEST(QuoteMatcher, DoesNotMatchAQuoteFromBeforeAGapOrOutsideTheSession) {
    Exchange x({}, {.calendar = "exchange"});
    x.quote(0, "100", "300", "100.10", "200");
    x.gap(1);
    x.send(2, Ticket::buy("10"));
    EXPECT_EQ(x.fills(), Fills{});
    x.quote(3, "100", "300", "100.20", "200");
    EXPECT_EQ(x.fills(), (Fills{{1, "10", "100.2"}}));
    x.session(10, false);
    x.send(11, Ticket::buy("10"));
    x.send(11, Ticket::buy("10").tif(TimeInForce::kIoc));
    x.quote(12, "100", "300", "100.30", "200");
    EXPECT_EQ(x.fills().size(), 1U);
    EXPECT_EQ(x.ends(), (Ends{{3, ExecType::kCanceled, OrderReason::kMarketClosed}}));
    x.session(20, true);
    x.quote(21, "100", "300", "100.40", "200");
    EXPECT_EQ(x.fills().back(), (FillSeen{2, "10", "100.4"}));
}

TEST(QuoteMatcher, IgnoresBarsOnceThereAreQuotes) {
    Exchange x;
    x.quote(0, "100", "300", "100.10", "200");
    x.send(1, Ticket::buy("10").limit("99"));
    x.minute(60, "100", "101", "90", "95");
    EXPECT_EQ(x.fills(), Fills{});
}

TEST(QuoteMatcher, IsPassedOverWhenBarsAreConfiguredAsTheSource) {
    SimConfig config;
    config.fill.source = MatchSource::kBars;
    Exchange x(config);
    x.quote(0, "100", "300", "100.10", "200");
    x.send(1, Ticket::buy("10"));
    x.quote(2, "100", "300", "100.10", "250");
    EXPECT_EQ(x.fills(), Fills{});
    x.open(60, "101");
    EXPECT_EQ(x.fills(), (Fills{{1, "10", "101"}}));
}

TEST(QuoteMatcher, WorsensATakerByTheSpreadButNotARestingOrder) {
    SimConfig config;
    config.slippage.model = SlippageModel::kSpread;
    config.slippage.rate = ratio("0.5");
    Exchange x(config);
    x.quote(0, "100", "300", "100.04", "200");
    x.send(1, Ticket::buy("10"));                  // 100.04 + half of 0.04
    x.send(1, Ticket::buy("10").limit("100.05"));  // no further than its limit
    x.send(1, Ticket::buy("10").limit("99"));
    EXPECT_EQ(x.fills(), (Fills{{1, "10", "100.06"}, {2, "10", "100.05"}}));
    x.quote(2, "98.90", "300", "98.98", "200");
    EXPECT_EQ(x.fills().back(), (FillSeen{3, "10", "99"}));
}

}  // namespace
}  // namespace fermata

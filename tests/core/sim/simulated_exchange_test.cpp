// The life of an order at the simulated exchange: answers, changes, expiry, latency, the broker.
#include "core/sim/simulated_exchange.hpp"

#include <gtest/gtest.h>

#include <set>

#include "tests/core/sim/exchange_fixture.hpp"

namespace fermata {
namespace {

constexpr std::int64_t kDay = 86'400;
constexpr Exchange::Setup kCash{.kind = AccountKind::kCash};

TEST(SimulatedExchange, AcknowledgesAnOrderWithTheVenuesIds) {
    SimConfig config;
    config.venue = VenueId{3};
    config.id_epoch = 7;
    Exchange x(config);
    x.send(5, Ticket::buy("10").limit("99"));
    ASSERT_EQ(x.reports().size(), 1U);
    const OrderEvent& e = x.reports().front();
    EXPECT_EQ(e.type, OrderEventType::kExecution);
    EXPECT_EQ(e.ts, at(5));
    EXPECT_EQ(e.source, 3);
    EXPECT_EQ(e.cause, make_cause(CauseKind::kTrading, 1));
    const ExecutionData& x1 = e.data.execution;
    EXPECT_EQ(x1.exec_type, ExecType::kNew);
    EXPECT_EQ(x1.venue, VenueId{3});
    EXPECT_EQ(x1.venue_order_id.value, (std::uint64_t{7} << 32) + 1);
    EXPECT_EQ(x1.exec_id.value, (std::uint64_t{7} << 32) + 1);
    EXPECT_EQ(x1.leaves_quantity, qty("10"));
}

TEST(SimulatedExchange, NamesTheMarketEventThatCausedAFill) {
    Exchange x;
    x.send(0, Ticket::buy("10"));
    x.open(0, "100");
    EXPECT_EQ(x.reports().back().cause, make_cause(CauseKind::kMarket, 1));
    EXPECT_EQ(x.reports().back().feed_position, 1U);
}

TEST(SimulatedExchange, NeverRepeatsAnExecutionId) {
    Exchange x;
    x.quote(0, "100", "10", "100.10", "10");
    for (int i = 0; i < 5; ++i) x.send(1, Ticket::buy("4").tif(TimeInForce::kIoc));
    std::set<std::uint64_t> ids;
    for (const OrderEvent& e : x.reports()) ids.insert(e.data.execution.exec_id.value);
    EXPECT_EQ(ids.size(), x.reports().size());
}

TEST(SimulatedExchange, RejectsWhatItCannotWorkOn) {
    const auto reason = [](const Ticket& ticket) {
        Exchange x;
        x.send(100, ticket);
        EXPECT_EQ(x.last().exec_type, ExecType::kRejected);
        EXPECT_EQ(x.last().leaves_quantity, Quantity::zero());
        EXPECT_EQ(x.exchange().live_orders(), 0U);
        return x.last().reason;
    };
    EXPECT_EQ(reason(Ticket::buy("0")), OrderReason::kInvalidQuantity);
    EXPECT_EQ(reason(Ticket::buy("1").stop("99").tif(TimeInForce::kIoc)),
              OrderReason::kUnsupported);
    EXPECT_EQ(reason(Ticket::buy("1").limit("99").tif(TimeInForce::kGtd, at(100))),
              OrderReason::kExpireTime);
    Ticket stranger = Ticket::buy("1");
    stranger.data.account = AccountId{9};
    EXPECT_EQ(reason(stranger), OrderReason::kUnsupported);
}

TEST(SimulatedExchange, RejectsAnUnknownInstrument) {
    Exchange x;
    OrderEvent e = make_order_event(OrderEventType::kSendNew, at(0), InstrumentId{44});
    e.data.new_order = Ticket::buy("1").data;
    e.data.new_order.order_id = ClientOrderId{1};
    EventBuffer out(x.exchange().events_max());
    x.exchange().on_order(e, out);
    ASSERT_EQ(out.size(), 1U);
    EXPECT_EQ(out.span()[0].data.execution.reason, OrderReason::kUnknownInstrument);
}

TEST(SimulatedExchange, RejectsBeyondItsCapacityAndTakesAgainWhenThereIsRoom) {
    Exchange x({}, {.orders_max = 2});
    x.send(0, Ticket::buy("1").limit("9"));
    x.send(0, Ticket::buy("1").limit("9"));
    x.send(0, Ticket::buy("1").limit("9"));
    EXPECT_EQ(x.ends(), (Ends{{3, ExecType::kRejected, OrderReason::kUnsupported}}));
    x.cancel(1, 1);
    x.send(2, Ticket::buy("1").limit("9"));
    EXPECT_EQ(x.last().exec_type, ExecType::kNew);
}

TEST(SimulatedExchange, CancelsAnOrderAndRefusesToCancelItAgain) {
    Exchange x;
    x.send(0, Ticket::buy("10").limit("99"));
    x.cancel(1, 1);
    EXPECT_EQ(x.last().exec_type, ExecType::kCanceled);
    EXPECT_EQ(x.last().reason, OrderReason::kRequested);
    EXPECT_EQ(x.last().leaves_quantity, Quantity::zero());
    x.cancel(2, 1);
    EXPECT_EQ(x.last().exec_type, ExecType::kCancelRejected);
    EXPECT_EQ(x.last().reason, OrderReason::kTooLateToCancel);
    x.cancel(2, 55);
    EXPECT_EQ(x.last().reason, OrderReason::kUnknownOrder);
    x.minute(60, "100", "101", "90", "95");
    EXPECT_EQ(x.fills(), Fills{});
}

TEST(SimulatedExchange, ReplacesTermsAndLosesPriorityUnlessOnlySmaller) {
    Exchange x;
    x.quote(0, "100", "300", "100.10", "200");
    x.send(1, Ticket::buy("50").limit("99"));
    x.send(1, Ticket::buy("50").limit("99"));
    x.send(1, Ticket::buy("50").limit("99"));
    x.replace(2, 1, Ticket::buy("60").limit("99"));  // larger: behind 3
    x.replace(2, 2, Ticket::buy("40").limit("99"));  // smaller: keeps its place
    EXPECT_EQ(x.last().exec_type, ExecType::kReplaced);
    EXPECT_EQ(x.last().leaves_quantity, qty("40"));
    EXPECT_EQ(x.last().price, px("99"));
    x.quote(3, "98", "300", "98.90", "100");
    EXPECT_EQ(x.fills(), (Fills{{2, "40", "99"}, {3, "50", "99"}, {1, "10", "99"}}));
}

TEST(SimulatedExchange, LetsAReplacedLimitTakeAtOnce) {
    Exchange x;
    x.quote(0, "100", "300", "100.10", "200");
    x.send(1, Ticket::buy("50").limit("99"));
    x.replace(2, 1, Ticket::buy("50").limit("101"));
    EXPECT_EQ(x.fills(), (Fills{{1, "50", "100.1"}}));
}

TEST(SimulatedExchange, MovesAStopByReplacing) {
    Exchange x;
    x.send(0, Ticket::sell("10").stop("95"));
    x.replace(1, 1, Ticket::sell("10").stop("97"));
    x.minute(60, "100", "101", "96", "98");
    EXPECT_EQ(x.fills(), (Fills{{1, "10", "97"}}));
}

TEST(SimulatedExchange, RefusesAReplaceBelowWhatIsFilledOrOfAnOrderThatIsOver) {
    Exchange x;
    x.quote(0, "100", "300", "100.10", "30");
    x.send(1, Ticket::buy("50").limit("101"));
    x.replace(2, 1, Ticket::buy("30").limit("101"));
    EXPECT_EQ(x.last().exec_type, ExecType::kReplaceRejected);
    EXPECT_EQ(x.last().reason, OrderReason::kInvalidQuantity);
    EXPECT_EQ(x.last().leaves_quantity, qty("20"));
    x.cancel(3, 1);
    x.replace(4, 1, Ticket::buy("60").limit("101"));
    EXPECT_EQ(x.last().reason, OrderReason::kTooLateToCancel);
}

TEST(SimulatedExchange, ExpiresADayOrderAtTheCloseOfItsSession) {
    Exchange x({}, {.calendar = "exchange"});
    x.session(34'200, true);
    x.send(36'000, Ticket::buy("10").limit("90").tif(TimeInForce::kDay));
    x.send(36'000, Ticket::buy("10").limit("90"));  // good till canceled
    x.session(57'600, false);
    EXPECT_EQ(x.ends(), (Ends{{1, ExecType::kExpired, OrderReason::kSessionEnd}}));
    EXPECT_EQ(x.last_ts(), at(57'600));
    EXPECT_EQ(x.exchange().live_orders(), 1U);
}

TEST(SimulatedExchange, KeepsADayOrderThatWasSentOnTheCloseForTheNextSession) {
    Exchange x({}, {.calendar = "exchange"});
    x.session(34'200, true);
    x.open(34'200, "100", "100000", 3);
    x.bar(57'600, "100", "102", "99", "101", "100000", 3);
    x.send(57'600, Ticket::buy("10").tif(TimeInForce::kDay));  // on the end of the daily bar
    x.session(57'600, false);
    EXPECT_EQ(x.ends(), Ends{});
    x.session(kDay + 34'200, true);
    x.open(kDay + 34'200, "103", "100000", 3);
    EXPECT_EQ(x.fills(), (Fills{{1, "10", "103"}}));
}

// Without a calendar the day of an order is the UTC day of the first event that it meets. Daily
// bars of Tuesday the 2nd and Friday the 5th, which ends on Saturday at midnight.
TEST(SimulatedExchange, KeepsADayOrderThatCameInsideTheFirstBarOverTheNextBarsOfTheDay) {
    Exchange x;
    x.open(0, "100");
    x.send(30, Ticket::buy("10").limit("90").tif(TimeInForce::kDay));
    x.bar(60, "100", "101", "99", "100");
    x.minute(60, "100", "101", "99", "100");
    EXPECT_EQ(x.exchange().live_orders(), 1U);
    x.open(kDay, "100");
    EXPECT_EQ(x.ends(), (Ends{{1, ExecType::kExpired, OrderReason::kSessionEnd}}));
}

TEST(SimulatedExchange, EndsTheDayWithTheUtcDayWhereThereIsNoCalendar) {
    Exchange x;
    x.send(0, Ticket::buy("10").limit("90").tif(TimeInForce::kDay));
    x.open(0, "100", "100000", 3);
    x.bar(kDay, "100", "102", "99", "101", "100000", 3);
    x.send(kDay, Ticket::buy("10").tif(TimeInForce::kDay));
    EXPECT_EQ(x.ends(), Ends{});
    x.open(3 * kDay, "105", "100000", 3);
    EXPECT_EQ(x.ends(), (Ends{{1, ExecType::kExpired, OrderReason::kSessionEnd}}));
    EXPECT_EQ(x.fills(), (Fills{{2, "10", "105"}}));
}

TEST(SimulatedExchange, ExpiresAGoodTillDateOrderAtItsTime) {
    Exchange x;
    x.send(0, Ticket::buy("10").limit("90").tif(TimeInForce::kGtd, at(100)));
    x.send(0, Ticket::buy("10").limit("90").tif(TimeInForce::kGtd, at(50)));
    EXPECT_EQ(x.exchange().next_due(), at(50));
    x.cancel(10, 2);  // takes its expiry along
    EXPECT_EQ(x.exchange().next_due(), at(100));
    x.advance(at(99));
    EXPECT_EQ(x.exchange().live_orders(), 1U);
    x.advance(at(100));
    EXPECT_EQ(x.ends().back(), (ReportSeen{1, ExecType::kExpired, OrderReason::kExpireTime}));
    EXPECT_EQ(x.last_ts(), at(100));
    EXPECT_EQ(x.exchange().next_due(), Timestamp::never());
}

// Sent at 60 s on the close of a bar, 250 ms on the way: the open of 60 s is over when it arrives.
TEST(SimulatedExchange, MissesTheOpenThatLatencyMakesItMiss) {
    SimConfig config;
    config.latency_in = Duration::milliseconds(250);
    config.latency_out = Duration::milliseconds(100);
    Exchange x(config);
    x.minute(0, "100", "102", "99", "101");
    x.send(60, Ticket::buy("10"));
    EXPECT_EQ(x.exchange().next_due(), at(60) + Duration::milliseconds(250));
    x.minute(60, "101.50", "102", "101", "101.70");
    EXPECT_EQ(x.fills(), Fills{});
    x.open(120, "101.80");
    EXPECT_EQ(x.fills(), Fills{});  // the report is under way
    EXPECT_EQ(x.exchange().next_due(), at(120) + Duration::milliseconds(100));
    x.advance(at(121));
    EXPECT_EQ(x.fills(), (Fills{{1, "10", "101.8"}}));
    EXPECT_EQ(x.last_ts(), at(120) + Duration::milliseconds(100));
}

// Sent at 1.000 s, arrives at 1.250 s: it meets the quote of 1.2 s, and its report comes at 1.350
// s.
TEST(SimulatedExchange, MeetsTheQuoteThatStandsWhenItArrives) {
    SimConfig config;
    config.latency_in = Duration::milliseconds(250);
    config.latency_out = Duration::milliseconds(100);
    Exchange x(config);
    x.quote(1, "100", "300", "100.10", "200");
    x.send(1, Ticket::buy("10"));
    MarketEvent quote = make_quote(at(1) + Duration::milliseconds(200), x.instrument(), StreamId{1},
                                   {px("100.20"), qty("300"), px("100.30"), qty("200")});
    x.show(quote);
    x.advance(at(1) + Duration::milliseconds(300));
    EXPECT_EQ(x.reports().size(), 0U);
    x.advance(at(2));
    ASSERT_EQ(x.fills(), (Fills{{1, "10", "100.3"}}));
    EXPECT_EQ(x.last_ts(), at(1) + Duration::milliseconds(350));
}

TEST(SimulatedExchange, PerformsWhatIsDueBeforeAMarketEvent) {
    SimConfig config;
    config.latency_in = Duration::milliseconds(250);
    Exchange x(config);
    x.quote(1, "100", "300", "100.10", "200");
    x.send(1, Ticket::buy("10"));
    x.quote(2, "100.20", "300", "100.30", "200");
    EXPECT_EQ(x.fills(), (Fills{{1, "10", "100.1"}}));
}

TEST(SimulatedExchange, LetsACancelBeOvertakenByAFill) {
    SimConfig config;
    config.latency_in = Duration::milliseconds(250);
    Exchange x(config);
    x.quote(0, "100", "300", "100.10", "200");
    x.send(1, Ticket::buy("10").limit("99"));
    x.quote(2, "100", "300", "100.10", "200");
    x.cancel(2, 1);
    MarketEvent fall = make_quote(at(2) + Duration::milliseconds(100), x.instrument(), StreamId{1},
                                  {px("98"), qty("300"), px("98.50"), qty("200")});
    x.show(fall);
    x.advance(at(3));
    EXPECT_EQ(x.fills(), (Fills{{1, "10", "99"}}));
    EXPECT_EQ(x.ends(), (Ends{{1, ExecType::kCancelRejected, OrderReason::kTooLateToCancel}}));
}

// 950 x 105.30 = 100,035 and its fee of 100.035 exceed 100,000; 950 x 105.15 = 99,892.50 and
// 99.8925 come to 99,992.3925.
TEST(SimulatedExchange, RejectsAPurchaseThatCashDoesNotCoverAtTheFill) {
    SimConfig config;
    config.fees.model = FeeModel::kProportional;
    config.fees.rate = ratio("0.001");
    Exchange x(config, kCash);
    x.send(0, Ticket::buy("950"));
    x.open(0, "105.30");
    EXPECT_EQ(x.fills(), Fills{});
    EXPECT_EQ(x.ends(), (Ends{{1, ExecType::kRejected, OrderReason::kInsufficientFunds}}));
    EXPECT_EQ(x.cash(), "100000");
    EXPECT_EQ(x.exchange().live_orders(), 0U);  // no retry
    x.send(60, Ticket::buy("950"));
    x.open(60, "105.15");
    EXPECT_EQ(x.fills(), (Fills{{2, "950", "105.15"}}));
    EXPECT_EQ(x.last().fee, usd("99.8925"));
    EXPECT_EQ(x.cash(), "7.6075");
    EXPECT_EQ(x.position(), "950");
}

// The whole cash is enough, the fee's last micro is not.
TEST(SimulatedExchange, CountsTheFeeToTheMicro) {
    SimConfig config;
    config.fees.model = FeeModel::kProportional;
    config.fees.rate = ratio("0.001");
    const auto filled = [&](const char* cash) {
        Exchange x(config, {.kind = AccountKind::kCash, .cash = cash});
        x.send(0, Ticket::buy("62"));
        x.open(0, "1527.349976");  // 94,695.698512 + 94.695699
        return x.fills().size();
    };
    EXPECT_EQ(filled("94790.394211"), 1U);
    EXPECT_EQ(filled("94790.394210"), 0U);
}

TEST(SimulatedExchange, RefusesASaleBeyondThePositionOfACashAccount) {
    Exchange x({}, {.kind = AccountKind::kCash, .position = "100"});
    x.send(0, Ticket::sell("101"));
    x.send(0, Ticket::sell("100"));
    x.open(0, "50");
    EXPECT_EQ(x.ends(), (Ends{{1, ExecType::kRejected, OrderReason::kInsufficientPosition}}));
    EXPECT_EQ(x.fills(), (Fills{{2, "100", "50"}}));
    EXPECT_EQ(x.cash(), "105000");
}

TEST(SimulatedExchange, LetsAMarginAccountGoShortAndIntoDebt) {
    Exchange x;
    x.send(0, Ticket::sell("100"));
    x.open(0, "50");
    EXPECT_EQ(x.position(), "-100");
    x.send(60, Ticket::buy("5000"));
    x.open(60, "50");
    EXPECT_EQ(x.cash(), "-145000");  // 100,000 + 5,000 - 250,000
}

TEST(SimulatedExchange, CancelsTheRestWhenCashRunsOutAfterAPartialFill) {
    Exchange x({}, {.kind = AccountKind::kCash, .cash = "1000"});
    x.quote(0, "9", "100", "10", "60");
    x.send(1, Ticket::buy("120"));
    x.quote(2, "9", "100", "10.01", "60");
    EXPECT_EQ(x.fills(), (Fills{{1, "60", "10"}}));
    EXPECT_EQ(x.ends(), (Ends{{1, ExecType::kCanceled, OrderReason::kInsufficientFunds}}));
    EXPECT_EQ(x.last().cumulative_quantity, qty("60"));
}

// 2:1 on 101 shares: 202. The limit of 100.01 becomes 50.005, rounded down to the tick; the market
// is told nothing, the order manager applies the same rule.
TEST(SimulatedExchange, AdjustsPositionsAndRestingOrdersForASplit) {
    Exchange x({}, {.kind = AccountKind::kCash, .position = "101"});
    x.minute(0, "120", "120", "120", "120");
    x.send(60, Ticket::buy("10").limit("100.01"));
    x.send(60, Ticket::sell("101").limit("130"));
    x.split(120, 2, 1);
    EXPECT_EQ(x.position(), "202");
    EXPECT_EQ(x.cash(), "100000");
    x.minute(180, "60", "66", "50", "60");
    EXPECT_EQ(x.fills(), (Fills{{2, "202", "65"}, {1, "20", "50"}}));  // 65 is nearer to 60
}

TEST(SimulatedExchange, CancelsOrdersThatACorporateActionMakesMeaningless) {
    Exchange x;
    x.send(0, Ticket::buy("10").limit("100"));
    x.split(60, 1, 10);
    EXPECT_EQ(x.ends(), (Ends{{1, ExecType::kCanceled, OrderReason::kCorporateAction}}));
}

TEST(SimulatedExchange, PaysAndChargesDividends) {
    Exchange holder({}, {.position = "100"});
    holder.dividend(60, "0.55");
    EXPECT_EQ(holder.cash(), "100055");
    Exchange seller({}, {.position = "-100"});
    seller.dividend(60, "0.55");
    EXPECT_EQ(seller.cash(), "99945");
}

TEST(SimulatedExchange, IgnoresEventsOfInstrumentsThatItDoesNotKnow) {
    Exchange x;
    x.show(make_bar_open(at(0), InstrumentId{77}, StreamId{0}, px("1"), qty("1")));
    EXPECT_TRUE(x.reports().empty());
}

}  // namespace
}  // namespace fermata

// IN_FLIGHT: alone, and through the whole trading stage.

#include "risk/in_flight.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

#include "tests/risk/gate_fixture.hpp"
#include "tests/support/state_copy.hpp"
#include "tests/support/trading_world.hpp"

namespace fermata::testing {
namespace {

using test::cents;
using test::TradingWorld;
using test::units;

RiskConfig two_seconds() { return only({{"in_flight", "2s"}}); }

struct InFlightTest : ::testing::Test {
    LimitTable limits{two_seconds(), 2, 3, 2};
    InFlight in_flight{limits, 3};
    Timestamp now{1'700'000'000'000'000'000};

    void send(OrderEventType type, std::uint64_t tag, std::uint32_t instrument = 0) {
        OrderEvent e = make_order_event(type, now, {instrument});
        if (type == OrderEventType::kSendNew) {
            e.data.new_order = NewOrderData{};
            e.data.new_order.tag = {tag};
            e.data.new_order.order_id = {tag};
        } else {
            e.data.change = ChangeOrderData{};
            e.data.change.tag = {tag};
            e.data.change.order_id = {tag};
            e.data.change.change_id = 7;
        }
        in_flight.on_sent(e);
    }
    static Order order(std::uint64_t tag) {
        Order o;
        o.tag = {tag};
        o.id = {tag};
        return o;
    }
    std::vector<std::uint64_t> late() {
        std::vector<std::uint64_t> ids;
        while (in_flight.overdue(now)) {
            ids.push_back(in_flight.next(now).alert.data.alert.order_id.value);
        }
        return ids;
    }
};
using enum OrderEventType;

TEST_F(InFlightTest, AnAnswerAtTheLimitIsInTime) {
    send(kSendNew, 1);
    now = now + Duration::seconds(2);
    EXPECT_FALSE(in_flight.overdue(now));
    now = now + Duration::nanoseconds(1);
    ASSERT_TRUE(in_flight.overdue(now));
    const InFlight::Late late = in_flight.next(now);
    EXPECT_TRUE(late.trips);
    EXPECT_EQ(late.alert.instrument, InstrumentId{0});
    EXPECT_EQ(late.alert.data.alert.code, AlertCode::kUnanswered);
    EXPECT_EQ(late.alert.data.alert.order_id, ClientOrderId{1});
    EXPECT_EQ(late.alert.data.alert.detail[0], 0);
    EXPECT_EQ(late.alert.data.alert.detail[1], 2'000'000'001);
    EXPECT_FALSE(in_flight.overdue(now)) << "said once";
}

TEST_F(InFlightTest, WaitsForEachKindOfRequestUntilItIsAnswered) {
    for (const OrderEventType type : {kSendNew, kSendCancel, kSendReplace}) {
        send(type, 1);
        send(type, 2);
        Order o = order(1);
        o.acknowledged = type != kSendNew;
        o.cancel_pending = type == kSendCancel;
        o.replace_pending = type == kSendReplace;
        in_flight.on_order(o);
        EXPECT_EQ(in_flight.size(), 2U) << "something else was said of it";
        o.acknowledged = true;
        o.cancel_pending = o.replace_pending = false;
        in_flight.on_order(o);
        EXPECT_EQ(in_flight.size(), 1U);
        now = now + Duration::seconds(3);
        EXPECT_EQ(late(), (std::vector<std::uint64_t>{2}));
    }
}

TEST_F(InFlightTest, AnOrderThatIsOverOrForgottenOwesNothing) {
    for (const OrderEventType type : {kSendNew, kSendCancel, kSendReplace}) {
        for (std::uint64_t tag = 1; tag <= 3; ++tag) send(type, tag);
    }
    EXPECT_EQ(in_flight.size(), 9U);
    Order over = order(1);
    over.cancel_pending = over.replace_pending = true;
    over.state = OrderState::kCanceled;
    in_flight.on_order(over);
    in_flight.forget({2});
    EXPECT_EQ(in_flight.size(), 3U);
    now = now + Duration::seconds(3);
    EXPECT_EQ(late(), (std::vector<std::uint64_t>{3, 3, 3}));
}

TEST_F(InFlightTest, ASecondReplaceIsWaitedForFromItsOwnSending) {
    send(kSendReplace, 1);
    now = now + Duration::seconds(1);
    send(kSendReplace, 1);  // the first one was answered with the same event
    now = now + Duration::milliseconds(1'500);
    EXPECT_FALSE(in_flight.overdue(now));
    now = now + Duration::milliseconds(501);
    ASSERT_TRUE(in_flight.overdue(now));
    EXPECT_EQ(in_flight.next(now).alert.data.alert.detail[0], 7) << "the number of the change";
}

TEST_F(InFlightTest, SaysTheOldestFirstAndTripsAnInstrumentOnce) {
    send(kSendNew, 5, 1);
    send(kSendNew, 4, 2);
    now = now + Duration::seconds(1);
    send(kSendCancel, 5, 1);
    now = now + Duration::seconds(4);
    EXPECT_TRUE(in_flight.next(now).trips);
    EXPECT_TRUE(in_flight.next(now).trips);
    EXPECT_FALSE(in_flight.next(now).trips) << "tripped already";
    in_flight.release({1});
    send(kSendCancel, 9, 1);
    now = now + Duration::seconds(4);
    EXPECT_TRUE(in_flight.next(now).trips);
}

TEST_F(InFlightTest, OutlivesARestart) {
    send(kSendNew, 3, 2);
    send(kSendReplace, 1, 1);
    send(kSendNew, 1, 1);
    now = now + Duration::seconds(3);
    EXPECT_TRUE(in_flight.next(now).trips);
    test::restart(in_flight, limits, 3U);
    EXPECT_EQ(late(), (std::vector<std::uint64_t>{1, 1}));
    send(kSendNew, 8, 2);
    now = now + Duration::seconds(3);
    EXPECT_FALSE(in_flight.next(now).trips) << "instrument 2 was tripped before";
}

TEST_F(InFlightTest, RefusesNewOrdersWhileItCouldNotWatchThem) {
    GateWorld w(two_seconds());
    OrderEvent e = make_order_event(kSendNew, w.now, {0});
    e.data.new_order = NewOrderData{};
    for (std::uint64_t n = 1; n <= InFlight::kRequestsMax; ++n) {
        e.data.new_order.tag = {n << 16};
        w.gate().on_order_event(e, nullptr);
    }
    EXPECT_EQ(w.text(w.order(0, Side::kBuy, "1")), "IN_FLIGHT instrument too_many_orders -");
    e.data.new_order.tag = {1};
    w.gate().on_order_event(e, nullptr);  // nothing is lost or overwritten
    OrderEvent update = make_order_event(kOrderUpdate, w.now, {0});
    update.data.update = OrderUpdateData{};
    update.data.update.tag = {5 << 16};
    update.data.update.order_id = {5};
    w.gate().on_order_event(update, nullptr);
    EXPECT_EQ(w.text(w.order(0, Side::kBuy, "1")), "APPROVED");
}

TEST_F(InFlightTest, IsOffWithoutALimitAndWhereEventTimeSaysNothing) {
    GateWorld off(only({}));
    EXPECT_FALSE(off.gate().watches_orders());
    GateWorld w(two_seconds());
    w.gate().ignore_answers();
    OrderEvent e = make_order_event(kSendNew, w.now, {0});
    e.data.new_order = NewOrderData{};
    w.gate().on_order_event(e, nullptr);
    EXPECT_FALSE(w.gate().answers_overdue(w.now + Duration::seconds(3'600)));
    EXPECT_EQ(w.judge(w.order(0, Side::kBuy, "1")).checked & bit(ControlId::kInFlight), 0U);
}

/// The stage with venues that the test plays.
struct Unanswered : ::testing::Test {
    TradingWorld w{two_seconds()};
    std::uint64_t executions = 0;

    OrderTag place(std::uint32_t instrument = 0) {
        const OrderTag tag = w.submit(w.limit(0, instrument, Side::kBuy, 10, 100'00));
        w.settle();
        return tag;
    }
    OrderEvent report(OrderTag tag, ExecType type) {
        const Order& order = w.order(tag);
        OrderEvent e = make_order_event(OrderEventType::kExecution, w.now, order.instrument);
        e.data.execution = ExecutionData{};
        e.data.execution.order_id = order.id;
        e.data.execution.exec_id = {++executions};
        e.data.execution.exec_type = type;
        e.data.execution.leaves_quantity =
            type == ExecType::kCanceled ? Quantity::zero() : order.leaves();
        return e;
    }
    void pass(Duration d) {
        w.tick(d);
        w.quote(1, 99'99, 100'01);
        w.settle();
    }
    std::vector<TradingState> controls() const {
        std::vector<TradingState> states;
        for (const OrderEvent& e : w.on_record(OrderEventType::kControl)) {
            EXPECT_EQ(e.data.control.control, static_cast<std::uint8_t>(ControlId::kInFlight));
            EXPECT_EQ(e.data.control.scope, ControlScope::kInstrument);
            states.push_back(e.data.control.state);
        }
        return states;
    }
};

TEST_F(Unanswered, TurnUnknownKeepTheirExposureAndHaltTheInstrument) {
    const OrderTag tag = place();
    pass(Duration::milliseconds(1'990));
    EXPECT_EQ(w.order(tag).state, OrderState::kPendingNew);
    const std::size_t before = w.records.size();
    pass(Duration::milliseconds(20));
    EXPECT_EQ(w.order(tag).state, OrderState::kUnknown);
    EXPECT_EQ(w.orders.exposures().at({0}, {0}).buy, units(10)) << "it may still trade";
    EXPECT_EQ(w.gate.state(ControlScope::kInstrument, 0), TradingState::kHalted);
    EXPECT_EQ(w.gate.state(ControlScope::kInstrument, 1), TradingState::kActive);
    EXPECT_EQ(controls(), (std::vector{TradingState::kHalted}));
    // On record in this order, and caused by the market event that moved the time on.
    ASSERT_EQ(w.records.size(), before + 4);
    EXPECT_EQ(w.records[before].data.alert.code, AlertCode::kUnanswered);
    EXPECT_EQ(w.records[before].instrument, InstrumentId{0});
    EXPECT_EQ(w.records[before + 1].data.update.state, OrderState::kUnknown);
    EXPECT_EQ(w.records[before + 2].type, OrderEventType::kControl);
    EXPECT_EQ(cause_kind(w.records[before].cause), CauseKind::kMarket);
    EXPECT_EQ(w.sent(0).size(), 1U) << "nothing is sent again";
    place();
    EXPECT_EQ(w.sent(0).size(), 0U) << "nothing new is sent in that instrument";
    place(1);
    EXPECT_EQ(w.sent(0).size(), 1U);
}

TEST_F(Unanswered, AreTakenInWhenTheAnswerIsLateAndStayHalted) {
    const OrderTag tag = place();
    w.tick(Duration::seconds(5));
    w.tell(report(tag, ExecType::kNew));  // the late answer itself is what moves the time on
    EXPECT_EQ(w.alerts(AlertCode::kUnanswered), 1U);
    EXPECT_EQ(w.order(tag).state, OrderState::kNew);
    EXPECT_EQ(w.gate.state(ControlScope::kInstrument, 0), TradingState::kHalted);
    ControlData release;
    release.scope = ControlScope::kInstrument;
    w.control(release);
    w.settle();
    place();
    EXPECT_EQ(w.sent(0).size(), 2U);
}

TEST_F(Unanswered, CancelsAndReplacesAreWaitedForToo) {
    for (const bool cancels : {true, false}) {
        const OrderTag tag = place(cancels ? 0 : 2);
        w.tell(report(tag, ExecType::kNew));
        pass(Duration::seconds(10));
        EXPECT_EQ(w.alerts(AlertCode::kUnanswered), cancels ? 0U : 1U) << "answered";
        cancels ? w.cancel(tag) : w.replace(tag, 20, 100'00);
        w.settle();
        pass(Duration::seconds(2));
        EXPECT_EQ(w.order(tag).state, OrderState::kUnknown);
        EXPECT_EQ(w.alerts(AlertCode::kUnanswered), cancels ? 1U : 2U);
        if (cancels) continue;
        EXPECT_EQ(w.orders.exposures().at({0}, {2}).buy, units(20)) << "they may be in force";
    }
}

TEST_F(Unanswered, ACancelOfAnUnknownOrderIsSent) {
    const OrderTag tag = place();
    pass(Duration::seconds(3));
    (void)w.sent(0);
    w.cancel(tag);
    w.settle();
    ASSERT_EQ(w.sent(0).size(), 1U);
    w.tell(report(tag, ExecType::kCanceled));
    EXPECT_EQ(w.order(tag).state, OrderState::kCanceled);
    EXPECT_TRUE(w.orders.exposures().at({0}, {0}).buy.is_zero());
    pass(Duration::seconds(10));
    EXPECT_EQ(w.alerts(AlertCode::kUnanswered), 1U);
}

}  // namespace
}  // namespace fermata::testing

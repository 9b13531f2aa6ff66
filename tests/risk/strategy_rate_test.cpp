// REPEAT, REJECT_RATE: a strategy that runs away is halted.

#include "risk/strategy_rate.hpp"

#include <gtest/gtest.h>

#include "core/order/closing_tag.hpp"
#include "tests/risk/gate_fixture.hpp"

namespace fermata::testing {
namespace {

ControlData release(std::uint16_t strategy) {
    ControlData c;
    c.scope = ControlScope::kStrategy;
    c.target = strategy;
    return c;
}

TEST(GateRepeat, HaltsAStrategyAfterOneFillTooManyAndOnlyOnce) {
    GateWorld w(only({{"repeat", "3"}, {"repeat_window", "60s"}}));
    for (int i = 0; i < 3; ++i) w.tell_fill(0, "1", "100");
    EXPECT_EQ(w.gate().next_trip(), std::nullopt);
    EXPECT_EQ(w.text(w.order(0, Side::kBuy, "1")), "APPROVED");
    w.tell_fill(1, "1", "100");  // another instrument: it counts fills of the strategy
    EXPECT_EQ(w.text(w.order(0, Side::kBuy, "1")), "STATE strategy HALTED ACTIVE") << "at once";
    const auto trip = w.gate().next_trip();
    ASSERT_TRUE(trip);
    EXPECT_EQ(trip->scope, ControlScope::kStrategy);
    EXPECT_EQ(trip->target, 0U);
    EXPECT_EQ(trip->state, TradingState::kHalted);
    EXPECT_EQ(trip->control, static_cast<std::uint8_t>(ControlId::kRepeat));
    EXPECT_EQ(trip->cancel_orders, static_cast<std::uint8_t>(CancelOrders::kNone));
    EXPECT_EQ(w.gate().next_trip(), std::nullopt);
    w.tell_fill(0, "1", "100");
    EXPECT_EQ(w.gate().next_trip(), std::nullopt) << "once";
    EXPECT_EQ(render_codes(w.judge(w.order(0, Side::kBuy, "1")).failed), "STATE REPEAT");
    EXPECT_EQ(w.gate().state(ControlScope::kStrategy, 1), TradingState::kActive);
}

TEST(GateRepeat, CountsNoFillOfAnOrderThatClosesForAFlatten) {
    GateWorld w(only({{"repeat", "3"}, {"repeat_window", "60s"}}));
    for (std::uint64_t n = 1; n <= 20; ++n) {
        w.tell_fill(0, "1", "100", 0, 0, make_closing_tag(StrategyId{0}, n));
    }
    EXPECT_EQ(w.gate().next_trip(), std::nullopt);
    EXPECT_EQ(w.text(w.order(0, Side::kBuy, "1")), "APPROVED");
    for (std::uint64_t n = 1; n <= 4; ++n) {
        w.tell_fill(0, "1", "100", 0, 0, make_order_tag(StrategyId{0}, n));
    }
    EXPECT_TRUE(w.gate().next_trip().has_value()) << "its own fills count as before";
}

TEST(GateRepeat, IsReleasedByAnOperatorWhoNamesTheStrategy) {
    GateWorld w(only({{"repeat", "2"}, {"repeat_window", "60s"}}));
    for (int i = 0; i < 3; ++i) w.tell_fill(0, "1", "100", 1);
    ASSERT_TRUE(w.gate().next_trip());
    EXPECT_TRUE(w.gate().on_control(ControlData{}));  // the firm: not this strategy
    EXPECT_TRUE(w.gate().on_control(release(0)));     // another one
    OrderEvent e = w.order(0, Side::kBuy, "1");
    e.data.new_order.strategy = {1};
    e.data.new_order.tag = make_order_tag({1}, 1);
    EXPECT_EQ(render_codes(w.judge(e).failed), "STATE REPEAT");
    ControlData halted = release(1);
    halted.state = TradingState::kHalted;
    EXPECT_TRUE(w.gate().on_control(halted));  // no release
    e.data.new_order.tag = make_order_tag({1}, 2);
    e.data.new_order.order_id = make_client_order_id(20'000, 1, 500);
    EXPECT_EQ(render_codes(w.judge(e).failed), "STATE REPEAT");
    EXPECT_TRUE(w.gate().on_control(release(1)));
    e.data.new_order.tag = make_order_tag({1}, 3);
    e.data.new_order.order_id = make_client_order_id(20'000, 1, 501);
    EXPECT_EQ(w.text(e), "APPROVED");
    for (int i = 0; i < 2; ++i) w.tell_fill(0, "1", "100", 1);
    EXPECT_EQ(w.gate().next_trip(), std::nullopt) << "what came before the release is forgotten";
    w.tell_fill(0, "1", "100", 1);
    EXPECT_TRUE(w.gate().next_trip());
}

TEST(GateRepeat, ForgetsFillsThatAreAsOldAsTheWindow) {
    GateWorld w(only({{"repeat", "1"}, {"repeat_window", "60s"}}));
    for (int i = 0; i < 5; ++i) {
        w.tell_fill(0, "1", "100");
        w.now = w.now + Duration::seconds(60);
    }
    EXPECT_EQ(w.gate().next_trip(), std::nullopt);
    w.now = w.now - Duration{1};
    w.tell_fill(0, "1", "100");
    EXPECT_TRUE(w.gate().next_trip()) << "60 s less a nanosecond after the last";
}

TEST(GateRejectRate, CountsOrdersThatVenuesRejected) {
    GateWorld w(only({{"reject_rate", "2"}, {"reject_rate_window", "10s"}}));
    Order order = w.open(w.limit(0, Side::kBuy, "1", "100"));
    const auto rejected = [&](OrderState previous) {
        order.state = OrderState::kRejected;
        w.tell(order, previous);
    };
    rejected(OrderState::kPendingNew);
    order.state = OrderState::kDenied;  // by the gate: no venue saw it
    for (int i = 0; i < 5; ++i) w.tell(order);
    rejected(OrderState::kPendingNew);
    rejected(OrderState::kRejected);  // said again
    EXPECT_EQ(w.gate().next_trip(), std::nullopt);
    rejected(OrderState::kPendingNew);
    const auto trip = w.gate().next_trip();
    ASSERT_TRUE(trip);
    EXPECT_EQ(trip->control, static_cast<std::uint8_t>(ControlId::kRejectRate));
    EXPECT_EQ(render_codes(w.judge(w.order(0, Side::kBuy, "1")).failed), "STATE REJECT_RATE");
}

TEST(GateParent, HaltsAndCancelsWhatAsksForMoreThanItsParentAgainAndAgain) {
    GateWorld w(only({{"parent", "2"}, {"parent_window", "10s"}}));
    w.trade(0, "100");
    const auto exceeds = [&](std::uint16_t strategy) {
        OrderEvent e = make_order_event(OrderEventType::kAlert, w.now, InstrumentId{0});
        e.data.alert = AlertData{};
        e.data.alert.code = AlertCode::kParentExceeded;
        e.data.alert.strategy = {strategy};
        w.gate().on_order_event(e, nullptr);
    };
    exceeds(0);
    exceeds(0);
    exceeds(1);
    w.now = w.now + Duration::seconds(10);  // the first two are out of the window
    exceeds(0);
    exceeds(0);
    EXPECT_EQ(w.gate().next_trip(), std::nullopt);
    exceeds(0);
    const auto trip = w.gate().next_trip();
    ASSERT_TRUE(trip);
    EXPECT_EQ(trip->control, static_cast<std::uint8_t>(ControlId::kParent));
    EXPECT_EQ(trip->scope, ControlScope::kStrategy);
    EXPECT_EQ(trip->target, 0U);
    EXPECT_EQ(trip->state, TradingState::kHalted);
    EXPECT_EQ(trip->cancel_orders, static_cast<std::uint8_t>(CancelOrders::kAll));
    EXPECT_EQ(render_codes(w.judge(w.order(0, Side::kBuy, "1")).failed), "STATE PARENT");
    ControlData release;
    release.scope = ControlScope::kStrategy;
    ASSERT_TRUE(w.gate().on_control(release));
    EXPECT_EQ(w.text(w.order(0, Side::kBuy, "2")), "APPROVED");
}

}  // namespace
}  // namespace fermata::testing

// DRAWDOWN, and what concerns all controls together.

#include <gtest/gtest.h>

#include "core/order/stage_events.hpp"
#include "tests/risk/gate_fixture.hpp"
#include "tests/risk/gate_inputs.hpp"

namespace fermata::testing {
namespace {

TEST(GateDrawdown, TripsOnceBeyondTheLimitAndHaltsTheFirm) {
    GateWorld w(only({{"drawdown", "15%"}}));
    w.trade(0, "100");
    Gate& gate = w.gate();
    EXPECT_TRUE(gate.watches_equity());
    EXPECT_FALSE(gate.on_equity({0}, money("100000"), w.now));
    EXPECT_FALSE(gate.on_equity({0}, money("120000"), w.now));
    EXPECT_FALSE(gate.on_equity({0}, money("102000"), w.now));  // 15% of 120,000: at the limit
    const auto tripped = gate.on_equity({0}, money("101999.999999"), w.now);
    ASSERT_TRUE(tripped);
    EXPECT_EQ(tripped->scope, ControlScope::kFirm);
    EXPECT_EQ(tripped->state, TradingState::kHalted);
    EXPECT_EQ(tripped->cancel_orders, 1);
    EXPECT_EQ(tripped->control, static_cast<std::uint8_t>(ControlId::kDrawdown));
    EXPECT_FALSE(gate.on_equity({0}, money("50000"), w.now)) << "once";
    EXPECT_EQ(render_codes(w.judge(w.order(0, Side::kBuy, "1")).failed), "STATE DRAWDOWN");
}

TEST(GateDrawdown, StartsAgainWhenAnOperatorReleasesTheFirm) {
    GateWorld w(only({{"drawdown", "15%"}}));
    w.trade(0, "100");
    Gate& gate = w.gate();
    (void)gate.on_equity({0}, money("100000"), w.now);
    ControlData c = gate.on_equity({0}, money("80000"), w.now).value();
    EXPECT_TRUE(gate.on_control(c));  // the owner hands its own halt back: no release
    EXPECT_EQ(gate.state(ControlScope::kFirm, 0), TradingState::kHalted);
    ControlData release;
    release.state = TradingState::kActive;
    EXPECT_TRUE(gate.on_control(release));
    EXPECT_EQ(w.text(w.order(0, Side::kBuy, "1")), "APPROVED");
    EXPECT_FALSE(gate.on_equity({0}, money("80000"), w.now)) << "the new high-water mark";
    EXPECT_FALSE(gate.on_equity({0}, money("68000"), w.now));
    EXPECT_TRUE(gate.on_equity({0}, money("67999.999999"), w.now));
}

TEST(GateDrawdown, TakesDepositsAndWithdrawalsOutOfTheAccount) {
    GateWorld w(only({{"drawdown", "15%"}}));
    Gate& gate = w.gate();
    (void)gate.on_equity({0}, money("100000"), w.now);
    gate.on_flow({0}, money("-50000"));  // equity 50,000 is no loss
    EXPECT_FALSE(gate.on_equity({0}, money("50000"), w.now));
    EXPECT_FALSE(gate.on_equity({0}, money("42500"), w.now));
    gate.on_flow({0}, money("100000"));  // the mark is 150,000 now
    EXPECT_FALSE(gate.on_equity({0}, money("142500"), w.now));
    EXPECT_TRUE(gate.on_equity({0}, money("127499"), w.now));
}

TEST(GateDrawdown, WatchesEachAccountAndNoneWithoutAPositiveMark) {
    RiskConfig config;
    ASSERT_TRUE(config.set_override(Scope::kAccount, 1, "drawdown", "0.3"));
    GateWorld w(config);
    Gate& gate = w.gate();
    EXPECT_FALSE(gate.on_equity({1}, money("-5"), w.now));
    EXPECT_FALSE(gate.on_equity({1}, money("-500"), w.now));
    EXPECT_FALSE(gate.on_equity({1}, money("100"), w.now));
    EXPECT_FALSE(gate.on_equity({1}, money("70"), w.now));
    EXPECT_TRUE(gate.on_equity({1}, money("69.9"), w.now));
    EXPECT_FALSE(GateWorld(only({})).gate().watches_equity());
}

TEST(Gate, SetsTheBitOfEveryControlThatRefuses) {
    RiskConfig config;
    ASSERT_TRUE(config.set_limit("day_trade", "0"));
    ASSERT_TRUE(config.set_limit("day_trade_equity", "1000000"));
    config.permit({.strategy = 0, .account = 0, .instrument = {}, .venue = {}});
    config.permit({.strategy = 1, .account = {}, .instrument = {}, .venue = {}});
    const Timestamp later = GateWorld().now + Duration::seconds(1);
    config.restrict_trading({.instrument = 0, .from = later});
    GateWorld w(config);
    w.instrument(0).average_daily_volume = quantity("1000");
    w.instrument(0).sector = "technology";
    w.hold(0, "1", "100", 1);
    Gate& gate = w.gate();

    // An order of another strategy, which is not bound by the permission, rests.
    OrderEvent used = w.limit(0, Side::kSell, "2", "100");  // one more than is held
    used.data.new_order.strategy = {1};
    used.data.new_order.account = {1};
    used.data.new_order.tag = make_order_tag({1}, 1);
    ASSERT_EQ(w.text(used), "APPROVED");
    Order resting = w.open(used);
    w.tell(resting);

    w.now = later;
    w.quote(0, "100", "99");
    MarketEvent gap = make_event(MarketEventType::kGap, w.now, {0}, {});
    gap.data.gap = GapData{};
    w.market(gap);
    tell_band(gate, {0}, price("95"), price("105"));
    tell_clock_offset(gate, Duration::seconds(1));
    (void)tell(gate, RiskInputKind::kRecovering, {}, 1);
    (void)tell(gate, RiskInputKind::kBuild, {}, 1, 2);
    (void)tell(gate, RiskInputKind::kJournalLag, {}, Duration::seconds(3'601).ns);
    (void)tell(gate, RiskInputKind::kDropCopy, {}, Duration::seconds(6).ns);
    (void)tell(gate, RiskInputKind::kBuyingPower, {}, 0, 0, 1);
    OrderEvent sent = make_order_event(OrderEventType::kSendNew, w.now, {0});
    sent.data.new_order = NewOrderData{};
    gate.on_order_event(sent, nullptr);
    ASSERT_TRUE(gate.answers_overdue(w.now + Duration::seconds(3)));
    (void)gate.next_unanswered(w.now + Duration::seconds(3));
    (void)gate.on_equity({1}, money("100"), w.now);
    (void)gate.on_equity({1}, money("1"), w.now);
    for (int n = 0; n < 51; ++n) w.tell_fill(1, "1", "100");
    w.tell_fill(0, "1", "100", 1);
    w.tell_fill(0, "1", "110", 1);  // ten percent apart
    Order rejected = resting;
    rejected.id = {999};
    rejected.strategy = {0};
    rejected.state = OrderState::kRejected;
    for (int n = 0; n < 11; ++n) w.tell(rejected);
    OrderEvent exceeded = make_order_event(OrderEventType::kAlert, w.now, {0});
    exceeded.data.alert = alert_data(AlertCode::kParentExceeded, 2, 1);
    for (int n = 0; n < 2; ++n) gate.on_order_event(exceeded, nullptr);
    OrderEvent cancel = w.replace(Order{}, "1", "1");
    for (int i = 0; i < 200; ++i) gate.count_cancel(cancel);

    OrderEvent e = in_account(1, w.limit(0, Side::kBuy, "2000.5", "250.001"));
    e.data.new_order.order_id = used.data.new_order.order_id;
    e.data.new_order.tif = TimeInForce::kGtd;
    e.data.new_order.expire_time = w.now;
    e.data.new_order.flags = kOrderBasket;
    e.data.new_order.link = 1;
    const VerdictData v = w.judge(e);
    // The fills that trip COLLAR_TIME leave room for orders, SHORT is about sales, CORRELATED about
    // names that are not held yet, and WASH_SALE refuses nothing.
    constexpr std::uint64_t kAll = kAllControls & ~bit(ControlId::kOrderToTrade) &
                                   ~bit(ControlId::kShort) & ~bit(ControlId::kCorrelated) &
                                   ~bit(ControlId::kWashSale);
    EXPECT_EQ(render_codes(v.failed), render_codes(kAll));
    EXPECT_EQ(v.checked, kAllControls);
    EXPECT_EQ(v.approved, 0);
    EXPECT_EQ(render_verdict(v), "STATE firm HALTED ACTIVE 0123456789abcdef");
    for (const Control& c : kControls) {
        EXPECT_EQ(gate.counts().by_control[static_cast<std::size_t>(c.id)],
                  (kAll & bit(c.id)) != 0 ? 1U : 0U)
            << c.code;
    }
}

TEST(Gate, AppliesOverridesOfStrategyInstrumentAndAccount) {
    RiskConfig config = only({{"position", "5%"}});
    ASSERT_TRUE(config.set_override(Scope::kInstrument, 1, "position", "10%"));
    ASSERT_TRUE(config.set_override(Scope::kStrategy, 1, "position", "1%"));
    GateWorld w(config);
    w.trade(0, "100");
    w.trade(1, "100");
    const auto by_strategy_1 = [&](const OrderEvent& order) {
        OrderEvent e = order;
        e.data.new_order.strategy = {1};
        e.data.new_order.tag = make_order_tag({1}, e.data.new_order.tag.value & 0xffff);
        return w.text(e);
    };
    EXPECT_EQ(w.text(w.order(0, Side::kBuy, "51")), "POSITION instrument 5100 5000");
    EXPECT_EQ(w.text(w.order(1, Side::kBuy, "100")), "APPROVED");
    EXPECT_EQ(w.text(w.order(1, Side::kBuy, "101")), "POSITION instrument 10100 10000");
    EXPECT_EQ(by_strategy_1(w.order(1, Side::kBuy, "10")), "APPROVED");
    EXPECT_EQ(by_strategy_1(w.order(1, Side::kBuy, "11")), "POSITION instrument 1100 1000");
}

TEST(GateReservePrice, IsWhatTheOrderManagerReserves) {
    RiskConfig config;
    ASSERT_TRUE(config.set_override(Scope::kInstrument, 1, "collar", "0.1"));
    GateWorld w(config);
    EXPECT_EQ(w.gate().reserve_price(w.order(0, Side::kBuy, "1")), Price{});
    w.trade(0, "100");
    w.trade(1, "100");
    EXPECT_EQ(w.gate().reserve_price(w.order(0, Side::kBuy, "1")), price("105"));
    EXPECT_EQ(w.gate().reserve_price(w.order(1, Side::kBuy, "1")), price("110"));
    const Order live = w.open(w.limit(0, Side::kBuy, "5", "99"));
    const OrderEvent lower = w.replace(live, "5", "98");
    (void)w.gate().check_replace(lower, live);
    EXPECT_EQ(w.gate().reserve_price(lower), price("99")) << "the old terms may still trade";
    const OrderEvent higher = w.replace(live, "5", "99.5");
    (void)w.gate().check_replace(higher, live);
    EXPECT_EQ(w.gate().reserve_price(higher), price("99.5"));
}

}  // namespace
}  // namespace fermata::testing

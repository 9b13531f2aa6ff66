// What the order manager sends without a request in hand passes the gate once more when it is due:
// through the whole trading stage, at venues that know market and limit orders alone.

#include <gtest/gtest.h>

#include <vector>

#include "tests/risk/gate_fixture.hpp"
#include "tests/risk/gate_inputs.hpp"
#include "tests/support/trading_world.hpp"

namespace fermata::testing {
namespace {

using test::cents;
using test::TradingWorld;
using test::units;
using enum OrderEventType;

OrderManagerConfig plain_venues() {
    OrderManagerConfig config{4'096, 65'536, 20'000, 1};
    VenueCapabilities plain;
    plain.types = 1U << static_cast<unsigned>(OrderType::kMarket) |
                  1U << static_cast<unsigned>(OrderType::kLimit);
    plain.features = 0;
    config.venues = {plain, plain};
    return config;
}

/// The quote is 99.99 to 100.01.
struct World : TradingWorld {
    explicit World(const RiskConfig& risk = RiskConfig(RiskProfile::kUnlimited))
        : TradingWorld(risk, plain_venues()) {}

    OrderTag stop(Side side, std::int64_t trigger_cents, std::uint16_t strategy = 0,
                  std::int64_t quantity = 10, std::uint8_t flags = 0) {
        OrderEvent e = limit(strategy, 0, side, quantity, 0);
        e.data.new_order.type = OrderType::kStop;
        e.data.new_order.stop_price = cents(trigger_cents);
        e.data.new_order.flags = flags;
        return taken(e);
    }
    OrderTag mid_peg(std::int64_t quantity = 10) {
        OrderEvent e = limit(0, 0, Side::kBuy, quantity, 0);
        e.data.new_order.type = OrderType::kPegged;
        e.data.new_order.offset_kind = OffsetKind::kPegMid;
        return taken(e);
    }
    OrderTag taken(const OrderEvent& e) {
        submit(e);
        settle();
        return e.data.new_order.tag;
    }
    void moves(std::int64_t bid_cents, std::int64_t ask_cents) {
        tick(Duration::milliseconds(200));  // a peg follows no sooner than after 100 ms
        quote(0, bid_cents, ask_cents);
        settle();
    }
    void trades(std::int64_t at_cents) {
        TradeData d;
        d.price = cents(at_cents);
        d.quantity = units(1);
        market(make_trade(tick(), {0}, {}, d));
        settle();
    }
    /// The next session begins after one that closed there.
    void closes_and_opens_again(std::int64_t at_cents) {
        trades(at_cents);
        market(session_event(tick(), {0}, false));
        market(session_event(tick(), {0}, true));
        settle();
    }
    void set(TradingState state, ControlScope scope = ControlScope::kFirm,
             CancelOrders cancels = CancelOrders::kNone) {
        ControlData c;
        c.scope = scope;
        c.state = state;
        c.cancel_orders = static_cast<std::uint8_t>(cancels);
        c.control = 0xff;
        control(c);
        settle();
    }
    void answer(ExecType type, const OrderEvent& sent, std::int64_t filled = 0) {
        const bool fresh = sent.type == kSendNew;
        OrderEvent e = make_order_event(kExecution, tick(), sent.instrument);
        e.data.execution = ExecutionData{};
        ExecutionData& x = e.data.execution;
        x.order_id = fresh ? sent.data.new_order.order_id : sent.data.change.order_id;
        x.venue_order_id = {x.order_id.value};
        x.exec_id = {++executions_};
        x.exec_type = type;
        const Quantity all = fresh ? sent.data.new_order.quantity : sent.data.change.quantity;
        if (filled != 0) {
            x.last_quantity = x.cumulative_quantity = units(filled);
            x.last_price = cents(10'000);
        }
        x.leaves_quantity = all - units(filled);
        if (type == ExecType::kReplaced) x.price = sent.data.change.price;
        if (type == ExecType::kCanceled) x.leaves_quantity = Quantity::zero();
        tell(e);
    }
    /// Ten shares, bought at the market.
    void holds_ten(std::uint16_t strategy = 0) {
        taken(limit(strategy, 0, Side::kBuy, 10, 10'001));
        const OrderEvent sent_now = only_sent();
        answer(ExecType::kNew, sent_now);
        answer(ExecType::kTrade, sent_now, 10);
    }
    OrderEvent only_sent() {
        const std::vector<OrderEvent> all = sent(0);
        EXPECT_EQ(all.size(), 1U);
        return all.empty() ? OrderEvent{} : all[0];
    }
    /// Verdicts about what goes out by itself, of that kind.
    std::vector<VerdictData> verdicts(OrderEventType action) const {
        std::vector<VerdictData> found;
        for (const OrderEvent& e : on_record(kVerdict)) {
            if (e.data.verdict.action == static_cast<std::uint8_t>(action)) {
                found.push_back(e.data.verdict);
            }
        }
        return found;
    }

private:
    std::uint64_t executions_ = 0;
};

TEST(Release, AHaltKeepsAStopThatWasHeldBeforeAndItsReleaseLetsItGo) {
    World w;
    const OrderTag tag = w.stop(Side::kBuy, 10'100);
    w.set(TradingState::kHalted);
    w.moves(10'150, 10'152);
    EXPECT_TRUE(w.sent(0).empty());
    EXPECT_TRUE(w.order(tag).held);
    EXPECT_TRUE(w.order(tag).triggered);
    const auto kept = w.verdicts(kSendNew);
    ASSERT_EQ(kept.size(), 1U);
    EXPECT_EQ(kept[0].approved, 0);
    EXPECT_EQ(kept[0].failed, bit(ControlId::kState));
    EXPECT_EQ(kept[0].tag, tag);
    for (int n = 0; n < 5; ++n) w.moves(10'160 + n, 10'162 + n);
    EXPECT_EQ(w.verdicts(kSendNew).size(), 1U) << "the same answer is on record once";

    w.set(TradingState::kActive);
    w.moves(10'090, 10'092);  // it was touched, and stays so
    const OrderEvent sent = w.only_sent();
    EXPECT_EQ(sent.type, kSendNew);
    EXPECT_EQ(sent.data.new_order.type, OrderType::kMarket);
    ASSERT_EQ(w.verdicts(kSendNew).size(), 2U);
    EXPECT_EQ(w.verdicts(kSendNew)[1].approved, 1);
}

TEST(Release, EveryScopeThatIsHaltedKeepsItsOrdersAndNoOther) {
    for (const ControlScope scope :
         {ControlScope::kStrategy, ControlScope::kAccount, ControlScope::kVenue}) {
        World w;
        w.stop(Side::kBuy, 10'100, 0);
        OrderEvent other = w.limit(1, 0, Side::kBuy, 7, 0);
        other.data.new_order.type = OrderType::kStop;
        other.data.new_order.stop_price = cents(10'100);
        other.data.new_order.venue = {1};
        w.taken(other);
        w.set(TradingState::kHalted, scope);
        w.moves(10'150, 10'152);
        EXPECT_TRUE(w.sent(0).empty());
        ASSERT_EQ(w.sent(1).size(), 1U);
    }
}

TEST(Release, AHaltedPegStaysWhereItIs) {
    World w;
    const OrderTag tag = w.mid_peg();
    w.answer(ExecType::kNew, w.only_sent());
    w.set(TradingState::kHalted);
    w.moves(10'099, 10'101);
    w.moves(10'199, 10'201);
    EXPECT_TRUE(w.sent(0).empty());
    EXPECT_EQ(w.order(tag).price, cents(10'000));
    ASSERT_EQ(w.verdicts(kSendReplace).size(), 1U);
    w.set(TradingState::kActive);
    w.moves(10'199, 10'201);
    const OrderEvent sent = w.only_sent();
    EXPECT_EQ(sent.type, kSendReplace);
    EXPECT_EQ(sent.data.change.price, cents(10'200));
}

TEST(Release, AnIcebergShowsNoNextSliceWhileItIsHalted) {
    World w;
    OrderEvent e = w.limit(0, 0, Side::kBuy, 30, 10'000);
    e.data.new_order.display_quantity = units(10);
    w.taken(e);
    const OrderEvent first = w.only_sent();
    EXPECT_EQ(first.data.new_order.quantity, units(10));
    w.answer(ExecType::kNew, first);
    w.set(TradingState::kHalted);
    w.answer(ExecType::kTrade, first, 10);
    EXPECT_TRUE(w.sent(0).empty());
    w.set(TradingState::kActive);
    w.moves(9'999, 10'001);
    EXPECT_EQ(w.only_sent().data.new_order.quantity, units(10));
    w.moves(9'998, 10'000);
    EXPECT_TRUE(w.sent(0).empty()) << "one slice at a time";
}

TEST(Release, ReducingLetsAStopThatProtectsGoAndKeepsOneThatOpens) {
    World w;
    w.holds_ten();
    const OrderTag opens = w.stop(Side::kBuy, 10'100);
    w.stop(Side::kSell, 9'900);
    w.set(TradingState::kReducing);
    w.moves(10'150, 10'152);
    EXPECT_TRUE(w.sent(0).empty());
    EXPECT_TRUE(w.order(opens).held);
    w.moves(9'850, 9'852);
    const OrderEvent sent = w.only_sent();
    EXPECT_EQ(sent.data.new_order.side, Side::kSell);
    EXPECT_EQ(sent.data.new_order.quantity, units(10));
}

TEST(Release, AStubQuoteMovesNoPegAndRaisesNoReserve) {
    World w(only({{"crossed_spread", "5%"}}));
    const OrderTag at_work = w.mid_peg();
    w.answer(ExecType::kNew, w.only_sent());
    const OrderTag held = w.stop(Side::kBuy, 10'100);
    const Money reserved = w.orders.exposures().at({0}, {0}).buy_value;
    w.moves(1, 19'999'999);
    EXPECT_TRUE(w.sent(0).empty());
    EXPECT_EQ(w.order(at_work).price, cents(10'000));
    EXPECT_TRUE(w.order(held).held);
    EXPECT_EQ(w.orders.exposures().at({0}, {0}).buy_value, reserved);
    ASSERT_EQ(w.verdicts(kSendReplace).size(), 1U);
    EXPECT_EQ(w.verdicts(kSendReplace)[0].failed, bit(ControlId::kCrossed));
}

TEST(Release, APegThatWasHeldIsNotValuedAtAPriceThatItMayNotHave) {
    World w(only({{"collar", "5%"}}));
    w.set(TradingState::kActive);
    OrderEvent e = w.limit(0, 1, Side::kBuy, 10, 0);  // pegged to the offer, 50 more than it
    e.data.new_order.type = OrderType::kPegged;
    e.data.new_order.offset_kind = OffsetKind::kPegMarket;
    w.taken(e);
    EXPECT_EQ(w.sent(0).size(), 1U);
    w.set(TradingState::kHalted);
    w.quote(1, 9'999, 60'000);
    w.settle();
    EXPECT_TRUE(w.sent(0).empty());
    EXPECT_LT(w.order(e.data.new_order.tag).reserve_price, cents(60'000));
}

TEST(Release, AShortStopIsKeptInsideTheCircuitBreaker) {
    World w(only({{"short", "10%"}}));
    w.closes_and_opens_again(10'000);
    const OrderTag tag = w.stop(Side::kSell, 9'050);
    ASSERT_TRUE(w.order(tag).held) << "there is no decline yet";
    w.trades(9'000);  // 10% below the close before, and through the trigger
    EXPECT_TRUE(w.sent(0).empty());
    ASSERT_EQ(w.verdicts(kSendNew).size(), 1U);
    EXPECT_EQ(w.verdicts(kSendNew)[0].failed, bit(ControlId::kShort));
    EXPECT_TRUE(w.order(tag).has(kOrderShort));
}

TEST(Release, AStopThatProtectsIsNoShortSaleBesideItsTarget) {
    World w(only({{"short", "10%"}}));
    w.closes_and_opens_again(10'000);
    w.holds_ten();
    const auto leg = [&](OrderEvent e) {
        e.data.new_order.link = 7;
        e.data.new_order.link_role = LinkRole::kOco;
        return w.taken(e);
    };
    leg(w.limit(0, 0, Side::kSell, 10, 10'400));
    w.answer(ExecType::kNew, w.only_sent());
    OrderEvent e = w.limit(0, 0, Side::kSell, 10, 0);
    e.data.new_order.type = OrderType::kStop;
    e.data.new_order.stop_price = cents(9'050);
    const OrderTag stop = leg(e);
    w.trades(9'000);  // 10% below the close before, and through the trigger
    EXPECT_FALSE(w.order(stop).held);
    ASSERT_EQ(w.verdicts(kSendNew).size(), 1U);
    EXPECT_EQ(w.verdicts(kSendNew)[0].failed, 0U) << "together they sell what is held";
    EXPECT_FALSE(w.order(stop).has(kOrderShort));
}

TEST(Release, BandsToldSinceAnOrderWasApprovedHold) {
    World w;
    OrderEvent e = w.limit(0, 0, Side::kBuy, 10, 10'300);
    e.data.new_order.type = OrderType::kStopLimit;
    e.data.new_order.stop_price = cents(10'100);
    w.taken(e);
    RiskInputData band;
    band.kind = RiskInputKind::kBand;
    band.values[0] = cents(9'500).raw();
    band.values[1] = cents(10'250).raw();
    w.input(band);
    w.settle();  // before the market moves
    w.moves(10'150, 10'152);
    EXPECT_TRUE(w.sent(0).empty());
    ASSERT_EQ(w.verdicts(kSendNew).size(), 1U);
    EXPECT_EQ(w.verdicts(kSendNew)[0].failed, bit(ControlId::kLuld));
    band.values[1] = cents(10'300).raw();
    w.input(band);
    w.settle();  // before the market moves
    w.moves(10'150, 10'152);
    EXPECT_EQ(w.only_sent().data.new_order.price, cents(10'300)) << "exactly at the band";
}

TEST(Release, AStopWaitsForAnOwnRestingOrderThatItWouldTradeWith) {
    World w(only({{"self_match", "2"}}));
    const OrderTag bid = w.taken(w.limit(1, 0, Side::kBuy, 10, 9'900));
    const OrderEvent resting = w.only_sent();
    w.answer(ExecType::kNew, resting);
    w.stop(Side::kSell, 9'950);
    w.moves(9'900, 9'950);  // trades down: quotes trigger sales at the bid
    EXPECT_TRUE(w.sent(0).empty());
    ASSERT_EQ(w.verdicts(kSendNew).size(), 1U);
    EXPECT_EQ(w.verdicts(kSendNew)[0].failed, bit(ControlId::kSelfMatch));
    w.cancel(bid);
    w.settle();
    EXPECT_EQ(w.only_sent().type, kSendCancel);
    w.answer(ExecType::kCanceled, resting);
    w.moves(9'900, 9'950);
    EXPECT_EQ(w.only_sent().type, kSendNew);
}

TEST(Release, AStopDoesNotWaitForAnOwnOrderThatNoVenueHas) {
    World w(only({{"self_match", "2"}}));
    const auto linked = [&](LinkRole role, std::int64_t at_cents) {
        OrderEvent e = w.limit(1, 0, Side::kBuy, 10, at_cents);
        e.data.new_order.link = 7;
        e.data.new_order.link_role = role;
        return w.taken(e);
    };
    linked(LinkRole::kPrimary, 5'000);
    w.answer(ExecType::kNew, w.only_sent());
    const OrderTag bid = linked(LinkRole::kSecondary, 9'900);
    ASSERT_TRUE(w.order(bid).held) << "until the primary is filled";
    w.stop(Side::kSell, 9'950);
    w.moves(9'900, 9'950);
    EXPECT_EQ(w.only_sent().type, kSendNew);
}

TEST(Release, ARestingOrderGivesWayToAStopWhereTheOldestIsCanceled) {
    World w(only({{"self_match", "3"}}));
    w.taken(w.limit(1, 0, Side::kBuy, 10, 9'900));
    w.answer(ExecType::kNew, w.only_sent());
    w.stop(Side::kSell, 9'950);
    w.moves(9'900, 9'950);
    const std::vector<OrderEvent> sent = w.sent(0);
    ASSERT_EQ(sent.size(), 2U);
    EXPECT_EQ(sent[0].type, kSendCancel);
    EXPECT_EQ(sent[1].type, kSendNew);
}

TEST(Release, FollowingPegsAreMessagesLikeAnyOther) {
    // Ten a second, and no more than one saved up: a burst of 100 ms.
    World w(only({{"message_rate_firm", "10"}, {"message_rate_burst", "100ms"}}));
    for (int n = 0; n < 4; ++n) {
        w.tick(Duration::seconds(1));
        w.mid_peg();
        w.answer(ExecType::kNew, w.only_sent());
    }
    w.tick(Duration::seconds(1));
    w.quote(0, 10'099, 10'101);
    w.settle();
    // 10/s x 0.1 s = one saved up beside the one that is due, less the reserve for cancels.
    EXPECT_LT(w.sent(0).size(), 4U);
    const auto kept = w.verdicts(kSendReplace);
    ASSERT_FALSE(kept.empty());
    EXPECT_EQ(kept[0].failed, bit(ControlId::kMessageRate));
}

TEST(Release, CancelsThatNobodyAskedForCountAsMessages) {
    World w(only({{"message_rate_firm", "10"}, {"message_rate_burst", "1s"}}));
    for (int n = 0; n < 5; ++n) {
        w.tick(Duration::seconds(1));
        w.taken(w.limit(0, 0, Side::kBuy, 10, 9'000 + n));
        w.answer(ExecType::kNew, w.only_sent());
    }
    w.tick(Duration::seconds(3));
    const auto approves = [&](std::uint16_t s) {
        const std::size_t before = w.records.size();
        w.taken(w.limit(s, 1, Side::kBuy, 1, 9'000));
        return w.on_record(kVerdict, before).at(0).data.verdict.approved != 0;
    };
    const auto burst = [&] {
        int n = 0;
        while (n < 100 && approves(1)) ++n;
        return n;
    };
    World same(only({{"message_rate_firm", "10"}, {"message_rate_burst", "1s"}}));
    same.tick(Duration::seconds(10));
    int idle = 0;
    for (; idle < 100; ++idle) {
        const std::size_t before = same.records.size();
        same.taken(same.limit(1, 1, Side::kBuy, 1, 9'000));
        if (same.on_record(kVerdict, before).at(0).data.verdict.approved == 0) break;
    }
    w.set(TradingState::kActive, ControlScope::kFirm, CancelOrders::kAll);
    EXPECT_EQ(w.sent(0).size(), 5U);
    EXPECT_EQ(burst(), idle - 5);
}

TEST(Release, WhatIsRefusedHereIsNoRejectOfAVenue) {
    World w(only({{"reject_rate", "1"}, {"reject_rate_window", "10s"}}));
    for (int n = 0; n < 3; ++n) {  // there is nothing to reduce
        w.stop(Side::kSell, 9'950, 0, 10, kOrderReduceOnly);
    }
    w.moves(9'900, 9'902);
    EXPECT_TRUE(w.sent(0).empty());
    int refused = 0;
    for (const OrderEvent& e : w.on_record(kOrderUpdate)) {
        refused += e.data.update.state == OrderState::kRejected ? 1 : 0;
    }
    EXPECT_EQ(refused, 3);
    EXPECT_EQ(w.gate.state(ControlScope::kStrategy, 0), TradingState::kActive);
    EXPECT_TRUE(w.on_record(kControl).empty());
}

TEST(Release, WhatIsKeptHereIsTheSameAfterARestart) {
    // The number of the control that keeps an order is part of what is hashed and stored.
    World w;
    const OrderTag tag = w.stop(Side::kBuy, 10'100);
    const std::uint64_t before = w.orders.state_hash();
    w.set(TradingState::kHalted);
    EXPECT_EQ(w.orders.state_hash(), before);
    w.moves(10'150, 10'152);
    EXPECT_EQ(w.order(tag).kept_by, static_cast<std::uint8_t>(ControlId::kState) + 1);
    EXPECT_NE(w.orders.state_hash(), before);
}

}  // namespace
}  // namespace fermata::testing

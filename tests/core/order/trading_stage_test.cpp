// The trading stage with a gate that lets pass what the test says.

#include "core/order/trading_stage.hpp"

#include <gtest/gtest.h>

#include <set>
#include <utility>
#include <vector>

#include "tests/core/order/order_world.hpp"
#include "tests/support/state_copy.hpp"

namespace fermata {
namespace {

using test::AccountWorld;
using test::dollars;
using test::price;
using test::units;

struct OpenGate {
    std::set<std::uint64_t> refuses;  // quantities in units
    std::vector<ControlData> controls;
    std::vector<ControlData> trips;           // handed out one by one
    std::vector<ClientOrderId> self_matches;  // the same
    std::vector<MarketEventType> market_seen;
    std::vector<std::pair<OrderEventType, ClientOrderId>> told;
    std::vector<RiskInputKind> inputs;
    std::vector<std::uint64_t> snapshots;
    AlertData refusal;
    std::optional<AlertData> tag;
    std::vector<ClientOrderId> unanswered;
    Timestamp due{0};
    int baskets = 0;
    std::vector<Quantity> exposure_seen;
    const OrderManager* orders = nullptr;

    VerdictData check_new(const OrderEvent& e) {
        const NewOrderData& d = e.data.new_order;
        VerdictData v;
        v.tag = d.tag;
        v.order_id = d.order_id;
        v.approved =
            refuses.contains(static_cast<std::uint64_t>(d.quantity.raw() / Quantity::kOne)) ? 0 : 1;
        if (v.approved == 0) v.failed = 4;
        exposure_seen.push_back(orders->exposures().at(d.account, e.instrument).buy);
        return v;
    }
    VerdictData check_replace(const OrderEvent&, const Order&) {
        VerdictData v;
        v.approved = 1;
        return v;
    }
    VerdictData preview(const OrderEvent& e) {
        VerdictData v;
        v.tag = e.data.new_order.tag;
        v.strategy = e.data.new_order.strategy;
        v.action = static_cast<std::uint8_t>(OrderEventType::kPreview);
        v.failed = 16;
        return v;
    }
    std::optional<AlertData> on_input(const OrderEvent& e) {
        inputs.push_back(e.data.risk_input.kind);
        return e.data.risk_input.kind == RiskInputKind::kNone ? std::optional(refusal)
                                                              : std::nullopt;
    }
    std::optional<AlertData> next_tag() { return std::exchange(tag, std::nullopt); }
    bool answers_overdue(Timestamp now) const { return !unanswered.empty() && now >= due; }
    OrderEvent next_unanswered(Timestamp now) {
        OrderEvent e = make_order_event(OrderEventType::kAlert, now, InstrumentId{0});
        e.data.alert = AlertData{};
        e.data.alert.code = AlertCode::kUnanswered;
        e.data.alert.order_id = unanswered.front();
        unanswered.erase(unanswered.begin());
        return e;
    }
    std::optional<AlertData> on_snapshot(const OrderEvent& e) {
        snapshots.push_back(e.data.risk_snapshot.number);
        return std::nullopt;
    }
    Price reserve_price(const OrderEvent& e) {
        return e.type == OrderEventType::kNewOrder ? e.data.new_order.price : e.data.change.price;
    }
    void count_cancel(const OrderEvent&) {}
    bool watches_equity() const { return false; }
    std::optional<ControlData> on_equity(AccountId, Money, Timestamp) { return std::nullopt; }
    std::optional<ControlData> next_trip() {
        if (trips.empty()) return std::nullopt;
        const ControlData trip = trips.front();
        trips.erase(trips.begin());
        return trip;
    }
    void on_control(const ControlData& c) { controls.push_back(c); }
    void begin_basket(StrategyId) { ++baskets; }
    std::optional<ClientOrderId> next_self_match() {
        if (self_matches.empty()) return std::nullopt;
        const ClientOrderId id = self_matches.front();
        self_matches.erase(self_matches.begin());
        return id;
    }
    bool watches_market() const { return true; }
    void on_market(const MarketEvent& e) { market_seen.push_back(e.type); }
    bool watches_orders() const { return true; }
    void on_order_event(const OrderEvent& e, const Order* order) {
        told.push_back({e.type, order != nullptr ? order->id : ClientOrderId{}});
    }
};

struct StageWorld : AccountWorld {
    static constexpr StrategyId kStrategy{1};
    OrderManagerConfig config;
    AccountBook accounts_book = AccountWorld::book();
    OrderManager orders;
    MarkTable marks;
    OpenGate gate;
    Lane<MarketEvent> market{64};
    Lane<OrderEvent> journal{1024}, to_venue{256}, from_venue{256}, to_shard{256}, from_shard{256};
    TradingStage<OpenGate> stage;
    Timestamp now{1'000};
    std::uint64_t tags = 0;
    std::uint64_t feed = 0;
    std::uint64_t executions = 0;
    std::vector<OrderEvent> records, sent;

    explicit StageWorld(VenueCapabilities venue = {})
        : config{64, 1'024, 19'000, 1, {venue}},
          orders(config, instruments, accounts_book),
          marks(instruments.size()),
          stage(instruments, marks, accounts_book, orders, gate, lanes()) {
        gate.orders = &orders;
    }
    TradingLanes lanes() {
        TradingLanes l;
        l.market = &market;
        l.journal = &journal;
        l.to_venue = {&to_venue};
        l.from_venue = {&from_venue};
        l.to_shard = {&to_shard};
        l.from_shard = {&from_shard};
        l.shard_of_strategy.assign(kStrategies, 0);
        return l;
    }
    OrderEvent order(std::int64_t quantity, std::uint32_t basket = 0) {
        OrderEvent e = make_order_event(OrderEventType::kNewOrder, now, kSpy);
        e.data.new_order = NewOrderData{};
        NewOrderData& d = e.data.new_order;
        d.tag = make_order_tag(kStrategy, ++tags);
        d.strategy = kStrategy;
        d.type = OrderType::kLimit;
        d.price = price(20);
        d.quantity = units(quantity);
        d.link = basket;
        if (basket != 0) d.flags = kOrderBasket;
        return e;
    }
    OrderEvent announce(std::uint32_t link, std::uint32_t count) {
        OrderEvent e = make_order_event(OrderEventType::kBasket, now, InstrumentId{0});
        e.data.basket = BasketData{};
        e.data.basket.link = link;
        e.data.basket.count = count;
        e.data.basket.strategy = kStrategy;
        return e;
    }
    void poll() {
        records.clear();
        sent.clear();
        stage.poll(64);
        OrderEvent e;
        while (journal.take(e)) records.push_back(e);
        while (to_venue.take(e)) sent.push_back(e);
        while (to_shard.take(e)) {
        }
    }
    void intents(const std::vector<OrderEvent>& events) {
        for (const OrderEvent& e : events) ASSERT_TRUE(from_shard.try_push(e));
        poll();
    }
    void filled(ClientOrderId id, std::int64_t quantity) {
        OrderEvent fill = make_order_event(OrderEventType::kExecution, now, kSpy);
        fill.data.execution = ExecutionData{};
        ExecutionData& x = fill.data.execution;
        x.order_id = id;
        x.exec_id = ExecId{++executions};
        x.exec_type = ExecType::kTrade;
        x.last_price = price(20);
        x.last_quantity = units(quantity);
        x.cumulative_quantity = units(quantity);
        ASSERT_TRUE(from_venue.try_push(fill));
        poll();
    }
    void happens(MarketEvent e) {
        e.seq = ++feed;
        ASSERT_TRUE(market.try_push(e));
        poll();
    }
    std::vector<OrderUpdateData> updates() const {
        std::vector<OrderUpdateData> result;
        for (const OrderEvent& e : records) {
            if (e.type == OrderEventType::kOrderUpdate) result.push_back(e.data.update);
        }
        return result;
    }
    std::size_t count(OrderEventType type) const {
        return static_cast<std::size_t>(std::count_if(
            records.begin(), records.end(), [&](const OrderEvent& e) { return e.type == type; }));
    }
};

// --- baskets ---

TEST(TradingStage, SendsABasketWhenAllOfItPasses) {
    StageWorld w;
    w.intents({w.announce(5, 3), w.order(1, 5), w.order(2, 5)});
    EXPECT_EQ(w.count(OrderEventType::kVerdict), 0U) << "not before it is complete";
    EXPECT_EQ(w.count(OrderEventType::kNewOrder), 2U) << "but on record";
    EXPECT_TRUE(w.sent.empty());
    w.intents({w.order(3, 5)});
    EXPECT_EQ(w.count(OrderEventType::kVerdict), 3U);
    ASSERT_EQ(w.sent.size(), 3U);
    for (std::size_t n = 0; n < 3; ++n) {
        EXPECT_EQ(w.sent[n].data.new_order.quantity, units(static_cast<std::int64_t>(n) + 1));
    }
    // Each was judged with those before it in the books.
    EXPECT_EQ(w.gate.exposure_seen, (std::vector<Quantity>{units(0), units(1), units(3)}));
    EXPECT_EQ(w.orders.open_count(), 3U);
}

TEST(TradingStage, SendsNothingOfABasketOneOfWhichIsRefused) {
    StageWorld w;
    w.gate.refuses = {2};
    w.intents({w.announce(5, 3), w.order(1, 5), w.order(2, 5), w.order(3, 5)});
    EXPECT_TRUE(w.sent.empty());
    EXPECT_EQ(w.count(OrderEventType::kVerdict), 3U) << "each has its verdict";
    const auto updates = w.updates();
    ASSERT_EQ(updates.size(), 3U);
    for (const OrderUpdateData& u : updates) EXPECT_EQ(u.state, OrderState::kDenied);
    EXPECT_EQ(updates[0].reason, OrderReason::kBasket);
    EXPECT_EQ(updates[1].reason, OrderReason::kGate);
    EXPECT_EQ(updates[1].failed, 4U);
    EXPECT_EQ(updates[2].reason, OrderReason::kBasket);
    EXPECT_EQ(w.orders.open_count(), 0U);
    EXPECT_EQ(w.orders.exposures().at(AccountId{0}, AccountWorld::kSpy).buy, Quantity::zero());
    EXPECT_EQ(w.orders.exposures().open_orders(), 0U);
    w.gate.refuses.clear();
    w.intents({w.announce(5, 1), w.order(2, 5)});
    EXPECT_EQ(w.sent.size(), 1U) << "the same link again, another basket";
}

TEST(TradingStage, DeniesABasketThatItsSenderDoesNotComplete) {
    StageWorld w;
    w.intents({w.announce(5, 3), w.order(1, 5), w.order(2, 5), w.order(9)});
    ASSERT_EQ(w.sent.size(), 1U) << "the plain order alone";
    EXPECT_EQ(w.sent[0].data.new_order.quantity, units(9));
    const auto updates = w.updates();
    ASSERT_EQ(updates.size(), 3U);
    EXPECT_EQ(updates[0].reason, OrderReason::kBasket);
    EXPECT_EQ(updates[1].reason, OrderReason::kBasket);
    EXPECT_EQ(updates[2].state, OrderState::kPendingNew);
}

TEST(TradingStage, DeniesAnIncompleteBasketAtTheEndOfASession) {
    StageWorld w;
    w.intents({w.announce(5, 2), w.order(1, 5)});
    MarketEvent e = make_event(MarketEventType::kSession, w.now, AccountWorld::kSpy, StreamId{0});
    e.data.session = SessionData{};
    w.happens(e);
    ASSERT_EQ(w.updates().size(), 1U);
    EXPECT_EQ(w.updates()[0].reason, OrderReason::kBasket);
    w.intents({w.order(1, 5)});
    EXPECT_EQ(w.updates().at(0).reason, OrderReason::kBasket) << "that basket is over";
    EXPECT_TRUE(w.sent.empty());
}

TEST(TradingStage, DeniesAMemberOfABasketThatWasNotAnnounced) {
    StageWorld w;
    w.intents({w.order(1, 5)});
    EXPECT_EQ(w.updates().at(0).state, OrderState::kDenied);
    EXPECT_EQ(w.updates().at(0).reason, OrderReason::kBasket);
    EXPECT_TRUE(w.sent.empty());
}

TEST(TradingStage, KeepsAnIncompleteBasketOverARestart) {
    StageWorld w;
    w.intents({w.announce(5, 2), w.order(1, 5)});
    test::restart(w.accounts_book, w.AccountWorld::book());
    test::restart(w.orders, w.config, w.instruments, w.accounts_book);
    test::restart(w.stage, w.instruments, w.marks, w.accounts_book, w.orders, w.gate, w.lanes());
    w.intents({w.order(2, 5)});
    EXPECT_EQ(w.sent.size(), 2U);
}

// --- reports ---

TEST(TradingStage, HaltsStrategyAndInstrumentAfterAnOverfill) {
    StageWorld w;
    w.intents({w.order(10)});
    OrderEvent fill = make_order_event(OrderEventType::kExecution, w.now, AccountWorld::kSpy);
    fill.data.execution = ExecutionData{};
    ExecutionData& x = fill.data.execution;
    x.order_id = w.sent.at(0).data.new_order.order_id;
    x.exec_id = ExecId{1};
    x.exec_type = ExecType::kTrade;
    x.last_price = price(20);
    x.last_quantity = units(12);
    ASSERT_TRUE(w.from_venue.try_push(fill));
    w.poll();
    EXPECT_EQ(w.accounts_book.position(AccountId{0}, AccountWorld::kSpy), units(12)) << "booked";
    ASSERT_EQ(w.gate.controls.size(), 2U) << "then halted";
    EXPECT_EQ(w.gate.controls[0].scope, ControlScope::kStrategy);
    EXPECT_EQ(w.gate.controls[0].target, StageWorld::kStrategy.value);
    EXPECT_EQ(w.gate.controls[1].scope, ControlScope::kInstrument);
    EXPECT_EQ(w.gate.controls[1].target, AccountWorld::kSpy.value);
    EXPECT_EQ(w.gate.controls[1].state, TradingState::kHalted);
    EXPECT_EQ(w.count(OrderEventType::kControl), 2U);
    // The last records are the controls, emitted and not consumed.
    EXPECT_EQ(w.records.back().type, OrderEventType::kControl);
    EXPECT_EQ(w.records.back().flags & kFlagInput, 0);
}

// --- what the gate is told, and what it decides by itself ---

TEST(TradingStage, TellsTheGateWhatTheOrderManagerSaysOfOrdersAndFills) {
    StageWorld w;
    w.intents({w.order(10)});
    const ClientOrderId id = w.sent.at(0).data.new_order.order_id;
    const auto told = [&](OrderEventType type) {
        return std::count(w.gate.told.begin(), w.gate.told.end(),
                          std::pair{type, type == OrderEventType::kFill ? ClientOrderId{} : id});
    };
    EXPECT_EQ(told(OrderEventType::kOrderUpdate), 1) << "PendingNew, with the order itself";
    w.filled(id, 10);
    EXPECT_EQ(told(OrderEventType::kFill), 1);
    EXPECT_EQ(told(OrderEventType::kOrderUpdate), 2);
}

TEST(TradingStage, TellsTheGateEveryMarketEvent) {
    StageWorld w;
    TradeData t;
    t.price = price(20);
    w.happens(make_trade(w.now, AccountWorld::kSpy, StreamId{0}, t));
    w.happens(make_event(MarketEventType::kGap, w.now, AccountWorld::kSpy, StreamId{0}));
    EXPECT_EQ(w.gate.market_seen, (std::vector{MarketEventType::kTrade, MarketEventType::kGap}));
}

TEST(TradingStage, RecordsAndObeysWhatControlsDecideAfterAFill) {
    StageWorld w;
    w.intents({w.order(10), w.order(5)});
    ControlData halt;
    halt.scope = ControlScope::kStrategy;
    halt.target = StageWorld::kStrategy.value;
    halt.state = TradingState::kHalted;
    halt.cancel_orders = static_cast<std::uint8_t>(CancelOrders::kAll);
    halt.control = 21;
    w.gate.trips = {halt};
    w.filled(w.sent.at(0).data.new_order.order_id, 10);
    ASSERT_EQ(w.count(OrderEventType::kControl), 1U);
    ASSERT_EQ(w.gate.controls.size(), 1U);
    EXPECT_EQ(w.gate.controls[0].control, 21);
    ASSERT_EQ(w.sent.size(), 1U);
    EXPECT_EQ(w.sent[0].type, OrderEventType::kSendCancel);
    for (const OrderEvent& e : w.records) {
        if (e.type != OrderEventType::kControl) continue;
        EXPECT_EQ(e.flags & kFlagInput, 0) << "nobody asked for it";
        EXPECT_EQ(e.cause, make_cause(CauseKind::kTrading, w.records.front().seq))
            << "the report is its cause";
    }
}

TEST(TradingStage, CancelsTheRestingOrderBeforeItSendsTheOneThatWouldMeetIt) {
    StageWorld w;
    w.intents({w.order(10)});
    const ClientOrderId resting = w.sent.at(0).data.new_order.order_id;
    w.gate.self_matches = {resting, ClientOrderId{12'345}};  // one that is not known any more
    OrderEvent sale = w.order(10);
    sale.data.new_order.side = Side::kSell;
    w.intents({sale});
    ASSERT_EQ(w.sent.size(), 2U);
    EXPECT_EQ(w.sent[0].type, OrderEventType::kSendCancel);
    EXPECT_EQ(w.sent[0].data.change.order_id, resting);
    EXPECT_EQ(w.sent[1].type, OrderEventType::kSendNew);
}

TEST(TradingStage, SaysWhenABasketBegins) {
    StageWorld w;
    w.intents({w.announce(5, 2), w.order(1, 5)});
    EXPECT_EQ(w.gate.baskets, 0);
    w.intents({w.order(2, 5)});
    EXPECT_EQ(w.gate.baskets, 1);
}

TEST(TradingStage, RoutesCorrectionsToTheOrderManager) {
    StageWorld w;
    w.intents({w.order(10)});
    OrderEvent fill = make_order_event(OrderEventType::kExecution, w.now, AccountWorld::kSpy);
    fill.data.execution = ExecutionData{};
    fill.data.execution.order_id = w.sent.at(0).data.new_order.order_id;
    fill.data.execution.exec_id = ExecId{1};
    fill.data.execution.exec_type = ExecType::kTrade;
    fill.data.execution.last_price = price(20);
    fill.data.execution.last_quantity = units(10);
    OrderEvent bust = make_order_event(OrderEventType::kCorrection, w.now, AccountWorld::kSpy);
    bust.data.correction = CorrectionData{};
    bust.data.correction.order_id = fill.data.execution.order_id;
    bust.data.correction.exec_id = ExecId{2};
    bust.data.correction.ref_exec_id = ExecId{1};
    ASSERT_TRUE(w.from_venue.try_push(fill));
    ASSERT_TRUE(w.from_venue.try_push(bust));
    w.poll();
    EXPECT_EQ(w.accounts_book.cash(AccountId{0}, w.usd), dollars(100'000));
    EXPECT_EQ(w.count(OrderEventType::kPosition), 2U);
    EXPECT_EQ(w.updates().back().state, OrderState::kCanceled);
}

TEST(TradingStage, SendsAHeldOrderWhenTheMarketTouchesItsTrigger) {
    VenueCapabilities venue;
    venue.drop(OrderType::kStop);
    StageWorld w(venue);
    OrderEvent stop = w.order(10);
    stop.data.new_order.type = OrderType::kStop;
    stop.data.new_order.stop_price = price(105);
    w.intents({stop});
    EXPECT_TRUE(w.sent.empty());
    TradeData t;
    t.price = price(105);
    t.quantity = units(1);
    w.happens(make_trade(w.now, AccountWorld::kSpy, StreamId{0}, t));
    ASSERT_EQ(w.sent.size(), 1U);
    EXPECT_EQ(w.sent[0].data.new_order.type, OrderType::kMarket);
    EXPECT_EQ(w.sent[0].cause, make_cause(CauseKind::kMarket, 1));
}

}  // namespace
}  // namespace fermata

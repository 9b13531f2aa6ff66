#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "core/order/trading_stage.hpp"
#include "tests/core/order/order_world.hpp"

namespace fermata::test {

/// A gate that lets pass what the test says.
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
    Price peg_bound;
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
    VerdictData check_release(const NewOrderData& terms, const Order& live, OrderEventType action,
                              Timestamp) {
        VerdictData v;
        v.tag = live.tag;
        v.order_id = live.id;
        v.action = static_cast<std::uint8_t>(action);
        v.approved =
            refuses.contains(static_cast<std::uint64_t>(terms.quantity.raw() / Quantity::kOne)) ? 0
                                                                                                : 1;
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
    void bind(OrderEvent& e) {
        const bool names_none = e.type == OrderEventType::kNewOrder &&
                                e.data.new_order.type == OrderType::kPegged &&
                                e.data.new_order.price.is_zero();
        if (names_none) e.data.new_order.price = peg_bound;
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
    TradingState state(ControlScope scope, std::uint64_t target) const {
        TradingState state = TradingState::kActive;
        for (const ControlData& c : controls) {
            if (c.scope == scope && c.target == target) state = c.state;
        }
        return state;
    }
    bool latches(const ControlData& c) const { return c.control != 32; }
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
    Lane<OrderEvent> control{64};
    Lane<OrderEvent> journal{1024}, to_venue{256}, from_venue{256}, to_shard{256}, from_shard{256};
    TradingStage<OpenGate> stage;
    Timestamp now{1'000};
    std::uint64_t tags = 0;
    std::uint64_t feed = 0;
    std::uint64_t executions = 0;
    std::vector<OrderEvent> records, sent, told;  // journal, venue, shard

    explicit StageWorld(VenueCapabilities venue = {}, Latch* followed = nullptr)
        : config{64, 1'024, 19'000, 1, {venue}},
          orders(config, instruments, accounts_book),
          marks(instruments.size()),
          stage(instruments, marks, accounts_book, orders, gate, lanes()) {
        gate.orders = &orders;
        if (followed != nullptr) stage.use_latch(*followed);
    }
    TradingLanes lanes() {
        TradingLanes l;
        l.control = &control;
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
        told.clear();
        stage.poll(64);
        OrderEvent e;
        while (journal.take(e)) records.push_back(e);
        while (to_venue.take(e)) sent.push_back(e);
        while (to_shard.take(e)) told.push_back(e);
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

}  // namespace fermata::test

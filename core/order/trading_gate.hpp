#pragma once

#include <concepts>
#include <optional>
#include <span>

#include "core/event/market_event.hpp"
#include "core/event/order_event.hpp"
#include "core/order/order.hpp"
#include "core/order/order_manager.hpp"
#include "core/types/ids.hpp"
#include "core/types/number.hpp"
#include "core/types/time.hpp"

namespace fermata {

/// What the trading stage asks of the gate (risk/gate.hpp). A concept, not an interface: the stage
/// is instantiated with the one gate of the build, and nothing on the way of an order is virtual.
template <class G>
concept TradingGate = requires(
    G& gate, const OrderEvent& intent, OrderEvent& approved, const Order& live,
    const ControlData& control, AccountId account, Money equity, Timestamp now, StrategyId strategy,
    const MarketEvent& market, const G& seen, const NewOrderData& terms, OrderEventType action) {
    { gate.check_new(intent) } -> std::same_as<VerdictData>;
    { gate.check_replace(intent, live) } -> std::same_as<VerdictData>;
    { gate.check_release(terms, live, action, now) } -> std::same_as<VerdictData>;
    { gate.preview(intent) } -> std::same_as<VerdictData>;
    { gate.reserve_price(intent) } -> std::same_as<Price>;
    gate.bind(approved);
    gate.count_cancel(intent);
    { gate.watches_equity() } -> std::same_as<bool>;
    { gate.on_equity(account, equity, now) } -> std::same_as<std::optional<ControlData>>;
    { gate.next_trip() } -> std::same_as<std::optional<ControlData>>;
    gate.on_control(control);
    { seen.state(control.scope, control.target) } -> std::same_as<TradingState>;
    { seen.latches(control) } -> std::same_as<bool>;
    { gate.on_input(intent) } -> std::same_as<std::optional<AlertData>>;
    { gate.on_snapshot(intent) } -> std::same_as<std::optional<AlertData>>;
    { gate.next_tag() } -> std::same_as<std::optional<AlertData>>;
    { gate.answers_overdue(now) } -> std::same_as<bool>;
    { gate.next_unanswered(now) } -> std::same_as<OrderEvent>;
    gate.begin_basket(strategy);
    { gate.next_self_match() } -> std::same_as<std::optional<ClientOrderId>>;
    { gate.watches_market() } -> std::same_as<bool>;
    gate.on_market(market);
    { gate.watches_orders() } -> std::same_as<bool>;
    gate.on_order_event(intent, &live);
};

/// Tells the gate what the order manager says, in its order, with the orders as they stand now.
template <TradingGate Gate>
void tell_gate(Gate& gate, const OrderManager& orders, std::span<const OrderEvent> events) {
    for (const OrderEvent& e : events) {
        const bool update = e.type == OrderEventType::kOrderUpdate;
        gate.on_order_event(e, update ? orders.find(e.data.update.order_id) : nullptr);
    }
}

}  // namespace fermata

// What the order manager says: order updates and alerts. See order_manager.hpp.

#include "core/order/order_manager.hpp"

namespace fermata {

void OrderManager::answer(const Order& order, Answer answer, Timestamp now, EventBuffer& out) {
    OrderEvent e = make_order_event(OrderEventType::kOrderUpdate, now, order.instrument);
    e.data.update = OrderUpdateData{};
    OrderUpdateData& d = e.data.update;
    d.tag = order.tag;
    d.order_id = order.id;
    d.quantity = order.quantity;
    d.cumulative_quantity = order.cumulative_quantity;
    d.leaves_quantity = order.leaves();
    d.price = order.price;
    d.stop_price = order.stop_price;
    d.average_value = order.filled_value;
    d.strategy = order.strategy;
    d.account = order.account;
    d.reason = answer.reason;
    d.state = order.state;
    d.previous = answer.previous;
    d.failed = answer.failed;
    d.side = order.side;
    d.type = order.type;
    d.tif = order.tif;
    d.flags = order.flags;
    d.link_role = order.link_role;
    out.push(e);
}

void OrderManager::answer_unknown(const OrderEvent& intent, EventBuffer& out) {
    const ChangeOrderData& d = intent.data.change;
    OrderEvent e = make_order_event(OrderEventType::kOrderUpdate, intent.ts, intent.instrument);
    e.data.update = OrderUpdateData{};
    e.data.update.tag = d.tag;
    e.data.update.order_id = d.order_id;
    e.data.update.strategy = d.strategy;
    e.data.update.account = d.account;
    e.data.update.reason = OrderReason::kUnknownOrder;
    e.data.update.state = OrderState::kDenied;
    e.data.update.previous = OrderState::kDenied;
    out.push(e);
}

void OrderManager::answer_denied(const OrderEvent& intent, OrderReason reason, std::uint64_t failed,
                                 EventBuffer& out) {
    const NewOrderData& d = intent.data.new_order;
    OrderEvent e = make_order_event(OrderEventType::kOrderUpdate, intent.ts, intent.instrument);
    e.data.update = OrderUpdateData{};
    OrderUpdateData& u = e.data.update;
    u.tag = d.tag;
    u.order_id = d.order_id;
    u.quantity = d.quantity;
    u.price = d.price;
    u.stop_price = d.stop_price;
    u.strategy = d.strategy;
    u.account = d.account;
    u.reason = reason;
    u.state = OrderState::kDenied;
    u.previous = OrderState::kPendingNew;
    u.failed = failed;
    u.side = d.side;
    u.type = d.type;
    u.tif = d.tif;
    u.flags = d.flags;
    u.link_role = d.link_role;
    out.push(e);
}

/// The account's position (strategy 0xffff) or a strategy's, after a fill was taken back or
/// changed.
void OrderManager::announce_position(const LoggedExecution& fill, StrategyId strategy, Money amount,
                                     Timestamp now, EventBuffer& out) const {
    const CurrencyId currency = instruments_[fill.instrument].currency;
    OrderEvent e = make_order_event(OrderEventType::kPosition, now, fill.instrument);
    e.data.position = PositionData{};
    PositionData& d = e.data.position;
    d.position = accounts_.position(fill.account, fill.instrument);
    if (accounts_.contains(strategy)) {
        d.strategy_position = accounts_.strategy_position(strategy, fill.instrument);
    }
    d.cash = accounts_.cash(fill.account, currency);
    d.amount = amount;
    d.strategy = strategy;
    d.account = fill.account;
    d.currency = currency;
    d.change = PositionChange::kCorrection;
    out.push(e);
}

OrderEvent OrderManager::opening_record(AccountId account, const OpeningPosition& held,
                                        Timestamp now) const {
    OrderEvent e = make_order_event(OrderEventType::kPosition, now, held.instrument);
    e.data.position = PositionData{};
    PositionData& d = e.data.position;
    d.currency = instruments_[held.instrument].currency;
    d.position = accounts_.position(account, held.instrument);
    d.strategy_position = accounts_.strategy_position(held.strategy, held.instrument);
    d.cash = accounts_.cash(account, d.currency);
    d.strategy = held.strategy;
    d.account = account;
    d.change = PositionChange::kOpening;
    d.lot = held.quantity;
    d.cost = held.cost;
    d.opened = held.opened;
    return e;
}

AlertData& OrderManager::alert(AlertCode code, Timestamp now, InstrumentId instrument,
                               EventBuffer& out) {
    OrderEvent e = make_order_event(OrderEventType::kAlert, now, instrument);
    e.data.alert = AlertData{};
    e.data.alert.code = code;
    return out.push(e).data.alert;
}

void OrderManager::alert_order(const Order& order, AlertCode code, std::int64_t first,
                               std::int64_t second, Timestamp now, EventBuffer& out) {
    AlertData& d = alert(code, now, order.instrument, out);
    d.order_id = order.id;
    d.detail[0] = first;
    d.detail[1] = second;
    d.strategy = order.strategy;
    d.account = order.account;
}

}  // namespace fermata

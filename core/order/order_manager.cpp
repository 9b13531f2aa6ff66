#include "core/order/order_manager.hpp"

#include <algorithm>

#include "core/base/assert.hpp"

namespace fermata {
namespace {

ChangeOrderData change_of(const Order& order) noexcept {
    ChangeOrderData d;
    d.tag = order.tag;
    d.order_id = order.id;
    d.price = order.price;
    d.stop_price = order.stop_price;
    d.quantity = order.quantity;
    d.change_id = order.changes;
    d.strategy = order.strategy;
    d.account = order.account;
    d.venue = order.venue;
    return d;
}

Order order_of(const OrderEvent& intent, Price reserve_price) noexcept {
    const NewOrderData& d = intent.data.new_order;
    Order order;
    order.tag = d.tag;
    order.id = d.order_id;
    order.instrument = intent.instrument;
    order.strategy = d.strategy;
    order.account = d.account;
    order.venue = d.venue;
    order.side = d.side;
    order.type = d.type;
    order.tif = d.tif;
    order.price = d.price;
    order.stop_price = d.stop_price;
    order.quantity = d.quantity;
    order.expire_time = d.expire_time;
    order.created = intent.ts;
    order.updated = intent.ts;
    order.reserve_price = reserve_price;
    return order;
}

}  // namespace

OrderManager::OrderManager(const OrderManagerConfig& config, const InstrumentTable& instruments,
                           AccountBook& accounts)
    : instruments_(instruments),
      accounts_(accounts),
      exposures_(instruments, accounts.accounts(), accounts.strategies()),
      table_(config.orders_max),
      executions_(config.executions_max),
      newest_tag_(accounts.strategies()),
      next_id_(make_client_order_id(config.day, config.boot_epoch, 1)) {}

std::size_t OrderManager::events_max() const noexcept {
    // A cancel of everything says two things an order; a split says one an order, an account and a
    // strategy.
    return 2 * table_.capacity() + accounts_.accounts() + accounts_.strategies() + 8;
}

ClientOrderId OrderManager::number(OrderEvent& intent) noexcept {
    FERMATA_ASSERT(intent.type == OrderEventType::kNewOrder);
    NewOrderData& d = intent.data.new_order;
    const std::uint64_t count = d.tag.value & 0xffff'ffff'ffffULL;
    d.order_id = ClientOrderId{};
    if (!accounts_.contains(d.strategy) || strategy_of(d.tag) != d.strategy ||
        count <= newest_tag_[d.strategy.value]) {
        return ClientOrderId{};
    }
    newest_tag_[d.strategy.value] = count;
    d.order_id = next_id_;
    // The counter must not run into the boot epoch: that would repeat the ids of another start.
    FERMATA_ASSERT((next_id_.value & 0xffff'ffffULL) != 0xffff'ffffULL);
    ++next_id_.value;
    return d.order_id;
}

void OrderManager::accept(const OrderEvent& intent, Price reserve_price,
                          EventBuffer& out) noexcept {
    const NewOrderData& d = intent.data.new_order;
    FERMATA_ASSERT(d.order_id.value != 0 && d.quantity.is_positive());
    FERMATA_ASSERT(accounts_.contains(d.account) && instruments_.contains(intent.instrument));
    Order order = order_of(intent, reserve_price);
    const auto share = share_of(order);
    AlertCode refused = AlertCode::kNone;
    if (!share || !exposures_.fits(order, {}, *share)) {
        refused = AlertCode::kNumberOverflow;
    } else {
        order.reserved_quantity = share->quantity;
        order.reserved_value = share->value;
        const auto slot = table_.insert(order);
        FERMATA_ASSERT(slot || slot.error() == OrderTableError::kFull);  // ids come from `number`
        if (!slot) refused = AlertCode::kLaneFull;
    }
    if (refused != AlertCode::kNone) {
        answer_denied(intent, 0, out);
        alert_order(order, refused, static_cast<std::int64_t>(table_.open_count()),
                    static_cast<std::int64_t>(table_.capacity()), intent.ts, out);
        return;
    }
    exposures_.open(order, *share);
    answer(order, {OrderState::kPendingNew}, intent.ts, out);
    OrderEvent send = make_order_event(OrderEventType::kSendNew, intent.ts, intent.instrument);
    send.data.new_order = d;
    out.push(send);
}

void OrderManager::deny(const OrderEvent& intent, const VerdictData& verdict,
                        EventBuffer& out) noexcept {
    answer_denied(intent, verdict.failed, out);
}

Order* OrderManager::own_order(const OrderEvent& intent) noexcept {
    // A strategy may name its own orders only, whatever tag it makes up.
    const ChangeOrderData& d = intent.data.change;
    return strategy_of(d.tag) == d.strategy ? table_.find(d.tag) : nullptr;
}

void OrderManager::request_cancel(const OrderEvent& intent, EventBuffer& out) noexcept {
    Order* order = own_order(intent);
    if (order == nullptr) {
        answer_unknown(intent, out);
        return;
    }
    send_cancel(*order, intent.ts, OrderReason::kRequested, out);
}

void OrderManager::send_cancel(Order& order, Timestamp now, OrderReason reason,
                               EventBuffer& out) noexcept {
    const OrderState previous = order.state;
    const Transition t = transition(previous, OrderInput::kRequestCancel);
    if (t.effect == TransitionEffect::kIllegal) {
        answer(order, {previous, OrderReason::kTooLateToCancel}, now, out);
        return;
    }
    if (t.effect == TransitionEffect::kStay) {  // under way already
        answer(order, {previous, reason}, now, out);
        return;
    }
    order.cancel_pending = true;
    order.reason = reason;
    ++order.changes;
    move(order, t.next, now);
    answer(order, {previous, reason}, now, out);
    OrderEvent send = make_order_event(OrderEventType::kSendCancel, now, order.instrument);
    send.data.change = change_of(order);
    out.push(send);
}

void OrderManager::accept_replace(const OrderEvent& intent, Price reserve_price,
                                  EventBuffer& out) noexcept {
    Order* order = own_order(intent);
    if (order == nullptr) {
        answer_unknown(intent, out);
        return;
    }
    const ChangeOrderData& d = intent.data.change;
    const OrderState previous = order->state;
    const Transition t = transition(previous, OrderInput::kRequestReplace);
    if (t.effect == TransitionEffect::kIllegal) {
        const bool busy =
            previous == OrderState::kPendingReplace || previous == OrderState::kUnknown;
        answer(*order, {previous, busy ? OrderReason::kUnsupported : OrderReason::kTooLateToCancel},
               intent.ts, out);
        return;
    }
    if (d.quantity <= order->cumulative_quantity) {
        answer(*order, {previous, OrderReason::kInvalidQuantity}, intent.ts, out);
        return;
    }
    Order wanted = *order;
    wanted.replace_pending = true;
    wanted.pending_price = d.price;
    wanted.pending_stop_price = d.stop_price;
    wanted.pending_quantity = d.quantity;
    wanted.pending_reserve_price = reserve_price;
    const ExposureShare held{order->reserved_quantity, order->reserved_value};
    const auto share = share_of(wanted);
    if (!share || !exposures_.fits(wanted, held, *share)) {
        answer(*order, {previous, OrderReason::kInvalidQuantity}, intent.ts, out);
        alert_order(*order, AlertCode::kNumberOverflow, d.quantity.raw(), reserve_price.raw(),
                    intent.ts, out);
        return;
    }
    *order = wanted;
    ++order->changes;
    move(*order, t.next, intent.ts);
    answer(*order, {previous, OrderReason::kRequested}, intent.ts, out);
    OrderEvent send = make_order_event(OrderEventType::kSendReplace, intent.ts, order->instrument);
    send.data.change = change_of(*order);
    send.data.change.price = d.price;
    send.data.change.stop_price = d.stop_price;
    send.data.change.quantity = d.quantity;
    out.push(send);
}

void OrderManager::deny_replace(const OrderEvent& intent, const VerdictData& verdict,
                                EventBuffer& out) noexcept {
    const Order* order = own_order(intent);
    if (order == nullptr) {
        answer_unknown(intent, out);
        return;
    }
    answer(*order, {order->state, OrderReason::kGate, verdict.failed}, intent.ts, out);
}

void OrderManager::cancel_all(ControlScope scope, std::uint64_t target, Timestamp now,
                              EventBuffer& out) noexcept {
    const auto within = [&](const Order& order) {
        switch (scope) {
            case ControlScope::kFirm:
                return true;
            case ControlScope::kAccount:
                return order.account.value == target;
            case ControlScope::kStrategy:
                return order.strategy.value == target;
            case ControlScope::kInstrument:
                return order.instrument.value == target;
        }
        return true;  // a scope that this build does not know: rather too many than too few
    };
    table_.for_each_open([&](Order& order) {
        if (order.state == OrderState::kPendingCancel || !within(order)) return;
        send_cancel(order, now, OrderReason::kRequested, out);
    });
}

void OrderManager::move(Order& order, OrderState next, Timestamp now) noexcept {
    const bool was_open = !is_terminal(order.state);
    order.state = next;
    order.updated = now;
    table_.settle(order);
    sync_exposure(order, was_open);
}

Result<ExposureShare, NumberError> OrderManager::share_of(const Order& order) const noexcept {
    const auto absolute = [](Price p) { return p.is_negative() ? -p : p; };
    Price price = absolute(order.reserve_price);
    if (order.replace_pending) price = std::max(price, absolute(order.pending_reserve_price));
    const Quantity quantity = order.worst_leaves();
    const auto value = notional(price, quantity, instruments_[order.instrument].multiplier);
    if (!value) return Err{value.error()};
    return ExposureShare{quantity, *value};
}

void OrderManager::sync_exposure(Order& order, bool was_open) noexcept {
    const ExposureShare before{order.reserved_quantity, order.reserved_value};
    ExposureShare after;
    if (!is_terminal(order.state)) {
        const auto share = share_of(order);
        after = exposures_.limited(
            order, before, share ? *share : ExposureShare{order.worst_leaves(), Money::max()});
    }
    if (is_terminal(order.state)) {
        if (was_open) exposures_.close(order, before);
    } else if (was_open) {
        exposures_.change(order, before, after);
    } else {
        exposures_.open(order, after);
    }
    order.reserved_quantity = after.quantity;
    order.reserved_value = after.value;
}

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

void OrderManager::answer_denied(const OrderEvent& intent, std::uint64_t failed, EventBuffer& out) {
    Order order = order_of(intent, Price{});
    order.state = OrderState::kDenied;
    answer(order, {OrderState::kPendingNew, OrderReason::kGate, failed}, intent.ts, out);
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

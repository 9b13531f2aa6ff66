#include "core/order/order_manager.hpp"

#include <algorithm>

#include "core/base/assert.hpp"
#include "core/order/closing_tag.hpp"

namespace fermata {
namespace {

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
    order.flags = d.flags;
    order.offset_kind = d.offset_kind;
    order.link_role = d.link_role;
    order.link = d.link;
    order.parent = d.parent;
    order.display_quantity = d.display_quantity;
    order.offset = d.offset;
    if (order.limit_moves()) order.bound = d.price;
    order.asked = d.quantity;
    order.sent_id = d.order_id;
    order.sent_to = d.quantity;
    return order;
}

}  // namespace

/// A request about the placement as it stands.
ChangeOrderData OrderManager::change_of(const Order& order) noexcept {
    ChangeOrderData d;
    d.tag = order.tag;
    d.order_id = order.sent_id;
    d.price = order.price;
    d.stop_price = order.stop_price;
    d.quantity = order.sliced ? order.sent_to - order.sent_from : order.quantity;
    d.change_id = order.changes;
    d.strategy = order.strategy;
    d.account = order.account;
    d.venue = order.venue;
    d.display_quantity = order.display_quantity;
    d.offset = order.offset;
    return d;
}

OrderManager::OrderManager(const OrderManagerConfig& config, const InstrumentTable& instruments,
                           AccountBook& accounts)
    : instruments_(instruments),
      accounts_(accounts),
      exposures_(instruments, accounts.accounts(), accounts.strategies(), config.venues),
      table_(config.orders_max),
      executions_(config.executions_max),
      newest_tag_(accounts.strategies()),
      next_id_(make_client_order_id(config.day, config.boot_epoch, 1)),
      venues_(config.venues),
      reprice_interval_(config.reprice_interval),
      emulator_(config.orders_max, instruments.size()),
      links_(config.orders_max),
      children_(config.orders_max),
      reducing_(config.orders_max),
      shares_(table_, links_, config.orders_max) {
    exposures_.use_shares(shares_);
    scratch_.reserve(config.orders_max);
}

std::size_t OrderManager::events_max() const noexcept {
    // Whatever happens to all orders at once says and sends at most four things about each (that
    // the gate lets it go among them); a split says one an account and a strategy.
    return 4 * table_.capacity() + accounts_.accounts() + accounts_.strategies() + 16;
}

ClientOrderId OrderManager::number(OrderEvent& intent) noexcept {
    FERMATA_ASSERT(intent.type == OrderEventType::kNewOrder);
    NewOrderData& d = intent.data.new_order;
    const std::uint64_t count = d.tag.value & 0xffff'ffff'ffffULL;
    d.order_id = ClientOrderId{};
    if (!accounts_.contains(d.strategy) || strategy_of(d.tag) != d.strategy ||
        count <= newest_tag_[d.strategy.value] || is_closing(d.tag)) {
        return ClientOrderId{};
    }
    newest_tag_[d.strategy.value] = count;
    give_id(d);
    return d.order_id;
}

/// The order in the table, with its exposure reserved and nothing said about it; nullptr when it is
/// refused.
Order* OrderManager::take_in(const OrderEvent& intent, Price reserve_price,
                             Refusal& refusal) noexcept {
    const NewOrderData& d = intent.data.new_order;
    FERMATA_ASSERT(d.order_id.value != 0 && d.quantity.is_positive());
    FERMATA_ASSERT(accounts_.contains(d.account) && instruments_.contains(intent.instrument));
    Order order = order_of(intent, reserve_price);
    if (Emulator::of(order, capabilities(order.venue)).impossible) {
        refusal.reason = OrderReason::kUnsupported;
        return nullptr;
    }
    if (order.parent.value != 0) {
        refusal = refuses_child(order);
        if (refusal.reason != OrderReason::kNone) return nullptr;
    }
    refusal.reason = OrderReason::kGate;
    const auto share = share_of(order);
    if (!share || !exposures_.fits(order, {}, *share)) {
        refusal.alert = AlertCode::kNumberOverflow;
        return nullptr;
    }
    order.reserved_quantity = share->quantity;
    order.reserved_value = share->value;
    mark_sale(order, share->quantity);
    forget_oldest();
    const auto slot = table_.insert(order);
    FERMATA_ASSERT(slot || slot.error() == OrderTableError::kFull);  // ids come from `number`
    if (!slot) {
        refusal.alert = AlertCode::kLaneFull;
        return nullptr;
    }
    exposures_.open(order, *share);
    Order& taken = table_.in_slot(slot->index);
    join_groups(taken);
    count_once(taken);
    if (taken.parent.value != 0) count_in_parent(taken);
    return &taken;
}

void OrderManager::say_refused(const OrderEvent& intent, const Refusal& refusal, EventBuffer& out) {
    answer_denied(intent, refusal.reason, 0, out);
    alert_refused(intent, refusal, out);
}

void OrderManager::alert_refused(const OrderEvent& intent, const Refusal& refusal,
                                 EventBuffer& out) {
    if (refusal.alert == AlertCode::kNone) return;
    const bool exceeded = refusal.alert == AlertCode::kParentExceeded;
    const Order order = order_of(intent, Price{});
    alert_order(order, refusal.alert,
                exceeded ? order.quantity.raw() : static_cast<std::int64_t>(table_.open_count()),
                exceeded ? refusal.room.raw() : static_cast<std::int64_t>(table_.capacity()),
                intent.ts, out);
}

void OrderManager::accept(const OrderEvent& intent, Price reserve_price,
                          EventBuffer& out) noexcept {
    Refusal refusal;
    if (Order* order = take_in(intent, reserve_price, refusal)) {
        begin(*order, intent, out);
    } else {
        say_refused(intent, refusal, out);
    }
}

/// Says that the order is there, and sends or holds it.
void OrderManager::begin(Order& order, const OrderEvent& intent, EventBuffer& out) noexcept {
    answer(order, {OrderState::kPendingNew}, intent.ts, out);
    const bool plain = ((order.flags & kOrderParent) | static_cast<int>(order.link_role)) == 0 &&
                       !Emulator::of(order, capabilities(order.venue)).any();
    if (!plain) {
        begin_special(order, intent.ts, out);
        return;
    }
    OrderEvent send = make_order_event(OrderEventType::kSendNew, intent.ts, intent.instrument);
    send.data.new_order = intent.data.new_order;
    send.data.new_order.flags = order.flags;
    out.push(send);
}

void OrderManager::deny(const OrderEvent& intent, const VerdictData& verdict,
                        EventBuffer& out) noexcept {
    answer_denied(intent, OrderReason::kGate, verdict.failed, out);
}

bool OrderManager::reserve(const OrderEvent& intent, Price reserve_price,
                           EventBuffer& out) noexcept {
    Refusal refusal;
    if (take_in(intent, reserve_price, refusal) != nullptr) return true;
    alert_refused(intent, refusal, out);
    return false;
}

void OrderManager::confirm(const OrderEvent& intent, EventBuffer& out) noexcept {
    Order* order = table_.find(intent.data.new_order.order_id);
    FERMATA_ASSERT(order != nullptr);
    begin(*order, intent, out);
}

void OrderManager::deny_member(const OrderEvent& intent, std::uint64_t failed,
                               EventBuffer& out) noexcept {
    if (Order* order = table_.find(intent.data.new_order.order_id)) {
        move(*order, OrderState::kDenied, intent.ts);
        leave_groups(*order);
        table_.release(table_.handle_of(*order));
    }
    answer_denied(intent, failed != 0 ? OrderReason::kGate : OrderReason::kBasket, failed, out);
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
    if (order.held && (!order.is_parent() || order.children.is_zero())) {
        apply_own(order, OrderInput::kCanceled, reason, now, out);
        return;
    }
    order.cancel_pending = true;
    order.reason = reason;
    ++order.changes;
    move(order, t.next, now);
    answer(order, {previous, reason}, now, out);
    if (order.held) {
        cancel_children(order, now, out);
        return;
    }
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
    const auto refuse = [&](OrderReason reason) {
        answer(*order, {previous, reason}, intent.ts, out);
    };
    if (t.effect == TransitionEffect::kIllegal) {
        const bool busy =
            previous == OrderState::kPendingReplace || previous == OrderState::kUnknown;
        return refuse(busy ? OrderReason::kUnsupported : OrderReason::kTooLateToCancel);
    }
    if (order->pulled) return refuse(OrderReason::kUnsupported);
    if (d.quantity <= order->cumulative_quantity) return refuse(OrderReason::kInvalidQuantity);
    // What a parent has filled or out at work cannot be taken from it.
    if (order->is_parent() && d.quantity < order->cumulative_quantity + order->children) {
        return refuse(OrderReason::kParent);
    }
    if (order->parent.value != 0) {
        const Quantity room = room_in_parent(*order);
        const Quantity leaves = d.quantity - order->cumulative_quantity;
        if (leaves > order->counted && leaves - order->counted > room) {
            refuse(OrderReason::kParent);
            alert_order(*order, AlertCode::kParentExceeded, leaves.raw(), room.raw(), intent.ts,
                        out);
            return;
        }
    }
    Order wanted = *order;
    wanted.pending_price = d.price;
    wanted.pending_stop_price = d.stop_price;
    wanted.pending_quantity = d.quantity;
    wanted.pending_asked = order->asked + (d.quantity - order->quantity);
    wanted.pending_reserve_price = reserve_price;
    wanted.pending_display =
        d.display_quantity.is_positive() ? d.display_quantity : order->display_quantity;
    // Zero is an offset like any other for a peg, and none for a trail.
    const bool keeps = d.offset == 0 && order->type != OrderType::kPegged;
    wanted.pending_offset = keeps ? order->offset : d.offset;
    if (!order->held && order->has(kOrderEmulated) && order->type == OrderType::kPegged) {
        wanted.bound = d.price;
        wanted.offset = wanted.pending_offset;
        wanted.pending_price = order->price;
        static_cast<void>(followed_price(wanted, intent.ts, wanted.pending_price));
    }
    if (order->held) {
        replace_here(*order, wanted, intent.ts, out);
    } else {
        send_replace(*order, wanted, OrderReason::kRequested, intent.ts, out);
    }
}

/// Asks the venue for the pending terms of `wanted`, which is `order` otherwise. False, and an
/// alert, when exposure has no room for them.
bool OrderManager::send_replace(Order& order, Order& wanted, OrderReason reason, Timestamp now,
                                EventBuffer& out) noexcept {
    const OrderState previous = order.state;
    wanted.replace_pending = true;
    if (!fits(order, wanted)) {
        answer(order, {previous, OrderReason::kInvalidQuantity}, now, out);
        alert_order(order, AlertCode::kNumberOverflow, wanted.pending_quantity.raw(),
                    wanted.pending_reserve_price.raw(), now, out);
        return false;
    }
    order = wanted;
    ++order.changes;
    move(order, transition(previous, OrderInput::kRequestReplace).next, now);
    answer(order, {previous, reason}, now, out);
    OrderEvent send = make_order_event(OrderEventType::kSendReplace, now, order.instrument);
    send.data.change = change_of(order);
    ChangeOrderData& d = send.data.change;
    d.price = order.pending_price;
    d.stop_price = order.pending_stop_price;
    d.quantity = order.pending_quantity;
    d.display_quantity = order.pending_display;
    d.offset = order.pending_offset;
    if (order.sliced) {
        order.asked_up_to() = sent_part(order, order.pending_quantity);
        d.quantity = order.asked_up_to() - order.sent_from;
    }
    if (order.has(kOrderEmulated)) strip_emulated(order, d);
    out.push(send);
    return true;
}

/// New terms of an order that is held: in force at once.
void OrderManager::replace_here(Order& order, const Order& wanted, Timestamp now,
                                EventBuffer& out) noexcept {
    Order next = order;
    next.quantity = wanted.pending_quantity;
    next.asked = wanted.pending_asked;
    next.price = wanted.pending_price;
    next.stop_price = wanted.pending_stop_price;
    next.display_quantity = wanted.pending_display;
    next.offset = wanted.pending_offset;
    next.bound = next.price;
    next.reserve_price = wanted.pending_reserve_price;
    next.held_since = now;
    ++next.changes;
    if (!fits(order, next)) {
        answer(order, {order.state, OrderReason::kInvalidQuantity}, now, out);
        alert_order(order, AlertCode::kNumberOverflow, next.quantity.raw(),
                    next.reserve_price.raw(), now, out);
        return;
    }
    emulator_.unwatch(slot_of(order));
    order = next;
    order.reason = OrderReason::kRequested;
    move(order, order.state, now);
    answer(order, {order.state, OrderReason::kRequested}, now, out);
    if (order.is_parent()) return;
    if (order.link != 0 && order.link_role != LinkRole::kNone) {
        size_group(order, Change::kSize, now, out);
    }
    work(order, OrderReason::kConditionMet, now, out);
}

bool OrderManager::fits(const Order& order, const Order& wanted) const noexcept {
    const ExposureShare held{order.reserved_quantity, order.reserved_value};
    const auto share = share_of(wanted);
    return share && exposures_.fits(wanted, held, *share);
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

void OrderManager::move(Order& order, OrderState next, Timestamp now) noexcept {
    const bool was_open = !is_terminal(order.state);
    order.state = next;
    order.updated = now;
    table_.settle(order);
    sync_exposure(order, was_open);
    if (order.parent.value != 0) count_in_parent(order);
    if (was_open == is_terminal(next) && reduces_here(order)) watch_position(order, !was_open);
}

Result<ExposureShare, NumberError> OrderManager::share_of(const Order& order) const noexcept {
    const auto absolute = [](Price p) { return p.is_negative() ? -p : p; };
    Price price = absolute(order.reserve_price);
    if (order.replace_pending) price = std::max(price, absolute(order.pending_reserve_price));
    if (order.is_parent()) return ExposureShare{};  // its children have it
    // Where its venue sees to it, it can only take exposure away. What is watched here may be late.
    if (order.has(kOrderReduceOnly) && !reduces_here(order)) return ExposureShare{};
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
    count_once(order);
}

/// Keeps what linked orders that share a quantity count for where it must count once.
void OrderManager::count_once(const Order& order) noexcept {
    if (order.link == 0) [[likely]]
        return;
    if (SharingGroup::of(order).shares()) exposures_.share(order, shares_.update(order));
}

}  // namespace fermata

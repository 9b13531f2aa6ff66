// What happens to orders: the venue's reports, and no answer in time. See order_manager.hpp.

#include <algorithm>
#include <utility>

#include "core/base/assert.hpp"
#include "core/order/order_manager.hpp"

namespace fermata {
namespace {

/// What a report means to an order; trades depend on what is left.
OrderInput input_of(const Order& order, const ExecutionData& x) noexcept {
    switch (x.exec_type) {
        case ExecType::kNew:
            return OrderInput::kAcknowledged;
        case ExecType::kTrade: {
            const __int128 filled =
                static_cast<__int128>(order.cumulative_quantity.raw()) + x.last_quantity.raw();
            return filled >= order.worst_quantity().raw() ? OrderInput::kTradeFull
                                                          : OrderInput::kTradePartial;
        }
        case ExecType::kCanceled:
            return OrderInput::kCanceled;
        case ExecType::kReplaced:
            return OrderInput::kReplaced;
        case ExecType::kRejected:
            return OrderInput::kRejected;
        case ExecType::kExpired:
            return OrderInput::kExpired;
        case ExecType::kTriggered:
            return OrderInput::kTriggered;
        case ExecType::kCancelRejected:
            return OrderInput::kCancelRejected;
        case ExecType::kReplaceRejected:
            return OrderInput::kReplaceRejected;
        case ExecType::kSuspended:
            return OrderInput::kSuspended;
        case ExecType::kDoneForDay:
            return OrderInput::kDoneForDay;
        case ExecType::kRestated:
            return OrderInput::kRestated;
    }
    return OrderInput::kTimeout;  // a report of a kind that this build does not know says nothing
}

/// The total quantity that a replace left in force: what is filled and what the venue keeps open.
std::int64_t replaced_total(const ExecutionData& x) noexcept {
    std::int64_t total = 0;
    const bool overflow =
        __builtin_add_overflow(x.cumulative_quantity.raw(), x.leaves_quantity.raw(), &total);
    return overflow ? 0 : total;
}

/// A report whose numbers cannot mean anything.
bool nonsense(const ExecutionData& x) noexcept {
    if (x.exec_type == ExecType::kTrade) return !x.last_quantity.is_positive();
    return x.exec_type == ExecType::kReplaced && replaced_total(x) <= 0;
}

Money saturating_add(Money a, Money b) noexcept {
    std::int64_t raw = 0;
    if (!__builtin_add_overflow(a.raw(), b.raw(), &raw)) return Money::from_raw(raw);
    return a.is_negative() ? Money::min() : Money::max();
}

/// Nothing but fills and acknowledgements can be about an order that is not at the venue, or about
/// a placement that is over.
bool misplaced(const Order& order, const ExecutionData& x) noexcept {
    if (!order.held && !order.sliced) return false;
    if (x.exec_type == ExecType::kTrade || x.exec_type == ExecType::kNew) return false;
    return order.held || x.order_id != order.sent_id;
}

}  // namespace

OrderState OrderManager::resumed(const Order& order) noexcept {
    if (order.cumulative_quantity >= order.worst_quantity()) return OrderState::kFilled;
    if (order.cancel_pending) return OrderState::kPendingCancel;
    if (order.replace_pending) return OrderState::kPendingReplace;
    if (order.suspended) return OrderState::kSuspended;
    if (order.done_for_day) return OrderState::kDoneForDay;
    if (order.cumulative_quantity.is_positive()) return OrderState::kPartiallyFilled;
    if (order.replaced) return OrderState::kReplaced;
    if (order.triggered) return OrderState::kTriggered;
    return order.acknowledged ? OrderState::kNew : OrderState::kPendingNew;
}

OrderState OrderManager::reopened(const Order& order, bool leaves) noexcept {
    if (leaves) return resumed(order);
    if (order.cumulative_quantity >= order.quantity) return OrderState::kFilled;
    const bool over = is_terminal(order.state) && order.state != OrderState::kFilled;
    return over ? order.state : OrderState::kCanceled;
}

void OrderManager::on_execution(const OrderEvent& report, EventBuffer& out) noexcept {
    const ExecutionData& x = report.data.execution;
    const auto nobody = [&](AlertCode code) {
        AlertData& d = alert(code, report.ts, report.instrument, out);
        d.order_id = x.order_id;
        d.detail[0] = static_cast<std::int64_t>(x.exec_type);
        d.detail[1] = static_cast<std::int64_t>(x.exec_id.value);
    };
    // Before the look-up: a repetition may outlive its order.
    const bool identified = x.exec_id.value != 0;
    if (identified && executions_.contains(x.venue, x.exec_id)) {
        return nobody(AlertCode::kDuplicateExecution);
    }
    Order* order = table_.find(x.order_id);
    if (order == nullptr || order->venue != x.venue) return nobody(AlertCode::kUnknownOrder);
    const OrderInput input = input_of(*order, x);
    if (misplaced(*order, x) &&
        (x.exec_type == ExecType::kCancelRejected || x.exec_type == ExecType::kReplaceRejected)) {
        // A request met the end of the placement that it was about.
        if (identified) executions_.insert(x.venue, x.exec_id);
        answer(*order, {order->state, x.reason}, report.ts, out);
        return;
    }
    if (nonsense(x) || misplaced(*order, x)) {
        if (identified) executions_.insert(x.venue, x.exec_id);
        alert_order(*order, AlertCode::kIllegalTransition, static_cast<std::int64_t>(order->state),
                    static_cast<std::int64_t>(input), report.ts, out);
        return;
    }
    const Money before = order->filled_value;
    if (x.exec_type == ExecType::kTrade) {
        if (!book(*order, report, out)) return;
    } else {
        if (identified) executions_.insert(x.venue, x.exec_id);
        if (is_complete(*order, input, x)) {
            // A replace of it never arrived there, and never will.
            order->replace_pending = false;
            work(*order, OrderReason::kRequested, report.ts, out);
            if (is_terminal(order->state)) return;
        }
        if (awaits_fills(*order, input, x)) {
            move(*order, order->state, report.ts);
            answer(*order, {order->state, x.reason}, report.ts, out);
            return;
        }
        if (order->sliced && placement_ended(*order, input, x.reason, report.ts,
                                             x.leaves_quantity.is_positive(), out)) {
            return;
        }
    }
    apply(*order, input, report, out);
    if (order->ends_as != 0 && order->cumulative_quantity >= order->sent_to) {
        end_as_said(*order, report.ts, out);
    }
    if (x.exec_type != ExecType::kTrade) return;
    if (order->parent.value != 0) {
        fill_parent(*order, x.last_quantity, order->filled_value - before, report.ts, out);
    }
    if (reduce_only_ != 0) check_reduce_only(order->account, order->instrument, report.ts, out);
}

/// The venue ends an order and counts fills that it has not reported yet: until they come the order
/// stays as it is, and so does what is reserved for it. The end of the placement at work is the end
/// of a sliced order, also when it is said in refusing its cancel.
bool OrderManager::awaits_fills(Order& order, OrderInput input, const ExecutionData& x) noexcept {
    const bool refused = input == OrderInput::kCancelRejected && order.sliced &&
                         order.cancel_pending && x.leaves_quantity.is_zero();
    if ((input != OrderInput::kCanceled && input != OrderInput::kExpired && !refused) ||
        order.held || is_terminal(order.state)) {
        return false;
    }
    const Quantity total = total_of(order, x.cumulative_quantity);
    if (total <= order.cumulative_quantity) return false;
    order.sent_to = total;
    order.ends_as = static_cast<std::uint8_t>(refused ? OrderInput::kCanceled : input);
    order.ends_because = refused ? OrderReason::kRequested : x.reason;
    return true;
}

/// Refusing to cancel it the venue says that nothing of the order is open, and all that it filled
/// is booked: what is still asked for will not be answered.
bool OrderManager::is_complete(const Order& order, OrderInput input,
                               const ExecutionData& x) noexcept {
    const Quantity whole = order.sliced ? order.sent_to : order.quantity;
    return input == OrderInput::kCancelRejected && x.leaves_quantity.is_zero() &&
           order.replace_pending && !order.held &&
           transition(order.state, input).effect == TransitionEffect::kResume &&
           order.cumulative_quantity >= whole &&
           total_of(order, x.cumulative_quantity) <= order.cumulative_quantity;
}

/// What an order comes to when its venue counts so much of its placement; zero where that cannot
/// be.
Quantity OrderManager::total_of(const Order& order, Quantity counted) noexcept {
    std::int64_t total = 0;
    const std::int64_t before = order.sliced ? order.sent_from.raw() : 0;
    const bool overflow = __builtin_add_overflow(counted.raw(), before, &total);
    return Quantity::from_raw(overflow ? 0 : total);
}

/// The fills that the end of an order overtook have come.
void OrderManager::end_as_said(Order& order, Timestamp now, EventBuffer& out) noexcept {
    const auto end = static_cast<OrderInput>(std::exchange(order.ends_as, std::uint8_t{0}));
    if (is_terminal(order.state)) return;
    if (order.sliced && placement_ended(order, end, order.ends_because, now, false, out)) return;
    apply_own(order, end, order.ends_because, now, out);
}

bool OrderManager::book(Order& order, const OrderEvent& report, EventBuffer& out) noexcept {
    const ExecutionData& x = report.data.execution;
    std::int64_t cumulative = 0;
    const bool overflow =
        __builtin_add_overflow(order.cumulative_quantity.raw(), x.last_quantity.raw(), &cumulative);
    const CurrencyId fee_currency =
        x.fee.is_zero() ? instruments_[order.instrument].currency : x.fee_currency;
    Result<FillBooking, NumberError> booked = Err{NumberError::kOverflow};
    if (!overflow) {
        booked = accounts_.book_fill({report.ts, order.instrument, order.account, order.strategy,
                                      order.side, x.last_price, x.last_quantity, x.fee,
                                      fee_currency, next_fill_});
    }
    if (!booked) {
        alert_order(order, AlertCode::kNumberOverflow, x.last_price.raw(), x.last_quantity.raw(),
                    report.ts, out);
        return false;
    }
    order.cumulative_quantity = Quantity::from_raw(cumulative);
    order.filled_value = saturating_add(order.filled_value, booked->value);
    if (x.exec_id.value != 0) {
        LoggedExecution fill;
        fill.venue = x.venue;
        fill.exec_id = x.exec_id;
        fill.fill_id = next_fill_;
        fill.order_id = order.id;
        fill.tag = order.tag;
        fill.price = x.last_price;
        fill.quantity = x.last_quantity;
        fill.fee = x.fee;
        fill.value = booked->value;
        fill.instrument = order.instrument;
        fill.strategy = order.strategy;
        fill.account = order.account;
        fill.fee_currency = fee_currency;
        fill.side = order.side;
        fill.kind = LoggedExecution::Kind::kFill;
        executions_.insert(fill);
    }
    ++next_fill_;
    OrderEvent e = make_order_event(OrderEventType::kFill, report.ts, order.instrument);
    e.data.fill = FillData{};
    FillData& d = e.data.fill;
    d.tag = order.tag;
    d.order_id = order.id;
    d.exec_id = x.exec_id;
    d.price = x.last_price;
    d.quantity = x.last_quantity;
    d.fee = x.fee;
    d.cash_after = booked->cash_after;
    d.position_after = booked->position_after;
    d.strategy_position_after = booked->strategy_position_after;
    d.realized = booked->realized;
    d.strategy = order.strategy;
    d.account = order.account;
    d.fee_currency = fee_currency;
    d.side = order.side;
    d.liquidity = x.liquidity;
    out.push(e);
    return true;
}

void OrderManager::take_facts(Order& order, OrderInput input, const ExecutionData& x) noexcept {
    if (x.venue_order_id.value != 0) order.venue_order_id = x.venue_order_id;
    const auto at_work = [&order] {
        order.acknowledged = true;
        order.done_for_day = false;
        if (!order.held) order.suspended = false;
    };
    switch (input) {
        case OrderInput::kAcknowledged:
            at_work();
            break;
        case OrderInput::kTradePartial:
        case OrderInput::kTradeFull:
            order.acknowledged = true;
            break;
        case OrderInput::kTriggered:
            at_work();
            order.triggered = true;
            // Where it was touched is where its limit is measured from.
            if (is_trailing(order.type) && !x.stop_price.is_zero()) order.stop_price = x.stop_price;
            break;
        case OrderInput::kSuspended:
            order.acknowledged = true;
            order.suspended = true;
            break;
        case OrderInput::kDoneForDay:
            order.acknowledged = true;
            order.done_for_day = true;
            break;
        case OrderInput::kRestated:
            at_work();
            take_terms(order, x);
            break;
        case OrderInput::kReplaced:
            order.acknowledged = true;
            order.replaced = true;
            take_terms(order, x);
            if (order.replace_pending) {
                order.reserve_price = order.pending_reserve_price;
                order.display_quantity = order.pending_display;
                order.offset = order.pending_offset;
                if (order.limit_moves() && !order.is_placed_here()) {
                    order.bound = order.pending_price;
                }
            }
            order.replace_pending = false;
            break;
        case OrderInput::kReplaceRejected:
            order.replace_pending = false;
            break;
        case OrderInput::kCancelRejected:
        case OrderInput::kCanceled:
            order.cancel_pending = false;
            break;
        default:
            break;
    }
}

/// The terms that the venue says are in force.
void OrderManager::take_terms(Order& order, const ExecutionData& x) const noexcept {
    const Quantity total = Quantity::from_raw(replaced_total(x));
    order.price = x.price;
    // Of a type that is emulated the trigger is here, and the venue knows nothing of it.
    if (!Emulator::of(order, capabilities(order.venue)).type) order.stop_price = x.stop_price;
    if (!total.is_positive()) return;
    if (!order.sliced) {
        order.quantity = total;
        return;
    }
    // Of one that the venue ended since, that counts which it said then.
    if (order.ends_as == 0) order.sent_to = order.sent_from + total;
    if (!order.replace_pending) return;
    // Linked orders may have taken from it while its owner's request was under way.
    order.quantity += order.pending_asked - order.asked;
    order.asked = order.pending_asked;
    // What the venue did not grant is not asked for again: it may refuse it for ever.
    if (order.sent_to < order.asked_up_to()) {
        const Quantity refused = order.asked_up_to() - order.sent_to;
        order.quantity = std::max(order.quantity - refused, order.sent_to);
        order.asked = std::max(order.asked - refused, order.sent_to);
    }
}

void OrderManager::apply(Order& order, OrderInput input, const OrderEvent& report,
                         EventBuffer& out) noexcept {
    const ExecutionData& x = report.data.execution;
    const OrderState previous = order.state;
    const Transition t = transition(previous, input);
    const auto warn = [&](AlertCode code, std::int64_t first, std::int64_t second) {
        alert_order(order, code, first, second, report.ts, out);
    };
    const auto state_code = static_cast<std::int64_t>(previous);
    const auto input_code = static_cast<std::int64_t>(input);
    if (t.effect == TransitionEffect::kIllegal) {
        warn(AlertCode::kIllegalTransition, state_code, input_code);
        return;
    }
    // An answer to our own replace is expected even when the fills have overtaken it.
    const bool expected = input == OrderInput::kReplaced &&
                          (order.replace_pending || x.reason == OrderReason::kLinked ||
                           x.reason == OrderReason::kCorporateAction);
    const bool overfill =
        input == OrderInput::kTradeFull && order.cumulative_quantity > order.worst_quantity();
    take_facts(order, input, x);
    OrderState next = previous;
    if (t.effect == TransitionEffect::kMove) next = t.next;
    if (t.effect == TransitionEffect::kResume) next = resumed(order);
    // Nothing of it is open any more: its owner must not ask again, but wait for its end.
    const bool too_late = input == OrderInput::kCancelRejected && x.leaves_quantity.is_zero() &&
                          x.reason == OrderReason::kNone;
    const OrderReason reason = too_late ? OrderReason::kTooLateToCancel : x.reason;
    order.reason = reason;
    move(order, next, report.ts);
    answer(order, {previous, reason}, report.ts, out);
    if (overfill) {
        warn(AlertCode::kOverfill, order.cumulative_quantity.raw(), order.worst_quantity().raw());
    } else if (t.alert && !expected) {
        warn(AlertCode::kIllegalTransition, state_code, input_code);
    }
    // What its owner asked for may be more than the others of its group have left.
    const bool resized =
        input == OrderInput::kReplaced &&
        (order.link_role == LinkRole::kOuo || order.link_role == LinkRole::kSecondaryOuo);
    Change change = resized ? Change::kSize : Change::kState;
    if (x.exec_type == ExecType::kTrade) change = Change::kFill;
    const bool says_no = input == OrderInput::kReplaceRejected ||
                         (input == OrderInput::kCancelRejected && x.leaves_quantity.is_positive());
    if (says_no) refused(order, report.ts);
    if (input == OrderInput::kReplaced) emulator_.clear_retry(slot_of(order));
    follow_up(order, change, report.ts, out);
}

void OrderManager::apply_own(Order& order, OrderInput input, OrderReason reason, Timestamp now,
                             EventBuffer& out) noexcept {
    const OrderState previous = order.state;
    const Transition t = transition(previous, input);
    FERMATA_ASSERT(t.effect != TransitionEffect::kIllegal);
    if (input == OrderInput::kCanceled) order.cancel_pending = false;
    if (input == OrderInput::kHeld) order.suspended = !order.is_parent();
    if (input == OrderInput::kReleased) order.suspended = false;
    OrderState next = previous;
    if (t.effect == TransitionEffect::kMove) next = t.next;
    if (t.effect == TransitionEffect::kResume) next = resumed(order);
    order.reason = reason;
    move(order, next, now);
    answer(order, {previous, reason}, now, out);
    follow_up(order, Change::kState, now, out);
}

void OrderManager::on_timeout(ClientOrderId id, Timestamp now, EventBuffer& out) noexcept {
    Order* order = table_.find(id);
    if (order == nullptr) return;  // answered, and forgotten since
    const OrderState previous = order->state;
    const bool waits = order->cancel_pending || order->replace_pending || !order->acknowledged;
    if (order->held || !waits) return;  // nothing was sent, or the answer came first
    const Transition t = transition(previous, OrderInput::kTimeout);
    if (t.effect != TransitionEffect::kMove) return;
    // Another cancel may be sent; terms that were asked for may still come into force.
    order->cancel_pending = false;
    move(*order, t.next, now);
    answer(*order, {previous}, now, out);
}

}  // namespace fermata

// What happens to orders: the venue's reports, and no answer in time. See order_manager.hpp.

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
        case ExecType::kDoneForDay:
        case ExecType::kRestated:
            break;
    }
    return OrderInput::kTimeout;  // a report of a kind that this build does not know says nothing
}

/// The state that the order's facts amount to.
OrderState resumed(const Order& order) noexcept {
    if (order.cumulative_quantity >= order.worst_quantity()) return OrderState::kFilled;
    if (order.cancel_pending) return OrderState::kPendingCancel;
    if (order.replace_pending) return OrderState::kPendingReplace;
    if (order.cumulative_quantity.is_positive()) return OrderState::kPartiallyFilled;
    return order.acknowledged ? OrderState::kNew : OrderState::kPendingNew;
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

}  // namespace

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
    if (nonsense(x)) {
        alert_order(*order, AlertCode::kIllegalTransition, static_cast<std::int64_t>(order->state),
                    static_cast<std::int64_t>(input), report.ts, out);
        return;
    }
    if (x.exec_type == ExecType::kTrade && !book(*order, report, out)) return;
    if (identified) executions_.insert(x.venue, x.exec_id);
    apply(*order, input, report, out);
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
        booked =
            accounts_.book_fill({report.ts, order.instrument, order.account, order.strategy,
                                 order.side, x.last_price, x.last_quantity, x.fee, fee_currency});
    }
    if (!booked) {
        alert_order(order, AlertCode::kNumberOverflow, x.last_price.raw(), x.last_quantity.raw(),
                    report.ts, out);
        return false;
    }
    order.cumulative_quantity = Quantity::from_raw(cumulative);
    order.filled_value = saturating_add(order.filled_value, booked->value);
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
    switch (input) {
        case OrderInput::kAcknowledged:
        case OrderInput::kTradePartial:
        case OrderInput::kTradeFull:
            order.acknowledged = true;
            break;
        case OrderInput::kTriggered:
            order.acknowledged = true;
            order.triggered = true;
            break;
        case OrderInput::kReplaced:
            order.acknowledged = true;
            order.price = x.price;
            order.stop_price = x.stop_price;
            order.quantity = Quantity::from_raw(replaced_total(x));
            if (order.replace_pending) order.reserve_price = order.pending_reserve_price;
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
    const bool expected = input == OrderInput::kReplaced && order.replace_pending;
    const bool overfill =
        input == OrderInput::kTradeFull && order.cumulative_quantity > order.worst_quantity();
    take_facts(order, input, x);
    OrderState next = previous;
    if (t.effect == TransitionEffect::kMove) next = t.next;
    if (t.effect == TransitionEffect::kResume) next = resumed(order);
    order.reason = x.reason;
    move(order, next, report.ts);
    answer(order, {previous, x.reason}, report.ts, out);
    if (overfill) {
        warn(AlertCode::kOverfill, order.cumulative_quantity.raw(), order.worst_quantity().raw());
    } else if (t.alert && !expected) {
        warn(AlertCode::kIllegalTransition, state_code, input_code);
    }
}

void OrderManager::on_timeout(ClientOrderId id, Timestamp now, EventBuffer& out) noexcept {
    Order* order = table_.find(id);
    if (order == nullptr) return;  // answered, and forgotten since
    const OrderState previous = order->state;
    const Transition t = transition(previous, OrderInput::kTimeout);
    if (t.effect != TransitionEffect::kMove) return;  // the answer came first
    // Another cancel may be sent; terms that were asked for may still come into force.
    order->cancel_pending = false;
    move(*order, t.next, now);
    answer(*order, {previous}, now, out);
}

}  // namespace fermata

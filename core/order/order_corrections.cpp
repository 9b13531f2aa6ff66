// Fills that a venue takes back or changes. See order_manager.hpp.

#include "core/base/assert.hpp"
#include "core/order/order_manager.hpp"

namespace fermata {
namespace {

using Kind = LoggedExecution::Kind;

/// A correction whose numbers cannot mean anything.
bool nonsense(const CorrectionData& c) noexcept {
    return c.leaves_quantity.is_negative() ||
           (c.kind == CorrectionKind::kCorrect && !c.quantity.is_positive());
}

}  // namespace

void OrderManager::on_correction(const OrderEvent& report, EventBuffer& out) noexcept {
    FERMATA_ASSERT(report.type == OrderEventType::kCorrection);
    CorrectionData c = report.data.correction;
    const auto warn = [&](AlertCode code) {
        AlertData& d = alert(code, report.ts, report.instrument, out);
        d.order_id = c.order_id;
        d.detail[0] = static_cast<std::int64_t>(c.ref_exec_id.value);
        d.detail[1] = static_cast<std::int64_t>(c.exec_id.value);
    };
    const bool identified = c.exec_id.value != 0;
    const bool overtaken = identified && overtaken_by_its_bust(c);
    if (identified && !overtaken && executions_.contains(c.venue, c.exec_id)) {
        return warn(AlertCode::kDuplicateExecution);
    }
    LoggedExecution* fill = executions_.find_fill(c.venue, c.ref_exec_id);
    if (fill == nullptr) {
        const bool busted = c.kind == CorrectionKind::kBust;
        const ExecId root = executions_.root(c.venue, c.ref_exec_id);
        if (!busted) {
            executions_.note_unapplied(c.venue, c.exec_id, c.ref_exec_id);
        } else if (root.value != 0 && !executions_.contains(c.venue, root)) {
            // It may have overtaken its fill, which must not be booked then.
            LoggedExecution early;
            early.venue = c.venue;
            early.exec_id = root;
            early.kind = Kind::kBusted;
            executions_.insert(early);
        }
        warn(AlertCode::kUnknownExecution);
        // What it says of its order holds: that fill would have ended it, and does not count.
        // Of a correction that came after its bust it says what was true before.
        const bool says = busted && !overtaken && !nonsense(c);
        Order* const order = says ? table_.find(c.order_id) : nullptr;
        if (order == nullptr || order->venue != c.venue || is_terminal(order->state) ||
            order->held || (order->sliced && c.order_id != order->sent_id) ||
            lives_on(*order, c, order->cumulative_quantity)) {
            return;
        }
        order->ends_as = static_cast<std::uint8_t>(OrderInput::kCanceled);
        order->ends_because = OrderReason::kTradeBusted;
        return end_as_said(*order, report.ts, out);
    }
    if (fill->kind == Kind::kBusted) return warn(AlertCode::kDuplicateExecution);
    if (nonsense(c)) return warn(AlertCode::kCorrectionFailed);
    const LoggedExecution before = *fill;
    const Money cash = accounts_.cash(before.account, instruments_[before.instrument].currency);
    if (!correct_accounts(c, *fill)) return warn(AlertCode::kCorrectionFailed);
    const LoggedExecution after = *fill;
    if (identified && !overtaken) {
        LoggedExecution own;
        own.venue = c.venue;
        own.exec_id = c.exec_id;
        own.fill = before.exec_id;
        own.kind = Kind::kCorrection;
        own.order_id = before.order_id;
        own.tag = before.tag;
        executions_.insert(own);  // `fill` means nothing any more
    }
    const bool busted = c.kind == CorrectionKind::kBust;
    if (Order* order = table_.find(before.order_id)) {
        const Quantity delta = after.quantity - before.quantity;
        bool leaves = c.leaves_quantity.is_positive();
        if (overtaken) {
            leaves = !is_terminal(order->state);  // what it says is older than its bust
        } else if (order->sliced && !is_terminal(order->state) &&
                   (order->held || c.order_id != order->sent_id)) {
            // About a placement that is over: the report says nothing of the one at work, which
            // begins and ends so much earlier.
            leaves = true;
            if (!order->held) {
                order->sent_from += delta;
                order->sent_to += delta;
            }
        } else if (!is_terminal(order->state)) {
            leaves = lives_on(*order, c, order->cumulative_quantity + delta);
        }
        correct_order(*order, delta, after.value - before.value,
                      busted ? OrderInput::kTradeBusted : OrderInput::kTradeCorrected, leaves,
                      report.ts, out);
    }
    const Money moved =
        accounts_.cash(before.account, instruments_[before.instrument].currency) - cash;
    announce_position(before, StrategyId{0xffff}, moved, report.ts, out);
    announce_position(before, before.strategy, Money::zero(), report.ts, out);
    if (reduce_only_ != 0) check_reduce_only(before.account, before.instrument, report.ts, out);
}

/// Whether a bust came first that named this correction: then its fill is taken back with it.
bool OrderManager::overtaken_by_its_bust(CorrectionData& c) noexcept {
    LoggedExecution* const early = executions_.find_fill(c.venue, c.exec_id);
    if (early == nullptr || early->exec_id != c.exec_id || early->kind != Kind::kBusted ||
        early->fill_id != 0 || c.kind != CorrectionKind::kCorrect) {
        return false;
    }
    executions_.resolve(*early, executions_.root(c.venue, c.ref_exec_id));
    c.kind = CorrectionKind::kBust;
    c.quantity = Quantity::zero();
    return true;
}

/// Whether an order that is open has something to wait for when `filled` of it is booked: quantity
/// at the venue, or fills that the venue counts and that are still on their way.
bool OrderManager::lives_on(Order& order, const CorrectionData& c, Quantity filled) noexcept {
    const bool leaves = c.leaves_quantity.is_positive();
    const Quantity total = total_of(order, c.cumulative_quantity);
    if (leaves || total <= filled) {
        order.ends_as = 0;
        return leaves;
    }
    order.sent_to = total;
    if (order.ends_as == 0) {
        order.ends_as = static_cast<std::uint8_t>(OrderInput::kCanceled);
        order.ends_because = c.kind == CorrectionKind::kBust ? OrderReason::kTradeBusted
                                                             : OrderReason::kTradeCorrected;
    }
    return true;
}

/// Position, cash, profit and lots, and what the log says of the fill. False: nothing was changed.
bool OrderManager::correct_accounts(const CorrectionData& c, LoggedExecution& fill) noexcept {
    if (c.kind == CorrectionKind::kBust) {
        if (!accounts_.cancel_fill(fill.account, fill.instrument, fill.fill_id)) return false;
        fill.kind = Kind::kBusted;
        fill.quantity = Quantity::zero();
        fill.value = Money::zero();
        return true;
    }
    const auto booked = accounts_.change_fill(fill.account, fill.instrument, fill.fill_id, c.price,
                                              c.quantity, c.fee);
    if (!booked) return false;
    fill.price = c.price;
    fill.quantity = c.quantity;
    fill.fee = c.fee;
    fill.value = booked->value;
    return true;
}

/// The order as if the fill had been like that from the start; whether it lives, its venue says.
void OrderManager::correct_order(Order& order, Quantity quantity, Money value, OrderInput input,
                                 bool leaves, Timestamp now, EventBuffer& out) noexcept {
    order.cumulative_quantity += quantity;
    order.filled_value += value;
    const OrderState previous = order.state;
    const Transition t = transition(previous, input);
    const OrderReason reason = input == OrderInput::kTradeBusted ? OrderReason::kTradeBusted
                                                                 : OrderReason::kTradeCorrected;
    OrderState next = previous;
    if (t.effect == TransitionEffect::kReopen) next = reopened(order, leaves);
    if (is_terminal(next)) order.cancel_pending = order.replace_pending = false;
    order.reason = reason;
    move(order, next, now);
    answer(order, {previous, reason}, now, out);
    const bool revived = is_terminal(previous) && !is_terminal(next);
    if (t.effect == TransitionEffect::kIllegal || (t.alert && revived)) {
        alert_order(order, AlertCode::kIllegalTransition, static_cast<std::int64_t>(previous),
                    static_cast<std::int64_t>(input), now, out);
    }
    if (order.parent.value != 0) {
        // A parent that is over stays so: nobody works it any more.
        if (Order* parent = table_.find(order.parent)) {
            correct_order(*parent, quantity, value, input, !is_terminal(parent->state), now, out);
        }
    }
    follow_up(order, Change::kSize, now, out);
}

}  // namespace fermata

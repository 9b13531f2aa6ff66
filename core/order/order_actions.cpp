// What happens to many orders at once: cancels of a scope, splits and dividends. The state hash.
// See order_manager.hpp.

#include <algorithm>

#include "core/account/state_hash.hpp"
#include "core/base/assert.hpp"
#include "core/market/corporate_action.hpp"
#include "core/order/order_manager.hpp"

namespace fermata {
namespace {

using Outcome = AdjustedTerms::Outcome;

/// The reserve of an order after the action: never below its limit.
Price rebased_reserve(const CorporateActionData& action, Price reserve, Price limit) noexcept {
    return std::max(rebase_price(action, reserve).value_or(reserve), limit);
}

}  // namespace

void OrderManager::cancel(ClientOrderId id, Timestamp now, EventBuffer& out) noexcept {
    Order* order = table_.find(id);
    if (order == nullptr || is_terminal(order->state) || order->cancel_pending) return;
    send_cancel(*order, now, OrderReason::kRequested, out);
}

/// Even if everything of its side fills, the position only comes nearer to zero. Of linked orders
/// that share a quantity one fills: the legs of an exit are no reason to leave a position without.
bool OrderManager::can_only_reduce(const Order& order) const noexcept {
    if (order.has(kOrderReduceOnly)) return true;
    const Quantity position = accounts_.position(order.account, order.instrument);
    const Exposure& open = exposures_.at(order.account, order.instrument);
    return order.side == Side::kSell
               ? position.is_positive() && open.sell - open.sell_shared <= position
               : position.is_negative() && open.buy - open.buy_shared <= -position;
}

void OrderManager::cancel_all(ControlScope scope, std::uint64_t target, Timestamp now,
                              EventBuffer& out, CancelOrders which) noexcept {
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
            case ControlScope::kVenue:
                return order.venue.value == target;
        }
        return true;  // a scope that this build does not know: rather too many than too few
    };
    // A cancel may end or cancel other orders too, so the list is not walked while it changes.
    scratch_.clear();
    table_.for_each_open([&](const Order& order) {
        if (!within(order)) return;
        if (which == CancelOrders::kIncreasing && can_only_reduce(order)) return;
        scratch_.push_back(slot_of(order));
    });
    for (const std::uint32_t slot : scratch_) {
        Order& order = table_.in_slot(slot);
        if (is_terminal(order.state) || order.state == OrderState::kPendingCancel) continue;
        send_cancel(order, now, OrderReason::kRequested, out);
    }
}

void OrderManager::on_corporate_action(const MarketEvent& e, EventBuffer& out) noexcept {
    FERMATA_ASSERT(e.type == MarketEventType::kCorporateAction);
    adjust_holdings(e, out);
    scratch_.clear();
    table_.for_each_open([&](const Order& order) {
        if (order.instrument == e.instrument) scratch_.push_back(slot_of(order));
    });
    for (const std::uint32_t slot : scratch_) {
        Order& order = table_.in_slot(slot);
        if (!is_terminal(order.state)) adjust_order(order, e, out);
    }
}

void OrderManager::adjust_holdings(const MarketEvent& e, EventBuffer& out) noexcept {
    const CorporateActionData& action = e.data.corporate_action;
    const CurrencyId currency = instruments_[e.instrument].currency;
    const auto announce = [&](AccountId account, StrategyId strategy, Quantity own, Money amount) {
        OrderEvent p = make_order_event(OrderEventType::kPosition, e.ts, e.instrument);
        p.data.position = PositionData{};
        PositionData& d = p.data.position;
        d.position = accounts_.position(account, e.instrument);
        d.strategy_position = own;
        d.cash = accounts_.cash(account, currency);
        d.amount = amount;
        d.numerator = action.numerator;
        d.denominator = action.denominator;
        d.strategy = strategy;
        d.account = account;
        d.currency = currency;
        d.kind = action.kind;
        out.push(p);
    };
    for (std::uint16_t n = 0; n < accounts_.accounts(); ++n) {
        const AccountId account{n};
        if (accounts_.position(account, e.instrument).is_zero()) continue;
        const auto booked = accounts_.book_action(account, e.instrument, action);
        if (booked) {
            announce(account, StrategyId{0xffff}, Quantity::zero(), booked->amount);
            continue;
        }
        AlertData& d = alert(AlertCode::kNumberOverflow, e.ts, e.instrument, out);
        d.account = account;
        d.detail[0] = action.numerator;
        d.detail[1] = action.denominator;
    }
    for (std::uint16_t n = 0; n < accounts_.strategies(); ++n) {
        const StrategyId strategy{n};
        if (accounts_.strategy_position(strategy, e.instrument).is_zero()) continue;
        const Quantity own = accounts_.adjust_strategy(strategy, e.instrument, action);
        announce(accounts_.account_of(strategy), strategy, own, Money::zero());
    }
    accounts_.adjust_mark(e.instrument, action);
}

/// As the venue does it: what is filled stays in the old basis, what is open moves to the new one.
void OrderManager::adjust_order(Order& order, const MarketEvent& e, EventBuffer& out) noexcept {
    const CorporateActionData& action = e.data.corporate_action;
    const Instrument& instrument = instruments_[order.instrument];
    const Quantity done = order.cumulative_quantity;
    // What was emulated is at the venue as what was sent.
    const bool sent_plain = order.has(kOrderEmulated) && !order.held;
    const OrderType type = sent_plain ? Emulator::plain(order.type) : order.type;
    const OffsetKind kind = sent_plain ? OffsetKind::kNone : order.offset_kind;
    const auto adjusted = [&](Price limit, Price stop, Quantity total, Quantity display,
                              std::int64_t offset) {
        if (total <= done) return AdjustedTerms{Outcome::kUnchanged, limit, stop, Quantity::zero()};
        AdjustedTerms terms = adjust_open_order(
            action, {order.side, type, limit, stop, total - done, display, offset, kind},
            instrument.tick_at(e.ts), instrument.lot);
        if (terms.quantity > Quantity::max() - done) terms.outcome = Outcome::kCancel;
        return terms;
    };
    // What is worked in parts has counts of both bases, and what follows a quote from here an
    // offset of the old one.
    const bool split = action.kind == CorporateActionKind::kSplit;
    const bool parts = order.sliced || order.is_parent() || order.parent.value != 0;
    const bool follows = order.has(kOrderEmulated) && order.type == OrderType::kPegged;
    if (split && (parts || follows)) {
        if (!order.cancel_pending) send_cancel(order, e.ts, OrderReason::kCorporateAction, out);
        return;
    }
    const AdjustedTerms terms = adjusted(order.price, order.stop_price, order.quantity,
                                         order.display_quantity, order.offset);
    if (terms.outcome == Outcome::kCancel) {
        send_cancel(order, e.ts, OrderReason::kCorporateAction, out);
        return;
    }
    const bool changed = terms.outcome == Outcome::kChanged;
    if (changed) {
        // The worst price of what follows a quote is not the price that it has just now.
        Price bound = terms.price;
        if (order.limit_moves()) {
            bound = adjusted(order.bound, order.stop_price, order.quantity, order.display_quantity,
                             order.offset)
                        .price;
        }
        order.price = terms.price;
        order.stop_price = terms.stop_price;
        order.quantity = done + terms.quantity;
        order.display_quantity = terms.display_quantity;
        order.offset = terms.offset;
        const bool no_worst = order.type == OrderType::kPegged && order.bound.is_zero();
        order.bound = no_worst ? Price::zero() : bound;
        order.reserve_price = rebased_reserve(action, order.reserve_price, order.price);
        if (order.held && emulator_.watches_trigger(slot_of(order))) {
            emulator_.watch(order, slot_of(order));
        }
    }
    if (order.replace_pending) {
        const AdjustedTerms wanted =
            adjusted(order.pending_price, order.pending_stop_price, order.pending_quantity,
                     order.pending_display, order.pending_offset);
        if (wanted.outcome == Outcome::kChanged) {
            order.pending_price = wanted.price;
            order.pending_stop_price = wanted.stop_price;
            order.pending_quantity = done + wanted.quantity;
            order.pending_display = wanted.display_quantity;
            order.pending_offset = wanted.offset;
            order.pending_reserve_price =
                rebased_reserve(action, order.pending_reserve_price, order.pending_price);
        }
    }
    move(order, order.state, e.ts);
    if (changed) answer(order, {order.state, OrderReason::kCorporateAction}, e.ts, out);
}

std::uint64_t OrderManager::state_hash() const noexcept {
    StateHash h;
    h.add(next_id_);
    h.add(next_fill_);
    for (const std::uint64_t tag : newest_tag_) h.add(tag);
    const auto add = [&h](const Order& order) {
        h.add(order.tag);
        h.add(order.id);
        h.add(order.venue_order_id);
        h.add(order.instrument);
        h.add(order.strategy);
        h.add(order.account);
        h.add(order.venue);
        h.add(static_cast<std::uint64_t>(order.reason));
        h.add(static_cast<std::uint64_t>(order.side) | static_cast<std::uint64_t>(order.type) << 8 |
              static_cast<std::uint64_t>(order.tif) << 16 |
              static_cast<std::uint64_t>(order.state) << 24 |
              static_cast<std::uint64_t>(order.acknowledged) << 32 |
              static_cast<std::uint64_t>(order.triggered) << 33 |
              static_cast<std::uint64_t>(order.cancel_pending) << 34 |
              static_cast<std::uint64_t>(order.replace_pending) << 35 |
              static_cast<std::uint64_t>(order.replaced) << 36 |
              static_cast<std::uint64_t>(order.suspended) << 37 |
              static_cast<std::uint64_t>(order.done_for_day) << 38 |
              static_cast<std::uint64_t>(order.held) << 39 |
              static_cast<std::uint64_t>(order.sliced) << 40 |
              static_cast<std::uint64_t>(order.pulled) << 41 |
              static_cast<std::uint64_t>(order.ends_as) << 42 |
              static_cast<std::uint64_t>(order.kept_by) << 50);
        h.add(static_cast<std::uint64_t>(order.flags) |
              static_cast<std::uint64_t>(order.offset_kind) << 8 |
              static_cast<std::uint64_t>(order.link_role) << 16 |
              static_cast<std::uint64_t>(order.link) << 32);
        h.add(order.parent);
        h.add(order.sent_id);
        h.add(static_cast<std::uint64_t>(order.offset));
        h.add(static_cast<std::uint64_t>(order.pending_offset));
        h.add(order.held_since);
        h.add(order.repriced_at);
        for (const Price p :
             {order.price, order.stop_price, order.pending_price, order.pending_stop_price,
              order.reserve_price, order.pending_reserve_price, order.bound}) {
            h.add(p);
        }
        for (const Quantity q :
             {order.display_quantity, order.pending_display, order.sent_from, order.sent_to,
              order.armed, order.children, order.counted, order.asked, order.pending_asked}) {
            h.add(q);
        }
        h.add(order.quantity);
        h.add(order.cumulative_quantity);
        h.add(order.pending_quantity);
        h.add(order.filled_value);
        h.add(order.reserved_quantity);
        h.add(order.reserved_value);
        h.add(order.expire_time);
        h.add(order.created);
        h.add(order.updated);
        h.add(order.changes);
    };
    table_.for_each_open(add);
    h.add(table_.open_count());
    table_.for_each_terminal(add);
    h.add(table_.terminal_count());
    executions_.hash(h);
    h.add(accounts_.state_hash());
    return h.value();
}

}  // namespace fermata

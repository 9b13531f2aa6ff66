#include "core/sim/executor.hpp"

#include <algorithm>
#include <cstdint>

#include "core/sim/fee_model.hpp"
#include "core/sim/slippage.hpp"

namespace fermata {
namespace {

/// For running sums that only the fee model reads, which checks them itself.
Money saturating_add(Money a, Money b) noexcept {
    std::int64_t sum = 0;
    if (!__builtin_add_overflow(a.raw(), b.raw(), &sum)) return Money::from_raw(sum);
    return a.is_negative() ? Money::min() : Money::max();
}

}  // namespace

Executor::Executor(const SimConfig& config, const InstrumentTable& instruments, RestingBook& book,
                   SimBroker& broker, Reporter& reporter, DelayQueue& queue, std::size_t orders_max)
    : config_(config),
      instruments_(instruments),
      book_(book),
      broker_(broker),
      reporter_(reporter),
      queue_(queue) {
    restated_.reserve(orders_max);
}

Quantity Executor::allowed(const SimOrder& order) const {
    if (!order.is_reduce_only()) return order.leaves();
    const Quantity position = broker_.position(order.account, order.instrument);
    if (order.side == Side::kBuy ? !position.is_negative() : !position.is_positive()) {
        return Quantity::zero();
    }
    // The most negative position has no positive counterpart.
    if (position == Quantity::min()) return order.leaves();
    return std::min(order.leaves(), order.side == Side::kBuy ? -position : position);
}

void Executor::take(SimSlot slot, Price price, Supply& supply) {
    const SimOrder& order = book_[slot];
    if (order.is_post_only()) {
        if (order.triggered) return end(slot, ExecType::kCanceled, OrderReason::kPostOnly);
        return make(slot, supply);
    }
    const Quantity wanted = allowed(order);
    if (wanted.is_zero()) return end(slot, ExecType::kCanceled, OrderReason::kReduceOnly);
    const Quantity quantity = supply.offer(wanted, instruments_[order.instrument].lot);
    if (quantity.is_zero()) return;
    if (order.tif == TimeInForce::kFok && quantity < order.leaves()) return;
    Price paid = slipped(config_.slippage, order.side, price, quantity, supply);
    if (order.has_limit()) paid = within_limit(order.side, paid, order.price);
    fill(slot, paid, quantity, Liquidity::kTaker, supply);
}

void Executor::make(SimSlot slot, Supply& supply) {
    const SimOrder& order = book_[slot];
    Quantity wanted = allowed(order);
    if (wanted.is_zero()) return end(slot, ExecType::kCanceled, OrderReason::kReduceOnly);
    if (order.is_iceberg() && order.refilled != pass_) wanted = std::min(wanted, order.shown);
    const Quantity quantity = supply.offer(wanted, instruments_[order.instrument].lot);
    if (quantity.is_zero()) return;
    fill(slot, order.price, quantity, Liquidity::kMaker, supply);
}

void Executor::fill(SimSlot slot, Price price, Quantity quantity, Liquidity liquidity,
                    Supply& supply) {
    SimOrder& order = book_[slot];
    const Instrument& instrument = instruments_[order.instrument];
    const auto value = notional(price, quantity, instrument.multiplier);
    if (!value) return refuse(slot, OrderReason::kInvalidQuantity);
    const auto fee = fee_of(config_.fees, order, quantity, *value, liquidity);
    if (!fee) return refuse(slot, OrderReason::kInvalidQuantity);
    const OrderReason refusal = broker_.book(order, quantity, *value, *fee);
    if (refusal != OrderReason::kNone) return refuse(slot, refusal);

    supply.take(quantity);
    order.cumulative += quantity;
    order.fees = saturating_add(order.fees, *fee);
    order.traded_value =
        saturating_add(order.traded_value, value->is_negative() ? -*value : *value);
    const ExecId exec_id =
        reporter_.fill(order, price, quantity, *fee, instrument.currency, liquidity);
    tape_.add({exec_id, order.id, order.venue_order_id, price, quantity, *value, *fee,
               order.cumulative, order.instrument, order.account, instrument.currency, order.side});
    follow_up(slot, price, quantity);
}

void Executor::follow_up(SimSlot slot, Price price, Quantity quantity) {
    SimOrder& order = book_[slot];
    if (LinkGroups::is_linked(order)) update_links(slot, quantity);
    if (order.leaves().is_zero()) return forget(slot);
    if (order.is_reduce_only() && allowed(order).is_zero()) {
        return end(slot, ExecType::kCanceled, OrderReason::kReduceOnly);
    }
    if (order.type == OrderType::kMarketToLimit && !order.converted) {
        book_.leave(slot);
        order.converted = true;
        order.price = price;
        book_.enter(slot);
        ++disturbances_;
        restate(slot, OrderReason::kRepriced);
    }
    if (order.is_iceberg()) show_next(slot, quantity);
}

void Executor::show_next(SimSlot slot, Quantity quantity) {
    SimOrder& order = book_[slot];
    if (quantity < order.shown) {
        order.shown -= quantity;
        return;
    }
    book_.leave(slot);
    order.shown = std::min(order.display, order.leaves());
    order.refilled = pass_;
    book_.renew_priority(slot);
    book_.enter(slot);
    ++disturbances_;
}

void Executor::update_links(SimSlot slot, Quantity quantity) {
    if (!config_.supports.has(kVenueLinks)) return;
    const LinkRole role = book_[slot].link_role;
    // Together they fill no more than the largest of them had open.
    Quantity open = book_[slot].leaves() + quantity;
    for (SimSlot s = book_.first_linked(book_[slot]); s != kNoOrder; s = book_.next_linked(s)) {
        if (book_[s].link_role == role) open = std::max(open, book_[s].leaves());
    }
    const Quantity left = open - quantity;
    SimSlot other = book_.first_linked(book_[slot]);
    while (other != kNoOrder) {
        const SimSlot next = book_.next_linked(other);
        SimOrder& order = book_[other];
        const LinkEffect effect =
            other == slot ? LinkEffect::kNone : link_effect(role, order.link_role);
        if (effect == LinkEffect::kCancel || (effect == LinkEffect::kReduce && left.is_zero())) {
            end(other, ExecType::kCanceled, OrderReason::kLinked);
            ++disturbances_;
        } else if (effect == LinkEffect::kReduce && order.leaves() > left) {
            order.quantity = order.cumulative + left;
            order.shown = std::min(order.shown, order.leaves());
            restate(other, OrderReason::kLinked);
        }
        other = next;
    }
}

void Executor::trigger(SimSlot slot) {
    book_.trigger(slot);
    reporter_.report(book_[slot], ExecType::kTriggered);
}

void Executor::refuse(SimSlot slot, OrderReason reason) {
    const bool untouched = book_[slot].cumulative.is_zero();
    end(slot, untouched ? ExecType::kRejected : ExecType::kCanceled, reason);
}

void Executor::end(SimSlot slot, ExecType type, OrderReason reason) {
    reporter_.report(book_[slot], type, reason);
    forget(slot);
}

void Executor::forget(SimSlot slot) {
    SimOrder& order = book_[slot];
    if (order.queued) book_.leave(slot);
    if (order.expiry != DelayQueue::kNoEntry) queue_.remove(order.expiry);
    book_.release(slot);
}

void Executor::restate(SimSlot slot, OrderReason reason) {
    SimOrder& order = book_[slot];
    if (order.restated == OrderReason::kNone) restated_.push_back(slot);
    order.restated = reason;
}

void Executor::report_restated() {
    for (const SimSlot slot : restated_) {
        SimOrder& order = book_[slot];
        if (book_.is_live(slot)) {
            reporter_.report(order, ExecType::kRestated, order.restated);
        }
        order.restated = OrderReason::kNone;
    }
    restated_.clear();
}

}  // namespace fermata

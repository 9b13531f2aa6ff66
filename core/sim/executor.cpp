#include "core/sim/executor.hpp"

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

void Executor::take(SimSlot slot, Price price, Supply& supply) {
    const SimOrder& order = book_[slot];
    const Quantity leaves = order.leaves();
    const Quantity quantity = supply.offer(leaves, instruments_[order.instrument].lot);
    if (quantity.is_zero()) return;
    if (order.tif == TimeInForce::kFok && quantity < leaves) return;
    Price paid = slipped(config_.slippage, order.side, price, quantity, supply);
    if (order.has_limit()) paid = within_limit(order.side, paid, order.price);
    fill(slot, paid, quantity, Liquidity::kTaker, supply);
}

void Executor::make(SimSlot slot, Supply& supply) {
    const SimOrder& order = book_[slot];
    const Quantity quantity = supply.offer(order.leaves(), instruments_[order.instrument].lot);
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
    reporter_.fill(order, price, quantity, *fee, instrument.currency, liquidity);
    if (order.leaves().is_zero()) forget(slot);
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

}  // namespace fermata

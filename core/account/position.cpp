#include "core/account/position.hpp"

#include <algorithm>

#include "core/base/state_archive.hpp"

namespace fermata {
namespace {

__int128 magnitude(Money m) noexcept {
    const __int128 raw = m.raw();
    return raw < 0 ? -raw : raw;
}
bool fits(__int128 raw) noexcept { return raw >= Money::min().raw() && raw <= Money::max().raw(); }
Quantity absolute(Quantity q) noexcept { return q.is_negative() ? -q : q; }

}  // namespace

FillParts parts_of(Quantity position, Side side, Quantity quantity, Money value) noexcept {
    const bool opposite = sign(side) > 0 ? position.is_negative() : position.is_positive();
    FillParts parts;
    parts.closing = opposite ? std::min(absolute(position), quantity) : Quantity::zero();
    parts.opening = quantity - parts.closing;
    const Money flow = side == Side::kBuy ? value : -value;
    if (parts.closing.is_positive()) parts.close_flow = cost_share(flow, parts.closing, quantity);
    parts.open_flow = flow - parts.close_flow;
    return parts;
}

Result<SplitParts, NumberError> parts_of(Quantity position, const CorporateActionData& split,
                                         const AdjustedPosition& adjusted) noexcept {
    SplitParts parts;
    parts.before = absolute(position);
    const __int128 exact =
        static_cast<__int128>(parts.before.raw()) * split.numerator / split.denominator;
    if (exact > Quantity::max().raw()) return Err{NumberError::kOverflow};
    parts.exact = Quantity::from_raw(static_cast<std::int64_t>(exact));
    parts.fraction = parts.exact - absolute(adjusted.quantity);
    parts.cash = adjusted.cash;
    parts.after = adjusted.quantity;
    return parts;
}

bool AveragePosition::has_room(Side side, Quantity q, Money value) const noexcept {
    const __int128 v = magnitude(value);
    // Cost moves by at most the value, profit by at most cost and value.
    return fits(quantity.raw() + static_cast<__int128>(q.raw()) * sign(side)) &&
           fits(magnitude(cost) + v) && fits(magnitude(realized) + magnitude(cost) + v);
}

Money AveragePosition::fill(const FillParts& parts, Side side) noexcept {
    Money profit;
    if (parts.closing.is_positive()) {
        const Money part = cost_share(cost, parts.closing, absolute(quantity));
        cost -= part;
        profit = -parts.close_flow - part;
        realized += profit;
    }
    cost += parts.open_flow;
    const Quantity moved = parts.closing + parts.opening;
    quantity += side == Side::kBuy ? moved : -moved;
    return profit;
}

bool AveragePosition::has_room(Money cash) const noexcept {
    return fits(magnitude(cash) + magnitude(cost) + magnitude(realized));
}

void AveragePosition::split(const SplitParts& parts) noexcept {
    Money sold;
    if (parts.exact.is_zero()) {  // less than the smallest quantity is left
        sold = cost;
    } else if (parts.fraction.is_positive()) {
        sold = cost_share(cost, parts.fraction, parts.exact);
    }
    cost -= sold;
    realized += parts.cash - sold;
    quantity = parts.after;
}

Money AveragePosition::settle(Money value) noexcept {
    const Money variation = value - cost;
    realized += variation;
    cost = value;
    return variation;
}

void AveragePosition::persist(StateArchive& a) { a.all<AveragePosition>(quantity, cost, realized); }

bool LotPosition::has_room(Money value) const noexcept {
    return fits(magnitude(realized) + magnitude(cost) + magnitude(value));
}

Money LotPosition::fill(LotPool& pool, const FillParts& parts, Timestamp ts, std::uint32_t id,
                        LotMethod method, std::uint32_t named) noexcept {
    Money profit;
    if (parts.closing.is_positive()) {
        const Money part = pool.take(lots, parts.closing, named);
        cost -= part;
        profit = -parts.close_flow - part;
        realized += profit;
    }
    if (parts.opening.is_positive()) {
        cost += parts.open_flow;
        pool.push(lots, parts.opening, parts.open_flow, ts, id, method);
    }
    return profit;
}

void LotPosition::split(LotPool& pool, const SplitParts& parts) noexcept {
    // What is paid in cash is a disposal of the fraction, out of the first lots.
    Money sold;
    if (parts.exact.is_zero()) {
        sold = pool.take(lots, parts.before);
    } else {
        pool.rescale(lots, parts.before, parts.exact);
        if (parts.fraction.is_positive()) sold = pool.take(lots, parts.fraction);
    }
    cost -= sold;
    realized += parts.cash - sold;
}

void LotPosition::settle(LotPool& pool, Quantity size, Money value) noexcept {
    realized += value - cost;
    cost = value;
    pool.restate(lots, absolute(size), value);
}

void LotPosition::persist(StateArchive& a) { a.all<LotPosition>(cost, realized, derived(lots)); }

}  // namespace fermata

#include "risk/liquidity_limit.hpp"

#include <algorithm>

#include "risk/wide.hpp"

namespace fermata {
namespace {

std::int64_t clamped(WideQuantity quantity) noexcept {
    return static_cast<std::int64_t>(std::min<WideQuantity>(quantity, Quantity::max().raw()));
}

}  // namespace

LiquidityLimit::LiquidityLimit(LimitTable& limits, std::size_t instruments)
    : slots_(instruments),
      any_(limits.anywhere(LimitId::kLiquidity) || limits.anywhere(LimitId::kLiquidityExit)) {}

void LiquidityLimit::count_fill(InstrumentId i, Quantity quantity, Timestamp now) noexcept {
    if (!any_ || i.value >= slots_.size()) return;
    clock_.advance(now);
    Slot& slot = slots_[i.value];
    if (slot.day != clock_.day()) slot = Slot{0, clock_.day()};
    slot.filled += quantity.raw();
}

void LiquidityLimit::check(const Request& r, Findings& out) noexcept {
    using enum LimitId;
    constexpr ControlId kMe = ControlId::kLiquidity;
    if (!r.limits->on(kLiquidity) && !r.limits->on(kLiquidityExit)) return;
    out.checked(kMe);
    const std::int64_t volume = r.instrument->average_daily_volume.raw();
    if (volume <= 0 || !r.increases()) return;
    const std::int32_t day = clock_.seen(r.now, r.is_preview).day();
    const Value share = static_cast<Value>(magnitude(r.limits->raw(kLiquidity))) *
                        static_cast<std::uint64_t>(volume);  // in 1e-9 of a quantity
    if (r.limits->on(kLiquidity)) {
        const Slot& slot = slots_[r.instrument_id.value];
        const WideQuantity filled = slot.day == day ? slot.filled : 0;
        const WideQuantity after = filled + r.firm_open + r.open_after;
        if (saturating_multiply(static_cast<Value>(after), Ratio::kOne) > share) {
            out.refuse(kMe, Scope::kInstrument, LimitUnit::kQuantity, clamped(after),
                       clamped(static_cast<WideQuantity>(share / Ratio::kOne)));
            return;
        }
        if (out.explains()) [[unlikely]] {
            out.passes(kMe, Scope::kInstrument, LimitUnit::kQuantity, clamped(after),
                       clamped(static_cast<WideQuantity>(share / Ratio::kOne)));
        }
    }
    if (!r.limits->on(kLiquidityExit)) return;
    const auto days = static_cast<std::uint64_t>(r.limits->raw(kLiquidityExit));
    const WideQuantity worst = r.reach(r.open_after).worst();
    const Value room = saturating_multiply(share, days);
    const Value size = saturating_multiply(
        saturating_multiply(static_cast<Value>(worst), Ratio::kOne), Ratio::kOne);
    if (size <= room) {
        if (out.explains()) [[unlikely]]
            out.passes(kMe, Scope::kInstrument, LimitUnit::kQuantity, clamped(worst),
                       clamped(static_cast<WideQuantity>(room / Ratio::kOne / Ratio::kOne)));
        return;
    }
    out.refuse(kMe, Scope::kInstrument, LimitUnit::kQuantity, clamped(worst),
               clamped(static_cast<WideQuantity>(room / Ratio::kOne / Ratio::kOne)));
}

}  // namespace fermata

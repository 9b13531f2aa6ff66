#include "risk/size.hpp"

#include "risk/share_limit.hpp"

namespace fermata {

void check_max_quantity(const Request& r, Findings& out) noexcept {
    using enum LimitId;
    const bool by_number = r.limits->on(kMaxQuantity);
    const bool by_volume =
        r.limits->on(kMaxQuantityAdv) && r.instrument->average_daily_volume.is_positive();
    if (!by_number && !r.limits->on(kMaxQuantityAdv)) return;
    out.checked(ControlId::kMaxQuantity);
    if (r.is_replace && r.quantity.raw() <= r.total_before()) return;

    const __int128 share = static_cast<__int128>(r.limits->raw(kMaxQuantityAdv)) *
                           r.instrument->average_daily_volume.raw();
    const bool over_volume =
        by_volume && static_cast<__int128>(r.quantity.raw()) * Ratio::kOne > share;
    const Quantity number = r.limits->quantity(kMaxQuantity);
    const bool over_number = by_number && r.quantity > number;
    const bool passes = !over_volume && !over_number;
    if (passes && (!out.explains() || (!by_number && !by_volume))) return;

    std::int64_t limit = number.raw();
    if (over_volume || (passes && by_volume)) {
        const auto volume = static_cast<std::int64_t>(share / Ratio::kOne);
        limit = by_number ? std::min(limit, volume) : volume;
    }
    if (passes) {
        out.passes(ControlId::kMaxQuantity, Scope::kOrder, LimitUnit::kQuantity, r.quantity.raw(),
                   limit);
    } else {
        out.refuse(ControlId::kMaxQuantity, Scope::kOrder, LimitUnit::kQuantity, r.quantity.raw(),
                   limit);
    }
}

void check_max_notional(const Request& r, const Valuation& valuation, Findings& out) noexcept {
    if (!r.limits->on(LimitId::kMaxNotional)) return;
    out.checked(ControlId::kMaxNotional);
    if (r.mark == nullptr) {
        out.refuse(ControlId::kMaxNotional, Scope::kOrder, Fault::kNoMark);
        return;
    }
    const bool grows =
        !r.is_replace || r.quantity.raw() > r.total_before() || r.reserve > r.reserve_before;
    if (!grows) return;
    if ((!r.knows_equity || !r.equity.is_positive()) && r.reduces()) return;
    if (!r.knows_equity) {
        out.refuse(ControlId::kMaxNotional, Scope::kOrder, Fault::kUnknownEquity);
        return;
    }
    const Valued value = valuation.value(r.account, *r.instrument, r.reserve, r.quantity.raw());
    compare_with_equity(ControlId::kMaxNotional, Scope::kOrder, LimitId::kMaxNotional, value, r,
                        out);
}

void check_trade_loss(const Request& r, const Valuation& valuation, Findings& out) noexcept {
    using enum LimitId;
    constexpr ControlId kMe = ControlId::kTradeLoss;
    if (!r.limits->on(kTradeLoss)) return;
    out.checked(kMe);
    if (!r.increases()) return;
    if (r.mark == nullptr) {
        out.refuse(kMe, Scope::kOrder, Fault::kNoMark);
        return;
    }
    const Valued value = valuation.value(r.account, *r.instrument, r.worst_reserve(), r.open_after);
    const std::uint64_t lost =
        magnitude(r.limits->raw(kTradeLossMove)) + magnitude(r.limits->raw(kTradeLossSlippage));
    const Ratio share = r.limits->ratio(kTradeLoss);
    if (value.fault != Fault::kNone || !r.knows_equity) {
        compare_with_equity(kMe, Scope::kOrder, kTradeLoss, value, r, out);
        return;
    }
    const bool passes =
        !r.equity.is_negative() &&
        product_within(value.value, lost, share_value(share, r.equity), Ratio::kOne);
    if (passes && !out.explains()) return;
    if (!passes && !out.reports(kMe)) {
        out.refuse(kMe);
        return;
    }
    const Value loss = saturating_multiply(value.value / Ratio::kOne, lost);  // for the report
    if (passes) {
        out.passes(kMe, Scope::kOrder, LimitUnit::kMoney, money_above(loss).raw(),
                   share_of(share, r.equity).raw());
        return;
    }
    out.refuse(kMe, Scope::kOrder, LimitUnit::kMoney, money_above(loss).raw(),
               share_of(share, r.equity).raw());
}

}  // namespace fermata

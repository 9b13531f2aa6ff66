#include "risk/basket_limit.hpp"

#include "risk/share_limit.hpp"
#include "risk/wide.hpp"

namespace fermata {
namespace {

void check_replace(const Request& r, const Valuation& valuation, Findings& out) noexcept {
    constexpr ControlId kMe = ControlId::kBasket;
    const auto value = [&](Price price, WideQuantity quantity) {
        return valuation.value(r.account, *r.instrument, price, quantity);
    };
    const Valued before = value(r.reserve_before, r.total_before());
    const Valued after = value(r.reserve, r.quantity.raw());
    if (after.fault != Fault::kNone) {
        out.refuse(kMe, Scope::kStrategy, after.fault);
    } else if (before.fault != Fault::kNone) {
        out.refuse(kMe, Scope::kStrategy, before.fault);
    } else if (after.value > before.value) {
        out.refuse(kMe, Scope::kStrategy, LimitUnit::kMoney, money_above(after.value).raw(),
                   money_above(before.value).raw());
    } else if (out.explains()) [[unlikely]] {
        out.passes(kMe, Scope::kStrategy, LimitUnit::kMoney, money_above(after.value).raw(),
                   money_above(before.value).raw());
    }
}

}  // namespace

void BasketLimit::check(const Request& r, const Valuation& valuation, Findings& out) noexcept {
    constexpr ControlId kMe = ControlId::kBasket;
    if (!r.limits->on(LimitId::kBasket)) return;
    out.checked(kMe);
    if (!r.has(kOrderBasket) || r.is_reduce_only()) return;
    if (r.mark == nullptr) {
        if (!r.is_preview && !r.is_replace)
            sums_[r.strategy.value] = kValueMax;  // what cannot be told
        out.refuse(kMe, Scope::kStrategy, Fault::kNoMark);
        return;
    }
    if (r.is_replace) return check_replace(r, valuation, out);
    Valued sum = valuation.value(r.account, *r.instrument, r.reserve, r.quantity.raw());
    sum.value = saturating_add(sums_[r.strategy.value], sum.value);
    if (!r.is_preview) sums_[r.strategy.value] = sum.value;
    compare_with_equity(kMe, Scope::kStrategy, LimitId::kBasket, sum, r, out);
}

}  // namespace fermata

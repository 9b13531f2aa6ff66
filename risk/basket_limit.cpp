#include "risk/basket_limit.hpp"

#include "risk/share_limit.hpp"

namespace fermata {

void BasketLimit::check(const Request& r, const Valuation& valuation, Findings& out) noexcept {
    constexpr ControlId kMe = ControlId::kBasket;
    if (!r.limits->on(LimitId::kBasket)) return;
    out.checked(kMe);
    if (r.is_replace || !r.has(kOrderBasket) || r.is_reduce_only()) return;
    if (r.mark == nullptr) {
        if (!r.is_preview) sums_[r.strategy.value] = kValueMax;  // what cannot be told
        out.refuse(kMe, Scope::kStrategy, Fault::kNoMark);
        return;
    }
    Valued sum = valuation.value(r.account, *r.instrument, r.reserve, r.quantity.raw());
    sum.value = saturating_add(sums_[r.strategy.value], sum.value);
    if (!r.is_preview) sums_[r.strategy.value] = sum.value;
    compare_with_equity(kMe, Scope::kStrategy, LimitId::kBasket, sum, r, out);
}

}  // namespace fermata

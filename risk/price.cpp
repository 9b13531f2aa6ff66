#include "risk/price.hpp"

#include <algorithm>

namespace fermata {

Price reserve_price(std::optional<Price> reference, Side side, OrderType type, Price price,
                    Price stop_price, Ratio collar) noexcept {
    const bool buys = side == Side::kBuy;
    __int128 largest = 0;
    const auto consider = [&](__int128 p) { largest = std::max(largest, p < 0 ? -p : p); };
    const auto consider_around = [&](Price p) {
        const __int128 width = collar_width(p, collar);
        consider(p.raw());
        consider(buys ? p.raw() + width : p.raw() - width);
    };
    if (has_limit_price(type)) {
        consider(price.raw());
        if (reference && (buys ? *reference < price : *reference > price)) {
            consider(reference->raw());
        }
    } else {
        if (reference) consider_around(*reference);
        if (has_stop_price(type)) consider_around(stop_price);
    }
    return Price::from_raw(
        static_cast<std::int64_t>(std::min<__int128>(largest, Price::max().raw())));
}

void check_collar(const Request& r, Findings& out) noexcept {
    if (!r.limits->on(LimitId::kCollar)) return;
    out.checked(ControlId::kCollar);
    if (r.mark == nullptr) {
        out.refuse(ControlId::kCollar, Scope::kOrder, Fault::kNoMark);
        return;
    }
    // Nothing is worth anything at it: no limit on values would bind.
    if (r.reference.is_zero() && !r.reduces_or_shrinks()) [[unlikely]] {
        out.refuse(ControlId::kCollar, Scope::kOrder, Fault::kZeroReference);
        return;
    }
    if (!r.limited) return;
    const bool buys = r.side == Side::kBuy;
    const bool names_worst = r.type == OrderType::kPegged && !r.price.is_zero();
    const Price limit = names_worst ? r.price : r.limit;
    Price reference = r.reference;
    if (r.type == OrderType::kStopLimit || r.type == OrderType::kTrailingStopLimit) {
        reference = buys ? std::max(reference, r.trigger) : std::min(reference, r.trigger);
    }
    const __int128 width = collar_width(reference, r.limits->ratio(LimitId::kCollar));
    const __int128 edge = buys ? reference.raw() + width : reference.raw() - width;
    if (buys ? limit.raw() <= edge : limit.raw() >= edge) {
        if (out.explains()) [[unlikely]]
            out.passes(ControlId::kCollar, Scope::kOrder, LimitUnit::kPrice, limit.raw(),
                       price_within(edge));
        return;
    }
    // The edge lies between the reference and a price, so it fits a Price.
    out.refuse(ControlId::kCollar, Scope::kOrder, LimitUnit::kPrice, limit.raw(),
               static_cast<std::int64_t>(edge));
}

}  // namespace fermata

#pragma once

#include "risk/findings.hpp"
#include "risk/request.hpp"
#include "risk/valuation.hpp"
#include "risk/wide.hpp"

namespace fermata {

/// Refuses with the numbers if `valued` is more than `share` of `equity`, or with what is unknown.
inline void compare_with_share(ControlId id, Scope scope, Ratio share, const Valued& valued,
                               bool knows_equity, Money equity, Findings& out) noexcept {
    if (valued.fault != Fault::kNone) {
        out.refuse(id, scope, valued.fault);
    } else if (!knows_equity) {
        out.refuse(id, scope, Fault::kUnknownEquity);
    } else if (within_share(valued.value, share, equity)) {
        if (out.explains()) [[unlikely]]
            out.passes(id, scope, LimitUnit::kMoney, money_above(valued.value).raw(),
                       share_of(share, equity).raw());
    } else if (!out.reports(id)) {
        out.refuse(id);
    } else {
        out.refuse(id, scope, LimitUnit::kMoney, money_above(valued.value).raw(),
                   share_of(share, equity).raw());
    }
}
/// The same with the equity of the order's account.
inline void compare_with_equity(ControlId id, Scope scope, LimitId limit, const Valued& valued,
                                const Request& r, Findings& out) noexcept {
    compare_with_share(id, scope, r.limits->ratio(limit), valued, r.knows_equity, r.equity, out);
}

/// The sum of two values, at fault if one of them is.
[[nodiscard]] constexpr Valued sum_of(const Valued& a, const Valued& b) noexcept {
    return {saturating_add(a.value, b.value), a.fault != Fault::kNone ? a.fault : b.fault};
}

}  // namespace fermata

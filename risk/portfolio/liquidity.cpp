#include "risk/portfolio/liquidity.hpp"

#include <algorithm>
#include <cmath>

#include "core/base/assert.hpp"

namespace fermata::portfolio {

LiquidityHorizon liquidity_horizon(std::span<const double> quantities,
                                   std::span<const double> average_daily_volumes,
                                   std::span<const double> values, double participation,
                                   std::size_t days_shown) {
    FERMATA_ASSERT(quantities.size() == average_daily_volumes.size() &&
                   quantities.size() == values.size() && participation > 0 && participation <= 1);
    LiquidityHorizon horizon;
    double gross = 0;
    for (std::size_t i = 0; i < quantities.size(); ++i) {
        gross += std::fabs(values[i]);
        std::optional<double>& days = horizon.days.emplace_back();
        if (quantities[i] == 0) {
            days = 0.0;
        } else if (average_daily_volumes[i] > 0) {
            days = std::fabs(quantities[i]) / (participation * average_daily_volumes[i]);
        } else {
            ++horizon.unknown;
            continue;
        }
        horizon.longest = std::max(horizon.longest.value_or(0.0), *days);
    }
    if (!(gross > 0)) return horizon;
    for (std::size_t n = 1; n <= days_shown; ++n) {
        double left = 0;
        for (std::size_t i = 0; i < values.size(); ++i) {
            const double part =
                horizon.days[i]
                    ? std::max(0.0, 1 - static_cast<double>(n) / std::max(*horizon.days[i], 1e-300))
                    : 1.0;
            left += part * std::fabs(values[i]);
        }
        horizon.left_after.push_back(left / gross);
    }
    return horizon;
}

void FlowAdjustedDrawdown::add(Date date, double equity, double flow) {
    mark_ = any_ ? mark_ + flow : equity;
    any_ = true;
    equity_ = equity;
    if (equity >= mark_) {
        mark_ = equity;
        peak_ = date;
    }
    const auto drawdown = current();
    if (drawdown && *drawdown < worst_.drawdown) worst_ = {*drawdown, peak_, date};
}

std::optional<double> FlowAdjustedDrawdown::current() const noexcept {
    if (!any_ || !(mark_ > 0)) return std::nullopt;
    return std::min(0.0, equity_ / mark_ - 1);
}

}  // namespace fermata::portfolio

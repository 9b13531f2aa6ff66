#include "research/tail_risk.hpp"

#include <algorithm>

#include "core/base/assert.hpp"
#include "core/base/normal.hpp"
#include "core/base/quantile.hpp"
#include "research/moments.hpp"

namespace fermata {

TailRisk measure_tail_risk(std::span<const double> returns, std::span<const double> ascending,
                           double confidence) {
    FERMATA_ASSERT(confidence > 0 && confidence < 1 && ascending.size() == returns.size());
    const double tail = 1 - confidence;
    const double quantile = quantile_of_sorted(ascending, tail);
    const auto end = std::upper_bound(ascending.begin(), ascending.end(), quantile);
    TailRisk risk;
    risk.confidence = confidence;
    risk.var_historical = -quantile;
    // Never empty: a quantile is at least the smallest value.
    risk.cvar_historical = -*mean({ascending.begin(), end});

    const auto deviation = stdev(returns);
    if (!deviation) return risk;
    const double centre = *mean(returns);
    const double z = normal_quantile(tail);
    risk.var_parametric = -(centre + z * *deviation);
    risk.cvar_parametric = -(centre - *deviation * normal_density(z) / tail);
    if (const auto form = shape(returns)) {
        const double s = form->skew;
        const double k = form->excess_kurtosis;
        const double corrected = z + (z * z - 1) * s / 6 + (z * z * z - 3 * z) * k / 24 -
                                 (2 * z * z * z - 5 * z) * s * s / 36;
        risk.var_cornish_fisher = -(centre + corrected * *deviation);
    }
    return risk;
}

}  // namespace fermata

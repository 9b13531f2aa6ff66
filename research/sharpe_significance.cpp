#include "research/sharpe_significance.hpp"

#include <cmath>
#include <numbers>

#include "core/base/assert.hpp"
#include "core/base/normal.hpp"
#include "research/moments.hpp"

namespace fermata {

std::optional<SharpeRecord> measure_sharpe(std::span<const double> returns) noexcept {
    const auto deviation = stdev(returns);
    const auto form = shape(returns);
    if (!deviation || !form) return std::nullopt;
    return SharpeRecord{*mean(returns) / *deviation, returns.size(), form->skew,
                        form->excess_kurtosis};
}

std::optional<double> probabilistic_sharpe(const SharpeRecord& record, double threshold) noexcept {
    if (record.returns < 2) return std::nullopt;
    const double sharpe = record.sharpe;
    const double spread =
        1.0 - record.skew * sharpe + (record.excess_kurtosis + 2.0) / 4.0 * sharpe * sharpe;
    if (!(spread > 0)) return std::nullopt;
    const double root = std::sqrt(static_cast<double>(record.returns - 1));
    return normal_probability((sharpe - threshold) * root / std::sqrt(spread));
}

double expected_maximum_sharpe(std::size_t trials, double variance) {
    FERMATA_ASSERT(trials >= 1 && variance >= 0);
    if (trials == 1) return 0;
    constexpr double g = std::numbers::egamma;
    const auto n = static_cast<double>(trials);
    // Phi^-1(1 - p) = -Phi^-1(p), without losing p in 1 - p.
    return -std::sqrt(variance) *
           ((1 - g) * normal_quantile(1 / n) + g * normal_quantile(1 / (n * std::numbers::e)));
}

std::optional<double> deflated_sharpe(const SharpeRecord& record, std::size_t trials,
                                      double variance) {
    return probabilistic_sharpe(record, expected_maximum_sharpe(trials, variance));
}

}  // namespace fermata

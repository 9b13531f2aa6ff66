#pragma once

#include <optional>
#include <span>

namespace fermata {

/// Value at risk and expected shortfall of one period at one confidence level, as fractions of the
/// value; positive is a loss.
struct TailRisk {
    double confidence = 0.95;
    double var_historical = 0;   ///< -quantile(r, 1 - c), linear interpolation.
    double cvar_historical = 0;  ///< -mean of the returns at or below that quantile.
    /// -(mean + z stdev), z = Phi^-1(1 - c).
    std::optional<double> var_parametric;
    /// -(mean - stdev phi(z) / (1 - c)).
    std::optional<double> cvar_parametric;
    /// The parametric one with z corrected for skew and kurtosis (Cornish and Fisher 1938):
    /// z + (z^2 - 1) S / 6 + (z^3 - 3z) K / 24 - (2z^3 - 5z) S^2 / 36.
    std::optional<double> var_cornish_fisher;
};

/// `ascending` are the same returns in ascending order, not empty. 0 < confidence < 1.
[[nodiscard]] TailRisk measure_tail_risk(std::span<const double> returns,
                                         std::span<const double> ascending, double confidence);

}  // namespace fermata

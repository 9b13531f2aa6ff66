#pragma once

#include <span>
#include <vector>

#include "risk/portfolio/matrix.hpp"

namespace fermata::portfolio {

/// Value at risk and conditional value at risk (expected shortfall) over one period. Positive is a
/// loss, in the unit of what was given: a fraction for returns, money for profit and loss.
struct TailLoss {
    double confidence = 0;
    double var = 0;
    double cvar = 0;
    friend bool operator==(const TailLoss&, const TailLoss&) = default;
};

/// VaR = -quantile(x, 1 - confidence), CVaR = -mean of the values at or below that quantile. Not
/// empty; 0 < confidence < 1.
[[nodiscard]] TailLoss historical_tail(std::span<const double> outcomes, double confidence);

/// VaR = -(mean + z deviation), CVaR = -(mean - deviation phi(z) / (1 - confidence)), z the normal
/// quantile of 1 - confidence.
[[nodiscard]] TailLoss normal_tail(double mean, double deviation, double confidence);

/// Mean and standard deviation (divided by n - 1) of a series. At least two values.
struct MeanDeviation {
    double mean = 0;
    double deviation = 0;
};
[[nodiscard]] MeanDeviation mean_deviation(std::span<const double> x);

/// What today's positions would have made on every day of the past: a row of returns times
/// `exposures` (value of each position, signed).
[[nodiscard]] std::vector<double> outcomes_of(const Matrix& returns,
                                              std::span<const double> exposures);

/// How positions make up a tail. All by position; the components add up to the total.
struct TailComponents {
    TailLoss total;
    /// dVaR / d exposure: what one more unit of money in this position adds.
    std::vector<double> marginal_var;
    std::vector<double> component_var;  ///< exposure x marginal; adds up to total.var (Euler).
    std::vector<double> component_cvar;
    /// exposure_i (S exposure)_i / exposure' S exposure; adds up to 1, all zero without risk.
    std::vector<double> variance_share;
    double deviation = 0;  ///< Of the profit and loss.
};

/// The normal distribution with these means (all zero is usual for one day) and covariance.
[[nodiscard]] TailComponents parametric_components(std::span<const double> exposures,
                                                   std::span<const double> means,
                                                   const Matrix& covariance, double confidence);

/// CVaR of the past by position: the mean loss of each on the days at or below the quantile. Adds
/// up to historical_tail(...).cvar.
[[nodiscard]] std::vector<double> historical_component_cvar(const Matrix& returns,
                                                            std::span<const double> exposures,
                                                            double confidence);

}  // namespace fermata::portfolio

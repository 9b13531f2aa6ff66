#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace fermata::portfolio {

/// Whether forecasts of value at risk were right: how often and how clustered the losses beyond
/// them came.
///
///  - Kupiec's proportion of failures (Journal of Derivatives 3, 1995): x exceptions in T days
///    against the promised p = 1 - confidence,
///        LR_pof = -2 ln[(1 - p)^(T-x) p^x / ((1 - x/T)^(T-x) (x/T)^x)]      chi-square(1).
///  - Christoffersen's independence (International Economic Review 39, 1998): n_ij days of kind j
///    (1: exception) that follow a day of kind i, pi_i = n_i1 / (n_i0 + n_i1), pi their pool,
///        LR_ind = -2 ln[(1 - pi)^(n00+n10) pi^(n01+n11) /
///                       ((1 - pi_0)^n00 pi_0^n01 (1 - pi_1)^n10 pi_1^n11)]  chi-square(1).
///  - conditional coverage: LR_pof + LR_ind, chi-square(2).
/// 0 ln 0 counts as 0, so series without or with exceptions only have a value too.

struct LikelihoodRatio {
    double statistic = 0;
    double p_value = 1;  ///< Probability of at least this statistic when the forecasts are right.
};

/// Basel Committee, "Supervisory Framework for the Use of Backtesting" (1996): by the probability
/// of so many exceptions or fewer when the forecasts are right. Below 95% green, below 99.99%
/// yellow, else red; with 250 days at 99%: 0-4, 5-9, 10 and more.
enum class TrafficLight : std::uint8_t { kGreen, kYellow, kRed };
[[nodiscard]] std::string_view name(TrafficLight light) noexcept;

struct VarBacktest {
    double confidence = 0;
    std::size_t days = 0;
    std::size_t exceptions = 0;
    double expected = 0;  ///< Exceptions that the confidence promises.
    std::size_t n00 = 0, n01 = 0, n10 = 0, n11 = 0;
    LikelihoodRatio failures;      ///< Kupiec.
    LikelihoodRatio independence;  ///< Christoffersen.
    LikelihoodRatio coverage;      ///< Both at once.
    TrafficLight light = TrafficLight::kGreen;
};

/// From whether each day was an exception, in the order of the days. Not empty.
[[nodiscard]] VarBacktest backtest_exceptions(std::span<const bool> exceptions, double confidence);

/// A day is an exception when its outcome is below -VaR. `forecasts[t]` was known before
/// `outcomes[t]`.
[[nodiscard]] VarBacktest backtest_var(std::span<const double> outcomes,
                                       std::span<const double> forecasts, double confidence);

/// Probability that a chi-square variable of 1 or 2 degrees of freedom is at least x:
/// erfc(sqrt(x / 2)) and exp(-x / 2).
[[nodiscard]] double chi_square_survival_1(double x) noexcept;
[[nodiscard]] double chi_square_survival_2(double x) noexcept;

/// How the forecast of a day is made from the days before it.
enum class VarMethod : std::uint8_t {
    kHistorical,  ///< Quantile of the window.
    kParametric,  ///< Normal, mean and deviation of the window.
    kEwma,        ///< Normal, mean 0, exponentially weighted variance of the window.
};
[[nodiscard]] std::string_view name(VarMethod method) noexcept;

/// A forecast for each day from `window` on (the first days only feed it): element k forecasts
/// outcomes[window + k] from outcomes[k .. window + k). `lambda` is for kEwma. window >= 2; empty
/// when there are not more days than that.
[[nodiscard]] std::vector<double> rolling_var(std::span<const double> outcomes, std::size_t window,
                                              double confidence, VarMethod method, double lambda);

}  // namespace fermata::portfolio

#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "core/market/date.hpp"
#include "research/tail_risk.hpp"

namespace fermata {

/// What there is to measure: values of an account or an asset at the ends of equal periods.
struct ValueSeries {
    std::span<const double> values;     ///< P_0 .. P_n.
    std::span<const Date> dates;        ///< Of the values, strictly ascending; or empty.
    std::span<const double> benchmark;  ///< Values of the benchmark at the same times; or empty.
};

struct StatisticsOptions {
    double periods_per_year = 252;  ///< 252 daily, 52 weekly, 12 monthly.
    double risk_free = 0;           ///< A year; a period earns risk_free / periods_per_year.
    std::vector<double> confidences{0.95, 0.99};
    double ewma_lambda = 0.94;
};

/// Against the benchmark. r and b are the returns of the series and of the benchmark.
struct BenchmarkStatistics {
    std::optional<double> beta, alpha, alpha_ann, corr, r2, tracking_error, information_ratio,
        treynor;
};

/// The drawdown of the series with dates where there are any.
struct DrawdownStatistics {
    double max_drawdown = 0;
    std::optional<Date> peak_date, trough_date, recovery_date;
    std::size_t longest_underwater_bars = 0;
    std::optional<double> calmar;
    double ulcer_index_pct = 0;
    std::optional<double> martin;
};

/// Performance of a value series. Definitions and sources: docs/statistics.md.
///
/// What a series cannot give is absent, never NaN, infinite or zero instead: ratios to a deviation,
/// drawdown or variance that is zero; deviations of fewer than two returns; everything that rests
/// on returns when a value other than the last is not positive.
struct Statistics {
    double periods_per_year = 252;  ///< As in the options.
    double ewma_lambda = 0.94;      ///< As in the options.
    std::size_t n_returns = 0;      ///< Returns that the figures rest on.
    std::optional<Date> first_date, last_date;
    std::optional<double> total_return, cagr, cagr_calendar;
    // Of one period: mean and sample standard deviation of the returns.
    std::optional<double> mean, sd;
    // A year.
    std::optional<double> ann_mean, ann_vol, downside_dev_ann, ewma_vol_ann;
    std::optional<double> sharpe, sharpe_ddof0, sortino;
    /// Probability that the true Sharpe ratio is above zero.
    std::optional<double> probabilistic_sharpe;
    std::optional<DrawdownStatistics> drawdown;
    std::vector<TailRisk> tail_risks;  ///< One a confidence level.
    std::optional<BenchmarkStatistics> benchmark;
    std::optional<double> omega_0, tail_ratio;
    std::optional<double> skew_pop, kurt_excess_pop, skew_adj, kurt_excess_adj;
    std::optional<double> positive_fraction, best, worst;

    /// Every figure that is there, by name, in a fixed order: "cagr_252", "var_hist_95" ...
    [[nodiscard]] std::vector<std::pair<std::string, double>> flatten() const;
    /// Every date that is there, as YYYY-MM-DD: "first_date", "mdd_peak_date" ...
    [[nodiscard]] std::vector<std::pair<std::string, std::string>> flatten_dates() const;
};

/// Throws std::invalid_argument when lengths differ, a number is not finite, the dates do not
/// ascend, or an option makes no sense.
[[nodiscard]] Statistics compute_statistics(const ValueSeries& series,
                                            const StatisticsOptions& options = {});

/// r_t = P_t / P_{t-1} - 1. Absent when a value other than the last is not positive.
[[nodiscard]] std::optional<std::vector<double>> returns_of(std::span<const double> values);

/// The values 1, 1 + r_1, (1 + r_1)(1 + r_2) ... that have these returns.
[[nodiscard]] std::vector<double> values_of(std::span<const double> returns);

}  // namespace fermata

#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "core/types/time.hpp"
#include "research/trade_ledger.hpp"

namespace fermata {

/// Statistics of finished trades; profit is net of fees. Definitions: docs/statistics.md. What a
/// set of trades cannot give is absent (the average loss of trades that all won).
struct TradeStatistics {
    std::size_t trades = 0;
    std::size_t wins = 0;                             ///< profit > 0
    std::size_t losses = 0;                           ///< profit < 0
    std::optional<double> win_rate;                   ///< wins / trades
    std::optional<double> profit_factor;              ///< sum of profits / |sum of losses|
    std::optional<double> expectancy;                 ///< mean profit of a trade
    std::optional<double> expectancy_ratio;           ///< mean of profit / entry value
    std::optional<double> average_win, average_loss;  ///< Money; a loss is negative.
    std::optional<double> payoff_ratio;               ///< average win / |average loss|
    std::optional<double> largest_win, largest_loss;
    std::size_t longest_winning_streak = 0, longest_losing_streak = 0;
    std::optional<double> mae_mean, mae_max, mfe_mean, mfe_max;  ///< Fractions of the cost.
    /// Of 24 hours.
    std::optional<double> holding_days_mean, holding_days_median, holding_days_max;
    double fees = 0;

    [[nodiscard]] std::vector<std::pair<std::string, double>> flatten() const;
};

[[nodiscard]] TradeStatistics compute_trade_statistics(std::span<const Trade> closed);

/// How much of the account was at work, sampled together with its equity.
struct ActivityStatistics {
    std::optional<double> exposure_time;  ///< Share of the samples with any position.
    std::optional<double> exposure_mean;  ///< Mean of gross position value / equity.
    std::optional<double> exposure_max;
    /// Half of the traded value (a purchase and its sale count once) / mean equity, a year.
    std::optional<double> turnover_ann;

    [[nodiscard]] std::vector<std::pair<std::string, double>> flatten() const;
};

/// `gross` is the sum of the absolute position values at the samples of `equity`. Samples without a
/// positive equity are left out of the ratios. Throws std::invalid_argument when the lengths
/// differ.
[[nodiscard]] ActivityStatistics compute_activity(std::span<const double> equity,
                                                  std::span<const double> gross,
                                                  double traded_value, double periods_per_year);

}  // namespace fermata

#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "core/market/date.hpp"
#include "risk/portfolio/matrix.hpp"
#include "risk/portfolio/return_history.hpp"

namespace fermata::portfolio {

/// What a stress test is made on. All spans by position, of one length; the referred-to data
/// outlives the book.
struct StressBook {
    std::span<const double> exposures;  ///< Value of each position, signed, in money.
    std::span<const double> betas;      ///< Against the index that is shocked.
    std::span<const std::string> sectors;
    const Matrix* covariance = nullptr;  ///< Of one day.
    /// Value that trades on an average day, in money; not positive: not known.
    std::span<const double> daily_values;
};

/// The numbers of the standard scenarios.
struct StressSettings {
    double index_shock = -0.10;
    double sector_shock = -0.20;
    double volatility_multiple = 2;
    double flash_fall = 0.10;
    double confidence = 0.99;  ///< Of the scenarios that change the covariance.
    double half_spread = 0.0005;
    double spread_multiple = 10;    ///< Of the half spread once liquidity is gone.
    double impact_coefficient = 1;  ///< Y of Y sigma sqrt(Q / V).
    double volume_left = 0.1;       ///< Share of the volume that still trades.
};

/// What a scenario does to every position.
struct StressOutcome {
    std::string scenario;
    std::vector<double> profit;  ///< By position, money; a loss is negative.
    double total = 0;            ///< Their sum.
    /// Positions whose loss the data does not tell: they count nothing in `total`, which therefore
    /// is not the whole loss.
    std::vector<std::size_t> unknown;
    [[nodiscard]] bool complete() const noexcept { return unknown.empty(); }
};

/// The index moves by `shock`, every instrument by beta x shock.
[[nodiscard]] StressOutcome index_shock(const StressBook& book, double shock);

/// One sector moves by `shock`, nothing else moves.
[[nodiscard]] StressOutcome sector_shock(const StressBook& book, const std::string& sector,
                                         double shock);

/// All deviations times `multiple`, correlations as they are: the normal VaR of one day (mean 0)
/// under that covariance, as a loss, by its components.
[[nodiscard]] StressOutcome volatility_shock(const StressBook& book, double multiple,
                                             double confidence);

/// All correlations 1: everything moves together, by z deviations. Longs and shorts then hedge each
/// other; see correlations_against for who holds both.
[[nodiscard]] StressOutcome correlations_to_one(const StressBook& book, double confidence);

/// Correlation 1 among the longs and among the shorts and -1 between them: the hedges fail. The
/// largest loss that these deviations allow.
[[nodiscard]] StressOutcome correlations_against(const StressBook& book, double confidence);

/// Every price falls by `fall` at once, whatever its beta. Longs lose it; shorts gain nothing,
/// because the way back up comes before they can cover.
[[nodiscard]] StressOutcome flash_crash(const StressBook& book, double fall);

/// The cost of leaving every position within a day when the spread is `spread_multiple` times as
/// wide and a share `volume_left` of the volume is left:
///     |value| (half_spread spread_multiple + Y sigma sqrt(|value| / (daily value volume_left))),
/// of a long position at most its value. Unknown where the daily value is not known.
[[nodiscard]] StressOutcome liquidity_gone(const StressBook& book, const StressSettings& settings);

/// What happened from the close before `from` to the close of `to` happens again: each instrument's
/// compounded return of the window. `columns` names each position's instrument in `history`.
/// Unknown where the instrument had no price when the window began or when it ended, or an unusable
/// one in it, and everywhere when the history does not cover the window's first day.
[[nodiscard]] StressOutcome historical_window(const StressBook& book, const std::string& name,
                                              Date from, Date to, const ReturnHistory& history,
                                              std::span<const std::size_t> columns);

/// All of the above but the historical windows, sectors in the order of their names, with those
/// that hold something only.
[[nodiscard]] std::vector<StressOutcome> standard_scenarios(const StressBook& book,
                                                            const StressSettings& settings);

}  // namespace fermata::portfolio

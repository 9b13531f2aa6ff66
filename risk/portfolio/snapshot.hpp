#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "core/base/result.hpp"
#include "core/market/date.hpp"
#include "core/types/number.hpp"
#include "core/types/time.hpp"
#include "risk/portfolio/return_history.hpp"

namespace fermata::portfolio {

/// How a covariance was estimated. The numbers are part of the encoding: never reuse one.
enum class CovarianceMethod : std::uint8_t { kSample = 1, kEwma = 2, kShrunk = 3 };
[[nodiscard]] std::string_view name(CovarianceMethod method) noexcept;

/// Everything about the market that the gate needs to measure a portfolio with a new order in it:
/// made off the hot path, numbered, journaled as bytes, then read by the gate. A decision names the
/// number of the snapshot that it used, and so can be reproduced.
///
/// N instruments by their dense ids, T days. Flat arrays, row after row. A plain value; constant
/// once it is published, then any thread may read it.
///
/// An instrument that was not measured (too short a history) has zeros everywhere: its risk is
/// unknown, not none. Whoever reads must look at `measured` first.
struct PortfolioSnapshot {
    std::uint64_t number = 0;  ///< Counts the snapshots of a run, from 1.
    Timestamp as_of;           ///< When the newest data in it was known.
    Date first_day;            ///< Of `returns`.
    Date last_day;
    std::uint32_t instruments = 0;   ///< N
    std::uint32_t days = 0;          ///< T
    std::uint32_t dropped_days = 0;  ///< Left out, because some measured instrument had no return.
    CovarianceMethod method = CovarianceMethod::kSample;
    double lambda = 0;                 ///< Of kEwma.
    double intensity = 0;              ///< Of kShrunk: found by the estimate.
    double correlation_threshold = 0;  ///< Of `correlated`.

    std::vector<std::uint8_t> measured;           ///< N; 1 or 0.
    std::vector<std::uint16_t> sectors;           ///< N; numbered by whoever makes it; kNoSector.
    std::vector<Quantity> average_daily_volumes;  ///< N; zero: not known.
    std::vector<double> volatilities;             ///< N, a day: square roots of the diagonal.
    std::vector<double> betas;                    ///< N; all zero without a benchmark.
    std::vector<double> covariance;               ///< N x N, a day; symmetric.
    std::vector<double> returns;                  ///< T x N simple returns, oldest day first.
    /// N x words(): bit j of row i, i != j, says that the correlation of i and j is above the
    /// threshold. The diagonal is clear.
    std::vector<std::uint64_t> correlated;

    static constexpr std::uint16_t kNoSector = 0xffff;

    /// 64-bit words of a row of `correlated`.
    [[nodiscard]] std::size_t words() const noexcept { return (instruments + 63) / 64; }
    [[nodiscard]] std::span<const double> covariance_row(std::size_t i) const noexcept {
        return {covariance.data() + i * instruments, instruments};
    }
    [[nodiscard]] std::span<const double> return_row(std::size_t day) const noexcept {
        return {returns.data() + day * instruments, instruments};
    }
    [[nodiscard]] std::span<const std::uint64_t> correlated_row(std::size_t i) const noexcept {
        return {correlated.data() + i * words(), words()};
    }
    friend bool operator==(const PortfolioSnapshot&, const PortfolioSnapshot&) = default;
};

struct SnapshotSettings {
    CovarianceMethod method = CovarianceMethod::kShrunk;
    double lambda = 0.94;
    double correlation_threshold = 0.7;
    /// Returns that an instrument needs within the window to be measured, and complete days that
    /// the measured ones need together; at least 2.
    std::size_t days_min = 60;
};

/// What a snapshot takes from elsewhere. Spans by instrument.
struct SnapshotInputs {
    std::uint64_t number = 1;
    Timestamp as_of;
    std::span<const std::uint16_t> sectors;
    std::span<const Quantity> average_daily_volumes;
    std::optional<std::size_t> benchmark;  ///< An instrument of the history.
};

/// kTooFewDays when no instrument can be measured, or the measured ones have too few days together.
/// A benchmark that is not measured gives betas of zero.
[[nodiscard]] Result<PortfolioSnapshot, HistoryError> make_snapshot(
    const ReturnHistory& history, const SnapshotInputs& inputs, const SnapshotSettings& settings);

}  // namespace fermata::portfolio

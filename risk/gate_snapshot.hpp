#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <vector>

#include "core/market/date.hpp"
#include "core/types/number.hpp"
#include "core/types/time.hpp"
#include "risk/portfolio/return_history.hpp"
#include "risk/portfolio/snapshot.hpp"
#include "risk/portfolio/stress.hpp"

namespace fermata {

class StateArchive;

/// What the gate reads of a snapshot of portfolio risk, in integers, so that sums over it are exact
/// and the same on every machine: made off the hot path by make_gate_snapshot, constant once it is
/// published.
///
/// N instruments by their dense ids, T days, S scenarios. Flat arrays, row after row, all by
/// instrument: what changes when one position changes lies side by side. Rows of T and S are padded
/// with zeros to whole vectors (days_stride, scenarios_stride), those of N are not.
///
/// Rounding: returns and shocks to the nearest 1e-9, and those beyond +-2.147483647 (more than
///           tripled in a day) are clipped to it; variances up, covariances to the nearest, in
///           2^-covariance_bits, the finest at which all fit.
/// Unknown:  an instrument that was not measured has zeros in covariance and returns, which say
///           nothing: look at `measured` first. Its shocks are the largest fall of all scenarios,
///           against either direction, and it is correlated with every other.
struct GateSnapshot {
    std::uint64_t number = 0;  ///< From 1 in a run; 0: nothing is known, see unknown().
    std::uint64_t digest = 0;  ///< Of all else that is not derived, see compute_digest.
    Timestamp as_of;
    std::uint32_t instruments = 0;  ///< N
    std::uint32_t days = 0;         ///< T
    std::uint32_t scenarios = 0;    ///< S
    std::uint32_t covariance_bits = 0;
    /// Square of the deviations that the scenario of higher volatility loses, in 1e-16, rounded up;
    /// zero: there is no such scenario.
    std::uint64_t volatility_factor = 0;
    std::vector<std::string> scenario_names;  ///< S
    std::vector<std::uint8_t> measured;       ///< N; 1 or 0.
    std::vector<Price> prices;                ///< N; values are taken at these. Zero: not known.
    std::vector<std::int32_t> covariance;     ///< N x N, of one day; empty if none is measured.
    std::vector<std::int32_t> returns;        ///< N x days_stride(), 1e-9, oldest day first.
    std::vector<std::int32_t> long_shocks;    ///< N x scenarios_stride(), 1e-9: of what is held.
    std::vector<std::int32_t> short_shocks;   ///< The same of what is owed: a rise is a loss.
    /// N x words(): bit j of row i, i != j, says that i and j are correlated above the threshold,
    /// or that one of them was not measured. The diagonal is clear.
    std::vector<std::uint64_t> correlated;
    // These follow from the others, see derive().
    std::vector<std::int32_t> variances;        ///< N: the diagonal.
    std::vector<std::int32_t> lowest_returns;   ///< N: over all days; at most zero.
    std::vector<std::int32_t> highest_returns;  ///< N: at least zero.

    static constexpr std::uint32_t kInstrumentsMax = 8192;
    static constexpr std::uint32_t kDaysMax = 2048;
    static constexpr std::uint32_t kScenariosMax = 512;
    /// Numbers in a whole vector; see exact_rows.hpp.
    static constexpr std::size_t kLanes = 8;

    [[nodiscard]] static constexpr std::size_t padded(std::size_t n) noexcept {
        return (n + kLanes - 1) / kLanes * kLanes;
    }
    [[nodiscard]] std::size_t days_stride() const noexcept { return padded(days); }
    [[nodiscard]] std::size_t scenarios_stride() const noexcept { return padded(scenarios); }
    /// 64-bit words of a row of `correlated`.
    [[nodiscard]] std::size_t words() const noexcept { return (instruments + 63) / 64; }

    [[nodiscard]] const std::int32_t* covariance_row(std::size_t i) const noexcept {
        return covariance.data() + i * instruments;
    }
    [[nodiscard]] const std::int32_t* return_row(std::size_t i) const noexcept {
        return returns.data() + i * days_stride();
    }
    [[nodiscard]] const std::int32_t* long_row(std::size_t i) const noexcept {
        return long_shocks.data() + i * scenarios_stride();
    }
    [[nodiscard]] const std::int32_t* short_row(std::size_t i) const noexcept {
        return short_shocks.data() + i * scenarios_stride();
    }
    [[nodiscard]] const std::uint64_t* correlated_row(std::size_t i) const noexcept {
        return correlated.data() + i * words();
    }
    [[nodiscard]] std::uint32_t measured_count() const noexcept;

    /// What the gate knows before the first snapshot: no instrument is measured, no price is known,
    /// and every instrument may move by `fall` against its holder.
    [[nodiscard]] static GateSnapshot unknown(std::size_t instruments, double fall);

    /// Whoever fills the arrays calls this, then takes the digest.
    void derive();
    [[nodiscard]] std::uint64_t compute_digest() const noexcept;
    /// Its bytes, for state snapshots and for files that journals refer to. What it reads has whole
    /// arrays, padding of zeros, numbers and bits that can be, and the digest that it says. See
    /// core/base/state_archive.hpp.
    void persist(StateArchive& a);
    friend bool operator==(const GateSnapshot&, const GateSnapshot&) = default;
};

/// Something that happened once and may happen again.
struct ScenarioWindow {
    std::string name;
    std::vector<double> returns;  ///< By instrument, compounded; NaN: not known.
};
/// See portfolio::historical_window.
[[nodiscard]] ScenarioWindow scenario_window(const std::string& name, Date from, Date to,
                                             const portfolio::ReturnHistory& history);

/// The scenarios of STRESS. Of `numbers` all but those of liquidity count: that is what LIQUIDITY
/// judges, and its cost is not a sum over positions.
struct ScenarioSettings {
    portfolio::StressSettings numbers;
    std::vector<std::string> sector_names;  ///< By number; a sector without one is "sector 3".
    std::vector<ScenarioWindow> windows;
};

/// `prices` by instrument; zero where none is known. The index shock is left out when no instrument
/// has a beta (there was no benchmark). Of more than kDaysMax days the newest are taken. A bug:
/// more than kScenariosMax scenarios (sectors, windows and five).
[[nodiscard]] GateSnapshot make_gate_snapshot(const portfolio::PortfolioSnapshot& snapshot,
                                              std::span<const Price> prices,
                                              const ScenarioSettings& settings);

}  // namespace fermata

#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <vector>

namespace fermata {

/// Drawdowns of a series of values P: d_t = P_t / max(P_0..P_t) - 1, never above zero. Positions
/// are indices into the series. The values must be finite, and the first one positive: else a bug.
struct Drawdown {
    double maximum = 0;                   ///< -min d_t: 0.2 is a fall by a fifth.
    std::optional<std::size_t> peak;      ///< Last place at the running maximum before the trough.
    std::optional<std::size_t> trough;    ///< First place of the deepest drawdown.
    std::optional<std::size_t> recovery;  ///< First later place at or above the peak, if any.
    std::size_t longest_underwater = 0;   ///< Longest run of consecutive d_t < 0.
    double ulcer_index = 0;               ///< sqrt(mean(d_t^2)), as a fraction (Martin 1987).
};

[[nodiscard]] Drawdown measure_drawdown(std::span<const double> values);

/// The whole series d_t.
[[nodiscard]] std::vector<double> drawdown_series(std::span<const double> values);

}  // namespace fermata

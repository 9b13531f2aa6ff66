#pragma once

#include <cstddef>
#include <span>

#include "core/base/assert.hpp"

namespace fermata {

/// The quantile of probability `p` in [0, 1] of values in ascending order, by linear interpolation
/// between the order statistics at (n - 1) p (type 7 of Hyndman and Fan 1996; numpy's default).
/// Not empty.
[[nodiscard]] inline double quantile_of_sorted(std::span<const double> ascending, double p) {
    FERMATA_ASSERT(!ascending.empty() && p >= 0 && p <= 1);
    const double rank = static_cast<double>(ascending.size() - 1) * p;
    const auto below = static_cast<std::size_t>(rank);
    if (below + 1 >= ascending.size()) return ascending.back();
    const double part = rank - static_cast<double>(below);
    return ascending[below] + part * (ascending[below + 1] - ascending[below]);
}

}  // namespace fermata

#pragma once

#include <span>

namespace fermata {

/// The quantile of probability `p` in [0, 1] of values in ascending order, by linear interpolation
/// between the order statistics at (n - 1) p (type 7 of Hyndman and Fan 1996; numpy's default).
/// Not empty.
[[nodiscard]] double quantile_of_sorted(std::span<const double> ascending, double p);

}  // namespace fermata

#pragma once

#include "core/types/number.hpp"

namespace fermata {

/// Exact numbers as doubles, for indicators, models and statistics. The nearest double; what comes
/// of it never returns to an order, a position or cash. Not in core/types, where a double would be
/// one include away from every integer that is promised to stay one.
[[nodiscard]] inline double to_double(Price v) noexcept {
    return static_cast<double>(v.raw()) / 1e9;
}
[[nodiscard]] inline double to_double(Quantity v) noexcept {
    return static_cast<double>(v.raw()) / 1e8;
}
[[nodiscard]] inline double to_double(Money v) noexcept {
    return static_cast<double>(v.raw()) / 1e6;
}
[[nodiscard]] inline double to_double(Ratio v) noexcept {
    return static_cast<double>(v.raw()) / 1e9;
}

}  // namespace fermata

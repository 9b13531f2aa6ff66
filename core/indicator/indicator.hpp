#pragma once

#include <concepts>

#include "core/base/state_archive.hpp"

namespace fermata {

/// What every indicator of this folder keeps to.
///
/// Names:      TA-Lib's (SMA, EMA, BBANDS ...), and its parameters, seeding and look-back, with an
///             unstable period of 0. tests/core/indicator compares with TA-Lib's own values.
/// Streaming:  one `update` a bar or tick in constant time. An input must be finite.
/// Look-back:  nothing comes out before the look-back is full: `ready()` is false for the first
///             `lookback()` updates, and reading a value then is a bug and aborts.
/// Memory:     the constructor allocates what the period needs; nothing else does.
/// Drift:      none. What slides is summed with compensation and is summed afresh once a window
///             (window.hpp), so that the millionth value is as good as the first.
/// Rescaling:  `rescale(f)`, f > 0, makes the state what it were if every input so far had been
///             multiplied by f: what a split does to raw prices. Linear in the period: for rare
///             events.
/// Snapshots:  `persist` lists what changes after construction (core/base/state_archive.hpp).
template <class T>
concept Indicator = StateObject<T> && requires(T t, const T& c, double factor) {
    { c.ready() } noexcept -> std::same_as<bool>;
    { c.lookback() } noexcept -> std::same_as<int>;
    { t.reset() } noexcept;
    { t.rescale(factor) } noexcept;
};

/// An indicator of one series with one output.
template <class T>
concept ScalarIndicator = Indicator<T> && requires(T t, const T& c, double x) {
    { t.update(x) } noexcept;
    { c.value() } -> std::same_as<double>;
};

}  // namespace fermata

#pragma once

#include <cmath>
#include <cstdint>

#include "core/types/instrument.hpp"
#include "core/types/number.hpp"

namespace fermata {

// Where what a model computed in doubles becomes the price or quantity of an order: here, and
// nowhere else.

enum class Rounding : std::uint8_t { kDown, kUp, kNearest };

/// The price on the grid of `tick` (> 0) next to `value`; zero when it does not fit a Price.
[[nodiscard]] inline Price price_on_tick(double value, Price tick, Rounding rounding) noexcept {
    const double ticks = value * 1e9 / static_cast<double>(tick.raw());
    // A distance below a millionth of a tick is the error of the conversion, not a price.
    const double near = std::nearbyint(ticks);
    double n = near;
    if (std::fabs(ticks - near) > 1e-6 && rounding != Rounding::kNearest) {
        n = rounding == Rounding::kDown ? std::floor(ticks) : std::ceil(ticks);
    }
    const double raw = n * static_cast<double>(tick.raw());
    if (!(std::fabs(raw) < 9.2e18)) return Price::zero();
    return Price::from_raw(static_cast<std::int64_t>(n) * tick.raw());
}

/// The same from an exact price.
[[nodiscard]] inline Price price_on_tick(Price value, Price tick, Rounding rounding) noexcept {
    const std::int64_t rest = ((value.raw() % tick.raw()) + tick.raw()) % tick.raw();
    const Price below = Price::from_raw(value.raw() - rest);
    if (rest == 0 || rounding == Rounding::kDown) return below;
    if (rounding == Rounding::kUp || 2 * rest > tick.raw()) return below + tick;
    return below;
}

/// Whole lots not above `quantity`, never negative.
[[nodiscard]] inline Quantity whole_lots(Quantity quantity, Quantity lot) noexcept {
    if (!quantity.is_positive()) return Quantity::zero();
    return Quantity::from_raw(quantity.raw() - quantity.raw() % lot.raw());
}
/// The same from units as a double; zero when it is not finite or does not fit.
[[nodiscard]] inline Quantity whole_lots(double units, Quantity lot) noexcept {
    const double lots = std::floor(units * 1e8 / static_cast<double>(lot.raw()) + 1e-9);
    if (!(lots > 0) || lots * static_cast<double>(lot.raw()) > 9.2e18) return Quantity::zero();
    return Quantity::from_raw(static_cast<std::int64_t>(lots) * lot.raw());
}

}  // namespace fermata

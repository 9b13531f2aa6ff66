#pragma once

#include <cstdint>

#include "core/base/random.hpp"

namespace fermata::generator {

/// Deviates of the standard normal and exponential distributions by the ziggurat method with 256
/// layers (Marsaglia, Tsang, Journal of Statistical Software 5(8), 2000), with layer, sign and
/// abscissa from separate bits of one word (Doornik 2005, on the correlation of the original's).
/// Exact up to the 53 bits of the abscissa. No part of the standard library is involved: its
/// distributions differ between implementations.
[[nodiscard]] double normal(Xoshiro256& random) noexcept;
/// Mean 1.
[[nodiscard]] double exponential(Xoshiro256& random) noexcept;

/// The geometric distribution on 1, 2, 3, ...: 1 + floor(E / -ln(1 - 1 / mean)), E exponential.
class Geometric {
public:
    /// `mean` >= 1.
    explicit Geometric(double mean) noexcept;
    [[nodiscard]] std::int64_t operator()(Xoshiro256& random) const noexcept {
        if (scale_ == 0) return 1;
        return 1 + static_cast<std::int64_t>(exponential(random) * scale_);
    }

private:
    double scale_;  // 1 / -ln(1 - 1 / mean); 0 when the mean is 1
};

}  // namespace fermata::generator

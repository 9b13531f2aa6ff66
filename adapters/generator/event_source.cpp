#include "adapters/generator/event_source.hpp"

#include <algorithm>

#include "core/base/portable_math.hpp"

namespace fermata::generator {

double Listing::exact_ticks(double log_price, Price tick) noexcept {
    constexpr double kLogMax = 18.5;  // beyond the greatest price
    constexpr double kLogMin = -40;   // far below the smallest tick
    const double raw =
        portable_exp(std::clamp(log_price, kLogMin, kLogMax)) * static_cast<double>(Price::kOne);
    return std::min(raw, static_cast<double>(kPriceMaxRaw)) / static_cast<double>(tick.raw());
}

std::int64_t Listing::ticks(double log_price, Price tick) noexcept {
    return std::max<std::int64_t>(static_cast<std::int64_t>(exact_ticks(log_price, tick) + 0.5), 1);
}

}  // namespace fermata::generator

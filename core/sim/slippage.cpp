#include "core/sim/slippage.hpp"

#include <algorithm>
#include <cstdint>

#include "core/base/assert.hpp"

namespace fermata {
namespace {

__int128 magnitude(Price price) noexcept {
    const __int128 raw = price.raw();
    return raw < 0 ? -raw : raw;
}

/// Rounded half to even; the callers' numbers always fit.
std::int64_t divide(__int128 numerator, std::int64_t denominator) noexcept {
    const auto quotient = divide_half_even(numerator, denominator);
    return quotient ? *quotient : Price::max().raw();
}

/// The largest whole number whose square does not exceed `value`.
std::int64_t integer_root(std::int64_t value) noexcept {
    std::int64_t root = 0;
    for (std::int64_t bit = std::int64_t{1} << 30; bit != 0; bit >>= 1) {
        const std::int64_t candidate = root | bit;
        if (candidate * candidate <= value) root = candidate;
    }
    return root;
}

std::int64_t slip_of(const SlippageConfig& config, Price price, Quantity quantity,
                     const Supply& supply) noexcept {
    switch (config.model) {
        case SlippageModel::kNone:
            return 0;
        case SlippageModel::kFixed:
            return config.amount.raw();
        case SlippageModel::kRate:
            return divide(magnitude(price) * config.rate.raw(), Ratio::kOne);
        case SlippageModel::kSpread: {
            const Price spread = supply.has_spread() ? supply.spread() : config.amount;
            return divide(magnitude(spread) * config.rate.raw(), Ratio::kOne);
        }
        case SlippageModel::kVolumeShare: {
            const Ratio impact = volume_impact(config.impact, quantity, supply.size());
            // Below 2^63 x 10^9 x 10^9 < 2^127; both rates are at most 1.
            return divide(magnitude(price) * config.rate.raw() * impact.raw(),
                          Ratio::kOne * Ratio::kOne);
        }
    }
    return 0;
}

}  // namespace

Ratio volume_impact(ImpactShape shape, Quantity quantity, Quantity volume) noexcept {
    std::int64_t share = Ratio::kOne;
    if (volume > quantity) {
        share = static_cast<std::int64_t>(static_cast<__int128>(quantity.raw()) * Ratio::kOne /
                                          volume.raw());
    }
    if (shape == ImpactShape::kSquare) return Ratio::from_raw(share * share / Ratio::kOne);
    return Ratio::from_raw(integer_root(share * Ratio::kOne));
}

Price slipped(const SlippageConfig& config, Side side, Price price, Quantity quantity,
              const Supply& supply) noexcept {
    if (config.model == SlippageModel::kNone) return price;
    const std::int64_t slip = slip_of(config, price, quantity, supply);
    FERMATA_ASSERT(slip >= 0);
    const __int128 sum = static_cast<__int128>(price.raw()) + sign(side) * __int128{slip};
    const std::int64_t floor = price.is_negative() ? Price::min().raw() : 0;
    return Price::from_raw(
        static_cast<std::int64_t>(std::clamp<__int128>(sum, floor, Price::max().raw())));
}

}  // namespace fermata

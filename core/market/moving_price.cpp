#include "core/market/moving_price.hpp"

#include <algorithm>
#include <numeric>

#include "core/base/assert.hpp"

namespace fermata {
namespace {

Price clamped(__int128 raw) noexcept {
    // The ends of the range mean "no price" to those who keep prices in sorted queues.
    return Price::from_raw(static_cast<std::int64_t>(
        std::clamp<__int128>(raw, Price::min().raw() + 1, Price::max().raw() - 1)));
}

__int128 floor_to(__int128 raw, std::int64_t tick) noexcept {
    const __int128 rest = raw % tick;
    return rest < 0 ? raw - rest - tick : raw - rest;
}

/// Down for a purchase's limit or a sale's trigger, up for the others.
__int128 to_tick(__int128 raw, bool down, Price tick) noexcept {
    FERMATA_ASSERT(tick.is_positive());
    return down ? floor_to(raw, tick.raw()) : -floor_to(-raw, tick.raw());
}

}  // namespace

Price trailing_trigger(Side side, OffsetKind kind, std::int64_t offset, Price market,
                       Price tick) noexcept {
    const __int128 raw = market.raw();
    if (kind != OffsetKind::kTrailPercent) return clamped(raw + sign(side) * __int128{offset});
    const __int128 product = (raw < 0 ? -raw : raw) * offset;
    const __int128 distance = (product + Ratio::kOne - 1) / Ratio::kOne;
    return clamped(to_tick(raw + sign(side) * distance, side == Side::kSell, tick));
}

Price trailing_limit(Price trigger, Price distance) noexcept {
    return clamped(static_cast<__int128>(trigger.raw()) + distance.raw());
}

Price middle(Price bid, Price ask) noexcept {
    return Price::from_raw(std::midpoint(bid.raw(), ask.raw()));
}

Price pegged_price(Side side, std::int64_t offset, Price reference, Price worst,
                   Price tick) noexcept {
    const bool buy = side == Side::kBuy;
    const Price price =
        clamped(to_tick(static_cast<__int128>(reference.raw()) + offset, buy, tick));
    if (worst.is_zero()) return price;
    return buy ? std::min(price, worst) : std::max(price, worst);
}

}  // namespace fermata

#pragma once

#include <cstdint>

#include "core/types/order_enums.hpp"

namespace fermata {

/// What a venue does by itself beyond types and times in force.
enum VenueFeature : std::uint32_t {
    kVenueIceberg = 0x01,     ///< Shows a part of an order.
    kVenuePostOnly = 0x02,    ///< Refuses what would take.
    kVenueReduceOnly = 0x04,  ///< Refuses what would open or turn a position.
    kVenueLinks = 0x08,       ///< Cancels and reduces linked orders of its own (OCO, OUO).
    kVenueAllFeatures = 0x0f,
};

/// What one venue supports; the rest is emulated by the order manager, or refused where it cannot
/// be. Bits by the number of the enumerations' values.
struct VenueCapabilities {
    std::uint32_t types = (1U << kOrderTypeCount) - 1;
    std::uint32_t tifs = (1U << kTimeInForceCount) - 1;
    std::uint32_t offsets = (1U << kOffsetKindCount) - 1;  ///< Of trailing and pegged orders.
    std::uint32_t features = kVenueAllFeatures;

    [[nodiscard]] constexpr bool has(OrderType t) const noexcept {
        return (types >> static_cast<unsigned>(t) & 1U) != 0;
    }
    [[nodiscard]] constexpr bool has(TimeInForce t) const noexcept {
        return (tifs >> static_cast<unsigned>(t) & 1U) != 0;
    }
    [[nodiscard]] constexpr bool has(OffsetKind k) const noexcept {
        return (offsets >> static_cast<unsigned>(k) & 1U) != 0;
    }
    [[nodiscard]] constexpr bool has(VenueFeature f) const noexcept { return (features & f) != 0; }
    [[nodiscard]] constexpr bool everything() const noexcept {
        const VenueCapabilities all;
        return types == all.types && tifs == all.tifs && offsets == all.offsets &&
               features == all.features;
    }
    constexpr void drop(OrderType t) noexcept { types &= ~(1U << static_cast<unsigned>(t)); }
    constexpr void drop(TimeInForce t) noexcept { tifs &= ~(1U << static_cast<unsigned>(t)); }
    constexpr void drop(OffsetKind k) noexcept { offsets &= ~(1U << static_cast<unsigned>(k)); }
    constexpr void drop(VenueFeature f) noexcept { features &= ~static_cast<std::uint32_t>(f); }
};

}  // namespace fermata

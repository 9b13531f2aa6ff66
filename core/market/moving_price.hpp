#pragma once

#include <cstdint>

#include "core/types/number.hpp"
#include "core/types/order_enums.hpp"

namespace fermata {

/// Prices that follow the market: the triggers of trailing orders and the limits of pegged ones.
/// One rule for the simulated exchange and for the order manager's emulation. Pure; a result that
/// would not fit is the nearest that does. `tick` is positive.

/// The trigger at `offset` (kTrailPrice: raw Price, kTrailPercent: raw Ratio) from `market`: below
/// it for a sale, above it for a purchase. A percentage is rounded to the tick away from the
/// market, so no trigger is nearer by rounding; a distance in price is taken as it is.
[[nodiscard]] Price trailing_trigger(Side side, OffsetKind kind, std::int64_t offset, Price market,
                                     Price tick) noexcept;

/// A trailing order of `side` would move its trigger from `trigger` to `candidate`: up for a sale,
/// down for a purchase, never back.
[[nodiscard]] constexpr bool trails_to(Side side, Price candidate, Price trigger) noexcept {
    return side == Side::kSell ? candidate > trigger : candidate < trigger;
}

/// The limit of a trailing stop-limit whose trigger is `trigger`.
[[nodiscard]] Price trailing_limit(Price trigger, Price distance) noexcept;

/// The middle of bid and offer, rounded down (a pegged limit is rounded to its tick anyway).
[[nodiscard]] Price middle(Price bid, Price ask) noexcept;

/// The limit of a pegged order: `reference` + `offset` (raw Price), rounded to the tick away from
/// the market (a purchase down, a sale up) and not beyond `worst` (zero: none).
[[nodiscard]] Price pegged_price(Side side, std::int64_t offset, Price reference, Price worst,
                                 Price tick) noexcept;

}  // namespace fermata

#pragma once

#include <cstdint>

#include "core/market/mark_table.hpp"
#include "core/types/number.hpp"
#include "core/types/order_enums.hpp"

namespace fermata {

/// Orders whose limit or trigger the market says: pegged and trailing ones, and a market-to-limit
/// order, which rests where it has traded. What they name as prices is not what they trade at.

/// What of such an order, or of a request, says where it could trade.
struct PriceTerms {
    Side side = Side::kBuy;
    OrderType type = OrderType::kMarket;
    OffsetKind offset_kind = OffsetKind::kNone;
    std::int64_t offset = 0;
    Price price;       ///< Peg: the worst price, zero: none. Trailing stop-limit: see `placed`.
    Price stop_price;  ///< Trailing: the trigger, zero: from the market.
    /// A trailing stop-limit that the order manager has sent as a limit order: `price` is its
    /// limit, and else the limit's distance from the trigger.
    bool placed = false;
};

[[nodiscard]] constexpr bool limit_moves(OrderType t) noexcept {
    return t == OrderType::kPegged || is_trailing(t) || t == OrderType::kMarketToLimit;
}

/// Where such an order would stand as the market is now.
struct MovingLimit {
    bool limited = false;    ///< `limit` is known.
    bool triggered = false;  ///< `trigger` is known: a trailing order's.
    Price limit;
    Price trigger;
};

/// `mark` may be nullptr: no price is known. `tick` is positive. Requires limit_moves(type).
[[nodiscard]] MovingLimit moving_limit(const PriceTerms& terms, const Mark* mark,
                                       Price tick) noexcept;

/// The worst price of a peg that names none: the collar's edge, to the tick toward the reference.
/// Never zero.
[[nodiscard]] Price peg_bound(Side side, Price reference, Ratio collar, Price tick) noexcept;

/// It can come to trade with what rests on the other side without that moving: not so a peg to the
/// middle or to its own side that adds nothing toward the other one.
[[nodiscard]] constexpr bool peg_takes(Side side, OffsetKind kind, std::int64_t offset) noexcept {
    return kind == OffsetKind::kPegMarket || (side == Side::kBuy ? offset > 0 : offset < 0);
}

/// reserve_price() of such an order.
[[nodiscard]] Price moving_reserve(const PriceTerms& terms, const Mark* mark, Price tick,
                                   Ratio collar) noexcept;

}  // namespace fermata

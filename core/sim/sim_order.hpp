#pragma once

#include <cstdint>

#include "core/types/ids.hpp"
#include "core/types/number.hpp"
#include "core/types/order_enums.hpp"
#include "core/types/time.hpp"

namespace fermata {

class StateArchive;

/// Index of an order in the simulated exchange's pool.
using SimSlot = std::uint32_t;
inline constexpr SimSlot kNoOrder = 0xffff'ffff;

/// An order as the simulated exchange keeps it, from its arrival until it is over.
struct SimOrder {
    ClientOrderId id;  ///< Zero: the slot is free.
    VenueOrderId venue_order_id;
    Price price;       ///< Limit and stop-limit.
    Price stop_price;  ///< Stop and stop-limit.
    Quantity quantity;
    Quantity cumulative;
    Timestamp arrived;           ///< At the exchange; a change that costs priority renews it.
    std::uint64_t priority = 0;  ///< Position in the queue; a change or trigger renews it.
    Money fees;                  ///< Charged so far.
    Money traded_value;          ///< Sum of the absolute values of the fills.
    InstrumentId instrument;
    SimSlot next = kNoOrder;  ///< In its queue.
    SimSlot previous = kNoOrder;
    std::uint32_t expiry = 0xffff'ffff;  ///< Entry in the delay queue, GTD only.
    std::uint32_t visited = 0;           ///< The last bar walk that dealt with it (see BarMatcher).
    std::uint32_t born = 0;  ///< The bar walk in which a stop-limit order became a limit order.
    AccountId account;
    Side side = Side::kBuy;
    OrderType type = OrderType::kMarket;
    TimeInForce tif = TimeInForce::kDay;
    bool triggered = false;
    /// A limit order that takes what is there, like a market order, because the market was at its
    /// price when it came (or no market was known yet). Ends when the market is seen away from it.
    bool aggressive = false;
    bool queued = false;  ///< Is in a queue of the book.

    [[nodiscard]] Quantity leaves() const { return quantity - cumulative; }
    void persist(StateArchive& a);
    [[nodiscard]] bool has_stop() const noexcept {
        return type == OrderType::kStop || type == OrderType::kStopLimit;
    }
    [[nodiscard]] bool has_limit() const noexcept {
        return type == OrderType::kLimit || type == OrderType::kStopLimit;
    }
    /// Waits for its trigger.
    [[nodiscard]] bool is_dormant() const noexcept { return has_stop() && !triggered; }
    /// Fills at any price.
    [[nodiscard]] bool is_market() const noexcept {
        return type == OrderType::kMarket || (type == OrderType::kStop && triggered);
    }
    /// Must be filled at once or not at all; never waits for a second chance.
    [[nodiscard]] bool is_immediate() const noexcept {
        return tif == TimeInForce::kIoc || tif == TimeInForce::kFok;
    }
};

/// A buyer pays at most, a seller gets at least `limit`.
[[nodiscard]] constexpr Price within_limit(Side side, Price price, Price limit) noexcept {
    if (side == Side::kBuy) return price < limit ? price : limit;
    return price > limit ? price : limit;
}

/// The market at `price` is at or beyond `limit` for an order of `side`.
[[nodiscard]] constexpr bool reaches(Side side, Price limit, Price price) noexcept {
    return side == Side::kBuy ? price <= limit : price >= limit;
}

}  // namespace fermata

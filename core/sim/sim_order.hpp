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

/// A limit that no market reaches: of a pegged order before it has seen a market.
[[nodiscard]] constexpr Price unreachable_limit(Side side) noexcept {
    return side == Side::kBuy ? Price::min() : Price::max();
}
/// A trigger that no market reaches: of a trailing order before it has seen a market.
[[nodiscard]] constexpr Price unreachable_trigger(Side side) noexcept {
    return side == Side::kBuy ? Price::max() : Price::min();
}
/// Is one of those.
[[nodiscard]] constexpr bool is_unreachable(Price price) noexcept {
    return price == Price::min() || price == Price::max();
}

/// An order as the simulated exchange keeps it, from its arrival until it is over.
struct SimOrder {
    ClientOrderId id;  ///< Zero: the slot is free.
    VenueOrderId venue_order_id;
    Price price;       ///< The limit in force, of orders that have one.
    Price stop_price;  ///< The trigger in force, of orders that have one.
    /// Trailing stop-limit: signed distance of the limit from the trigger. Pegged: the worst price
    /// that it may follow to, zero for none.
    Price bound;
    Quantity quantity;
    Quantity cumulative;
    Quantity display;            ///< Iceberg: shown at a time; zero: all of it.
    Quantity shown;              ///< Iceberg: what is left of the part that is shown now.
    std::int64_t offset = 0;     ///< Of trailing and pegged orders, see `offset_kind`.
    Timestamp arrived;           ///< At the exchange; a change that costs priority renews it.
    std::uint64_t priority = 0;  ///< Position in the queue; a change, trigger or refill renews it.
    Money fees;                  ///< Charged so far.
    Money traded_value;          ///< Sum of the absolute values of the fills.
    std::uint64_t visited = 0;   ///< The last pass (see Executor) that dealt with it.
    std::uint64_t born = 0;      ///< The bar walk in which it became a limit order.
    std::uint64_t refilled = 0;  ///< The last pass in which an iceberg showed a new part.
    InstrumentId instrument;
    SimSlot next = kNoOrder;  ///< In its queue.
    SimSlot previous = kNoOrder;
    SimSlot link_next = kNoOrder;  ///< In its group of linked orders, by ascending id.
    SimSlot link_previous = kNoOrder;
    std::uint32_t expiry = 0xffff'ffff;  ///< Entry in the delay queue, GTD only.
    std::uint32_t link = 0;              ///< Group of linked orders of its strategy.
    AccountId account;
    StrategyId strategy;
    OrderReason restated = OrderReason::kNone;  ///< Terms to be reported when the event is over.
    Side side = Side::kBuy;
    OrderType type = OrderType::kMarket;
    TimeInForce tif = TimeInForce::kDay;
    std::uint8_t flags = 0;
    OffsetKind offset_kind = OffsetKind::kNone;
    LinkRole link_role = LinkRole::kNone;
    bool triggered = false;
    /// A limit order that takes what is there, like a market order, because the market was at its
    /// price when it came (or no market was known yet). Ends when the market is seen away from it.
    bool aggressive = false;
    bool queued = false;     ///< Is in a queue of the book.
    bool converted = false;  ///< A market-to-limit order that rests as a limit order.
    bool armed = false;      ///< ATO: the session has opened, its first price fills the order.
    bool released = false;   ///< ATO, ATC: its moment has come, it takes or goes.

    [[nodiscard]] Quantity leaves() const { return quantity - cumulative; }
    void persist(StateArchive& a);
    [[nodiscard]] bool is_trailing() const noexcept { return fermata::is_trailing(type); }
    [[nodiscard]] bool is_pegged() const noexcept { return type == OrderType::kPegged; }
    /// Its trigger lies where the market hurts.
    [[nodiscard]] bool has_stop() const noexcept {
        return type == OrderType::kStop || type == OrderType::kStopLimit || is_trailing();
    }
    /// Its trigger lies where the market helps.
    [[nodiscard]] bool has_touch() const noexcept { return is_if_touched(type); }
    [[nodiscard]] bool has_limit() const noexcept {
        return has_limit_price(type) || type == OrderType::kTrailingStopLimit || is_pegged() ||
               (type == OrderType::kMarketToLimit && converted);
    }
    /// Waits for its trigger.
    [[nodiscard]] bool is_dormant() const noexcept {
        return !triggered && (has_stop() || has_touch());
    }
    /// Waits for an open or a close.
    [[nodiscard]] bool awaits_auction() const noexcept {
        return !released && (tif == TimeInForce::kAto || tif == TimeInForce::kAtc);
    }
    /// Fills at any price.
    [[nodiscard]] bool is_market() const noexcept { return !has_limit() && !is_dormant(); }
    /// Must be filled at once or not at all; never waits for a second chance.
    [[nodiscard]] bool is_immediate() const noexcept {
        return tif == TimeInForce::kIoc || tif == TimeInForce::kFok || released;
    }
    /// Its price or trigger moves with the market.
    [[nodiscard]] bool is_moving() const noexcept {
        return is_pegged() || (is_trailing() && !triggered);
    }
    [[nodiscard]] bool is_post_only() const noexcept { return (flags & kOrderPostOnly) != 0; }
    [[nodiscard]] bool is_reduce_only() const noexcept { return (flags & kOrderReduceOnly) != 0; }
    [[nodiscard]] bool is_iceberg() const noexcept { return !display.is_zero(); }
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

/// The market at `price` is at or beyond the trigger of a dormant order.
[[nodiscard]] inline bool triggers(const SimOrder& order, Price price) noexcept {
    // A buy stop is reached from below, as a sale's limit would be; an if-touched order from above.
    return reaches(order.has_touch() ? order.side : opposite(order.side), order.stop_price, price);
}

}  // namespace fermata

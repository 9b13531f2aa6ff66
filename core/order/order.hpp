#pragma once

#include <cstdint>

#include "core/event/order_event.hpp"
#include "core/types/ids.hpp"
#include "core/types/number.hpp"
#include "core/types/order_enums.hpp"
#include "core/types/time.hpp"

namespace fermata {

/// An order as the order manager keeps it, from its intent until it is released.
struct Order {
    OrderTag tag;
    ClientOrderId id;
    VenueOrderId venue_order_id;
    InstrumentId instrument;
    StrategyId strategy;
    AccountId account;
    VenueId venue;
    Side side = Side::kBuy;
    OrderType type = OrderType::kMarket;
    TimeInForce tif = TimeInForce::kDay;
    OrderState state = OrderState::kPendingNew;
    /// The state to go back to when a pending cancel or replace is refused.
    OrderState before_pending = OrderState::kPendingNew;
    OrderReason reason = OrderReason::kNone;
    bool triggered = false;  ///< A stop whose trigger was touched.
    Price price;
    Price stop_price;
    Quantity quantity;
    Quantity cumulative_quantity;
    Money filled_value;  ///< Gross value of the fills.
    Money fees;
    Timestamp expire_time;
    Timestamp created;
    Timestamp updated;
    /// Terms asked for by a pending replace.
    Price pending_price;
    Price pending_stop_price;
    Quantity pending_quantity;
    std::uint64_t changes = 0;  ///< Cancel and replace requests so far.

    [[nodiscard]] Quantity leaves() const noexcept {
        return is_terminal(state) || cumulative_quantity >= quantity ? Quantity::zero()
                                                                     : quantity - cumulative_quantity;
    }
    /// The larger of the quantity in force and the one asked for: what may still become exposure.
    [[nodiscard]] Quantity worst_leaves() const noexcept {
        const Quantity open = leaves();
        if (state != OrderState::kPendingReplace && state != OrderState::kUnknown) return open;
        const Quantity wanted = pending_quantity > cumulative_quantity
                                    ? pending_quantity - cumulative_quantity
                                    : Quantity::zero();
        return wanted > open ? wanted : open;
    }
};

}  // namespace fermata

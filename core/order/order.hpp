#pragma once

#include <algorithm>
#include <cstdint>

#include "core/event/order_event.hpp"
#include "core/types/ids.hpp"
#include "core/types/number.hpp"
#include "core/types/order_enums.hpp"
#include "core/types/time.hpp"

namespace fermata {

class StateArchive;

/// An order as the order manager keeps it, from its acceptance until its slot is recycled.
struct Order {
    OrderTag tag;
    ClientOrderId id;
    VenueOrderId venue_order_id;
    InstrumentId instrument;
    StrategyId strategy;
    AccountId account;
    VenueId venue;
    OrderReason reason = OrderReason::kNone;  ///< Of the last change of state.
    Side side = Side::kBuy;
    OrderType type = OrderType::kMarket;
    TimeInForce tif = TimeInForce::kDay;
    OrderState state = OrderState::kPendingNew;
    bool acknowledged = false;     ///< The venue has answered: it knows the order.
    bool triggered = false;        ///< A stop whose trigger was touched.
    bool cancel_pending = false;   ///< A cancel was sent and not answered yet.
    bool replace_pending = false;  ///< A replace was sent and not answered yet.
    Price price;
    Price stop_price;
    Quantity quantity;
    Quantity cumulative_quantity;
    Money filled_value;  ///< Gross value of the fills, instrument's currency.
    Timestamp expire_time;
    Timestamp created;
    Timestamp updated;
    std::uint64_t changes = 0;  ///< Cancel and replace requests sent so far.
    /// Terms asked for by the pending replace; meaningless without one.
    Price pending_price;
    Price pending_stop_price;
    Quantity pending_quantity;
    /// What the order is valued at for exposure, and what it adds to it now.
    Price reserve_price;
    Price pending_reserve_price;
    Quantity reserved_quantity;
    Money reserved_value;

    /// What may still be filled under the terms in force.
    [[nodiscard]] Quantity leaves() const noexcept {
        if (is_terminal(state) || cumulative_quantity >= quantity) return Quantity::zero();
        return quantity - cumulative_quantity;
    }
    /// The larger of the quantity in force and the one asked for: what the order may come to.
    [[nodiscard]] Quantity worst_quantity() const noexcept {
        return replace_pending ? std::max(quantity, pending_quantity) : quantity;
    }
    /// What may still become exposure.
    [[nodiscard]] Quantity worst_leaves() const noexcept {
        const Quantity worst = worst_quantity();
        if (is_terminal(state) || cumulative_quantity >= worst) return Quantity::zero();
        return worst - cumulative_quantity;
    }
    void persist(StateArchive& a);
};

}  // namespace fermata

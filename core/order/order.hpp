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
///
/// 320 bytes, five cache lines: what every report touches, what it costs and is worth, its terms
/// to come, and what only orders have that are held, linked or worked in parts.
///
/// Placements: what is sent to the venue for an order is its placement, and most orders have one,
/// of their whole quantity and under their own id. A `sliced` order (an emulated iceberg, an order
/// that follows the fills of another one) has several, one after the other, each under an id of its
/// own; reports of all of them come together in this order.
struct alignas(64) Order {
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
    bool triggered = false;        ///< Its trigger was touched.
    bool cancel_pending = false;   ///< A cancel was sent and not answered yet.
    bool replace_pending = false;  ///< A replace was sent and not answered yet.
    bool replaced = false;         ///< Other terms than the first ones are in force.
    bool suspended = false;        ///< Not at work: held by the venue, or here.
    bool done_for_day = false;     ///< Not at work until the next session.
    bool held = false;             ///< Nothing of it is at the venue: requests are met here.
    std::uint8_t flags = 0;        ///< OrderFlag bits.
    OffsetKind offset_kind = OffsetKind::kNone;
    LinkRole link_role = LinkRole::kNone;
    bool sliced = false;
    std::uint32_t link = 0;
    Quantity quantity;

    Quantity cumulative_quantity;
    Price price;
    Price stop_price;
    Money filled_value;  ///< Gross value of the fills, instrument's currency.
    /// What the order is valued at for exposure, and what it adds to it now.
    Price reserve_price;
    Quantity reserved_quantity;
    Money reserved_value;
    Timestamp updated;

    Timestamp created;
    Timestamp expire_time;
    std::uint64_t changes = 0;  ///< Cancel and replace requests sent so far.
    /// Terms asked for by the pending replace; meaningless without one.
    Price pending_price;
    Price pending_stop_price;
    Quantity pending_quantity;
    Price pending_reserve_price;
    Quantity display_quantity;

    OrderTag parent;
    std::int64_t offset = 0;
    Quantity pending_display;
    std::int64_t pending_offset = 0;
    ClientOrderId sent_id;  ///< Of the newest placement.
    Quantity sent_from;     ///< What was filled when it was sent.
    Quantity sent_to;       ///< Filled up to here, it is complete.
    Quantity armed;         ///< Filled up to here at most, as things stand (sliced orders).

    /// A parent: what its live children may still fill, at worst. Another one, sliced: the total
    /// that its pending replace asks the placement to go up to (asked_up_to).
    Quantity children;
    Quantity counted;       ///< A child: its share of that.
    Timestamp held_since;   ///< Its trigger looks at what happened after this only.
    Timestamp repriced_at;  ///< Emulated, its limit follows the market: when that was sent last.
    Price bound;     ///< `price` as it was given, of an order whose price follows the market.
    Quantity asked;  ///< What its owner asked for, before linked orders took from it.
    Quantity pending_asked;  ///< The same with the pending replace.
    bool pulled = false;     ///< Its placement is being canceled, the order itself goes on.
    /// Its venue said that it is over, with more filled than was reported so far: an OrderInput, as
    /// which it ends when the fills have come to `sent_to`. 0: not so.
    std::uint8_t ends_as = 0;
    OrderReason ends_because = OrderReason::kNone;
    /// The control that keeps here what is due (its number, plus one); 0: none, or not asked yet.
    std::uint8_t kept_by = 0;

    /// What may still be filled under the terms in force.
    [[nodiscard]] Quantity leaves() const noexcept {
        if (is_terminal(state) || cumulative_quantity >= quantity) return Quantity::zero();
        return quantity - cumulative_quantity;
    }
    /// The larger of the quantity in force and the one asked for (and the one that the venue may
    /// still work): what the order may come to.
    [[nodiscard]] Quantity worst_quantity() const noexcept {
        const Quantity worst = replace_pending ? std::max(quantity, pending_quantity) : quantity;
        return (sliced && !held) || ends_as != 0 ? std::max(worst, sent_to) : worst;
    }
    /// What may still become exposure.
    [[nodiscard]] Quantity worst_leaves() const noexcept {
        const Quantity worst = worst_quantity();
        if (is_terminal(state) || cumulative_quantity >= worst) return Quantity::zero();
        return worst - cumulative_quantity;
    }
    [[nodiscard]] bool has(OrderFlag flag) const noexcept { return (flags & flag) != 0; }
    [[nodiscard]] Quantity& asked_up_to() noexcept { return children; }
    /// Of one whose limit moves: the order manager follows the market and has sent it as a limit
    /// order, at `price`. Otherwise only its venue knows where it stands.
    [[nodiscard]] bool is_placed_here() const noexcept { return !held && repriced_at.ns != 0; }
    /// Its `price` is not what its owner named: that is the worst price of a peg, the distance of a
    /// trailing stop-limit.
    [[nodiscard]] bool limit_moves() const noexcept {
        return type == OrderType::kPegged || type == OrderType::kTrailingStopLimit;
    }
    /// What a request that changes nothing names as its price.
    [[nodiscard]] Price named_price() const noexcept {
        return limit_moves() && !is_placed_here() ? bound : price;
    }
    /// Never sent, worked in child orders.
    [[nodiscard]] bool is_parent() const noexcept { return has(kOrderParent); }
    void persist(StateArchive& a);
};
static_assert(sizeof(Order) == 320);

}  // namespace fermata

#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "core/event/order_event.hpp"
#include "tests/support/dice.hpp"
#include "tests/support/trading_world.hpp"

namespace fermata::test {

/// Random orders of every kind into a world of two strategies, three instruments and two venues.
class OrderFlow {
public:
    OrderFlow(TradingWorld& world, Dice& dice) : w_(world), dice_(dice) {}

    /// One order, or several that belong together.
    void place() {
        if (dice_.chance(20)) return place_linked();
        if (dice_.chance(20)) return place_child();
        OrderEvent e = random_order();
        NewOrderData& d = e.data.new_order;
        if (dice_.chance(70)) d.type = static_cast<OrderType>(dice_.pick(0, kOrderTypeCount - 1));
        const Price at = std::exchange(d.price, Price{});
        if (has_limit_price(d.type)) d.price = at;
        if (has_stop_price(d.type)) d.stop_price = at;
        if (is_trailing(d.type)) {
            d.offset_kind = OffsetKind::kTrailPrice;
            d.offset = cents(dice_.pick(10, 500)).raw();
            if (d.type == OrderType::kTrailingStopLimit) d.price = cents(dice_.pick(-20, 20));
        }
        if (d.type == OrderType::kPegged) {
            d.offset_kind = static_cast<OffsetKind>(dice_.pick(3, 5));
            d.offset = cents(dice_.pick(-5, 5)).raw();
        }
        if (d.type == OrderType::kLimit && dice_.chance(40)) {
            d.display_quantity = units(dice_.pick(1, 20));
        } else if (d.type == OrderType::kLimit && dice_.chance(20)) {
            d.flags = kOrderPostOnly;
        }
        tags_.push_back(w_.submit(e));
    }
    /// One of the newest orders, if there are any.
    [[nodiscard]] std::optional<OrderTag> any_tag() {
        if (tags_.empty()) return std::nullopt;
        const auto newest = static_cast<std::int64_t>(tags_.size());
        return tags_[static_cast<std::size_t>(newest -
                                              dice_.pick(1, std::min<std::int64_t>(newest, 60)))];
    }
    /// The parent orders so far, as they were sent.
    [[nodiscard]] const std::vector<OrderEvent>& parents() const { return parents_; }

private:
    OrderEvent random_order() {
        OrderEvent e = w_.limit(static_cast<std::uint16_t>(dice_.pick(0, 1)),
                                static_cast<std::uint32_t>(dice_.pick(0, 2)),
                                dice_.chance(50) ? Side::kBuy : Side::kSell, dice_.pick(1, 100),
                                dice_.pick(9'000, 11'000));
        e.data.new_order.venue = VenueId{static_cast<std::uint16_t>(dice_.pick(0, 1))};
        return e;
    }
    /// An entry and what waits for it: a stop and a target, which end or reduce each other, or one
    /// order that does neither.
    void place_bracket() {
        ++links_;
        OrderEvent entry = random_order();
        NewOrderData& d = entry.data.new_order;
        d.link = links_;
        d.link_role = LinkRole::kPrimary;
        tags_.push_back(w_.submit(entry));
        const LinkRole role = std::array{LinkRole::kSecondary, LinkRole::kSecondaryOco,
                                         LinkRole::kSecondaryOuo}[dice_.pick(0, 2)];
        for (int leg = role == LinkRole::kSecondary ? 1 : 0; leg < 2; ++leg) {
            OrderEvent e = w_.limit(d.strategy.value, entry.instrument.value, opposite(d.side),
                                    d.quantity.raw() / Quantity::kOne, dice_.pick(9'000, 11'000));
            NewOrderData& o = e.data.new_order;
            if (leg == 0) {
                o.type = OrderType::kStop;
                o.stop_price = std::exchange(o.price, Price{});
            }
            o.venue = d.venue;
            o.link = links_;
            o.link_role = role;
            tags_.push_back(w_.submit(e));
        }
    }
    /// Two orders of which one follows the other.
    void place_linked() {
        if (dice_.chance(40)) return place_bracket();
        const LinkRole role = dice_.chance(50) ? LinkRole::kOco : LinkRole::kOuo;
        ++links_;
        OrderEvent e = random_order();
        NewOrderData& d = e.data.new_order;
        d.link = links_;
        d.link_role = role;
        tags_.push_back(w_.submit(e));
        OrderEvent other = w_.limit(d.strategy.value, e.instrument.value, opposite(d.side),
                                    d.quantity.raw() / Quantity::kOne, dice_.pick(9'000, 11'000));
        other.data.new_order.venue = d.venue;
        other.data.new_order.link = links_;
        other.data.new_order.link_role = role;
        tags_.push_back(w_.submit(other));
    }
    /// A parent order, or a child of the newest one: together they ask for more than there is.
    void place_child() {
        if (parents_.empty() || dice_.chance(10)) {
            OrderEvent e = random_order();
            e.data.new_order.flags = kOrderParent;
            parents_.push_back(e);
            w_.submit(e);
            return;
        }
        const std::size_t newest = parents_.size();
        const OrderEvent& parent =
            parents_[newest - 1 -
                     static_cast<std::size_t>(dice_.pick(
                         0, std::min<std::int64_t>(2, static_cast<std::int64_t>(newest) - 1)))];
        const NewOrderData& p = parent.data.new_order;
        OrderEvent e =
            w_.limit(p.strategy.value, parent.instrument.value, p.side,
                     dice_.pick(1, p.quantity.raw() / Quantity::kOne), dice_.pick(9'000, 11'000));
        e.data.new_order.parent = p.tag;
        e.data.new_order.venue = VenueId{static_cast<std::uint16_t>(dice_.pick(0, 1))};
        tags_.push_back(w_.submit(e));
    }

    TradingWorld& w_;
    Dice& dice_;
    std::vector<OrderTag> tags_;
    std::vector<OrderEvent> parents_;
    std::uint32_t links_ = 0;
};

}  // namespace fermata::test

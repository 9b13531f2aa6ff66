#pragma once

/// Linked orders at a venue that knows nothing of links, unless a test says otherwise.

#include "tests/core/order/order_world.hpp"

namespace fermata::test {

inline OrderManagerConfig without_links() {
    OrderManagerConfig config{64, 1'024, 19'000, 3};
    config.venues = {VenueCapabilities{}};
    config.venues[0].drop(kVenueLinks);
    return config;
}

struct Linked : OrderWorld {
    static constexpr std::uint32_t kLink = 7;
    explicit Linked(const OrderManagerConfig& config = without_links()) : OrderWorld(config) {}

    OrderTag link(LinkRole role, Side side, std::int64_t quantity, Price limit) {
        OrderEvent e = new_order(side, units(quantity), limit);
        e.data.new_order.link = kLink;
        e.data.new_order.link_role = role;
        return submit(e);
    }
    /// A report about what was sent of the order last.
    OrderEvent current(OrderEvent e, OrderTag tag) {
        e.data.execution.order_id = orders.find(tag)->sent_id;
        return e;
    }
    void fill(OrderTag tag, std::int64_t quantity) {
        tell(current(trade(tag, units(quantity), price(20)), tag));
    }
    void canceled(OrderTag tag, OrderReason reason = OrderReason::kNone) {
        OrderEvent e = current(report(tag, ExecType::kCanceled), tag);
        e.data.execution.reason = reason;
        tell(e);
    }
    void confirm_replace(OrderTag tag, std::int64_t cumulative, std::int64_t leaves) {
        tell(
            current(replaced(tag, units(cumulative), units(leaves), orders.find(tag)->price), tag));
    }
    Quantity quantity(OrderTag tag) const { return orders.find(tag)->quantity; }
    bool held(OrderTag tag) const { return orders.find(tag)->held; }
};

struct Bracket : Linked {
    OrderTag entry, stop, target;
    explicit Bracket(const OrderManagerConfig& config = without_links()) : Linked(config) {
        entry = link(LinkRole::kPrimary, Side::kBuy, 100, price(20));
        stop = link(LinkRole::kSecondaryOuo, Side::kSell, 100, price(18));
        target = link(LinkRole::kSecondaryOuo, Side::kSell, 100, price(25));
    }
};

}  // namespace fermata::test

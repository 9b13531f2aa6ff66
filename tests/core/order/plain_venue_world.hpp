#pragma once

#include <gtest/gtest.h>

#include "tests/core/order/order_world.hpp"
#include "tests/support/state_copy.hpp"

namespace fermata::test {

/// A venue that knows market and limit orders, DAY, GTC, IOC and FOK, and nothing else.
inline OrderManagerConfig plain_venue(std::size_t orders = 64) {
    VenueCapabilities c;
    c.types = 1U << static_cast<unsigned>(OrderType::kMarket) |
              1U << static_cast<unsigned>(OrderType::kLimit);
    c.drop(TimeInForce::kGtd);
    c.drop(TimeInForce::kAto);
    c.drop(TimeInForce::kAtc);
    c.features = 0;
    OrderManagerConfig config{orders, 1'024, 19'000, 3};
    config.venues = {c};
    return config;
}

struct PlainVenueWorld : OrderWorld {
    PlainVenueWorld() : OrderWorld(plain_venue()) {}
    OrderEvent order(Side side, OrderType type, std::int64_t quantity = 10) {
        OrderEvent e = new_order(side, units(quantity), Price{});
        e.data.new_order.type = type;
        return e;
    }
    OrderTag stop(Side side, Price trigger, std::int64_t quantity = 10) {
        OrderEvent e = order(side, OrderType::kStop, quantity);
        e.data.new_order.stop_price = trigger;
        return submit(e);
    }
    OrderTag trailing(Side side, Price distance) {
        OrderEvent e = order(side, OrderType::kTrailingStop);
        e.data.new_order.offset = distance.raw();
        e.data.new_order.offset_kind = OffsetKind::kTrailPrice;
        return submit(e);
    }
    OrderTag peg(OffsetKind kind, Price offset, Price worst = Price{}) {
        OrderEvent e = order(Side::kBuy, OrderType::kPegged);
        e.data.new_order.offset = offset.raw();
        e.data.new_order.offset_kind = kind;
        e.data.new_order.price = worst;
        return submit(e);
    }
    bool is_sent(OrderTag tag) const { return !orders.find(tag)->held; }
    void restart_all() {
        const std::uint64_t hash = orders.state_hash();
        test::restart(accounts_book, AccountWorld::book());
        test::restart(orders, plain_venue(), instruments, accounts_book);
        orders.use_marks(marks);
        EXPECT_EQ(orders.state_hash(), hash);
    }
};

}  // namespace fermata::test

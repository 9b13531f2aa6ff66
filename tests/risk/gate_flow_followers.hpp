#pragma once

#include <gtest/gtest.h>

#include <cstdint>
#include <optional>
#include <random>

#include "core/event/order_event.hpp"
#include "risk/gate.hpp"

namespace fermata::testing {

/// Makes a pegged or a trailing stop-limit order of one whose prices lie around `ticks`: in half
/// of the cases with a worst price or a trigger of its own.
inline void let_follow(NewOrderData& o, std::mt19937_64& random, std::int64_t tick,
                       std::int64_t ticks) {
    const auto pick = [&](std::int64_t n) {
        return static_cast<std::int64_t>(random() % static_cast<std::uint64_t>(n));
    };
    const std::int64_t far = ticks / (pick(3) == 0 ? 12 : 50) + 2;
    if (pick(2) == 0) {
        o.type = OrderType::kPegged;
        o.offset_kind = static_cast<OffsetKind>(3 + pick(3));
        o.offset = (pick(far) - pick(far)) * tick;
        if (pick(2) == 0) o.price = Price{};
        return;
    }
    o.type = OrderType::kTrailingStopLimit;
    o.offset_kind = OffsetKind::kTrailPrice;
    o.offset = (1 + pick(far)) * tick;
    o.price = Price::from_raw((pick(far) - pick(far)) * tick);
    if (pick(2) == 0) o.stop_price = Price{};
}

/// The worst price with which the order manager gets an approved request; nullopt: as it is.
inline void compare_bound(const Gate& gate, OrderEvent& e, std::optional<Price> expected) {
    const auto price = [&] {
        return e.type == OrderEventType::kNewOrder ? e.data.new_order.price : e.data.change.price;
    };
    const Price before = price();
    gate.bind(e);
    ASSERT_EQ(price(), expected.value_or(before));
}

}  // namespace fermata::testing

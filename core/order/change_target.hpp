#pragma once

#include "core/event/order_event.hpp"
#include "core/order/order_manager.hpp"

namespace fermata {

/// Fills in what a strategy need not know of the order that it wants changed: its instrument and
/// id. The order; nullptr when there is no such order.
inline const Order* complete(OrderEvent& change, const OrderManager& orders) noexcept {
    const Order* live = orders.find(change.data.change.tag);
    if (live == nullptr) return nullptr;
    change.instrument = live->instrument;
    change.data.change.order_id = live->id;
    return live;
}

}  // namespace fermata

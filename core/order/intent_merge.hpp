#pragma once

#include <cstdint>
#include <span>
#include <utility>

#include "core/event/order_event.hpp"
#include "core/loop/lane.hpp"
#include "core/order/sender.hpp"

namespace fermata {

/// Takes the next intent over the lanes of all shards: the earliest cause, then the lowest
/// strategy. So the result does not depend on how many shards there are. False when all are empty.
[[nodiscard]] inline bool take_next_intent(std::span<Lane<OrderEvent>* const> lanes,
                                           OrderEvent& e) {
    if (lanes.size() == 1) return lanes[0]->take(e);
    Lane<OrderEvent>* best = nullptr;
    std::pair<std::uint64_t, std::uint16_t> best_key;
    for (Lane<OrderEvent>* lane : lanes) {
        const OrderEvent* front = lane->front();
        if (front == nullptr) continue;
        const std::pair key{front->cause, sender_of(*front).value};
        if (best == nullptr || key < best_key) {
            best = lane;
            best_key = key;
        }
    }
    return best != nullptr && best->take(e);
}

}  // namespace fermata

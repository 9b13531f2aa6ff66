#pragma once

#include "core/event/order_event.hpp"
#include "core/types/ids.hpp"

namespace fermata {

/// The strategy that sent an intent or set off a timer; zero for every other event.
[[nodiscard]] inline StrategyId sender_of(const OrderEvent& e) noexcept {
    switch (e.type) {
        case OrderEventType::kNewOrder:
        case OrderEventType::kPreview:
            return e.data.new_order.strategy;
        case OrderEventType::kCancel:
        case OrderEventType::kReplace:
            return e.data.change.strategy;
        case OrderEventType::kBasket:
            return e.data.basket.strategy;
        case OrderEventType::kAlgo:
            return e.data.algo.strategy;
        case OrderEventType::kAlgoReport:
            return e.data.algo_report.strategy;
        case OrderEventType::kRoute:
            return e.data.route.strategy;
        case OrderEventType::kTimer:
            return e.data.timer.strategy;
        default:
            return StrategyId{};
    }
}

}  // namespace fermata

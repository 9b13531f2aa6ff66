#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <span>
#include <utility>

#include "core/event/order_event.hpp"
#include "core/order/order.hpp"

namespace fermata {

/// What the order manager said includes that a venue filled an order beyond its quantity.
[[nodiscard]] inline bool tells_overfill(std::span<const OrderEvent> events) noexcept {
    return std::any_of(events.begin(), events.end(), [](const OrderEvent& e) {
        return e.type == OrderEventType::kAlert && e.data.alert.code == AlertCode::kOverfill;
    });
}

/// What follows from it: something is wrong with the order, the venue or us, so its strategy and
/// its instrument are HALTED, and nobody goes on before a human has looked.
[[nodiscard]] inline std::array<ControlData, 2> overfill_halts(const Order& order) noexcept {
    std::array<ControlData, 2> halts;
    halts[0].scope = ControlScope::kStrategy;
    halts[0].target = order.strategy.value;
    halts[1].scope = ControlScope::kInstrument;
    halts[1].target = order.instrument.value;
    for (ControlData& halt : halts) halt.state = TradingState::kHalted;
    return halts;
}

}  // namespace fermata

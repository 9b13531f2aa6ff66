#pragma once

#include <optional>

#include "core/event/order_event.hpp"

namespace fermata {

/// The order and strategy that an event is about, as far as the event itself says.
struct EventSubject {
    ClientOrderId order_id;
    OrderTag tag;
    std::optional<StrategyId> strategy;
};
[[nodiscard]] EventSubject subject_of(const OrderEvent& event) noexcept;

}  // namespace fermata

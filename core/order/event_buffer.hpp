#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "core/base/assert.hpp"
#include "core/event/order_event.hpp"

namespace fermata {

/// Where a stage puts the order events that follow from the one in hand, in the order of emission.
///
/// Owner:  the stage's loop; the owner of the stage routes `span()` by type and then clears it.
/// Memory: fixed at construction. A full buffer is a bug of sizing and aborts: every stage states
/// how
///         many events one input can cause (OrderManager::events_max).
class EventBuffer {
public:
    explicit EventBuffer(std::size_t capacity) : events_(capacity) {}

    /// Appends a copy; the reference stays valid until `clear`.
    OrderEvent& push(const OrderEvent& event) {
        FERMATA_ASSERT(size_ < events_.size());
        OrderEvent& slot = events_[size_++];
        slot = event;
        return slot;
    }
    void clear() noexcept { size_ = 0; }

    [[nodiscard]] std::span<const OrderEvent> span() const noexcept {
        return {events_.data(), size_};
    }
    [[nodiscard]] std::span<OrderEvent> span() noexcept { return {events_.data(), size_}; }
    [[nodiscard]] std::size_t size() const noexcept { return size_; }
    [[nodiscard]] bool empty() const noexcept { return size_ == 0; }
    [[nodiscard]] std::size_t capacity() const noexcept { return events_.size(); }

private:
    std::vector<OrderEvent> events_;
    std::size_t size_ = 0;
};

}  // namespace fermata

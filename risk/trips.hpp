#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <vector>

#include "core/base/assert.hpp"
#include "core/event/order_event.hpp"
#include "core/types/number.hpp"
#include "risk/controls.hpp"

namespace fermata {

/// What a control saw when it tripped, and what it holds that against.
struct Measured {
    LimitUnit unit = LimitUnit::kNone;
    std::int64_t observed = 0;
    std::int64_t limit = 0;
};
/// The loss from `high` to `now`, as a share of `high`, which is positive; rounded down.
[[nodiscard]] constexpr std::int64_t loss_share(Money high, Money now) noexcept {
    const __int128 lost = static_cast<__int128>(high.raw()) - now.raw();
    const __int128 share = lost * Ratio::kOne / high.raw();
    return static_cast<std::int64_t>(
        std::min<__int128>(share, std::numeric_limits<std::int64_t>::max()));
}

/// What controls that act by themselves decided and their owner has not taken yet, oldest first.
///
/// Memory: fixed at construction. Every control of every target trips once until it is released, so
///         there is room when the owner takes them before it releases any.
class Trips {
public:
    explicit Trips(std::size_t capacity) : ring_(capacity) {}

    void push(const ControlData& control) noexcept {
        FERMATA_ASSERT(size_ < ring_.size());
        ring_[(first_ + size_) % ring_.size()] = control;
        ++size_;
    }
    [[nodiscard]] std::optional<ControlData> take() noexcept {
        if (size_ == 0) [[likely]]
            return std::nullopt;
        const ControlData& control = ring_[first_];
        first_ = first_ + 1 == ring_.size() ? 0 : first_ + 1;
        --size_;
        return control;
    }
    [[nodiscard]] bool empty() const noexcept { return size_ == 0; }

private:
    std::vector<ControlData> ring_;
    std::size_t first_ = 0;
    std::size_t size_ = 0;
};

}  // namespace fermata

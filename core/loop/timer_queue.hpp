#pragma once

#include <algorithm>
#include <cstdint>
#include <tuple>
#include <vector>

#include "core/types/ids.hpp"
#include "core/types/time.hpp"

namespace fermata {

/// A timer that a strategy asked for.
struct PendingTimer {
    Timestamp due;
    StrategyId strategy;
    std::uint64_t order = 0;  ///< Counts the strategy's own timers: ties fire as they were set.
    std::uint64_t timer_id = 0;

    friend bool operator<(const PendingTimer& a, const PendingTimer& b) noexcept {
        return std::tie(a.due, a.strategy, a.order) < std::tie(b.due, b.strategy, b.order);
    }
};

/// Timers of one shard, earliest first; ties by strategy, then as set. So the order does not depend
/// on how strategies are spread over shards. Bounded; allocates once.
class TimerQueue {
public:
    explicit TimerQueue(std::size_t capacity) : capacity_(capacity) { heap_.reserve(capacity); }

    /// False when full.
    [[nodiscard]] bool push(const PendingTimer& timer) noexcept {
        if (heap_.size() == capacity_) return false;
        heap_.push_back(timer);
        std::push_heap(heap_.begin(), heap_.end(), later);
        return true;
    }
    [[nodiscard]] Timestamp next_due() const noexcept {
        return heap_.empty() ? Timestamp::never() : heap_.front().due;
    }
    /// Takes out the first timer. Requires that there is one.
    PendingTimer pop() noexcept {
        std::pop_heap(heap_.begin(), heap_.end(), later);
        const PendingTimer timer = heap_.back();
        heap_.pop_back();
        return timer;
    }
    [[nodiscard]] std::size_t size() const noexcept { return heap_.size(); }

private:
    static bool later(const PendingTimer& a, const PendingTimer& b) noexcept { return b < a; }
    std::size_t capacity_;
    std::vector<PendingTimer> heap_;
};

}  // namespace fermata

#pragma once

#include <algorithm>
#include <cstdint>
#include <tuple>
#include <vector>

#include "core/base/state_archive.hpp"
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
    void persist(StateArchive& a) { a.all<PendingTimer>(due, strategy, order, timer_id); }
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

    /// The timers in the order in which they fire, which is the order of a heap, too.
    void persist(StateArchive& a) {
        if (!a.reading()) std::sort(heap_.begin(), heap_.end());
        a.sized(heap_, capacity_);
        const auto not_before = [](const PendingTimer& x, const PendingTimer& y) {
            return !(x < y);
        };
        a.require(std::adjacent_find(heap_.begin(), heap_.end(), not_before) == heap_.end(),
                  "timers are not in their order");
    }
    /// No timer is of a strategy that `known` does not know.
    template <class Known>
    [[nodiscard]] bool all_of(Known&& known) const {
        return std::all_of(heap_.begin(), heap_.end(),
                           [&](const PendingTimer& timer) { return known(timer.strategy); });
    }

private:
    static bool later(const PendingTimer& a, const PendingTimer& b) noexcept { return b < a; }
    std::size_t capacity_;
    std::vector<PendingTimer> heap_;
};

}  // namespace fermata

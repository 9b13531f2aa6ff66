#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "core/base/assert.hpp"
#include "core/types/time.hpp"

namespace fermata {

class StateArchive;

/// Says when more than `limit` events lie in a sliding window, exactly, in constant time: with the
/// times of the last `limit` events, the oldest of them decides.
///
/// Memory: fixed at construction, 8 bytes for each event of the largest limit that it may get.
class EventWindow {
public:
    /// Off: notes nothing.
    EventWindow() = default;
    /// `limit` <= `limit_max`; zero is off.
    EventWindow(std::size_t limit, Duration window, std::size_t limit_max)
        : window_(window), limit_(limit), times_(limit_max) {
        FERMATA_ASSERT(limit <= limit_max);
    }
    EventWindow(std::size_t limit, Duration window) : EventWindow(limit, window, limit) {}

    [[nodiscard]] bool on() const noexcept { return limit_ != 0; }
    /// From now on; what was noted so far counts. Zero: off.
    void change(std::size_t limit, Duration window) noexcept {
        FERMATA_ASSERT(limit <= times_.size());
        if (limit == 0) clear();
        limit_ = limit;
        window_ = window;
    }
    /// An event at `now` (ascending). True when it is one too many: an event leaves the window when
    /// it is as old as the window is long.
    bool note(Timestamp now) noexcept {
        if (limit_ == 0) return false;
        const bool full = count_ == times_.size();
        // The one that is as many events ago as the limit says.
        const std::size_t at = next_ >= limit_ ? next_ - limit_ : next_ + times_.size() - limit_;
        const bool too_many = count_ >= limit_ && now - times_[at] < window_;
        times_[next_] = now;
        next_ = next_ + 1 == times_.size() ? 0 : next_ + 1;
        if (!full) ++count_;
        return too_many;
    }
    /// Events that lie in the window at `now`, counted up to the limit. Linear in the limit.
    [[nodiscard]] std::size_t recent(Timestamp now) const noexcept {
        std::size_t found = 0;
        for (std::size_t ago = 1; ago <= count_ && found < limit_; ++ago, ++found) {
            const std::size_t at = next_ >= ago ? next_ - ago : next_ + times_.size() - ago;
            if (now - times_[at] >= window_) break;
        }
        return found;
    }
    void clear() noexcept { next_ = count_ = 0; }
    [[nodiscard]] std::size_t limit() const noexcept { return limit_; }

    /// See core/base/state_archive.hpp.
    void persist(StateArchive& a);

private:
    Duration window_;
    std::size_t limit_ = 0;
    std::vector<Timestamp> times_;  // a ring
    std::size_t next_ = 0;          // where the next one goes: the oldest once it is full
    std::size_t count_ = 0;
};

}  // namespace fermata

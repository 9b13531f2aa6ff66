#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "core/types/time.hpp"

namespace fermata {

class StateArchive;

/// Says when more than `limit` events lie in a sliding window, exactly, in constant time: with the
/// times of the last `limit` events, the oldest of them decides.
///
/// Memory: fixed at construction, 8 bytes for each event of the limit.
class EventWindow {
public:
    /// Off: notes nothing.
    EventWindow() = default;
    /// `limit` > 0.
    EventWindow(std::size_t limit, Duration window) : window_(window), times_(limit) {}

    [[nodiscard]] bool on() const noexcept { return !times_.empty(); }
    /// An event at `now` (ascending). True when it is one too many: an event leaves the window when
    /// it is as old as the window is long.
    bool note(Timestamp now) noexcept {
        if (times_.empty()) return false;
        const bool full = count_ == times_.size();
        const bool too_many = full && now - times_[next_] < window_;
        times_[next_] = now;
        next_ = next_ + 1 == times_.size() ? 0 : next_ + 1;
        if (!full) ++count_;
        return too_many;
    }
    void clear() noexcept { next_ = count_ = 0; }
    [[nodiscard]] std::size_t limit() const noexcept { return times_.size(); }

    /// See core/base/state_archive.hpp.
    void persist(StateArchive& a);

private:
    Duration window_;
    std::vector<Timestamp> times_;  // a ring
    std::size_t next_ = 0;          // where the next one goes: the oldest once it is full
    std::size_t count_ = 0;
};

}  // namespace fermata

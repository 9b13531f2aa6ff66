#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <thread>

#include "core/types/time.hpp"

namespace fermata {

/// The machine's clock, for a Pacer.
struct WallTime {
    using Clock = std::chrono::steady_clock;
    using time_point = Clock::time_point;
    static time_point now() { return Clock::now(); }
    static void sleep_until(time_point until) { std::this_thread::sleep_until(until); }
};

/// Holds a run back to a multiple of real time.
///
/// Owner: the thread that reads the feed; it alone waits.
template <class Wall = WallTime>
class Pacer {
public:
    /// While it waits, it asks this often whether to go on.
    static constexpr std::chrono::milliseconds kLookUpEvery{20};

    /// `speed` is event time per wall time; 0: as fast as possible.
    explicit Pacer(double speed, Wall wall = {}) : speed_(speed), wall_(wall) {}

    /// Waits until the event at `t` is due: the first one at once, the others by their distance
    /// from it. Does not wait where the run is late. False as soon as `go_on` says so, which is
    /// asked while it waits.
    template <class GoOn>
    [[nodiscard]] bool wait_for(Timestamp t, GoOn go_on) {
        if (speed_ <= 0) return true;
        if (!started_) {
            started_ = true;
            first_ = t;
            start_ = wall_.now();
            return true;
        }
        const auto offset =
            static_cast<std::int64_t>(static_cast<double>((t - first_).ns) / speed_);
        const auto due = start_ + std::chrono::nanoseconds(offset);
        for (auto now = wall_.now(); now < due; now = wall_.now()) {
            wall_.sleep_until(std::min<typename Wall::time_point>(due, now + kLookUpEvery));
            if (!go_on()) return false;
        }
        return true;
    }

private:
    double speed_;
    Wall wall_;
    bool started_ = false;
    Timestamp first_;
    typename Wall::time_point start_{};
};

}  // namespace fermata

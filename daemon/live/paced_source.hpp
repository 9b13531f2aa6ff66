#pragma once

#include <cstdint>
#include <span>

#include "core/event/market_event.hpp"
#include "core/port/feed.hpp"
#include "core/types/time.hpp"

namespace fermata {

/// Recorded market data handed out at a multiple of its own pace, as if it came over a wire.
///
/// Owner: the feed's thread. Reads no clock: it is told what time it is, in nanoseconds of a clock
///        that never goes back and is not set.
class PacedSource {
public:
    /// Events outside [from, to) are left out. `speed` is event time per wall time; 0: all at once.
    /// `feed` outlives the source.
    PacedSource(Feed& feed, Timestamp from, Timestamp to, double speed)
        : feed_(feed), from_(from), to_(to), speed_(speed) {}

    /// The next event as it was recorded, due or not; nullptr at the end.
    [[nodiscard]] const MarketEvent* front() {
        while (event_ == nullptr && !ended_) read();
        return event_;
    }
    void pop() noexcept { event_ = nullptr; }
    /// Leaves out the first `count` events, which somebody had before.
    void skip(std::uint64_t count) {
        for (; count != 0 && front() != nullptr; --count) pop();
    }

    /// From here on events come: the next one at `start_ns`, the others by their distance from it.
    void begin(std::int64_t start_ns) {
        start_ns_ = start_ns;
        if (const MarketEvent* first = front()) first_ = first->ts;
    }
    /// When the event in front is to come; it may be in the past. Only while there is one.
    [[nodiscard]] std::int64_t due_ns() const noexcept {
        if (speed_ <= 0) return start_ns_;
        return start_ns_ +
               static_cast<std::int64_t>(static_cast<double>((event_->ts - first_).ns) / speed_);
    }

private:
    void read() {
        if (batch_.empty()) batch_ = feed_.next();
        if (batch_.empty()) {
            ended_ = true;
            return;
        }
        const MarketEvent& e = batch_.front();
        if (e.ts >= to_) {
            ended_ = true;
            return;
        }
        batch_ = batch_.subspan(1);
        if (e.ts >= from_) event_ = &e;
    }

    Feed& feed_;
    Timestamp from_, to_;
    double speed_;
    std::span<const MarketEvent> batch_;
    const MarketEvent* event_ = nullptr;
    std::int64_t start_ns_ = 0;
    Timestamp first_;
    bool ended_ = false;
};

/// How long until `first`'s time of day (UTC) comes the next time.
[[nodiscard]] constexpr Duration until_time_of_day(Timestamp now, Timestamp first) noexcept {
    constexpr std::int64_t kDay = 86'400'000'000'000;
    const std::int64_t apart = (first.ns - now.ns) % kDay;
    return Duration{apart < 0 ? apart + kDay : apart};
}

}  // namespace fermata

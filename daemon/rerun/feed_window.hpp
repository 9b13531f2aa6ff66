#pragma once

#include <algorithm>
#include <cstdint>
#include <deque>
#include <span>

#include "core/event/market_event.hpp"
#include "core/port/feed.hpp"
#include "core/types/time.hpp"

namespace fermata {

/// The run's market events by feed position, of which each stage of a re-run is at another place.
/// Keeps what lies between the slowest and the fastest.
class FeedWindow {
public:
    /// Events outside [from, to) do not belong to the run and have no position. `feed` outlives the
    /// window.
    FeedWindow(Feed& feed, Timestamp from, Timestamp to) : feed_(feed), from_(from), to_(to) {}

    /// The event at `position`, or nullptr when the feed ends before it. Positions below what was
    /// forgotten may not be asked for.
    [[nodiscard]] const MarketEvent* at(std::uint64_t position) {
        while (first_ + events_.size() <= position) {
            if (!read()) return nullptr;
        }
        return &events_[position - first_];
    }
    /// Goes to `position`, for stages that consumed everything before it. Stops at the feed's end.
    void begin_at(std::uint64_t position) {
        while (first_ < position && (!events_.empty() || read())) {
            events_.pop_front();
            ++first_;
        }
    }
    /// Nobody asks for positions below this one any more.
    void forget_before(std::uint64_t position) {
        while (first_ < position && !events_.empty()) {
            events_.pop_front();
            ++first_;
        }
    }

private:
    bool read() {
        for (;;) {
            if (batch_.empty()) {
                if (ended_) return false;
                batch_ = feed_.next();
                if (batch_.empty()) {
                    ended_ = true;
                    return false;
                }
            }
            const MarketEvent& e = batch_.front();
            batch_ = batch_.subspan(1);
            if (e.ts < from_) continue;
            if (e.ts >= to_) {
                ended_ = true;
                batch_ = {};
                return false;
            }
            events_.push_back(e);
            events_.back().seq = first_ + events_.size() - 1;
            return true;
        }
    }

    Feed& feed_;
    Timestamp from_, to_;
    std::span<const MarketEvent> batch_;
    std::deque<MarketEvent> events_;
    std::uint64_t first_ = 1;  // position of the first event kept
    bool ended_ = false;
};

}  // namespace fermata

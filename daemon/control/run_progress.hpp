#pragma once

#include <atomic>
#include <cstdint>
#include <string_view>

#include "core/event/market_event.hpp"

namespace fermata {

/// What a session does, for whoever asks.
enum class SessionPhase : std::uint8_t {
    kRecovering,  ///< Follows what an earlier process left on record.
    kRunning,
    kStopping,  ///< Brings orders to an end.
};
[[nodiscard]] std::string_view name(SessionPhase phase) noexcept;  ///< "recovering" ...

/// How far the feed's loop is, also while nothing happens that goes on the trading record: it
/// publishes an event at least every `live.clock_every`.
///
/// Threads: `on_event` on the feed's, which alone writes: plain stores to a line of its own. The
///          rest on any; the three numbers may be of two events that follow each other.
class alignas(64) FeedProgress {
public:
    void on_event(const MarketEvent& event, std::uint64_t position) noexcept {
        if (event.type != MarketEventType::kClock) {
            data_ns_.store(event.ts.ns, std::memory_order_relaxed);
        }
        now_ns_.store(event.ts.ns, std::memory_order_relaxed);
        position_.store(position, std::memory_order_relaxed);
    }

    /// Of the newest event, those that only say that time passed included; zero: none yet.
    [[nodiscard]] Timestamp now() const noexcept {
        return Timestamp{now_ns_.load(std::memory_order_relaxed)};
    }
    /// The same of market data alone.
    [[nodiscard]] Timestamp data() const noexcept {
        return Timestamp{data_ns_.load(std::memory_order_relaxed)};
    }
    /// Of the newest event, from 1.
    [[nodiscard]] std::uint64_t position() const noexcept {
        return position_.load(std::memory_order_relaxed);
    }

private:
    std::atomic<std::int64_t> now_ns_{0}, data_ns_{0};
    std::atomic<std::uint64_t> position_{0};
};

}  // namespace fermata

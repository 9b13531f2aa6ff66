#pragma once

#include <algorithm>
#include <cstdint>
#include <memory>

#include "core/event/market_event.hpp"
#include "core/port/feed.hpp"
#include "daemon/live/live_clock.hpp"
#include "daemon/live/paced_source.hpp"

namespace fermata {

/// Where the market data of a run on the machine's clock comes from.
///
/// Owner: the feed's thread.
class LiveSource {
public:
    LiveSource() = default;
    LiveSource(const LiveSource&) = delete;
    LiveSource& operator=(const LiveSource&) = delete;
    virtual ~LiveSource() = default;

    /// Once, before everything else. An earlier process of this run put `on_record` events of it on
    /// record.
    virtual void begin(LiveClock::Now now, std::uint64_t on_record) = 0;
    /// The next event, if it has come; nullptr when none has. Valid until `pop`.
    [[nodiscard]] virtual const MarketEvent* front(LiveClock::Now now) = 0;
    virtual void pop() = 0;
    /// After `front` found none: for how long nothing comes at least; zero when nobody knows.
    [[nodiscard]] virtual Duration quiet(LiveClock::Now now) const = 0;
    /// There will be no more.
    [[nodiscard]] virtual bool ended() const = 0;
};

/// Recorded data, played at a multiple of its own pace as if it came now.
class RecordedSource final : public LiveSource {
public:
    /// Events outside [from, to) are left out. `aligned`: the first one comes at its own time of
    /// day (UTC), the next time.
    RecordedSource(std::unique_ptr<Feed> feed, Timestamp from, Timestamp to, double speed,
                   bool aligned)
        : feed_(std::move(feed)), paced_(*feed_, from, to, speed), aligned_(aligned) {}

    void begin(LiveClock::Now now, std::uint64_t on_record) override {
        paced_.skip(on_record);
        std::int64_t wait = 0;
        if (const MarketEvent* first = paced_.front(); first != nullptr && aligned_) {
            wait = until_time_of_day(now.utc, first->ts).ns;
        }
        paced_.begin(now.steady_ns + wait);
    }
    [[nodiscard]] const MarketEvent* front(LiveClock::Now now) override {
        const MarketEvent* e = paced_.front();
        ended_ = e == nullptr;
        return e != nullptr && paced_.due_ns() <= now.steady_ns ? e : nullptr;
    }
    void pop() override { paced_.pop(); }
    [[nodiscard]] Duration quiet(LiveClock::Now now) const override {
        return Duration{ended_ ? 0 : std::max<std::int64_t>(0, paced_.due_ns() - now.steady_ns)};
    }
    [[nodiscard]] bool ended() const override { return ended_; }

private:
    std::unique_ptr<Feed> feed_;
    PacedSource paced_;
    bool aligned_;
    bool ended_ = false;
};

}  // namespace fermata

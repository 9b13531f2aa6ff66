#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "core/event/market_event.hpp"
#include "core/market/bar_clock.hpp"
#include "core/market/event_sorter.hpp"

namespace fermata {

/// The tail of a feed that reads records: puts the events of records into feed order and gives each
/// refused record its place.
///
/// Owner:      one thread.
/// Invariants: what stands in `events()`, over all batches, ascends in (timestamp, phase_of).
/// Order of the records: bars ascend by start up to `lag`, other events by time; see accepts().
class FeedOutput {
public:
    /// With `lag`, a bar may begin up to that much before the one in front of it; for feeds with
    /// several instruments whose sessions open at different hours of one date.
    explicit FeedOutput(Duration lag = {}) : lag_(lag) {}

    /// Whether an event at `t` (a bar's start) can still take its place.
    [[nodiscard]] bool accepts(Timestamp t) const noexcept { return t >= low_; }

    /// kBarOpen at the start and kBar at the end. Requires accepts(times.start).
    void bar(const BarTimes& times, InstrumentId instrument, StreamId stream, const BarData& bar);
    /// Any event without a start of its own. Requires accepts(event.ts).
    void event(const MarketEvent& event);
    /// A refused record. Its time is `own` where it could be read, but not before what was accepted
    /// already; without a time it follows the last accepted record. Refused records before the
    /// first time of all wait for it; FeedError when there are more than kMaxHeld of them, because
    /// then the feed is misconfigured, not the record.
    void skipped(std::optional<Timestamp> own, InstrumentId instrument, StreamId stream,
                 const SkippedData& data);
    /// There is no further record. FeedError when records were refused and no record had a time.
    void finish();

    /// The finished events since the last clear().
    [[nodiscard]] const std::vector<MarketEvent>& events() const noexcept { return out_; }
    void clear() noexcept { out_.clear(); }

    static constexpr std::size_t kMaxHeld = 4096;
    /// Bars that are open at the same time, and refused records in a row; FeedError beyond it.
    static constexpr std::size_t kMaxWaiting = std::size_t{1} << 20;

private:
    void place_held(Timestamp t);
    void advance(Timestamp t, int phase);
    void check_waiting() const;

    Duration lag_;
    Timestamp low_ = Timestamp::min();    // nothing earlier can follow
    Timestamp known_ = Timestamp::min();  // when the last accepted record was known
    std::vector<MarketEvent> held_;       // refused before any time was known
    EventSorter sorter_;
    std::vector<MarketEvent> out_;
};

}  // namespace fermata

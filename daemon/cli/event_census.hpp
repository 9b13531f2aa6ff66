#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "core/event/market_event.hpp"
#include "core/market/stream.hpp"
#include "daemon/cli/report_text.hpp"

namespace fermata {

/// Counts the events of a feed or a tape by type, instrument and stream, with the time range of
/// each.
class EventCensus {
public:
    /// Keeps the first `head` events as well.
    EventCensus(std::size_t instruments, std::size_t streams, std::size_t head = 0);

    void add(std::span<const MarketEvent> events);

    [[nodiscard]] std::uint64_t events() const noexcept { return total_.events; }
    [[nodiscard]] Timestamp first() const noexcept { return total_.first; }
    [[nodiscard]] Timestamp last() const noexcept { return total_.last; }

    /// Adds first, last, the longest pause, and what was lost or skipped.
    void report_range(Report& report) const;
    /// Adds the tables types, streams, instruments, and head when it was asked for. Instruments and
    /// streams without events are left out.
    void report_tables(Report& report, const std::vector<std::string>& symbols,
                       const StreamTable& streams) const;

private:
    struct Count {
        std::uint64_t events = 0;
        Timestamp first, last;
        void add(Timestamp t) noexcept {
            if (events++ == 0) first = t;
            last = t;
        }
        void report(Report& row) const;
    };

    Count total_;
    std::array<Count, kMarketEventTypeCount> types_;
    std::vector<Count> instruments_;
    std::vector<Count> streams_;
    std::array<std::uint64_t, kSkipReasonCount> skipped_{};
    std::uint64_t gaps_ = 0;
    std::uint64_t lost_ = 0;
    Duration pause_;
    Timestamp pause_begin_;
    std::size_t head_;
    std::vector<MarketEvent> first_events_;
};

/// "1d", "1m", "250ms": the largest unit that is exact.
[[nodiscard]] std::string interval_text(Duration interval);

}  // namespace fermata

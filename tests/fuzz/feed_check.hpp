#pragma once

#include <initializer_list>
#include <memory>
#include <string>

#include "core/base/assert.hpp"
#include "core/market/bad_record_policy.hpp"
#include "core/port/feed.hpp"
#include "core/types/instrument.hpp"

namespace fermata::fuzz {

[[nodiscard]] inline InstrumentTable instruments(std::initializer_list<const char*> symbols,
                                                 const std::string& calendar = "") {
    InstrumentTable table;
    for (const char* symbol : symbols) {
        Instrument instrument;
        instrument.symbol = symbol;
        instrument.ticks = {{Timestamp::min(), Price::from_raw(1)}};
        instrument.calendar = calendar;
        table.add(instrument);
    }
    return table;
}

inline void skip_all(BadRecordPolicy& policy) {
    for (int i = 1; i < kSkipReasonCount; ++i) {
        policy.set(static_cast<SkipReason>(i), BadAction::kSkip);
    }
}

/// Makes a feed and drains it: it may throw FeedError, and what it delivers ascends in (timestamp,
/// phase), has no seq and is counted.
template <class Make>
void check_feed(const Make& make) {
    try {
        const std::unique_ptr<Feed> feed = make();
        Timestamp ts = Timestamp::min();
        int phase = 0;
        std::uint64_t events = 0;
        for (auto batch = feed->next(); !batch.empty(); batch = feed->next()) {
            for (const MarketEvent& event : batch) {
                FERMATA_ASSERT(event.ts > ts || (event.ts == ts && phase_of(event) >= phase));
                FERMATA_ASSERT(event.seq == 0);
                ts = event.ts;
                phase = phase_of(event);
                ++events;
            }
        }
        FERMATA_ASSERT(feed->stats().events == events);
        FERMATA_ASSERT(feed->progress() == 1.0);
    } catch (const FeedError& error) {
        FERMATA_ASSERT(error.what()[0] != '\0');
    }
}

}  // namespace fermata::fuzz

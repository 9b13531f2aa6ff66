#include "core/market/feed_output.hpp"

#include <algorithm>
#include <string>

#include "core/base/assert.hpp"
#include "core/port/feed.hpp"

namespace fermata {
namespace {

constexpr int kLastPhase = 4;  // of kBarOpen

}  // namespace

void FeedOutput::place_held(Timestamp t) {
    for (MarketEvent& event : held_) {
        event.ts = t;
        sorter_.push(event);
    }
    held_.clear();
}

/// Nothing earlier than `t` can follow: releases what comes before an event of `phase` there.
void FeedOutput::advance(Timestamp t, int phase) {
    low_ = std::max(low_, t);
    sorter_.release(low_, phase, out_);
}

void FeedOutput::bar(const BarTimes& times, InstrumentId instrument, StreamId stream,
                     const BarData& bar) {
    FERMATA_ASSERT(accepts(times.start) && times.start < times.end);
    if (!held_.empty()) place_held(times.start);
    const std::uint8_t flags = times.out_of_session ? kFlagOutOfSession : 0;
    MarketEvent open = make_bar_open(times.start, instrument, stream, bar.open, bar.volume);
    open.flags = flags;
    if (lag_.ns == 0) {
        advance(times.start, kLastPhase);
        out_.push_back(open);
    } else {
        sorter_.push(open);
    }
    MarketEvent close = make_bar(times.end, instrument, stream, bar);
    close.flags = flags;
    sorter_.push(close);
    if (lag_.ns != 0 && times.start >= Timestamp::min() + lag_) advance(times.start - lag_, 0);
    known_ = std::max(known_, times.end);
    check_waiting();
}

void FeedOutput::check_waiting() const {
    if (sorter_.size() <= kMaxWaiting) return;
    throw FeedError(
        "more than " + std::to_string(kMaxWaiting) +
        " events wait for their turn: the interval of the bars is longer than the distance "
        "of the rows, or that many records in a row are refused");
}

void FeedOutput::event(const MarketEvent& event) {
    FERMATA_ASSERT(accepts(event.ts));
    if (!held_.empty()) place_held(event.ts);
    advance(event.ts, phase_of(event));
    out_.push_back(event);
    known_ = event.ts;
}

void FeedOutput::skipped(std::optional<Timestamp> own, InstrumentId instrument, StreamId stream,
                         const SkippedData& data) {
    MarketEvent event = make_event(MarketEventType::kSkipped, known_, instrument, stream);
    event.data.skipped = data;
    if (own.has_value()) event.ts = std::max(*own, known_);
    if (event.ts != Timestamp::min()) {
        if (!held_.empty()) place_held(event.ts);
        sorter_.push(event);
        check_waiting();
        return;
    }
    held_.push_back(event);
    if (held_.size() > kMaxHeld) {
        throw FeedError("the first " + std::to_string(kMaxHeld) +
                        " records are all refused: check the columns and the time format");
    }
}

void FeedOutput::finish() {
    if (!held_.empty()) {
        throw FeedError("none of the " + std::to_string(held_.size()) + " records could be read");
    }
    sorter_.release_all(out_);
}

}  // namespace fermata

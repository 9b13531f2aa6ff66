#include "daemon/cli/event_census.hpp"

#include <algorithm>

#include "core/market/date.hpp"
#include "daemon/cli/market_event_fields.hpp"
#include "daemon/config/codec.hpp"

namespace fermata {

std::string interval_text(Duration interval) {
    return interval.ns == 0 ? "" : config::format_duration(interval);
}

EventCensus::EventCensus(std::size_t instruments, std::size_t streams, std::size_t head)
    : instruments_(instruments), streams_(streams), head_(head) {}

void EventCensus::add(std::span<const MarketEvent> events) {
    for (const MarketEvent& e : events) {
        if (total_.events > 0 && e.ts - total_.last > pause_) {
            pause_ = e.ts - total_.last;
            pause_begin_ = total_.last;
        }
        total_.add(e.ts);
        types_[static_cast<std::size_t>(e.type)].add(e.ts);
        if (e.instrument.value < instruments_.size()) instruments_[e.instrument.value].add(e.ts);
        if (e.stream.value < streams_.size()) streams_[e.stream.value].add(e.ts);
        if (e.type == MarketEventType::kGap) {
            ++gaps_;
            lost_ += e.data.gap.lost;
        } else if (e.type == MarketEventType::kSkipped) {
            const auto reason = static_cast<std::size_t>(e.data.skipped.reason);
            ++skipped_[std::min(reason, skipped_.size() - 1)];
        }
    }
    const std::size_t wanted = std::min(head_ - first_events_.size(), events.size());
    first_events_.insert(first_events_.end(), events.begin(), events.begin() + wanted);
}

void EventCensus::Count::report(Report& row) const {
    row["events"] = events;
    row["first"] = events == 0 ? Report() : Report(format_iso_timestamp(first));
    row["last"] = events == 0 ? Report() : Report(format_iso_timestamp(last));
}

void EventCensus::report_range(Report& report) const {
    total_.report(report);
    if (pause_.ns > 0) {
        report["longest_pause"] = format_iso_timestamp(pause_begin_) + " to " +
                                  format_iso_timestamp(pause_begin_ + pause_);
    }
    report["gaps"] = gaps_;
    if (lost_ > 0) report["lost_in_gaps"] = lost_;
    std::uint64_t skipped = 0;
    for (const std::uint64_t n : skipped_) skipped += n;
    report["skipped_records"] = skipped;
    if (skipped == 0) return;
    for (std::size_t i = 0; i < skipped_.size(); ++i) {
        if (skipped_[i] == 0) continue;
        Report row;
        row["reason"] = name(static_cast<SkipReason>(i));
        row["records"] = skipped_[i];
        report["skipped"].push_back(row);
    }
}

void EventCensus::report_tables(Report& report, const std::vector<std::string>& symbols,
                                const StreamTable& streams) const {
    report["types"] = Report::array();
    for (std::size_t i = 0; i < types_.size(); ++i) {
        if (types_[i].events == 0) continue;
        Report row;
        row["type"] = name(static_cast<MarketEventType>(i));
        types_[i].report(row);
        report["types"].push_back(row);
    }
    report["streams"] = Report::array();
    for (std::size_t i = 0; i < streams_.size(); ++i) {
        if (streams_[i].events == 0) continue;
        Report row;
        row["stream"] = streams[i].name;
        row["kind"] = name(streams[i].kind);
        row["interval"] = interval_text(streams[i].interval);
        streams_[i].report(row);
        report["streams"].push_back(row);
    }
    report["instruments"] = Report::array();
    for (std::size_t i = 0; i < instruments_.size(); ++i) {
        if (instruments_[i].events == 0) continue;
        Report row;
        row["symbol"] = symbols[i];
        instruments_[i].report(row);
        report["instruments"].push_back(row);
    }
    if (head_ == 0) return;
    report["head"] = Report::array();
    for (const MarketEvent& e : first_events_) {
        Report row;
        row["time"] = format_iso_timestamp(e.ts);
        row["type"] = name(e.type);
        row["symbol"] = e.instrument.value < symbols.size() ? symbols[e.instrument.value] : "-";
        row["stream"] = e.stream.value < streams.size() ? streams[e.stream.value].name : "-";
        row["fields"] = fields_text(e);
        report["head"].push_back(row);
    }
}

}  // namespace fermata

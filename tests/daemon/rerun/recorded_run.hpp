#pragma once

/// Runs a small market through stages on threads of their own and keeps the records in memory, in
/// the order in which a journal writes them.

#include <algorithm>
#include <chrono>
#include <functional>
#include <memory>
#include <utility>
#include <vector>

#include "core/journal/format.hpp"
#include "core/journal/journal_reader.hpp"
#include "core/port/feed.hpp"
#include "daemon/pipeline/concurrent_pipeline.hpp"
#include "tests/daemon/pipeline/pipeline_fixture.hpp"

namespace fermata::testing {

/// Hands out events that were made before.
class VectorFeed final : public Feed {
public:
    explicit VectorFeed(const std::vector<MarketEvent>& events) : events_(events) {}
    std::span<const MarketEvent> next() override {
        if (given_) return {};
        given_ = true;
        return events_;
    }
    std::string_view name() const noexcept override { return "vector"; }
    FeedStats stats() const noexcept override { return {}; }
    std::string source_hash() const override { return {}; }
    double progress() const noexcept override { return given_ ? 1 : 0; }

private:
    const std::vector<MarketEvent>& events_;
    bool given_ = false;
};

/// Drains the lanes as the journal does: the trading stage's first, then the others, which are
/// written before it.
class MemoryJournal {
public:
    explicit MemoryJournal(PipelineStages& stages) : stages_(stages) {}

    Polled poll(std::size_t) {
        OrderEvent e;
        std::vector<JournalRecord> trading;
        while (stages_.trading_journal->take(e))
            trading.push_back(record(e, JournalStream::kTrading));
        std::size_t consumed = trading.size();
        const auto drain = [&](Lane<OrderEvent>& lane, JournalStream stream) {
            while (lane.take(e)) {
                records.push_back(record(e, stream));
                ++consumed;
            }
        };
        for (std::size_t v = 0; v < stages_.venue_journal.size(); ++v) {
            drain(*stages_.venue_journal[v], venue_stream(v));
        }
        for (std::size_t s = 0; s < stages_.shard_journal.size(); ++s) {
            drain(*stages_.shard_journal[s], shard_stream(s));
        }
        records.insert(records.end(), trading.begin(), trading.end());
        return {consumed, 0};
    }

    std::vector<JournalRecord> records;

private:
    static JournalRecord record(const OrderEvent& e, JournalStream stream) {
        JournalRecord r;
        r.event = e;
        r.stream = stream;
        r.position = e.seq;
        return r;
    }
    PipelineStages& stages_;
};

inline constexpr std::uint32_t kProgressEvery = 64;
inline constexpr std::uint64_t kRestEvery = 200;

inline std::vector<MarketEvent> market_of(SmallMarket& market, std::size_t count) {
    std::vector<MarketEvent> events;
    for (std::size_t n = 0; n < count; ++n) events.push_back(market.next());
    return events;
}

/// Waits until nothing is under way; `answered` waits for who is outside of the pipeline and says
/// whether it had something to answer. False: the run failed.
inline bool come_to_rest(ConcurrentPipeline& pipeline, const std::function<bool()>& answered) {
    do {
        if (!pipeline.quiesce()) return false;
    } while (answered && answered());
    return true;
}

/// Of a run that begins: its strategies are started first.
inline constexpr std::uint64_t kFromTheBeginning = 0;

/// A run on threads, of `events` from feed position `first` on; stops early after `until` events if
/// that is not 0, as a crash does, without bringing anything to rest. `answered`: see come_to_rest.
inline void run_on_threads(PipelineStages& stages, ThreadBackpressure& backpressure,
                           MemoryJournal& journal, const std::vector<MarketEvent>& events,
                           std::uint64_t first, std::uint64_t until = 0,
                           const std::function<bool()>& answered = nullptr) {
    ConcurrentPipeline pipeline(
        stages, backpressure, [&](std::size_t budget) { return journal.poll(budget); }, nullptr);
    // One that goes on from the first event, for a stage lost all that it had consumed, has
    // strategies that were started.
    if (first == kFromTheBeginning) stages.start(events.front().ts);
    pipeline.start();
    for (std::uint64_t position = std::max<std::uint64_t>(first, 1); position <= events.size();
         ++position) {
        if (until != 0 && position > until) {
            pipeline.abort();
            pipeline.join();
            return;
        }
        if (!pipeline.publish(events[position - 1], position)) break;
        // However slow a thread is, what the strategies saw so far led to their orders.
        if (position % kRestEvery == 0 && !come_to_rest(pipeline, answered)) break;
    }
    const bool quiet = come_to_rest(pipeline, answered);
    pipeline.join();
    if (!quiet) return;
    pipeline.drain(events.back().ts + stages.round_trip());
    stages.stop_strategies(events.back().ts);
    stages.record_marks(events.back().ts);
    journal.poll(0);
}

}  // namespace fermata::testing

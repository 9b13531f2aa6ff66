#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "core/event/market_event.hpp"
#include "core/event/order_event.hpp"
#include "core/journal/journal_writer.hpp"
#include "core/journal/raw_lane.hpp"
#include "core/loop/lane.hpp"
#include "core/loop/stage.hpp"
#include "core/port/durability.hpp"
#include "core/port/record_sink.hpp"

namespace fermata {

/// When the journal is synced.
enum class JournalSync : std::uint8_t {
    kNone,    ///< Never: records survive a crash of the process, not a loss of power.
    kGroup,   ///< After so many bytes, and when there is nothing else to do.
    kStrict,  ///< After every pass that has recorded something: orders wait for it.
};
[[nodiscard]] std::string_view name(JournalSync sync) noexcept;  ///< "none", "group", "strict"

struct JournalStageOptions {
    JournalSync sync = JournalSync::kNone;
    /// kGroup: at most so many bytes are recorded without a sync.
    std::uint64_t group_bytes = std::uint64_t{1} << 20;
    /// True: each pass hands what it recorded to the operating system, where a crash of the process
    /// cannot reach it. False: only when the writer's buffer is full; for a replay.
    bool flush_passes = true;
};

/// Drains the lanes of the stages that are journaled and hands their events to the writer.
///
/// A pass takes the trading stage's events first, then those of venues and shards, then the feed's,
/// and writes them the other way round: feed, venues and shards, trading. A stage puts what it
/// consumed on its journal lane before it emits what follows from it, so whatever a trading event
/// depends on stands in its lane by the time that the trading event can be seen. Written first, it
/// stands before the trading event in the file too: a prefix of the file that holds a trading
/// record holds everything that it depends on
/// (docs/decisions/0009-journal-order-across-streams.md).
///
/// Owner:  the journal's loop (the only loop in replay); satisfies Stage.
/// Errors: after a failed write or sync `poll` consumes nothing more, so the lanes fill up and stop
///         the intake; `Durability::failed` and `failed` tell whoever halts.
class JournalStage {
public:
    /// `writer` and `durability` outlive the stage; the stage is the only one to write
    /// `durability`.
    JournalStage(JournalWriter& writer, const JournalStageOptions& options = {},
                 Durability* durability = nullptr);
    JournalStage(const JournalStage&) = delete;
    JournalStage& operator=(const JournalStage&) = delete;

    /// Before the loop starts. One lane a stream, and at most one of market events.
    void add_lane(Lane<OrderEvent>& lane, JournalStream stream);
    void add_market_lane(Lane<MarketEvent>& lane);
    /// Messages that go into the journal beside the records, behind what the same pass records. It
    /// outlives the stage.
    void set_raw_lane(RawLane& lane);
    /// Is given each trading record after it was appended. It outlives the stage.
    void set_sink(RecordSink* sink) noexcept { sink_ = sink; }

    /// Takes at most `budget` events from the trading lane, and from each other lane all that were
    /// there; flushes and syncs as the options say. `emitted` is 1 when the synced position, which
    /// the trading stage may wait for, went up, else 0.
    Polled poll(std::size_t budget);

    /// Syncs what is left, if the options say that anything is synced. For the end of a run.
    Polled finish();

    [[nodiscard]] bool failed() const noexcept { return failed_; }

private:
    struct Input {
        Lane<OrderEvent>* lane = nullptr;
        JournalStream stream = JournalStream::kTrading;
        std::vector<OrderEvent> taken;  // of this pass, not yet written; allocated once
    };

    [[nodiscard]] std::size_t take_all(std::size_t budget);
    [[nodiscard]] std::size_t record_market();
    [[nodiscard]] bool record_taken();
    void record_raw();
    [[nodiscard]] bool append_raw(RawMessage& message, std::string_view bytes);
    [[nodiscard]] bool commit(bool idle);
    [[nodiscard]] bool publish() noexcept;
    void fail() noexcept;

    JournalWriter& writer_;
    JournalStageOptions options_;
    Durability* durability_;
    RecordSink* sink_ = nullptr;
    std::vector<Input> inputs_;  // trading first
    Lane<MarketEvent>* market_ = nullptr;
    RawLane* raw_ = nullptr;
    std::vector<char> raw_buffer_;
    std::uint64_t raw_messages_ = 0;
    std::uint64_t raw_lost_ = 0;      // that are on record as lost
    std::uint64_t synced_bytes_ = 0;  // of the writer's, at the last sync
    std::uint64_t synced_records_ = 0;
    std::uint64_t published_ = 0;
    bool failed_ = false;
};

}  // namespace fermata

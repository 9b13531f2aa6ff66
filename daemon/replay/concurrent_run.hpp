#pragma once

#include <chrono>
#include <functional>
#include <optional>

#include "core/port/latch.hpp"
#include "daemon/replay/replay.hpp"
#include "daemon/replay/run_journal.hpp"
#include "daemon/threads/placement.hpp"

namespace fermata {

/// What a concurrent run needs beyond a replay.
struct ConcurrentJob {
    ReplayJob replay;  ///< `setup`, `journal` and `market_journal` are not used.
    /// Makes the setup of fresh stages.
    std::function<PipelineSetup()> fresh_setup;
    /// The run's market events once more, for its results.
    std::unique_ptr<Feed> market;
    JournalManifest manifest;  ///< Of the run.
    /// Told what was recovered from, for the operator. May be empty.
    std::function<void(const std::string&)> report;
    std::chrono::nanoseconds stall_limit{std::chrono::seconds(5)};
    Placement* threads = nullptr;  ///< Where the loops run; may be null.
    /// What stands latched outside, followed from the end of what is on record on; may be null.
    Latch* latch = nullptr;
    /// Polled a few hundred times a second on the feed's thread: an alert or a command for the
    /// trading stage, for example because the database falls behind. May be empty.
    std::function<std::optional<OrderEvent>(Timestamp now)> watch;
};

/// Halts the firm because its record is at risk: nothing new is accepted, what rests is canceled.
[[nodiscard]] OrderEvent halt_command(Timestamp now);

/// Runs history through the live arrangement of threads: one for the feed, one for the venues, one
/// for trading, one a shard, one for the journal. Results depend on timing, as they do live; the
/// journal says what happened and can be re-run. A resumed journal is followed to its end first,
/// and the stages go on from there.
///
/// Throws what run_replay throws, and std::runtime_error when the journal is refused or a resumed
/// one does not lead where it says.
[[nodiscard]] ReplayResult run_concurrent(ConcurrentJob job, RunJournal& journal);

}  // namespace fermata

#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/journal/raw_lane.hpp"
#include "core/port/feed.hpp"
#include "core/port/latch.hpp"
#include "core/port/record_sink.hpp"
#include "daemon/config/config.hpp"
#include "daemon/control/control_queue.hpp"
#include "daemon/control/run_progress.hpp"
#include "daemon/live/live_source.hpp"
#include "daemon/live/outside_venues.hpp"
#include "daemon/pipeline/concurrent_pipeline.hpp"
#include "daemon/replay/run_journal.hpp"

namespace fermata {

/// One run on the machine's clock.
struct LiveJob {
    std::unique_ptr<LiveSource> source;
    OutsideVenues* outside = nullptr;  ///< Where orders go; null: the venues are simulated here.
    std::function<PipelineSetup()> fresh_setup;  ///< With fresh strategies.
    JournalManifest manifest;                    ///< Of the run; `start` is its first instant.
    LiveConfig live;
    std::chrono::nanoseconds stall_limit{std::chrono::seconds(5)};
    Placement* threads = nullptr;                    ///< Where the loops run; may be null.
    Latch* latch = nullptr;                          ///< What stands latched outside; may be null.
    std::function<void(const std::string&)> report;  ///< Lines for the operator. May be empty.
    /// Polled on the feed's thread: an alert or a command for the trading stage. May be empty.
    std::function<std::optional<OrderEvent>(Timestamp now)> watch;
    std::function<bool()> stopped;  ///< Polled; true ends the run in order.
    /// Gets every record of the trading stream, those that were on record first; then on the
    /// journal's thread, behind the journal. May be null.
    RecordSink* records = nullptr;
    /// Messages as they go over the wire, for the journal; null: there are none.
    RawLane* raw = nullptr;
    FeedProgress* progress = nullptr;  ///< Told of every market event. May be null.
    std::function<void()> serve;       ///< Called on the journal's thread, often. May be empty.
    /// Commands, taken on the feed's thread at every pass. May be null.
    ControlQueue* commands = nullptr;
    /// Called when the earlier records were followed, before anything is added. May be empty.
    std::function<void()> followed;
    /// Called when the threads run, with what tells whether each of them goes on.
    std::function<void(std::vector<ConcurrentPipeline::Progress>)> started;
    /// Called before the first of them stops: what `started` was given is not valid afterwards.
    std::function<void()> ending;
    std::function<void()> stopping;  ///< Called when the run begins to end in order.
};

enum class LiveEnd : std::uint8_t {
    kStopped,    ///< As asked.
    kDataEnded,  ///< The recording has no more events.
    kStalled,    ///< A lane stayed full: the journal is left as after a crash.
};

struct LiveResult {
    LiveEnd end = LiveEnd::kStopped;
    std::uint64_t feed_position = 0;  ///< Of the last market event, clock events included.
    std::uint64_t records = 0;        ///< In the trading stream.
    std::size_t open_orders = 0;      ///< That are not confirmed as ended.
    std::size_t positions = 0;        ///< Accounts' holdings that are not zero.
    bool goes_on = false;  ///< Nothing was ended: the next process goes on where this one stopped.
};

/// Runs the stages on threads of their own, on market data that is stamped when it comes, until it
/// is asked to stop or the data ends. With venues outside of the process, nothing new is accepted
/// before they are reconciled with what is on record. Everything that the stages consume is on
/// record first, so that the journal can be re-run. A resumed journal is followed to its end first.
///
/// Throws FeedError (bad data), std::runtime_error when the journal fails (trading was halted) or a
/// resumed one does not lead where it says.
[[nodiscard]] LiveResult run_live(LiveJob job, RunJournal& journal);

}  // namespace fermata

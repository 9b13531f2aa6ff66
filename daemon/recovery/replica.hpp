#pragma once

#include <memory>
#include <utility>

#include "core/base/state_archive.hpp"
#include "core/loop/clock.hpp"
#include "core/loop/lockstep.hpp"
#include "daemon/pipeline/pipeline.hpp"
#include "daemon/recovery/snapshot_store.hpp"
#include "daemon/rerun/feed_window.hpp"
#include "daemon/rerun/record_check.hpp"
#include "daemon/rerun/recorded_run.hpp"
#include "daemon/rerun/stage_rerun.hpp"

namespace fermata {

/// A run on one thread that is done again and held against its journal.
struct LockstepReplica {
    LockstepReplica(PipelineSetup setup, JournalReader& reader)
        : check(reader), pipeline([&] {
              setup.sink = &check;
              return std::move(setup);
          }()) {}
    /// The state between two market events.
    void persist(StateArchive& a) { a(pipeline, scheduler); }

    RecordCheck check;
    Pipeline pipeline;
    VirtualClock clock;
    LockstepScheduler<Pipeline> scheduler{pipeline, clock};
};

/// Stages on threads of their own that are followed one by one. Afterwards the run can go on with
/// them.
struct ConcurrentReplica {
    ConcurrentReplica(PipelineSetup setup, const StageWiring& wiring, FeedWindow& window)
        : stages(std::make_unique<PipelineStages>(std::move(setup), wiring)),
          rerun(*stages, window),
          boots(rerun) {}
    /// The state between two records.
    void persist(StateArchive& a) { a(rerun); }

    std::unique_ptr<PipelineStages> stages;
    StageRerun rerun;
    BootFollower boots;
};

template <class Replica>
struct Restored {
    std::unique_ptr<Replica> replica;
    std::unique_ptr<JournalReader> reader;  ///< Behind the last record that the snapshot contains.
    SnapshotHeader header;
    std::string file;
};

/// A replica with the state of the newest snapshot that fits and can be read; nothing when there is
/// none, which costs time and nothing else. `make(reader)` makes a fresh one.
template <class Replica, class Make>
[[nodiscard]] std::optional<Restored<Replica>> restore(SnapshotStore& store, Make&& make) {
    while (auto start = store.next()) {
        std::unique_ptr<Replica> replica = make(*start->reader);
        StateReader state(start->snapshot.state);
        state(*replica);
        state.finish();
        if (state.ok()) {
            return Restored<Replica>{std::move(replica), std::move(start->reader),
                                     std::move(start->snapshot.header),
                                     snapshot_file_name(start->snapshot.number)};
        }
        store.refuse(state.error().message());
    }
    return std::nullopt;
}

}  // namespace fermata

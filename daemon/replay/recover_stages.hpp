#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "core/event/order_event.hpp"
#include "core/journal/manifest.hpp"
#include "daemon/recovery/replica.hpp"
#include "daemon/replay/run_journal.hpp"

namespace fermata {

/// The stages of a concurrent run, where its journal ends.
struct Recovered {
    std::unique_ptr<ConcurrentReplica> replica;
    /// Feed position to go on with; 0: nothing was on record (or the journal is finished), and the
    /// strategies were not started.
    std::uint64_t feed_position = 0;
};

/// Makes the stages of a run, and brings those of a resumed one to the end of its journal: from the
/// newest snapshot on, if there is one. `on_record` is told of every record of the trading stream,
/// `report` (may be empty) of what the operator should know.
///
/// Throws std::runtime_error when the stages do not do again what is on record.
[[nodiscard]] Recovered recover_stages(
    RunJournal& journal, const JournalManifest& manifest,
    const std::function<std::unique_ptr<ConcurrentReplica>()>& fresh_replica,
    const std::function<void(const OrderEvent&)>& on_record,
    const std::function<void(const std::string&)>& report);

}  // namespace fermata

#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "core/journal/journal_reader.hpp"
#include "core/journal/manifest.hpp"
#include "core/journal/snapshot.hpp"
#include "core/port/file.hpp"
#include "core/strategy/registry.hpp"
#include "daemon/config/config.hpp"
#include "daemon/pipeline/what_if.hpp"
#include "daemon/replay/replay.hpp"
#include "daemon/rerun/divergence.hpp"

namespace fermata {

/// Snapshots that a re-run writes; see docs/snapshots.md.
struct SnapshotPlan {
    /// Compared records between two snapshots. 0: none but the one at the end.
    std::uint64_t every = 0;
    /// As late as possible, unless the run was closed: then nobody goes on from there.
    bool at_end = false;
    std::size_t keep = 2;  ///< The newest; older ones are removed.
};

struct RerunRequest {
    std::string directory;  ///< Of the journal.
    std::string config;     ///< A configuration file instead of the one on record; may be empty.
    bool from_snapshot = false;             ///< Begin with the newest snapshot that fits, if any.
    std::optional<SnapshotPlan> snapshots;  ///< Write snapshots into the journal's directory.
    /// Called at the end with the run as it stands there and the time of its newest event, if
    /// everything before was equal; may be empty.
    std::function<void(WhatIf, Timestamp)> at_end;
    /// The same with the books as they stand there; may be empty.
    std::function<void(const Config&, const AccountBook&, const OrderManager&)> at_books;
    std::function<void(const ReplayProgress&)> progress;  ///< A few times a second; may be empty.
    std::function<bool()> cancelled;                      ///< Polled; may be empty.
};

struct RerunReport {
    JournalManifest manifest;
    JournalEnding ending = JournalEnding::kReading;
    std::optional<JournalProblem> problem;  ///< What is wrong with the journal itself.
    std::optional<Divergence> divergence;
    std::uint64_t compared = 0;       ///< Records that were found equal (all but the last, if any).
    std::uint64_t market_events = 0;  ///< Given to the stages.
    std::string began_with;           ///< Name of a snapshot; empty: with the journal's beginning.
    std::uint64_t records_before = 0;      ///< That lie before that snapshot and were not compared.
    std::vector<SnapshotRefusal> refused;  ///< Snapshots that could not be begun with.
    std::vector<std::string> written;      ///< Names of snapshots.
    std::uint64_t trading_position = 0;    ///< Of the last record of the trading stage.
    std::uint64_t state_hash = 0;          ///< Of its accounts and orders, at the end.
    double seconds = 0;
    std::vector<std::string> notes;  ///< What differs and did not forbid it: build, time zones.
    bool cancelled = false;

    /// Everything on record was done again, the same. A torn tail does not count against it.
    [[nodiscard]] bool equal() const noexcept {
        return !divergence && !cancelled && (!problem || problem->torn);
    }
};

/// Runs a journal's run again, from the configuration and market data that it names, in the order
/// of consumption that it recorded, and compares every record: orders, verdicts, state hashes.
/// Throws std::runtime_error (no journal, no configuration in it, another source than recorded),
/// ConfigError and FeedError.
[[nodiscard]] RerunReport rerun_journal(FileSystem& files, const RerunRequest& request,
                                        const StrategyRegistry& registry);

}  // namespace fermata

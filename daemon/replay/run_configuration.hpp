#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <string>

#include "core/journal/journal_resume.hpp"
#include "core/journal/journal_writer.hpp"
#include "core/strategy/registry.hpp"
#include "daemon/config/config.hpp"
#include "daemon/replay/earlier_journal.hpp"
#include "daemon/replay/replay.hpp"

namespace fermata {

/// What the caller of a run decides, beside its configuration.
struct RunRequest {
    std::filesystem::path out;  ///< Folder of the results; created if it does not exist.
    std::function<void(const ReplayProgress&)> progress;  ///< A few times a second; may be empty.
    std::function<bool()> cancelled;  ///< Polled; true ends the run early. May be empty.
    /// Lines for the operator about the database, on any thread. May be empty.
    std::function<void(const std::string&)> report;
    /// What becomes of a journal that stands in `out` already. kResume goes on with a run that was
    /// not closed, as after a crash; with nothing on record there, it begins it.
    EarlierJournal earlier = EarlierJournal::kReplace;
    std::function<void(const ResumeReport&)> on_resumed;  ///< Before it goes on; may be empty.
    /// What was to be resumed was complete: only its results are made again. May be empty.
    std::function<void()> on_finished;
};

/// What a run came to. Its files are in the folder of the request.
struct RunReport {
    ReplayResult result;
    std::optional<JournalSummary> journal;  ///< Absent when the configuration has no journal.
    /// Whether the database holds the whole journal; absent when it is not enabled.
    std::optional<bool> stored;
    std::string table;  ///< The summary for a terminal.
};

/// From a configuration to a folder of results: orders.csv, fills.csv, equity.csv, positions.csv,
/// journal/ and, last of all, summary.json. Files of an earlier run in that folder are replaced
/// (its journal only as far as `earlier` allows, and nothing while another run is at work there); a
/// run that fails leaves no summary.json, so that a folder with one is always whole.
///
/// Throws FeedError (bad data) and std::runtime_error (disk, journal).
[[nodiscard]] RunReport run_configuration(const Config& config, const StrategyRegistry& registry,
                                          const RunRequest& request);

}  // namespace fermata

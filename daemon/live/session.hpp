#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "core/journal/journal_writer.hpp"
#include "core/strategy/registry.hpp"
#include "daemon/config/config.hpp"
#include "daemon/live/live_run.hpp"
#include "daemon/live/reload_watch.hpp"

namespace fermata {

/// What the daemon decides, beside its configuration.
struct SessionRequest {
    std::filesystem::path out;  ///< Folder of the sessions; created if it does not exist.
    std::function<bool()> stopped;
    std::function<void(const std::string&)> report;  ///< Lines for the operator, on any thread.
    std::function<void(std::vector<ConcurrentPipeline::Progress>)> started;  ///< As LiveJob's.
    std::function<void()> ending;
    std::function<void()> stopping;
    /// The configuration as it was asked for, where the session keeps rules of its own
    /// (session_config.hpp); null: it is the same. Outlives the run.
    const Config* asked = nullptr;
    std::optional<ReloadRequest> reload;  ///< Absent: limits change by commands alone.
};

struct SessionReport {
    LiveResult result;
    std::filesystem::path folder;           ///< Of this session; holds journal/.
    std::optional<JournalSummary> journal;  ///< Absent when it was left open.
    std::optional<bool> stored;  ///< Whether the database holds the whole journal; absent: no
                                 ///< database.
    std::string halted;          ///< Why trading was halted; empty: it was not.
    /// What venues and drop copies had otherwise than the record when the run ended, and nobody
    /// accepted; in words. A venue that was not reconciled is one.
    std::vector<std::string> differences;
};

/// What is left when a session has ended: "nothing is open, 2 positions are held", and in how much
/// venues differ.
[[nodiscard]] std::string what_is_left(const SessionReport& report);

/// The folder in `out` to go on with, if the newest session there was not closed; else one that
/// does not exist yet, named after `now` (UTC): "20260104T143000Z".
[[nodiscard]] std::filesystem::path session_folder(const std::filesystem::path& out, Timestamp now);

/// Runs one session on the machine's clock: goes on with one that was not closed, as after a crash,
/// or begins a new one; both are the same code.
///
/// Throws what run_live throws, ConfigError, and std::runtime_error (disk, journal).
[[nodiscard]] SessionReport run_session(const Config& config, const StrategyRegistry& registry,
                                        const SessionRequest& request);

}  // namespace fermata

#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "core/journal/journal_reader.hpp"
#include "core/journal/manifest.hpp"
#include "core/port/file.hpp"
#include "core/strategy/registry.hpp"
#include "daemon/replay/replay.hpp"
#include "daemon/rerun/divergence.hpp"

namespace fermata {

struct RerunRequest {
    std::string directory;  ///< Of the journal.
    std::string config;     ///< A configuration file instead of the one on record; may be empty.
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

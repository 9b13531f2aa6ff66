#pragma once

#include <filesystem>
#include <string>

#include "core/journal/journal_writer.hpp"
#include "daemon/config/config.hpp"
#include "daemon/replay/replay.hpp"

namespace fermata {

/// What a summary is made of.
struct SummaryInput {
    const Config& config;
    const ReplayResult& result;
    const RunNames& names;
    const std::vector<JournalSource>& sources;
    const JournalSummary* journal = nullptr;  ///< Null when the journal is off.
};

/// The sum of all accounts' equity when they have one base currency and all are known.
[[nodiscard]] std::optional<Money> total_equity(const Config& config, const ReplayResult& result);

/// summary.json: results, counts, hashes, speed and statistics (docs/run-files.md lists the keys).
void write_summary(const std::filesystem::path& dir, const SummaryInput& input);

/// The same as a table for a terminal.
[[nodiscard]] std::string summary_table(const SummaryInput& input);

}  // namespace fermata

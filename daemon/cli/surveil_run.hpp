#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "core/journal/manifest.hpp"
#include "core/port/file.hpp"
#include "core/strategy/registry.hpp"
#include "risk/surveillance/surveillance.hpp"

namespace fermata {

struct SurveilRequest {
    std::string directory;  ///< Of the journal.
    /// Configuration file instead of the one on record; the hash must be equal. Empty: none.
    std::string config;
    surveillance::Settings settings;
    std::array<bool, surveillance::kRuleCount> wanted{};
};

/// What a surveillance found in a journal.
struct SurveilResult {
    JournalManifest manifest;
    std::vector<surveillance::Finding> findings;  ///< By begin, then rule, then party.
    std::vector<surveillance::RuleOutcome> outcomes;
    std::uint64_t records = 0;
    std::uint64_t orders = 0;
    std::uint64_t fills = 0;
    std::uint64_t market_events = 0;
    std::vector<std::string> notes;  ///< What the reader of the findings should know.
    std::string damage;              ///< Of the journal: what is behind it was not judged.
};

/// Reads the journal from front to end, a second time where venues corrected fills, and applies the
/// rules to the orders and fills of its trading stream. Prices are those of the journal itself
/// where it holds them, else those of the sources that its manifest names; where they are not what
/// they were, the rules that need them are not applied and say so. Owners are the taxpayers of the
/// configuration.
///
/// Throws std::runtime_error, ConfigError or FeedError: no journal, no manifest, a configuration
/// file that is not that of the run, a source that breaks off.
[[nodiscard]] SurveilResult surveil_journal(FileSystem& files, const SurveilRequest& request,
                                            const StrategyRegistry& registry);

}  // namespace fermata

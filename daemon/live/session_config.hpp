#pragma once

#include <filesystem>
#include <optional>
#include <string_view>

#include "core/strategy/registry.hpp"
#include "daemon/config/config.hpp"

namespace fermata {

/// A session that is gone on with keeps the rules that it began with, for its record is made of
/// them: if the newest session in `out` was not closed, and its configuration had another hash than
/// `config`, that configuration as it is on record, with what `config` says about how a run is
/// carried out (journal, database, control, threads and so on). Nothing where `config` will do.
///
/// Throws ConfigError when what is on record cannot be read by this version, and
/// StartRefusal when it is of another mode: what runs is what somebody wrote, or nothing.
[[nodiscard]] std::optional<Config> configuration_on_record(const std::filesystem::path& out,
                                                            const Config& config,
                                                            const StrategyRegistry& registry);

/// Whether this key, as config::ChangedKey names it, is the file's at every start, also of a
/// session that keeps its rules.
[[nodiscard]] bool of_next_start(std::string_view key);

}  // namespace fermata

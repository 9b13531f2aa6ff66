#pragma once

#include <filesystem>
#include <optional>

#include "core/strategy/registry.hpp"
#include "daemon/config/config.hpp"

namespace fermata {

/// A session that is gone on with keeps the rules that it began with, for its record is made of
/// them: if the newest session in `out` was not closed, and its configuration had another hash than
/// `config`, that configuration as it is on record, with what `config` says about how a run is
/// carried out (journal, database, control, threads and so on). Nothing where `config` will do.
///
/// Throws ConfigError when what is on record cannot be read by this version, and
/// std::runtime_error when it is of another mode: what runs is what somebody wrote, or nothing.
[[nodiscard]] std::optional<Config> configuration_on_record(const std::filesystem::path& out,
                                                            const Config& config,
                                                            const StrategyRegistry& registry);

}  // namespace fermata

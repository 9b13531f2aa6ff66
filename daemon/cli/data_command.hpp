#pragma once

#include <CLI/CLI.hpp>

namespace fermata {

/// Adds `fermata data info FILE|CONFIG`, `fermata data pack CONFIG --out FILE.tape` and
/// `fermata data generate --out FILE.tape|FILE.csv`.
///
/// The callbacks throw FeedError or ConfigError where the data or the configuration is wrong, and
/// CLI::RuntimeError with 1 when `info --verify` finds a tape damaged.
void register_data_commands(CLI::App& app);

}  // namespace fermata

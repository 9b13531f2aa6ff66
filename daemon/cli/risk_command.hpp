#pragma once

#include <CLI/CLI.hpp>

namespace fermata {

/// Adds `fermata risk report` to the command line: the risk of what a run holds at its end, or of
/// given holdings, as table, CSV or JSON. A problem with usage, configuration or data leaves as
/// CLI::ValidationError, ConfigError or FeedError, everything else as std::runtime_error.
void register_risk_commands(CLI::App& app);

}  // namespace fermata

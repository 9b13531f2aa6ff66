#pragma once

#include <CLI/CLI.hpp>

namespace fermata {

/// Adds `fermata risk` to the command line. `report`: the risk of what a run holds at its end, or
/// of given holdings, as table, CSV or JSON. `check`: see add_risk_check. A problem with usage,
/// configuration or data leaves as CLI::ValidationError, ConfigError or FeedError, everything else
/// as std::runtime_error.
void register_risk_commands(CLI::App& app);

}  // namespace fermata

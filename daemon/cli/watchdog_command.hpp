#pragma once

#include <CLI/CLI.hpp>

namespace fermata {

/// Adds `fermata watchdog CONFIG` to the command line; see docs/kill-switch.md. Exit codes: 0
/// stopped, and nothing is left open; 4 stopped while orders were not confirmed as canceled; 1 it
/// failed; 2 wrong usage or configuration.
void register_watchdog_command(CLI::App& app);

}  // namespace fermata

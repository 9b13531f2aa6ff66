#pragma once

#include <CLI/CLI.hpp>

namespace fermata {

/// Adds `fermata surveil` to the command line: market-abuse surveillance over the journal of a run.
/// Its exit code is 0 without findings, 3 with findings, 2 on any error.
void register_surveil_command(CLI::App& app);

}  // namespace fermata

#pragma once

#include <CLI/CLI.hpp>

namespace fermata {

/// Adds `fermata latch show|init|halt|release FILE` to the command line; see docs/kill-switch.md.
/// Exit codes: 0 done, and with show: nothing is latched; 3 with show: something is; 1 the file
/// could not be changed; 2 wrong usage, or a file that counts as HALTED because it is absent or
/// cannot be read.
void register_latch_commands(CLI::App& app);

}  // namespace fermata

#pragma once

#include <CLI/CLI.hpp>

namespace fermata {

/// Adds `fermata journal query|stat|verify|anchor|retain DIR`. The commands' callbacks throw
/// CLI::RuntimeError with the exit code when it is not zero: 1 the journal has a problem, 2 wrong
/// usage.
void register_journal_commands(CLI::App& app);

}  // namespace fermata

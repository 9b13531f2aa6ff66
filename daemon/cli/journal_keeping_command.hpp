#pragma once

#include <CLI/CLI.hpp>

namespace fermata {

/// Adds `anchor` and `retain` below `fermata journal`. Exit codes as in journal_command.hpp.
void register_journal_keeping_commands(CLI::App& journal);

}  // namespace fermata

#pragma once

#include <CLI/CLI.hpp>

namespace fermata {

/// Adds "fermata journal carry": what a run left, as the beginning of another configuration.
void register_journal_carry(CLI::App& journal);

}  // namespace fermata

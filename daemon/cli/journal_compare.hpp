#pragma once

#include <CLI/CLI.hpp>

namespace fermata {

/// Adds `fermata journal compare FIRST SECOND`. Exit codes: 0 equal, 1 different, 2 wrong input.
void register_journal_compare(CLI::App& journal);

}  // namespace fermata

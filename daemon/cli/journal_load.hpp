#pragma once

#include <CLI/CLI.hpp>

namespace fermata {

/// Adds `load DIR` to the journal commands. Exit code 1: the database has other records for the
/// run, the journal is damaged, or the database did not work.
void add_journal_load(CLI::App& journal);

}  // namespace fermata

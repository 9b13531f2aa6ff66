#pragma once

#include <CLI/CLI.hpp>

namespace fermata {

/// fermata journal rerun.
void register_journal_rerun(CLI::App& journal);
/// fermata journal snapshot.
void register_journal_snapshot(CLI::App& journal);

}  // namespace fermata

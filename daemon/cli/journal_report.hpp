#pragma once

#include <iosfwd>
#include <string>

#include "core/port/file.hpp"

namespace fermata {

/// Prints what a journal holds: its manifest, boots, streams, records by type, time range, hash,
/// chain and segments. Returns 0, or 1 when it has a problem (which is printed too).
int print_journal_statistics(FileSystem& files, const std::string& directory, std::ostream& out,
                             std::ostream& err);

/// Checks a whole journal: every byte, the chain, that what is missing at its front was removed on
/// purpose, and that it contains the heads in its own anchors.jsonl and in `anchor_file` (empty:
/// none; one that is named must hold an anchor of this run). Prints what was found when all is in
/// order, else a line for each problem to `err`. Returns 0 or 1.
int print_journal_verification(FileSystem& files, const std::string& directory,
                               const std::string& anchor_file, std::ostream& out,
                               std::ostream& err);

}  // namespace fermata

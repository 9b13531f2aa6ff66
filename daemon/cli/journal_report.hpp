#pragma once

#include <iosfwd>
#include <string>

#include "core/port/file.hpp"

namespace fermata {

/// Prints what a journal holds: its manifest, records by type, time range, hash and segments.
/// Returns 0, or 1 when it has a problem (which is printed too).
int print_journal_statistics(FileSystem& files, const std::string& directory, std::ostream& out,
                             std::ostream& err);

/// Checks a whole journal. Prints one line when it is in order, else a line for each problem to
/// `err`. Returns 0 or 1.
int print_journal_verification(FileSystem& files, const std::string& directory, std::ostream& out,
                               std::ostream& err);

}  // namespace fermata

#pragma once

#include <iosfwd>
#include <string>

#include "core/port/file.hpp"

namespace fermata {

/// Prints what a journal holds: its manifest, boots, streams, records by type, time range, hash,
/// chain and segments. Returns 0, or 1 when it has a problem (which is printed too).
int print_journal_statistics(FileSystem& files, const std::string& directory, std::ostream& out,
                             std::ostream& err);

struct JournalExpectation {
    std::string anchor_file;  ///< Kept outside; empty: none. It must hold an anchor of this run.
    /// The run goes on, as mode live does, or died: that the last segment ends without its footer
    /// is told, and is no problem.
    bool open = false;
};

/// Checks a whole journal: every byte, the chain, that what is missing at its front was removed on
/// purpose, and that it contains the heads in its own anchors.jsonl and in the file of anchors that
/// is expected. Prints what was found when all is in order, else a line for each problem to `err`.
/// Returns 0 or 1.
int print_journal_verification(FileSystem& files, const std::string& directory,
                               const JournalExpectation& expected, std::ostream& out,
                               std::ostream& err);

}  // namespace fermata

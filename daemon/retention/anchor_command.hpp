#pragma once

#include <iosfwd>
#include <optional>
#include <string>

#include "core/port/file.hpp"
#include "core/port/hasher.hpp"
#include "core/types/time.hpp"

namespace fermata {

struct AnchorRequest {
    std::string directory;
    std::string out;  ///< A file that gets the line too, for an outside witness; empty: none.
    Timestamp now;
};

/// Prints the head of a journal's chain as one line of JSON (daemon/retention/anchors.hpp) and adds
/// it, synced, to anchors.jsonl in the directory, unless it is the last line there already. A
/// writer may be at work: the head is that of the newest seal. Only the newest segments are read;
/// that the whole chain is right is a question for `verify`. Returns 0; 1 when there is no chain or
/// no seal yet, or something is wrong (on `err`).
int anchor_journal(FileSystem& files, const HasherMaker& chain_hasher, const AnchorRequest& request,
                   std::ostream& out, std::ostream& err);

}  // namespace fermata

#pragma once

#include <cstdint>
#include <functional>
#include <iosfwd>
#include <optional>
#include <string>

#include "core/base/result.hpp"
#include "core/journal/format.hpp"
#include "core/port/file.hpp"
#include "core/port/hasher.hpp"
#include "core/types/time.hpp"
#include "daemon/retention/file_times.hpp"
#include "daemon/retention/retention_plan.hpp"

namespace fermata {

/// How many of the run's first so many records, from the first one on in file order, are in the
/// database for good: compared with it one by one, for a count is no evidence. The error, for the
/// operator, names what differs.
using LoadedRecords = std::function<Result<std::uint64_t, std::string>(std::uint64_t records)>;

struct RetentionRequest {
    std::string directory;
    bool compress = false;
    std::optional<RetentionPolicy> policy;  ///< Nothing: nothing is removed.
    /// Asked about the segments that would go, before anything is removed. Empty: the run is in no
    /// database, and the operator said that it need not be.
    LoadedRecords loaded;
    bool dry_run = false;  ///< Only say what would be done.
    Timestamp now;
    std::string by;  ///< For the record of what was removed.
};

/// Reads the whole journal, refuses to touch one that is damaged or does not contain what its
/// anchors.jsonl says, then compresses the complete segments and removes what policy and rules let
/// go. Each removal is put on record in retention.jsonl first. Says on `out` what becomes of each
/// segment and why.
///
/// `files` is the plain file system. One process at a time; a writer may be at work on the journal.
/// Returns 0; 1 when something is wrong with the journal, a file or the database (on `err`).
int retain_journal(FileSystem& files, FileTimes& times, const HasherMaker& chain_hasher,
                   const RetentionRequest& request, std::ostream& out, std::ostream& err);

}  // namespace fermata

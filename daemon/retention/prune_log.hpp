#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.hpp"
#include "core/journal/journal_head.hpp"
#include "core/port/file.hpp"
#include "core/types/time.hpp"

namespace fermata {

/// The file in a journal's directory that says which segments were removed on purpose.
inline constexpr std::string_view kPruneLogFile = "retention.jsonl";

/// A segment that was removed on purpose. It is on record before it is gone.
struct PrunedSegment {
    std::uint64_t records = 0;  ///< In the segment.
    /// After the segment: its number, the block and records of the run up to there, and the head of
    /// the chain, with which the next segment begins.
    JournalHead after;
    Timestamp time;
    std::string by;  ///< "operator@host"
    friend bool operator==(const PrunedSegment&, const PrunedSegment&) = default;
};

/// One line of JSON: {"run":"...","segment":1,"segment_records":1000,"records":1000,"block":7,
/// "algorithm":"blake2b512","head":"...","time":"...","by":"..."}.
[[nodiscard]] std::string to_json(const PrunedSegment& pruned);
/// Reads such a line; nothing for every other text.
[[nodiscard]] std::optional<PrunedSegment> parse_pruned_segment(std::string_view line);

/// What was removed from the journal in `directory`, in the order of removal. The error names the
/// line that cannot be read.
[[nodiscard]] Result<std::vector<PrunedSegment>, std::string> read_prune_log(
    FileSystem& files, const std::string& directory);

/// The front part of a journal that is not there any more.
struct PrunedFront {
    std::uint32_t segments = 0;  ///< 1 to this one were removed; 0: none.
    std::uint64_t records = 0;   ///< In them.
    Timestamp last_removed;
};

/// Compares the first segment that is left with what is on record about those before it: every one
/// must be on record, and the head, block and records after the last one must be those with which
/// the first one left begins. The error says what does not fit.
[[nodiscard]] Result<PrunedFront, std::string> check_pruned_front(FileSystem& files,
                                                                  const std::string& directory);

/// Throws std::runtime_error when the front part of the journal was removed on purpose: its run
/// cannot be `done` ("resumed"), which needs the beginning. Says what can still be done. A missing
/// segment that is not on record is left to the reader to name.
void refuse_pruned(FileSystem& files, const std::string& directory, std::string_view done);

}  // namespace fermata

#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace fermata {

/// What can be wrong with a journal.
enum class JournalProblemKind : std::uint8_t {
    kNoSegments,        ///< The directory holds no journal.
    kUnreadable,        ///< A file operation failed.
    kMissingSegment,    ///< A number is left out.
    kTruncatedHeader,   ///< The file ends within the header, or the header was never written.
    kNotAJournal,       ///< The magic is wrong.
    kUnknownVersion,    ///< Written by a version that this build does not read.
    kBadHeader,         ///< The header's checksum or one of its fields is wrong.
    kWrongSegment,      ///< The header's number, run or count of records before does not fit.
    kBadManifest,       ///< Absent, unreadable, or not the one of the first segment.
    kBadConfiguration,  ///< Absent where a boot begins, or not readable.
    kTruncatedFrame,    ///< The file ends within a frame.
    kBadLength,         ///< A frame has a length that no frame has.
    kBadChecksum,       ///< A frame's CRC is wrong.
    kUnknownFrame,      ///< A valid frame of a stream, type or flag that version 2 does not have.
    kPositionGap,       ///< Positions of a stream are missing or repeat.
    kFeedStepsBack,     ///< A stream's feed position decreases.
    kBadEvent,          ///< A record's payload is not the event that its frame announces.
    kBadFooter,         ///< The footer contradicts the records.
    kWrongHash,         ///< The footer's hash is not the one of the records.
    kBrokenChain,       ///< Bytes were changed, or a block is missing: the seal does not fit.
    kNotAnchored,       ///< The head that was kept outside is not in the journal: it was rewritten.
    kDataAfterFooter,   ///< Bytes follow the footer.
    kSegmentAfterEnd,   ///< A segment follows the one that closed the run.
    kMissingFooter,     ///< The segment ends without its footer.
    kNotClosed,         ///< The last segment's footer announces another segment.
};

[[nodiscard]] std::string_view name(JournalProblemKind kind) noexcept;  ///< "bad_checksum", ...

struct JournalProblem {
    JournalProblemKind kind = JournalProblemKind::kUnreadable;
    /// True when this is what a crash leaves at the end of a journal: nothing valid follows, and
    /// all records before are whole. False: damage.
    bool torn = false;
    std::uint32_t segment = 0;  ///< 0: the journal as a whole.
    std::uint64_t offset = 0;   ///< In the segment's file.
    std::string message;        ///< For the operator; names file and offset.
};

}  // namespace fermata

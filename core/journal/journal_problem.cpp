#include "core/journal/journal_problem.hpp"

namespace fermata {

std::string_view name(JournalProblemKind kind) noexcept {
    switch (kind) {
        case JournalProblemKind::kNoSegments:
            return "no_segments";
        case JournalProblemKind::kUnreadable:
            return "unreadable";
        case JournalProblemKind::kMissingSegment:
            return "missing_segment";
        case JournalProblemKind::kTruncatedHeader:
            return "truncated_header";
        case JournalProblemKind::kNotAJournal:
            return "not_a_journal";
        case JournalProblemKind::kUnknownVersion:
            return "unknown_version";
        case JournalProblemKind::kBadHeader:
            return "bad_header";
        case JournalProblemKind::kWrongSegment:
            return "wrong_segment";
        case JournalProblemKind::kBadManifest:
            return "bad_manifest";
        case JournalProblemKind::kBadConfiguration:
            return "bad_configuration";
        case JournalProblemKind::kTruncatedFrame:
            return "truncated_frame";
        case JournalProblemKind::kBadLength:
            return "bad_length";
        case JournalProblemKind::kBadChecksum:
            return "bad_checksum";
        case JournalProblemKind::kUnknownFrame:
            return "unknown_frame";
        case JournalProblemKind::kPositionGap:
            return "position_gap";
        case JournalProblemKind::kFeedStepsBack:
            return "feed_steps_back";
        case JournalProblemKind::kBadEvent:
            return "bad_event";
        case JournalProblemKind::kBadFooter:
            return "bad_footer";
        case JournalProblemKind::kWrongHash:
            return "wrong_hash";
        case JournalProblemKind::kBrokenChain:
            return "broken_chain";
        case JournalProblemKind::kNotAnchored:
            return "not_anchored";
        case JournalProblemKind::kDataAfterFooter:
            return "data_after_footer";
        case JournalProblemKind::kSegmentAfterEnd:
            return "segment_after_end";
        case JournalProblemKind::kMissingFooter:
            return "missing_footer";
        case JournalProblemKind::kNotClosed:
            return "not_closed";
    }
    return "?";
}

}  // namespace fermata

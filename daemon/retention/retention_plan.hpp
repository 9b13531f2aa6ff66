#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "core/types/time.hpp"

namespace fermata {

/// How much of a journal is kept. Exactly one of them is set.
struct RetentionPolicy {
    std::optional<std::uint64_t> segments;  ///< The newest so many.
    std::optional<Duration> age;            ///< What was written to within so long before now.
    std::optional<std::uint64_t> bytes;     ///< The newest ones that together need no more.
};

/// What is known of one segment, for the decision.
struct SegmentFacts {
    std::uint32_t segment = 0;
    std::uint64_t bytes = 0;  ///< On disk, in the form in which it is stored.
    Timestamp changed;        ///< When it was written to last.
    bool has_footer = false;  ///< It is complete.
    bool anchored = false;    ///< Its last block lies within what an anchor covers.
    bool loaded = false;      ///< All its records are in the database, or none is wanted.
};

/// Why a segment stays, or that it goes.
enum class SegmentFate : std::uint8_t {
    kRemove,
    kKeptByPolicy,
    kRunOpen,      ///< The run was not closed: its recovery reads the journal from the beginning.
    kLast,         ///< The last segment always stays: it says how the run ended.
    kNotComplete,  ///< It has no footer.
    kNotAnchored,
    kNotLoaded,
    kBehindKept,  ///< One before it stays: what is left has no gap.
};
/// "removed", "kept by the policy", ... for the operator.
[[nodiscard]] std::string_view describe(SegmentFate fate) noexcept;

/// Decides over all segments of a journal, given in order. What goes is always a front part of it.
/// The policy only says what may go; every other rule can keep it.
[[nodiscard]] std::vector<SegmentFate> plan_retention(const std::vector<SegmentFacts>& segments,
                                                      bool run_closed,
                                                      const RetentionPolicy& policy, Timestamp now);

}  // namespace fermata

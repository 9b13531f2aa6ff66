#include "daemon/retention/retention_plan.hpp"

#include "core/base/assert.hpp"

namespace fermata {
namespace {

/// How many of the newest segments the policy keeps.
std::size_t kept_by(const RetentionPolicy& policy, const std::vector<SegmentFacts>& segments,
                    Timestamp now) {
    std::size_t kept = 0;
    std::uint64_t bytes = 0;
    for (auto it = segments.rbegin(); it != segments.rend(); ++it, ++kept) {
        bytes += it->bytes;
        if (policy.segments && kept >= *policy.segments) break;
        if (policy.bytes && bytes > *policy.bytes) break;
        // A segment is as old as its last record: one that is too old has only older ones before.
        if (policy.age && now - it->changed > *policy.age) break;
    }
    return kept;
}

SegmentFate fate_of(const SegmentFacts& facts) {
    if (!facts.has_footer) return SegmentFate::kNotComplete;
    if (!facts.anchored) return SegmentFate::kNotAnchored;
    if (!facts.loaded) return SegmentFate::kNotLoaded;
    return SegmentFate::kRemove;
}

}  // namespace

std::string_view describe(SegmentFate fate) noexcept {
    switch (fate) {
        case SegmentFate::kRemove:
            return "removed";
        case SegmentFate::kKeptByPolicy:
            return "kept by the policy";
        case SegmentFate::kRunOpen:
            return "kept: the run is open, its recovery needs the whole journal";
        case SegmentFate::kLast:
            return "kept: the last segment says how the run ended";
        case SegmentFate::kNotComplete:
            return "kept: it has no footer";
        case SegmentFate::kNotAnchored:
            return "kept: it is not anchored (fermata journal anchor)";
        case SegmentFate::kNotLoaded:
            return "kept: it is not loaded into the database";
        case SegmentFate::kBehindKept:
            return "kept: one before it is kept";
    }
    return "?";
}

std::vector<SegmentFate> plan_retention(const std::vector<SegmentFacts>& segments, bool run_closed,
                                        const RetentionPolicy& policy, Timestamp now) {
    FERMATA_ASSERT(
        policy.segments.has_value() + policy.age.has_value() + policy.bytes.has_value() == 1);
    std::vector<SegmentFate> fates(segments.size(), SegmentFate::kKeptByPolicy);
    const std::size_t may_go = segments.size() - kept_by(policy, segments, now);
    bool gap_free = true;
    for (std::size_t i = 0; i < may_go; ++i) {
        SegmentFate& fate = fates[i];
        if (!run_closed) {
            fate = SegmentFate::kRunOpen;
        } else if (i + 1 == segments.size()) {
            fate = SegmentFate::kLast;
        } else if (!gap_free) {
            fate = SegmentFate::kBehindKept;
        } else {
            fate = fate_of(segments[i]);
            gap_free = fate == SegmentFate::kRemove;
        }
    }
    return fates;
}

}  // namespace fermata

#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "core/event/market_event.hpp"
#include "core/market/bad_record_policy.hpp"
#include "core/port/feed.hpp"

namespace fermata {

/// What is wrong with one record of a source.
struct RecordFault {
    SkipReason reason = SkipReason::kMalformed;
    std::string_view field;     ///< "column high"; empty when it is the record as a whole.
    std::string_view found;     ///< As it stands in the source; cut and escaped for the message.
    std::string_view expected;  ///< "a decimal number".
};

/// Applies the policy for bad records of one feed and counts what was left out.
class RecordFaults {
public:
    explicit RecordFaults(BadRecordPolicy policy) noexcept : policy_(policy) {}

    /// kError: throws FeedError "PLACE: FIELD: found "...", expected ...; on_bad.REASON: skip
    /// leaves it out". kSkip: counts it. kKeep: nothing. `place` is "file:line".
    [[nodiscard]] BadAction decide(const RecordFault& fault, std::string_view place);

    [[nodiscard]] const BadRecordPolicy& policy() const noexcept { return policy_; }
    /// For the feed's stats(), which counts records and events itself.
    FeedStats stats;

private:
    BadRecordPolicy policy_;
};

/// "path:17".
[[nodiscard]] std::string place_of(std::string_view source, std::uint64_t line);

}  // namespace fermata

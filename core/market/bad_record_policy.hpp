#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "core/event/market_event.hpp"

namespace fermata {

/// What a feed does with a record that is wrong in one way. kNegative also stands for a price of
/// zero, where the instrument cannot have one.
enum class BadAction : std::uint8_t {
    kError,  ///< Stop with a FeedError that names file, line, field, what was found and expected.
    kSkip,   ///< Leave it out, count it and deliver one kSkipped event in its place.
    kKeep,   ///< Deliver it as it is. Only where the record can be represented, see can_keep().
};

/// Whether kKeep makes sense: the record is readable and has a place in time, it is only odd.
[[nodiscard]] constexpr bool can_keep(SkipReason reason) noexcept {
    switch (reason) {
        case SkipReason::kDuplicate:
        case SkipReason::kCrossed:
        case SkipReason::kNegative:
        case SkipReason::kInconsistentBar:
        case SkipReason::kOutOfSession:
        case SkipReason::kFlagged:
            return true;
        default:
            return false;
    }
}

/// The action for each reason. The default refuses everything that is wrong, with one exception:
/// a bar outside its calendar's sessions is kept and carries kFlagOutOfSession, because extended
/// hours are ordinary data. Nothing is ever repaired.
class BadRecordPolicy {
public:
    constexpr BadRecordPolicy() { set(SkipReason::kOutOfSession, BadAction::kKeep); }

    [[nodiscard]] constexpr BadAction operator[](SkipReason reason) const noexcept {
        return actions_[static_cast<std::size_t>(reason)];
    }
    /// False, and nothing changes, when `action` is kKeep and the reason cannot be kept.
    constexpr bool set(SkipReason reason, BadAction action) noexcept {
        if (action == BadAction::kKeep && !can_keep(reason)) return false;
        actions_[static_cast<std::size_t>(reason)] = action;
        return true;
    }

    /// LEAN's files, where some oddities are ordinary: an NBBO update is two rows, the bid first,
    /// so the book may be crossed between them (kept); prints that the vendor flags as suspicious
    /// are left out and counted; days without a file are counted.
    [[nodiscard]] static constexpr BadRecordPolicy lean() noexcept {
        BadRecordPolicy policy;
        policy.set(SkipReason::kCrossed, BadAction::kKeep);
        policy.set(SkipReason::kFlagged, BadAction::kSkip);
        policy.set(SkipReason::kMissing, BadAction::kSkip);
        return policy;
    }

private:
    std::array<BadAction, kSkipReasonCount> actions_{};  // kError
};

}  // namespace fermata

#include "risk/limit_schedule.hpp"

#include <algorithm>

#include "core/base/state_archive.hpp"

namespace fermata {

static_assert(sizeof(LimitSchedule) == 32, "LimitSchedule::persist must deal with every member");

LimitSchedule::LimitSchedule(const RiskConfig& config) : entries_(config.schedule()) {
    std::ranges::stable_sort(entries_, {}, &ScheduledLimit::from);
}

bool LimitSchedule::apply(Timestamp now, LimitTable& limits) noexcept {
    bool changed = false;
    for (; due(now); ++next_) {
        const ScheduledLimit& at = entries_[next_];
        std::int64_t value = at.value;
        // What a person set bounds it, for good: after a tighter date no less than before.
        const auto asked = limits.asked(at.scope, at.target, at.limit);
        if (asked && looser(at.limit, value, *asked)) value = *asked;
        if (limits.in_force(at.scope, at.target, at.limit) == value) continue;
        limits.change_by_date(at.scope, at.target, at.limit, value);
        changed = true;
    }
    return changed;
}

void LimitSchedule::persist(StateArchive& a) {
    a(next_);
    a.require(next_ <= entries_.size(), "the schedule of limits is shorter");
}

}  // namespace fermata

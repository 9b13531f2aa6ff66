#include "risk/limit_schedule.hpp"

#include <algorithm>

#include "core/base/state_archive.hpp"

namespace fermata {

static_assert(sizeof(LimitSchedule) == 32, "LimitSchedule::persist must deal with every member");

LimitSchedule::LimitSchedule(const RiskConfig& config, const LimitTable& limits) {
    for (const ScheduledLimit& at : config.schedule()) entries_.push_back({at, std::nullopt});
    std::ranges::stable_sort(entries_, {}, [](const Entry& e) { return e.at.from; });
    for (std::size_t n = 0; n < entries_.size(); ++n) {
        const ScheduledLimit& at = entries_[n].at;
        entries_[n].before = limits.in_force(at.scope, at.target, at.limit);
        for (std::size_t earlier = 0; earlier < n; ++earlier) {
            const ScheduledLimit& other = entries_[earlier].at;
            const bool same = other.scope == at.scope && other.target == at.target;
            if (same && other.limit == at.limit) entries_[n].before = other.value;
        }
    }
}

bool LimitSchedule::apply(Timestamp now, LimitTable& limits) noexcept {
    bool changed = false;
    for (; due(now); ++next_) {
        const auto& [at, before] = entries_[next_];
        const auto in_force = limits.in_force(at.scope, at.target, at.limit);
        const bool touched = in_force != before;
        if (touched && in_force && looser(at.limit, at.value, *in_force)) continue;
        changed = limits.change(at.scope, at.target, at.limit, at.value) || changed;
    }
    return changed;
}

void LimitSchedule::persist(StateArchive& a) {
    a(next_);
    a.require(next_ <= entries_.size(), "the schedule of limits is shorter");
}

}  // namespace fermata

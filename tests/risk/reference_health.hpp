#pragma once

#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "tests/risk/reference_trips.hpp"

namespace fermata::testing {

/// CLOCK, RECOVERING, BUILD, JOURNAL, DROP_COPY: everything that was ever told.
class ReferenceHealth : public ReferenceTrips {
public:
    using ReferenceTrips::ReferenceTrips;

    std::vector<bool> recovering;
    std::vector<std::int64_t> offsets;

    std::vector<Trip> after_build(std::int64_t running, std::int64_t approved) {
        builds_.push_back({running, approved});
        const bool was_good = builds_.size() == 1 || good(builds_[builds_.size() - 2]);
        if (good(builds_.back()) || !was_good) return {};
        return {{ControlId::kBuild, 0}};
    }
    std::vector<Trip> after_lag(std::int64_t age, std::int64_t bytes) {
        return trip_if(
            age > limits_.raw(LimitId::kJournal) || bytes > limits_.raw(LimitId::kJournalBytes),
            {ControlId::kJournal, 0});
    }
    std::vector<Trip> after_drop_copy(std::int64_t differs) {
        return trip_if(differs > limits_.raw(LimitId::kDropCopy), {ControlId::kDropCopy, 0});
    }
    /// Told so, and not yet told otherwise.
    bool unwell() const { return !builds_.empty() && (recovering.back() || !good(builds_.back())); }
    /// The offset that came last is the first beyond the alert since one within it.
    bool says_offset() const {
        const auto off = [&](std::int64_t offset) {
            return size(offset) > limits_.raw(LimitId::kClockAlert);
        };
        return off(offsets.back()) && (offsets.size() == 1 || !off(offsets[offsets.size() - 2]));
    }

protected:
    template <class Fail>
    void judge_health(const Fail& fail) {
        fail(ControlId::kClock, trips.contains({ControlId::kClock, 0}));
        fail(ControlId::kRecovering, !recovering.empty() && recovering.back());
        fail(ControlId::kBuild, !builds_.empty() && !good(builds_.back()));
        fail(ControlId::kJournal, trips.contains({ControlId::kJournal, 0}));
        fail(ControlId::kDropCopy, trips.contains({ControlId::kDropCopy, 0}));
    }

private:
    using Build = std::pair<std::int64_t, std::int64_t>;
    static bool good(const Build& b) { return b.first == b.second; }
    std::vector<Build> builds_;
};

}  // namespace fermata::testing

#include "core/market/time_zone.hpp"

#include <algorithm>
#include <limits>
#include <utility>

#include "core/base/assert.hpp"

namespace fermata {
namespace {

/// No zone was ever further from UTC than this.
constexpr Duration kMaxOffset = Duration::hours(26);
constexpr Timestamp kEarliest = Timestamp::min() + Duration::days(3);
constexpr Timestamp kLatest = Timestamp::never() - Duration::days(3);

constexpr LocalTime local_begin(const TimeZone::Interval& i) noexcept {
    return {i.begin.ns + i.offset.ns};
}
constexpr LocalTime local_end(const TimeZone::Interval& i) noexcept {
    return {i.end.ns + i.offset.ns};
}
constexpr bool contains(const TimeZone::Interval& i, LocalTime t) noexcept {
    return local_begin(i) <= t && t < local_end(i);
}

}  // namespace

std::string_view describe(LocalTimeError error) noexcept {
    switch (error) {
        case LocalTimeError::kAmbiguous:
            return "comes twice in its zone (clocks go back)";
        case LocalTimeError::kNonexistent:
            return "does not exist in its zone (clocks go forward)";
        case LocalTimeError::kOutOfRange:
            return "lies outside the time-zone table";
    }
    return "unknown";
}

TimeZone::TimeZone(std::string name, std::vector<Interval> intervals)
    : name_(std::move(name)), intervals_(std::move(intervals)) {
    FERMATA_ASSERT(!intervals_.empty());
    FERMATA_ASSERT(intervals_.front().begin >= kEarliest && intervals_.back().end <= kLatest);
    for (std::size_t i = 0; i < intervals_.size(); ++i) {
        const Interval& now = intervals_[i];
        FERMATA_ASSERT(now.begin < now.end);
        FERMATA_ASSERT(now.offset < kMaxOffset && now.offset > kMaxOffset * -1);
        FERMATA_ASSERT(i == 0 || intervals_[i - 1].end == now.begin);
    }
    unique_.reserve(intervals_.size());
    for (std::size_t i = 0; i < intervals_.size(); ++i) {
        Unique u{local_begin(intervals_[i]), local_end(intervals_[i])};
        // What an interval within reach shows as well is not unique.
        for (std::size_t k = i;
             k-- > 0 && intervals_[k].end + kMaxOffset * 2 > intervals_[i].begin;) {
            u.begin = std::max(u.begin, local_end(intervals_[k]));
        }
        for (std::size_t k = i + 1;
             k < intervals_.size() && intervals_[k].begin - kMaxOffset * 2 < intervals_[i].end;
             ++k) {
            u.end = std::min(u.end, local_begin(intervals_[k]));
        }
        unique_.push_back(u);
    }
}

TimeZone TimeZone::utc() { return TimeZone("UTC", {Interval{kEarliest, kLatest, Duration{}}}); }

std::size_t TimeZone::interval_at(Timestamp t) const noexcept {
    const auto after = std::upper_bound(intervals_.begin(), intervals_.end(), t,
                                        [](Timestamp x, const Interval& i) { return x < i.begin; });
    if (after == intervals_.begin()) return intervals_.size();
    return static_cast<std::size_t>(after - intervals_.begin() - 1);
}

Result<Timestamp, LocalTimeError> TimeZone::to_utc(LocalTime local,
                                                   LocalTimePolicy policy) const noexcept {
    // Saturated: the table ends days before the range of 64 bits does.
    const auto clamp = [](std::int64_t a, std::int64_t b) {
        std::int64_t sum = 0;
        if (!__builtin_add_overflow(a, b, &sum)) return Timestamp{sum};
        return b < 0 ? Timestamp::min() : Timestamp::never();
    };
    const Timestamp first = clamp(local.ns, -kMaxOffset.ns);
    const Timestamp last = clamp(local.ns, kMaxOffset.ns);
    std::size_t i = interval_at(first);
    if (i == intervals_.size()) i = 0;

    const Interval* match = nullptr;
    const Interval* behind = nullptr;  // the first interval whose local times lie behind `local`
    for (; i < intervals_.size() && intervals_[i].begin <= last; ++i) {
        const Interval& interval = intervals_[i];
        if (contains(interval, local)) {
            if (match != nullptr && policy.ambiguous == AmbiguousTime::kRefuse) {
                return Err{LocalTimeError::kAmbiguous};
            }
            if (match == nullptr || policy.ambiguous == AmbiguousTime::kLater) match = &interval;
        } else if (behind == nullptr && local < local_begin(interval)) {
            behind = &interval;
        }
    }
    if (match != nullptr) return Timestamp{local.ns - match->offset.ns};
    if (behind == nullptr || behind == &intervals_.front()) return Err{LocalTimeError::kOutOfRange};
    if (policy.nonexistent == NonexistentTime::kRefuse) return Err{LocalTimeError::kNonexistent};
    return behind->begin;
}

std::optional<LocalTime> TimeZone::to_local(Timestamp t) const noexcept {
    const std::size_t i = interval_at(t);
    if (i == intervals_.size() || t >= intervals_[i].end) return std::nullopt;
    return LocalTime{t.ns + intervals_[i].offset.ns};
}

std::optional<Timestamp> TimeZone::start_of(Date date) const noexcept {
    const auto midnight = local_midnight(date);
    if (!midnight) return std::nullopt;
    const auto t = to_utc(*midnight, {AmbiguousTime::kEarlier, NonexistentTime::kNextInstant});
    if (!t) return std::nullopt;
    return *t;
}

std::optional<Date> TimeZone::date_at(Timestamp t) const noexcept {
    const auto local = to_local(t);
    if (!local) return std::nullopt;
    return utc_date(Timestamp{local->ns});
}

Result<Timestamp, LocalTimeError> ZoneCursor::search(LocalTime local) noexcept {
    const auto t = zone_->to_utc(local, policy_);
    if (!t) return t;
    const std::size_t i = zone_->interval_at(*t);
    begin_ = zone_->unique_[i].begin;
    end_ = zone_->unique_[i].end;
    offset_ = zone_->intervals_[i].offset;
    return t;
}

}  // namespace fermata

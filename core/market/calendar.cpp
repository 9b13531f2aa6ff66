#include "core/market/calendar.hpp"

#include <algorithm>
#include <utility>

#include "core/base/assert.hpp"

namespace fermata {

Calendar::Calendar(std::string name, std::string zone, std::vector<Session> sessions,
                   Date first_day, std::vector<Timestamp> day_start)
    : name_(std::move(name)),
      zone_(std::move(zone)),
      sessions_(std::move(sessions)),
      first_day_(first_day),
      day_start_(std::move(day_start)) {
    FERMATA_ASSERT(day_start_.size() >= 2);
    for (std::size_t i = 1; i < day_start_.size(); ++i) {
        FERMATA_ASSERT(day_start_[i - 1] < day_start_[i]);
    }
    for (std::size_t i = 0; i < sessions_.size(); ++i) {
        FERMATA_ASSERT(sessions_[i].open < sessions_[i].close && covers(sessions_[i].date));
        if (i == 0) continue;
        FERMATA_ASSERT(sessions_[i - 1].date < sessions_[i].date);
        FERMATA_ASSERT(sessions_[i - 1].close <= sessions_[i].open);
    }
}

const Session* Calendar::next_session_on(Date date) const noexcept {
    const auto found = std::lower_bound(sessions_.begin(), sessions_.end(), date,
                                        [](const Session& s, Date d) { return s.date < d; });
    return found == sessions_.end() ? nullptr : &*found;
}

const Session* Calendar::session_on(Date date) const noexcept {
    const Session* found = next_session_on(date);
    return found != nullptr && found->date == date ? found : nullptr;
}

const Session* Calendar::session_at(Timestamp t) const noexcept {
    const auto after = std::upper_bound(sessions_.begin(), sessions_.end(), t,
                                        [](Timestamp x, const Session& s) { return x < s.open; });
    if (after == sessions_.begin()) return nullptr;
    const Session& candidate = *(after - 1);
    return t < candidate.close ? &candidate : nullptr;
}

const Session* Calendar::next_session(Timestamp t) const noexcept {
    const auto found = std::lower_bound(sessions_.begin(), sessions_.end(), t,
                                        [](const Session& s, Timestamp x) { return s.open < x; });
    return found == sessions_.end() ? nullptr : &*found;
}

std::optional<Date> Calendar::date_at(Timestamp t) const noexcept {
    if (t < day_start_.front() || t >= day_start_.back()) return std::nullopt;
    // Days have 24 hours but for a few, so division lands on the day or next to it. A calendar of
    // all time spans more than a Duration holds.
    const __int128 since = static_cast<__int128>(t.ns) - day_start_.front().ns;
    auto day = static_cast<std::size_t>(since / Duration::days(1).ns);
    day = std::min(day, day_start_.size() - 2);
    while (day_start_[day] > t) --day;
    while (day_start_[day + 1] <= t) ++day;
    return first_day_ + static_cast<std::int32_t>(day);
}

std::optional<Timestamp> Calendar::start_of(Date date) const noexcept {
    if (date < first_day_ || date > end_day()) return std::nullopt;
    return day_start_[static_cast<std::size_t>(date - first_day_)];
}

}  // namespace fermata

#include "core/market/bar_clock.hpp"

#include <algorithm>

#include "core/base/assert.hpp"

namespace fermata {

std::string_view describe(BarClockError error) noexcept {
    switch (error) {
        case BarClockError::kOutOfRange:
            return "the bar's times are out of range";
        case BarClockError::kOutsideCalendar:
            return "the date lies outside the calendar's table";
    }
    return "unknown";
}

BarClock::BarClock(BarClockSettings settings, const Calendar* calendar)
    : settings_(settings),
      calendar_(calendar),
      days_(settings.interval.ns % Duration::days(1).ns == 0
                ? static_cast<std::int32_t>(settings.interval.ns / Duration::days(1).ns)
                : 0) {
    FERMATA_ASSERT(settings.interval.ns > 0);
    if (calendar == nullptr) return;
    table_begin_ = *calendar->start_of(calendar->first_day());
    table_end_ = *calendar->start_of(calendar->end_day());
}

Result<BarTimes, BarClockError> BarClock::times(Timestamp stamp) noexcept {
    const bool at_start = settings_.stamp == BarStamp::kStart;
    const std::int64_t offset = at_start ? settings_.interval.ns : -settings_.interval.ns;
    std::int64_t other = 0;
    if (__builtin_add_overflow(stamp.ns, offset, &other)) return Err{BarClockError::kOutOfRange};
    BarTimes plain{at_start ? stamp : Timestamp{other}, at_start ? Timestamp{other} : stamp, false};
    if (calendar_ == nullptr) return plain;
    if (days_ > 0 && settings_.daily_span == DailySpan::kSession)
        return session_times(stamp, plain);

    const auto in_session = touches_session(plain);
    if (!in_session) return Err{in_session.error()};
    plain.out_of_session = !*in_session;
    return plain;
}

Result<BarTimes, BarClockError> BarClock::session_times(Timestamp stamp, BarTimes plain) noexcept {
    const bool at_start = settings_.stamp == BarStamp::kStart;
    // plain.start < stamp for kEnd, so stamp - 1 ns cannot underflow.
    const auto named = calendar_->date_at(at_start ? stamp : stamp - Duration::nanoseconds(1));
    if (!named) return Err{BarClockError::kOutsideCalendar};
    // Interval and Timestamp share one range, so the days of both fit 32 bits by far.
    const Date first = at_start ? *named : *named - (days_ - 1);
    const Date end = first + days_;
    if (first < calendar_->first_day() || end > calendar_->end_day()) {
        return Err{BarClockError::kOutsideCalendar};
    }
    const std::vector<Session>& sessions = calendar_->sessions();
    const auto before = [](const Session& s, Date d) { return s.date < d; };
    const bool ahead = cursor_ < sessions.size() && sessions[cursor_].date < first;
    std::size_t i = ahead ? cursor_ + 1 : sessions.size();
    if (!ahead || (i < sessions.size() && sessions[i].date < first)) {
        const auto found = std::lower_bound(sessions.begin(), sessions.end(), first, before);
        i = static_cast<std::size_t>(found - sessions.begin());
    }
    if (i == sessions.size() || sessions[i].date >= end) {
        plain.out_of_session = true;
        return plain;
    }
    std::size_t last = i;
    while (last + 1 < sessions.size() && sessions[last + 1].date < end) ++last;
    cursor_ = last;
    return BarTimes{sessions[i].open, sessions[last].close, false};
}

Result<bool, BarClockError> BarClock::touches_session(BarTimes plain) noexcept {
    if (plain.start < table_begin_ || plain.end > table_end_) {
        return Err{BarClockError::kOutsideCalendar};
    }
    // The first session that ends after the bar's start decides.
    const std::vector<Session>& sessions = calendar_->sessions();
    const bool near = cursor_ < sessions.size() && plain.start < sessions[cursor_].close &&
                      (cursor_ == 0 || sessions[cursor_ - 1].close <= plain.start);
    if (!near) {
        const auto found =
            std::upper_bound(sessions.begin(), sessions.end(), plain.start,
                             [](Timestamp t, const Session& s) { return t < s.close; });
        cursor_ = static_cast<std::size_t>(found - sessions.begin());
    }
    return cursor_ < sessions.size() && sessions[cursor_].open < plain.end;
}

}  // namespace fermata

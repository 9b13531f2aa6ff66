#include "adapters/fix/session_times.hpp"

#include <cstdio>

#include "adapters/fix/quickfix.hpp"
#include "adapters/fix/session_end.hpp"

namespace fermata::fix {

std::string daily_end(const std::string& start, const std::string& end) {
    int hour = 0, minute = 0, second = 0;
    if (start != end || std::sscanf(start.c_str(), "%2d:%2d:%2d", &hour, &minute, &second) != 3) {
        return end;
    }
    const int begin = hour * 3'600 + minute * 60 + second;
    if (begin <= 0 || begin >= 86'400) return end;
    const int last = begin - 1;
    char text[32];
    (void)std::snprintf(text, sizeof text, "%02d:%02d:%02d", last / 3'600, last / 60 % 60,
                        last % 60);
    return text;
}

bool in_same_session(const SessionTimes& times, Timestamp one, Timestamp other) {
    FIX::Dictionary days;
    int first = -1, last = -1;
    if (!times.start_day.empty()) {
        days.setString(FIX::START_DAY, times.start_day);
        first = days.getDay(FIX::START_DAY);
    }
    if (!times.end_day.empty()) {
        days.setString(FIX::END_DAY, times.end_day);
        last = days.getDay(FIX::END_DAY);
    }
    const bool daily = first < 0 && last < 0;
    FIX::TimeRange range(FIX::UtcTimeOnlyConvertor::convert(times.start_time),
                         FIX::UtcTimeOnlyConvertor::convert(
                             daily ? daily_end(times.start_time, times.end_time) : times.end_time),
                         first, last);
    return range.isInSameRange(quickfix_time(one), quickfix_time(other));
}

}  // namespace fermata::fix

#pragma once

#include <string>

#include "core/types/time.hpp"

namespace fermata::fix {

/// When a daily session ends for QuickFIX ("HH:MM:SS", UTC). Where both times of day are the same
/// it lasts a whole day, from that time to that time; QuickFIX takes that for the UTC day whatever
/// the time is. So it is told the second before: the session is left for that second, and its
/// sequence numbers begin again at `start`.
[[nodiscard]] std::string daily_end(const std::string& start, const std::string& end);

/// When a session is, in UTC: times of day, and days of the week; see SessionSettings.
struct SessionTimes {
    std::string start_time, end_time;  ///< "HH:MM:SS".
    std::string start_day, end_day;    ///< "monday"; empty: every day.
};
/// Whether one count of sequence numbers lasts from the one time to the other: both lie within the
/// same session.
[[nodiscard]] bool in_same_session(const SessionTimes& times, Timestamp one, Timestamp other);

}  // namespace fermata::fix

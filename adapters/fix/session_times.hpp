#pragma once

#include <string>

namespace fermata::fix {

/// When a daily session ends for QuickFIX ("HH:MM:SS", UTC). Where both times of day are the same
/// it lasts a whole day, from that time to that time; QuickFIX takes that for the UTC day whatever
/// the time is. So it is told the second before: the session is left for that second, and its
/// sequence numbers begin again at `start`.
[[nodiscard]] std::string daily_end(const std::string& start, const std::string& end);

}  // namespace fermata::fix

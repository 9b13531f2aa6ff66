#include "adapters/calendar/time_zone_database.hpp"

#include <date/tz.h>

#include <algorithm>
#include <fstream>
#include <limits>
#include <vector>

namespace fermata {
namespace {

constexpr std::int64_t kSecondNs = 1'000'000'000;
constexpr std::int64_t kTableBeginSeconds =
    std::int64_t{to_date(1678, 1, 1).days} * 86'400;  // inside the range of Timestamp
constexpr std::int64_t kTableEndSeconds = std::int64_t{kZoneTableEnd.days} * 86'400;

std::vector<TimeZone::Interval> read_intervals(const date::time_zone& zone) {
    std::vector<TimeZone::Interval> intervals;
    std::int64_t t = kTableBeginSeconds;
    while (t < kTableEndSeconds) {
        const date::sys_info info = zone.get_info(date::sys_seconds(std::chrono::seconds(t)));
        const std::int64_t end =
            std::min<std::int64_t>(info.end.time_since_epoch().count(), kTableEndSeconds);
        if (end <= t) {
            throw CalendarError("time zone '" + zone.name() +
                                "': the system's time-zone file is not ascending");
        }
        const Duration offset = Duration::seconds(info.offset.count());
        if (!intervals.empty() && intervals.back().offset == offset) {
            intervals.back().end = Timestamp{end * kSecondNs};  // only the abbreviation changed
        } else {
            intervals.push_back({Timestamp{t * kSecondNs}, Timestamp{end * kSecondNs}, offset});
        }
        t = end;
    }
    return intervals;
}

/// Zone files may be "slim": transitions of the present end where a rule takes over, which this
/// library does not read. Daylight saving would then silently be missing.
void require_explicit_transitions() {
    const date::time_zone* new_york = date::locate_zone("America/New_York");
    const auto july =
        date::sys_seconds(std::chrono::seconds(std::int64_t{(to_date(2037, 7, 1).days)} * 86'400));
    if (new_york->get_info(july).offset == std::chrono::hours(-4)) return;
    throw CalendarError(
        "the system's time-zone files do not list daylight saving up to 2037 (they are built "
        "'slim'); install zone files that are built 'fat', as Debian's package tzdata is");
}

/// Levenshtein distance, case ignored; for suggestions only.
std::size_t distance(std::string_view a, std::string_view b) {
    const auto fold = [](char c) {
        return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    };
    std::vector<std::size_t> row(b.size() + 1);
    for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
    for (std::size_t i = 1; i <= a.size(); ++i) {
        std::size_t diagonal = row[0];
        row[0] = i;
        for (std::size_t j = 1; j <= b.size(); ++j) {
            const std::size_t change = diagonal + (fold(a[i - 1]) == fold(b[j - 1]) ? 0 : 1);
            diagonal = row[j];
            row[j] = std::min({row[j] + 1, row[j - 1] + 1, change});
        }
    }
    return row[b.size()];
}

std::string unknown_zone(std::string_view name) {
    std::string text = "unknown time zone '" + std::string(name) + "'";
    const auto& zones = date::get_tzdb().zones;
    const auto nearest =
        std::min_element(zones.begin(), zones.end(), [&](const auto& a, const auto& b) {
            return distance(a.name(), name) < distance(b.name(), name);
        });
    if (nearest != zones.end() && distance(nearest->name(), name) <= 3) {
        return text + "; did you mean '" + nearest->name() + "'?";
    }
    return text + "; expected a name of the time-zone database such as 'America/New_York'";
}

}  // namespace

std::shared_ptr<const TimeZone> load_time_zone(std::string_view name) {
    if (name == "UTC") return std::make_shared<const TimeZone>(TimeZone::utc());
    try {
        const auto& zones = date::get_tzdb().zones;
        // locate_zone would look for a file of any name below the directory, also for "../x".
        const bool known = std::any_of(zones.begin(), zones.end(),
                                       [&](const auto& zone) { return zone.name() == name; });
        if (!known) throw CalendarError(unknown_zone(name));
        require_explicit_transitions();
        const date::time_zone* zone = date::locate_zone(name);
        return std::make_shared<const TimeZone>(std::string(name), read_intervals(*zone));
    } catch (const CalendarError&) {
        throw;
    } catch (const std::exception& e) {
        throw CalendarError("the system's time-zone database cannot be read: " +
                            std::string(e.what()) + "; is the package tzdata installed?");
    }
}

std::string time_zone_database_version() {
    // The library does not know the version of the system's files; they state it themselves.
    const std::string known = date::get_tzdb().version;
    if (known != "unknown") return known;
    std::ifstream file("/usr/share/zoneinfo/tzdata.zi");
    std::string line;
    const std::string_view prefix = "# version ";
    if (std::getline(file, line) && line.starts_with(prefix)) return line.substr(prefix.size());
    return known;
}

}  // namespace fermata

#include "daemon/config/zones.hpp"

#include "adapters/calendar/time_format.hpp"
#include "adapters/calendar/time_zone_database.hpp"
#include "core/market/time_zone.hpp"

namespace fermata::config {

Zones::Zones() = default;
Zones::~Zones() = default;

std::string Zones::problem(const std::string& zone) {
    if (zones_.contains(zone)) return "";
    try {
        // The table of UTC has no end, unlike those of the database.
        zones_.emplace(zone, zone == "UTC" ? std::make_shared<const TimeZone>(TimeZone::utc())
                                           : load_time_zone(zone));
        return "";
    } catch (const CalendarError& e) {
        return e.what();
    }
}

std::optional<Timestamp> Zones::resolve(const CivilTime& written, const std::string& zone, bool end,
                                        std::string& why) {
    const Date date = end && !written.ns_of_day ? written.date + 1 : written.date;
    const auto midnight = local_midnight(date);
    why = "the time does not fit the clock's range (1678 to 2261)";
    if (!midnight) return std::nullopt;
    const std::int64_t of_day = written.ns_of_day.value_or(0);
    if (written.offset_minutes) {
        return Timestamp{midnight->ns + of_day} - Duration::minutes(*written.offset_minutes);
    }
    if (!problem(zone).empty()) {
        why = problem(zone);
        return std::nullopt;
    }
    const TimeZone& table = *zones_.at(zone);
    why = "a time that the table of the zone " + zone + " does not reach";
    if (!written.ns_of_day) return table.start_of(date);
    const auto utc = table.to_utc(LocalTime{midnight->ns + of_day});
    if (utc) return *utc;
    why = std::string(describe(utc.error())) + " in the zone " + zone;
    return std::nullopt;
}

std::string time_format_problem(const std::string& format) {
    std::string why;
    return TimeFormat::compile(format, &why) ? std::string() : why;
}

}  // namespace fermata::config

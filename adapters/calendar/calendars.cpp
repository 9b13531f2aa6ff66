#include "adapters/calendar/calendars.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "adapters/calendar/us_equity.hpp"

namespace fermata {
namespace {

constexpr Duration kDay = Duration::days(1);
constexpr std::array<std::string_view, 7> kWeekdays = {
    "monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"};

std::string format_time(Duration t) {
    const auto two = [](std::int64_t n) { return (n < 10 ? "0" : "") + std::to_string(n); };
    const std::int64_t seconds = t.ns / Duration::seconds(1).ns;
    std::string text = two(seconds / 3600) + ":" + two(seconds / 60 % 60);
    return seconds % 60 == 0 ? text : text + ":" + two(seconds % 60);
}

[[noreturn]] void refuse(const CalendarSpec& spec, const std::string& field,
                         const std::string& problem) {
    throw CalendarError("calendar '" + spec.name + "': " + field + ": " + problem);
}

std::string element(const char* list, std::size_t index) {
    return std::string(list) + "[" + std::to_string(index) + "]";
}

void check_hours(const CalendarSpec& spec, const std::string& field, SessionHours hours) {
    if (hours.open.ns < 0 || hours.open >= kDay) {
        refuse(spec, field,
               "the open must be from 00:00 to before 24:00, found " +
                   std::to_string(hours.open.ns) + " ns after midnight");
    }
    if (hours.close.ns <= 0 || hours.close > kDay) {
        refuse(spec, field,
               "the close must be after 00:00 and at most 24:00, found " +
                   std::to_string(hours.close.ns) + " ns after midnight");
    }
}

bool is_early(const CalendarSpec& spec, const SpecialHours& special) {
    const auto& regular = spec.week[static_cast<std::size_t>(weekday(special.date)) - 1];
    return regular.has_value() && special.hours.close < regular->close;
}

struct Exceptions {
    std::set<Date> holidays;
    std::map<Date, SpecialHours> special;
};

Exceptions check(const CalendarSpec& spec) {
    if (spec.name.empty()) throw CalendarError("calendar: name: must not be empty");
    for (std::size_t i = 0; i < spec.week.size(); ++i) {
        if (spec.week[i]) check_hours(spec, "hours." + std::string(kWeekdays[i]), *spec.week[i]);
    }
    Exceptions exceptions;
    for (std::size_t i = 0; i < spec.holidays.size(); ++i) {
        const Date date = spec.holidays[i];
        if (!exceptions.holidays.insert(date).second) {
            refuse(spec, element("holidays", i), format_iso_date(date) + " is given twice");
        }
    }
    for (std::size_t i = 0; i < spec.special_hours.size(); ++i) {
        const SpecialHours& special = spec.special_hours[i];
        const std::string field = element("special_hours", i);
        check_hours(spec, field, special.hours);
        if (exceptions.holidays.contains(special.date)) {
            refuse(spec, field, format_iso_date(special.date) + " is a holiday as well");
        }
        if (!exceptions.special.emplace(special.date, special).second) {
            refuse(spec, field, format_iso_date(special.date) + " is given twice");
        }
    }
    return exceptions;
}

/// Wall-clock time to UTC. Session times inside a change of the clocks take the first instant that
/// fits: an open or close on a skipped hour moves to its end, a repeated hour means its first pass.
Timestamp instant(const CalendarSpec& spec, const TimeZone& zone, Date date, Duration of_day) {
    const auto midnight = local_midnight(date);
    if (midnight) {
        const auto t = zone.to_utc(*midnight + of_day,
                                   {AmbiguousTime::kEarlier, NonexistentTime::kNextInstant});
        if (t) return *t;
    }
    refuse(spec, "zone",
           format_iso_date(date) + " lies outside the time-zone table of '" + zone.name() + "'");
}

Session make_session(const CalendarSpec& spec, const TimeZone& zone, Date date, SessionHours hours,
                     bool early) {
    const Date open_date = hours.open < hours.close ? date : date - 1;
    const Session session{date, instant(spec, zone, open_date, hours.open),
                          instant(spec, zone, date, hours.close), early};
    if (session.open >= session.close) {
        refuse(spec, "hours",
               "the session of " + format_iso_date(date) + ", " + format_time(hours.open) + "-" +
                   format_time(hours.close) + ", vanishes in a change of the clocks");
    }
    return session;
}

std::optional<CalendarSpec> builtin_spec(std::string_view name, Date from, Date to) {
    if (name == "us_equity") return us_equity_spec(from, to);
    CalendarSpec spec;
    spec.name = std::string(name);
    spec.zone = "America/New_York";
    if (name == "us_futures") {
        for (std::size_t day = 0; day < 5; ++day) {
            spec.week[day] = SessionHours{Duration::hours(18), Duration::hours(17)};
        }
        for (std::int32_t year = to_civil(from).year; year <= to_civil(to).year; ++year) {
            spec.holidays.push_back(to_date(year, 1, 1));
            spec.holidays.push_back(to_date(year, 12, 25));
        }
        return spec;
    }
    if (name == "fx") {
        for (std::size_t day = 0; day < 5; ++day) {
            spec.week[day] = SessionHours{Duration::hours(17), Duration::hours(17)};
        }
        return spec;
    }
    if (name == "24x7") {
        spec.zone = "UTC";
        spec.week.fill(SessionHours{Duration{}, kDay});
        return spec;
    }
    return std::nullopt;
}

}  // namespace

std::optional<Duration> parse_time_of_day(std::string_view text) noexcept {
    if (text.size() != 5 && text.size() != 8) return std::nullopt;
    std::int64_t part[3] = {};
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (i % 3 == 2) {
            if (text[i] != ':') return std::nullopt;
        } else if (text[i] < '0' || text[i] > '9') {
            return std::nullopt;
        } else {
            part[i / 3] = part[i / 3] * 10 + (text[i] - '0');
        }
    }
    if (part[1] > 59 || part[2] > 59) return std::nullopt;
    const Duration t = Duration::seconds(part[0] * 3600 + part[1] * 60 + part[2]);
    if (t > kDay) return std::nullopt;
    return t;
}

std::optional<SessionHours> parse_session_hours(std::string_view text) noexcept {
    const std::size_t dash = text.find('-');
    if (dash == std::string_view::npos) return std::nullopt;
    const auto open = parse_time_of_day(text.substr(0, dash));
    const auto close = parse_time_of_day(text.substr(dash + 1));
    if (!open || !close || *open >= kDay || close->ns == 0) return std::nullopt;
    return SessionHours{*open, *close};
}

std::shared_ptr<const Calendar> make_calendar(const CalendarSpec& spec, Date from, Date to) {
    const Exceptions exceptions = check(spec);
    if (from > to) {
        refuse(spec, "from",
               format_iso_date(from) + " is after the last date " + format_iso_date(to));
    }
    std::shared_ptr<const TimeZone> zone;
    try {
        zone = load_time_zone(spec.zone);
    } catch (const CalendarError& e) {
        refuse(spec, "zone", e.what());
    }

    std::vector<Session> sessions;
    std::vector<Timestamp> day_start;
    for (Date date = from; date <= to; date = date + 1) {
        day_start.push_back(instant(spec, *zone, date, Duration{}));
        const auto special = exceptions.special.find(date);
        const auto& regular = spec.week[static_cast<std::size_t>(weekday(date)) - 1];
        if (special != exceptions.special.end()) {
            sessions.push_back(make_session(spec, *zone, date, special->second.hours,
                                            is_early(spec, special->second)));
        } else if (regular && !exceptions.holidays.contains(date)) {
            sessions.push_back(make_session(spec, *zone, date, *regular, false));
        } else {
            continue;
        }
        const std::size_t n = sessions.size();
        if (n > 1 && sessions[n - 2].close > sessions[n - 1].open) {
            refuse(spec, "hours",
                   "the session of " + format_iso_date(date) + " opens before that of " +
                       format_iso_date(sessions[n - 2].date) + " closes");
        }
    }
    day_start.push_back(instant(spec, *zone, to + 1, Duration{}));
    return std::make_shared<const Calendar>(spec.name, spec.zone, std::move(sessions), from,
                                            std::move(day_start));
}

const std::vector<std::string>& builtin_calendar_names() {
    static const std::vector<std::string> names = {"us_equity", "us_futures", "fx", "24x7"};
    return names;
}

std::optional<DateRange> builtin_calendar_range(std::string_view name) noexcept {
    // Where the zone tables begin and end, with room for a session that opens the day before.
    constexpr DateRange all{to_date(1678, 1, 3), kZoneTableEnd - 2};
    if (name == "us_equity") return DateRange{kUsEquityFrom, all.to};
    if (name == "us_futures" || name == "fx" || name == "24x7") return all;
    return std::nullopt;
}

std::shared_ptr<const Calendar> make_calendar(std::string_view name, Date from, Date to) {
    const auto range = builtin_calendar_range(name);
    if (!range) {
        std::string known;
        for (const std::string& n : builtin_calendar_names())
            known += (known.empty() ? "" : ", ") + n;
        throw CalendarError("unknown calendar '" + std::string(name) + "'; expected one of " +
                            known);
    }
    if (from < range->from || to > range->to) {
        throw CalendarError("calendar '" + std::string(name) + "' is known from " +
                            format_iso_date(range->from) + " to " + format_iso_date(range->to) +
                            ", but " + format_iso_date(from) + " to " + format_iso_date(to) +
                            " was asked for");
    }
    return make_calendar(*builtin_spec(name, from, to), from, to);
}

}  // namespace fermata

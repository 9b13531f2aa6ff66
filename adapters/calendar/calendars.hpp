#pragma once

#include <array>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "adapters/calendar/time_zone_database.hpp"
#include "core/market/calendar.hpp"
#include "core/market/date.hpp"
#include "core/types/time.hpp"

namespace fermata {

/// Hours of a session as wall-clock times of the calendar's zone. 0 <= open < 24 h, 0 < close <= 24
/// h. An open at or after the close (18:00-17:00) lies on the day before the trading date.
struct SessionHours {
    Duration open;
    Duration close;
    friend constexpr bool operator==(SessionHours, SessionHours) = default;
};

/// One trading date whose hours differ from its weekday's.
struct SpecialHours {
    Date date;
    SessionHours hours;
};

/// An exchange calendar as data. The configuration fills it; the built-in calendars are made of it.
struct CalendarSpec {
    std::string name;
    std::string zone;  ///< Name in the time-zone database.
    /// Regular hours of each weekday's trading date, from Monday; nullopt = no session.
    std::array<std::optional<SessionHours>, 7> week;
    std::vector<Date> holidays;               ///< Trading dates without a session.
    std::vector<SpecialHours> special_hours;  ///< Early closes and late opens; may add a session.
};

/// `HH:MM` or `HH:MM:SS`, 00:00 to 24:00; nullopt otherwise.
[[nodiscard]] std::optional<Duration> parse_time_of_day(std::string_view text) noexcept;
/// `HH:MM-HH:MM`; nullopt otherwise.
[[nodiscard]] std::optional<SessionHours> parse_session_hours(std::string_view text) noexcept;

/// The sessions of a calendar for the trading dates `from` to `to`, both included.
/// Throws CalendarError that names the field: "calendar 'xetra': holidays[3]: 2024-05-01 is given
/// twice".
[[nodiscard]] std::shared_ptr<const Calendar> make_calendar(const CalendarSpec& spec, Date from,
                                                            Date to);

/// A built-in calendar for the trading dates `from` to `to`, both included:
///
///   us_equity   NYSE and Nasdaq regular sessions, 09:30-16:00 New York, from 1990 on: see
///   us_equity.hpp us_futures  CME Globex, 18:00-17:00 New York with its daily halt, trading dates
///   Monday to Friday;
///               closed on New Year's Day and Christmas Day. Products have holiday halts of their
///               own: give those as a CalendarSpec.
///   fx          spot foreign exchange, Sunday 17:00 to Friday 17:00 New York; the trading date
///   ends
///               at 17:00. No holidays.
///   24x7        every UTC day from midnight to midnight.
///
/// Throws CalendarError when the name is unknown or the calendar does not reach the dates.
[[nodiscard]] std::shared_ptr<const Calendar> make_calendar(std::string_view name, Date from,
                                                            Date to);

/// Names that make_calendar knows, for messages and the configuration's schema.
[[nodiscard]] const std::vector<std::string>& builtin_calendar_names();

/// The dates a built-in calendar can be made for.
struct DateRange {
    Date from;
    Date to;  ///< Included.
};
/// nullopt when the name is unknown.
[[nodiscard]] std::optional<DateRange> builtin_calendar_range(std::string_view name) noexcept;

}  // namespace fermata

#include "adapters/calendar/us_equity.hpp"

#include <array>
#include <optional>

namespace fermata {
namespace {

constexpr Duration kOpen = Duration::minutes(9 * 60 + 30);
constexpr Duration kClose = Duration::hours(16);

/// Days on which the exchange did not open at all, beside the yearly holidays.
constexpr std::array kOneOffClosures = {
    to_date(1994, 4, 27),                          // funeral of R. Nixon
    to_date(2001, 9, 11),  to_date(2001, 9, 12),   // attack on New York
    to_date(2001, 9, 13),  to_date(2001, 9, 14),   //
    to_date(2004, 6, 11),                          // mourning for R. Reagan
    to_date(2007, 1, 2),                           // mourning for G. Ford
    to_date(2012, 10, 29), to_date(2012, 10, 30),  // hurricane Sandy
    to_date(2018, 12, 5),                          // mourning for G. H. W. Bush
    to_date(2025, 1, 9),                           // mourning for J. Carter
};

/// Days with other hours, beside the yearly early closes.
constexpr std::array kOneOffHours = {
    SpecialHours{to_date(1990, 12, 27), {Duration::hours(11), kClose}},            // power failure
    SpecialHours{to_date(1994, 2, 11), {kOpen, Duration::minutes(14 * 60 + 30)}},  // snow
    SpecialHours{to_date(1995, 12, 18), {Duration::minutes(10 * 60 + 30), kClose}},  // computers
    SpecialHours{to_date(1996, 1, 8), {Duration::hours(11), Duration::hours(14)}},   // snow
    SpecialHours{to_date(1997, 10, 27),
                 {kOpen, Duration::minutes(15 * 60 + 30)}},             // circuit breaker
    SpecialHours{to_date(1997, 12, 26), {kOpen, Duration::hours(13)}},  // after Christmas
    SpecialHours{to_date(2002, 9, 11), {Duration::hours(12), kClose}},  // commemoration
    SpecialHours{to_date(2003, 12, 26), {kOpen, Duration::hours(13)}},  // after Christmas
};

/// The `n`th given weekday of a month, n from 1.
constexpr Date nth(std::int32_t n, Weekday day, std::int32_t year, std::int32_t month) {
    const Date first = to_date(year, month, 1);
    const int ahead = (static_cast<int>(day) - static_cast<int>(weekday(first)) + 7) % 7;
    return first + ahead + 7 * (n - 1);
}

constexpr Date last_monday(std::int32_t year, std::int32_t month) {
    const Date last = to_date(year, month, days_in_month(year, month));
    return last - (static_cast<int>(weekday(last)) - 1);
}

/// Easter Sunday of the Gregorian calendar: J. Meeus, "Astronomical Algorithms", chapter 8.
constexpr Date easter(std::int32_t year) {
    const std::int32_t a = year % 19;
    const std::int32_t b = year / 100;
    const std::int32_t c = year % 100;
    const std::int32_t d = b / 4;
    const std::int32_t e = b % 4;
    const std::int32_t f = (b + 8) / 25;
    const std::int32_t g = (b - f + 1) / 3;
    const std::int32_t h = (19 * a + b - d - g + 15) % 30;
    const std::int32_t i = c / 4;
    const std::int32_t k = c % 4;
    const std::int32_t l = (32 + 2 * e + 2 * i - h - k) % 7;
    const std::int32_t m = (a + 11 * h + 22 * l) / 451;
    const std::int32_t n = h + l - 7 * m + 114;
    return to_date(year, n / 31, n % 31 + 1);
}
static_assert(easter(2000) == to_date(2000, 4, 23) && easter(2038) == to_date(2038, 4, 25));

/// Saturday -> Friday, Sunday -> Monday.
constexpr Date observed(Date date) {
    if (weekday(date) == Weekday::kSaturday) return date - 1;
    return weekday(date) == Weekday::kSunday ? date + 1 : date;
}

void add_holidays(std::int32_t year, std::vector<Date>& out) {
    const Date new_year = to_date(year, 1, 1);
    if (weekday(new_year) != Weekday::kSaturday) out.push_back(observed(new_year));
    if (year >= 1998) out.push_back(nth(3, Weekday::kMonday, year, 1));
    out.push_back(nth(3, Weekday::kMonday, year, 2));
    out.push_back(easter(year) - 2);
    out.push_back(last_monday(year, 5));
    if (year >= 2022) out.push_back(observed(to_date(year, 6, 19)));
    out.push_back(observed(to_date(year, 7, 4)));
    out.push_back(nth(1, Weekday::kMonday, year, 9));
    out.push_back(nth(4, Weekday::kThursday, year, 11));
    out.push_back(observed(to_date(year, 12, 25)));
}

/// The early close around Independence Day, if the year has one.
std::optional<Date> independence_early_close(std::int32_t year) {
    if (year < 1995) return std::nullopt;
    switch (weekday(to_date(year, 7, 4))) {
        case Weekday::kTuesday:
        case Weekday::kWednesday:
        case Weekday::kFriday:
            return to_date(year, 7, 3);
        case Weekday::kThursday:
            return to_date(year, 7, year <= 2012 ? 5 : 3);
        default:
            return std::nullopt;
    }
}

void add_early_closes(std::int32_t year, std::vector<SpecialHours>& out) {
    const SessionHours hours{kOpen, Duration::hours(year < 1993 ? 14 : 13)};
    if (const auto date = independence_early_close(year)) out.push_back({*date, hours});
    if (year >= 1992) out.push_back({nth(4, Weekday::kThursday, year, 11) + 1, hours});
    const Date christmas_eve = to_date(year, 12, 24);
    // On a Friday it is the observed holiday, on a weekend no trading day.
    if (weekday(christmas_eve) <= Weekday::kThursday) out.push_back({christmas_eve, hours});
}

}  // namespace

CalendarSpec us_equity_spec(Date from, Date to) {
    CalendarSpec spec;
    spec.name = "us_equity";
    spec.zone = "America/New_York";
    for (std::size_t day = 0; day < 5; ++day) spec.week[day] = SessionHours{kOpen, kClose};
    for (std::int32_t year = to_civil(from).year; year <= to_civil(to).year; ++year) {
        add_holidays(year, spec.holidays);
        add_early_closes(year, spec.special_hours);
    }
    spec.holidays.insert(spec.holidays.end(), kOneOffClosures.begin(), kOneOffClosures.end());
    spec.special_hours.insert(spec.special_hours.end(), kOneOffHours.begin(), kOneOffHours.end());
    return spec;
}

}  // namespace fermata

#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/types/time.hpp"

namespace fermata {

/// A civil date as days since 1970-01-01 (proleptic Gregorian).
struct Date {
    std::int32_t days = 0;
    friend constexpr auto operator<=>(Date, Date) = default;
    friend constexpr Date operator+(Date d, std::int32_t n) { return {d.days + n}; }
    friend constexpr Date operator-(Date d, std::int32_t n) { return {d.days - n}; }
    friend constexpr std::int32_t operator-(Date a, Date b) { return a.days - b.days; }
};

/// ISO 8601 numbers.
enum class Weekday : std::uint8_t {
    kMonday = 1,
    kTuesday,
    kWednesday,
    kThursday,
    kFriday,
    kSaturday,
    kSunday
};

/// A civil date in fields. `month` and `day` count from 1.
struct CivilDate {
    std::int32_t year = 1970;
    std::int32_t month = 1;
    std::int32_t day = 1;
    friend constexpr auto operator<=>(CivilDate, CivilDate) = default;
};

[[nodiscard]] constexpr bool is_leap_year(std::int32_t year) noexcept {
    return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

/// Days of a month; `month` in 1..12.
[[nodiscard]] constexpr std::int32_t days_in_month(std::int32_t year, std::int32_t month) noexcept {
    if (month == 2) return is_leap_year(year) ? 29 : 28;
    return month == 4 || month == 6 || month == 9 || month == 11 ? 30 : 31;
}

/// A date that exists, of the years 1 to 9999.
[[nodiscard]] constexpr bool is_valid(CivilDate c) noexcept {
    return c.year >= 1 && c.year <= 9999 && c.month >= 1 && c.month <= 12 && c.day >= 1 &&
           c.day <= days_in_month(c.year, c.month);
}

/// The day number of a valid civil date. Algorithm: Howard Hinnant, "chrono-Compatible Low-Level
/// Date Algorithms", days_from_civil: years that begin in March, eras of 400 years.
[[nodiscard]] constexpr Date to_date(CivilDate c) noexcept {
    const std::int32_t y = c.month <= 2 ? c.year - 1 : c.year;
    const std::int32_t era = (y >= 0 ? y : y - 399) / 400;
    const std::int32_t year_of_era = y - era * 400;
    const std::int32_t day_of_year = (153 * (c.month + (c.month > 2 ? -3 : 9)) + 2) / 5 + c.day - 1;
    const std::int32_t day_of_era =
        year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    return {era * 146'097 + day_of_era - 719'468};
}
[[nodiscard]] constexpr Date to_date(std::int32_t year, std::int32_t month,
                                     std::int32_t day) noexcept {
    return to_date(CivilDate{year, month, day});
}

/// The inverse (civil_from_days of the same paper). Holds for every Date within some 5.8 million
/// years of 1970.
[[nodiscard]] constexpr CivilDate to_civil(Date date) noexcept {
    const std::int64_t z = std::int64_t{date.days} + 719'468;
    const std::int64_t era = (z >= 0 ? z : z - 146'096) / 146'097;
    const auto day_of_era = static_cast<std::int32_t>(z - era * 146'097);
    const std::int32_t year_of_era =
        (day_of_era - day_of_era / 1'460 + day_of_era / 36'524 - day_of_era / 146'096) / 365;
    const std::int32_t day_of_year =
        day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    const std::int32_t m = (5 * day_of_year + 2) / 153;
    const std::int32_t day = day_of_year - (153 * m + 2) / 5 + 1;
    const std::int32_t month = m < 10 ? m + 3 : m - 9;
    const auto year = static_cast<std::int32_t>(year_of_era + era * 400 + (month <= 2 ? 1 : 0));
    return {year, month, day};
}

[[nodiscard]] constexpr Weekday weekday(Date date) noexcept {
    // 1970-01-01 was a Thursday.
    const std::int32_t since_monday = (date.days % 7 + 7 + 3) % 7;
    return static_cast<Weekday>(since_monday + 1);
}
[[nodiscard]] constexpr bool is_weekend(Date date) noexcept {
    return weekday(date) >= Weekday::kSaturday;
}

/// The civil date in UTC at `t`.
[[nodiscard]] constexpr Date utc_date(Timestamp t) noexcept {
    constexpr std::int64_t day_ns = Duration::days(1).ns;
    const std::int64_t whole = t.ns / day_ns;
    return {static_cast<std::int32_t>(t.ns % day_ns < 0 ? whole - 1 : whole)};
}

/// Midnight UTC that begins `date`; nullopt outside the range of Timestamp (1677-09-22 to
/// 2262-04-11).
[[nodiscard]] constexpr std::optional<Timestamp> utc_midnight(Date date) noexcept {
    std::int64_t ns = 0;
    if (__builtin_mul_overflow(std::int64_t{date.days}, Duration::days(1).ns, &ns)) {
        return std::nullopt;
    }
    return Timestamp{ns};
}

/// Strictly `YYYY-MM-DD`, a date that exists, years 0001 to 9999; else nullopt.
[[nodiscard]] std::optional<Date> parse_iso_date(std::string_view text) noexcept;
/// Strictly `YYYYMMDD`, with the same rules.
[[nodiscard]] std::optional<Date> parse_basic_date(std::string_view text) noexcept;
/// `YYYY-MM-DD` (date alone means midnight), or `YYYY-MM-DD(T| )HH:MM[:SS[.f{1,9}]]Z`, UTC. A time
/// of day without the `Z` is refused, because its zone would be a guess. nullopt when malformed or
/// outside the range of Timestamp.
[[nodiscard]] std::optional<Timestamp> parse_iso_timestamp(std::string_view text) noexcept;

/// `YYYY-MM-DD`; years outside 0..9999 keep all their digits and sign.
[[nodiscard]] std::string format_iso_date(Date date);
/// `YYYY-MM-DDTHH:MM:SS.nnnnnnnnnZ`; the fraction is left out when it is zero.
[[nodiscard]] std::string format_iso_timestamp(Timestamp t);

}  // namespace fermata

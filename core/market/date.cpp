#include "core/market/date.hpp"

#include <cstdio>

namespace fermata {
namespace {

/// The number in `text`, which must be digits only; -1 otherwise. At most nine digits.
std::int32_t digits(std::string_view text) noexcept {
    std::int32_t value = 0;
    for (const char c : text) {
        if (c < '0' || c > '9') return -1;
        value = value * 10 + (c - '0');
    }
    return text.empty() ? -1 : value;
}

std::optional<Date> make_date(std::string_view y, std::string_view m, std::string_view d) noexcept {
    const CivilDate civil{digits(y), digits(m), digits(d)};
    if (!is_valid(civil)) return std::nullopt;
    return to_date(civil);
}

/// Nanoseconds since midnight of `HH:MM[:SS[.f{1,9}]]`, or -1.
std::int64_t parse_time_of_day(std::string_view text) noexcept {
    if (text.size() < 5 || text[2] != ':') return -1;
    const std::int32_t hour = digits(text.substr(0, 2));
    const std::int32_t minute = digits(text.substr(3, 2));
    if (hour < 0 || hour > 23 || minute < 0 || minute > 59) return -1;
    std::int64_t ns = Duration::hours(hour).ns + Duration::minutes(minute).ns;
    text.remove_prefix(5);
    if (text.empty()) return ns;
    if (text.size() < 3 || text[0] != ':') return -1;
    const std::int32_t second = digits(text.substr(1, 2));
    if (second < 0 || second > 59) return -1;
    ns += Duration::seconds(second).ns;
    text.remove_prefix(3);
    if (text.empty()) return ns;
    if (text[0] != '.' || text.size() < 2 || text.size() > 10) return -1;
    text.remove_prefix(1);
    std::int64_t fraction = digits(text);
    if (fraction < 0) return -1;
    for (std::size_t i = text.size(); i < 9; ++i) fraction *= 10;
    return ns + fraction;
}

}  // namespace

std::optional<Date> parse_iso_date(std::string_view text) noexcept {
    if (text.size() != 10 || text[4] != '-' || text[7] != '-') return std::nullopt;
    return make_date(text.substr(0, 4), text.substr(5, 2), text.substr(8, 2));
}

std::optional<Date> parse_basic_date(std::string_view text) noexcept {
    if (text.size() != 8) return std::nullopt;
    return make_date(text.substr(0, 4), text.substr(4, 2), text.substr(6, 2));
}

std::optional<Timestamp> parse_iso_timestamp(std::string_view text) noexcept {
    const auto date = parse_iso_date(text.substr(0, 10));
    if (!date) return std::nullopt;
    const auto midnight = utc_midnight(*date);
    if (!midnight) return std::nullopt;
    text.remove_prefix(10);
    if (text.empty()) return midnight;
    if ((text[0] != 'T' && text[0] != ' ') || text.back() != 'Z') return std::nullopt;
    const std::int64_t of_day = parse_time_of_day(text.substr(1, text.size() - 2));
    std::int64_t ns = 0;
    if (of_day < 0 || __builtin_add_overflow(midnight->ns, of_day, &ns)) return std::nullopt;
    return Timestamp{ns};
}

std::string format_iso_date(Date date) {
    const CivilDate c = to_civil(date);
    char text[32];
    const int n = std::snprintf(text, sizeof text, "%04d-%02d-%02d", c.year, c.month, c.day);
    return std::string(text, static_cast<std::size_t>(n));
}

std::string format_iso_timestamp(Timestamp t) {
    constexpr std::int64_t second_ns = Duration::seconds(1).ns;
    const Date date = utc_date(t);
    std::int64_t rest = t.ns % Duration::days(1).ns;
    if (rest < 0) rest += Duration::days(1).ns;
    const auto seconds = static_cast<int>(rest / second_ns);
    const auto fraction = static_cast<int>(rest % second_ns);
    char text[32];
    int n = std::snprintf(text, sizeof text, "T%02d:%02d:%02d", seconds / 3600, seconds / 60 % 60,
                          seconds % 60);
    if (fraction != 0)
        n += std::snprintf(text + n, sizeof text - static_cast<std::size_t>(n), ".%09d", fraction);
    return format_iso_date(date) + std::string(text, static_cast<std::size_t>(n)) + "Z";
}

}  // namespace fermata

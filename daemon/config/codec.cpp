#include "daemon/config/codec.hpp"

#include <array>
#include <charconv>
#include <cmath>
#include <cstdio>

namespace fermata::config {
namespace {

constexpr std::int64_t kSecond = 1'000'000'000;
constexpr std::int64_t kDay = 86'400 * kSecond;

struct Unit {
    std::string_view name;
    std::int64_t ns;
};
/// Longest first: the first one that divides a duration is the one that it is written in.
constexpr std::array<Unit, 7> kUnits{{{"d", kDay},
                                      {"h", 3'600 * kSecond},
                                      {"m", 60 * kSecond},
                                      {"s", kSecond},
                                      {"ms", 1'000'000},
                                      {"us", 1'000},
                                      {"ns", 1}}};

bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// Exactly `count` digits at the front of `text`, which are taken off.
std::optional<std::int32_t> take_digits(std::string_view& text, std::size_t count) {
    if (text.size() < count) return std::nullopt;
    std::int32_t value = 0;
    for (std::size_t i = 0; i < count; ++i) {
        if (!is_digit(text[i])) return std::nullopt;
        value = value * 10 + (text[i] - '0');
    }
    text.remove_prefix(count);
    return value;
}

bool take(std::string_view& text, char c) {
    if (text.empty() || text.front() != c) return false;
    text.remove_prefix(1);
    return true;
}

/// "HH:MM[:SS[.fraction]]" at the front of `text`, which is taken off.
std::optional<std::int64_t> take_time_of_day(std::string_view& text) {
    const auto hour = take_digits(text, 2);
    if (!hour || *hour > 23 || !take(text, ':')) return std::nullopt;
    const auto minute = take_digits(text, 2);
    if (!minute || *minute > 59) return std::nullopt;
    std::int64_t ns = (*hour * 3'600LL + *minute * 60LL) * kSecond;
    if (!take(text, ':')) return ns;
    const auto second = take_digits(text, 2);
    if (!second || *second > 59) return std::nullopt;
    ns += *second * kSecond;
    if (!take(text, '.')) return ns;
    std::int64_t weight = kSecond;
    if (text.empty() || !is_digit(text.front())) return std::nullopt;
    while (!text.empty() && is_digit(text.front())) {
        weight /= 10;
        if (weight == 0) return std::nullopt;  // finer than a nanosecond
        ns += (text.front() - '0') * weight;
        text.remove_prefix(1);
    }
    return ns;
}

}  // namespace

std::optional<Duration> parse_duration(std::string_view text) {
    if (text == "0") return Duration{};
    std::size_t number_end = 0;
    while (number_end < text.size() && (is_digit(text[number_end]) || text[number_end] == '.')) {
        ++number_end;
    }
    const std::string_view unit = text.substr(number_end);
    for (const Unit& u : kUnits) {
        if (u.name != unit) continue;
        const std::string_view number = text.substr(0, number_end);
        const std::string_view whole = number.substr(0, number.find('.'));
        std::int64_t ns = 0;
        if (whole.size() == number.size()) {
            const auto count = parse_integer(number);
            if (!count || __builtin_mul_overflow(*count, u.ns, &ns)) return std::nullopt;
            return Duration{ns};
        }
        // "1.5s": what is left below a nanosecond is refused.
        const auto scaled = parse_decimal(number, 9);
        if (!scaled) return std::nullopt;
        const __int128 product = static_cast<__int128>(*scaled) * u.ns;
        if (product % kSecond != 0 || product / kSecond > INT64_MAX) return std::nullopt;
        return Duration{static_cast<std::int64_t>(product / kSecond)};
    }
    return std::nullopt;
}

std::string format_duration(Duration value) {
    if (value.ns == 0) return "0";
    for (const Unit& u : kUnits) {
        if (value.ns % u.ns == 0) return std::to_string(value.ns / u.ns) + std::string(u.name);
    }
    return std::to_string(value.ns) + "ns";
}

std::optional<CivilTime> parse_civil_time(std::string_view text) {
    const auto date = parse_iso_date(text.substr(0, 10));
    // The years that a Timestamp holds whatever the zone.
    if (!date || *date < to_date(1678, 1, 1) || *date >= to_date(2262, 1, 1)) return std::nullopt;
    CivilTime out{*date, {}, {}};
    text.remove_prefix(10);
    if (text.empty()) return out;
    if (!take(text, 'T') && !take(text, ' ')) return std::nullopt;
    out.ns_of_day = take_time_of_day(text);
    if (!out.ns_of_day) return std::nullopt;
    if (text.empty()) return out;
    if (take(text, 'Z')) {
        out.offset_minutes = 0;
    } else {
        const int sign = text.front() == '-' ? -1 : 1;
        if (!take(text, '+') && !take(text, '-')) return std::nullopt;
        const auto hours = take_digits(text, 2);
        take(text, ':');
        const auto minutes = take_digits(text, 2);
        if (!hours || !minutes || *hours > 14 || *minutes > 59) return std::nullopt;
        out.offset_minutes = sign * (*hours * 60 + *minutes);
    }
    return text.empty() ? std::optional(out) : std::nullopt;
}

std::string format_civil_time(const CivilTime& value) {
    std::string out = format_iso_date(value.date);
    if (value.ns_of_day) {
        const std::int64_t ns = *value.ns_of_day;
        char buffer[32];
        std::snprintf(
            buffer, sizeof buffer, "T%02d:%02d:%02d", static_cast<int>(ns / kSecond / 3'600),
            static_cast<int>(ns / kSecond / 60 % 60), static_cast<int>(ns / kSecond % 60));
        out += buffer;
        if (const std::int64_t fraction = ns % kSecond; fraction != 0) {
            out += format_decimal(fraction, 9).substr(1);
        }
    }
    if (value.offset_minutes) {
        const std::int32_t minutes = *value.offset_minutes;
        if (minutes == 0) return out + "Z";
        char buffer[16];
        const int magnitude = minutes < 0 ? -minutes : minutes;
        std::snprintf(buffer, sizeof buffer, "%c%02d:%02d", minutes < 0 ? '-' : '+', magnitude / 60,
                      magnitude % 60);
        out += buffer;
    }
    return out;
}

std::optional<std::int64_t> parse_integer(std::string_view text) {
    std::int64_t value = 0;
    const char* const end = text.data() + text.size();
    const auto [rest, error] = std::from_chars(text.data(), end, value);
    if (text.empty() || error != std::errc{} || rest != end) return std::nullopt;
    return value;
}

std::optional<double> parse_real(std::string_view text) {
    double value = 0;
    const char* const end = text.data() + text.size();
    const auto [rest, error] = std::from_chars(text.data(), end, value);
    if (text.empty() || error != std::errc{} || rest != end || !std::isfinite(value)) {
        return std::nullopt;
    }
    return value;
}

std::string format_real(double value) {
    char buffer[32];
    const auto [end, error] = std::to_chars(buffer, buffer + sizeof buffer, value);
    return error == std::errc{} ? std::string(buffer, end) : std::string("nan");
}

}  // namespace fermata::config

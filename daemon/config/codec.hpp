#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>

#include "core/market/date.hpp"
#include "core/types/decimal.hpp"
#include "core/types/number.hpp"
#include "core/types/time.hpp"

namespace fermata::config {

/// A date, or a date with a time of day, as it is written; the zone may be open.
struct CivilTime {
    Date date;
    std::optional<std::int64_t> ns_of_day;       ///< Absent: the date alone.
    std::optional<std::int32_t> offset_minutes;  ///< East of UTC; absent: local time of some zone.
    friend constexpr auto operator<=>(const CivilTime&, const CivilTime&) = default;
};

/// A file or folder: as written, and resolved against the configuration file's folder.
struct FilePath {
    std::string written;
    std::filesystem::path resolved;  ///< Set by the reader.
    friend bool operator==(const FilePath&, const FilePath&) = default;
};

/// A value from the text of a scalar, or nothing. Exact: no number goes through double, except
/// where the setting is a double.
[[nodiscard]] std::optional<Duration> parse_duration(
    std::string_view text);                                 ///< "250ms", "1d", "0"
[[nodiscard]] std::string format_duration(Duration value);  ///< In the largest unit that is exact.
[[nodiscard]] std::optional<CivilTime> parse_civil_time(std::string_view text);
[[nodiscard]] std::string format_civil_time(const CivilTime& value);
[[nodiscard]] std::optional<std::int64_t> parse_integer(std::string_view text);
[[nodiscard]] std::optional<double> parse_real(std::string_view text);
[[nodiscard]] std::string format_real(double value);

/// How one C++ type stands in a configuration: `kLabel` for the reference, `kPhrase` for messages
/// ("expected ..."), `kJson` for the JSON Schema, and conversion in both directions.
template <class T, class = void>
struct Codec;

template <>
struct Codec<std::string> {
    static constexpr const char* kLabel = "text";
    static constexpr const char* kPhrase = "text";
    static constexpr const char* kJson = "string";
    static std::optional<std::string> parse(std::string_view text) {
        if (text.empty()) return std::nullopt;
        return std::string(text);
    }
    static std::string format(const std::string& value) { return value; }
};

template <>
struct Codec<bool> {
    static constexpr const char* kLabel = "boolean";
    static constexpr const char* kPhrase = "true or false";
    static constexpr const char* kJson = "boolean";
    static std::optional<bool> parse(std::string_view text) {
        if (text == "true") return true;
        if (text == "false") return false;
        return std::nullopt;
    }
    static std::string format(bool value) { return value ? "true" : "false"; }
};

template <>
struct Codec<double> {
    static constexpr const char* kLabel = "number";
    static constexpr const char* kPhrase = "a number";
    static constexpr const char* kJson = "number";
    static std::optional<double> parse(std::string_view text) { return parse_real(text); }
    static std::string format(double value) { return format_real(value); }
};

template <class T>
struct Codec<T, std::enable_if_t<std::is_integral_v<T> && !std::is_same_v<T, bool> &&
                                 !std::is_same_v<T, char>>> {
    static constexpr const char* kLabel = "integer";
    static constexpr const char* kPhrase = "an integer";
    static constexpr const char* kJson = "integer";
    static std::optional<T> parse(std::string_view text) {
        const auto value = parse_integer(text);
        if (!value || !std::in_range<T>(*value)) return std::nullopt;
        return static_cast<T>(*value);
    }
    static std::string format(T value) { return std::to_string(value); }
};

template <>
struct Codec<char> {
    static constexpr const char* kLabel = "character";
    static constexpr const char* kPhrase = "one ASCII character";
    static constexpr const char* kJson = "string";
    static std::optional<char> parse(std::string_view text) {
        if (text == "\\t" || text == "tab") return '\t';
        if (text.size() != 1 || (text[0] & 0x80) != 0) return std::nullopt;
        return text[0];
    }
    static std::string format(char value) { return value == '\t' ? "tab" : std::string(1, value); }
};

template <>
struct Codec<Duration> {
    static constexpr const char* kLabel = "duration";
    static constexpr const char* kPhrase = "a duration such as 250ms, 1m or 1d";
    static constexpr const char* kJson = "string";
    static std::optional<Duration> parse(std::string_view text) { return parse_duration(text); }
    static std::string format(Duration value) { return format_duration(value); }
};

template <>
struct Codec<CivilTime> {
    static constexpr const char* kLabel = "time";
    static constexpr const char* kPhrase =
        "a date (2020-01-31) or a time (2020-01-31T09:30:00-05:00)";
    static constexpr const char* kJson = "string";
    static std::optional<CivilTime> parse(std::string_view text) { return parse_civil_time(text); }
    static std::string format(const CivilTime& value) { return format_civil_time(value); }
};

template <>
struct Codec<Date> {
    static constexpr const char* kLabel = "date";
    static constexpr const char* kPhrase = "a date (2020-01-31)";
    static constexpr const char* kJson = "string";
    static std::optional<Date> parse(std::string_view text) { return parse_iso_date(text); }
    static std::string format(Date value) { return format_iso_date(value); }
};

template <>
struct Codec<FilePath> {
    static constexpr const char* kLabel = "path";
    static constexpr const char* kPhrase = "a path";
    static constexpr const char* kJson = "string";
    static std::optional<FilePath> parse(std::string_view text) {
        if (text.empty()) return std::nullopt;
        return FilePath{std::filesystem::path(text).lexically_normal().string(), {}};
    }
    static std::string format(const FilePath& value) { return value.written; }
};

/// The fixed-point types; `Label` and `Phrase` differ, the rest does not.
template <class Tag, int Decimals>
struct Codec<Fixed<Tag, Decimals>> {
    using T = Fixed<Tag, Decimals>;
    static constexpr const char* kLabel = std::is_same_v<T, Price>      ? "price"
                                          : std::is_same_v<T, Money>    ? "money"
                                          : std::is_same_v<T, Quantity> ? "quantity"
                                          : std::is_same_v<T, Ratio>    ? "ratio"
                                                                        : "decimal";
    static constexpr const char* kPhrase =
        std::is_same_v<T, Price>   ? "a price with at most 9 decimals"
        : std::is_same_v<T, Money> ? "an amount of money with at most 6 decimals"
        : std::is_same_v<T, Quantity>
            ? "a quantity with at most 8 decimals"
            : (std::is_same_v<T, Ratio> ? "a ratio with at most 9 decimals, or a percentage (5%)"
                                        : "a number with at most 8 decimals");
    static constexpr const char* kJson = "number";
    static std::optional<T> parse(std::string_view text) {
        if (std::is_same_v<T, Ratio> && text.size() > 1 && text.back() == '%') {
            // A percent sign moves the point by two places, exactly.
            const auto raw = parse_decimal(text.substr(0, text.size() - 1), Decimals - 2);
            return raw ? std::optional(T::from_raw(*raw)) : std::nullopt;
        }
        const auto value = fermata::parse<T>(text);
        return value ? std::optional(*value) : std::nullopt;
    }
    static std::string format(T value) { return to_string(value); }
};

}  // namespace fermata::config

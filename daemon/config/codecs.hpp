#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "adapters/calendar/calendars.hpp"
#include "adapters/csv/csv_config.hpp"
#include "daemon/config/codec.hpp"
#include "daemon/config/config.hpp"

/// How the modules' own types stand in a configuration; the general ones are in codec.hpp.

namespace fermata::config {

template <>
struct Codec<Speed> {
    static constexpr const char* kLabel = "speed";
    static constexpr const char* kPhrase = "max, or a multiple of real time such as 1x or 60x";
    static constexpr const char* kJson = "string";
    static std::optional<Speed> parse(std::string_view text) {
        if (text == "max") return Speed{};
        if (text.empty() || text.back() != 'x') return std::nullopt;
        const auto factor = fermata::parse<Ratio>(text.substr(0, text.size() - 1));
        if (!factor || !factor->is_positive()) return std::nullopt;
        return Speed{*factor};
    }
    static std::string format(Speed value) {
        return value.is_max() ? "max" : to_string(value.factor) + "x";
    }
};

/// A column by name, or by its index from 0 where the text is a whole number.
template <>
struct Codec<csv::CsvColumn> {
    static constexpr const char* kLabel = "column";
    static constexpr const char* kPhrase = "a column's name in the header, or its index from 0";
    static constexpr const char* kJson = "string";
    static std::optional<csv::CsvColumn> parse(std::string_view text) {
        if (text.empty()) return std::nullopt;
        const bool number = text.find_first_not_of("0123456789") == std::string_view::npos;
        if (!number) return csv::CsvColumn(std::string(text));
        const auto index = parse_integer(text);
        if (!index || *index > 9'999) return std::nullopt;
        return csv::CsvColumn::at(static_cast<std::size_t>(*index));
    }
    static std::string format(const csv::CsvColumn& value) {
        return value.index ? std::to_string(*value.index) : value.name;
    }
};

template <>
struct Codec<SessionHours> {
    static constexpr const char* kLabel = "hours";
    static constexpr const char* kPhrase = "hours such as 09:30-16:00";
    static constexpr const char* kJson = "string";
    static std::optional<SessionHours> parse(std::string_view text) {
        return parse_session_hours(text);
    }
    static std::string format(const SessionHours& value);
};

/// A name that can stand in a dotted path: letters, digits, '_', '-', '/', '.'; not only digits.
[[nodiscard]] bool is_name(const std::string& text);
inline constexpr const char* kNamePhrase =
    "a name of letters, digits, '_', '-', '/' and '.' (not digits alone)";
/// A symbol: up to 64 visible ASCII characters without blanks, quotes and commas.
[[nodiscard]] bool is_symbol(const std::string& text);
inline constexpr const char* kSymbolPhrase =
    "a symbol: up to 64 visible ASCII characters without blanks, quotes and commas";
/// A currency: ISO 4217, or the short code of a coin.
[[nodiscard]] bool is_currency(const std::string& text);
inline constexpr const char* kCurrencyPhrase =
    "a currency code of 2 to 8 capital letters and digits such as USD";

}  // namespace fermata::config

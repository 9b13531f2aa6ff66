#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <string_view>

#include "core/base/result.hpp"

namespace fermata {

enum class CsvLineError : std::uint8_t {
    kTooManyFields,      ///< More fields than the caller has room for.
    kUnterminatedQuote,  ///< A quoted field does not end on this line.
    kTextAfterQuote,     ///< Something other than a delimiter follows a closing quote.
    kQuoteInPlainField,  ///< A quote inside a field that does not begin with one.
};

/// What the error means, for a message.
[[nodiscard]] constexpr std::string_view describe(CsvLineError error) noexcept {
    switch (error) {
        case CsvLineError::kTooManyFields:
            return "too many fields";
        case CsvLineError::kUnterminatedQuote:
            return "a quoted field does not end on its line";
        case CsvLineError::kTextAfterQuote:
            return "text after a closing quote";
        case CsvLineError::kQuoteInPlainField:
            return "a quote inside a field without quotes";
    }
    return "unknown";
}

namespace detail {

/// Reads a quoted field whose opening quote stands at `begin`; returns the position behind the
/// closing quote.
[[nodiscard]] inline Result<std::size_t, CsvLineError> quoted_field(
    std::string_view line, std::size_t begin, std::string_view& field) noexcept {
    std::size_t i = begin + 1;
    for (;;) {
        i = line.find('"', i);
        if (i == std::string_view::npos) return Err{CsvLineError::kUnterminatedQuote};
        if (i + 1 < line.size() && line[i + 1] == '"') {
            i += 2;
            continue;
        }
        field = line.substr(begin + 1, i - begin - 1);
        return i + 1;
    }
}

}  // namespace detail

/// Splits one line of a CSV file (RFC 4180, without its line end) into `fields`, which point into
/// `line`, and returns their number; an empty line is one empty field. Nothing is trimmed and
/// nothing is allocated. A doubled quote inside a quoted field stays doubled (see unescape_csv). A
/// field cannot hold a line break: that is kUnterminatedQuote.
[[nodiscard]] inline Result<std::size_t, CsvLineError> split_csv_line(
    std::string_view line, char delimiter, std::span<std::string_view> fields) noexcept {
    std::size_t count = 0;
    std::size_t i = 0;
    for (;;) {
        if (count == fields.size()) return Err{CsvLineError::kTooManyFields};
        std::string_view& field = fields[count++];
        if (i < line.size() && line[i] == '"') {
            const auto end = detail::quoted_field(line, i, field);
            if (!end) return Err{end.error()};
            i = *end;
            if (i == line.size()) return count;
            if (line[i] != delimiter) return Err{CsvLineError::kTextAfterQuote};
        } else {
            const std::size_t begin = i;
            while (i < line.size() && line[i] != delimiter) {
                if (line[i] == '"') return Err{CsvLineError::kQuoteInPlainField};
                ++i;
            }
            field = line.substr(begin, i - begin);
            if (i == line.size()) return count;
        }
        ++i;  // the delimiter
    }
}

/// The text of a field: doubled quotes become single ones.
[[nodiscard]] inline std::string unescape_csv(std::string_view field) {
    std::string text;
    text.reserve(field.size());
    for (std::size_t i = 0; i < field.size(); ++i) {
        text.push_back(field[i]);
        if (field[i] == '"' && i + 1 < field.size() && field[i + 1] == '"') ++i;
    }
    return text;
}

}  // namespace fermata

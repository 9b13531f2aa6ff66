#pragma once

#include <CLI/CLI.hpp>
#include <charconv>
#include <optional>
#include <string>

#include "core/market/date.hpp"

namespace fermata {

/// The instant that the text of an option names; none where it is empty. Throws
/// CLI::ValidationError, in the terms of whoever typed it.
[[nodiscard]] inline std::optional<Timestamp> time_option(const std::string& option,
                                                          const std::string& text) {
    if (text.empty()) return std::nullopt;
    std::int64_t ns = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), ns);
    if (error == std::errc{} && end == text.data() + text.size()) return Timestamp{ns};
    const auto parsed = parse_iso_timestamp(text);
    if (!parsed) {
        throw CLI::ValidationError(option + ": \"" + text +
                                   "\" is no time; expected 2010-05-06, 2010-05-06T14:30:00Z or "
                                   "nanoseconds since 1970");
    }
    return parsed;
}

}  // namespace fermata

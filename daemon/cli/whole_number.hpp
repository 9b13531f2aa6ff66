#pragma once

#include <CLI/CLI.hpp>
#include <charconv>
#include <cstdint>
#include <string>

namespace fermata {

/// A check of an option's text, with a message in the terms of whoever typed it.
[[nodiscard]] inline CLI::Validator whole_number_from(std::uint64_t least) {
    return CLI::Validator(
        [least](std::string& text) {
            std::uint64_t value = 0;
            const auto [end, error] =
                std::from_chars(text.data(), text.data() + text.size(), value);
            if (error == std::errc{} && end == text.data() + text.size() && value >= least) {
                return std::string();
            }
            return "\"" + text + "\" is not a whole number from " + std::to_string(least);
        },
        "NUMBER");
}

}  // namespace fermata

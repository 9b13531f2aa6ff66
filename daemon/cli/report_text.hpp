#pragma once

#include <cstddef>
#include <nlohmann/json.hpp>
#include <string>

namespace fermata {

/// What a command has to say: printed as JSON for programs, by report_text for people.
using Report = nlohmann::ordered_json;

/// The same as aligned text: one line a scalar; a nested object with its entries indented; a list
/// of objects as a table of at most `rows_max` rows; a text of several lines as a block of its own.
[[nodiscard]] std::string report_text(const Report& report, std::size_t rows_max = 20);

/// 1234567 as "1,234,567".
[[nodiscard]] std::string with_commas(std::uint64_t number);

}  // namespace fermata

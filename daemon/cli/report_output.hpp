#pragma once

#include <string>
#include <string_view>

namespace fermata {

/// Prints the text, or writes it to the file `output` where one is named. Throws
/// std::runtime_error: the file cannot be written.
void write_report(const std::string& text, const std::string& output);

/// A field of a CSV row, in quotes where it must be (RFC 4180).
[[nodiscard]] std::string csv_field(std::string_view text);

}  // namespace fermata

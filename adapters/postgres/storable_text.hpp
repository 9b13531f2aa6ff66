#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace fermata::postgres {

/// Why PostgreSQL cannot hold a text in a database of encoding UTF8: "is not valid UTF-8 at byte
/// 3", "has a NUL byte"; nothing when it can.
[[nodiscard]] std::optional<std::string> why_not_storable(std::string_view text);

}  // namespace fermata::postgres

#pragma once

#include <cstdint>
#include <string>

namespace fermata {

/// Names of the OrderFlag bits that are set, separated by blanks: "post_only exit".
[[nodiscard]] std::string render_order_flags(std::uint8_t flags);

}  // namespace fermata

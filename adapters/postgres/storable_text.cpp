#include "adapters/postgres/storable_text.hpp"

#include <cstdint>

namespace fermata::postgres {
namespace {

/// Length of the valid UTF-8 sequence (RFC 3629) that the text begins with; 0: none.
std::size_t sequence(std::string_view text) {
    const auto byte = [&](std::size_t i) { return static_cast<std::uint8_t>(text[i]); };
    const std::uint8_t first = byte(0);
    if (first < 0x80) return 1;
    const std::size_t length = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
    if (first < 0xc2 || first > 0xf4 || text.size() < length) return 0;
    for (std::size_t i = 1; i < length; ++i) {
        if ((byte(i) & 0xc0) != 0x80) return 0;
    }
    // Too long a form, a surrogate, or beyond U+10FFFF.
    if ((first == 0xe0 && byte(1) < 0xa0) || (first == 0xed && byte(1) > 0x9f) ||
        (first == 0xf0 && byte(1) < 0x90) || (first == 0xf4 && byte(1) > 0x8f)) {
        return 0;
    }
    return length;
}

}  // namespace

std::optional<std::string> why_not_storable(std::string_view text) {
    for (std::size_t at = 0; at < text.size();) {
        if (text[at] == '\0') return "has a NUL byte at byte " + std::to_string(at + 1);
        const std::size_t length = sequence(text.substr(at));
        if (length == 0) return "is not valid UTF-8 at byte " + std::to_string(at + 1);
        at += length;
    }
    return std::nullopt;
}

}  // namespace fermata::postgres

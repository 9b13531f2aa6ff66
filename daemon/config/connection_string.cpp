#include "daemon/config/connection_string.hpp"

#include <cctype>
#include <optional>
#include <string>

namespace fermata::config {
namespace {

std::optional<int> hex_digit(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return std::nullopt;
}

/// Every %XX replaced; what is no such sequence stays.
std::string percent_decoded(std::string_view text) {
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '%' && i + 2 < text.size()) {
            const auto high = hex_digit(text[i + 1]);
            const auto low = hex_digit(text[i + 2]);
            if (high && low) {
                out += static_cast<char>(*high * 16 + *low);
                i += 2;
                continue;
            }
        }
        out += text[i];
    }
    return out;
}

bool shows_password(std::string_view text) {
    // The part before an @ that is not behind the first slash: libpq ends it at the first @, and a
    // query may follow the hosts without a slash.
    for (std::size_t at = 0; (at = text.find("://", at)) != text.npos;) {
        at += 3;
        const std::string_view rest = text.substr(at);
        const std::size_t end = rest.substr(0, rest.find('/')).rfind('@');
        if (end != rest.npos && rest.substr(0, end).find(':') != rest.npos) return true;
    }
    std::string lower(text);
    for (char& c : lower) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    return lower.find("password") != lower.npos;
}

}  // namespace

bool carries_password(std::string_view connection) {
    // libpq decodes once; a text that was encoded twice shows its secret as well.
    std::string text(connection);
    for (;;) {
        if (shows_password(text)) return true;
        std::string decoded = percent_decoded(text);
        if (decoded == text) return false;
        text = std::move(decoded);
    }
}

}  // namespace fermata::config

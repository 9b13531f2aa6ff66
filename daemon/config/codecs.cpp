#include "daemon/config/codecs.hpp"

#include <algorithm>
#include <cctype>
#include <cstdio>

namespace fermata::config {
namespace {

bool is_alnum(char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

std::string clock_text(Duration since_midnight) {
    const std::int64_t seconds = since_midnight.ns / 1'000'000'000;
    char buffer[32];
    std::snprintf(buffer, sizeof buffer, "%02d:%02d", static_cast<int>(seconds / 3'600),
                  static_cast<int>(seconds / 60 % 60));
    std::string out = buffer;
    if (seconds % 60 != 0) {
        std::snprintf(buffer, sizeof buffer, ":%02d", static_cast<int>(seconds % 60));
        out += buffer;
    }
    return out;
}

}  // namespace

std::string Codec<SessionHours>::format(const SessionHours& value) {
    return clock_text(value.open) + "-" + clock_text(value.close);
}

bool is_name(const std::string& text) {
    constexpr std::size_t kNameMax = 64;
    const auto allowed = [](char c) {
        return is_alnum(c) || c == '_' || c == '-' || c == '/' || c == '.';
    };
    const auto digit = [](char c) { return c >= '0' && c <= '9'; };
    return !text.empty() && text.size() <= kNameMax &&
           std::all_of(text.begin(), text.end(), allowed) &&
           !std::all_of(text.begin(), text.end(), digit);
}

bool is_symbol(const std::string& text) {
    constexpr std::size_t kSymbolMax = 64;
    const auto allowed = [](char c) { return c > ' ' && c < 0x7F && c != ',' && c != '"'; };
    return !text.empty() && text.size() <= kSymbolMax &&
           std::all_of(text.begin(), text.end(), allowed);
}

bool is_currency(const std::string& text) {
    const auto allowed = [](char c) { return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z'); };
    return text.size() >= 2 && text.size() <= 8 && std::all_of(text.begin(), text.end(), allowed);
}

}  // namespace fermata::config

#include "adapters/fix/wire_frames.hpp"

#include <algorithm>
#include <string_view>
#include <utility>

namespace fermata::fix {
namespace {

constexpr char kEnd = '\x01';
constexpr std::string_view kBegin = "8=FIX";
constexpr std::size_t kVersionMax = 16;    // "FIX.4.4", "FIXT.1.1"
constexpr std::size_t kDigitsMax = 10;     // of BodyLength
constexpr std::size_t kTrailerLength = 7;  // "10=123" and its end

bool is_digit(char c) noexcept { return c >= '0' && c <= '9'; }

bool is_trailer(std::string_view text) noexcept {
    return text.starts_with("10=") && is_digit(text[3]) && is_digit(text[4]) && is_digit(text[5]) &&
           text[6] == kEnd;
}

}  // namespace

void WireFrames::add(const char* bytes, std::size_t count) {
    bytes_.erase(0, std::exchange(at_, 0));
    if (problem_.empty()) bytes_.append(bytes, count);
}

bool WireFrames::next(std::string& message) {
    if (!problem_.empty()) return false;
    const std::size_t size = length();
    if (size == 0) return false;
    message.assign(bytes_, at_, size);
    at_ += size;
    return true;
}

std::size_t WireFrames::fail(std::string why) {
    problem_ = std::move(why);
    bytes_.clear();
    at_ = 0;
    return 0;
}

std::size_t WireFrames::length() {
    const std::string_view text = std::string_view(bytes_).substr(at_);
    if (text.substr(0, kBegin.size()) != kBegin.substr(0, text.size())) {
        return fail("what came does not begin with 8=FIX");
    }
    const std::size_t version = text.substr(0, 2 + kVersionMax + 1).find(kEnd);
    if (version == text.npos) {
        return text.size() > 2 + kVersionMax ? fail("BeginString (8) has no end") : 0;
    }
    const std::string_view second = text.substr(version + 1);
    constexpr std::string_view kLength = "9=";
    if (second.substr(0, 2) != kLength.substr(0, second.size())) {
        return fail("BodyLength (9) does not come second");
    }
    std::size_t body = 0, n = 2;
    while (n < second.size() && is_digit(second[n]) && n - 2 < kDigitsMax) {
        body = body * 10 + static_cast<std::size_t>(second[n++] - '0');
    }
    if (n >= second.size()) return 0;
    if (n == 2 || second[n] != kEnd) {
        return fail("BodyLength (9) is not a number");
    }
    if (body > body_max_) {
        return fail("a message of " + std::to_string(body) + " bytes, more than " +
                    std::to_string(body_max_));
    }
    const std::size_t before = version + 1 + n + 1;  // "8=...|9=...|"
    if (text.size() < before + body + kTrailerLength) return 0;
    if (!is_trailer(text.substr(before + body, kTrailerLength))) {
        return fail("no CheckSum (10) behind a body of " + std::to_string(body) + " bytes");
    }
    return before + body + kTrailerLength;
}

}  // namespace fermata::fix

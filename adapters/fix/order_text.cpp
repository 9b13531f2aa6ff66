#include "adapters/fix/order_text.hpp"

#include <charconv>
#include <cstring>
#include <limits>

namespace fermata::fix {
namespace {

/// The number up to `separator` or the end; false when there is none, or not in its shortest form.
template <class T>
bool take_number(std::string_view& text, T& value) noexcept {
    if (text.empty() || (text[0] == '0' && text.size() > 1 && text[1] != '-')) return false;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || text[0] == '-') return false;
    text.remove_prefix(static_cast<std::size_t>(end - text.data()));
    return true;
}
bool take_dash(std::string_view& text) noexcept {
    if (text.empty() || text[0] != '-') return false;
    text.remove_prefix(1);
    return true;
}

char* put(char* out, std::int64_t value, int digits) noexcept {
    for (int n = digits - 1; n >= 0; --n) {
        out[n] = static_cast<char>('0' + value % 10);
        value /= 10;
    }
    return out + digits;
}

constexpr std::uint64_t mix(std::uint64_t h) noexcept {  // the finalizer of SplitMix64
    h = (h ^ (h >> 30)) * 0xbf58'476d'1ce4'e5b9ULL;
    h = (h ^ (h >> 27)) * 0x94d0'49bb'1331'11ebULL;
    return h ^ (h >> 31);
}

}  // namespace

std::size_t format_request_id(RequestId id, char* out) noexcept {
    char* p = out;
    const auto number = [&p](std::uint64_t value) { p = std::to_chars(p, p + 20, value).ptr; };
    number(id.order.value >> 48);
    *p++ = '-';
    number((id.order.value >> 32) & 0xffff);
    *p++ = '-';
    number(id.order.value & 0xffff'ffff);
    if (id.change != 0) {
        *p++ = '-';
        number(id.change);
    }
    return static_cast<std::size_t>(p - out);
}

std::optional<RequestId> parse_request_id(std::string_view text) noexcept {
    std::uint16_t day = 0;
    std::uint16_t epoch = 0;
    std::uint32_t count = 0;
    RequestId id;
    if (!take_number(text, day) || !take_dash(text) || !take_number(text, epoch) ||
        !take_dash(text) || !take_number(text, count) || count == 0) {
        return std::nullopt;
    }
    id.order = make_client_order_id(day, epoch, count);
    if (text.empty()) return id;
    if (!take_dash(text) || !take_number(text, id.change) || !text.empty() || id.change == 0) {
        return std::nullopt;
    }
    return id;
}

std::size_t format_utc(Timestamp ts, char* out) noexcept {
    constexpr std::int64_t kDay = 86'400'000;
    const std::int64_t ms = ts.ns / 1'000'000;
    const std::int64_t of_day = ms % kDay;
    // Days to a date of the Gregorian calendar: H. Hinnant, "chrono-Compatible Low-Level Date
    // Algorithms", civil_from_days.
    const std::int64_t z = ms / kDay + 719'468;
    const std::int64_t era = z / 146'097;
    const std::int64_t doe = z - era * 146'097;
    const std::int64_t yoe = (doe - doe / 1'460 + doe / 36'524 - doe / 146'096) / 365;
    const std::int64_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    const std::int64_t mp = (5 * doy + 2) / 153;
    const std::int64_t month = mp < 10 ? mp + 3 : mp - 9;
    char* p = put(out, yoe + era * 400 + (month <= 2 ? 1 : 0), 4);
    p = put(p, month, 2);
    p = put(p, doy - (153 * mp + 2) / 5 + 1, 2);
    *p++ = '-';
    p = put(p, of_day / 3'600'000, 2);
    *p++ = ':';
    p = put(p, of_day / 60'000 % 60, 2);
    *p++ = ':';
    p = put(p, of_day / 1'000 % 60, 2);
    *p++ = '.';
    p = put(p, of_day % 1'000, 3);
    return static_cast<std::size_t>(p - out);
}

Result<std::int64_t, DecimalError> parse_float(std::string_view text, int decimals) noexcept {
    for (const char c : text) {
        if ((c < '0' || c > '9') && c != '.' && c != '-') return Err{DecimalError::kNotANumber};
    }
    return parse_decimal(text, decimals);
}

std::optional<std::int64_t> parse_whole(std::string_view text) noexcept {
    std::int64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size() || text[0] == '-') {
        return std::nullopt;
    }
    return value;
}

std::uint64_t id_of(std::string_view text) noexcept {
    if (text.empty()) return 0;
    std::uint64_t h = mix(0x9e37'79b9'7f4a'7c15ULL ^ text.size());
    while (!text.empty()) {
        std::uint64_t word = 0;
        const std::size_t n = text.size() < 8 ? text.size() : 8;
        std::memcpy(&word, text.data(), n);
        h = mix(h ^ word) * 0x9e37'79b9'7f4a'7c15ULL + 1;
        text.remove_prefix(n);
    }
    h = mix(h);
    return h == 0 ? 1 : h;
}

std::uint64_t id_of(std::string_view text, std::string_view account) noexcept {
    if (text.empty() || account.empty()) return id_of(text);
    const std::uint64_t h = mix(id_of(text) ^ mix(id_of(account)));
    return h == 0 ? 1 : h;
}

}  // namespace fermata::fix

#include "adapters/fix/utc_text.hpp"

#include <cstddef>
#include <cstdint>

#include "core/market/date.hpp"

namespace fermata::fix {
namespace {

/// Exactly so many digits at `at`; -1: no.
std::int64_t digits(std::string_view text, std::size_t at, std::size_t count) noexcept {
    if (at + count > text.size()) return -1;
    std::int64_t value = 0;
    for (const char c : text.substr(at, count)) {
        if (c < '0' || c > '9') return -1;
        value = 10 * value + (c - '0');
    }
    return value;
}

}  // namespace

std::optional<Timestamp> parse_utc(std::string_view text) noexcept {
    if (text.size() < 17 || text[8] != '-' || text[11] != ':' || text[14] != ':') return {};
    const CivilDate date{static_cast<std::int32_t>(digits(text, 0, 4)),
                         static_cast<std::int32_t>(digits(text, 4, 2)),
                         static_cast<std::int32_t>(digits(text, 6, 2))};
    const std::int64_t hour = digits(text, 9, 2);
    const std::int64_t minute = digits(text, 12, 2);
    const std::int64_t second = digits(text, 15, 2);
    if (!is_valid(date) || hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 ||
        second > 60) {
        return {};
    }
    std::int64_t ns = 0;
    if (text.size() > 17) {
        const std::size_t count = text.size() - 18;
        if (text[17] != '.' || count == 0 || count > 9) return {};
        ns = digits(text, 18, count);
        if (ns < 0) return {};
        for (std::size_t n = count; n < 9; ++n) ns *= 10;
    }
    const auto midnight = utc_midnight(to_date(date));
    if (!midnight) return {};
    std::int64_t ts = 0;
    const std::int64_t of_day = ((hour * 60 + minute) * 60 + second) * 1'000'000'000 + ns;
    if (__builtin_add_overflow(midnight->ns, of_day, &ts)) return {};
    return Timestamp{ts};
}

}  // namespace fermata::fix

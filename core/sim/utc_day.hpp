#pragma once

#include <cstdint>

#include "core/types/time.hpp"

namespace fermata {

/// Days since 1970, UTC: the trading day of an instrument without a calendar.
[[nodiscard]] constexpr std::int64_t utc_day(Timestamp t) noexcept {
    constexpr std::int64_t kDay = Duration::days(1).ns;
    return t.ns / kDay - (t.ns % kDay < 0 ? 1 : 0);
}
[[nodiscard]] constexpr Timestamp start_of_utc_day(Timestamp t) noexcept {
    return Timestamp{utc_day(t) * Duration::days(1).ns};
}

}  // namespace fermata

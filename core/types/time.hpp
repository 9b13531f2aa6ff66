#pragma once

#include <compare>
#include <cstdint>
#include <limits>

namespace fermata {

/// A span of time in nanoseconds, signed.
struct Duration {
    std::int64_t ns = 0;

    [[nodiscard]] static constexpr Duration nanoseconds(std::int64_t n) { return {n}; }
    [[nodiscard]] static constexpr Duration microseconds(std::int64_t n) { return {n * 1'000}; }
    [[nodiscard]] static constexpr Duration milliseconds(std::int64_t n) { return {n * 1'000'000}; }
    [[nodiscard]] static constexpr Duration seconds(std::int64_t n) { return {n * 1'000'000'000}; }
    [[nodiscard]] static constexpr Duration minutes(std::int64_t n) { return seconds(n * 60); }
    [[nodiscard]] static constexpr Duration hours(std::int64_t n) { return seconds(n * 3'600); }
    /// 24 hours; a calendar day may be longer or shorter, see core/market/calendar.hpp.
    [[nodiscard]] static constexpr Duration days(std::int64_t n) { return seconds(n * 86'400); }

    friend constexpr auto operator<=>(Duration, Duration) = default;
    friend constexpr Duration operator+(Duration a, Duration b) { return {a.ns + b.ns}; }
    friend constexpr Duration operator-(Duration a, Duration b) { return {a.ns - b.ns}; }
    friend constexpr Duration operator*(Duration a, std::int64_t n) { return {a.ns * n}; }
};

/// A point in time: nanoseconds since 1970-01-01T00:00:00Z, UTC, without leap seconds.
struct Timestamp {
    std::int64_t ns = 0;

    /// Later than every real time; "never".
    [[nodiscard]] static constexpr Timestamp never() {
        return {std::numeric_limits<std::int64_t>::max()};
    }
    [[nodiscard]] static constexpr Timestamp min() {
        return {std::numeric_limits<std::int64_t>::min()};
    }

    friend constexpr auto operator<=>(Timestamp, Timestamp) = default;
    friend constexpr Timestamp operator+(Timestamp t, Duration d) { return {t.ns + d.ns}; }
    friend constexpr Timestamp operator-(Timestamp t, Duration d) { return {t.ns - d.ns}; }
    friend constexpr Duration operator-(Timestamp a, Timestamp b) { return {a.ns - b.ns}; }
};

}  // namespace fermata

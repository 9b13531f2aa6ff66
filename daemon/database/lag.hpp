#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <string_view>

namespace fermata {

/// How far the database may stay behind the journal.
struct LagLimits {
    std::uint64_t alert_bytes = std::uint64_t{256} << 20;
    std::uint64_t halt_bytes = std::uint64_t{8} << 30;
    std::chrono::nanoseconds alert_age = std::chrono::minutes(1);
    std::chrono::nanoseconds halt_age = std::chrono::hours(1);
};

enum class LagLevel : std::uint8_t { kOk = 0, kAlert = 1, kHalt = 2 };
[[nodiscard]] constexpr std::string_view name(LagLevel level) noexcept {
    constexpr std::string_view kNames[] = {"ok", "alert", "halt"};
    return kNames[static_cast<std::size_t>(level)];
}

/// Judges the lag. A level is entered when one measure reaches its limit and left when both are at
/// most half of theirs, so that a lag that hovers about a limit does not flap.
class LagGuard {
public:
    explicit LagGuard(const LagLimits& limits) : limits_(limits) {}

    [[nodiscard]] LagLevel evaluate(std::uint64_t bytes, std::chrono::nanoseconds age) noexcept;
    [[nodiscard]] LagLevel level() const noexcept { return level_; }

private:
    LagLimits limits_;
    LagLevel level_ = LagLevel::kOk;
};

/// Remembers when the journal grew, so that the age of the oldest byte that is not yet loaded is
/// known. Never states an age that is too small; memory is bounded.
class LagMeter {
public:
    using Time = std::chrono::steady_clock::time_point;

    /// The journal has so many bytes now. Times do not step back.
    void grown(std::uint64_t total, Time now);
    /// So many of them are loaded.
    void loaded(std::uint64_t bytes);
    [[nodiscard]] bool behind() const noexcept { return !growth_.empty(); }
    /// Since when the oldest byte that is not loaded has been there; only when `behind`.
    [[nodiscard]] Time since() const noexcept { return growth_.front().when; }

private:
    struct Growth {
        std::uint64_t total;  ///< Bytes up to here ...
        Time when;            ///< ... were there at this time, those before it earlier.
    };
    static constexpr std::size_t kGrowthsMax = 1'024;
    std::deque<Growth> growth_;
    std::uint64_t total_ = 0;
    std::uint64_t loaded_ = 0;
};

}  // namespace fermata

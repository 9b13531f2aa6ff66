#pragma once

#include <atomic>
#include <cstdint>
#include <optional>

#include "core/types/time.hpp"

namespace fermata {

/// Whoever operates must say now and then that they are there; when nobody does, trading stops.
///
/// Threads: `alive` on any; the rest on the one that looks.
/// Time:    ns of a clock that nobody sets, handed in.
class DeadManSwitch {
public:
    enum class Word : std::uint8_t {
        kNothing,
        kWarn,  ///< Half of the time is over. Once until somebody is there again.
        kTrip,  ///< All of it is. Once until somebody is there again.
    };

    explicit DeadManSwitch(Duration limit) noexcept : limit_(limit) {}

    /// Somebody is there.
    void alive(std::int64_t now_ns) noexcept { last_ns_.store(now_ns, std::memory_order_release); }
    /// What is to be done at `now_ns`. The first look begins the time.
    [[nodiscard]] Word look(std::int64_t now_ns) noexcept;
    /// How much time is left; negative when it is over; empty before the first look.
    [[nodiscard]] std::optional<Duration> left(std::int64_t now_ns) const noexcept;
    [[nodiscard]] Duration limit() const noexcept { return limit_; }

private:
    static constexpr std::int64_t kNever = INT64_MIN;

    Duration limit_;
    std::atomic<std::int64_t> last_ns_{kNever};  // sign of life
    std::int64_t known_ns_ = kNever;             // the one that was looked at
    Word told_ = Word::kNothing;
};

}  // namespace fermata

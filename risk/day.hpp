#pragma once

#include <cstdint>

#include "core/types/time.hpp"

namespace fermata {

class StateArchive;

/// Which day (UTC, since 1970) it is by the newest time that was shown, with one comparison a time.
class DayClock {
public:
    /// True when a day begins that is later than any before, and at the first call.
    bool advance(Timestamp now) noexcept {
        if (now < end_) [[likely]]
            return false;
        std::int64_t day = now.ns / kDay;
        if (now.ns % kDay < 0) --day;
        day_ = static_cast<std::int32_t>(day);
        end_ = Timestamp{(day + 1) * kDay};
        return true;
    }
    /// The clock as `now` shows it. Who only asks (a preview) leaves this one as it is.
    [[nodiscard]] DayClock seen(Timestamp now, bool only_asks) noexcept {
        if (!only_asks) {
            advance(now);
            return *this;
        }
        DayClock then = *this;
        then.advance(now);
        return then;
    }
    [[nodiscard]] std::int32_t day() const noexcept { return day_; }
    /// Weeks begin on Monday; 1970-01-01 was a Thursday.
    [[nodiscard]] std::int32_t week() const noexcept {
        const std::int32_t since_monday = day_ + 3;
        return since_monday >= 0 ? since_monday / 7 : -((6 - since_monday) / 7);
    }
    /// See core/base/state_archive.hpp.
    void persist(StateArchive& a);

private:
    static constexpr std::int64_t kDay = 86'400'000'000'000;
    Timestamp end_ = Timestamp::min();
    std::int32_t day_ = 0;
};

}  // namespace fermata

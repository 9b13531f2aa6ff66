#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>

#include "core/types/time.hpp"

namespace fermata {

/// What time it is: the one place of a run on the machine's clock that reads it.
///
/// Owner: the feed's thread.
class LiveClock {
public:
    struct Now {
        Timestamp utc;               ///< Never before an earlier one.
        std::int64_t steady_ns = 0;  ///< For distances; nobody sets this clock.
    };

    /// Time does not go on before `last`, as after a restart on a machine whose clock was set back.
    explicit LiveClock(Timestamp last = Timestamp{0}) : last_(last) {}

    [[nodiscard]] Now read() noexcept {
        const auto utc = std::chrono::system_clock::now().time_since_epoch();
        const auto steady = std::chrono::steady_clock::now().time_since_epoch();
        last_ = std::max(last_, Timestamp{std::chrono::nanoseconds(utc).count()});
        return {last_, std::chrono::nanoseconds(steady).count()};
    }

private:
    Timestamp last_;
};

}  // namespace fermata

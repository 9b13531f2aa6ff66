#include "daemon/control/dead_man.hpp"

namespace fermata {

DeadManSwitch::Word DeadManSwitch::look(std::int64_t now_ns) noexcept {
    std::int64_t last = last_ns_.load(std::memory_order_acquire);
    if (last == kNever) {
        // Nobody can have said anything before; who did since goes first.
        if (last_ns_.compare_exchange_strong(last, now_ns, std::memory_order_acq_rel))
            last = now_ns;
    }
    if (last != known_ns_) {
        known_ns_ = last;
        told_ = Word::kNothing;
    }
    const std::int64_t silent = now_ns - last;
    const Word word = silent >= limit_.ns       ? Word::kTrip
                      : silent >= limit_.ns / 2 ? Word::kWarn
                                                : Word::kNothing;
    if (word == told_) return Word::kNothing;
    told_ = word;
    return word;
}

std::optional<Duration> DeadManSwitch::left(std::int64_t now_ns) const noexcept {
    const std::int64_t last = last_ns_.load(std::memory_order_acquire);
    if (last == kNever) return std::nullopt;
    return Duration{limit_.ns - (now_ns - last)};
}

}  // namespace fermata

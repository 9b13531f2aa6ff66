#pragma once

namespace fermata {

/// What an emitting stage does while an output lane is full. On threads of their own a consumer
/// catches up in the meantime; on one thread nobody would, so there is nothing to wait for and a
/// full lane is an overflow at once (no Backpressure is handed in).
class Backpressure {
public:
    Backpressure() = default;
    Backpressure(const Backpressure&) = delete;
    Backpressure& operator=(const Backpressure&) = delete;
    virtual ~Backpressure() = default;
    /// Waits a little; `attempt` counts from 0 for one event. False: no longer, the lane
    /// overflowed.
    [[nodiscard]] virtual bool wait(unsigned attempt) noexcept = 0;
};

/// Pushes; while the lane is full, waits as long as `backpressure` (may be null) allows. False: the
/// event was not sent and never will be, which the caller must turn into a halt.
template <class L, class Event>
[[nodiscard]] bool push_or_wait(L& lane, const Event& event, Backpressure* backpressure) noexcept {
    if (lane.try_push(event)) [[likely]]
        return true;
    if (backpressure == nullptr) return false;
    for (unsigned attempt = 0; backpressure->wait(attempt); ++attempt) {
        if (lane.try_push(event)) return true;
    }
    return false;
}

}  // namespace fermata

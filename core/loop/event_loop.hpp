#pragma once

#include <atomic>
#include <cstddef>
#include <tuple>

#include "core/loop/stage.hpp"

namespace fermata {

/// Hosts one or more stages on one thread. Each pass polls every stage once, in the order of the
/// template arguments, with a bounded batch. The types are known, so a pass makes no virtual call.
///
/// The same loop serves a pinned thread under the real clock (`run`) and a replay under a virtual
/// one (the lockstep scheduler calls `run_to_quiescence`).
template <Stage... Stages>
class EventLoop {
public:
    explicit EventLoop(Stages&... stages) : stages_(stages...) {}

    /// One pass.
    Polled pass(std::size_t budget) {
        Polled polled;
        std::apply([&](auto&... s) { ((polled += s.poll(budget)), ...); }, stages_);
        return polled;
    }

    /// Passes until no stage has anything left to consume. A pass without a bound leaves only what
    /// was emitted during it, so the first pass that emits nothing is the last. False when there
    /// would have been more than `limit` of them.
    bool run_to_quiescence(std::size_t limit = kUnbounded) {
        for (std::size_t n = 0; n < limit; ++n) {
            if (pass(kUnbounded).emitted == 0) return true;
        }
        return false;
    }

    /// Passes until `stop` is set. `idle(polled)` is told what each pass did and decides whether to
    /// spin, yield or sleep.
    template <class Idle>
    void run(const std::atomic<bool>& stop, std::size_t budget, Idle&& idle) {
        while (!stop.load(std::memory_order_relaxed)) idle(pass(budget));
    }

    static constexpr std::size_t kUnbounded = ~std::size_t{0};

private:
    std::tuple<Stages&...> stages_;
};

}  // namespace fermata

#pragma once

#include <algorithm>
#include <concepts>
#include <cstdint>

#include "core/base/state_archive.hpp"
#include "core/event/market_event.hpp"
#include "core/loop/clock.hpp"
#include "core/types/time.hpp"

namespace fermata {

/// What the lockstep scheduler drives: a pipeline whose stages all live on the calling thread.
///   publish(event, position)  puts a market event on the lanes of its consumers
///   exchange_due()            the earliest delayed event inside the simulated exchanges
///   advance_exchanges(now)    lets them perform what is due
///   timer_due()               the earliest timer of any strategy
///   fire_timers(now)          fires the timers that are due
///   run_to_quiescence()       polls all stages until nothing is left to consume
template <class P>
concept LockstepPipeline =
    requires(P& pipeline, const MarketEvent& event, std::uint64_t position, Timestamp now) {
        pipeline.publish(event, position);
        { pipeline.exchange_due() } -> std::same_as<Timestamp>;
        pipeline.advance_exchanges(now);
        { pipeline.timer_due() } -> std::same_as<Timestamp>;
        pipeline.fire_timers(now);
        pipeline.run_to_quiescence();
    };

/// Drives one loop in replay: takes the earliest of the next market event, the delayed events of
/// the simulated exchange and the due timers, in that order when their times are equal, and runs
/// the pipeline to quiescence before it goes on. So nothing depends on how fast anything runs.
template <LockstepPipeline Pipeline>
class LockstepScheduler {
public:
    LockstepScheduler(Pipeline& pipeline, VirtualClock& clock)
        : pipeline_(pipeline), clock_(clock) {}

    /// Everything inside that is due before `event`, then the event itself. Numbers them from 1.
    void step(const MarketEvent& event) {
        if (next_internal_ < event.ts) run_internal_before(event.ts);
        clock_.advance_to(event.ts);
        pipeline_.publish(event, ++position_);
        settle();
    }

    /// Something from outside: what is due inside before its time comes first. The pipeline's
    /// `tell(event)` puts it on its lane.
    template <class Event>
    void tell(const Event& event) {
        if (next_internal_ < event.ts) run_internal_before(event.ts);
        clock_.advance_to(std::max(event.ts, clock_.now()));
        pipeline_.tell(event);
        settle();
    }

    /// Performs what is due strictly before `limit`.
    void run_internal_before(Timestamp limit) {
        while (next_internal_ < limit) {
            const Timestamp now = std::max(next_internal_, clock_.now());
            clock_.advance_to(now);
            if (pipeline_.exchange_due() <= now) {
                pipeline_.advance_exchanges(now);
            } else {
                pipeline_.fire_timers(now);
            }
            settle();
        }
    }

    /// After the last market event: what is under way to and from the exchanges and due at or
    /// before `until` arrives. Timers that are due later never fire.
    void drain(Timestamp until) {
        for (Timestamp due = pipeline_.exchange_due(); due <= until;
             due = pipeline_.exchange_due()) {
            const Timestamp now = std::max(due, clock_.now());
            clock_.advance_to(now);
            pipeline_.advance_exchanges(now);
            settle();
        }
    }

    /// Runs the pipeline to quiescence and looks up what is due next.
    void settle() {
        pipeline_.run_to_quiescence();
        next_internal_ = std::min(pipeline_.exchange_due(), pipeline_.timer_due());
    }

    /// Market events published so far.
    [[nodiscard]] std::uint64_t position() const noexcept { return position_; }

    /// Its place in the feed and the clock, see core/base/state_archive.hpp; the pipeline stores
    /// itself. Between two calls of anything above, when all is at rest.
    void persist(StateArchive& a) {
        a.section("scheduler", 1, [&] { a(position_, next_internal_, clock_); });
    }

private:
    Pipeline& pipeline_;
    VirtualClock& clock_;
    Timestamp next_internal_ = Timestamp::never();
    std::uint64_t position_ = 0;
};

}  // namespace fermata

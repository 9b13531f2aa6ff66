#pragma once

#include <cstdint>
#include <vector>

#include "core/types/ids.hpp"
#include "core/types/time.hpp"
#include "risk/event_window.hpp"
#include "risk/findings.hpp"
#include "risk/limit_table.hpp"
#include "risk/request.hpp"
#include "risk/trips.hpp"

namespace fermata {

class StateArchive;

/// REPEAT and REJECT_RATE: a strategy with more fills, or more orders that venues reject, within a
/// window than its limit trips, once, and is tripped until it is released.
class StrategyRate {
public:
    StrategyRate(ControlId id, LimitId limit, LimitId window, LimitTable& limits,
                 std::size_t strategies);
    /// Limits were changed while this runs.
    void adopt(LimitTable& limits) noexcept;

    /// True when this event trips the strategy.
    [[nodiscard]] bool note(StrategyId s, Timestamp now) noexcept;
    /// Forgets what led to it. Nothing happens to a strategy that is not tripped.
    void release(StrategyId s) noexcept;
    /// A person says that the events so far are as they should be: they count no more. False when
    /// there is no such strategy.
    bool acknowledge(StrategyId s) noexcept;
    /// Of a strategy that has just tripped.
    [[nodiscard]] Measured measured(StrategyId s) const noexcept {
        const auto limit = static_cast<std::int64_t>(strategies_[s.value].window.limit());
        return {LimitUnit::kCount, limit + 1, limit};
    }
    void check(const Request& r, Findings& out) const noexcept;

    /// Some strategy has a limit.
    [[nodiscard]] bool watches() const noexcept { return any_; }
    [[nodiscard]] ControlId id() const noexcept { return id_; }

    /// See core/base/state_archive.hpp.
    void persist(StateArchive& a);

private:
    struct Strategy {
        EventWindow window;
        bool tripped = false;
        void persist(StateArchive& a);
    };
    ControlId id_;
    LimitId limit_, window_;
    bool any_ = false;
    std::vector<Strategy> strategies_;
};

}  // namespace fermata

#pragma once

#include <cstddef>
#include <vector>

#include "risk/limit_table.hpp"
#include "risk/risk_config.hpp"

namespace fermata {

class StateArchive;

/// Limits that change at dates that the configuration names. No date makes a limit looser than what
/// somebody set at run time, not even after one that made it tighter: whoever tightened it did not
/// know that it would be loosened.
///
/// Owner: the gate. Time: what is due at a request's time is put in force before it is judged.
class LimitSchedule {
public:
    explicit LimitSchedule(const RiskConfig& config);

    [[nodiscard]] bool due(Timestamp now) const noexcept {
        return next_ < entries_.size() && entries_[next_].from <= now;
    }
    /// Puts everything that is due in force. True when a limit changed.
    bool apply(Timestamp now, LimitTable& limits) noexcept;

    /// See core/base/state_archive.hpp.
    void persist(StateArchive& a);

private:
    std::vector<ScheduledLimit> entries_;  // by time
    std::size_t next_ = 0;
};

}  // namespace fermata

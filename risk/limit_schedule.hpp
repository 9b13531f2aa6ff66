#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "risk/limit_table.hpp"
#include "risk/risk_config.hpp"

namespace fermata {

class StateArchive;

/// Limits that change at dates that the configuration names. A limit that somebody changed at run
/// time is not loosened by a date: whoever tightened it did not know that it would be.
///
/// Owner: the gate. Time: what is due at a request's time is put in force before it is judged.
class LimitSchedule {
public:
    /// `limits` as the configuration made them.
    LimitSchedule(const RiskConfig& config, const LimitTable& limits);

    [[nodiscard]] bool due(Timestamp now) const noexcept {
        return next_ < entries_.size() && entries_[next_].at.from <= now;
    }
    /// Puts everything that is due in force. True when a limit changed.
    bool apply(Timestamp now, LimitTable& limits) noexcept;

    /// See core/base/state_archive.hpp.
    void persist(StateArchive& a);

private:
    struct Entry {
        ScheduledLimit at;
        std::optional<std::int64_t> before;  // what it follows on, unless somebody changed it
    };
    std::vector<Entry> entries_;  // by time
    std::size_t next_ = 0;
};

}  // namespace fermata

#pragma once

#include <cstdint>
#include <vector>

#include "core/types/ids.hpp"
#include "core/types/time.hpp"
#include "risk/day.hpp"
#include "risk/findings.hpp"
#include "risk/limit_table.hpp"
#include "risk/request.hpp"

namespace fermata {

class StateArchive;

/// LIQUIDITY: how much of an instrument's average daily volume the firm trades in a day (UTC), all
/// open orders and this one included, and how many days of such trading it would take to get out of
/// the account's worst position. Not applied where the volume is unknown; orders that do not make
/// the worst case worse pass, because a position that cannot be left in time must be left all the
/// more.
class LiquidityLimit {
public:
    LiquidityLimit(LimitTable& limits, std::size_t instruments);

    /// Requires a known instrument, account and strategy.
    void check(const Request& r, Findings& out) noexcept;
    void count_fill(InstrumentId i, Quantity quantity, Timestamp now) noexcept;

    [[nodiscard]] bool watches() const noexcept { return any_; }
    /// Before a check: what it will read, by instrument and so seldom in the cache.
    [[gnu::always_inline]] void fetch(InstrumentId i) const noexcept {
        if (any_) __builtin_prefetch(&slots_[i.value]);
    }
    /// See core/base/state_archive.hpp.
    void persist(StateArchive& a);

private:
    struct Slot {
        WideQuantity filled = 0;
        std::int32_t day = 0;
        void persist(StateArchive& a);
    };
    std::vector<Slot> slots_;  // by InstrumentId
    DayClock clock_;
    bool any_;
};

}  // namespace fermata

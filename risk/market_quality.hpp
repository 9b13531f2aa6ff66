#pragma once

#include <cstdint>
#include <vector>

#include "core/event/market_event.hpp"
#include "core/market/mark_table.hpp"
#include "core/types/ids.hpp"
#include "risk/findings.hpp"
#include "risk/limit_table.hpp"
#include "risk/request.hpp"

namespace fermata {

class StateArchive;

/// STALE and CROSSED: whether the market data of an instrument can be traded on. These refuse
/// reductions too: a price that is not to be trusted is not to be sold at either.
///
/// STALE:   the newest quote or trade is older than the limit while the session is open, or data
///          was lost and nothing has come since. Bars say nothing about age: their length is not
///          known here, and an instrument that only has bars is judged by lost data alone.
/// CROSSED: the bid is not below the offer, the spread is too wide, or the newest event changed the
///          price by too much. The next event that changes it by less confirms it.
class MarketQuality {
public:
    MarketQuality(LimitTable& limits, std::size_t instruments);
    /// Limits were changed while this runs. What is switched on judges from the next event on.
    void adopt(const LimitTable& limits) noexcept;

    /// After the mark took it in. `mark` is the instrument's.
    void on_market(const MarketEvent& e, const Mark& mark) noexcept;
    /// Requires a known instrument.
    void check(const Request& r, Findings& out) const noexcept;

    /// Some instrument has a limit.
    [[nodiscard]] bool watches() const noexcept { return any_; }

    /// Before a check: what it will read, by instrument and so seldom in the cache.
    [[gnu::always_inline]] void fetch(InstrumentId i) const noexcept {
        if (any_) __builtin_prefetch(&slots_[i.value]);
    }
    /// See core/base/state_archive.hpp.
    void persist(StateArchive& a);

private:
    struct Slot {
        Timestamp ticked = Timestamp::min();  // of the newest quote or trade
        Price price;
        Price before;  // what it was before the newest event with a price
        bool known = false;
        void persist(StateArchive& a);
    };
    void check_stale(const Request& r, Findings& out) const noexcept;
    void check_crossed(const Request& r, Findings& out) const noexcept;

    std::vector<Slot> slots_;  // by InstrumentId
    bool any_ = false;
};

/// BEST_EXECUTION: a limit price not further through the best price of the other side than the
/// tolerance. Without a quote, and for orders that do not name the price they trade at now (market,
/// stop), there is nothing to compare; COLLAR judges those.
void check_best_execution(const Request& r, Findings& out) noexcept;

}  // namespace fermata

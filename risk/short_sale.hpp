#pragma once

#include <cstdint>
#include <limits>
#include <vector>

#include "core/event/market_event.hpp"
#include "core/market/mark_table.hpp"
#include "core/types/ids.hpp"
#include "core/types/instrument.hpp"
#include "risk/findings.hpp"
#include "risk/limit_table.hpp"
#include "risk/locate_book.hpp"
#include "risk/request.hpp"

namespace fermata {

class StateArchive;

/// SHORT: short sales of shares and funds. A sale is short as far as it, together with the
/// account's other open sales, could exceed the position (Regulation SHO, 17 CFR 242.200(c), what
/// is owned).
///
/// Circuit breaker (Rule 201, 17 CFR 242.201(b)): once a trade is at or below the prior session's
/// close less the limit, short sales must be limit orders above the best bid, for the rest of that
/// session and all of the next. The close is the newest there is: a session without a trade leaves
/// it, a split puts it on its scale, a dividend does not change it. Without a calendar a session is
/// a day (UTC) with a trade. Without a prior close nothing triggers it; without a quote while it is
/// in force no short sale is let through. A sale that asks for the exemption (242.201(c), (d))
/// is let through at any price, and refused while the circuit breaker is not in force.
/// Locates (242.203(b)(1)): where a number of shares to borrow was given, the short part of
/// approved sales takes from it, and what is left bounds the next. What an order did not sell short
/// is given back when it is over. Where none was given they are not judged.
/// Marks (242.200(g)): the order manager's; new terms that would make a sale short that was sent as
/// a long one are refused, because a mark cannot be changed.
class ShortSales {
public:
    ShortSales(LimitTable& limits, const InstrumentTable& instruments);
    /// Limits were changed while this runs.
    void adopt(LimitTable& limits) noexcept;

    /// After the mark took it in. `mark` is the instrument's.
    void on_market(const MarketEvent& e, const Mark& mark) noexcept;
    /// How much may be sold short from now on; what was taken before is forgotten.
    void on_locate(InstrumentId i, Quantity available) noexcept;
    /// An order is over.
    void ended(ClientOrderId order, Quantity total, Quantity filled) noexcept {
        locates_.ended(order, total, filled);
    }

    /// Requires a known instrument, account and strategy.
    void check(const Request& r, Findings& out) const noexcept;
    /// It was approved.
    void approved(const Request& r) noexcept;

    [[nodiscard]] bool watches() const noexcept { return any_; }
    [[nodiscard]] bool restricted(InstrumentId i) const noexcept {
        return slots_[i.value].sessions > 0;
    }
    /// Before a check: what it will read, by instrument and so seldom in the cache.
    [[gnu::always_inline]] void fetch(InstrumentId i) const noexcept {
        if (any_) __builtin_prefetch(&slots_[i.value]);
    }
    /// See core/base/state_archive.hpp.
    void persist(StateArchive& a);

private:
    /// Later than any day: what the calendar ends is not ended by days.
    static constexpr std::int32_t kBySessions = std::numeric_limits<std::int32_t>::max();

    struct Slot {
        Price close;                     // of the session before
        Price last;                      // newest trade or bar of this one
        std::int64_t decline = 0;        // Ratio
        std::int32_t day = kBySessions;  // of `last`, where there is no calendar
        std::uint8_t sessions = 0;  // in which the circuit breaker is still in force, this one too
        bool has_close = false;
        bool has_last = false;
        bool on = false;
        void persist(StateArchive& a);
    };
    /// How much of the request would be short that was not before.
    [[nodiscard]] static WideQuantity newly_short(const Request& r) noexcept;
    void note(Slot& slot, Price price) noexcept;
    static void end_session(Slot& slot) noexcept;
    /// A trade came: where there is no calendar its day ends the one before.
    static void enter_day(Slot& slot, Timestamp at) noexcept;
    static void split(Slot& slot, const CorporateActionData& action) noexcept;

    std::vector<Slot> slots_;  // by InstrumentId
    bool any_;
    LocateBook locates_;
};

}  // namespace fermata

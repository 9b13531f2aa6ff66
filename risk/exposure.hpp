#pragma once

#include <cstdint>
#include <vector>

#include "core/types/ids.hpp"
#include "core/types/time.hpp"
#include "risk/findings.hpp"
#include "risk/limit_table.hpp"
#include "risk/request.hpp"
#include "risk/valuation.hpp"

namespace fermata {

class StateArchive;

/// The controls of this family compare a worst case with a share of the account's equity. What does
/// not make the worst case worse passes, however far it is exceeded (a passive breach); what does
/// is refused when the equity or a price is unknown.

/// OPEN_ORDERS: live orders of the account in the instrument, this one included, and their reserved
/// value. The number binds every new order; the value leaves out orders that only reduce while the
/// equity is unknown or not positive.
void check_open_orders(const Request& r, const Valuation& valuation, Findings& out) noexcept;

/// POSITION: max(W+, W-) at the mark, with this order.
void check_position(const Request& r, const Valuation& valuation, Findings& out) noexcept;

/// CASH: all cash less all reservations less what this purchase may cost, in the base currency. A
/// cash account does not sell what it does not hold.
void check_cash(const Request& r, const Valuation& valuation, std::size_t currencies,
                Findings& out) noexcept;

/// The gross worst case of every account: positions at their marks (the account book keeps that
/// sum) plus what open orders could add to their size. Of the second sum an upper bound is kept
/// here, instrument by instrument, that later fills, cancels and rejects cannot make too small.
///
/// What the bound allows passes at once; else the exact sum decides. So a refusal always rests on
/// the exact sum. The bound follows every price and every order event of its instrument; rates of
/// exchange, by which the values of instruments in other currencies than the account's own move as
/// well, may be up to kRefreshEvery old in it.
///
/// Cost: constant for an event and for an approval; a walk over the account's instruments with open
///       orders before a refusal, and every kRefreshEvery of event time where there are other
///       currencies.
class GrossExposure {
public:
    static constexpr Duration kRefreshEvery = Duration::seconds(1);

    GrossExposure(const LimitTable& limits, const InstrumentTable& instruments,
                  const AccountBook& accounts);

    /// LEVERAGE.
    void check(const Request& r, const Valuation& valuation, Findings& out) noexcept;
    /// The request was approved: its worst case counts from now on.
    void approved(const Request& r, const Valuation& valuation) noexcept;
    [[nodiscard]] bool watches() const noexcept { return any_; }
    /// The price of an instrument changed, or what is held or open in it.
    void revalue(InstrumentId i, const Valuation& valuation) noexcept;
    /// Before a check: what it will read, by instrument and so seldom in the cache.
    [[gnu::always_inline]] void fetch(AccountId a, InstrumentId i) const noexcept {
        if (any_) __builtin_prefetch(&slots_[a.value * instruments_ + i.value]);
    }
    /// See core/base/state_archive.hpp.
    void persist(StateArchive& a);

private:
    struct Account {
        std::vector<std::uint32_t> active;  // instruments with a slot that is not zero
        Value bound = 0;                    // sum of the slots
        Timestamp refreshed = Timestamp::min();
        bool mixed = false;  // instruments in other currencies; does not change
        void persist(StateArchive& a);
    };
    struct Slot {
        Value bound = 0;
        bool active = false;
        void persist(StateArchive& a);
    };

    void put(AccountId a, InstrumentId i, Value bound) noexcept;
    /// Values all slots anew. Returns the exact sum without the one of `left_out`.
    Value refresh(AccountId a, InstrumentId left_out, Timestamp now,
                  const Valuation& valuation) noexcept;
    /// The same sum, and nothing is kept.
    [[nodiscard]] Value exact(AccountId a, InstrumentId left_out,
                              const Valuation& valuation) const noexcept;
    [[nodiscard]] Slot& slot(AccountId a, InstrumentId i) noexcept {
        return slots_[a.value * instruments_ + i.value];
    }
    std::size_t instruments_;
    bool any_;
    std::vector<Account> accounts_;
    std::vector<Slot> slots_;  // by AccountId, InstrumentId
};

}  // namespace fermata

#pragma once

#include <cstdint>
#include <vector>

#include "core/types/ids.hpp"
#include "core/types/time.hpp"
#include "risk/findings.hpp"
#include "risk/request.hpp"
#include "risk/valuation.hpp"

namespace fermata {

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
/// sum) plus what open orders could add to their size. The second sum is kept here, instrument by
/// instrument, as of the last look at each.
///
/// A refusal always rests on a fresh sum; an approval may rest on open orders of other instruments
/// as they were up to kRefreshEvery ago. Fills, cancels and rejects only lower the sum, so a stale
/// one errs on the safe side but for the drift of the marks in that time.
///
/// Cost: constant, but for a walk over the account's instruments with open orders every
/// kRefreshEvery
///       of event time and before a refusal.
class GrossExposure {
public:
    static constexpr Duration kRefreshEvery = Duration::seconds(1);

    GrossExposure(std::size_t accounts, std::size_t instruments);

    /// LEVERAGE.
    void check(const Request& r, const Valuation& valuation, Findings& out) noexcept;
    /// The request was approved: its worst case counts from now on.
    void approved(const Request& r, const Valuation& valuation) noexcept;

private:
    struct Account {
        std::vector<std::uint32_t> active;  // instruments with a slot that is not zero
        Value sum = 0;                      // of the slots
        Timestamp refreshed = Timestamp::min();
    };
    struct Slot {
        Value value = 0;
        bool active = false;
    };

    /// What open orders could add in the request's instrument, the request included.
    [[nodiscard]] static Valued excess_after(const Request& r, const Valuation& valuation) noexcept;
    void put(AccountId a, InstrumentId i, Value value) noexcept;
    void refresh(AccountId a, Timestamp now, const Valuation& valuation) noexcept;
    [[nodiscard]] Value total(const Request& r, Value own,
                              const Valuation& valuation) const noexcept;
    [[nodiscard]] Slot& slot(AccountId a, InstrumentId i) noexcept {
        return slots_[a.value * instruments_ + i.value];
    }
    [[nodiscard]] const Slot& slot(AccountId a, InstrumentId i) const noexcept {
        return slots_[a.value * instruments_ + i.value];
    }

    std::size_t instruments_;
    std::vector<Account> accounts_;
    std::vector<Slot> slots_;  // by AccountId, InstrumentId
};

}  // namespace fermata

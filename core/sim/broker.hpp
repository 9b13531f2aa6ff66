#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "core/event/market_event.hpp"
#include "core/sim/fill_tape.hpp"
#include "core/sim/sim_config.hpp"
#include "core/sim/sim_order.hpp"
#include "core/types/ids.hpp"
#include "core/types/instrument.hpp"
#include "core/types/number.hpp"
#include "core/types/order_enums.hpp"

namespace fermata {

class StateArchive;

/// The broker behind the simulated exchange: cash and positions as the far side keeps them, and
/// the buying power of cash accounts. It knows only what was filled at this venue.
///
///   cash account   a purchase must be paid, fee included, from the cash of the instrument's
///                  currency; a sale must be covered by the position, all that is left of the order
///   margin account no check
///
/// Owner:      the simulated exchange.
/// Memory:     fixed at construction.
/// Invariants: cash changes by exactly -(value + fee) at a purchase and +(value - fee) at a sale.
class SimBroker {
public:
    SimBroker(const InstrumentTable& instruments, std::span<const SimAccount> accounts);

    [[nodiscard]] bool contains(AccountId id) const noexcept {
        return id.value < rows_.size() && rows_[id.value] != kNoRow;
    }
    /// Require contains(account).
    [[nodiscard]] Money cash(AccountId account, CurrencyId currency) const {
        return cash_[rows_[account.value] * currencies_ + currency.value];
    }
    [[nodiscard]] Quantity position(AccountId account, InstrumentId instrument) const {
        return positions_[rows_[account.value] * instruments_.size() + instrument.value];
    }

    /// Books a fill of `quantity` worth `value`, or refuses it and changes nothing: kNone when it
    /// was booked, else kInsufficientFunds, kInsufficientPosition or (a number would overflow)
    /// kInvalidQuantity.
    [[nodiscard]] OrderReason book(const SimOrder& order, Quantity quantity, Money value,
                                   Money fee);

    /// A fill becomes one of `quantity` worth `value` with `fee`, or none at all (zero). False, and
    /// nothing changes, when a number would overflow. No check of buying power: it has happened.
    [[nodiscard]] bool rebook(const TapedFill& fill, Quantity quantity, Money value, Money fee);

    /// A split or dividend changes the positions and the cash of all accounts. `price`, in the new
    /// basis, pays for fractions.
    void on_corporate_action(InstrumentId instrument, const CorporateActionData& action,
                             Price price);

    /// Over all cash and positions, in a fixed order.
    [[nodiscard]] std::uint64_t state_hash() const noexcept;

    /// See core/base/state_archive.hpp.
    void persist(StateArchive& a);

private:
    static constexpr std::uint32_t kNoRow = 0xffff'ffff;

    const InstrumentTable& instruments_;
    std::size_t currencies_;
    std::vector<std::uint32_t> rows_;  // by AccountId
    std::vector<AccountKind> kinds_;   // by row
    std::vector<Money> cash_;          // by row, CurrencyId
    std::vector<Quantity> positions_;  // by row, InstrumentId
};

}  // namespace fermata

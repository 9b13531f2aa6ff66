#pragma once

#include <optional>
#include <vector>

#include "core/market/mark_table.hpp"
#include "core/types/ids.hpp"
#include "core/types/instrument.hpp"
#include "core/types/number.hpp"

namespace fermata {

class StateArchive;

/// A shard's copy of an account, kept from the fills and account events that it consumed and valued
/// at the marks that it has seen. Every shard sees all of them, so every shard sees the same
/// numbers.
class AccountView {
public:
    AccountView(const InstrumentTable& instruments, const MarkTable& marks, CurrencyId base,
                Money cash);

    [[nodiscard]] CurrencyId base_currency() const noexcept { return base_; }
    [[nodiscard]] Money cash(CurrencyId currency) const noexcept { return cash_[currency.value]; }
    /// Cash in the base currency.
    [[nodiscard]] Money cash() const noexcept { return cash_[base_.value]; }
    [[nodiscard]] Quantity position(InstrumentId id) const noexcept { return positions_[id.value]; }
    /// Cash plus positions at their marks, of the instruments and balances in the base currency.
    /// Other currencies need an FX mark: an instrument whose symbol is the pair, "EURUSD" or
    /// "EUR/USD".
    [[nodiscard]] Money equity() const noexcept;
    /// The same in another currency; nullopt while its rate is not known.
    [[nodiscard]] std::optional<Money> equity_in(CurrencyId currency) const noexcept;

    void set_cash(CurrencyId currency, Money cash) noexcept { cash_[currency.value] = cash; }
    void set_position(InstrumentId id, Quantity position) noexcept;

    /// See core/base/state_archive.hpp.
    void persist(StateArchive& a);

private:
    const InstrumentTable& instruments_;
    const MarkTable& marks_;
    CurrencyId base_;
    std::vector<Money> cash_;          // by CurrencyId
    std::vector<Quantity> positions_;  // by InstrumentId
    std::vector<InstrumentId> held_;   // instruments with a position, ascending
    std::vector<InstrumentId> fx_;     // by CurrencyId: the pair that values it, or none
    std::vector<bool> fx_inverse_;     // by CurrencyId: the pair is BASE/CCY
};

}  // namespace fermata

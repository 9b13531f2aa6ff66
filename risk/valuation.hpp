#pragma once

#include <algorithm>

#include "core/account/account_book.hpp"
#include "core/market/mark_table.hpp"
#include "core/order/exposure.hpp"
#include "risk/findings.hpp"
#include "risk/request.hpp"
#include "risk/wide.hpp"

namespace fermata {

/// A value in an account's base currency, or why there is none (then the value is the largest, so
/// that whoever forgets to look refuses).
struct Valued {
    Value value = kValueMax;
    Fault fault = Fault::kNone;
};

/// Values quantities for an account. Reads the trading stage's books; keeps nothing.
class Valuation {
public:
    Valuation(const InstrumentTable& instruments, const MarkTable& marks,
              const AccountBook& accounts, const ExposureBook& exposures) noexcept
        : instruments_(instruments), marks_(marks), accounts_(accounts), exposures_(exposures) {}

    /// nullptr before the first price.
    [[nodiscard]] const Mark* mark(InstrumentId i) const noexcept {
        if (i.value >= marks_.size()) return nullptr;
        const Mark& m = marks_[i];
        return m.valid() ? &m : nullptr;
    }

    /// |price| x |quantity| x multiplier, in the account's base currency; exact if that is the
    /// instrument's own.
    [[nodiscard]] Valued value(AccountId a, const Instrument& instrument, Price price,
                               WideQuantity quantity) const noexcept {
        const WideQuantity size = quantity < 0 ? -quantity : quantity;
        if (size > Quantity::max().raw()) return {kValueMax, Fault::kOverflow};
        const Value exact = exact_value(price, Quantity::from_raw(static_cast<std::int64_t>(size)),
                                        instrument.multiplier);
        if (instrument.currency == accounts_.base(a)) [[likely]]
            return {exact, Fault::kNone};
        return convert(a, instrument.currency, exact);
    }

    /// |amount| of any currency in the account's base currency.
    [[nodiscard]] Valued value(AccountId a, CurrencyId c, Money amount) const noexcept {
        if (c == accounts_.base(a)) [[likely]]
            return {to_value(amount), Fault::kNone};
        return convert(a, c, to_value(amount));
    }

    /// The same at the mark of an instrument.
    [[nodiscard]] Valued value_at_mark(AccountId a, InstrumentId i,
                                       WideQuantity quantity) const noexcept {
        if (quantity == 0) return {0, Fault::kNone};
        const Mark* m = mark(i);
        if (m == nullptr) return {kValueMax, Fault::kNoMark};
        return value(a, instruments_[i], m->price(), quantity);
    }

    /// Where the open orders of an account could take its position in an instrument.
    [[nodiscard]] Reach reach(AccountId a, InstrumentId i) const noexcept {
        const Exposure& e = exposures_.at(a, i);
        const WideQuantity position = accounts_.position(a, i).raw();
        return {position, position - e.sell.raw(), position + e.buy.raw()};
    }

    [[nodiscard]] const AccountBook& accounts() const noexcept { return accounts_; }
    [[nodiscard]] const ExposureBook& exposures() const noexcept { return exposures_; }

private:
    /// Rounds up to money first: another currency's value is not exact anyway.
    [[nodiscard]] Valued convert(AccountId a, CurrencyId c, Value value) const noexcept {
        const Money amount = money_above(value);
        if (amount == Money::max()) return {kValueMax, Fault::kOverflow};
        const auto base = accounts_.in_base(a, c, amount);
        if (!base) return {kValueMax, Fault::kUnknownEquity};
        return {to_value(*base), Fault::kNone};
    }

    const InstrumentTable& instruments_;
    const MarkTable& marks_;
    const AccountBook& accounts_;
    const ExposureBook& exposures_;
};

}  // namespace fermata

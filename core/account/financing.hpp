#pragma once

#include <cstdint>
#include <vector>

#include "core/event/order_event.hpp"
#include "core/types/ids.hpp"
#include "core/types/number.hpp"

namespace fermata {

/// Annual rates of one currency, 0.05 for 5%.
struct InterestRates {
    Ratio debit;   ///< Paid on a negative balance.
    Ratio credit;  ///< Received on a positive one.
};

/// What a broker charges overnight.
///
/// Interest: balance x rate x calendar days / 360 (act/360, as brokers reckon margin loans), half
/// to
///           even to the micro. The balance is the cash without the proceeds of short sales, which
///           lie with the lender of the stock (so minus the value of short positions at their
///           marks), and without the notional of futures, which is not paid.
/// Borrow:   value of a short position at its mark x rate x calendar days / 360. Not for futures,
///           options and currencies, which are not borrowed.
/// Futures:  the variation since the trade or the last settlement is realised, average cost and
/// lots
///           begin anew at the mark. Cash does not move, because a fill moved the whole notional
///           (AccountBook::settled_cash says what a broker states).
struct FinancingRates {
    std::vector<InterestRates> interest;  ///< By CurrencyId; what is missing bears none.
    std::vector<Ratio> borrow;  ///< By InstrumentId; what is missing has `borrow_default`.
    Ratio borrow_default;
};

/// What the end of a day booked.
struct Accrual {
    PositionChange change = PositionChange::kFinancing;
    AccountId account;
    InstrumentId instrument;  ///< Not of kFinancing.
    CurrencyId currency;
    Money amount;      ///< What the account gains; negative: pays.
    Money cash_after;  ///< In `currency`. A settlement does not move it.
};

}  // namespace fermata

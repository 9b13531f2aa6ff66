// Splits and dividends on positions, cash and marks. See account_book.hpp.

#include <algorithm>

#include "core/account/account_book.hpp"

namespace fermata {
namespace {

Quantity absolute(Quantity q) { return q.is_negative() ? -q : q; }

/// `magnitude x numerator / denominator`, rounded down; nullopt when it does not fit.
std::optional<Quantity> rescaled(Quantity magnitude, const CorporateActionData& split) noexcept {
    const __int128 raw =
        static_cast<__int128>(magnitude.raw()) * split.numerator / split.denominator;
    if (raw > Quantity::max().raw()) return std::nullopt;
    return Quantity::from_raw(static_cast<std::int64_t>(raw));
}

/// Shares come whole; what trades in fractions keeps them down to its lot.
Quantity whole_units(Quantity magnitude, Quantity lot) noexcept {
    const std::int64_t unit = std::min(lot.raw(), Quantity::kOne);
    return Quantity::from_raw(magnitude.raw() / unit * unit);
}

/// A price after the split; nullopt when it does not fit.
std::optional<Price> rescaled(Price price, const CorporateActionData& split) noexcept {
    const auto raw =
        divide_half_even(static_cast<__int128>(price.raw()) * split.denominator, split.numerator);
    return raw ? std::optional<Price>(Price::from_raw(*raw)) : std::nullopt;
}

}  // namespace

Result<ActionBooking, NumberError> AccountBook::book_action(AccountId a, InstrumentId i,
                                                            const CorporateActionData& action) {
    const MarkSlot& m = marks_[i.value];
    const Holding& h = holding(a, i);
    ActionBooking booking{h.quantity, Money::zero(), cash(a, m.currency)};
    if (h.quantity.is_zero()) return booking;
    if (action.kind == CorporateActionKind::kSplit) return book_split(a, i, action);
    // A holder is paid, a short pays: the sign of the position says which.
    const auto amount = notional(action.cash, h.quantity, m.multiplier);
    if (!amount) return Err{amount.error()};
    if (!fits(static_cast<__int128>(booking.cash.raw()) + amount->raw())) {
        return Err{NumberError::kOverflow};
    }
    add_cash(a, m.currency, *amount);
    booking.amount = *amount;
    booking.cash = cash(a, m.currency);
    return booking;
}

Result<ActionBooking, NumberError> AccountBook::book_split(AccountId a, InstrumentId i,
                                                           const CorporateActionData& split) {
    FERMATA_ASSERT(split.numerator > 0 && split.denominator > 0);
    Holding& h = holdings_[holding_index(a, i)];
    const MarkSlot& m = marks_[i.value];
    const auto exact = rescaled(absolute(h.quantity), split);
    const auto price = rescaled(m.price, split);
    if (!exact || !price) return Err{NumberError::kOverflow};
    const Quantity kept = whole_units(*exact, instruments_[i].lot);
    const bool is_long = h.quantity.is_positive();
    // The fraction of a share is sold (bought back, for a short) at the rescaled mark.
    const Quantity fraction = *exact - kept;
    const auto paid = notional(*price, is_long ? fraction : -fraction, m.multiplier);
    if (!paid) return Err{paid.error()};
    const auto room = [&](Money sum, Money by) {
        return fits(static_cast<__int128>(sum.raw()) + by.raw());
    };
    if (!room(cash(a, m.currency), *paid) || !room(*paid, -h.cost) || !room(*paid, -h.cost_fifo)) {
        return Err{NumberError::kOverflow};
    }
    Money sold, sold_fifo;  // the cost of the fraction
    if (exact->is_zero()) {
        sold = h.cost;
        sold_fifo = lots_.take(h.lots, absolute(h.quantity));
    } else {
        lots_.rescale(h.lots, absolute(h.quantity), *exact);
        if (fraction.is_positive()) {
            sold = cost_share(h.cost, fraction, *exact);
            sold_fifo = lots_.take(h.lots, fraction);
        }
    }
    h.cost -= sold;
    h.cost_fifo -= sold_fifo;
    h.realized += *paid - sold;
    h.realized_fifo += *paid - sold_fifo;
    set_quantity(a, i, is_long ? kept : -kept);
    add_cash(a, m.currency, *paid);
    return ActionBooking{h.quantity, *paid, cash(a, m.currency)};
}

Quantity AccountBook::adjust_strategy(StrategyId s, InstrumentId i,
                                      const CorporateActionData& action) {
    Quantity& own = strategy_positions_[strategy_index(s, i)];
    if (action.kind != CorporateActionKind::kSplit || own.is_zero()) return own;
    const auto exact = rescaled(absolute(own), action);
    if (!exact) return own;  // the account's position did not fit either: the alert says so
    const Quantity kept = whole_units(*exact, instruments_[i].lot);
    own = own.is_positive() ? kept : -kept;
    return own;
}

void AccountBook::adjust_mark(InstrumentId i, const CorporateActionData& action) {
    const MarkSlot& m = marks_[i.value];
    if (!m.known) return;
    if (action.kind == CorporateActionKind::kSplit) {
        if (const auto price = rescaled(m.price, action)) on_mark(i, *price);
        return;
    }
    on_mark(i, m.price - action.cash);
}

}  // namespace fermata

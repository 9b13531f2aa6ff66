// Splits and dividends on positions, cash and marks. See account_book.hpp.

#include "core/account/account_book.hpp"

namespace fermata {
namespace {

__int128 wide(Money m) noexcept { return m.raw(); }
__int128 magnitude(Money m) noexcept { return m.raw() < 0 ? -wide(m) : wide(m); }
Quantity absolute(Quantity q) { return q.is_negative() ? -q : q; }

}  // namespace

Result<ActionBooking, NumberError> AccountBook::book_action(AccountId a, InstrumentId i,
                                                            const CorporateActionData& action) {
    const MarkSlot& m = marks_[i.value];
    const Holding& h = holding(a, i);
    ActionBooking booking{h.quantity, Money::zero(), cash(a, m.currency)};
    if (h.quantity.is_zero()) return booking;
    const auto price = rebase_price(action, m.price);
    if (!price) return Err{price.error()};
    const auto adjusted =
        adjust_position(action, h.quantity, instruments_[i].lot, m.multiplier, *price);
    if (!adjusted) return Err{adjusted.error()};
    if (!fits(wide(booking.cash) + wide(adjusted->cash))) return Err{NumberError::kOverflow};
    if (action.kind == CorporateActionKind::kSplit) {
        const auto done = book_split(a, i, action, *adjusted);
        if (!done) return Err{done.error()};
    }
    add_cash(a, m.currency, adjusted->cash);
    booking.position = h.quantity;
    booking.amount = adjusted->cash;
    booking.cash = cash(a, m.currency);
    return booking;
}

Status<NumberError> AccountBook::book_split(AccountId a, InstrumentId i,
                                            const CorporateActionData& split,
                                            const AdjustedPosition& adjusted) {
    Holding& h = holdings_[holding_index(a, i)];
    const __int128 exact_raw =
        static_cast<__int128>(absolute(h.quantity).raw()) * split.numerator / split.denominator;
    const __int128 largest = magnitude(adjusted.cash) + magnitude(h.cost) + magnitude(h.cost_fifo) +
                             magnitude(h.realized) + magnitude(h.realized_fifo);
    if (exact_raw > Quantity::max().raw() || !fits(largest)) return Err{NumberError::kOverflow};

    // What is paid in cash is a disposal of the fraction, oldest lots first.
    const auto exact = Quantity::from_raw(static_cast<std::int64_t>(exact_raw));
    const Quantity fraction = exact - absolute(adjusted.quantity);
    Money sold, sold_fifo;
    if (exact.is_zero()) {  // less than the smallest quantity is left
        sold = h.cost;
        sold_fifo = lots_.take(h.lots, absolute(h.quantity));
    } else {
        lots_.rescale(h.lots, absolute(h.quantity), exact);
        if (fraction.is_positive()) {
            sold = cost_share(h.cost, fraction, exact);
            sold_fifo = lots_.take(h.lots, fraction);
        }
    }
    h.cost -= sold;
    h.cost_fifo -= sold_fifo;
    h.realized += adjusted.cash - sold;
    h.realized_fifo += adjusted.cash - sold_fifo;
    set_quantity(a, i, adjusted.quantity);
    return Unit{};
}

Quantity AccountBook::adjust_strategy(StrategyId s, InstrumentId i,
                                      const CorporateActionData& action) {
    Quantity& own = strategy_positions_[strategy_index(s, i)];
    if (action.kind != CorporateActionKind::kSplit) return own;
    const auto adjusted = adjust_position(action, own, instruments_[i].lot,
                                          marks_[i.value].multiplier, Price::zero());
    // When it does not fit, the account's position did not either, and the alert has said so.
    if (adjusted) own = adjusted->quantity;
    return own;
}

void AccountBook::adjust_mark(InstrumentId i, const CorporateActionData& action) {
    const MarkSlot& m = marks_[i.value];
    if (!m.known) return;
    const auto price = rebase_price(action, m.price);
    if (!price) return;
    on_mark(i, action.kind == CorporateActionKind::kDividend ? *price - action.cash : *price);
}

}  // namespace fermata

// Splits and dividends on positions, cash and marks. See account_book.hpp.

#include "core/account/account_book.hpp"

namespace fermata {

/// A position after an action, with the cash that moves, at the mark before it.
Result<AdjustedPosition, NumberError> AccountBook::adjusted(const AveragePosition& position,
                                                            InstrumentId i,
                                                            const CorporateActionData& action,
                                                            Price mark) const {
    const auto price = rebase_price(action, mark);
    if (!price) return Err{price.error()};
    return adjust_position(action, position.quantity, instruments_[i].lot,
                           marks_[i.value].multiplier, *price);
}

Result<ActionBooking, NumberError> AccountBook::book_action(AccountId a, InstrumentId i,
                                                            const CorporateActionData& action) {
    const MarkSlot& m = marks_[i.value];
    Holding& h = holdings_[holding_index(a, i)];
    ActionBooking booking{h.average.quantity, Money::zero(), cash(a, m.currency)};
    if (h.average.quantity.is_zero()) return booking;
    const auto after = adjusted(h.average, i, action, m.price);
    if (!after) return Err{after.error()};
    if (!fits(static_cast<__int128>(booking.cash.raw()) + after->cash.raw())) {
        return Err{NumberError::kOverflow};
    }
    if (action.kind == CorporateActionKind::kSplit) {
        const auto parts = parts_of(h.average.quantity, action, *after);
        if (!parts) return Err{parts.error()};
        if (!h.average.has_room(after->cash) || !h.lots.has_room(after->cash)) {
            return Err{NumberError::kOverflow};
        }
        AveragePosition average = h.average;
        average.split(*parts);
        h.lots.split(lots_, *parts);
        h.average.cost = average.cost;
        h.average.realized = average.realized;
        set_quantity(a, i, average.quantity);
    }
    add_cash(a, m.currency, after->cash);
    booking.position = h.average.quantity;
    booking.amount = after->cash;
    booking.cash = cash(a, m.currency);
    return booking;
}

Quantity AccountBook::adjust_strategy(StrategyId s, InstrumentId i,
                                      const CorporateActionData& action) {
    AveragePosition& own = strategy_positions_[strategy_index(s, i)];
    split_strategy(own, i, action, marks_[i.value].price);
    return own.quantity;
}

void AccountBook::split_strategy(AveragePosition& own, InstrumentId i,
                                 const CorporateActionData& action, Price mark) const {
    if (action.kind != CorporateActionKind::kSplit || own.quantity.is_zero()) return;
    const auto after = adjusted(own, i, action, mark);
    // When it does not fit, the account's position did not either, and the alert has said so.
    if (!after) return;
    const auto parts = parts_of(own.quantity, action, *after);
    if (parts && own.has_room(after->cash)) own.split(*parts);
}

void AccountBook::adjust_mark(InstrumentId i, const CorporateActionData& action) {
    const MarkSlot& m = marks_[i.value];
    Booking booking;
    booking.kind = Booking::Kind::kAction;
    booking.instrument = i;
    booking.action = action;
    booking.price = m.price;
    remember(booking);
    if (!m.known) return;
    const auto price = rebase_price(action, m.price);
    if (!price) return;
    on_mark(i, action.kind == CorporateActionKind::kDividend ? *price - action.cash : *price, m.ts,
            MarkSource::kAdjusted);
}

}  // namespace fermata

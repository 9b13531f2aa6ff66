// Fills that are taken back or changed. See account_book.hpp.

#include "core/account/account_book.hpp"

namespace fermata {

/// Books on a position what was booked before, on the live one or on the checkpoint's. `lots` is
/// null for a strategy, which has none. Cash is the caller's business.
Status<NumberError> AccountBook::rebook(const Booking& b, AccountId a, AveragePosition& average,
                                        LotPosition* lots, LotPool& pool,
                                        FillBooking* result) const {
    const InstrumentId i = b.instrument;
    switch (b.kind) {
        case Booking::Kind::kFill: {
            if (b.quantity.is_zero()) return Unit{};
            const auto value = notional(b.price, b.quantity, marks_[i.value].multiplier);
            if (!value) return Err{value.error()};
            if (!average.has_room(b.side, b.quantity, *value) ||
                (lots != nullptr && !lots->has_room(*value))) {
                return Err{NumberError::kOverflow};
            }
            const FillParts parts = parts_of(average.quantity, b.side, b.quantity, *value);
            const Money realized = average.fill(parts, b.side);
            if (lots == nullptr) return Unit{};
            const Money realized_lots =
                lots->fill(pool, parts, b.ts, b.number, account(a).lots, b.named);
            if (result != nullptr) {
                result->value = *value;
                result->realized = realized;
                result->realized_lots = realized_lots;
            }
            return Unit{};
        }
        case Booking::Kind::kSettlement: {
            if (lots == nullptr || average.quantity.is_zero()) return Unit{};
            const auto value = notional(b.price, average.quantity, marks_[i.value].multiplier);
            // What does not fit is not settled, as settle() does.
            if (!value || !average.has_room(*value) || !lots->has_room(*value)) return Unit{};
            average.settle(*value);
            lots->settle(pool, average.quantity, *value);
            return Unit{};
        }
        case Booking::Kind::kAction: {
            if (lots == nullptr) {
                split_strategy(average, i, b.action, b.price);
                return Unit{};
            }
            if (b.action.kind != CorporateActionKind::kSplit || average.quantity.is_zero()) {
                return Unit{};
            }
            const auto after = adjusted(average, i, b.action, b.price);
            // What does not fit leaves the position alone, as book_action does.
            if (!after) return Unit{};
            const auto parts = parts_of(average.quantity, b.action, *after);
            if (!parts || !average.has_room(after->cash) || !lots->has_room(after->cash)) {
                return Unit{};
            }
            average.split(*parts);
            lots->split(pool, *parts);
            return Unit{};
        }
    }
    return Unit{};
}

void AccountBook::remember(const Booking& booking) {
    if (booking.kind == Booking::Kind::kAction && journal_.empty(booking.instrument)) {
        move_checkpoint(booking);
        return;
    }
    if (journal_.full()) {
        move_checkpoint(journal_.oldest());
        journal_.drop_oldest();
    }
    journal_.add(booking);
}

/// What was booked once fits again, so there is no error to look at.
void AccountBook::move_checkpoint(const Booking& b) {
    const InstrumentId i = b.instrument;
    const auto account_moves = [&](AccountId a) {
        Checkpoint& c = checkpoint_[holding_index(a, i)];
        FERMATA_ASSERT(rebook(b, a, c.average, &c.lots, checkpoint_lots_, nullptr).ok());
    };
    const auto strategy_moves = [&](StrategyId s) {
        FERMATA_ASSERT(rebook(b, AccountId{}, strategy_checkpoint_[strategy_index(s, i)], nullptr,
                              checkpoint_lots_, nullptr)
                           .ok());
    };
    if (b.kind == Booking::Kind::kFill) return move_checkpoint_by_fill(b);
    if (b.kind == Booking::Kind::kSettlement) return account_moves(b.account);
    for (std::uint16_t n = 0; n < accounts(); ++n) account_moves(AccountId{n});
    for (std::uint16_t n = 0; n < strategies(); ++n) strategy_moves(StrategyId{n});
}

/// With what the fill is known to have done; only lots are taken anew. Every fill comes here once.
void AccountBook::move_checkpoint_by_fill(const Booking& b) {
    if (b.quantity.is_zero()) return;
    Checkpoint& c = checkpoint_[holding_index(b.account, b.instrument)];
    AveragePosition& own = strategy_checkpoint_[strategy_index(b.strategy, b.instrument)];
    const Quantity moved = b.side == Side::kBuy ? b.quantity : -b.quantity;
    c.lots.fill(checkpoint_lots_, parts_of(c.average.quantity, b.side, b.quantity, b.value), b.ts,
                b.number, account(b.account).lots, b.named);
    c.average.quantity += moved;
    c.average.cost += b.cost;
    c.average.realized += b.realized;
    own.quantity += moved;
    own.cost += b.own_cost;
    own.realized += b.own_realized;
}

/// The cash that the remembered bookings moved, in the instrument's currency and before fees.
__int128 AccountBook::flow_since(AccountId a, InstrumentId i) const {
    __int128 flow = 0;
    AveragePosition position;  // only its quantity counts
    position.quantity = checkpoint_[holding_index(a, i)].average.quantity;
    journal_.for_each(i, [&](const Booking& b) {
        if (b.kind == Booking::Kind::kFill) {
            if (b.account != a || b.quantity.is_zero()) return;
            const auto value = notional(b.price, b.quantity, marks_[i.value].multiplier);
            __int128 quantity = static_cast<__int128>(b.quantity.raw()) * sign(b.side);
            quantity += position.quantity.raw();
            if (!value || !fits(quantity)) return;  // rebuild() says so
            flow -= static_cast<__int128>(value->raw()) * sign(b.side);
            position.quantity = Quantity::from_raw(static_cast<std::int64_t>(quantity));
            return;
        }
        if (b.kind == Booking::Kind::kSettlement || position.quantity.is_zero()) return;
        const auto after = adjusted(position, i, b.action, b.price);
        if (!after) return;
        flow += after->cash.raw();
        position.quantity = after->quantity;
    });
    return flow;
}

/// Sets the positions that a fill is part of to what their remembered bookings make of them.
Status<NumberError> AccountBook::rebuild(const Booking& fill, FillBooking* result) {
    const AccountId a = fill.account;
    const InstrumentId i = fill.instrument;
    Holding& h = holdings_[holding_index(a, i)];
    const Checkpoint& c = checkpoint_[holding_index(a, i)];
    const std::size_t strategy = strategy_index(fill.strategy, i);
    AveragePosition average = c.average;
    AveragePosition own = strategy_checkpoint_[strategy];
    lots_.clear(h.lots.lots);
    h.lots.cost = c.lots.cost;
    h.lots.realized = c.lots.realized;
    lots_.copy(h.lots.lots, checkpoint_lots_, c.lots.lots);
    Status<NumberError> status = Unit{};
    journal_.for_each(i, [&](Booking& b) {
        const bool action = b.kind == Booking::Kind::kAction;
        const bool own_fill = b.kind == Booking::Kind::kFill && b.strategy == fill.strategy;
        if (status && (action || b.account == a)) {
            const AveragePosition before = average;
            status = rebook(b, a, average, &h.lots, lots_, &b == &fill ? result : nullptr);
            b.cost = average.cost - before.cost;
            b.realized = average.realized - before.realized;
        }
        if (status && (action || own_fill)) {
            const AveragePosition before = own;
            status = rebook(b, a, own, nullptr, lots_, nullptr);
            b.own_cost = own.cost - before.cost;
            b.own_realized = own.realized - before.realized;
        }
    });
    if (!status) return status;
    h.average.cost = average.cost;
    h.average.realized = average.realized;
    set_quantity(a, i, average.quantity);
    strategy_positions_[strategy] = own;
    return status;
}

Status<ReversalError> AccountBook::replace_fill(Booking& fill, Price price, Quantity quantity,
                                                Money fee, FillBooking* result) {
    const AccountId a = fill.account;
    const InstrumentId i = fill.instrument;
    const CurrencyId currency = marks_[i.value].currency;
    const CurrencyId fee_currency = fill.fee_currency;
    const Booking old = fill;
    __int128 flow = -flow_since(a, i);
    fill.price = price;
    fill.quantity = quantity;
    fill.fee = fee;
    fill.value = notional(price, quantity, marks_[i.value].multiplier).value_or(Money::zero());
    flow += flow_since(a, i);
    const __int128 fees = static_cast<__int128>(fee.raw()) - old.fee.raw();
    const __int128 both = currency == fee_currency ? flow - fees : flow;
    const bool cash_fits =
        fits(fees) && fits(flow) && fits(cash(a, currency).raw() + both) &&
        fits(cash(a, fee_currency).raw() - fees + (currency == fee_currency ? flow : 0)) &&
        fits(this->fees(a, fee_currency).raw() + fees);
    if (!cash_fits || !rebuild(fill, result)) {
        fill = old;
        FERMATA_ASSERT(rebuild(fill, nullptr).ok());
        return Err{ReversalError::kOverflow};
    }
    add_cash(a, currency, Money::from_raw(static_cast<std::int64_t>(both)));
    if (fees != 0) {
        const Money more = Money::from_raw(static_cast<std::int64_t>(fees));
        if (currency != fee_currency) add_cash(a, fee_currency, -more);
        balance(a, fee_currency).fees += more;
    }
    return Unit{};
}

Status<ReversalError> AccountBook::cancel_fill(AccountId a, InstrumentId i, std::uint64_t fill_id) {
    FERMATA_ASSERT(contains(a) && i.value < marks_.size());
    Booking* fill = journal_.find_fill(a, i, fill_id);
    if (fill_id == 0 || fill == nullptr) return Err{ReversalError::kUnknownFill};
    return replace_fill(*fill, fill->price, Quantity::zero(), Money::zero(), nullptr);
}

Result<FillBooking, ReversalError> AccountBook::change_fill(AccountId a, InstrumentId i,
                                                            std::uint64_t fill_id, Price price,
                                                            Quantity quantity, Money fee) {
    FERMATA_ASSERT(contains(a) && i.value < marks_.size() && quantity.is_positive());
    Booking* fill = journal_.find_fill(a, i, fill_id);
    if (fill_id == 0 || fill == nullptr) return Err{ReversalError::kUnknownFill};
    FillBooking booking;
    const auto done = replace_fill(*fill, price, quantity, fee, &booking);
    if (!done) return Err{done.error()};
    booking.cash_after = cash(a, marks_[i.value].currency);
    booking.position_after = position(a, i);
    booking.strategy_position_after = strategy_position(fill->strategy, i);
    return booking;
}

}  // namespace fermata

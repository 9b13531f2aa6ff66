#pragma once

#include "core/account/account_book.hpp"
#include "core/event/order_event.hpp"

namespace fermata {

/// The kPosition record of what an end of day booked: the account's cash in the accrual's currency
/// and its position in the accrual's instrument, as they stand. Interest has no instrument: its
/// record is about instrument 0, with the account's true position there, so that whoever keeps
/// positions from records takes no harm.
[[nodiscard]] inline OrderEvent to_record(const Accrual& accrual, const AccountBook& book,
                                          Timestamp ts) noexcept {
    OrderEvent e = make_order_event(OrderEventType::kPosition, ts, accrual.instrument);
    e.data.position = PositionData{};
    PositionData& d = e.data.position;
    d.position = book.position(accrual.account, accrual.instrument);
    d.cash = accrual.cash_after;
    d.amount = accrual.amount;
    d.strategy = StrategyId{0xffff};
    d.account = accrual.account;
    d.currency = accrual.currency;
    d.change = accrual.change;
    return e;
}

}  // namespace fermata

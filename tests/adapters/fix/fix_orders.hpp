#pragma once

#include "adapters/fix/dialect.hpp"
#include "core/event/order_event.hpp"

namespace fermata::fix::test {

inline constexpr VenueId kVenue{1};

inline Dialect dialect() {
    Dialect d;
    d.venue = kVenue;
    d.symbols = {"SPY", "QQQ"};
    d.accounts = {"U1", "U2"};
    d.currencies = {"USD", "EUR"};
    d.mass_cancel = d.mass_status = true;
    return d;
}

/// 100 SPY at 187.25 on 2026-01-05 at 14:30:00.125 UTC.
inline OrderEvent limit_order(std::uint32_t count) {
    OrderEvent e = make_order_event(OrderEventType::kSendNew, Timestamp{1'767'623'400'125'000'000},
                                    InstrumentId{0});
    e.data.new_order = NewOrderData{};
    NewOrderData& d = e.data.new_order;
    d.order_id = make_client_order_id(20'779, 1, count);
    d.price = Price::from_raw(187'250'000'000);
    d.quantity = Quantity::from_units(100);
    d.type = OrderType::kLimit;
    d.venue = kVenue;
    return e;
}

inline OrderEvent change_of(std::uint32_t count, std::uint64_t change, OrderEventType type) {
    OrderEvent e = make_order_event(type, Timestamp{1'767'623'400'125'000'000}, InstrumentId{0});
    e.data.change = ChangeOrderData{};
    e.data.change.order_id = make_client_order_id(20'779, 1, count);
    e.data.change.change_id = change;
    e.data.change.venue = kVenue;
    e.data.change.quantity = Quantity::from_units(100);
    return e;
}

}  // namespace fermata::fix::test

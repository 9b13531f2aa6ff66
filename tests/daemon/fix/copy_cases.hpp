#pragma once

/// Fills on record, and what a drop copy says of them.

#include <gtest/gtest.h>

#include <optional>

#include "daemon/fix/drop_copy_reconciler.hpp"

namespace fermata::test {

inline constexpr VenueId kVenue{1}, kOther{2};
inline constexpr Timestamp kStart{1'000'000'000'000};

inline Timestamp at(std::int64_t ms) { return kStart + Duration::milliseconds(ms); }

/// A fill of 10 at 5 of order 1, unless it is said otherwise.
struct Case {
    std::uint64_t exec = 7;
    std::int64_t price = 5, quantity = 10;
    std::uint32_t instrument = 0;
    std::uint16_t account = 0;
    Side side = Side::kBuy;
    std::uint64_t order = 1;
    VenueId venue = kVenue;
};

inline OrderEvent sent(const Case& c) {
    OrderEvent e = make_order_event(OrderEventType::kSendNew, kStart, InstrumentId{c.instrument});
    e.data.new_order = NewOrderData{};
    e.data.new_order.order_id = ClientOrderId{c.order};
    e.data.new_order.venue = c.venue;
    e.data.new_order.side = c.side;
    e.data.new_order.account = AccountId{c.account};
    return e;
}
/// The report of a fill, as the trading stage consumed it, and the fill that it booked.
inline OrderEvent reported(const Case& c, Timestamp ts) {
    OrderEvent e = make_order_event(OrderEventType::kExecution, ts, InstrumentId{c.instrument});
    e.data.execution = ExecutionData{};
    e.data.execution.exec_type = ExecType::kTrade;
    e.data.execution.exec_id = ExecId{c.exec};
    e.data.execution.venue = c.venue;
    e.data.execution.order_id = ClientOrderId{c.order};
    return e;
}
inline OrderEvent booked(const Case& c, Timestamp ts) {
    OrderEvent e = make_order_event(OrderEventType::kFill, ts, InstrumentId{c.instrument});
    e.data.fill = FillData{};
    e.data.fill.order_id = ClientOrderId{c.order};
    e.data.fill.exec_id = ExecId{c.exec};
    e.data.fill.price = Price::from_units(c.price);
    e.data.fill.quantity = Quantity::from_units(c.quantity);
    e.data.fill.account = AccountId{c.account};
    e.data.fill.side = c.side;
    return e;
}
inline void own(DropCopyReconciler& reconciler, const Case& c, Timestamp ts,
                std::uint64_t position = 0) {
    reconciler.on_record(reported(c, ts));
    OrderEvent fill = booked(c, ts);
    fill.seq = position;
    reconciler.on_record(fill);
}
inline DropCopyReport copy(const Case& c, Timestamp ts) {
    DropCopyReport r;
    r.event = make_order_event(OrderEventType::kExecution, ts, InstrumentId{c.instrument});
    r.event.data.execution = ExecutionData{};
    r.counts = true;
    ExecutionData& x = r.event.data.execution;
    x.exec_type = ExecType::kTrade;
    x.exec_id = ExecId{c.exec};
    x.venue = c.venue;
    x.order_id = ClientOrderId{c.order};
    x.last_price = Price::from_units(c.price);
    x.last_quantity = Quantity::from_units(c.quantity);
    r.account = AccountId{c.account};
    r.side = static_cast<std::uint8_t>(c.side);
    return r;
}

inline DropCopyReconciler::Settings settings(std::optional<Duration> book_after = std::nullopt) {
    DropCopyReconciler::Settings s;
    s.venues = {{kVenue, book_after}};
    return s;
}

}  // namespace fermata::test

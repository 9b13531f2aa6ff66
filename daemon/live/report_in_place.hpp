#pragma once

#include "core/event/order_event.hpp"
#include "core/port/order_link.hpp"
#include "core/types/time.hpp"

namespace fermata {

/// A report about an order in its venue's place: what the venue's answers say, and no report of it
/// said. With nothing open, and what is on record as filled.
[[nodiscard]] inline OrderEvent report_in_place(Timestamp now, const KnownOrder& order,
                                                ExecType type, OrderReason reason) {
    OrderEvent e = make_order_event(OrderEventType::kExecution, now, order.instrument);
    e.source = order.venue.value;
    e.data.execution = ExecutionData{};
    ExecutionData& x = e.data.execution;
    x.venue = order.venue;
    x.order_id = order.id;
    x.exec_type = type;
    x.reason = reason;
    x.cumulative_quantity = order.cumulative_quantity;
    return e;
}

}  // namespace fermata

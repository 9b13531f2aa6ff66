#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include "core/event/order_event.hpp"
#include "core/types/decimal.hpp"

namespace fermata::test {

/// Everything on record about one order and what was sent for it, one line each, for whoever looks
/// into a failure.
[[nodiscard]] inline std::string order_story(const std::vector<OrderEvent>& records, OrderTag tag) {
    std::set<std::uint64_t> ids;  // of what was sent for it
    std::string out;
    for (const OrderEvent& e : records) {
        const auto& d = e.data;
        if (e.type == OrderEventType::kSendNew && d.new_order.tag == tag) {
            ids.insert(d.new_order.order_id.value);
            out += "\n  send_new " + to_string(d.new_order.quantity);
        } else if ((e.type == OrderEventType::kSendCancel ||
                    e.type == OrderEventType::kSendReplace) &&
                   d.change.tag == tag) {
            out += "\n  " + std::string(name(e.type)) + " " + to_string(d.change.quantity);
        } else if (e.type == OrderEventType::kOrderUpdate && d.update.tag == tag) {
            out += "\n    " + std::string(name(d.update.previous)) + " -> " +
                   std::string(name(d.update.state)) + ", " +
                   to_string(d.update.cumulative_quantity) + " of " + to_string(d.update.quantity);
        } else if (e.type == OrderEventType::kExecution &&
                   ids.contains(d.execution.order_id.value)) {
            out += "\n  " + std::string(name(d.execution.exec_type)) + " " +
                   to_string(d.execution.last_quantity) + ", cumulative " +
                   to_string(d.execution.cumulative_quantity) + ", leaves " +
                   to_string(d.execution.leaves_quantity);
        } else if (e.type == OrderEventType::kCorrection &&
                   ids.contains(d.correction.order_id.value)) {
            out += "\n  " + std::string(name(d.correction.kind)) + " of " +
                   std::to_string(d.correction.ref_exec_id.value) + " to " +
                   to_string(d.correction.quantity) + ", leaves " +
                   to_string(d.correction.leaves_quantity);
        } else if (e.type == OrderEventType::kAlert && ids.contains(d.alert.order_id.value)) {
            out += "\n    " + std::string(name(d.alert.code));
        }
    }
    return out;
}

}  // namespace fermata::test

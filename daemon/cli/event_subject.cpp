#include "daemon/cli/event_subject.hpp"

namespace fermata {

EventSubject subject_of(const OrderEvent& event) noexcept {
    const auto& d = event.data;
    switch (event.type) {
        case OrderEventType::kNewOrder:
        case OrderEventType::kSendNew:
            return {d.new_order.order_id, d.new_order.tag, d.new_order.strategy};
        case OrderEventType::kCancel:
        case OrderEventType::kReplace:
        case OrderEventType::kSendCancel:
        case OrderEventType::kSendReplace:
            return {d.change.order_id, d.change.tag, d.change.strategy};
        case OrderEventType::kVerdict:
            return {d.verdict.order_id, d.verdict.tag, d.verdict.strategy};
        case OrderEventType::kExecution:
            return {d.execution.order_id, {}, std::nullopt};
        case OrderEventType::kOrderUpdate:
            return {d.update.order_id, d.update.tag, d.update.strategy};
        case OrderEventType::kFill:
            return {d.fill.order_id, d.fill.tag, d.fill.strategy};
        case OrderEventType::kAccount:
        case OrderEventType::kPosition:
            return {{}, {}, d.position.strategy};
        case OrderEventType::kTimerSet:
        case OrderEventType::kTimer:
            return {{}, {}, d.timer.strategy};
        case OrderEventType::kAlert:
            return {d.alert.order_id, {}, std::nullopt};
        case OrderEventType::kNone:
        case OrderEventType::kControl:
        case OrderEventType::kMark:
        case OrderEventType::kConsumed:
        case OrderEventType::kEquity:
            break;
    }
    return {};
}

}  // namespace fermata

#include "adapters/fix/report_resolver.hpp"

#include "adapters/fix/order_text.hpp"

namespace fermata::fix {
namespace {

bool ends(ExecType type) noexcept {
    return type == ExecType::kCanceled || type == ExecType::kExpired || type == ExecType::kRejected;
}

OrderReason end_reason(TimeInForce tif, bool expired) noexcept {
    if (tif == TimeInForce::kIoc || tif == TimeInForce::kFok) return OrderReason::kNoLiquidity;
    if (!expired) return OrderReason::kNone;
    return tif == TimeInForce::kGtd ? OrderReason::kExpireTime : OrderReason::kSessionEnd;
}

std::optional<OrderType> type_of(char code) noexcept {
    switch (code) {
        case '1':
            return OrderType::kMarket;
        case '2':
            return OrderType::kLimit;
        case '3':
            return OrderType::kStop;
        case '4':
            return OrderType::kStopLimit;
        case 'J':
            return OrderType::kMarketIfTouched;
        case 'K':
            return OrderType::kMarketToLimit;
        default:
            return std::nullopt;
    }
}

Quantity less(Quantity a, Quantity b) noexcept { return a > b ? a - b : Quantity::zero(); }

}  // namespace

std::optional<OrderEvent> ReportResolver::resolve(InboundReport report,
                                                  bool& unattributed) noexcept {
    unattributed = false;
    using Kind = InboundReport::Kind;
    OrderEvent& e = report.event;
    if (report.kind == Kind::kReject) {
        ExecutionData& x = e.data.execution;
        const SentRequest* request = orders_.request(report.reference);
        if (request != nullptr) {
            x.order_id = request->id.order;
            if (request->type == OrderEventType::kSendCancel) {
                x.exec_type = ExecType::kCancelRejected;
            } else if (request->type == OrderEventType::kSendReplace) {
                x.exec_type = ExecType::kReplaceRejected;
            }
        } else if (x.order_id.value == 0 || report.change != 0) {
            unattributed = true;  // which of a cancel and a replace it was nobody knows any more
            return std::nullopt;
        }
    }
    const bool correction = report.kind == Kind::kCorrection;
    const ClientOrderId id = correction ? e.data.correction.order_id : e.data.execution.order_id;
    SentOrder* order = orders_.find(id);
    if (order == nullptr && (report.kind == Kind::kStatus || report.kind == Kind::kExecution)) {
        learn(report);
        order = orders_.find(id);
    }
    if (order != nullptr) e.instrument = order->instrument;
    if (e.instrument.value == 0xffff'ffff) e.instrument = InstrumentId{0};
    if (correction) {
        CorrectionData& c = e.data.correction;
        if (order != nullptr) {
            order->leaves_quantity = c.leaves_quantity;
            order->cumulative_quantity = c.cumulative_quantity;
            order->over = c.leaves_quantity.is_zero();
        }
        return e;
    }
    ExecutionData& x = e.data.execution;
    if (report.kind == Kind::kStatus) {
        note_name(report, order);
        return std::nullopt;
    }
    if (report.kind == Kind::kNote) {
        if (!report.acknowledges || order == nullptr || order->acknowledged) return std::nullopt;
        x.exec_type = ExecType::kNew;
    }
    if (order != nullptr) complete(report, *order, x);
    return e;
}

/// A venue calls an order by the newest request that it accepted: the next one must name that, also
/// when the report of its acceptance was lost.
void ReportResolver::note_name(const InboundReport& report, SentOrder* order) noexcept {
    const OrderState state = order_state(report.status);
    const bool open = !is_terminal(state) && state != OrderState::kPendingReplace &&
                      state != OrderState::kPendingCancel;
    if (order != nullptr && open && report.change > order->accepted) {
        order->accepted = report.change;
    }
}

void ReportResolver::complete(const InboundReport& report, SentOrder& order,
                              ExecutionData& x) noexcept {
    const bool refused = report.kind == InboundReport::Kind::kCancelReject ||
                         report.kind == InboundReport::Kind::kReject;
    if (refused) {
        x.leaves_quantity = order.leaves_quantity;
        x.cumulative_quantity = order.cumulative_quantity;
        if (x.exec_type == ExecType::kRejected) x.leaves_quantity = Quantity::zero();
        if (is_terminal(order_state(report.status))) x.leaves_quantity = Quantity::zero();
        order.over = order.over || x.leaves_quantity.is_zero();
        return;
    }
    const bool terms = x.exec_type == ExecType::kReplaced || x.exec_type == ExecType::kRestated;
    if (terms) {
        if (x.exec_type == ExecType::kReplaced && report.change != 0) {
            order.accepted = report.change;
        }
        if (report.has_quantity) order.quantity = report.quantity;
        if (report.has_limit) order.price = report.limit;
        if (report.has_stop) order.stop_price = report.stop;
        x.price = order.price;
        x.stop_price = order.stop_price;
    }
    if (!report.has_cumulative) {
        x.cumulative_quantity = order.cumulative_quantity;
        std::int64_t sum = 0;
        if (x.exec_type == ExecType::kTrade &&
            !__builtin_add_overflow(order.cumulative_quantity.raw(), x.last_quantity.raw(), &sum)) {
            x.cumulative_quantity = Quantity::from_raw(sum);
        }
    }
    if (!report.has_leaves) {
        x.leaves_quantity =
            ends(x.exec_type) ? Quantity::zero() : less(order.quantity, x.cumulative_quantity);
    }
    if (x.exec_type == ExecType::kCanceled && x.reason == OrderReason::kNone) {
        x.reason = report.requested ? OrderReason::kRequested : end_reason(order.tif, false);
    }
    if (x.exec_type == ExecType::kExpired && x.reason == OrderReason::kNone) {
        x.reason = end_reason(order.tif, true);
    }
    order.acknowledged = order.acknowledged || x.exec_type != ExecType::kRejected;
    order.cumulative_quantity = x.cumulative_quantity;
    order.leaves_quantity = x.leaves_quantity;
    order.over =
        ends(x.exec_type) || (x.exec_type == ExecType::kTrade && x.leaves_quantity.is_zero());
}

/// An order of a process before this one, of which the venue tells.
void ReportResolver::learn(const InboundReport& report) noexcept {
    const ExecutionData& x = report.event.data.execution;
    const auto type = type_of(report.order_type);
    if (x.order_id.value == 0 || !report.has_symbol || report.side == 0xff) return;
    SentOrder order;
    order.id = x.order_id;
    order.quantity = report.quantity;
    order.cumulative_quantity = x.cumulative_quantity;
    order.leaves_quantity = x.leaves_quantity;
    order.price = report.limit;
    order.stop_price = report.stop;
    // A venue calls an order by the request that is in force; a report that answers a cancel calls
    // it by that, and the order is over then.
    order.accepted = report.change;
    order.instrument = report.event.instrument;
    order.account = report.account;
    order.side = static_cast<Side>(report.side);
    order.type = type.value_or(report.has_limit ? OrderType::kLimit : OrderType::kMarket);
    order.acknowledged = true;
    order.over = is_terminal(order_state(report.status));
    static_cast<void>(orders_.insert(order));  // without it a cancel is answered as unknown
}

}  // namespace fermata::fix

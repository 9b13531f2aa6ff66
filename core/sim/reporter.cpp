#include "core/sim/reporter.hpp"

#include "core/base/assert.hpp"

namespace fermata {
namespace {

constexpr bool ends_the_order(ExecType type) noexcept {
    return type == ExecType::kCanceled || type == ExecType::kRejected || type == ExecType::kExpired;
}

}  // namespace

OrderEvent Reporter::make(const SimOrder& order, ExecType type) noexcept {
    OrderEvent event = make_order_event(OrderEventType::kExecution, now_, order.instrument);
    event.cause = cause_;
    event.source = config_.venue.value;
    ExecutionData data;
    data.order_id = order.id;
    data.venue_order_id = order.venue_order_id;
    data.exec_id = ExecId{numbered(++executions_)};
    data.leaves_quantity = ends_the_order(type) ? Quantity::zero() : order.leaves();
    data.cumulative_quantity = order.cumulative;
    data.venue = config_.venue;
    data.exec_type = type;
    data.price = is_unreachable(order.price) ? Price::zero() : order.price;
    data.stop_price = is_unreachable(order.stop_price) ? Price::zero() : order.stop_price;
    event.data.execution = data;
    return event;
}

void Reporter::report(const SimOrder& order, ExecType type, OrderReason reason) {
    OrderEvent event = make(order, type);
    event.data.execution.reason = reason;
    send(event);
}

ExecId Reporter::fill(const SimOrder& order, Price price, Quantity quantity, Money fee,
                      CurrencyId currency, Liquidity liquidity) {
    OrderEvent event = make(order, ExecType::kTrade);
    ExecutionData& data = event.data.execution;
    data.last_price = price;
    data.last_quantity = quantity;
    data.fee = fee;
    data.fee_currency = currency;
    data.liquidity = liquidity;
    send(event);
    return data.exec_id;
}

ExecId Reporter::correct(InstrumentId instrument, CorrectionData data) {
    OrderEvent event = make_order_event(OrderEventType::kCorrection, now_, instrument);
    event.cause = cause_;
    event.source = config_.venue.value;
    data.exec_id = ExecId{numbered(++executions_)};
    data.venue = config_.venue;
    event.data.correction = data;
    send(event);
    return data.exec_id;
}

void Reporter::send(const OrderEvent& report) {
    if (config_.latency_out > Duration{}) {
        queue_.push_message(DelayQueue::Kind::kReport, now_ + config_.latency_out, report);
    } else {
        deliver(report);
    }
}

void Reporter::deliver(const OrderEvent& report) {
    FERMATA_ASSERT(out_ != nullptr);
    OrderEvent& event = out_->push(report);
    event.ts = now_;
    event.feed_position = feed_position_;
}

}  // namespace fermata

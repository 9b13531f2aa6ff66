#include "strategies/execute.hpp"

#include <algorithm>

#include "core/base/state_archive.hpp"
#include "core/strategy/context.hpp"
#include "core/strategy/rounding.hpp"

namespace fermata {

void Execute::on_start(StrategyContext& context) {
    orders_.assign(context.instruments().size(), Order{});
    if (terms_.request.kind != AlgoKind::kVwap) return;
    for (const InstrumentId id : context.instruments()) context.algorithms().watch_volume(id);
}

Execute::Order* Execute::find(StrategyContext& context, InstrumentId id) noexcept {
    for (std::size_t i = 0; i < orders_.size(); ++i) {
        if (context.instruments()[i] == id) return &orders_[i];
    }
    return nullptr;
}

void Execute::on_price(StrategyContext& context, InstrumentId id) {
    Order* order = find(context, id);
    if (order == nullptr || order->parent.value != 0) return;
    if (!order->priced) {
        const std::size_t days = context.algorithms().days_watched(id);
        const bool warms_up = terms_.request.kind == AlgoKind::kVwap;
        if (warms_up && days < static_cast<std::size_t>(terms_.warm_up_days)) return;
        order->priced = true;
        order->begin = context.now() + terms_.after;
    }
    ask(context, id, *order);
}

void Execute::on_session(StrategyContext& context, InstrumentId id, bool open) {
    Order* order = find(context, id);
    if (order == nullptr) return;
    order->closed = !open;
    if (order->priced && order->parent.value == 0) ask(context, id, *order);
}

/// It asks at the next price.
void Execute::on_halt(StrategyContext& context, InstrumentId id, bool halted) {
    if (Order* order = find(context, id); order != nullptr) order->halted = halted;
}

void Execute::ask(StrategyContext& context, InstrumentId id, Order& order) {
    if (order.closed || order.halted || context.now() < order.not_before) return;
    AlgoRequest request = terms_.request;
    request.instrument = id;
    request.quantity = context.size(id, context.mark(id));
    if (terms_.price != 0) {
        request.price = price_on_tick(terms_.price, context.instrument(id).tick_at(context.now()),
                                      request.side == Side::kBuy ? Rounding::kDown : Rounding::kUp);
    }
    request.begin = std::max(order.begin, context.now());
    if (terms_.over.ns > 0) request.end = request.begin + terms_.over;
    // Without a size yet (a volatility that is not known), it waits.
    order.parent = context.algorithms().execute(context, request);
}

void Execute::on_order(StrategyContext& context, InstrumentId id, const OrderUpdateData& update) {
    Order* order = find(context, id);
    if (order == nullptr || order->parent.value == 0 || order->parent != update.tag) return;
    if (update.state != OrderState::kDenied && update.state != OrderState::kRejected) return;
    order->parent = OrderTag{};
    order->pause = std::clamp(order->pause + order->pause, kPauseMin, kPauseMax);
    order->not_before = context.now() + order->pause;
}

void Execute::Order::persist(StateArchive& a) {
    a.all<Order>(parent, begin, not_before, pause, priced, closed, halted);
}

bool Execute::persist(StateArchive& a) {
    a(orders_);
    return true;
}

}  // namespace fermata

// The children of an execution algorithm: what is sent, where to and at which price. See
// algo_desk.hpp.

#include <algorithm>

#include "core/algo/algo_desk.hpp"
#include "core/indicator/to_double.hpp"
#include "core/strategy/context.hpp"
#include "core/strategy/rounding.hpp"

namespace fermata {

/// Sends what is due and not at work yet; asks again what found no session.
void AlgoDesk::work(StrategyContext& context, Work& w) noexcept {
    if (w.child.held_back()) {
        if (context.now() < w.retry_at) return;
        w.child.retry();
        return w.child.sync(context);
    }
    if (w.state != State::kWorking || w.closed || w.halted || context.now() < w.terms.begin ||
        context.now() < w.retry_at) {
        return;
    }
    const Quantity left = w.terms.quantity - std::min(w.filled, w.terms.quantity);
    switch (w.terms.kind) {
        case AlgoKind::kIceberg: {
            if (w.child.is_live()) return;
            const Quantity lot = context.instrument(w.instrument).lot;
            Quantity slice = w.terms.slice.is_zero() ? left : w.terms.slice;
            const double factor = 1 + to_double(w.terms.randomness) * (2 * w.random.uniform() - 1);
            if (!w.terms.randomness.is_zero()) {
                slice = std::max(whole_lots(to_double(slice) * factor, lot), lot);
            }
            return set_child(context, w, std::min(slice, left));
        }
        case AlgoKind::kPeg:
            if (w.child.is_live()) return;
            return set_child(context, w,
                             w.terms.slice.is_zero() ? left : std::min(w.terms.slice, left));
        default: {
            if (w.child.is_live()) return;
            const Quantity due = w.due > w.filled ? w.due - w.filled : Quantity::zero();
            const Quantity lot = context.instrument(w.instrument).lot;
            const Quantity least =
                w.terms.kind == AlgoKind::kPov && due < left ? std::max(w.terms.slice, lot) : lot;
            if (due < least) return;
            if (w.routed) return route_child(context, w, std::min(due, left));
            set_child(context, w, std::min(due, left));
        }
    }
}

OrderRequest AlgoDesk::child_request(const Work& w, Quantity quantity) noexcept {
    OrderRequest child;
    child.instrument = w.instrument;
    child.side = w.side;
    child.quantity = quantity;
    child.parent = w.terms.tag;
    child.venue = w.venue;
    child.price = w.terms.price;
    child.type = w.terms.price.is_zero() ? OrderType::kMarket : OrderType::kLimit;
    if (w.terms.kind == AlgoKind::kPeg) {
        child.type = OrderType::kPegged;
        child.offset_kind = w.peg;
        child.offset = w.offset.raw();
    } else if (w.terms.kind != AlgoKind::kIceberg) {
        child.tif = TimeInForce::kIoc;
    }
    return child;
}

void AlgoDesk::set_child(StrategyContext& context, Work& w, Quantity quantity) noexcept {
    const bool was_live = w.child.is_live();
    w.child.want(child_request(w, quantity));
    w.child.retry();
    w.child.sync(context);
    if (!was_live && w.child.is_live()) ++w.children;
}

void AlgoDesk::route_child(StrategyContext& context, Work& w, Quantity quantity) noexcept {
    const auto route = router_.choose(w.instrument, w.side, w.terms.price, w.multiplier);
    if (!route) return;
    OrderRequest child;
    child.instrument = w.instrument;
    child.side = w.side;
    child.quantity =
        whole_lots(std::min(quantity, route->quantity), context.instrument(w.instrument).lot);
    if (!child.quantity.is_positive()) return;
    child.parent = w.terms.tag;
    child.venue = route->venue;
    child.type = OrderType::kLimit;
    child.price = route->price;
    child.tif = TimeInForce::kIoc;
    w.child.want(child);
    w.child.retry();
    w.child.sync(context);
    if (!w.child.is_live()) return;
    ++w.children;
    w.child_sent = child.quantity;
    w.child_filled = Quantity::zero();
    router_.sent(w.instrument, w.side, route->venue, child.quantity);
    OrderEvent e = make_order_event(OrderEventType::kRoute, context.now(), w.instrument);
    e.data.route = RouteData{};
    RouteData& d = e.data.route;
    d.parent = w.terms.tag;
    d.child = w.child.tag();
    d.price = route->price;
    d.displayed = route->quantity;
    d.fee = route->fee;
    d.cost = route->cost;
    d.next_cost = route->next_cost;
    d.latency = route->latency;
    d.fill_rate = route->fill_rate;
    d.strategy = w.terms.strategy;
    d.venue = route->venue;
    d.next_venue = route->next;
    d.candidates = route->candidates;
    context.record(e);
}

/// Takes a live child to the price in force. `ask` false: only wants it, where somebody else sees
/// to it.
void AlgoDesk::bound_child(StrategyContext& context, Work& w, bool ask) noexcept {
    if (w.routed) {
        if (is_beyond_bound(w, w.child.wanted().price)) w.child.withdraw();
    } else {
        w.child.want(child_request(w, w.child.wanted().quantity));
    }
    if (ask) w.child.sync(context);
}

bool AlgoDesk::is_beyond_bound(const Work& w, Price price) noexcept {
    if (w.terms.price.is_zero() || price.is_zero()) return false;
    return w.side == Side::kBuy ? price > w.terms.price : price < w.terms.price;
}

}  // namespace fermata

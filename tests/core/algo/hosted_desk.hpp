#pragma once

#include "core/algo/algo_desk.hpp"
#include "tests/core/strategy/hosted_strategy.hpp"

namespace fermata::test {

[[nodiscard]] inline bool is_child(const NewOrderData& o) { return o.parent.value != 0; }

/// The algorithms of a hosted strategy.
struct Desk : HostedStrategy {
    explicit Desk(Multiplier multiplier = Multiplier::from_units(1))
        : HostedStrategy({}, 1, multiplier) {
        // Two venues are quoted, by the streams 0 and 1.
        routing.venue_of_stream = {VenueId{0}, VenueId{1}};
        routing.venues = {{VenueId{0}, {}, {}, {}}, {VenueId{1}, {}, {}, {}}};
        start();
    }
    /// To this time of the run's first day, or later ones; the next event is a second behind it.
    void pass_to(Duration time) { pass(Timestamp{} + time - now()); }
    OrderTag begin(AlgoRequest r) {
        OrderTag tag;
        act([&](StrategyContext& c) {
            if (r.end.ns != 0) r.end = c.now() + Duration{r.end.ns};
            tag = c.algorithms().execute(c, r);
        });
        return tag;
    }
    /// The child that is at work.
    Seen child() { return only(is_child); }
    std::size_t live_children() {
        std::size_t n = 0;
        for (const Seen& o : live()) n += is_child(o.order) ? 1 : 0;
        return n;
    }
    const AlgoReportData* report() {
        for (const OrderEvent& e : records) {
            if (e.type == OrderEventType::kAlgoReport) return &e.data.algo_report;
        }
        return nullptr;
    }
    std::size_t actions(AlgoAction action) {
        std::size_t n = 0;
        for (const OrderEvent& e : records) {
            n += e.type == OrderEventType::kAlgo && e.data.algo.action == action ? 1 : 0;
        }
        return n;
    }
};

/// `end` counts from the beginning.
[[nodiscard]] inline AlgoRequest request(AlgoKind kind, std::int64_t quantity, Duration over = {}) {
    AlgoRequest r;
    r.kind = kind;
    r.quantity = units(quantity);
    r.end = Timestamp{over.ns};
    return r;
}

}  // namespace fermata::test

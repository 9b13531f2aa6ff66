// Rows of corrections, execution algorithms and routing. See event_rows.hpp.

#include "adapters/postgres/event_rows.hpp"
#include "adapters/postgres/row_values.hpp"

namespace fermata::postgres {
namespace {

constexpr std::uint16_t kNoVenue = 0xffff;

}  // namespace

void EventRows::correction(const OrderEvent& event, CopyRows& out) const {
    const CorrectionData& d = event.data.correction;
    const bool corrects = d.kind == CorrectionKind::kCorrect;
    key(out, 18, event, d.order_id);
    out.int4(d.venue.value);
    out.int8(d.venue_order_id.value);
    out.int8(d.exec_id.value);
    out.int8(d.ref_exec_id.value);
    out.int8(std::int64_t{event.instrument.value});
    out.text(name(d.kind));
    numeric_if(out, corrects, d.quantity);
    numeric_if(out, corrects, d.price);
    numeric_if(out, corrects, d.fee);
    if (corrects) {
        out.int4(d.fee_currency.value);
    } else {
        out.null();
    }
    out.numeric(d.leaves_quantity);
    out.numeric(d.cumulative_quantity);
}

void EventRows::algo(const OrderEvent& event, CopyRows& out) const {
    const AlgoData& d = event.data.algo;
    key(out, 19, event);
    out.int8(d.tag.value);
    out.int4(d.strategy.value);
    out.int4(d.account.value);
    out.int8(std::int64_t{event.instrument.value});
    out.text(name(d.kind));
    out.text(name(d.action));
    out.numeric(d.quantity);
    numeric_if(out, !d.price.is_zero(), d.price);
    timestamp_if(out, d.begin.ns != 0, d.begin);
    timestamp_if(out, d.end.ns != 0, d.end);
    out.numeric(d.rate);
    numeric_if(out, !d.slice.is_zero(), d.slice);
    out.numeric(d.randomness);
    out.int8(d.seed);
}

void EventRows::algo_report(const OrderEvent& event, CopyRows& out) const {
    const AlgoReportData& d = event.data.algo_report;
    key(out, 20, event);
    out.int8(d.tag.value);
    out.int4(d.strategy.value);
    out.int8(std::int64_t{event.instrument.value});
    out.text(name(d.kind));
    out.text(name(d.side));
    out.numeric(d.quantity);
    out.numeric(d.filled);
    out.int4(d.children);
    out.numeric(d.arrival);
    numeric_if(out, d.filled.is_positive(), d.average);
    numeric_if(out, d.market_volume.is_positive(), d.interval_vwap);
    numeric_if(out, !d.interval_twap.is_zero(), d.interval_twap);
    out.numeric(d.last);
    out.numeric(d.shortfall);
    out.numeric(d.market_volume);
}

void EventRows::route(const OrderEvent& event, CopyRows& out) const {
    const RouteData& d = event.data.route;
    const bool another = d.next_venue.value != kNoVenue;
    key(out, 19, event);
    out.int8(d.child.value);
    out.int8(d.parent.value);
    out.int4(d.strategy.value);
    out.int8(std::int64_t{event.instrument.value});
    out.int4(d.venue.value);
    out.numeric(d.price);
    out.numeric(d.displayed);
    out.numeric(d.fee);
    out.numeric(d.cost);
    if (another) {
        out.int4(d.next_venue.value);
    } else {
        out.null();
    }
    numeric_if(out, another, d.next_cost);
    out.int8(d.latency.ns);
    out.numeric(d.fill_rate);
    out.int4(d.candidates);
}

}  // namespace fermata::postgres

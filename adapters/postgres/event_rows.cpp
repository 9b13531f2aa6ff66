#include "adapters/postgres/event_rows.hpp"

#include <cstring>

#include "adapters/postgres/row_values.hpp"
#include "core/base/crc32c.hpp"
#include "core/event/codec.hpp"

namespace fermata::postgres {
namespace {

constexpr std::array<TableLayout, kTableCount> kLayouts = {{
    {"event",
     "run_day, run_no, stream, position, ts, ts_ns, type, flags, source, instrument, cause, "
     "feed_position, crc, payload"},
    {"orders",
     "run_day, run_no, order_id, position, ts, ts_ns, order_tag, strategy, account, venue, "
     "instrument, side, order_type, time_in_force, quantity, price, stop_price, expires, "
     "feed_position, flags, display_quantity, offset_kind, offset_value, parent, link, link_role"},
    {"order_events",
     "run_day, run_no, order_id, position, ts, ts_ns, event, order_tag, strategy, account, "
     "instrument, state, previous_state, reason, quantity, cumulative_quantity, leaves_quantity, "
     "price, stop_price, filled_value, failed, flags, display_quantity, offset_value"},
    {"fills",
     "run_day, run_no, order_id, position, ts, ts_ns, order_tag, exec_id, strategy, account, "
     "instrument, side, quantity, price, fee, fee_currency, liquidity, realized, cash_after, "
     "position_after, strategy_position_after"},
    {"verdicts",
     "run_day, run_no, order_id, position, ts, ts_ns, order_tag, strategy, account, instrument, "
     "request, approved, failed, checked, failed_codes, first_failed, scope, unit, observed, "
     "limit_value, reference, equity, rules, explanation"},
    {"control_actions",
     "run_day, run_no, position, ts, ts_ns, scope, target, state, cancel_orders, control"},
    {"positions",
     "run_day, run_no, position, ts, ts_ns, event, kind, strategy, account, instrument, quantity, "
     "strategy_quantity, cash, currency, amount, numerator, denominator"},
    {"equity",
     "run_day, run_no, position, ts, ts_ns, kind, account, currency, equity, cash, gross, "
     "realized, unrealized, fees, state_hash, market_events"},
    {"alerts",
     "run_day, run_no, position, ts, ts_ns, code, order_id, strategy, account, instrument, "
     "detail_0, detail_1"},
    {"corrections",
     "run_day, run_no, order_id, position, ts, ts_ns, venue, venue_order_id, exec_id, ref_exec_id, "
     "instrument, kind, quantity, price, fee, fee_currency, leaves_quantity, cumulative_quantity"},
    {"algo_events",
     "run_day, run_no, position, ts, ts_ns, order_tag, strategy, account, instrument, algorithm, "
     "action, quantity, price, begins, ends, rate, slice, randomness, seed"},
    {"algo_reports",
     "run_day, run_no, position, ts, ts_ns, order_tag, strategy, instrument, algorithm, side, "
     "quantity, filled, children, arrival, average, interval_vwap, interval_twap, last, shortfall, "
     "market_volume"},
    {"routes",
     "run_day, run_no, position, ts, ts_ns, order_tag, parent, strategy, instrument, venue, price, "
     "displayed, fee, cost, next_venue, next_cost, latency_ns, fill_rate, candidates"},
}};

bool has_limit(OrderType type) noexcept { return has_limit_price(type); }
bool has_stop(OrderType type) noexcept { return has_stop_price(type); }

std::string_view reason(OrderReason v) noexcept {
    return v == OrderReason::kNone ? std::string_view() : name(v);
}

}  // namespace

const TableLayout& layout(Table table) noexcept {
    return kLayouts[static_cast<std::size_t>(table)];
}

bool EventRows::add(const StoredRecord& record, Buffers& out) const {
    CopyRows& rows = out[static_cast<std::size_t>(Table::kEvent)];
    if (record.is_market) {
        MarketEvent event;
        if (record.payload.size() != sizeof event) return false;
        std::memcpy(static_cast<void*>(&event), record.payload.data(), sizeof event);
        event_row(record, event, rows);
        return true;
    }
    OrderEvent event;
    if (!decode(record.payload, event).ok()) return false;
    event_row(record, event, rows);
    if (record.stream == JournalStream::kTrading) typed_row(event, out);
    return true;
}

void EventRows::event_row(const StoredRecord& record, const OrderEvent& event,
                          CopyRows& out) const {
    out.row(14);
    out.date(run_day_);
    out.int4(run_no_);
    out.int4(static_cast<std::uint16_t>(record.stream));
    out.int8(record.position);
    out.timestamp(event.ts);
    out.int8(event.ts.ns);
    out.int4(static_cast<std::uint8_t>(event.type));
    out.int4(event.flags);
    out.int4(event.source);
    out.int8(std::int64_t{event.instrument.value});
    out.int8(event.cause);
    out.int8(event.feed_position);
    out.int8(std::int64_t{crc32c(record.payload)});
    out.bytes(record.payload);
}

void EventRows::event_row(const StoredRecord& record, const MarketEvent& event,
                          CopyRows& out) const {
    out.row(14);
    out.date(run_day_);
    out.int4(run_no_);
    out.int4(static_cast<std::uint16_t>(record.stream));
    out.int8(record.position);
    out.timestamp(event.ts);
    out.int8(event.ts.ns);
    out.int4(kMarketTypeBase + static_cast<std::uint8_t>(event.type));
    out.int4(event.flags);
    out.int4(event.stream.value);
    out.int8(std::int64_t{event.instrument.value});
    out.int8(std::int64_t{0});
    out.int8(record.position);
    out.int8(std::int64_t{crc32c(record.payload)});
    out.bytes(record.payload);
}

void EventRows::typed_row(const OrderEvent& event, Buffers& out) const {
    const auto to = [&](Table table) -> CopyRows& { return out[static_cast<std::size_t>(table)]; };
    switch (event.type) {
        case OrderEventType::kNewOrder:
            return order(event, to(Table::kOrders));
        case OrderEventType::kCancel:
        case OrderEventType::kReplace:
            return change(event, to(Table::kOrderEvents));
        case OrderEventType::kOrderUpdate:
            return update(event, to(Table::kOrderEvents));
        case OrderEventType::kFill:
            return fill(event, to(Table::kFills));
        case OrderEventType::kVerdict:
            // The answer to a strategy's question decides about no order: in `event` only.
            if (event.data.verdict.action == static_cast<std::uint8_t>(OrderEventType::kPreview)) {
                return;
            }
            return verdict(event, to(Table::kVerdicts));
        case OrderEventType::kControl:
            return control(event, to(Table::kControlActions));
        case OrderEventType::kPosition:
        case OrderEventType::kAccount:
            return holding(event, to(Table::kPositions));
        case OrderEventType::kEquity:
            return equity(event, to(Table::kEquity));
        case OrderEventType::kMark:
            return mark(event, to(Table::kEquity));
        case OrderEventType::kAlert:
            return alert(event, to(Table::kAlerts));
        case OrderEventType::kCorrection:
            return correction(event, to(Table::kCorrections));
        case OrderEventType::kAlgo:
            return algo(event, to(Table::kAlgoEvents));
        case OrderEventType::kAlgoReport:
            return algo_report(event, to(Table::kAlgoReports));
        case OrderEventType::kRoute:
            return route(event, to(Table::kRoutes));
        default:
            return;  // in `event` only
    }
}

void EventRows::key(CopyRows& out, std::size_t columns, const OrderEvent& event) const {
    out.row(columns);
    out.date(run_day_);
    out.int4(run_no_);
    out.int8(event.seq);
    out.timestamp(event.ts);
    out.int8(event.ts.ns);
}

void EventRows::key(CopyRows& out, std::size_t columns, const OrderEvent& event,
                    ClientOrderId id) const {
    out.row(columns);
    out.date(run_day_);
    out.int4(run_no_);
    out.int8(id.value);
    out.int8(event.seq);
    out.timestamp(event.ts);
    out.int8(event.ts.ns);
}

void EventRows::order(const OrderEvent& event, CopyRows& out) const {
    const NewOrderData& d = event.data.new_order;
    key(out, 26, event, d.order_id);
    out.int8(d.tag.value);
    out.int4(d.strategy.value);
    out.int4(d.account.value);
    out.int4(d.venue.value);
    out.int8(std::int64_t{event.instrument.value});
    out.text(name(d.side));
    out.text(name(d.type));
    out.text(name(d.tif));
    out.numeric(d.quantity);
    numeric_if(out, has_limit(d.type) || !d.price.is_zero(), d.price);
    numeric_if(out, has_stop(d.type) || !d.stop_price.is_zero(), d.stop_price);
    timestamp_if(out, d.tif == TimeInForce::kGtd, d.expire_time);
    out.int8(event.feed_position);
    flags(out, d.flags);
    numeric_if(out, !d.display_quantity.is_zero(), d.display_quantity);
    const bool distant = d.offset_kind != OffsetKind::kNone;
    text_or_null(out, distant ? name(d.offset_kind) : std::string_view());
    numeric_if(out, distant, Price::from_raw(d.offset));
    if (d.parent.value != 0) {
        out.int8(d.parent.value);
    } else {
        out.null();
    }
    if (d.link != 0) {
        out.int8(std::int64_t{d.link});
    } else {
        out.null();
    }
    text_or_null(out, d.link_role == LinkRole::kNone ? std::string_view() : name(d.link_role));
}

void EventRows::change(const OrderEvent& event, CopyRows& out) const {
    const ChangeOrderData& d = event.data.change;
    const bool replaces = event.type == OrderEventType::kReplace;
    key(out, 24, event, d.order_id);
    out.text(replaces ? "replace_request" : "cancel_request");
    out.int8(d.tag.value);
    out.int4(d.strategy.value);
    out.int4(d.account.value);
    out.int8(std::int64_t{event.instrument.value});
    for (int i = 0; i < 3; ++i) out.null();  // state, previous_state, reason
    numeric_if(out, replaces, d.quantity);
    for (int i = 0; i < 2; ++i) out.null();  // cumulative, leaves
    numeric_if(out, replaces, d.price);
    numeric_if(out, replaces, d.stop_price);
    out.null();  // filled_value
    out.int8(std::int64_t{0});
    flags(out, 0);
    numeric_if(out, !d.display_quantity.is_zero(), d.display_quantity);
    numeric_if(out, d.offset != 0, Price::from_raw(d.offset));
}

void EventRows::update(const OrderEvent& event, CopyRows& out) const {
    const OrderUpdateData& d = event.data.update;
    key(out, 24, event, d.order_id);
    out.text("update");
    out.int8(d.tag.value);
    out.int4(d.strategy.value);
    out.int4(d.account.value);
    out.int8(std::int64_t{event.instrument.value});
    out.text(name(d.state));
    out.text(name(d.previous));
    text_or_null(out, reason(d.reason));
    out.numeric(d.quantity);
    out.numeric(d.cumulative_quantity);
    out.numeric(d.leaves_quantity);
    numeric_if(out, has_limit(d.type) || !d.price.is_zero(), d.price);
    numeric_if(out, has_stop(d.type) || !d.stop_price.is_zero(), d.stop_price);
    out.numeric(d.average_value);
    out.int8(d.failed);
    flags(out, d.flags);
    out.null();  // display_quantity
    out.null();  // offset_value
}

void EventRows::fill(const OrderEvent& event, CopyRows& out) const {
    const FillData& d = event.data.fill;
    key(out, 21, event, d.order_id);
    out.int8(d.tag.value);
    out.int8(d.exec_id.value);
    out.int4(d.strategy.value);
    out.int4(d.account.value);
    out.int8(std::int64_t{event.instrument.value});
    out.text(name(d.side));
    out.numeric(d.quantity);
    out.numeric(d.price);
    out.numeric(d.fee);
    out.int4(d.fee_currency.value);
    text_or_null(out, liquidity(d.liquidity));
    out.numeric(d.realized);
    out.numeric(d.cash_after);
    out.numeric(d.position_after);
    out.numeric(d.strategy_position_after);
}

std::string_view EventRows::code(std::size_t bit) const {
    return bit < vocabulary_.controls.size() ? std::string_view(vocabulary_.controls[bit].code)
                                             : std::string_view("?");
}

void EventRows::verdict(const OrderEvent& event, CopyRows& out) const {
    const VerdictData& d = event.data.verdict;
    key(out, 24, event, d.order_id);
    out.int8(d.tag.value);
    out.int4(d.strategy.value);
    out.int4(d.account.value);
    out.int8(std::int64_t{event.instrument.value});
    out.text(name(static_cast<OrderEventType>(d.action)));
    out.boolean(d.approved != 0);
    out.int8(d.failed);
    out.int8(d.checked);
    std::array<std::string_view, 64> codes;
    std::size_t count = 0;
    for (std::uint64_t bits = d.failed; bits != 0; bits &= bits - 1) {
        codes[count++] = code(static_cast<std::size_t>(std::countr_zero(bits)));
    }
    out.texts(std::span(codes).first(count));
    if (d.approved != 0) {
        for (int i = 0; i < 5; ++i) out.null();
    } else {
        text_or_null(out, d.first_failed == 0xff ? std::string_view() : code(d.first_failed));
        text_or_null(out, d.scope < vocabulary_.scopes.size()
                              ? std::string_view(vocabulary_.scopes[d.scope])
                              : std::string_view());
        const bool known = d.unit < vocabulary_.units.size();
        text_or_null(out,
                     known ? std::string_view(vocabulary_.units[d.unit].name) : std::string_view());
        const int decimals = known ? vocabulary_.units[d.unit].decimals : 0;
        out.numeric(d.observed, decimals);
        out.numeric(d.limit, decimals);
    }
    out.numeric(d.reference);
    out.numeric(d.equity);
    out.int8(d.config_hash);
    text_or_null(out,
                 d.approved == 0 && vocabulary_.explain ? vocabulary_.explain(d) : std::string());
}

}  // namespace fermata::postgres

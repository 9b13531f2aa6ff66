// Rows of trading states, holdings, equity and alerts. See event_rows.hpp.

#include "adapters/postgres/event_rows.hpp"
#include "adapters/postgres/row_values.hpp"

namespace fermata::postgres {
namespace {

constexpr std::uint16_t kNoStrategy = 0xffff;

}  // namespace

void EventRows::control(const OrderEvent& event, CopyRows& out) const {
    const ControlData& d = event.data.control;
    key(out, 10, event);
    out.text(name(d.scope));
    out.int8(d.target);
    out.text(name(d.state));
    out.boolean(d.cancel_orders != 0);
    out.text(d.control == 0xff ? std::string_view("operator") : code(d.control));
}

void EventRows::holding(const OrderEvent& event, CopyRows& out) const {
    const PositionData& d = event.data.position;
    key(out, 17, event);
    out.text(name(event.type));
    if (d.change == PositionChange::kCorporateAction) {
        out.text(d.kind == CorporateActionKind::kSplit ? "split" : "dividend");
    } else {
        out.text(name(d.change));
    }
    if (d.strategy.value == kNoStrategy) {
        out.null();
    } else {
        out.int4(d.strategy.value);
    }
    out.int4(d.account.value);
    out.int8(std::int64_t{event.instrument.value});
    out.numeric(d.position);
    out.numeric(d.strategy_position);
    out.numeric(d.cash);
    out.int4(d.currency.value);
    out.numeric(d.amount);
    out.int8(d.numerator);
    out.int8(d.denominator);
}

void EventRows::equity(const OrderEvent& event, CopyRows& out) const {
    const EquityData& d = event.data.equity;
    key(out, 16, event);
    out.text("sample");
    out.int4(d.account.value);
    out.int4(d.currency.value);
    out.numeric(d.equity);
    out.numeric(d.cash);
    out.numeric(d.gross);
    out.numeric(d.realized);
    out.numeric(d.unrealized);
    out.numeric(d.fees);
    out.null();
    out.null();
}

void EventRows::mark(const OrderEvent& event, CopyRows& out) const {
    const MarkData& d = event.data.mark;
    key(out, 16, event);
    out.text("mark");
    out.null();
    out.null();
    out.numeric(d.equity);
    for (int i = 0; i < 5; ++i) out.null();
    out.int8(d.state_hash);
    out.int8(d.market_events);
}

void EventRows::alert(const OrderEvent& event, CopyRows& out) const {
    const AlertData& d = event.data.alert;
    const bool about_order = d.order_id.value != 0;
    key(out, 12, event);
    out.text(name(d.code));
    if (about_order) {
        out.int8(d.order_id.value);
        out.int4(d.strategy.value);
        out.int4(d.account.value);
    } else {
        for (int i = 0; i < 3; ++i) out.null();
    }
    out.int8(std::int64_t{event.instrument.value});
    out.int8(d.detail[0]);
    out.int8(d.detail[1]);
}

}  // namespace fermata::postgres

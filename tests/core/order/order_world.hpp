#pragma once

#include <vector>

#include "core/order/order_manager.hpp"
#include "tests/core/account/account_world.hpp"

namespace fermata::test {

/// An order manager over the instruments and accounts of AccountWorld, with short hands to drive
/// it. Times count up by themselves; execution ids too, unless a test sets one.
struct OrderWorld : AccountWorld {
    static constexpr AccountId kMain{0};
    static constexpr StrategyId kStrategy{1};
    static constexpr VenueId kVenue{0};

    AccountBook accounts_book;
    OrderManager orders;
    MarkTable marks;
    EventBuffer out;
    Timestamp now{1'000};
    std::uint64_t tags = 0;
    std::uint64_t execs = 0;

    explicit OrderWorld(OrderManagerConfig config = {64, 1'024, 19'000, 3})
        : accounts_book(AccountWorld::book()),
          orders(config, instruments, accounts_book),
          marks(instruments.size()),
          out(orders.events_max()) {
        orders.use_marks(marks);
    }

    Timestamp tick() { return now = now + Duration::nanoseconds(1); }

    OrderEvent new_order(Side side, Quantity quantity, Price limit,
                         InstrumentId instrument = kSpy) {
        OrderEvent e = make_order_event(OrderEventType::kNewOrder, tick(), instrument);
        e.data.new_order = NewOrderData{};
        e.data.new_order.tag = make_order_tag(kStrategy, ++tags);
        e.data.new_order.strategy = kStrategy;
        e.data.new_order.account = kMain;
        e.data.new_order.venue = kVenue;
        e.data.new_order.side = side;
        e.data.new_order.type = OrderType::kLimit;
        e.data.new_order.tif = TimeInForce::kGtc;
        e.data.new_order.price = limit;
        e.data.new_order.quantity = quantity;
        return e;
    }
    /// Numbers and accepts an order, reserved at its limit; returns its tag.
    OrderTag place(Side side, Quantity quantity, Price limit, InstrumentId instrument = kSpy) {
        OrderEvent e = new_order(side, quantity, limit, instrument);
        orders.number(e);
        out.clear();
        orders.accept(e, limit, out);
        return e.data.new_order.tag;
    }
    /// The same for an intent that the test made; reserved at 100 where it has no limit.
    OrderTag submit(const OrderEvent& intent) {
        OrderEvent e = intent;
        const NewOrderData& d = e.data.new_order;
        orders.number(e);
        out.clear();
        orders.accept(e, has_limit_price(d.type) ? d.price : Price::from_units(100), out);
        return d.tag;
    }
    OrderEvent change(OrderEventType type, OrderTag tag) {
        OrderEvent e = make_order_event(type, tick(), kSpy);
        e.data.change = ChangeOrderData{};
        e.data.change.tag = tag;
        e.data.change.strategy = strategy_of(tag);
        e.data.change.account = kMain;
        return e;
    }
    void cancel(OrderTag tag) {
        out.clear();
        orders.request_cancel(change(OrderEventType::kCancel, tag), out);
    }
    void replace(OrderTag tag, Quantity quantity, Price limit) {
        OrderEvent e = change(OrderEventType::kReplace, tag);
        e.data.change.quantity = quantity;
        e.data.change.price = limit;
        out.clear();
        orders.accept_replace(e, limit, out);
    }

    OrderEvent report(OrderTag tag, ExecType type) {
        OrderEvent e = make_order_event(OrderEventType::kExecution, tick(), kSpy);
        e.data.execution = ExecutionData{};
        const Order* order = orders.find(tag);
        if (order != nullptr) e.data.execution.order_id = order->id;
        e.data.execution.venue = kVenue;
        e.data.execution.exec_id = ExecId{++execs};
        e.data.execution.exec_type = type;
        return e;
    }
    OrderEvent trade(OrderTag tag, Quantity quantity, Price at) {
        OrderEvent e = report(tag, ExecType::kTrade);
        e.data.execution.last_quantity = quantity;
        e.data.execution.last_price = at;
        return e;
    }
    OrderEvent replaced(OrderTag tag, Quantity cumulative, Quantity leaves, Price limit) {
        OrderEvent e = report(tag, ExecType::kReplaced);
        e.data.execution.cumulative_quantity = cumulative;
        e.data.execution.leaves_quantity = leaves;
        e.data.execution.price = limit;
        return e;
    }
    /// The venue takes back or changes the fill that `fill` reported.
    OrderEvent correction(const OrderEvent& fill, CorrectionKind kind, Quantity leaves) {
        OrderEvent e = make_order_event(OrderEventType::kCorrection, tick(), fill.instrument);
        e.data.correction = CorrectionData{};
        CorrectionData& d = e.data.correction;
        d.order_id = fill.data.execution.order_id;
        d.venue = fill.data.execution.venue;
        d.exec_id = ExecId{++execs};
        d.ref_exec_id = fill.data.execution.exec_id;
        d.kind = kind;
        d.leaves_quantity = leaves;
        return e;
    }
    OrderEvent bust(const OrderEvent& fill, Quantity leaves) {
        return correction(fill, CorrectionKind::kBust, leaves);
    }
    void tell(const OrderEvent& e) {
        out.clear();
        if (e.type == OrderEventType::kCorrection) {
            orders.on_correction(e, out);
        } else {
            orders.on_execution(e, out);
        }
    }

    // --- the market ---

    void market(const MarketEvent& e) {
        out.clear();
        marks.update(e);
        if (orders.watches(e)) orders.on_market(e, out);
    }
    void quote(Price bid, Price ask, InstrumentId i = kSpy) {
        market(make_quote(tick(), i, StreamId{0}, {bid, units_of(100), ask, units_of(100)}));
    }
    void print(Price last, InstrumentId i = kSpy) {
        TradeData t;
        t.price = last;
        t.quantity = units_of(1);
        market(make_trade(tick(), i, StreamId{0}, t));
    }
    void bar_open(Price open, InstrumentId i = kSpy) {
        market(make_bar_open(tick(), i, StreamId{0}, open, units_of(1'000)));
    }
    void bar(Price open, Price high, Price low, Price close, InstrumentId i = kSpy) {
        market(make_bar(tick(), i, StreamId{0}, {open, high, low, close, units_of(1'000)}));
    }
    void session(bool open, InstrumentId i = kSpy) {
        MarketEvent e = make_event(MarketEventType::kSession, tick(), i, StreamId{0});
        e.data.session = SessionData{};
        e.data.session.open = open ? 1 : 0;
        market(e);
    }
    static Quantity units_of(std::int64_t n) { return Quantity::from_units(n); }

    /// What was sent to the venue last in the last call.
    NewOrderData sent() const {
        const auto events = emitted(OrderEventType::kSendNew);
        FERMATA_ASSERT(!events.empty());
        return events.back().data.new_order;
    }
    std::size_t sends() const {
        return emitted(OrderEventType::kSendNew).size() +
               emitted(OrderEventType::kSendCancel).size() +
               emitted(OrderEventType::kSendReplace).size();
    }
    OrderUpdateData last_update(OrderTag tag) const {
        OrderUpdateData d;
        bool found = false;
        for (const OrderEvent& e : emitted(OrderEventType::kOrderUpdate)) {
            if (e.data.update.tag != tag) continue;
            d = e.data.update;
            found = true;
        }
        FERMATA_ASSERT(found);
        return d;
    }
    void tell(OrderTag tag, ExecType type) { tell(report(tag, type)); }

    OrderState state(OrderTag tag) const { return orders.find(tag)->state; }
    const Exposure& exposure(InstrumentId i = kSpy) const {
        return orders.exposures().at(kMain, i);
    }
    /// The events of one type that the last call emitted.
    std::vector<OrderEvent> emitted(OrderEventType type) const {
        std::vector<OrderEvent> events;
        for (const OrderEvent& e : out.span()) {
            if (e.type == type) events.push_back(e);
        }
        return events;
    }
    /// The only order update of the last call.
    OrderUpdateData update() const {
        const auto events = emitted(OrderEventType::kOrderUpdate);
        FERMATA_ASSERT(events.size() == 1);
        return events[0].data.update;
    }
    /// The code of the only alert of the last call, or kNone.
    AlertCode alert() const {
        const auto events = emitted(OrderEventType::kAlert);
        FERMATA_ASSERT(events.size() <= 1);
        return events.empty() ? AlertCode::kNone : events[0].data.alert.code;
    }
};

}  // namespace fermata::test

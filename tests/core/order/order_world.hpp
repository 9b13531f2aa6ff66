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
    EventBuffer out;
    Timestamp now{1'000};
    std::uint64_t tags = 0;
    std::uint64_t execs = 0;

    explicit OrderWorld(OrderManagerConfig config = {64, 1'024, 19'000, 3})
        : accounts_book(AccountWorld::book()),
          orders(config, instruments, accounts_book),
          out(orders.events_max()) {}

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
    void tell(const OrderEvent& e) {
        out.clear();
        orders.on_execution(e, out);
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

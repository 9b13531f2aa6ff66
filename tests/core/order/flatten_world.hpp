#pragma once

/// A trading stage in which a flatten comes into force, against a venue that the test plays.

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <map>
#include <vector>

#include "core/order/closing_tag.hpp"
#include "core/order/flattener.hpp"
#include "tests/core/order/stage_world.hpp"

namespace fermata::test {

inline constexpr AccountId kFlattenAccount{0};

struct FlattenWorld : StageWorld {
    std::vector<OrderEvent> orders_sent, cancels_sent, alerts, verdicts;
    std::map<std::uint64_t, std::uint64_t> counts;  // tags, by strategy
    std::map<std::uint64_t, std::int64_t> done;     // filled, by order

    FlattenWorld() {
        stage.use_owners(
            std::vector<FlattenOwner>(kStrategies, FlattenOwner{kFlattenAccount, VenueId{0}}));
        quote();
    }
    void see() {
        for (const OrderEvent& e : sent) {
            if (e.type == OrderEventType::kSendNew) orders_sent.push_back(e);
            if (e.type == OrderEventType::kSendCancel) cancels_sent.push_back(e);
        }
        for (const OrderEvent& e : records) {
            if (e.type == OrderEventType::kAlert) alerts.push_back(e);
        }
        sent.clear();
        records.clear();
    }
    void quote(std::int64_t bid_thousandths = 900) {
        happens(make_quote(now, kSpy, StreamId{0},
                           {price(19, bid_thousandths), units(100), price(20, 100), units(100)}));
        see();
    }
    /// Time goes on, with quotes as fresh as they are.
    void after(Duration time) {
        now = now + time;
        happens(make_event(MarketEventType::kClock, now, InstrumentId{0}, StreamId{0}));
        see();
    }
    ClientOrderId place(std::uint16_t strategy, Side side, std::int64_t quantity) {
        OrderEvent e = order(quantity);
        e.data.new_order.tag = make_order_tag(StrategyId{strategy}, ++counts[strategy]);
        e.data.new_order.strategy = StrategyId{strategy};
        e.data.new_order.side = side;
        intents({e});
        see();
        const ClientOrderId id = orders_sent.back().data.new_order.order_id;
        orders_sent.pop_back();
        return id;
    }
    void report(ClientOrderId id, ExecType type, std::int64_t quantity = 0) {
        OrderEvent e = make_order_event(OrderEventType::kExecution, now, kSpy);
        e.data.execution = ExecutionData{};
        ExecutionData& x = e.data.execution;
        x.order_id = id;
        x.exec_id = ExecId{++executions};
        x.exec_type = type;
        done[id.value] += quantity;
        x.cumulative_quantity = units(done[id.value]);
        const Order* known = orders.find(id);
        const std::int64_t all = known == nullptr ? 0 : known->quantity.raw() / Quantity::kOne;
        if (type == ExecType::kTrade) {
            x.last_price = price(20);
            x.last_quantity = units(quantity);
            x.leaves_quantity = units(all - done[id.value]);
        } else if (type == ExecType::kNew || type == ExecType::kCancelRejected) {
            x.leaves_quantity = units(all - done[id.value]);
        }
        ASSERT_TRUE(from_venue.try_push(e));
        poll();
        see();
    }
    void fill(ClientOrderId id, std::int64_t quantity) { report(id, ExecType::kTrade, quantity); }
    void hold(std::uint16_t strategy, std::int64_t quantity) {
        const Side side = quantity > 0 ? Side::kBuy : Side::kSell;
        const std::int64_t size = quantity > 0 ? quantity : -quantity;
        fill(place(strategy, side, size), size);
    }
    void command(ControlScope scope, std::uint64_t target, std::uint8_t flatten,
                 TradingState state = TradingState::kHalted) {
        OrderEvent e = make_order_event(OrderEventType::kControl, now, InstrumentId{0});
        e.data.control = ControlData{};
        e.data.control.scope = scope;
        e.data.control.target = target;
        e.data.control.state = state;
        e.data.control.flatten = flatten;
        e.data.control.cancel_orders = static_cast<std::uint8_t>(
            state == TradingState::kHalted ? CancelOrders::kAll : CancelOrders::kNone);
        ASSERT_TRUE(control.try_push(e));
        poll();
        see();
    }
    void flatten(ControlScope scope = ControlScope::kFirm, std::uint64_t target = 0) {
        command(scope, target, 1);
    }
    [[nodiscard]] std::int64_t position() const {
        return accounts_book.position(kFlattenAccount, kSpy).raw() / Quantity::kOne;
    }
    [[nodiscard]] std::int64_t position(std::uint16_t strategy) const {
        return accounts_book.strategy_position(StrategyId{strategy}, kSpy).raw() / Quantity::kOne;
    }
    /// The closing order that was sent since the last look; the test fails when there is none.
    NewOrderData take_closing() {
        EXPECT_EQ(orders_sent.size(), 1U);
        if (orders_sent.empty()) return {};
        const NewOrderData d = orders_sent.back().data.new_order;
        orders_sent.clear();
        EXPECT_TRUE(is_closing(d.tag));
        EXPECT_EQ(d.type, OrderType::kLimit);
        EXPECT_EQ(d.tif, TimeInForce::kIoc);
        return d;
    }
    [[nodiscard]] std::vector<FlattenStop> stops() const {
        std::vector<FlattenStop> all;
        for (const OrderEvent& e : alerts) {
            if (e.data.alert.code != AlertCode::kFlattenStopped) continue;
            all.push_back(static_cast<FlattenStop>(e.data.alert.detail[0]));
        }
        return all;
    }
    [[nodiscard]] std::size_t flat_alerts() const {
        return static_cast<std::size_t>(std::count_if(
            alerts.begin(), alerts.end(),
            [](const OrderEvent& e) { return e.data.alert.code == AlertCode::kFlattened; }));
    }
};

inline constexpr auto kSlice = Duration::milliseconds(100);
using Stops = std::vector<FlattenStop>;

}  // namespace fermata::test

// Long random flows against the order manager. See order_fuzz.hpp.

#include "tests/core/order/order_fuzz.hpp"

#include <gtest/gtest.h>

#include "tests/support/state_copy.hpp"

namespace fermata {
namespace {

using test::OrderFlow;
using test::OrderWorld;
using test::units;

TEST_P(OrderFlow, LosesAndDoublesNoFillWhateverTheOrderOfReports) {
    for (int n = 0; n < 12'000; ++n) {
        step();
        if (n % 8 == 0) check();
        if (HasFatalFailure()) FAIL() << "seed " << GetParam() << ", step " << n;
    }
    // Everything ends, everything arrives: nothing may be left.
    for (auto& [tag, o] : venue_) {
        if (!o.live) continue;
        o.live = false;
        send(report(o, ExecType::kExpired));
    }
    std::uint64_t fills = 0;
    while (!on_the_way_.empty()) {
        deliver();
        if (HasFatalFailure()) FAIL() << "seed " << GetParam();
    }
    std::map<std::uint32_t, std::int64_t> position;
    for (const auto& [tag, o] : venue_) {
        position[o.instrument.value] += o.side == Side::kBuy ? o.filled : -o.filled;
    }
    for (const OrderEvent& e : delivered_) {
        fills += e.data.execution.exec_type == ExecType::kTrade ? 1 : 0;
    }
    check();
    EXPECT_EQ(fills_emitted_, fills);
    EXPECT_GT(fills, 500U);
    for (const InstrumentId i : {OrderWorld::kSpy, OrderWorld::kSap}) {
        EXPECT_EQ(w_.accounts_book.position(OrderWorld::kMain, i), units(position[i.value]));
        EXPECT_EQ(w_.exposure(i).buy, Quantity::zero());
        EXPECT_EQ(w_.exposure(i).sell, Quantity::zero());
        EXPECT_EQ(w_.exposure(i).buy_value, Money::zero());
        EXPECT_EQ(w_.exposure(i).sell_value, Money::zero());
    }
    EXPECT_EQ(w_.orders.open_count(), 0U);
    EXPECT_EQ(w_.orders.exposures().reserved_cash(OrderWorld::kMain, w_.usd), Money::zero());
}

TEST_P(OrderFlow, GoesOnAfterARestartAsIfNothingHadHappened) {
    for (int n = 0; n < 6'000; ++n) {
        step();
        if (n % 8 == 0) check();
        if (n % 100 == 0) {
            const std::uint64_t hash = w_.orders.state_hash();
            const ExposureBook exposures = w_.orders.exposures();
            test::restart(w_.accounts_book, w_.AccountWorld::book());
            test::restart(w_.orders, config_, w_.instruments, w_.accounts_book);
            ASSERT_EQ(w_.orders.state_hash(), hash);
            check();
            for (const InstrumentId i : {OrderWorld::kSpy, OrderWorld::kSap}) {
                const Exposure& before = exposures.at(OrderWorld::kMain, i);
                ASSERT_EQ(w_.exposure(i).buy, before.buy);
                ASSERT_EQ(w_.exposure(i).sell_value, before.sell_value);
                ASSERT_EQ(w_.exposure(i).buy_orders, before.buy_orders);
            }
            for (const CurrencyId c : {w_.usd, w_.eur}) {
                ASSERT_EQ(w_.orders.exposures().reserved_cash(OrderWorld::kMain, c),
                          exposures.reserved_cash(OrderWorld::kMain, c));
            }
            ASSERT_EQ(w_.orders.exposures().open_orders(OrderWorld::kStrategy),
                      exposures.open_orders(OrderWorld::kStrategy));
        }
        if (HasFatalFailure()) FAIL() << "seed " << GetParam() << ", step " << n;
    }
    EXPECT_GT(fills_emitted_, 300U);
}

TEST_P(OrderFlow, TakesBackEveryFillThatTheVenueTakesBackAndNoOther) {
    busts_ = true;
    for (int n = 0; n < 8'000; ++n) {
        step();
        if (n % 8 == 0) check();
        if (HasFatalFailure()) FAIL() << "seed " << GetParam() << ", step " << n;
    }
    for (auto& [tag, o] : venue_) o.live = false;
    while (!on_the_way_.empty()) {
        deliver();
        if (HasFatalFailure()) FAIL() << "seed " << GetParam();
    }
    // A bust that arrived late may have brought an order back to life; the venue says it is over.
    for (auto& [tag, o] : venue_) {
        const Order* order = w_.orders.find(OrderTag{tag});
        if (order != nullptr && !is_terminal(order->state)) w_.tell(report(o, ExecType::kExpired));
    }
    std::map<std::uint32_t, std::int64_t> position;
    for (const auto& [tag, o] : venue_) {
        position[o.instrument.value] += o.side == Side::kBuy ? o.filled : -o.filled;
    }
    for (const InstrumentId i : {OrderWorld::kSpy, OrderWorld::kSap}) {
        EXPECT_EQ(w_.accounts_book.position(OrderWorld::kMain, i), units(position[i.value]));
        EXPECT_EQ(w_.exposure(i).open_orders(), 0U);
    }
    // Every order's count is its genuine fills, as far as it is still known.
    for (const auto& [tag, o] : venue_) {
        const Order* order = w_.orders.find(OrderTag{tag});
        if (order == nullptr) continue;
        EXPECT_EQ(order->cumulative_quantity, units(o.filled)) << o.id.value;
    }
    EXPECT_GT(taken_back_, 50U);
}

TEST_P(OrderFlow, KeepsChildrenWithinTheirParents) {
    parents_ = true;
    for (int n = 0; n < 8'000; ++n) {
        step();
        if (n % 8 == 0) check();
        if (n % 500 == 0) {
            const std::uint64_t hash = w_.orders.state_hash();
            test::restart(w_.accounts_book, w_.AccountWorld::book());
            test::restart(w_.orders, config_, w_.instruments, w_.accounts_book);
            ASSERT_EQ(w_.orders.state_hash(), hash);
        }
        if (HasFatalFailure()) FAIL() << "seed " << GetParam() << ", step " << n;
    }
    for (auto& [tag, o] : venue_) {
        if (!o.live) continue;
        o.live = false;
        send(report(o, ExecType::kExpired));
    }
    while (!on_the_way_.empty()) {
        deliver();
        if (HasFatalFailure()) FAIL() << "seed " << GetParam();
    }
    std::map<std::uint64_t, std::int64_t> filled;
    for (const auto& [tag, o] : venue_) filled[o.parent.value] += o.filled;
    std::size_t known = 0;
    for (const auto& [tag, quantity] : allowed_) {
        const Order* parent = w_.orders.find(OrderTag{tag});
        if (parent == nullptr) continue;
        ++known;
        EXPECT_EQ(parent->cumulative_quantity, units(filled[tag]));
        EXPECT_EQ(parent->children, Quantity::zero());
        EXPECT_EQ(parent->state == OrderState::kFilled, filled[tag] == quantity);
    }
    EXPECT_GT(known, 5U);
    EXPECT_GT(refused_children_, 10U);
}

INSTANTIATE_TEST_SUITE_P(Seeds, OrderFlow, ::testing::Range<std::uint64_t>(1, 9));

}  // namespace
}  // namespace fermata

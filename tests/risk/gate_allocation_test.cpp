// After its construction the gate allocates nothing, whatever it is asked. This file replaces the
// global allocation functions of the test program, in order to count.

#include <gtest/gtest.h>

#include <cstdlib>
#include <new>

#include "tests/risk/gate_fixture.hpp"
#include "tests/risk/gate_inputs.hpp"
#include "tests/risk/reference_portfolio.hpp"

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define FERMATA_SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define FERMATA_SANITIZED 1
#endif
#endif

namespace {
std::size_t allocations = 0;
}  // namespace

#ifndef FERMATA_SANITIZED  // sanitizers bring an operator new of their own
void* operator new(std::size_t size) {
    ++allocations;
    if (void* p = std::malloc(size == 0 ? 1 : size)) return p;
    throw std::bad_alloc();
}
void* operator new(std::size_t size, std::align_val_t alignment) {
    ++allocations;
    const auto a = static_cast<std::size_t>(alignment);
    if (void* p = std::aligned_alloc(a, (size + a - 1) / a * a)) return p;
    throw std::bad_alloc();
}
void operator delete(void* p) noexcept { std::free(p); }
void operator delete(void* p, std::size_t) noexcept { std::free(p); }
void operator delete(void* p, std::align_val_t) noexcept { std::free(p); }
void operator delete(void* p, std::size_t, std::align_val_t) noexcept { std::free(p); }
#endif

namespace fermata::testing {
namespace {

TEST(GateAllocation, CountsAtAll) {
#ifdef FERMATA_SANITIZED
    GTEST_SKIP() << "a sanitizer owns operator new";
#endif
    const std::size_t before = allocations;
    ::operator delete(::operator new(7));  // a new-expression might be optimised away
    EXPECT_EQ(allocations, before + 1);
}

TEST(GateAllocation, IsNoneAfterConstruction) {
    RiskConfig config;
    ASSERT_TRUE(config.set_override(Scope::kStrategy, 1, "position", "0.1"));
    ASSERT_TRUE(config.set_limit("stale", "3600s"));
    ASSERT_TRUE(config.set_limit("order_to_trade", "10000"));
    config.set_day_trade_regime({Timestamp::min(), DayTradeMode::kIntradayMargin, 1});
    GateWorld w(config);
    w.instrument(0).sector = w.instrument(1).sector = "technology";
    w.instrument(0).average_daily_volume = quantity("1000000");
    w.trade(0, "100");
    w.hold(1, "10", "50");
    Order live = w.open(w.limit(0, Side::kBuy, "5", "99"));
    Gate& gate = w.gate();
    std::vector<AccountConfig> models(2);
    models[1].margin = AccountConfig::Margin::kRegT;
    const MarginModel margin(w.instruments, models);
    gate.use_margin(margin);
    SnapshotShelf shelf;
    gate.use_snapshots(shelf);
    std::mt19937_64 random(1);
    std::vector<GateSnapshot> snapshots;
    for (std::uint64_t n = 1; n <= 20; ++n) {
        snapshots.push_back(
            random_snapshot(n, std::vector<Price>(5, Price::from_units(100)), random));
    }
    std::uint64_t approved = 0;
    const std::size_t before = allocations;
    for (int i = 0; i < 10'000; ++i) {
        w.now = w.now + Duration::milliseconds(i % 40);
        // Approvals, refusals and equal orders in both directions, with and without a mark.
        const auto instrument = static_cast<std::uint32_t>(i % 7);
        OrderEvent e = w.order(instrument, i % 3 == 0 ? Side::kSell : Side::kBuy, "1");
        e.data.new_order.quantity = Quantity::from_units(1 + i % 60);
        e.data.new_order.strategy = {static_cast<std::uint16_t>(i % 2)};
        e.data.new_order.account = {static_cast<std::uint16_t>(i % 5 == 0 ? 1 : 0)};
        const VerdictData v = gate.check_new(e);
        approved += v.approved;
        if (v.approved != 0) (void)gate.reserve_price(e);
        OrderEvent change = make_order_event(OrderEventType::kReplace, w.now, live.instrument);
        change.data.change = ChangeOrderData{};
        change.data.change.tag = live.tag;
        change.data.change.quantity = Quantity::from_units(1 + i % 30);
        change.data.change.price = live.price;
        approved += gate.check_replace(change, live).approved;
        if (i % 10 == 0) gate.count_cancel(change);
        (void)gate.on_equity({0}, Money::from_units(100'000 + i % 10), w.now);
        if (i % 100 == 0) (void)gate.on_control(ControlData{});
        // What the order manager and the market say.
        live.id = {static_cast<std::uint64_t>(1 + i % 1'000)};
        live.state = i % 3 == 0 ? OrderState::kCanceled : OrderState::kNew;
        live.price = Price::from_units(80 + i % 7);
        w.tell(live);
        if (i % 50 == 0) w.tell_fill(0, "1", i % 400 == 0 ? "120" : "100", 1);
        w.trade(0, i % 2 == 0 ? "100" : "100.01");
        w.quote(1, "49.99", "50.01");
        gate.begin_basket({0});
        if (i % 500 == 0) {
            ASSERT_FALSE(tell_snapshot(
                gate, shelf, std::move(snapshots[static_cast<std::size_t>(i / 500)]), w.now));
        }
        if (i % 1'000 == 0) tell_clock_offset(gate, Duration::seconds(1));
        while (gate.next_trip()) {
            ControlData release;
            for (const auto scope : {ControlScope::kFirm, ControlScope::kStrategy,
                                     ControlScope::kInstrument, ControlScope::kAccount}) {
                release.scope = scope;
                for (release.target = 0; release.target < 2; ++release.target) {
                    (void)gate.on_control(release);
                }
            }
        }
    }
    EXPECT_EQ(allocations, before);
    EXPECT_GT(approved, 1'000U);
    EXPECT_GT(gate.counts().refused, 1'000U);
}

}  // namespace
}  // namespace fermata::testing

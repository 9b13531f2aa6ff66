// Replaces operator new for this test program, to show that orders and accounts allocate nothing
// once they stand.

#include <gtest/gtest.h>

#include <atomic>
#include <cstdlib>
#include <new>
#include <random>

#include "tests/core/order/order_world.hpp"
#include "tests/support/allocation_count.hpp"

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define FERMATA_COUNTS_ALLOCATIONS 0
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define FERMATA_COUNTS_ALLOCATIONS 0
#endif
#endif
#ifndef FERMATA_COUNTS_ALLOCATIONS
#define FERMATA_COUNTS_ALLOCATIONS 1
#endif

namespace {
std::atomic<std::uint64_t> count{0};
}  // namespace

namespace fermata::test {
bool counts_allocations() noexcept { return FERMATA_COUNTS_ALLOCATIONS != 0; }
std::uint64_t allocations() noexcept { return count.load(std::memory_order_relaxed); }
}  // namespace fermata::test

#if FERMATA_COUNTS_ALLOCATIONS
// The array and nothrow forms call these. Not inlined: the compiler would see malloc meet delete.
[[gnu::noinline]] void* operator new(std::size_t size) {
    count.fetch_add(1, std::memory_order_relaxed);
    if (void* p = std::malloc(size == 0 ? 1 : size)) return p;
    throw std::bad_alloc();
}
[[gnu::noinline]] void* operator new(std::size_t size, std::align_val_t alignment) {
    count.fetch_add(1, std::memory_order_relaxed);
    const auto a = static_cast<std::size_t>(alignment);
    if (void* p = std::aligned_alloc(a, (size + a - 1) / a * a)) return p;
    throw std::bad_alloc();
}
[[gnu::noinline]] void operator delete(void* p) noexcept { std::free(p); }
[[gnu::noinline]] void operator delete(void* p, std::size_t) noexcept { std::free(p); }
[[gnu::noinline]] void operator delete(void* p, std::align_val_t) noexcept { std::free(p); }
[[gnu::noinline]] void operator delete(void* p, std::size_t, std::align_val_t) noexcept {
    std::free(p);
}
#endif

namespace fermata {
namespace {

using test::OrderWorld;
using test::price;
using test::units;

TEST(Allocation, CountsWhatIsAllocated) {
    if (!test::counts_allocations()) GTEST_SKIP() << "a sanitizer owns operator new";
    const std::uint64_t before = test::allocations();
    const std::vector<int> v(10);
    EXPECT_EQ(test::allocations() - before, 1U);
}

TEST(Allocation, DoesNotHappenInTheLifeOfAnOrder) {
    if (!test::counts_allocations()) GTEST_SKIP() << "a sanitizer owns operator new";
    OrderWorld w({32, 64, 0, 0});  // small: slots, lots and execution ids are recycled all the time
    std::mt19937_64 random(7);
    MarketEvent split =
        make_event(MarketEventType::kCorporateAction, w.now, OrderWorld::kSpy, StreamId{0});
    split.data.corporate_action = CorporateActionData{};
    const std::uint64_t before = test::allocations();
    for (int n = 0; n < 5'000; ++n) {
        const Side side = random() % 2 == 0 ? Side::kBuy : Side::kSell;
        const OrderTag tag = w.place(side, units(10), price(20));
        if (w.orders.find(tag) == nullptr) continue;
        w.tell(tag, ExecType::kNew);
        w.tell(w.trade(tag, units(3), price(19)));
        w.tell(w.trade(tag, Quantity::from_raw(12'345), price(21)));
        w.accounts_book.on_mark(OrderWorld::kSpy, price(20 + n % 5));
        w.accounts_book.on_mark(OrderWorld::kEurUsd, price(1, 50 + n % 7));
        w.replace(tag, units(20), price(22));
        w.tell(w.replaced(tag, units(3), units(17), price(22)));
        w.cancel(tag);
        w.tell(tag, random() % 4 == 0 ? ExecType::kCancelRejected : ExecType::kCanceled);
        w.out.clear();
        w.orders.on_corporate_action(split, w.out);
        w.out.clear();
        w.orders.cancel_all(ControlScope::kStrategy, 0, w.now, w.out);
    }
    static_cast<void>(w.orders.state_hash());
    EXPECT_EQ(test::allocations() - before, 0U);
}

TEST(Allocation, DoesNotHappenInTheLifeOfHeldAndLinkedOrders) {
    if (!test::counts_allocations()) GTEST_SKIP() << "a sanitizer owns operator new";
    OrderManagerConfig config{64, 256, 0, 0};
    config.venues = {VenueCapabilities{}};
    config.venues[0].drop(OrderType::kStop);
    config.venues[0].drop(OrderType::kTrailingStop);
    config.venues[0].drop(kVenueIceberg);
    config.venues[0].drop(kVenueLinks);
    OrderWorld w(config);
    std::mt19937_64 random(7);
    std::uint64_t sent = 0;
    const auto special = [&](OrderType type, LinkRole role, std::uint32_t link) {
        OrderEvent e = w.new_order(Side::kSell, units(30), price(90));
        e.data.new_order.type = type;
        e.data.new_order.link = link;
        e.data.new_order.link_role = role;
        if (type == OrderType::kStop) e.data.new_order.stop_price = price(95);
        if (type == OrderType::kTrailingStop) {
            e.data.new_order.offset = price(4).raw();
            e.data.new_order.offset_kind = OffsetKind::kTrailPrice;
        }
        if (type == OrderType::kLimit) e.data.new_order.display_quantity = units(10);
        return e;
    };
    const std::uint64_t before = test::allocations();
    for (std::uint32_t n = 1; n < 2'000; ++n) {
        const OrderTag entry = w.submit(special(OrderType::kLimit, LinkRole::kPrimary, n));
        w.submit(special(OrderType::kStop, LinkRole::kSecondaryOuo, n));
        w.submit(special(OrderType::kTrailingStop, LinkRole::kSecondaryOuo, n));
        if (const Order* order = w.orders.find(entry)) {
            OrderEvent fill = w.trade(entry, units(10), price(90));
            fill.data.execution.order_id = order->sent_id;
            w.tell(fill);
            sent += w.out.size();
            OrderEvent bust = w.bust(fill, units(30));
            if (n % 3 == 0) w.tell(bust);
        }
        w.print(price(90 + static_cast<std::int64_t>(random() % 20)));
        sent += w.out.size();
        w.out.clear();
        if (n % 2 == 0) w.orders.cancel_all(ControlScope::kFirm, 0, w.now, w.out);
        for (std::uint64_t tag = w.tags > 12 ? w.tags - 12 : 1; tag <= w.tags; ++tag) {
            const Order* order = w.orders.find(make_order_tag(OrderWorld::kStrategy, tag));
            if (order == nullptr || order->state != OrderState::kPendingCancel) continue;
            OrderEvent e = w.report(order->tag, ExecType::kCanceled);
            e.data.execution.order_id = order->sent_id;
            w.tell(e);
        }
    }
    EXPECT_EQ(test::allocations() - before, 0U);
    EXPECT_GT(sent, 4'000U) << "and it did work";
}

}  // namespace
}  // namespace fermata

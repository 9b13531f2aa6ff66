#include "core/order/order_table.hpp"

#include <gtest/gtest.h>

#include <random>
#include <unordered_map>

namespace fermata {
namespace {

Order order(std::uint64_t n) {
    Order o;
    o.id = ClientOrderId{n};
    o.tag = make_order_tag(StrategyId{1}, n);
    o.quantity = Quantity::from_units(1);
    return o;
}
void end(OrderTable& table, std::uint64_t n) {
    Order* o = table.find(ClientOrderId{n});
    o->state = OrderState::kCanceled;
    table.settle(*o);
}

TEST(OrderTable, FindsAnOrderByItsIdAndByItsTag) {
    OrderTable table(4);
    const auto slot = table.insert(order(7));
    ASSERT_TRUE(slot);
    EXPECT_EQ(table.find(ClientOrderId{7}), table.get(*slot));
    EXPECT_EQ(table.find(make_order_tag(StrategyId{1}, 7)), table.get(*slot));
    EXPECT_EQ(table.find(ClientOrderId{8}), nullptr);
    EXPECT_EQ(table.handle_of(*table.get(*slot)), *slot);
}

TEST(OrderTable, RefusesAnIdThatWasUsedInThisEpoch) {
    OrderTable table(1);
    ASSERT_TRUE(table.insert(order(1)));
    end(table, 1);
    ASSERT_TRUE(table.insert(order(2)));  // recycles the slot of the first
    end(table, 2);
    EXPECT_EQ(table.insert(order(1)).error(), OrderTableError::kDuplicate);
    EXPECT_EQ(table.insert(order(2)).error(), OrderTableError::kDuplicate);
}

TEST(OrderTable, KeepsACanceledOrderVisibleForALateFill) {
    OrderTable table(2);
    ASSERT_TRUE(table.insert(order(1)));
    end(table, 1);
    EXPECT_EQ(table.open_count(), 0U);
    EXPECT_EQ(table.terminal_count(), 1U);
    EXPECT_NE(table.find(ClientOrderId{1}), nullptr);
}

TEST(OrderTable, RecyclesTheTerminalOrderThatEndedFirst) {
    OrderTable table(3);
    for (const std::uint64_t n : {1, 2, 3}) ASSERT_TRUE(table.insert(order(n)));
    const OrderHandle second = table.handle_of(*table.find(ClientOrderId{2}));
    end(table, 2);
    end(table, 1);
    ASSERT_TRUE(table.insert(order(4)));
    EXPECT_EQ(table.find(ClientOrderId{2}), nullptr);
    EXPECT_EQ(table.find(make_order_tag(StrategyId{1}, 2)), nullptr);
    EXPECT_EQ(table.get(second), nullptr) << "the slot has another order now";
    EXPECT_NE(table.find(ClientOrderId{1}), nullptr);
}

TEST(OrderTable, RefusesAnOrderWhenEverySlotIsOpen) {
    OrderTable table(2);
    ASSERT_TRUE(table.insert(order(1)));
    ASSERT_TRUE(table.insert(order(2)));
    EXPECT_EQ(table.insert(order(3)).error(), OrderTableError::kFull);
    EXPECT_EQ(table.open_count(), 2U);
}

TEST(OrderTable, TakesAReopenedOrderBackAmongTheOpenOnes) {
    OrderTable table(2);
    ASSERT_TRUE(table.insert(order(1)));
    ASSERT_TRUE(table.insert(order(2)));
    end(table, 1);
    Order* o = table.find(ClientOrderId{1});
    o->state = OrderState::kUnknown;
    table.settle(*o);
    EXPECT_EQ(table.open_count(), 2U);
    std::vector<std::uint64_t> ids;
    table.for_each_open([&](const Order& x) { ids.push_back(x.id.value); });
    EXPECT_EQ(ids, (std::vector<std::uint64_t>{2, 1}));
}

TEST(OrderTable, ForgetsAReleasedOrderAtOnce) {
    OrderTable table(2);
    const OrderHandle slot = *table.insert(order(1));
    end(table, 1);
    table.release(slot);
    EXPECT_EQ(table.find(ClientOrderId{1}), nullptr);
    EXPECT_EQ(table.get(slot), nullptr);
    EXPECT_EQ(table.terminal_count(), 0U);
}

TEST(IdIndex, AgreesWithAMapOverManyInsertionsAndRemovals) {
    // Few distinct keys in a small index: long runs, wrapped runs and removals inside them.
    std::mt19937_64 random(20240611);
    IdIndex index(96);
    std::unordered_map<std::uint64_t, std::uint32_t> reference;
    for (int n = 0; n < 200'000; ++n) {
        const std::uint64_t k = random() % 128;
        const auto found = reference.find(k);
        ASSERT_EQ(index.find({static_cast<std::uint32_t>(k >> 6), k}),
                  found == reference.end() ? IdIndex::kNone : found->second);
        if (found != reference.end()) {
            index.erase({static_cast<std::uint32_t>(k >> 6), k});
            reference.erase(found);
        } else if (reference.size() < 96) {
            const auto slot = static_cast<std::uint32_t>(n);
            index.insert({static_cast<std::uint32_t>(k >> 6), k}, slot);
            reference.emplace(k, slot);
        }
        ASSERT_EQ(index.size(), reference.size());
    }
}

}  // namespace
}  // namespace fermata

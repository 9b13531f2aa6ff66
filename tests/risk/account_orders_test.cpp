#include "risk/account_orders.hpp"

#include <gtest/gtest.h>

#include <cstdint>
#include <map>
#include <random>
#include <utility>

#include "tests/support/state_copy.hpp"

namespace fermata {
namespace {

using Group = AccountOrders::Group;
constexpr AccountId kOne{0}, kOther{1};

TEST(AccountOrders, CountsEachOrderOnceUntilItIsDropped) {
    AccountOrders orders(2, true);
    orders.add({7}, kOne, {});
    orders.add({7}, kOne, {});
    orders.add({8}, kOne, {});
    orders.add({9}, kOther, {});
    EXPECT_EQ(orders.count(kOne), 2);
    EXPECT_EQ(orders.count(kOther), 1);
    orders.drop({7});
    orders.drop({7});
    orders.drop({1'000});
    EXPECT_EQ(orders.count(kOne), 1);
}

TEST(AccountOrders, CountsAGroupAsOneWhileAnyOfItIsThere) {
    AccountOrders orders(2, true);
    const Group exit{1, 5}, other{1, 6};
    orders.add({1}, kOne, exit);
    orders.add({2}, kOne, exit);
    orders.add({3}, kOne, other);
    EXPECT_EQ(orders.count(kOne), 2);
    EXPECT_TRUE(orders.has(exit));
    EXPECT_FALSE(orders.has({}));
    orders.drop({1});
    EXPECT_EQ(orders.count(kOne), 2);
    orders.drop({2});
    EXPECT_EQ(orders.count(kOne), 1);
    EXPECT_FALSE(orders.has(exit));
    EXPECT_TRUE(orders.has(other));
}

TEST(AccountOrders, ForgetsAllAtOnce) {
    AccountOrders orders(2, true);
    orders.add({1}, kOne, {1, 5});
    orders.add({2}, kOther, {});
    orders.clear();
    EXPECT_EQ(orders.count(kOne), 0);
    EXPECT_EQ(orders.count(kOther), 0);
    orders.add({1}, kOne, {1, 5});
    EXPECT_EQ(orders.count(kOne), 1);
}

TEST(AccountOrders, AgreesWithAPlainListAndItsCopyDoesToo) {
    std::mt19937_64 random(1);
    AccountOrders orders(2, true);
    std::map<std::uint64_t, std::pair<std::uint16_t, std::uint64_t>> plain;  // account, group
    for (int n = 0; n < 20'000; ++n) {
        const std::uint64_t id = 1 + random() % 200;
        // An order keeps its account and group, and a group its account.
        const std::uint64_t group = id % 3 == 0 ? 0 : 1 + id % 40;
        const auto account = static_cast<std::uint16_t>(group == 0 ? id % 2 : group % 2);
        if (random() % 500 == 0) {
            orders.clear();
            plain.clear();
        } else if (random() % 2 == 0) {
            orders.add({id}, {account}, group == 0 ? Group{} : Group{1, group});
            plain[id] = {account, group};
        } else {
            orders.drop({id});
            plain.erase(id);
        }
        std::int64_t expected[2] = {};
        std::map<std::uint64_t, bool> seen;
        for (const auto& [order, of] : plain) {
            if (of.second == 0 || !std::exchange(seen[of.second], true)) ++expected[of.first];
        }
        ASSERT_EQ(orders.count(kOne), expected[0]) << n;
        ASSERT_EQ(orders.count(kOther), expected[1]) << n;
        if (n % 5'000 != 0) continue;
        AccountOrders copy(2, true);
        ASSERT_EQ(test::load_state(copy, test::state_of(orders)), "");
        EXPECT_EQ(test::state_of(copy), test::state_of(orders));
        for (const auto& [order, of] : plain) copy.drop({order});
        EXPECT_EQ(copy.count(kOne) + copy.count(kOther), 0);
    }
}

}  // namespace
}  // namespace fermata

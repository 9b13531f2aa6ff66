#include "risk/repeat_table.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <utility>
#include <vector>

namespace fermata {
namespace {

constexpr Timestamp at_ms(std::int64_t ms) { return {ms * 1'000'000}; }

RepeatKey key(int n) {
    RepeatKey k;
    k.instrument = {static_cast<std::uint32_t>(n)};
    k.quantity = Quantity::from_units(100);
    return k;
}

TEST(RepeatTable, CountsWithinTheWindowOnly) {
    RepeatTable table(8, Duration::seconds(1));
    EXPECT_EQ(table.note(key(1), at_ms(0), 3), 1);
    EXPECT_EQ(table.note(key(1), at_ms(400), 3), 2);
    EXPECT_EQ(table.note(key(1), at_ms(999), 3), 3);
    EXPECT_EQ(table.note(key(1), at_ms(1'000), 3), 3);  // the first has just left
    EXPECT_EQ(table.note(key(1), at_ms(1'001), 3), 4);
    EXPECT_EQ(table.note(key(1), at_ms(9'000), 3), 1);
}

TEST(RepeatTable, TellsOrdersApartByEveryField) {
    RepeatTable table(16, Duration::seconds(1));
    RepeatKey keys[7];
    for (RepeatKey& k : keys) k = key(1);
    keys[1].strategy = {1};
    keys[2].instrument = {2};
    keys[3].side = Side::kSell;
    keys[4].price = Price::from_raw(1);
    keys[5].stop_price = Price::from_raw(1);
    keys[6].quantity = Quantity::from_raw(1);
    for (const RepeatKey& k : keys) EXPECT_EQ(table.note(k, at_ms(0), 3), 1);
}

TEST(RepeatTable, RefusesToForgetWhenItIsFull) {
    RepeatTable table(4, Duration::seconds(1));
    for (int n = 0; n < 4; ++n) EXPECT_EQ(table.note(key(n), at_ms(n), 3), 1);
    EXPECT_EQ(table.note(key(9), at_ms(500), 3), 0);
    EXPECT_EQ(table.note(key(3), at_ms(500), 3), 2) << "known orders are still counted";
    EXPECT_EQ(table.note(key(9), at_ms(1'000), 3), 1) << "the oldest has expired";
}

TEST(RepeatTable, DrainsExpiredEntries) {
    RepeatTable table(64, Duration::seconds(1));
    for (int n = 0; n < 64; ++n) (void)table.note(key(n), at_ms(n), 3);
    EXPECT_EQ(table.size(), 64U);
    for (int n = 0; n < 64; ++n) (void)table.note(key(100), at_ms(5'000 + n), 3);
    EXPECT_EQ(table.size(), 1U);
}

RC_GTEST_PROP(RepeatTable, AgreesWithAListOfAllAttempts, ()) {
    const int limit = *rc::gen::inRange(1, RepeatTable::kLimitMax + 1);
    RepeatTable table(1'024, Duration::seconds(1));
    std::vector<std::pair<std::int64_t, int>> all;
    std::int64_t now = 0;
    for (const auto& [step, n] : *rc::gen::container<std::vector<std::pair<int, int>>>(
             500, rc::gen::pair(rc::gen::inRange(0, 200), rc::gen::inRange(0, 5)))) {
        now += step;
        all.emplace_back(now, n);
        int expected = 0;
        for (const auto& [when, which] : all) expected += which == n && now - when < 1'000 ? 1 : 0;
        RC_ASSERT(table.note(key(n), at_ms(now), limit) == std::min(expected, limit + 1));
    }
}

}  // namespace
}  // namespace fermata

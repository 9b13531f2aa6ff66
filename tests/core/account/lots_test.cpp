#include "core/account/lots.hpp"

#include <gtest/gtest.h>

namespace fermata {
namespace {

Quantity units(std::int64_t n) { return Quantity::from_units(n); }
Money dollars(std::int64_t n) { return Money::from_units(n); }

std::vector<Lot> list_of(const LotPool& pool, const LotList& list) {
    std::vector<Lot> lots;
    for (std::uint32_t i = list.head; i != LotList::kNone; i = pool[i].next) {
        lots.push_back(pool[i]);
    }
    return lots;
}

TEST(LotPool, TakesTheOldestLotFirst) {
    LotPool pool(8, 1);
    LotList list;
    pool.push(list, units(10), dollars(100), Timestamp{1});
    pool.push(list, units(10), dollars(200), Timestamp{2});
    // 10 at 10 and 5 of 10 at 20.
    EXPECT_EQ(pool.take(list, units(15)), dollars(200));
    const auto left = list_of(pool, list);
    ASSERT_EQ(left.size(), 1U);
    EXPECT_EQ(left[0].quantity, units(5));
    EXPECT_EQ(left[0].cost, dollars(100));
    EXPECT_EQ(left[0].opened, Timestamp{2});
    EXPECT_EQ(pool.take(list, units(5)), dollars(100));
    EXPECT_EQ(list.head, LotList::kNone);
    EXPECT_EQ(list.tail, LotList::kNone);
}

std::vector<std::uint32_t> ids_of(const LotPool& pool, const LotList& list) {
    std::vector<std::uint32_t> ids;
    for (const Lot& lot : list_of(pool, list)) ids.push_back(lot.id);
    return ids;
}

LotList three_lots(LotPool& pool, LotMethod method, int sign) {
    LotList list;
    pool.push(list, units(10), dollars(sign * 100), Timestamp{1}, 1, method);  // 10 each
    pool.push(list, units(5), dollars(sign * 150), Timestamp{2}, 2, method);   // 30
    pool.push(list, units(20), dollars(sign * 400), Timestamp{3}, 3, method);  // 20
    return list;
}

TEST(LotPool, TakesTheNewestLotFirstByLifo) {
    LotPool pool(8, 1);
    LotList list = three_lots(pool, LotMethod::kLifo, 1);
    EXPECT_EQ(ids_of(pool, list), (std::vector<std::uint32_t>{3, 2, 1}));
    EXPECT_EQ(pool.take(list, units(22)), dollars(460));  // 400 and 2 of 5 for 150
}

TEST(LotPool, TakesTheDearestLotFirstByHifo) {
    LotPool pool(8, 1);
    LotList list = three_lots(pool, LotMethod::kHifo, 1);
    EXPECT_EQ(ids_of(pool, list), (std::vector<std::uint32_t>{2, 3, 1}));
    EXPECT_EQ(pool.take(list, units(6)), dollars(170));  // 150 and 1 of 20 for 400
    // An equal one is taken after the older.
    pool.push(list, units(1), dollars(20), Timestamp{4}, 4, LotMethod::kHifo);
    EXPECT_EQ(ids_of(pool, list), (std::vector<std::uint32_t>{3, 4, 1}));
}

TEST(LotPool, TakesTheShortLotThatWasOpenedCheapestFirstByHifo) {
    LotPool pool(8, 1);
    const LotList list = three_lots(pool, LotMethod::kHifo, -1);
    EXPECT_EQ(ids_of(pool, list), (std::vector<std::uint32_t>{1, 3, 2}));
}

TEST(LotPool, TakesTheNamedLotFirstAndThenTheOldest) {
    LotPool pool(8, 1);
    LotList list = three_lots(pool, LotMethod::kSpecific, 1);
    EXPECT_EQ(pool.take(list, units(6), 2), dollars(160));  // 5 for 150, 1 of 10 for 100
    EXPECT_EQ(ids_of(pool, list), (std::vector<std::uint32_t>{1, 3}));
    EXPECT_EQ(pool.take(list, units(1), 2), dollars(10));  // it is gone: the oldest
    EXPECT_EQ(pool.take(list, units(20), 3), dollars(400));
    pool.push(list, units(1), dollars(7), Timestamp{5}, 5, LotMethod::kSpecific);
    EXPECT_EQ(ids_of(pool, list), (std::vector<std::uint32_t>{1, 5}));  // the tail was named
}

TEST(LotPool, GivesUpEveryMicroOfALotThatIsTakenInParts) {
    LotPool pool(8, 1);
    LotList list;
    pool.push(list, units(3), Money::from_raw(100), Timestamp{1});
    // 100 / 3 = 33.3 -> 33; 67 / 2 = 33.5 -> 34 (even); the last takes the rest.
    EXPECT_EQ(pool.take(list, units(1)).raw(), 33);
    EXPECT_EQ(pool.take(list, units(1)).raw(), 34);
    EXPECT_EQ(pool.take(list, units(1)).raw(), 33);
}

TEST(LotPool, JoinsTheNewestLotWhenTheSharedLotsAreUsedUp) {
    LotPool pool(1, 2);
    LotList a, b;
    pool.push(a, units(1), dollars(1), Timestamp{1});
    pool.push(a, units(1), dollars(2), Timestamp{2});
    pool.push(a, units(1), dollars(4), Timestamp{3});  // joins the second
    pool.push(b, units(1), dollars(8), Timestamp{4});  // the first of its list has room
    EXPECT_EQ(pool.merged(), 1U);
    const auto lots = list_of(pool, a);
    ASSERT_EQ(lots.size(), 2U);
    EXPECT_EQ(lots[1].quantity, units(2));
    EXPECT_EQ(lots[1].cost, dollars(6));
    EXPECT_EQ(pool.take(a, units(1)), dollars(1));
    pool.push(b, units(1), dollars(16), Timestamp{5});  // the shared lot is free again
    EXPECT_EQ(pool.merged(), 1U);
    EXPECT_EQ(list_of(pool, b).size(), 2U);
}

TEST(LotPool, RescalesToTheExactTotalWithoutLosingCost) {
    LotPool pool(8, 1);
    LotList list;
    pool.push(list, Quantity::from_raw(1), dollars(1), Timestamp{1});
    pool.push(list, Quantity::from_raw(3), dollars(3), Timestamp{2});
    pool.push(list, Quantity::from_raw(1), dollars(5), Timestamp{3});
    // 5 -> 2: borders 1, 4, 5 become 0 (0.4), 1 (1.6), 2: lots 0, 1, 1; the first one's cost moves
    // on.
    pool.rescale(list, Quantity::from_raw(5), Quantity::from_raw(2));
    const auto lots = list_of(pool, list);
    ASSERT_EQ(lots.size(), 2U);
    EXPECT_EQ(lots[0].quantity.raw(), 1);
    EXPECT_EQ(lots[0].cost, dollars(4));
    EXPECT_EQ(lots[1].quantity.raw(), 1);
    EXPECT_EQ(lots[1].cost, dollars(5));
}

TEST(LotPool, KeepsTheLastLotWhateverIsLeft) {
    LotPool pool(8, 1);
    LotList list;
    pool.push(list, units(1), dollars(1), Timestamp{1});
    pool.push(list, Quantity::from_raw(1), dollars(7), Timestamp{2});
    // 100,000,001 -> 1: the border of the first lot is 0.99 -> 0, so the second holds the unit.
    pool.rescale(list, Quantity::from_raw(100'000'001), Quantity::from_raw(1));
    const auto lots = list_of(pool, list);
    ASSERT_EQ(lots.size(), 1U);
    EXPECT_EQ(lots[0].quantity.raw(), 1);
    EXPECT_EQ(lots[0].cost, dollars(8));
}

}  // namespace
}  // namespace fermata

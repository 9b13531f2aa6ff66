#include "core/loop/lane.hpp"

#include <gtest/gtest.h>

#include <cstring>
#include <deque>
#include <random>
#include <thread>

#include "core/event/market_event.hpp"
#include "core/event/order_event.hpp"

namespace fermata {
namespace {

template <class L>
class LaneTest : public ::testing::Test {};
using Kinds = ::testing::Types<Lane<MarketEvent>, Lane<MarketEvent, BoostRing>>;
TYPED_TEST_SUITE(LaneTest, Kinds);

MarketEvent numbered(std::uint64_t n) {
    MarketEvent e = make_event(MarketEventType::kTrade, Timestamp{static_cast<std::int64_t>(n)},
                               InstrumentId{7}, StreamId{3});
    e.seq = n;
    for (std::uint64_t& word : e.data.words) word = n * 0x9e3779b97f4a7c15ULL;
    return e;
}

TYPED_TEST(LaneTest, StartsEmptyAndRefusesWhenFull) {
    TypeParam lane(8);
    EXPECT_TRUE(lane.empty());
    MarketEvent out;
    EXPECT_FALSE(lane.take(out));
    for (std::uint64_t n = 0; n < 8; ++n) EXPECT_TRUE(lane.try_push(numbered(n)));
    EXPECT_FALSE(lane.try_push(numbered(8)));
    ASSERT_TRUE(lane.take(out));
    EXPECT_EQ(out.seq, 0u);
    EXPECT_TRUE(lane.try_push(numbered(8)));
    EXPECT_FALSE(lane.try_push(numbered(9)));
}

TYPED_TEST(LaneTest, KeepsOrderAndBytesOverManyLaps) {
    TypeParam lane(16);
    std::deque<std::uint64_t> model;
    std::mt19937_64 random(42);
    std::uint64_t next = 0;
    for (int i = 0; i < 100'000; ++i) {
        if (random() % 2 == 0) {
            const bool pushed = lane.try_push(numbered(next));
            ASSERT_EQ(pushed, model.size() < 16);
            if (pushed) model.push_back(next++);
        } else {
            MarketEvent out;
            const bool taken = lane.take(out);
            ASSERT_EQ(taken, !model.empty());
            if (!taken) continue;
            const MarketEvent expected = numbered(model.front());
            ASSERT_EQ(std::memcmp(&out, &expected, sizeof(out)), 0) << "lap bit or bytes leaked";
            model.pop_front();
        }
    }
}

TYPED_TEST(LaneTest, HandsEverythingFromOneThreadToAnotherWholeAndInOrder) {
    TypeParam lane(64);
    constexpr std::uint64_t kEvents = 200'000;
    std::thread producer([&] {
        for (std::uint64_t n = 0; n < kEvents; ++n) {
            const MarketEvent e = numbered(n);
            while (!lane.try_push(e)) std::this_thread::yield();
        }
    });
    std::uint64_t wrong = 0;
    for (std::uint64_t n = 0; n < kEvents; ++n) {
        MarketEvent out;
        while (!lane.take(out)) std::this_thread::yield();
        const MarketEvent expected = numbered(n);
        wrong += std::memcmp(&out, &expected, sizeof(out)) != 0 ? 1 : 0;
    }
    producer.join();
    EXPECT_EQ(wrong, 0u);
}

TEST(Lane, LeavesTheOtherFlagsOfAnEventAlone) {
    Lane<MarketEvent> lane(2);
    for (int i = 0; i < 7; ++i) {
        MarketEvent e = numbered(1);
        e.flags = kFlagSizeUnknown | kFlagOutOfSession;
        ASSERT_TRUE(lane.try_push(e));
        MarketEvent out;
        ASSERT_TRUE(lane.take(out));
        EXPECT_EQ(out.flags, kFlagSizeUnknown | kFlagOutOfSession);
    }
}

TEST(Lane, CarriesTwoCacheLinesToo) {
    Lane<OrderEvent> lane(4);
    for (std::uint64_t n = 1; n <= 50; ++n) {
        OrderEvent e = make_order_event(OrderEventType::kFill, Timestamp{1}, InstrumentId{2});
        e.seq = n;
        for (std::uint64_t& word : e.data.words) word = ~n;
        ASSERT_TRUE(lane.try_push(e));
        OrderEvent out;
        ASSERT_TRUE(lane.take(out));
        EXPECT_EQ(std::memcmp(&out, &e, sizeof(e)), 0);
    }
}

}  // namespace
}  // namespace fermata

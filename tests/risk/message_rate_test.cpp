#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <vector>

#include "risk/rate.hpp"

namespace fermata {
namespace {

constexpr Ratio kNoReserve{};
constexpr Timestamp kStart{1'700'000'000'000'000'000};

int send_all(MessageRate& rate, Timestamp now, int wanted) {
    int sent = 0;
    for (; sent < wanted && rate.allows(now); ++sent) rate.count(now);
    return sent;
}

TEST(MessageRate, AllowsOneBurstAtOnceAndNotOneMore) {
    MessageRate rate(100, Duration::seconds(1), kNoReserve);
    EXPECT_EQ(send_all(rate, kStart, 1'000), 100);
    EXPECT_EQ(rate.burst_messages(), 100);
    EXPECT_EQ(rate.messages_with_one_more(kStart), 101);
}

TEST(MessageRate, RefillsToTheNanosecond) {
    MessageRate rate(100, Duration::seconds(1), kNoReserve);
    send_all(rate, kStart, 100);
    EXPECT_FALSE(rate.allows(kStart + Duration::nanoseconds(9'999'999)));
    EXPECT_TRUE(rate.allows(kStart + Duration::milliseconds(10)));
    EXPECT_EQ(send_all(rate, kStart + Duration::milliseconds(500), 1'000), 50);
}

TEST(MessageRate, IsExactForRatesThatDoNotDivideASecond) {
    // 7 a second are 142,857,142.857 ns apart.
    MessageRate strict(7, Duration{}, kNoReserve);
    strict.count(kStart);
    EXPECT_FALSE(strict.allows(kStart + Duration{142'857'142}));
    EXPECT_TRUE(strict.allows(kStart + Duration{142'857'143}));

    // With room for a second message the n-th may always go at n / 7 s, rounded up: no drift over
    // 1,000 seconds. An eighth within any second is refused once the room is used.
    MessageRate rate(7, {285'714'286}, kNoReserve);
    rate.count(kStart);
    rate.count(kStart);
    for (std::int64_t n = 1; n <= 7'000; ++n) {
        const Timestamp due = kStart + Duration{(n * 1'000'000'000 + 6) / 7};
        ASSERT_FALSE(rate.allows(due - Duration{2})) << n;
        ASSERT_TRUE(rate.allows(due)) << n;
        rate.count(due);
    }
}

TEST(MessageRate, KeepsTheReserveForMessagesThatDoNotAsk) {
    MessageRate rate(100, Duration::seconds(1), Ratio::from_raw(100'000'000));
    EXPECT_EQ(send_all(rate, kStart, 1'000), 90);
    for (int i = 0; i < 10; ++i) rate.count(kStart);  // cancels
    // The ten cancels used the reserve: new messages wait for what they would have waited for
    // anyway, ten more intervals.
    EXPECT_FALSE(rate.allows(kStart + Duration::milliseconds(109)));
    EXPECT_TRUE(rate.allows(kStart + Duration::milliseconds(110)));
}

TEST(MessageRate, ACancelStormDelaysOthersByOneBurstAtMost) {
    MessageRate rate(100, Duration::seconds(1), Ratio::from_raw(100'000'000));
    for (int i = 0; i < 1'000'000; ++i) rate.count(kStart);
    EXPECT_FALSE(rate.allows(kStart));
    EXPECT_TRUE(rate.allows(kStart + Duration::milliseconds(1'010)));
}

TEST(MessageRate, WorksBefore1970) {
    MessageRate rate(1, Duration::seconds(1), kNoReserve);
    const Timestamp then{-Duration::days(10'000).ns};
    EXPECT_TRUE(rate.allows(then));
    rate.count(then);
    EXPECT_FALSE(rate.allows(then));
}

/// Sends as often as allowed at random times; returns when messages went out.
std::vector<std::int64_t> greedy(MessageRate& rate, std::int64_t step_max) {
    std::vector<std::int64_t> sent;
    std::int64_t now = kStart.ns;
    for (const auto step : *rc::gen::container<std::vector<std::int64_t>>(
             300, rc::gen::inRange<std::int64_t>(0, step_max))) {
        now += step;
        while (rate.allows({now})) {
            rate.count({now});
            sent.push_back(now);
        }
    }
    return sent;
}

RC_GTEST_PROP(MessageRate, HoldsOverEveryWindow, ()) {
    const auto per_second = *rc::gen::inRange<std::int64_t>(1, 500);
    const auto burst = *rc::gen::inRange<std::int64_t>(0, 200'000'000);
    MessageRate rate(per_second, {burst}, kNoReserve);
    const auto sent = greedy(rate, 2'000'000'000 / per_second + 1);
    const __int128 capacity = std::max<__int128>(static_cast<__int128>(burst) * per_second,
                                                 1'000'000'000);  // 1e-9 of a message
    for (std::size_t i = 0; i < sent.size(); ++i) {
        for (std::size_t j = i; j < sent.size(); ++j) {
            const __int128 window = static_cast<__int128>(sent[j] - sent[i]) * per_second;
            const auto messages = static_cast<__int128>(j - i + 1) * 1'000'000'000;
            RC_ASSERT(messages <= window + capacity);
        }
    }
}

RC_GTEST_PROP(MessageRate, WastesNothing, ()) {
    // A message is refused only if some window that ends with it would hold too many.
    const auto per_second = *rc::gen::inRange<std::int64_t>(1, 500);
    const auto burst = *rc::gen::inRange<std::int64_t>(0, 200'000'000);
    MessageRate rate(per_second, {burst}, kNoReserve);
    const __int128 capacity =
        std::max<__int128>(static_cast<__int128>(burst) * per_second, 1'000'000'000);
    std::vector<std::int64_t> sent;
    std::int64_t now = kStart.ns;
    for (const auto step : *rc::gen::container<std::vector<std::int64_t>>(
             300, rc::gen::inRange<std::int64_t>(0, 1'500'000'000 / per_second + 1))) {
        now += step;
        bool too_many = false;
        for (std::size_t i = 0; i < sent.size(); ++i) {
            const auto messages = static_cast<__int128>(sent.size() - i + 1) * 1'000'000'000;
            const __int128 window = static_cast<__int128>(now - sent[i]) * per_second;
            too_many = too_many || messages > window + capacity;
        }
        RC_ASSERT(rate.allows({now}) == !too_many);
        if (too_many) continue;
        rate.count({now});
        sent.push_back(now);
    }
}

}  // namespace
}  // namespace fermata

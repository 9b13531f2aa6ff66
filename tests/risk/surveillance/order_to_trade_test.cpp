#include <gtest/gtest.h>

#include "tests/risk/surveillance/story.hpp"

namespace fermata::surveillance {
namespace {

constexpr std::int64_t kDay = 86'400'000;

/// So many orders of one unit, each canceled: two to count.
void churn(Story& story, int orders) {
    for (int i = 0; i < orders; ++i) {
        story.at(i * 10);
        story.cancel(story.buy(9'900, 1));
    }
}

TEST(OrderToTrade, FindsADayWithHardlyATrade) {
    Story story(RuleId::kOrderToTrade);
    churn(story, 150);
    story.take(Side::kBuy, 1, 10'000);
    ASSERT_EQ(story.findings().size(), 1U);
    // 150 x 2 + 1 orders, one trade: 301 / 1 - 1.
    EXPECT_EQ(story.observed("number_max"), 300 * Ratio::kOne);
    EXPECT_EQ(story.observed("orders_min"), 301);
    EXPECT_EQ(story.findings().front().severity, Severity::kHigh);  // three times 100
    const auto& rows = story.findings().front().evidence;
    // The first and the last order, then who sent and traded how many.
    ASSERT_EQ(rows.size(), 4U);
    EXPECT_EQ(rows[0].deed, Deed::kSent);
    EXPECT_EQ(rows[0].order_id.value, 1U);
    EXPECT_EQ(rows[1].deed, Deed::kSent);
    EXPECT_EQ(rows[1].order_id.value, 151U);
    EXPECT_EQ(rows[2].deed, Deed::kMessages);
    EXPECT_EQ(rows[2].count, 301U);
    EXPECT_EQ(rows[3].deed, Deed::kTrades);
    EXPECT_EQ(rows[3].count, 1U);
}

TEST(OrderToTrade, IsExceededOnlyAboveItsLimit) {
    // 202 orders, two trades: 202 / 2 - 1 = 100. One order more: 100.5.
    for (const int more : {0, 1}) {
        Story story(RuleId::kOrderToTrade);
        churn(story, 100);
        for (int i = 0; i < 2; ++i) story.take(Side::kBuy, 1, 10'000);
        if (more == 1) story.send({.units = 1});
        EXPECT_EQ(story.findings().size(), static_cast<std::size_t>(more)) << more;
    }
}

TEST(OrderToTrade, CountsAChangeAsADeletionAndAnEntry) {
    // 1 + 100 x 2 = 201 orders without a trade, judged as with one: 200.
    Story story(RuleId::kOrderToTrade);
    const auto id = story.buy(9'900, 1);
    for (int i = 0; i < 100; ++i) story.at(i).replace(id, 9'900 + i % 2, 1);
    EXPECT_EQ(story.observed("number_max"), 200 * Ratio::kOne);
}

TEST(OrderToTrade, JudgesTheQuantityToo) {
    // 500 of 1,000 each and their cancellations against 1,000 trades of one unit: 2 to 1 by
    // number (2,000 / 1,000 - 1 = 1), but 1,001,000 / 1,000 - 1 = 1,000 by quantity.
    Story story(RuleId::kOrderToTrade);
    for (int i = 0; i < 500; ++i) story.cancel(story.at(i).buy(9'900, 1'000));
    for (int i = 0; i < 1'000; ++i) story.take(Side::kBuy, 1, 10'000);
    EXPECT_EQ(story.observed("number_max"), -1);
    EXPECT_EQ(story.observed("volume_max"), 1'000 * Ratio::kOne);
}

TEST(OrderToTrade, DoesNotJudgeADayWithFewOrders) {
    for (const int orders : {99, 100}) {
        Story story(RuleId::kOrderToTrade);
        churn(story, orders);
        EXPECT_EQ(story.findings().size(), orders == 100 ? 1U : 0U) << orders;
    }
}

TEST(OrderToTrade, JudgesEachUtcDayByItself) {
    // 120 orders on each side of midnight: neither day has the 200 that are judged.
    Story story(RuleId::kOrderToTrade);
    for (int i = 0; i < 60; ++i) story.cancel(story.at(i).buy(9'900, 1));
    for (int i = 0; i < 60; ++i) story.cancel(story.at(kDay + i).buy(9'900, 1));
    EXPECT_TRUE(story.findings().empty());
}

TEST(OrderToTrade, DoesNotCountWhatTheVenueEnds) {
    Story story(RuleId::kOrderToTrade);
    for (int i = 0; i < 199; ++i) story.expire(story.at(i).buy(9'900, 1));
    EXPECT_TRUE(story.findings().empty());
}

TEST(OrderToTrade, LeavesAloneAMarketMakerThatTrades) {
    // Forty changes of its quotes for each trade.
    Story story(RuleId::kOrderToTrade);
    for (int i = 0; i < 100; ++i) {
        const auto id = story.at(i * 1'000).buy(9'900, 100);
        for (int k = 0; k < 40; ++k) story.replace(id, 9'900 + k % 3, 100);
        story.fill(id, 100);
    }
    EXPECT_TRUE(story.findings().empty());
}

}  // namespace
}  // namespace fermata::surveillance

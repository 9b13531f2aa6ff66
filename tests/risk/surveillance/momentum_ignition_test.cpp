#include <gtest/gtest.h>

#include "tests/risk/surveillance/story.hpp"

namespace fermata::surveillance {
namespace {

struct Plan {
    std::int64_t bought_each = 100;  ///< Three times, at 100.00, 100.10, 100.20.
    std::int64_t others = 1'000;
    std::int64_t price_then = 10'050;
    std::int64_t sold = 150;
    std::int64_t sold_at = 10'050;
    std::int64_t turn_ms = 60'000;  ///< From the last purchase.
    std::int64_t apart_ms = 5'000;  ///< Between the purchases.
    Liquidity liquidity = Liquidity::kTaker;
};

void ignite(Story& story, const Plan& plan) {
    story.at(0).trade(10'000, 5'000);
    std::int64_t t = 1'000;
    for (const std::int64_t price : {10'000, 10'010, 10'020}) {
        const auto id =
            story.at(t).show({.cents = 0, .units = plan.bought_each, .type = OrderType::kMarket});
        story.fill(id, plan.bought_each, price, plan.liquidity);
        t += plan.apart_ms;
    }
    t -= plan.apart_ms;
    story.at(t + 1).trade(plan.price_then, plan.others);
    const auto id = story.at(t + plan.turn_ms).sell(plan.sold_at, plan.sold);
    story.fill(id, plan.sold, plan.sold_at, Liquidity::kMaker);
}

std::size_t found(const Plan& plan) {
    Story story(RuleId::kMomentumIgnition);
    ignite(story, plan);
    return story.findings().size();
}

TEST(MomentumIgnition, FindsABurstThatIsClosedIntoTheMoveItStarted) {
    Story story(RuleId::kMomentumIgnition);
    ignite(story, {});
    ASSERT_EQ(story.findings().size(), 1U);
    EXPECT_EQ(story.observed("fills_min"), 3);
    EXPECT_EQ(story.observed("burst"), 10'000'000'000);
    EXPECT_EQ(story.observed("share_min"), 300'000'000);  // 300 of 1,000
    EXPECT_EQ(story.observed("move_min"), 5'000'000);     // 100.00 to 100.50
    EXPECT_EQ(story.observed("reversal_min"), 500'000'000);
    // The market before, three purchases, the market at the turn, one sale.
    EXPECT_EQ(story.findings().front().evidence.size(), 6U);
}

TEST(MomentumIgnition, HoldsEachThresholdExactly) {
    EXPECT_EQ(found({.sold = 149}), 0U);
    EXPECT_EQ(found({.others = 1'500}), 1U);  // 300 of 1,500 are a fifth
    EXPECT_EQ(found({.others = 1'501}), 0U);
    EXPECT_EQ(found({.price_then = 10'030}), 1U);
    EXPECT_EQ(found({.price_then = 10'029}), 0U);
    EXPECT_EQ(found({.turn_ms = 120'000}), 1U);
    EXPECT_EQ(found({.turn_ms = 120'001}), 0U);
    EXPECT_EQ(found({.apart_ms = 15'000}), 1U);
    EXPECT_EQ(found({.apart_ms = 15'001}), 0U);
    // The average of the burst is 100.10: better only above it.
    EXPECT_EQ(found({.sold_at = 10'011}), 1U);
    EXPECT_EQ(found({.sold_at = 10'010}), 0U);
}

TEST(MomentumIgnition, LeavesAloneWhoHoldsWhatItBought) {
    EXPECT_EQ(found({.turn_ms = 3'600'000}), 0U);
}

TEST(MomentumIgnition, LeavesAloneAMarketMakerThatWasHit) {
    EXPECT_EQ(found({.liquidity = Liquidity::kMaker}), 0U);
}

TEST(MomentumIgnition, LeavesAloneASmallPartOfTheMarket) {
    EXPECT_EQ(found({.bought_each = 10, .sold = 30}), 0U);
}

TEST(MomentumIgnition, LeavesAloneAStopThatLoses) {
    EXPECT_EQ(found({.price_then = 9'950, .sold = 300, .sold_at = 9'950}), 0U);
}

TEST(MomentumIgnition, CountsOneBurstOnce) {
    // The rest of it is sold a second later.
    Story story(RuleId::kMomentumIgnition);
    ignite(story, {});
    story.at(80'000).fill(story.sell(10'050, 150), 150);
    ASSERT_EQ(story.findings().size(), 1U);
    EXPECT_EQ(story.findings().front().episodes, 1U);
}

TEST(MomentumIgnition, TakesPurchasesAfterAFirstSaleForMoreOfTheBurst) {
    // 300 bought, 10 sold, 700 bought; then `sold` more: half of 1,000 and not of 300.
    for (const std::int64_t sold : {499, 500}) {
        Story story(RuleId::kMomentumIgnition);
        story.at(0).trade(10'000, 5'000);
        for (int i = 0; i < 3; ++i) story.at(1'000 + i).take(Side::kBuy, 100, 10'000);
        story.at(2'000).fill(story.sell(10'020, 10), 10);
        story.at(3'000).take(Side::kBuy, 700, 10'020);
        story.at(4'000).trade(10'050, 1'000);
        story.at(5'000).fill(story.sell(10'050, sold), sold);
        EXPECT_EQ(story.findings().size(), sold == 500 ? 1U : 0U) << sold;
    }
}

TEST(MomentumIgnition, FindsTheMirrorImage) {
    Story story(RuleId::kMomentumIgnition);
    story.at(0).trade(10'000, 5'000);
    for (int i = 0; i < 3; ++i) story.at(1'000 + i).take(Side::kSell, 100, 10'000 - 10 * i);
    story.at(2'000).trade(9'950, 1'000);
    const auto id = story.at(3'000).buy(9'950, 300);
    story.fill(id, 300);
    EXPECT_EQ(story.observed("move_min"), 5'000'000);
    EXPECT_EQ(story.observed("reversal_min"), Ratio::kOne);
}

TEST(MomentumIgnition, SaysWhichBurstsItCouldNotJudge) {
    // Quotes alone: the market's volume is not known.
    Story story(RuleId::kMomentumIgnition);
    story.at(0).quote(9'999, 10'001);
    for (int i = 0; i < 3; ++i) story.at(1'000 + i).take(Side::kBuy, 100, 10'000);
    story.at(2'000).quote(10'049, 10'051);
    const auto id = story.at(3'000).sell(10'050, 300);
    story.fill(id, 300);
    EXPECT_TRUE(story.findings().empty());
    EXPECT_EQ(story.outcome(RuleId::kMomentumIgnition).not_judged, 1U);
}

}  // namespace
}  // namespace fermata::surveillance

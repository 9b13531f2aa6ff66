#include <gtest/gtest.h>

#include "tests/risk/surveillance/story.hpp"

namespace fermata::surveillance {
namespace {

/// Three times: orders to sell at `levels` prices, `each` units, a purchase of 100 below them, all
/// sell orders canceled one after the other from 100 ms after that.
void layer(Story& story, int levels, std::int64_t each, int times = 3,
           std::int64_t step_in_cents = 1) {
    for (int i = 0; i < times; ++i) {
        const std::int64_t begin = i * 10'000;
        story.at(begin);
        const auto genuine = story.buy(9'990, 100);
        std::vector<std::uint64_t> layers;
        for (int k = 0; k < levels; ++k) {
            layers.push_back(story.at(begin + 100 + k).sell(10'001 + k * step_in_cents, each));
        }
        story.at(begin + 500).fill(genuine, 100);
        std::int64_t t = begin + 600;
        for (const auto id : layers) story.at(t++).cancel(id);
    }
}

TEST(Layering, FindsOrdersAtSeveralPricesThatGoTogether) {
    Story story(RuleId::kLayering);
    layer(story, 4, 100);
    ASSERT_EQ(story.findings().size(), 1U);
    EXPECT_EQ(story.findings().front().episodes, 3U);
    EXPECT_EQ(story.observed("levels_min"), 4);
    EXPECT_EQ(story.observed("size_min"), 4 * Ratio::kOne);  // 400 against 100
    // Four shown, one fill, four withdrawn, three times.
    EXPECT_EQ(story.findings().front().evidence.size(), 27U);
}

TEST(Layering, NeedsExactlyItsLevelsAndItsSize) {
    Story at_it(RuleId::kLayering);
    layer(at_it, 3, 100);
    EXPECT_EQ(at_it.findings().size(), 1U);
    Story two_prices(RuleId::kLayering);
    layer(two_prices, 2, 200);
    EXPECT_TRUE(two_prices.findings().empty());
    Story too_small(RuleId::kLayering);  // 297 against 100
    layer(too_small, 3, 99);
    EXPECT_TRUE(too_small.findings().empty());
}

TEST(Layering, CountsPricesAndNotOrders) {
    Story story(RuleId::kLayering);
    layer(story, 5, 100, 3, 0);
    EXPECT_TRUE(story.findings().empty());
}

TEST(Layering, NeedsFourFifthsWithdrawn) {
    // Five layers of 100: with one left standing four fifths are gone, with two three fifths.
    for (const int left : {1, 2}) {
        Story story(RuleId::kLayering, {"layering.count_min=1"});
        const auto genuine = story.buy(9'990, 100);
        std::vector<std::uint64_t> layers;
        for (int k = 0; k < 5; ++k) layers.push_back(story.at(100).sell(10'001 + k, 100));
        story.at(500).fill(genuine, 100);
        for (int k = 0; k < 5 - left; ++k) story.at(600).cancel(layers[static_cast<unsigned>(k)]);
        story.at(60'000).sell(10'200, 1);
        EXPECT_EQ(story.findings().size(), left == 1 ? 1U : 0U) << left;
    }
}

TEST(Layering, LeavesAloneAMarketMakerWithSeveralLevelsOnBothSides) {
    // Three levels of 100 a side. A sweep fills all three bids, the asks are pulled at once and
    // everything comes back after a second: what it wanted was the same on both sides.
    Story story(RuleId::kLayering);
    for (int i = 0; i < 20; ++i) {
        const std::int64_t begin = i * 3'000;
        std::vector<std::uint64_t> bids;
        std::vector<std::uint64_t> asks;
        story.at(begin);
        for (int k = 0; k < 3; ++k) bids.push_back(story.buy(9'995 - k, 100));
        for (int k = 0; k < 3; ++k) asks.push_back(story.sell(10'005 + k, 100));
        for (int k = 0; k < 3; ++k) {
            story.at(begin + 1'000 + k).fill(bids[static_cast<unsigned>(k)], 100);
        }
        for (const auto id : asks) story.at(begin + 1'010).cancel(id);
    }
    EXPECT_TRUE(story.findings().empty());
}

TEST(Layering, LeavesAloneLayersThatTrade) {
    // A scale-out: of 600 to sell 61 are filled before the rest is canceled; 60 are a tenth.
    for (const std::int64_t filled : {60, 61}) {
        Story story(RuleId::kLayering, {"layering.count_min=1"});
        const auto genuine = story.buy(9'990, 100);
        std::vector<std::uint64_t> layers;
        for (int k = 0; k < 3; ++k) layers.push_back(story.at(100).sell(10'001 + k, 200));
        story.at(300).fill(layers[0], filled);
        story.at(500).fill(genuine, 100);
        for (const auto id : layers) story.at(600).cancel(id);
        EXPECT_EQ(story.findings().size(), filled == 60 ? 1U : 0U) << filled;
    }
}

TEST(Layering, IsOneFindingForAsLongAsItGoesOn) {
    Story story(RuleId::kLayering);
    layer(story, 4, 100, 30);
    ASSERT_EQ(story.findings().size(), 1U);
    const Finding& f = story.findings().front();
    EXPECT_EQ(f.episodes, 30U);
    EXPECT_EQ(f.severity, Severity::kHigh);  // ten times the pattern
    // Nine rows an episode, 270 altogether.
    EXPECT_EQ(f.evidence.size(), kEvidenceMax);
    EXPECT_EQ(f.rows_left_out, 70U);
}

TEST(Layering, CountsOneWithdrawalOnce) {
    // Two fills, between which a layer is added: one withdrawal, of five layers.
    Story story(RuleId::kLayering, {"layering.count_min=1"});
    const auto genuine = story.buy(9'990, 100);
    std::vector<std::uint64_t> layers;
    for (int k = 0; k < 4; ++k) layers.push_back(story.at(100).sell(10'001 + k, 100));
    story.at(500).fill(genuine, 50);
    layers.push_back(story.at(600).sell(10'005, 100));
    story.at(700).fill(genuine, 50);
    for (const auto id : layers) story.at(800).cancel(id);
    ASSERT_EQ(story.findings().size(), 1U);
    EXPECT_EQ(story.findings().front().episodes, 1U);
    EXPECT_EQ(story.observed("levels_min"), 5);
}

TEST(Layering, CountsAWithdrawalInTwoStepsOnce) {
    // As before, but the last layer goes 100 ms after the others: four of five are four fifths of
    // what stood at the second fill at once, and of what stood at the first only with the fifth.
    Story story(RuleId::kLayering, {"layering.count_min=1"});
    const auto genuine = story.buy(9'990, 100);
    std::vector<std::uint64_t> layers;
    for (int k = 0; k < 4; ++k) layers.push_back(story.at(100).sell(10'001 + k, 100));
    story.at(500).fill(genuine, 50);
    layers.push_back(story.at(600).sell(10'005, 100));
    story.at(700).fill(genuine, 50);
    for (int k = 0; k < 4; ++k) story.at(800).cancel(layers[static_cast<unsigned>(k)]);
    story.at(900).cancel(layers[4]);
    story.at(1'100).buy(9'000, 1);
    ASSERT_EQ(story.findings().size(), 1U);
    EXPECT_EQ(story.findings().front().episodes, 1U);
}

TEST(Layering, CountsAnOrderThatIsMovedToAndFroOnce) {
    // One of five is moved away four times; the session ends the others.
    Story story(RuleId::kLayering, {"layering.count_min=1"});
    const auto genuine = story.buy(9'990, 100);
    std::vector<std::uint64_t> layers;
    for (int k = 0; k < 5; ++k) layers.push_back(story.at(100).sell(10'001 + k, 100));
    story.at(500).fill(genuine, 100);
    for (int i = 0; i < 4; ++i) {
        story.at(600).replace(layers[0], 10'100, 100);
        story.replace(layers[0], 10'001, 100);
    }
    for (const auto id : layers) story.at(700).expire(id);
    EXPECT_TRUE(story.findings().empty());
}

TEST(Layering, KeepsInstrumentsApart) {
    // The purchase is of another instrument.
    Story story(RuleId::kLayering, {"layering.count_min=1"});
    const auto genuine = story.show({.cents = 9'990, .units = 100, .instrument = 1});
    std::vector<std::uint64_t> layers;
    for (int k = 0; k < 4; ++k) layers.push_back(story.at(100).sell(10'001 + k, 100));
    story.at(500).fill(genuine, 100);
    for (const auto id : layers) story.at(600).cancel(id);
    EXPECT_TRUE(story.findings().empty());
}

}  // namespace
}  // namespace fermata::surveillance

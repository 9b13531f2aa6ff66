#include "risk/portfolio/liquidity.hpp"

#include <gtest/gtest.h>

#include <array>

namespace fermata::portfolio {
namespace {

TEST(LiquidityHorizon, IsThePositionOverWhatMaySellADay) {
    const std::array<double, 4> quantities{1000, -500, 0, 10};
    const std::array<double, 4> volumes{2000, 10'000, 0, 0};
    const std::array<double, 4> values{6000, -3000, 0, 1000};
    const LiquidityHorizon h = liquidity_horizon(quantities, volumes, values, 0.1, 3);
    EXPECT_NEAR(*h.days[0], 5, 1e-12);
    EXPECT_NEAR(*h.days[1], 0.5, 1e-12);
    EXPECT_EQ(*h.days[2], 0.0) << "nothing to sell";
    EXPECT_FALSE(h.days[3].has_value()) << "an unknown volume is not an endless one";
    EXPECT_EQ(h.unknown, 1U);
    EXPECT_NEAR(*h.longest, 5, 1e-12);
    // Of 10,000: after a day 4,800 + 0 + 1,000; then 3,600 and 2,400.
    ASSERT_EQ(h.left_after.size(), 3U);
    EXPECT_NEAR(h.left_after[0], 0.58, 1e-12);
    EXPECT_NEAR(h.left_after[1], 0.46, 1e-12);
    EXPECT_NEAR(h.left_after[2], 0.34, 1e-12);
}

TEST(LiquidityHorizon, OfNothingKnownHasNoLongest) {
    const std::array<double, 1> quantity{3}, volume{0}, value{9};
    const LiquidityHorizon h = liquidity_horizon(quantity, volume, value, 0.1, 1);
    EXPECT_FALSE(h.longest.has_value());
    EXPECT_EQ(h.left_after, std::vector<double>{1.0});
}

TEST(FlowAdjustedDrawdown, TakesMoneyThatLeavesForNoLoss) {
    FlowAdjustedDrawdown d;
    EXPECT_FALSE(d.current().has_value());
    d.add(Date{1}, 1000, 0);
    d.add(Date{2}, 1200, 0);
    d.add(Date{3}, 700, -500);  // mark 700
    EXPECT_NEAR(*d.current(), 0, 1e-15);
    d.add(Date{4}, 630, 0);
    EXPECT_NEAR(*d.current(), -0.1, 1e-15);
    d.add(Date{5}, 1630, 1000);  // mark 1700: still 70 down
    EXPECT_NEAR(*d.current(), -70.0 / 1700, 1e-15);
    EXPECT_NEAR(d.worst().drawdown, -0.1, 1e-15);
    EXPECT_EQ(d.worst().peak, Date{3});
    EXPECT_EQ(d.worst().trough, Date{4});
    d.add(Date{6}, 1800, 0);
    EXPECT_EQ(*d.current(), 0.0);
    EXPECT_EQ(d.mark(), 1800);
}

TEST(FlowAdjustedDrawdown, HasNoRatioOfAMarkThatIsNotPositive) {
    FlowAdjustedDrawdown d;
    d.add(Date{1}, 100, 0);
    d.add(Date{2}, -60, -150);
    EXPECT_FALSE(d.current().has_value());
    EXPECT_EQ(d.worst().drawdown, 0.0);
}

}  // namespace
}  // namespace fermata::portfolio

#include "research/sharpe_significance.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "core/base/normal.hpp"

namespace fermata {
namespace {

/// The worked example of Bailey and Lopez de Prado (2014): five years of daily returns (250 a
/// year), annual Sharpe ratio 2.5, skew -3, kurtosis 10, 100 trials with an annual variance of 1/2.
SharpeRecord published() { return {2.5 / std::sqrt(250.0), 1250, -3, 10 - 3}; }

TEST(DeflatedSharpe, HasThePublishedValue) {
    EXPECT_NEAR(expected_maximum_sharpe(100, 0.5 / 250), 0.1132, 5e-5);
    EXPECT_NEAR(*deflated_sharpe(published(), 100, 0.5 / 250), 0.9004, 5e-5);
    EXPECT_NEAR(*deflated_sharpe(published(), 46, 0.5 / 250), 0.9505, 5e-5);
}

TEST(DeflatedSharpe, IsTheProbabilisticOneForASingleTrial) {
    EXPECT_EQ(expected_maximum_sharpe(1, 0.5), 0);
    EXPECT_EQ(*deflated_sharpe(published(), 1, 0.5), *probabilistic_sharpe(published()));
}

TEST(ProbabilisticSharpe, IsOneHalfAtTheThresholdAndGrowsWithTheRecord) {
    SharpeRecord record{0.1, 100, 0, 0};
    EXPECT_DOUBLE_EQ(*probabilistic_sharpe(record, 0.1), 0.5);
    // Normal returns: 0.1 sqrt(99) / sqrt(1 + 0.005)
    const double expected = normal_probability(0.1 * std::sqrt(99.0) / std::sqrt(1.005));
    EXPECT_DOUBLE_EQ(*probabilistic_sharpe(record), expected);
    record.returns = 1000;
    EXPECT_GT(*probabilistic_sharpe(record), expected);
    record.returns = 1;
    EXPECT_FALSE(probabilistic_sharpe(record).has_value());
}

TEST(SharpeRecord, IsMeasuredFromReturnsThatVary) {
    const std::vector<double> returns{0.02, -0.01, 0.02, -0.01};
    const auto record = measure_sharpe(returns);
    ASSERT_TRUE(record.has_value());
    EXPECT_NEAR(record->sharpe, 0.005 / std::sqrt(4 * 0.015 * 0.015 / 3), 1e-15);
    EXPECT_NEAR(record->skew, 0, 1e-14);
    EXPECT_NEAR(record->excess_kurtosis, -2, 1e-14);
    EXPECT_FALSE(measure_sharpe(std::vector<double>{0.01, 0.01, 0.01}).has_value());
    EXPECT_FALSE(measure_sharpe({}).has_value());
}

}  // namespace
}  // namespace fermata

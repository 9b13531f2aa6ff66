#include "research/sharpe_significance.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "research/normal.hpp"

namespace fermata {
namespace {

TEST(Normal, QuantileHasThePublishedValues) {
    // Printed in the source of the algorithm (Wichura 1988), and tables of the normal distribution.
    EXPECT_NEAR(normal_quantile(0.25), -0.6744897501960817, 1e-15);
    EXPECT_NEAR(normal_quantile(0.001), -3.090232306167814, 1e-14);
    EXPECT_NEAR(normal_quantile(1e-20), -9.262340089798408, 1e-13);
    EXPECT_NEAR(normal_quantile(0.05), -1.6448536269514729, 1e-15);
    EXPECT_NEAR(normal_quantile(0.01), -2.3263478740408408, 1e-15);
    EXPECT_EQ(normal_quantile(0.5), 0);
}

TEST(Normal, QuantileUndoesTheProbability) {
    for (double x = -37; x <= 8; x += 0.01) {
        // Above zero, the probability itself is known to 1e-16 of one only.
        const double tolerance =
            x <= 0 ? 1e-13 * (1 + std::fabs(x)) : 1e-15 + 2e-16 / normal_density(x);
        ASSERT_NEAR(normal_quantile(normal_probability(x)), x, tolerance) << x;
    }
}

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

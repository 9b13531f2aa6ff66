#include "core/base/quantile.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace fermata {
namespace {

TEST(Quantile, InterpolatesBetweenTheTwoValuesAroundItsRank) {
    const std::vector<double> x{-4.0, -1.0, 3.0, 7.0, 20.0};
    // Ranks 4 p: 0, 0.4, 1.5, 2, 3.8, 4.
    EXPECT_EQ(quantile_of_sorted(x, 0), -4);
    EXPECT_DOUBLE_EQ(quantile_of_sorted(x, 0.1), -4 + 0.4 * 3);
    EXPECT_DOUBLE_EQ(quantile_of_sorted(x, 0.375), -1 + 0.5 * 4);
    EXPECT_EQ(quantile_of_sorted(x, 0.5), 3);
    EXPECT_DOUBLE_EQ(quantile_of_sorted(x, 0.95), 7 + 0.8 * 13);
    EXPECT_EQ(quantile_of_sorted(x, 1), 20);
}

TEST(Quantile, OfOneValueIsThatValue) {
    const std::vector<double> x{2.5};
    for (const double p : {0.0, 0.3, 1.0}) EXPECT_EQ(quantile_of_sorted(x, p), 2.5);
}

}  // namespace
}  // namespace fermata

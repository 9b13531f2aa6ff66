#include "core/base/normal.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>

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

TEST(Normal, QuantileEqualsTheTables) {
    // Abramowitz and Stegun, table 26.5, and its symmetry.
    EXPECT_NEAR(normal_quantile(0.5), 0.0, 1e-16);
    EXPECT_NEAR(normal_quantile(0.975), 1.959963984540054, 1e-14);
    EXPECT_NEAR(normal_quantile(0.99), 2.326347874040841, 1e-14);
    EXPECT_NEAR(normal_quantile(0.01), -2.326347874040841, 1e-14);
    EXPECT_NEAR(normal_quantile(0.001), -3.090232306167813, 1e-14);
    EXPECT_NEAR(normal_quantile(1e-9), -5.997807015007687, 1e-13);
}

RC_GTEST_PROP(Normal, QuantileIsTheInverseOfTheDistribution, ()) {
    const auto k = *rc::gen::inRange<std::int64_t>(1, 1'000'000);
    const double p = static_cast<double>(k) * 1e-6;
    const double back = 0.5 * std::erfc(-normal_quantile(p) / std::sqrt(2.0));
    RC_ASSERT(std::fabs(back - p) <= 1e-14 * std::max(p, 1e-3) * 100);
}

}  // namespace
}  // namespace fermata

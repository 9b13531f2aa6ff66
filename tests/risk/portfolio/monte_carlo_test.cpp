#include "risk/portfolio/monte_carlo.hpp"

#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <numeric>

#include "core/base/normal.hpp"
#include "risk/portfolio/covariance.hpp"
#include "tests/risk/portfolio/samples.hpp"

namespace fermata::portfolio {
namespace {

using test::matrix;
using test::random_returns;

constexpr std::array<double, 5> kExposures{1000, -400, 250, 700, 800};

/// Standard error of the quantile of n normal values: sqrt(p (1 - p) / n) / density.
double standard_error(double deviation, double confidence, double n) {
    const double z = normal_quantile(1 - confidence);
    return deviation * std::sqrt(confidence * (1 - confidence) / n) / normal_density(z);
}

TEST(MonteCarlo, OfNormalReturnsAgreesWithTheFormulaWithinItsStandardError) {
    const Matrix r = random_returns(300, 5, 3);
    const Matrix s = sample_covariance(r);
    const std::vector<double> mean = mean_returns(r);
    const TailComponents exact = parametric_components(kExposures, mean, s, 0.99);
    for (const std::uint64_t seed : {1U, 7U, 99U}) {
        const MonteCarloTail mc = simulate_tail(kExposures, mean, s, 0.99, {seed, 100'000, 0});
        const double error = standard_error(exact.deviation, 0.99, 100'000);
        EXPECT_NEAR(mc.tail.var, exact.total.var, 4 * error) << seed;
        // A mean over the tail varies less than 2 times its quantile does.
        EXPECT_NEAR(mc.tail.cvar, exact.total.cvar, 8 * error) << seed;
        EXPECT_LT(mc.var_low, mc.tail.var);
        EXPECT_GT(mc.var_high, mc.tail.var);
        EXPECT_NEAR(mc.var_high - mc.var_low, 2 * 1.96 * error, 0.5 * error * 2 * 1.96);
        // Linear positions: each component's share of the tail is its share of the normal CVaR.
        for (std::size_t i = 0; i < kExposures.size(); ++i) {
            EXPECT_NEAR(mc.component_cvar[i], exact.component_cvar[i], 0.1 * exact.total.cvar);
        }
    }
}

TEST(MonteCarlo, RepeatsItselfToTheBitFromItsSeed) {
    const Matrix s = sample_covariance(random_returns(300, 5, 3));
    const std::array<double, 5> zero{};
    const MonteCarloSettings settings{42, 5'000, 4};
    const MonteCarloTail a = simulate_tail(kExposures, zero, s, 0.99, settings);
    const MonteCarloTail b = simulate_tail(kExposures, zero, s, 0.99, settings);
    EXPECT_EQ(a.settings, settings) << "the seed is in the result";
    EXPECT_EQ(a.tail, b.tail);
    EXPECT_EQ(a.component_cvar, b.component_cvar);
    EXPECT_EQ(a.var_low, b.var_low);
    EXPECT_NE(simulate_tail(kExposures, zero, s, 0.99, {43, 5'000, 4}).tail.var, a.tail.var);
}

TEST(MonteCarlo, GivesTheBitsOfAnIndependentProgram) {
    // Generator, jumps between blocks, inversion and quantile written again in another language
    // from their papers: 600 paths are two whole blocks and a part of a third.
    const Matrix s = matrix({{1e-4}});
    const std::array<double, 1> x{1000}, zero{};
    const MonteCarloTail normal = simulate_tail(x, zero, s, 0.99, {2024, 600, 0});
    EXPECT_EQ(normal.tail.var, 0x1.659a3eb2a9dedp+4);
    EXPECT_EQ(normal.tail.cvar, 0x1.95e95494e5bf9p+4);
    EXPECT_EQ(normal.tail_paths, 6U);
    const MonteCarloTail fat = simulate_tail(x, zero, s, 0.99, {2024, 600, 4});
    EXPECT_EQ(fat.tail.var, 0x1.3f9bd8b241e28p+4);
    EXPECT_EQ(fat.tail.cvar, 0x1.de3b48557e34dp+4);
}

TEST(MonteCarlo, ComponentsAddUpToTheTail) {
    const Matrix s = sample_covariance(random_returns(300, 5, 6));
    const std::array<double, 5> mean{0.001, 0, -0.001, 0.0005, 0};
    for (const std::uint32_t freedom : {0U, 5U}) {
        const MonteCarloTail mc =
            simulate_tail(kExposures, mean, s, 0.975, {5, 4'096 + 17, freedom});
        EXPECT_EQ(mc.tail_paths, 103U) << "ranks up to 4112 x 0.025 = 102.8: 103 paths";
        EXPECT_NEAR(std::accumulate(mc.component_cvar.begin(), mc.component_cvar.end(), 0.0),
                    mc.tail.cvar, 1e-10 * mc.tail.cvar);
    }
}

TEST(MonteCarlo, FatTailsKeepTheVarianceAndRaiseTheFarTail) {
    const Matrix s = matrix({{1e-4}});
    const std::array<double, 1> x{1000}, zero{};
    // Student's t with 4 degrees of freedom scaled to variance 1: t(0.999) = 7.173 (table of any
    // textbook) x sqrt(2 / 4) = 5.072; times 10. The normal gives 3.090 x 10.
    const MonteCarloTail fat = simulate_tail(x, zero, s, 0.999, {11, 200'000, 4});
    EXPECT_GT(50.72, fat.var_low - (fat.tail.var - fat.var_low));
    EXPECT_LT(50.72, fat.var_high + (fat.var_high - fat.tail.var));
    const MonteCarloTail thin = simulate_tail(x, zero, s, 0.999, {11, 200'000, 0});
    EXPECT_NEAR(thin.tail.var, 30.90, 4 * standard_error(10, 0.999, 200'000));
}

TEST(CovarianceRoot, TimesItsTransposeIsTheCovariance) {
    const auto check = [](const Matrix& s) {
        const Matrix a = covariance_root(s);
        for (std::size_t i = 0; i < s.rows(); ++i) {
            for (std::size_t j = 0; j < s.rows(); ++j) {
                double sum = 0;
                for (std::size_t k = 0; k < s.rows(); ++k) sum += a(i, k) * a(j, k);
                EXPECT_NEAR(sum, s(i, j), 1e-17) << i << ' ' << j;
            }
        }
    };
    check(sample_covariance(random_returns(100, 8, 2)));
    check(sample_covariance(random_returns(5, 8, 2)));  // rank 4
    check(matrix({{1e-4, 1e-4}, {1e-4, 1e-4}}));
    check(Matrix(3, 3));
}

}  // namespace
}  // namespace fermata::portfolio

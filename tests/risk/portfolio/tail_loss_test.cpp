#include "risk/portfolio/tail_loss.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>

#include "risk/portfolio/covariance.hpp"
#include "tests/risk/portfolio/samples.hpp"

namespace fermata::portfolio {
namespace {

using test::matrix;
using test::random_returns;

double sum(const std::vector<double>& x) { return std::accumulate(x.begin(), x.end(), 0.0); }

TEST(TailLoss, OfTheePastInterpolatesBetweenTwoDays) {
    // Sorted: -5 -3 -1 0 1 2 3 4 5 6 (n = 10). 95%: rank 9 x 0.05 = 0.45: -5 + 0.45 x 2 = -4.1;
    // at or below -4.1 is -5 alone.
    const std::array<double, 10> x{2, -3, 5, 0, -1, 6, -5, 1, 3, 4};
    const TailLoss at95 = historical_tail(x, 0.95);
    EXPECT_NEAR(at95.var, 4.1, 1e-14);
    EXPECT_NEAR(at95.cvar, 5.0, 1e-14);
    // 75%: rank 2.25: -1 + 0.25 x 1 = -0.75; at or below: -5, -3, -1: mean -3.
    const TailLoss at75 = historical_tail(x, 0.75);
    EXPECT_NEAR(at75.var, 0.75, 1e-14);
    EXPECT_NEAR(at75.cvar, 3.0, 1e-14);
    const TailLoss one = historical_tail(std::array<double, 1>{-7}, 0.99);
    EXPECT_EQ(one.var, 7);
    EXPECT_EQ(one.cvar, 7);
}

TEST(TailLoss, OfANormalDistributionIsItsTextbookValue) {
    // Mean 0, deviation 1, 99%: 2.3263 and phi(2.3263) / 0.01 = 2.6652 (McNeil, Frey, Embrechts,
    // Quantitative Risk Management, 2015, example 2.14 and table 2.1 give the ratio 1.146).
    const TailLoss unit = normal_tail(0, 1, 0.99);
    EXPECT_NEAR(unit.var, 2.326347874040841, 1e-12);
    EXPECT_NEAR(unit.cvar, 2.665214220345806, 1e-12);
    EXPECT_NEAR(unit.cvar / unit.var, 1.146, 5e-4);
    const TailLoss moved = normal_tail(0.5, 2, 0.99);
    EXPECT_NEAR(moved.var, 2 * 2.326347874040841 - 0.5, 1e-12);
    EXPECT_NEAR(moved.cvar, 2 * 2.665214220345806 - 0.5, 1e-12);
}

TEST(ParametricRisk, OfTwoPositionsIsWhatAHandComputes) {
    // Volatility 1% and 2%, correlation 0.5; 100 long, 50 short.
    // S = [1 1; 1 4] e-4. S x = (100 - 50, 100 - 200) e-4 = (50, -100) e-4.
    // Variance 100 x 50 + 50 x 100 = 10,000 e-4 = 1: deviation 1.
    const Matrix s = matrix({{1e-4, 1e-4}, {1e-4, 4e-4}});
    const std::array<double, 2> x{100, -50};
    const std::array<double, 2> zero{};
    const TailComponents c = parametric_components(x, zero, s, 0.99);
    constexpr double z = 2.326347874040841;
    EXPECT_NEAR(c.deviation, 1.0, 1e-14);
    EXPECT_NEAR(c.total.var, z, 1e-13);
    EXPECT_NEAR(c.marginal_var[0], z * 0.005, 1e-14);
    EXPECT_NEAR(c.marginal_var[1], -z * 0.01, 1e-14);
    EXPECT_NEAR(c.component_var[0], z / 2, 1e-13);
    EXPECT_NEAR(c.component_var[1], z / 2, 1e-13);
    EXPECT_NEAR(c.variance_share[0], 0.5, 1e-14);
    EXPECT_NEAR(sum(c.component_cvar), c.total.cvar, 1e-13);
}

TEST(ParametricRisk, OfNothingIsNothing) {
    const std::array<double, 2> none{};
    const TailComponents c =
        parametric_components(none, none, matrix({{1e-4, 0}, {0, 1e-4}}), 0.99);
    EXPECT_EQ(c.total.var, 0.0);
    EXPECT_EQ(sum(c.variance_share), 0.0);
}

TEST(ParametricRisk, MarginalVarIsTheSlopeOfTheTotal) {
    const Matrix r = random_returns(200, 5, 21);
    const Matrix s = sample_covariance(r);
    const std::vector<double> mean = mean_returns(r);
    std::array<double, 5> x{1000, -400, 250, 0, 800};
    const TailComponents c = parametric_components(x, mean, s, 0.975);
    for (std::size_t i = 0; i < x.size(); ++i) {
        auto up = x, down = x;
        up[i] += 0.01;
        down[i] -= 0.01;
        const double slope = (parametric_components(up, mean, s, 0.975).total.var -
                              parametric_components(down, mean, s, 0.975).total.var) /
                             0.02;
        EXPECT_NEAR(c.marginal_var[i], slope, 1e-8);
    }
}

RC_GTEST_PROP(ValueAtRisk, ScalesWithThePositionsAndIsTheSumOfItsComponents, ()) {
    const auto n = *rc::gen::inRange<std::size_t>(1, 12);
    const auto seed = *rc::gen::arbitrary<std::uint64_t>();
    const auto k = *rc::gen::inRange(1, 1000);
    const double scale = k / 37.0;
    const Matrix r = random_returns(80, n, seed);
    const Matrix s = sample_covariance(r);
    const std::vector<double> mean = mean_returns(r);
    std::vector<double> x, scaled;
    for (std::size_t i = 0; i < n; ++i) {
        x.push_back(*rc::gen::inRange(-100'000, 100'000) / 10.0);
        scaled.push_back(scale * x.back());
    }
    double gross = 1;
    for (const double v : x) gross += std::fabs(v);
    const double close = 1e-11 * gross * std::max(1.0, scale);

    const TailComponents a = parametric_components(x, mean, s, 0.99);
    const TailComponents b = parametric_components(scaled, mean, s, 0.99);
    RC_ASSERT(std::fabs(b.total.var - scale * a.total.var) <= close);
    RC_ASSERT(std::fabs(b.total.cvar - scale * a.total.cvar) <= close);
    RC_ASSERT(std::fabs(sum(a.component_var) - a.total.var) <= close);
    RC_ASSERT(std::fabs(sum(a.component_cvar) - a.total.cvar) <= close);
    RC_ASSERT(a.total.cvar >= a.total.var - close);

    const TailLoss past = historical_tail(outcomes_of(r, x), 0.95);
    const TailLoss past_scaled = historical_tail(outcomes_of(r, scaled), 0.95);
    RC_ASSERT(std::fabs(past_scaled.var - scale * past.var) <= close);
    RC_ASSERT(std::fabs(past_scaled.cvar - scale * past.cvar) <= close);
    RC_ASSERT(past.cvar >= past.var - close);
    RC_ASSERT(std::fabs(sum(historical_component_cvar(r, x, 0.95)) - past.cvar) <= close);
}

}  // namespace
}  // namespace fermata::portfolio

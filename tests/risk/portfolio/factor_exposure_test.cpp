#include "risk/portfolio/factor_exposure.hpp"

#include <gtest/gtest.h>

#include <array>
#include <cmath>

#include "risk/portfolio/covariance.hpp"
#include "tests/risk/portfolio/samples.hpp"
#include "tests/support/csv_table.hpp"

namespace fermata::portfolio {
namespace {

using test::matrix;
using test::random_returns;

TEST(Beta, IsCovarianceOverVarianceOfTheBenchmark) {
    // Benchmark 1 2 3 (mean 2), returns 2 3 7 (mean 4): (-1)(-2) + 0 + 1 x 3 = 5; 2.
    EXPECT_NEAR(beta_of(std::array<double, 3>{2, 3, 7}, std::array<double, 3>{1, 2, 3}), 2.5,
                1e-15);
    EXPECT_EQ(beta_of(std::array<double, 2>{2, 3}, std::array<double, 2>{1, 1}), 0.0);
    const Matrix both = matrix({{2, 1}, {3, 2}, {7, 3}});
    EXPECT_NEAR(betas_of(both, std::array<double, 3>{1, 2, 3})[0], 2.5, 1e-15);
    EXPECT_NEAR(betas_of(both, std::array<double, 3>{1, 2, 3})[1], 1.0, 1e-15);
}

TEST(Beta, EqualsTheOracleOnRealSeries) {
    namespace data = fermata::test;
    const auto oracle_file = data::data_file("expected/perf_metrics.csv");
    const auto ibm_file = data::data_file("daily/lean/IBM.csv");
    const auto spy_file = data::data_file("daily/lean/SPY.csv");
    if (!oracle_file || !ibm_file || !spy_file) GTEST_SKIP() << data::kNoData;
    const auto ibm = data::CsvTable::read(*ibm_file);
    const auto spy = data::CsvTable::read(*spy_file);
    std::map<std::string, double> spy_close;
    for (std::size_t row = 0; row < spy.size(); ++row) {
        spy_close[spy.text(row, "date")] = spy.number(row, "close");
    }
    std::vector<double> r, b;
    double before = 0, spy_before = 0;
    for (std::size_t row = 0; row < ibm.size(); ++row) {
        const std::string& date = ibm.text(row, "date");
        if (date < "2000-01-03" || date > "2012-12-31") continue;
        const double close = ibm.number(row, "close"), index = spy_close.at(date);
        if (before > 0) {
            r.push_back(close / before - 1);
            b.push_back(index / spy_before - 1);
        }
        before = close;
        spy_before = index;
    }
    const auto oracle = data::CsvTable::read(*oracle_file);
    Matrix factor(b.size(), 1);
    std::copy(b.begin(), b.end(), factor.values().begin());
    const auto regression = regress(r, factor);
    ASSERT_TRUE(regression.ok());
    int compared = 0;
    for (std::size_t row = 0; row < oracle.size(); ++row) {
        const std::string& metric = oracle.text(row, "metric");
        double value = 0;
        if (metric == "beta") {
            value = beta_of(r, b);
            EXPECT_NEAR(regression->betas[0], value, 1e-12);
        } else if (metric == "alpha_daily") {
            value = regression->alpha;
        } else if (metric == "r2") {
            value = regression->r_squared;
        } else {
            continue;
        }
        ++compared;
        const double expected = oracle.number(row, "close_IBM_2000_2012");
        EXPECT_NEAR(value, expected, 1e-9 * std::fabs(expected)) << metric;
    }
    EXPECT_EQ(compared, 3);
}

TEST(Regression, OfAnExactCombinationFindsItsWeights) {
    const Matrix f = random_returns(50, 3, 77);
    std::vector<double> y;
    for (std::size_t t = 0; t < 50; ++t) y.push_back(0.001 + 2 * f(t, 0) - 0.5 * f(t, 2));
    const auto r = regress(y, f);
    ASSERT_TRUE(r.ok());
    EXPECT_NEAR(r->alpha, 0.001, 1e-14);
    EXPECT_NEAR(r->betas[0], 2, 1e-12);
    EXPECT_NEAR(r->betas[1], 0, 1e-12);
    EXPECT_NEAR(r->betas[2], -0.5, 1e-12);
    EXPECT_NEAR(r->r_squared, 1, 1e-12);
    EXPECT_NEAR(r->residual_deviation, 0, 1e-12);
}

TEST(Regression, OfFourPointsIsWhatAHandComputes) {
    // x 1 2 3 4, y 2 2 4 6: slope 7 / 5 = 1.4, intercept 3.5 - 1.4 x 2.5 = 0; residuals 0.6, -0.8,
    // -0.2, 0.4: squares 1.2, total 11: r2 = 1 - 1.2 / 11; deviation sqrt(1.2 / 2).
    const auto r = regress(std::array<double, 4>{2, 2, 4, 6}, matrix({{1}, {2}, {3}, {4}}));
    ASSERT_TRUE(r.ok());
    EXPECT_NEAR(r->alpha, 0, 1e-14);
    EXPECT_NEAR(r->betas[0], 1.4, 1e-14);
    EXPECT_NEAR(r->r_squared, 1 - 1.2 / 11, 1e-14);
    EXPECT_NEAR(r->residual_deviation, std::sqrt(0.6), 1e-14);
    // Lags floor(4 (0.04)^(2/9)) = floor(1.956) = 1, weight 1/2.
    // Scores e x: (0.6, 0.6), (-0.8, -1.6), (-0.2, -0.6), (0.4, 1.6); S_0 = [1.2 2.4; 2.4 5.84].
    // Outer products s_t s_(t-1)':
    //   (-0.8, -1.6)(0.6, 0.6)'  = [-0.48 -0.48; -0.96 -0.96]
    //   (-0.2, -0.6)(-0.8,-1.6)' = [ 0.16  0.32;  0.48  0.96]
    //   ( 0.4,  1.6)(-0.2,-0.6)' = [-0.08 -0.24; -0.32 -0.96]
    //   sum                        [-0.40 -0.40; -0.80 -0.96]
    // S = S_0 + (sum + sum') / 2 = [0.8 1.8; 1.8 4.88].
    // X'X = [4 10; 10 30], inverse [1.5 -0.5; -0.5 0.2].
    // Slope: (-0.5, 0.2) S (-0.5, 0.2)' = 0.25 x 0.8 - 0.2 x 1.8 + 0.04 x 4.88 = 0.0352.
    // Intercept: (1.5, -0.5): 2.25 x 0.8 - 1.5 x 1.8 + 0.25 x 4.88 = 0.32.
    EXPECT_EQ(newey_west_lags(4), 1U);
    EXPECT_NEAR(r->beta_errors[0], std::sqrt(0.0352), 1e-14);
    EXPECT_NEAR(r->alpha_error, std::sqrt(0.32), 1e-14);
}

TEST(Regression, TakesTheNumberOfLagsFromTheDays) {
    EXPECT_EQ(newey_west_lags(100), 4U);   // 4 x 1
    EXPECT_EQ(newey_west_lags(512), 5U);   // 4 x 5.12^(2/9) = 5.75
    EXPECT_EQ(newey_west_lags(3268), 8U);  // 4 x 2.171 = 8.68
}

TEST(Regression, RefusesWhatItCannotSolve) {
    const Matrix f = random_returns(20, 2, 5);
    Matrix twice(20, 3), constant(20, 2), zero(20, 1);
    for (std::size_t t = 0; t < 20; ++t) {
        twice(t, 0) = f(t, 0);
        twice(t, 1) = f(t, 1);
        twice(t, 2) = 1e6 * f(t, 0) - 3e6 * f(t, 1);
        constant(t, 0) = f(t, 0);
        constant(t, 1) = 0.01;
    }
    const std::vector<double> y(20, 0.01);
    EXPECT_EQ(regress(y, twice).error(), RegressionError::kCollinear);
    EXPECT_EQ(regress(y, constant).error(), RegressionError::kCollinear);
    EXPECT_EQ(regress(y, zero).error(), RegressionError::kCollinear);
    EXPECT_EQ(regress(std::array<double, 3>{1, 2, 3}, Matrix(3, 2)).error(),
              RegressionError::kTooFewDays);
}

TEST(SectorExposure, SeparatesLongFromShortByName) {
    const std::array<double, 5> x{100, -40, 25, -10, 0};
    const std::array<std::string, 5> sectors{"tech", "tech", "", "energy", "energy"};
    const auto s = sector_exposures(x, sectors);
    ASSERT_EQ(s.size(), 3U);
    EXPECT_EQ(s[0].sector, "");
    EXPECT_EQ(s[0].net(), 25);
    EXPECT_EQ(s[1].sector, "energy");
    EXPECT_EQ(s[1].gross(), 10);
    EXPECT_EQ(s[1].net(), -10);
    EXPECT_EQ(s[2].sector, "tech");
    EXPECT_EQ(s[2].long_value, 100);
    EXPECT_EQ(s[2].short_value, -40);
    EXPECT_EQ(s[2].gross(), 140);
    EXPECT_EQ(s[2].net(), 60);
}

}  // namespace
}  // namespace fermata::portfolio

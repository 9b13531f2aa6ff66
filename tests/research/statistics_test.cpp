#include "research/statistics.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <cmath>
#include <limits>
#include <stdexcept>
#include <string>
#include <vector>

#include "core/base/quantile.hpp"
#include "research/drawdown.hpp"
#include "research/moments.hpp"
#include "research/tail_risk.hpp"

namespace fermata {
namespace {

using ::testing::ElementsAre;

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

Statistics measure(const std::vector<double>& values, const StatisticsOptions& options = {}) {
    return compute_statistics({values, {}, {}}, options);
}

std::vector<std::string> names(const Statistics& statistics) {
    std::vector<std::string> all;
    for (const auto& [name, value] : statistics.flatten()) all.push_back(name);
    return all;
}

TEST(Statistics, AreWorkedOutByHandOnFourReturns) {
    // Returns +10%, -10%, +20%, -20%, four periods a year: mean 0, squares 0.1, growth 0.9504.
    StatisticsOptions options;
    options.periods_per_year = 4;
    const Statistics s = measure({100, 110, 99, 118.8, 95.04}, options);
    EXPECT_EQ(s.n_returns, 4U);
    EXPECT_NEAR(*s.total_return, -0.0496, 1e-15);
    EXPECT_NEAR(*s.cagr, -0.0496, 1e-15);
    EXPECT_NEAR(*s.mean, 0, 1e-16);
    EXPECT_NEAR(*s.sd, std::sqrt(0.1 / 3), 1e-15);
    EXPECT_NEAR(*s.ann_vol, 2 * std::sqrt(0.1 / 3), 1e-15);
    EXPECT_NEAR(*s.downside_dev_ann, 2 * std::sqrt(0.05 / 4), 1e-15);
    EXPECT_NEAR(*s.omega_0, 1, 1e-14);
    EXPECT_NEAR(s.drawdown->max_drawdown, 0.2, 1e-15);
    EXPECT_NEAR(*s.drawdown->calmar, -0.248, 1e-14);
    EXPECT_EQ(*s.positive_fraction, 0.5);
    EXPECT_NEAR(*s.best, 0.2, 1e-15);
    EXPECT_NEAR(*s.worst, -0.2, 1e-15);
    EXPECT_NEAR(*s.probabilistic_sharpe, 0.5, 1e-14);
    EXPECT_FALSE(s.benchmark.has_value());
}

TEST(Statistics, TakeTheRiskFreeRateOffEveryReturn) {
    // Returns 3%, 1%; 2% a year in two periods: excess 2%, 0%.
    StatisticsOptions options;
    options.periods_per_year = 2;
    options.risk_free = 0.02;
    const Statistics s = measure({100, 103, 104.03}, options);
    EXPECT_NEAR(*s.sharpe, 0.01 / (0.02 / std::sqrt(2.0)) * std::sqrt(2.0), 1e-11);
    EXPECT_FALSE(s.sortino.has_value());  // no return below the rate
    EXPECT_NEAR(*s.ann_mean, 0.04, 1e-14);
}

TEST(Statistics, CompareWithTheBenchmark) {
    // r = 2b + 1%: beta 2, alpha 1% a period, correlation 1.
    const std::vector<double> b{0.01, -0.02, 0.03, 0.005};
    std::vector<double> r;
    for (const double x : b) r.push_back(2 * x + 0.01);
    const std::vector<double> values = values_of(r);
    const std::vector<double> benchmark = values_of(b);
    const Statistics s = compute_statistics({values, {}, benchmark});
    EXPECT_NEAR(*s.benchmark->beta, 2, 1e-12);
    EXPECT_NEAR(*s.benchmark->alpha, 0.01, 1e-14);
    EXPECT_NEAR(*s.benchmark->alpha_ann, 2.52, 1e-11);
    EXPECT_NEAR(*s.benchmark->corr, 1, 1e-12);
    // Mean active return (sum b = 0.025) / 4 + 0.01; it varies as b does.
    EXPECT_NEAR(*s.benchmark->tracking_error, std::sqrt(252.0) * *stdev(b), 1e-12);
    EXPECT_NEAR(*s.benchmark->information_ratio, std::sqrt(252.0) * 0.01625 / *stdev(b), 1e-8);
    EXPECT_NEAR(*s.benchmark->treynor, 252 * 0.0225 / 2, 1e-11);
}

TEST(Statistics, SayNothingAboutNothing) {
    EXPECT_THAT(names(measure({})), ElementsAre("n_returns"));
    EXPECT_THAT(names(measure({100})), ElementsAre("n_returns", "max_drawdown",
                                                   "longest_underwater_bars", "ulcer_index_pct"));
}

TEST(Statistics, NeedTwoReturnsForADeviation) {
    const Statistics s = measure({100, 101});
    EXPECT_EQ(s.n_returns, 1U);
    EXPECT_NEAR(*s.mean, 0.01, 1e-15);
    EXPECT_FALSE(s.sd || s.sharpe || s.ann_vol || s.skew_pop || s.probabilistic_sharpe);
    EXPECT_FALSE(s.tail_risks[0].var_parametric.has_value());
    EXPECT_NEAR(s.tail_risks[0].var_historical, -0.01, 1e-15);
}

TEST(Statistics, HaveNoRatioToAVarianceThatIsZero) {
    for (const std::vector<double>& values : {std::vector<double>{100, 100, 100, 100},
                                              std::vector<double>{100, 101, 102.01, 103.0301}}) {
        const Statistics s = compute_statistics({values, {}, values});
        EXPECT_FALSE(s.sharpe || s.sortino || s.skew_pop || s.omega_0 || s.drawdown->calmar);
        EXPECT_FALSE(s.benchmark->beta || s.benchmark->corr || s.benchmark->information_ratio);
        EXPECT_FALSE(s.probabilistic_sharpe.has_value());
        for (const auto& [name, value] : s.flatten()) EXPECT_TRUE(std::isfinite(value)) << name;
    }
}

TEST(Statistics, KeepWhatHoldsWhenTheAccountIsWipedOut) {
    const Statistics lost = measure({100, 50, 0});
    EXPECT_EQ(*lost.total_return, -1);
    EXPECT_EQ(*lost.cagr, -1);
    EXPECT_EQ(lost.drawdown->max_drawdown, 1);
    EXPECT_EQ(lost.n_returns, 2U);

    const Statistics owing = measure({100, -50, -25});
    EXPECT_EQ(*owing.total_return, -1.25);
    EXPECT_EQ(owing.drawdown->max_drawdown, 1.5);
    EXPECT_EQ(owing.n_returns, 0U);  // a return on a negative value means nothing
    EXPECT_FALSE(owing.cagr || owing.mean || owing.sharpe);
}

TEST(Statistics, RefuseWhatIsNoSeries) {
    const std::vector<double> two{1, 2};
    const std::vector<double> three{1, 2, 3};
    const std::vector<Date> backwards{Date{5}, Date{5}};
    EXPECT_THROW((void)compute_statistics({two, {}, three}), std::invalid_argument);
    EXPECT_THROW((void)compute_statistics({three, backwards, {}}), std::invalid_argument);
    EXPECT_THROW((void)compute_statistics({two, backwards, {}}), std::invalid_argument);
    EXPECT_THROW((void)measure({1, kNan}), std::invalid_argument);
    StatisticsOptions options;
    options.confidences = {1.0};
    EXPECT_THROW((void)measure(two, options), std::invalid_argument);
}

TEST(Statistics, NameThePeriodAndTheLevels) {
    StatisticsOptions options;
    options.periods_per_year = 12;
    options.confidences = {0.975, 0.999};
    options.ewma_lambda = 0.97;
    const std::vector<std::string> all = names(measure({100, 101, 99, 103}, options));
    for (const char* name : {"cagr_12", "mean_monthly", "sd_monthly", "var_hist_97.5",
                             "cvar_param_99.9", "ewma_vol_097_ann"}) {
        EXPECT_THAT(all, ::testing::Contains(name));
    }
}

TEST(Drawdown, FindsPeakTroughAndRecovery) {
    const std::vector<double> values{100, 120, 120, 90, 96, 90, 125, 110};
    const Drawdown d = measure_drawdown(values);
    EXPECT_DOUBLE_EQ(d.maximum, 0.25);
    EXPECT_EQ(d.peak, 2U);    // the last place at 120
    EXPECT_EQ(d.trough, 3U);  // the first place at 90
    EXPECT_EQ(d.recovery, 6U);
    EXPECT_EQ(d.longest_underwater, 3U);
    // d = 0 0 0 -.25 -.2 -.25 0 -.12
    EXPECT_NEAR(d.ulcer_index, std::sqrt((0.0625 * 2 + 0.04 + 0.0144) / 8), 1e-15);
}

TEST(Drawdown, IsNoneInARise) {
    const std::vector<double> values{1, 2, 2, 3};
    const Drawdown d = measure_drawdown(values);
    EXPECT_EQ(d.maximum, 0);
    EXPECT_FALSE(d.peak || d.trough || d.recovery);
}

TEST(TailRisk, InterpolatesTheQuantileAndAveragesWhatLiesBeyond) {
    const std::vector<double> r{0.05, -0.04, 0.01, -0.02, 0.03};
    // Ascending -4% -2% 1% 3% 5%; probability 0.3 lies at 1.2: -2% + 0.2 x 3% = -1.4%.
    const TailRisk risk = measure_tail_risk(r, sorted(r), 0.7);
    EXPECT_NEAR(risk.var_historical, 0.014, 1e-15);
    EXPECT_NEAR(risk.cvar_historical, 0.03, 1e-15);
}

RC_GTEST_PROP(Moments, AgreeWithTheTextbook, (std::vector<int> raw)) {
    RC_PRE(raw.size() > 1U);
    std::vector<double> x;
    for (const int v : raw) x.push_back(v % 1000);
    long double total = 0;
    for (const double v : x) total += v;
    const long double centre = total / static_cast<long double>(x.size());
    long double squares = 0;
    for (const double v : x) squares += (v - centre) * (v - centre);
    RC_ASSERT(std::fabs(*mean(x) - static_cast<double>(centre)) < 1e-12);
    const auto expected =
        static_cast<double>(std::sqrt(squares / static_cast<long double>(x.size() - 1)));
    RC_ASSERT(std::fabs(*stdev(x) - expected) < 1e-9);
    const std::vector<double> ascending = sorted(x);
    RC_ASSERT(quantile_of_sorted(ascending, 0) == ascending.front());
    RC_ASSERT(quantile_of_sorted(ascending, 1) == ascending.back());
}

}  // namespace
}  // namespace fermata

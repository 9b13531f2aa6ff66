// Covariance, correlation, risk contributions, VaR and CVaR of real series against numbers that
// were computed elsewhere, from the same definitions, with numpy and scipy (12 printed digits).

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "risk/portfolio/covariance.hpp"
#include "risk/portfolio/return_history.hpp"
#include "risk/portfolio/tail_loss.hpp"
#include "tests/support/csv_table.hpp"

namespace fermata::portfolio {
namespace {

using fermata::test::CsvTable;
using fermata::test::data_file;
using fermata::test::kNoData;

const std::vector<std::string> kSymbols{"JPM", "KO", "WMT", "XOM", "T",
                                        "JNJ", "PG", "GE",  "MCD", "DIS"};

bool panel_is_there() {
    for (const char* file :
         {"daily/iex_panel_close_wide.csv", "expected/portfolio_covariance_annual.csv",
          "expected/portfolio_correlation.csv", "expected/portfolio_weights.csv"}) {
        if (!data_file(file)) return false;
    }
    return true;
}

Matrix panel_returns() {
    const CsvTable panel = CsvTable::read(*data_file("daily/iex_panel_close_wide.csv"));
    ReturnHistory history(kSymbols.size(), panel.size());
    std::vector<double> closes(kSymbols.size());
    for (std::size_t row = 0; row < panel.size(); ++row) {
        for (std::size_t i = 0; i < kSymbols.size(); ++i) {
            closes[i] = panel.maybe_number(row, kSymbols[i])
                            .value_or(std::numeric_limits<double>::quiet_NaN());
        }
        const auto date = parse_iso_date(panel.text(row, "date"));
        EXPECT_TRUE(history.add_day(date.value(), closes).ok());
    }
    std::vector<std::size_t> all;
    for (std::size_t i = 0; i < kSymbols.size(); ++i) all.push_back(i);
    const auto complete = history.complete(all, 2);
    EXPECT_EQ(complete->dropped, 0U);
    EXPECT_EQ(complete->returns.rows(), panel.size() - 1);
    return complete->returns;
}

void expect_matrix(const Matrix& m, const std::string& file) {
    const CsvTable oracle = CsvTable::read(*data_file(file));
    ASSERT_EQ(oracle.size(), kSymbols.size());
    for (std::size_t i = 0; i < kSymbols.size(); ++i) {
        ASSERT_EQ(oracle.text(i, ""), kSymbols[i]);
        for (std::size_t j = 0; j < kSymbols.size(); ++j) {
            const double expected = oracle.number(i, kSymbols[j]);
            EXPECT_NEAR(m(i, j), expected, 1e-9 * std::fabs(expected)) << i << ' ' << j;
        }
    }
}

TEST(PortfolioOracle, CovarianceAndCorrelationOfTenShares) {
    if (!panel_is_there()) GTEST_SKIP() << kNoData;
    const Matrix covariance = sample_covariance(panel_returns());
    expect_matrix(annualised(covariance, 252), "expected/portfolio_covariance_annual.csv");
    expect_matrix(correlation_of(covariance), "expected/portfolio_correlation.csv");
    EXPECT_TRUE(definiteness_of(covariance).definite());
}

TEST(PortfolioOracle, VolatilityReturnAndRiskContributionsOfTwelvePortfolios) {
    if (!panel_is_there()) GTEST_SKIP() << kNoData;
    const Matrix returns = panel_returns();
    const Matrix annual = annualised(sample_covariance(returns), 252);
    std::vector<double> mean = mean_returns(returns);
    for (double& m : mean) m *= 252;
    const CsvTable oracle = CsvTable::read(*data_file("expected/portfolio_weights.csv"));
    std::size_t portfolios = 0;
    for (std::size_t row = 0; row < oracle.size(); ++row) {
        const std::string& name = oracle.text(row, "portfolio");
        std::vector<double> weights;
        for (const std::string& symbol : kSymbols) weights.push_back(oracle.number(row, symbol));
        if (name == "mu_annual") {
            for (std::size_t i = 0; i < mean.size(); ++i) {
                EXPECT_NEAR(mean[i], weights[i], 1e-9 * std::fabs(weights[i]));
            }
            continue;
        }
        ++portfolios;
        const TailComponents c = parametric_components(weights, mean, annual, 0.95);
        EXPECT_NEAR(c.deviation, oracle.number(row, "vol"), 1e-9) << name;
        for (std::size_t i = 0; i < kSymbols.size(); ++i) {
            // Weights are printed to 12 digits, so a share is known to some 1e-11.
            EXPECT_NEAR(c.variance_share[i], oracle.number(row, "rc_" + kSymbols[i]), 1e-9)
                << name << ' ' << kSymbols[i];
        }
        double expected_return = 0;
        for (std::size_t i = 0; i < mean.size(); ++i) expected_return += weights[i] * mean[i];
        EXPECT_NEAR(expected_return, oracle.number(row, "exp_return"), 1e-9) << name;
    }
    EXPECT_EQ(portfolios, 12U);
}

/// Returns of one column between two dates.
std::vector<double> series(const std::string& file, const std::string& column,
                           const std::string& first, const std::string& last) {
    const CsvTable table = CsvTable::read(*data_file(file));
    std::vector<double> returns;
    double before = 0;
    for (std::size_t row = 0; row < table.size(); ++row) {
        const std::string& date = table.text(row, "date");
        if (date < first || date > last) continue;
        const double value = table.number(row, column);
        if (before > 0) returns.push_back(value / before - 1);
        before = value;
    }
    return returns;
}

void expect_tails(const std::vector<double>& returns, const std::string& column) {
    const CsvTable oracle = CsvTable::read(*data_file("expected/perf_metrics.csv"));
    const MeanDeviation moments = mean_deviation(returns);
    Matrix matrix(returns.size(), 1);
    std::copy(returns.begin(), returns.end(), matrix.values().begin());
    int compared = 0;
    for (std::size_t row = 0; row < oracle.size(); ++row) {
        const std::string& metric = oracle.text(row, "metric");
        const auto is = [&](const char* name) { return metric == name; };
        double value = 0;
        const TailLoss past95 = historical_tail(returns, 0.95);
        const TailLoss past99 = historical_tail(returns, 0.99);
        const TailLoss normal95 = normal_tail(moments.mean, moments.deviation, 0.95);
        const TailLoss normal99 = normal_tail(moments.mean, moments.deviation, 0.99);
        if (is("var_hist_95"))
            value = past95.var;
        else if (is("cvar_hist_95"))
            value = past95.cvar;
        else if (is("var_param_95"))
            value = normal95.var;
        else if (is("cvar_param_95"))
            value = normal95.cvar;
        else if (is("var_hist_99"))
            value = past99.var;
        else if (is("cvar_hist_99"))
            value = past99.cvar;
        else if (is("var_param_99"))
            value = normal99.var;
        else if (is("cvar_param_99"))
            value = normal99.cvar;
        else if (is("mean_daily"))
            value = moments.mean;
        else if (is("sd_daily"))
            value = moments.deviation;
        else if (is("ewma_vol_094_ann"))
            value = std::sqrt(252 * ewma_covariance(matrix, 0.94)(0, 0));
        else
            continue;
        ++compared;
        const double expected = oracle.number(row, column);
        EXPECT_NEAR(value, expected, 1e-9 * std::fabs(expected)) << metric;
    }
    EXPECT_EQ(compared, 11);
}

TEST(PortfolioOracle, TailsOfAnEquityCurveAndOfAShare) {
    if (!data_file("expected/perf_metrics.csv") || !data_file("daily/lean/IBM.csv") ||
        !data_file("expected/bt_SPY_sma_cross_20_50_equity.csv")) {
        GTEST_SKIP() << kNoData;
    }
    expect_tails(series("expected/bt_SPY_sma_cross_20_50_equity.csv", "equity", "", "9999"),
                 "equity_SPY_sma_cross_20_50");
    expect_tails(series("daily/lean/IBM.csv", "close", "2000-01-03", "2012-12-31"),
                 "close_IBM_2000_2012");
}

}  // namespace
}  // namespace fermata::portfolio

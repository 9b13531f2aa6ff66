// Covariance, correlation, risk contributions, VaR and CVaR of real series against numbers that
// were computed elsewhere, from the same definitions, with numpy and scipy (12 printed digits).

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "risk/portfolio/covariance.hpp"
#include "risk/portfolio/return_history.hpp"
#include "risk/portfolio/snapshot_codec.hpp"
#include "risk/portfolio/tail_loss.hpp"
#include "risk/portfolio/var_backtest.hpp"
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

ReturnHistory panel_history() {
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
    return history;
}

Matrix panel_returns() {
    const ReturnHistory history = panel_history();
    std::vector<std::size_t> all;
    for (std::size_t i = 0; i < kSymbols.size(); ++i) all.push_back(i);
    const auto complete = history.complete(all, 2);
    EXPECT_EQ(complete->dropped, 0U);
    EXPECT_EQ(complete->returns.rows(), history.window() - 1);
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

TEST(PortfolioOracle, SnapshotForTheGateHoldsTheSameAndSurvivesItsEncoding) {
    if (!panel_is_there()) GTEST_SKIP() << kNoData;
    const std::vector<std::uint16_t> sectors(kSymbols.size(), PortfolioSnapshot::kNoSector);
    const std::vector<Quantity> volumes(kSymbols.size(), Quantity::from_units(1'000));
    const SnapshotSettings settings{CovarianceMethod::kSample, 0.94, 0.4, 60};
    const auto made =
        make_snapshot(panel_history(), {1, Timestamp{1}, sectors, volumes, 0}, settings);
    ASSERT_TRUE(made.ok());
    const auto decoded = decode_snapshot(encode(*made));
    ASSERT_TRUE(decoded.ok()) << describe(decoded.error());
    EXPECT_EQ(*decoded, *made);
    const CsvTable covariance =
        CsvTable::read(*data_file("expected/portfolio_covariance_annual.csv"));
    const CsvTable correlation = CsvTable::read(*data_file("expected/portfolio_correlation.csv"));
    int pairs = 0;
    for (std::size_t i = 0; i < kSymbols.size(); ++i) {
        for (std::size_t j = 0; j < kSymbols.size(); ++j) {
            const double expected = covariance.number(i, kSymbols[j]);
            EXPECT_NEAR(252 * decoded->covariance_row(i)[j], expected, 1e-9 * std::fabs(expected));
            const bool above = i != j && correlation.number(i, kSymbols[j]) > 0.4;
            EXPECT_EQ((decoded->correlated_row(i)[0] >> j & 1) != 0, above) << i << ' ' << j;
            pairs += above ? 1 : 0;
        }
    }
    EXPECT_GT(pairs, 0);
    EXPECT_LT(pairs, 90);
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

/// What a program in another language found, from the definitions alone (250 days a forecast).
struct Backtested {
    const char* name;
    double confidence;
    VarMethod method;
    std::size_t days, exceptions, n00, n01, n10, n11;
    double kupiec, kupiec_p, independence, independence_p, coverage_p;
};

TEST(PortfolioOracle, BacktestOfTwoRealSharesEqualsAnIndependentProgram) {
    const auto ibm_file = data_file("daily/lean/IBM.csv");
    if (!ibm_file || !data_file("daily/lean/SPY.csv")) GTEST_SKIP() << kNoData;
    const auto ibm = series("daily/lean/IBM.csv", "close", "2000-01-03", "2012-12-31");
    const auto spy = series("daily/lean/SPY.csv", "close", "1998-01-02", "2012-12-31");
    using enum VarMethod;
    for (const Backtested& expected : {
             Backtested{"IBM", 0.95, kHistorical, 3018, 150, 2731, 136, 136, 14, 0.005660982613222,
                        0.9400241556126, 5.175660436553, 0.02290546263221, 0.07497048999685},
             Backtested{"IBM", 0.95, kParametric, 3018, 134, 2762, 121, 121, 13, 2.067033543255,
                        0.1505140347996, 7.025317354922, 0.008036522735071, 0.01060769657788},
             Backtested{"IBM", 0.95, kEwma, 3018, 140, 2747, 130, 130, 10, 0.8484025846318,
                        0.3570046319167, 1.80939217757, 0.1785811610994, 0.2647690397572},
             Backtested{"IBM", 0.99, kHistorical, 3018, 41, 2938, 38, 38, 3, 3.523424897891,
                        0.06050729175092, 5.518532900325, 0.01881603254831, 0.01087836962846},
             Backtested{"IBM", 0.99, kParametric, 3018, 50, 2923, 44, 44, 6, 10.97612483468,
                        0.000922932186297, 14.55123642937, 0.0001363991138204, 2.862885195495e-06},
             Backtested{"IBM", 0.99, kEwma, 3018, 51, 2916, 50, 50, 1, 12.01932828651,
                        0.0005265167410786, 0.02172893372031, 0.8828104860015, 0.002428385586494},
             Backtested{"SPY", 0.95, kHistorical, 3522, 195, 3152, 174, 174, 21, 2.066503896092,
                        0.150566329497, 8.714256059492, 0.00315731233487, 0.004560240216473},
             Backtested{"SPY", 0.95, kParametric, 3522, 194, 3152, 175, 175, 19, 1.856716907481,
                        0.17300419489, 6.023708721494, 0.01411495467141, 0.01944407632391},
             Backtested{"SPY", 0.95, kEwma, 3522, 201, 3131, 189, 189, 12, 3.551428603383,
                        0.05949420698531, 0.02673316444259, 0.8701225715422, 0.1671136959883},
             Backtested{"SPY", 0.99, kHistorical, 3522, 58, 3406, 57, 57, 1, 12.45330583868,
                        0.0004172526637582, 0.002119695618955, 0.9632782469594, 0.001973961647171},
             Backtested{"SPY", 0.99, kParametric, 3522, 73, 3378, 70, 70, 3, 31.26226020618,
                        2.254193861619e-08, 1.19505243768, 0.2743127836794, 8.953320078798e-08},
             Backtested{"SPY", 0.99, kEwma, 3522, 65, 3392, 64, 64, 1, 20.35558486258,
                        6.430513140224e-06, 0.03660163806606, 0.8482783822505, 3.731581784407e-05},
         }) {
        const auto& returns = expected.name[0] == 'I' ? ibm : spy;
        const auto forecasts =
            rolling_var(returns, 250, expected.confidence, expected.method, 0.94);
        const VarBacktest test =
            backtest_var(std::span(returns).subspan(250), forecasts, expected.confidence);
        SCOPED_TRACE(std::string(expected.name) + " " + std::string(name(expected.method)));
        EXPECT_EQ(test.days, expected.days);
        EXPECT_EQ(test.exceptions, expected.exceptions);
        EXPECT_EQ(test.n00, expected.n00);
        EXPECT_EQ(test.n01, expected.n01);
        EXPECT_EQ(test.n10, expected.n10);
        EXPECT_EQ(test.n11, expected.n11);
        EXPECT_NEAR(test.failures.statistic, expected.kupiec, 1e-9);
        EXPECT_NEAR(test.failures.p_value, expected.kupiec_p, 1e-9);
        EXPECT_NEAR(test.independence.statistic, expected.independence, 1e-9);
        EXPECT_NEAR(test.independence.p_value, expected.independence_p, 1e-9);
        EXPECT_NEAR(test.coverage.p_value, expected.coverage_p, 1e-9);
    }
}

}  // namespace
}  // namespace fermata::portfolio

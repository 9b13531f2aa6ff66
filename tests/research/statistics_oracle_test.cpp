// Every statistic of two real series against numbers that were computed elsewhere, from the same
// definitions, with numpy and scipy.

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <string>
#include <vector>

#include "research/statistics.hpp"
#include "tests/support/csv_table.hpp"

namespace fermata {
namespace {

using test::CsvTable;
using test::data_file;

struct Series {
    std::vector<double> values, benchmark;
    std::vector<Date> dates;
};

/// A column with the benchmark's closes at the same dates.
Series load(const CsvTable& table, const std::string& column, const CsvTable& benchmark,
            const std::string& first, const std::string& last) {
    std::map<std::string, double> closes;
    for (std::size_t row = 0; row < benchmark.size(); ++row) {
        closes[benchmark.text(row, "date")] = benchmark.number(row, "close");
    }
    Series series;
    for (std::size_t row = 0; row < table.size(); ++row) {
        const std::string& date = table.text(row, "date");
        if (date < first || date > last) continue;
        series.values.push_back(table.number(row, column));
        series.benchmark.push_back(closes.at(date));
        series.dates.push_back(parse_iso_date(date).value());
    }
    return series;
}

void expect_equal(const Series& series, const std::string& oracle_column) {
    const CsvTable oracle = CsvTable::read(*data_file("expected/perf_metrics.csv"));
    const Statistics statistics =
        compute_statistics({series.values, series.dates, series.benchmark});
    std::map<std::string, double> numbers;
    for (const auto& [name, value] : statistics.flatten()) numbers[name] = value;
    std::map<std::string, std::string> dates;
    for (const auto& [name, date] : statistics.flatten_dates()) dates[name] = date;

    ASSERT_EQ(oracle.size(), 50U);
    for (std::size_t row = 0; row < oracle.size(); ++row) {
        const std::string& metric = oracle.text(row, "metric");
        if (metric.ends_with("_date")) {
            EXPECT_EQ(dates[metric], oracle.text(row, oracle_column)) << metric;
            continue;
        }
        ASSERT_TRUE(numbers.contains(metric)) << metric;
        const double expected = oracle.number(row, oracle_column);
        EXPECT_NEAR(numbers[metric], expected, 1e-9 * std::fabs(expected)) << metric;
    }
}

TEST(Statistics, EqualTheOracleOnAnEquityCurve) {
    const auto equity = data_file("expected/bt_SPY_sma_cross_20_50_equity.csv");
    const auto spy = data_file("daily/lean/SPY.csv");
    if (!equity || !spy || !data_file("expected/perf_metrics.csv")) GTEST_SKIP() << test::kNoData;
    expect_equal(load(CsvTable::read(*equity), "equity", CsvTable::read(*spy), "", "9999"),
                 "equity_SPY_sma_cross_20_50");
}

TEST(Statistics, EqualTheOracleOnAPriceSeries) {
    const auto ibm = data_file("daily/lean/IBM.csv");
    const auto spy = data_file("daily/lean/SPY.csv");
    if (!ibm || !spy || !data_file("expected/perf_metrics.csv")) GTEST_SKIP() << test::kNoData;
    expect_equal(
        load(CsvTable::read(*ibm), "close", CsvTable::read(*spy), "2000-01-03", "2012-12-31"),
        "close_IBM_2000_2012");
}

}  // namespace
}  // namespace fermata

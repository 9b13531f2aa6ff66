// Whole runs against the fills and equity that backtrader (and a separate small simulator, to the
// cent) gave for the same rules on the same real prices.

#include <cmath>

#include "core/market/date.hpp"
#include "tests/daemon/replay/run_fixture.hpp"
#include "tests/support/csv_table.hpp"

namespace fermata::test {
namespace {

constexpr double kPriceError = 1e-9;
constexpr double kMoneyError = 1e-4;  // our money is rounded to a millionth at every fill
constexpr double kCent = 0.005;

/// One strategy on one symbol, and what the reference run came to.
struct Case {
    const char* strategy;  // as the oracle files call it
    const char* yaml;      // type and parameters
    const char* symbol;
    const char* from;
    double final_equity;
    std::size_t fills;
};

void PrintTo(const Case& c, std::ostream* out) { *out << c.symbol << ' ' << c.strategy; }

constexpr const char* kSma = "type: sma_cross, params: {fast: 20, slow: 50}";
constexpr const char* kRsi = "type: rsi_reversion, params: {period: 14, low: 30, high: 70}";
constexpr const char* kMacd = "type: macd_cross, params: {fast: 12, slow: 26, signal: 9}";

// Final equity and number of fills: backtrader's, computed on these files.
constexpr Case kCases[] = {
    {"sma_cross_20_50", kSma, "SPY", "1998-01-01", 98'113.49, 85},
    {"rsi_14_30_70", kRsi, "SPY", "1998-01-01", 115'193.18, 25},
    {"macd_cross_12_26_9", kMacd, "SPY", "1998-01-01", 79'923.53, 322},
    {"sma_cross_20_50", kSma, "IBM", "2000-01-01", 59'890.84, 74},
    {"rsi_14_30_70", kRsi, "IBM", "2000-01-01", 157'992.75, 25},
    {"macd_cross_12_26_9", kMacd, "IBM", "2000-01-01", 241'615.16, 232},
};

std::string yaml_of(const Case& c, const std::filesystem::path& data) {
    const std::string symbol = c.symbol;
    return "mode: replay\n"
           "account: {currency: USD, cash: 100000, type: cash}\n"
           "instruments:\n"
           "  - {symbol: " +
           symbol +
           ", asset_class: equity, tick: 0.000001, lot: 1, calendar: us_equity}\n"
           "feeds:\n"
           "  - {type: csv, kind: bar, interval: 1d, symbol: " +
           symbol + ", path: '" + data.string() + "', from: " + c.from +
           ", to: 2012-12-31,\n"
           "     columns: {time: ts_ns, open: open, high: high, low: low, close: close,"
           " volume: volume}}\n"
           "venues:\n"
           "  - {name: sim, type: simulated, fill: {market: next_open},"
           " fees: {type: proportional, rate: 0.001}}\n"
           "strategies:\n"
           "  - {name: s, symbols: [" +
           symbol + "], " + c.yaml +
           ", sizing: {type: percent, value: 0.95}}\n"
           "risk: {profile: unlimited}\n";
}

/// The date on which something happened. Regular sessions in New York begin and end on one day of
/// UTC, so its date is New York's.
std::string date_of(const CsvTable& table, std::size_t row) {
    return format_iso_date(utc_date(Timestamp{std::stoll(table.text(row, "ts_ns"))}));
}

/// Rows of `table` whose `column` is `value`.
std::vector<std::size_t> rows_of(const CsvTable& table, const std::string& column,
                                 const std::string& value) {
    std::vector<std::size_t> rows;
    for (std::size_t row = 0; row < table.size(); ++row) {
        if (table.text(row, column) == value) rows.push_back(row);
    }
    return rows;
}

void expect_fills(const CsvTable& fills, const std::vector<std::size_t>& rows,
                  const CsvTable& oracle) {
    ASSERT_EQ(rows.size(), oracle.size());
    for (std::size_t i = 0; i < rows.size(); ++i) {
        SCOPED_TRACE("fill " + std::to_string(i + 1) + " on " + oracle.text(i, "fill_date"));
        const std::size_t row = rows[i];
        EXPECT_EQ(date_of(fills, row), oracle.text(i, "fill_date"));
        EXPECT_STRCASEEQ(fills.text(row, "side").c_str(), oracle.text(i, "side").c_str());
        EXPECT_EQ(fills.number(row, "quantity"), oracle.number(i, "size"));
        EXPECT_NEAR(fills.number(row, "price"), oracle.number(i, "price"), kPriceError);
        EXPECT_NEAR(fills.number(row, "commission"), oracle.number(i, "commission"), kMoneyError);
        EXPECT_NEAR(fills.number(row, "cash_after"), oracle.number(i, "cash_after"), kMoneyError);
        EXPECT_EQ(fills.number(row, "position_after"), oracle.number(i, "position_after"));
        if (testing::Test::HasFailure()) return;  // what follows only repeats the first difference
    }
}

void expect_equity(const CsvTable& curve, const std::vector<std::size_t>& rows,
                   const CsvTable& oracle) {
    ASSERT_EQ(rows.size(), oracle.size()) << "one sample a bar";
    for (std::size_t i = 0; i < rows.size(); ++i) {
        SCOPED_TRACE("bar of " + oracle.text(i, "date"));
        EXPECT_EQ(date_of(curve, rows[i]), oracle.text(i, "date"));
        EXPECT_NEAR(curve.number(rows[i], "cash"), oracle.number(i, "cash"), 0.01);
        EXPECT_NEAR(curve.number(rows[i], "equity"), oracle.number(i, "equity"), 0.01);
        if (testing::Test::HasFailure()) return;
    }
}

class Oracle : public testing::TestWithParam<Case> {
protected:
    TemporaryFolder folder_;
};

TEST_P(Oracle, FillsAndEquityEqualTheReferenceRun) {
    const Case& c = GetParam();
    const std::string base = std::string("expected/bt_") + c.symbol + "_" + c.strategy;
    const auto data = data_file(std::string("daily/lean/") + c.symbol + ".csv");
    const auto expected_fills = data_file(base + "_fills.csv");
    const auto expected_equity = data_file(base + "_equity.csv");
    if (!data || !expected_fills || !expected_equity) GTEST_SKIP() << kNoData;

    const std::filesystem::path out = folder_ / "out";
    run_yaml(yaml_of(c, *data), folder_.path(), out);

    const CsvTable fills = CsvTable::read(out / "fills.csv");
    expect_fills(fills, rows_of(fills, "strategy", "s"), CsvTable::read(*expected_fills));
    const CsvTable equity = CsvTable::read(out / "equity.csv");
    expect_equity(equity, rows_of(equity, "account", equity.text(0, "account")),
                  CsvTable::read(*expected_equity));
    const nlohmann::json summary = read_summary(out);
    EXPECT_NEAR(summary["final_equity"].get<double>(), c.final_equity, kCent);
    EXPECT_EQ(summary["fills"], c.fills);
    EXPECT_EQ(summary["rejected_orders"], 0);
}

INSTANTIATE_TEST_SUITE_P(RealPrices, Oracle, testing::ValuesIn(kCases), [](const auto& c) {
    return std::string(c.param.symbol) + "_" + c.param.strategy;
});

/// An oracle's cell against the summary's: a date or text as it stands, a number within 1e-7.
void expect_statistic(const nlohmann::json& statistics, const std::string& name,
                      const std::string& expected) {
    SCOPED_TRACE(name);
    if (expected.empty()) {
        EXPECT_FALSE(statistics.contains(name)) << "absent in the reference";
        return;
    }
    ASSERT_TRUE(statistics.contains(name));
    const nlohmann::json& found = statistics[name];
    if (found.is_string()) {
        EXPECT_EQ(found.get<std::string>(), expected);
        return;
    }
    const double reference = std::stod(expected);
    EXPECT_NEAR(found.get<double>(), reference, 1e-7 * std::abs(reference));
}

TEST(OracleStatistics, SummaryEqualsTheReferenceFigures) {
    const Case& c = kCases[0];
    const auto data = data_file("daily/lean/SPY.csv");
    const auto metrics = data_file("expected/perf_metrics.csv");
    if (!data || !metrics) GTEST_SKIP() << kNoData;

    TemporaryFolder folder;
    const std::filesystem::path out = folder / "out";
    run_yaml(yaml_of(c, *data), folder.path(), out, {"run.benchmark=SPY"});

    const nlohmann::json statistics = read_summary(out)["statistics"];
    const CsvTable expected = CsvTable::read(*metrics);
    ASSERT_GT(expected.size(), 40u);
    for (std::size_t row = 0; row < expected.size(); ++row) {
        expect_statistic(statistics, expected.text(row, "metric"),
                         expected.text(row, "equity_SPY_sma_cross_20_50"));
    }
}

/// The demonstration: three strategies side by side on the S&P 500, each with an account.
struct DemoCase {
    const char* account;
    const char* oracle;
    double final_equity;  // backtrader's
    std::size_t fills;
};
constexpr DemoCase kDemo[] = {
    {"sma", "sma_cross_20_50", 131'340.31, 114},
    {"rsi", "rsi_14_30_70", 164'890.25, 37},
    {"macd", "macd_cross_12_26_9", 106'144.36, 419},
};

TEST(OracleDemo, EveryAccountEndsAsTheReferenceRuns) {
    if (!std::filesystem::exists(FERMATA_DEMO_DATA)) {
        GTEST_SKIP() << "The demo's data is not installed: " << FERMATA_DEMO_DATA;
    }
    TemporaryFolder folder;
    const std::filesystem::path out = folder / "out";
    const std::filesystem::path config = std::filesystem::path(FERMATA_SOURCE) / "config";
    run_yaml(read_text(config / "demo.yaml"), config, out);

    const nlohmann::json summary = read_summary(out);
    const CsvTable fills = CsvTable::read(out / "fills.csv");
    const CsvTable equity = CsvTable::read(out / "equity.csv");
    for (const DemoCase& c : kDemo) {
        SCOPED_TRACE(c.account);
        EXPECT_NEAR(summary["accounts"][c.account]["final_equity"].get<double>(), c.final_equity,
                    kCent);
        const std::vector<std::size_t> rows = rows_of(fills, "account", c.account);
        EXPECT_EQ(rows.size(), c.fills);
        const std::string base = std::string("demo/bt_SP500_") + c.oracle;
        if (const auto oracle = data_file(base + "_fills.csv")) {
            expect_fills(fills, rows, CsvTable::read(*oracle));
        }
        if (const auto oracle = data_file(base + "_equity.csv")) {
            expect_equity(equity, rows_of(equity, "account", c.account), CsvTable::read(*oracle));
        }
    }
}

}  // namespace
}  // namespace fermata::test

// Every indicator against the values of TA-Lib's own C code on real daily bars.

#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <string>
#include <vector>

#include "core/indicator/atr.hpp"
#include "core/indicator/bbands.hpp"
#include "core/indicator/ema.hpp"
#include "core/indicator/macd.hpp"
#include "core/indicator/rsi.hpp"
#include "core/indicator/sma.hpp"
#include "core/indicator/variance.hpp"
#include "core/indicator/wma.hpp"
#include "tests/support/csv_table.hpp"

namespace fermata {
namespace {

using test::CsvTable;
using test::data_file;
using test::kNoData;

class TaLib : public ::testing::TestWithParam<const char*> {
protected:
    void SetUp() override {
        const auto file = data_file(GetParam());
        if (!file) GTEST_SKIP() << kNoData;
        table_ = CsvTable::read(*file);
        ASSERT_GT(table_.size(), 1000U);
    }

    /// Feeds the bars to `update(row)`, and compares `value()` with a column: the same rows have a
    /// value, and it differs by `tolerance` relative at most (the columns have twelve digits).
    void expect_column(const std::string& column, const std::function<void(std::size_t)>& update,
                       const std::function<bool()>& ready, const std::function<double()>& value,
                       double tolerance = 1e-9) {
        std::size_t compared = 0;
        for (std::size_t row = 0; row < table_.size(); ++row) {
            update(row);
            const auto expected = table_.maybe_number(row, column);
            ASSERT_EQ(ready(), expected.has_value()) << column << " row " << row;
            if (!expected) continue;
            ASSERT_NEAR(value(), *expected, tolerance * std::fabs(*expected))
                << column << " row " << row;
            ++compared;
        }
        EXPECT_GT(compared, 1000U) << column;
    }

    template <ScalarIndicator T>
    void expect_of_close(const std::string& column, T indicator, double tolerance = 1e-9) {
        expect_column(
            column, [&](std::size_t row) { indicator.update(table_.number(row, "close")); },
            [&] { return indicator.ready(); }, [&] { return indicator.value(); }, tolerance);
    }

    template <class T>
    void expect_part(const std::string& column, T indicator, double (T::*part)() const,
                     double tolerance = 1e-9) {
        expect_column(
            column, [&](std::size_t row) { indicator.update(table_.number(row, "close")); },
            [&] { return indicator.ready(); }, [&] { return (indicator.*part)(); }, tolerance);
    }

    template <class T>
    void expect_of_bar(const std::string& column, T indicator) {
        expect_column(
            column,
            [&](std::size_t row) {
                indicator.update(table_.number(row, "high"), table_.number(row, "low"),
                                 table_.number(row, "close"));
            },
            [&] { return indicator.ready(); }, [&] { return indicator.value(); });
    }

    CsvTable table_;
};

TEST_P(TaLib, AveragesAreEqual) {
    expect_of_close("SMA_20", Sma(20));
    expect_of_close("SMA_50", Sma(50));
    expect_of_close("SMA_200", Sma(200));
    expect_of_close("EMA_12", Ema(12));
    expect_of_close("EMA_20", Ema(20));
    expect_of_close("EMA_26", Ema(26));
    expect_of_close("WMA_20", Wma(20));
}

TEST_P(TaLib, MomentumIsEqual) {
    expect_of_close("RSI_14", Rsi(14));
    expect_of_close("RSI_7", Rsi(7));
    expect_part("MACD_12_26_9_macd", Macd(12, 26, 9), &Macd::macd);
    expect_part("MACD_12_26_9_signal", Macd(12, 26, 9), &Macd::signal);
    expect_part("MACD_12_26_9_hist", Macd(12, 26, 9), &Macd::histogram);
}

TEST_P(TaLib, VolatilityIsEqual) {
    expect_of_close("STDDEV_20_1", Stddev(20), 1e-8);
    expect_of_close("VAR_20_1", Var(20), 1e-8);
    expect_part("BBANDS_20_2_2_SMA_upper", Bbands(20, 2, 2), &Bbands::upper, 1e-8);
    expect_part("BBANDS_20_2_2_SMA_middle", Bbands(20, 2, 2), &Bbands::middle);
    expect_part("BBANDS_20_2_2_SMA_lower", Bbands(20, 2, 2), &Bbands::lower, 1e-8);
    expect_of_bar("TRANGE", Trange());
    expect_of_bar("ATR_14", Atr(14));
}

INSTANTIATE_TEST_SUITE_P(DailyBars, TaLib,
                         ::testing::Values("expected/ta_SPY.csv.gz", "expected/ta_AAPL.csv.gz",
                                           "demo/ta_SP500.csv.gz"),
                         [](const auto& file) {
                             const std::string path = file.param;
                             const std::size_t start = path.rfind('_') + 1;
                             return path.substr(start, path.find('.') - start);
                         });

}  // namespace
}  // namespace fermata

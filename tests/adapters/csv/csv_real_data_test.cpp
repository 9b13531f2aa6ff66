// Real files against another reader of the same files.

#include <gtest/gtest.h>

#include <fstream>
#include <iterator>

#include "core/types/decimal.hpp"
#include "tests/adapters/csv/csv_feed_fixture.hpp"
#include "tests/support/csv_table.hpp"

namespace fermata::csv {
namespace {

using test::CsvTable;
using test::data_file;

std::string bytes_of(const std::filesystem::path& path) {
    std::ifstream stream(path, std::ios::binary);
    return std::string(std::istreambuf_iterator<char>(stream), {});
}

CsvFeedConfig config_of(const std::string& path, Duration interval) {
    CsvFeedConfig config = bar_config();
    config.path = path;
    config.interval = interval;
    config.columns.time = "ts_ns";
    config.columns.open = "open";
    config.columns.high = "high";
    config.columns.low = "low";
    config.columns.close = "close";
    config.columns.volume = "volume";
    return config;
}

/// The bars of `table` in rows [begin, end) without a calendar: stamp to stamp + interval.
void expect_bars(const std::vector<MarketEvent>& events, const CsvTable& table, std::size_t begin,
                 std::size_t end, Duration interval) {
    std::size_t row = begin;
    for (const MarketEvent& event : events) {
        if (event.type != MarketEventType::kBar) continue;
        ASSERT_LT(row, end);
        ASSERT_EQ(event.ts.ns, std::stoll(table.text(row, "ts_ns")) + interval.ns);
        ASSERT_EQ(event.data.bar.open, *parse<Price>(table.text(row, "open")));
        ASSERT_EQ(event.data.bar.high, *parse<Price>(table.text(row, "high")));
        ASSERT_EQ(event.data.bar.low, *parse<Price>(table.text(row, "low")));
        ASSERT_EQ(event.data.bar.close, *parse<Price>(table.text(row, "close")));
        ASSERT_EQ(event.data.bar.volume, *parse<Quantity>(table.text(row, "volume")));
        ++row;
    }
    EXPECT_EQ(row, end);
}

TEST(CsvRealData, DailyBarsEqualTheirFile) {
    for (const char* name : {"daily/lean/SPY.csv", "daily/lean_adjusted/AAPL.csv",
                             "daily/yahoo/ORCL.csv", "crypto/coinbase/BTCUSD_daily_trade.csv"}) {
        const auto file = data_file(name);
        if (!file) GTEST_SKIP() << test::kNoData;
        CsvRun run;
        const std::string bytes = bytes_of(*file);
        const auto feed = run.open(config_of(file->string(), Duration::hours(23)), bytes);
        const CsvTable table = CsvTable::read(*file);
        expect_bars(drain(*feed), table, 0, table.size(), Duration::hours(23));
    }
}

TEST(CsvRealData, CompressedMinuteBarsEqualTheirFile) {
    const auto file = data_file("minute/lean/SPY_trade.csv.gz");
    if (!file) GTEST_SKIP() << test::kNoData;
    CsvRun run;
    const std::string bytes = bytes_of(*file);
    const auto feed = run.open(config_of(file->string(), Duration::minutes(1)), bytes, 1000);
    const CsvTable table = CsvTable::read(*file);
    expect_bars(drain(*feed), table, 0, table.size(), Duration::minutes(1));
}

TEST(CsvRealData, ALongFileGivesEachSymbolItsRows) {
    const auto file = data_file("daily/iex_panel_2013_2018.csv.gz");
    if (!file) GTEST_SKIP() << test::kNoData;
    const CsvTable table = CsvTable::read(*file);
    const std::string bytes = bytes_of(*file);
    std::size_t begin = 0;
    while (begin < table.size()) {
        const std::string symbol = table.text(begin, "symbol");
        std::size_t end = begin;
        while (end < table.size() && table.text(end, "symbol") == symbol) ++end;
        CsvRun run;
        run.add(symbol, AssetClass::kEquity);
        CsvFeedConfig config = config_of(file->string(), Duration::hours(23));
        config.columns.symbol = "symbol";
        config.symbols = {symbol};
        expect_bars(drain(*run.open(config, bytes)), table, begin, end, Duration::hours(23));
        begin = end;
    }
}

}  // namespace
}  // namespace fermata::csv

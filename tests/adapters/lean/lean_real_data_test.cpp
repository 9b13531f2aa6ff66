// The archives as LEAN ships them against the same rows flattened by other code.

#include <gtest/gtest.h>

#include <map>

#include "core/indicator/to_double.hpp"
#include "core/types/decimal.hpp"
#include "tests/adapters/lean/lean_fixture.hpp"
#include "tests/support/csv_table.hpp"

namespace fermata::lean {
namespace {

using test::CsvTable;
using test::data_file;

/// The real archives, in memory. False when they are not on this machine.
bool load(LeanRun& run, const std::vector<std::string>& paths) {
    for (const std::string& path : paths) {
        const auto file = data_file("lean_original/" + path);
        if (!file) return false;
        run.load(file->string(), "data/" + path);
    }
    return true;
}

std::int64_t nanoseconds(const std::string& text) { return std::stoll(text); }
Price price(const std::string& text) { return parse<Price>(text).value(); }
Quantity quantity(const std::string& text) { return parse<Quantity>(text).value(); }

void expect_daily_bars(const std::vector<MarketEvent>& events, const CsvTable& table) {
    ASSERT_EQ(events.size(), 2 * table.size());
    for (std::size_t i = 0; i < table.size(); ++i) {
        const MarketEvent& open = events[2 * i];
        const MarketEvent& bar = events[2 * i + 1];
        const Timestamp midnight{nanoseconds(table.text(i, "ts_ns"))};
        ASSERT_EQ(open.type, MarketEventType::kBarOpen);
        ASSERT_EQ(bar.type, MarketEventType::kBar);
        // The session of the date: 09:30 to 16:00.
        ASSERT_EQ(open.ts, midnight + Duration::minutes(570)) << table.text(i, "date");
        ASSERT_EQ(bar.ts, midnight + Duration::hours(16));
        ASSERT_EQ(bar.data.bar.open, price(table.text(i, "open")));
        ASSERT_EQ(bar.data.bar.high, price(table.text(i, "high")));
        ASSERT_EQ(bar.data.bar.low, price(table.text(i, "low")));
        ASSERT_EQ(bar.data.bar.close, price(table.text(i, "close")));
        ASSERT_EQ(bar.data.bar.volume, quantity(table.text(i, "volume")));
        ASSERT_EQ(open.data.bar_open.open, bar.data.bar.open);
    }
}

TEST(LeanRealData, DailyBarsEqualTheFlattenedFile) {
    LeanRun run;
    const auto flat = data_file("daily/lean/IBM.csv");
    if (!flat || !load(run, {"equity/usa/daily/ibm.zip", "equity/usa/map_files/ibm.csv"})) {
        GTEST_SKIP() << test::kNoData;
    }
    LeanFeedConfig config = lean_config("IBM", LeanResolution::kDaily, LeanData::kTrade);
    config.to = to_date(2012, 12, 31);
    const auto feed = run.open(config);
    expect_daily_bars(drain(*feed), CsvTable::read(*flat));
    EXPECT_EQ(feed->stats().skipped_total(), 0u);
}

TEST(LeanRealData, TheMapFileCutsWhatBelongsToAnotherInstrument) {
    LeanRun run;
    const auto flat = data_file("daily/lean/EEM.csv");
    if (!flat || !load(run, {"equity/usa/daily/eem.zip", "equity/usa/map_files/eem.csv"})) {
        GTEST_SKIP() << test::kNoData;
    }
    LeanFeedConfig config = lean_config("EEM", LeanResolution::kDaily, LeanData::kTrade);
    config.to = to_date(2012, 12, 31);
    expect_daily_bars(drain(*run.open(config)), CsvTable::read(*flat));
    config.map_files = false;
    EXPECT_GT(drain(*run.open(config)).size(), 2 * CsvTable::read(*flat).size());
}

TEST(LeanRealData, AdjustedBarsEqualTheOracle) {
    LeanRun run;
    const auto flat = data_file("daily/lean_adjusted/IBM.csv");
    if (!flat || !load(run, {"equity/usa/daily/ibm.zip", "equity/usa/map_files/ibm.csv",
                             "equity/usa/factor_files/ibm.csv"})) {
        GTEST_SKIP() << test::kNoData;
    }
    LeanFeedConfig config = lean_config("IBM", LeanResolution::kDaily, LeanData::kTrade);
    config.adjust = LeanAdjust::kAdjusted;
    config.to = to_date(2012, 12, 31);
    const std::vector<MarketEvent> events = drain(*run.open(config));
    const CsvTable table = CsvTable::read(*flat);
    ASSERT_EQ(events.size(), 2 * table.size());
    for (std::size_t i = 0; i < table.size(); ++i) {
        const BarData& bar = events[2 * i + 1].data.bar;
        const auto near = [&](double value, const char* column) {
            // The oracle prints ten significant digits.
            const double expected = std::stod(table.text(i, column));
            EXPECT_NEAR(value, expected, expected * 1e-9) << table.text(i, "date") << " " << column;
        };
        near(to_double(bar.open), "open");
        near(to_double(bar.high), "high");
        near(to_double(bar.low), "low");
        near(to_double(bar.close), "close");
        near(to_double(bar.volume), "volume");
    }
}

/// First row of a flattened file at or behind `from`.
std::size_t row_at(const CsvTable& table, std::int64_t from) {
    std::size_t i = 0;
    while (i < table.size() && nanoseconds(table.text(i, "ts_ns")) < from) ++i;
    return i;
}

// 2013-10-07 00:00 New York (UTC-4).
constexpr std::int64_t kDay = 1'381'118'400'000'000'000;

TEST(LeanRealData, MinuteBarsEqualTheFlattenedFile) {
    LeanRun run;
    const auto flat = data_file("minute/lean/SPY_trade.csv.gz");
    if (!flat || !load(run, {"equity/usa/minute/spy/20131007_trade.zip"})) {
        GTEST_SKIP() << test::kNoData;
    }
    const CsvTable table = CsvTable::read(*flat);
    std::size_t row = row_at(table, kDay);
    const auto events =
        drain(*run.open(lean_config("SPY", LeanResolution::kMinute, LeanData::kTrade)));
    ASSERT_EQ(events.size(), 2u * 828);
    for (const MarketEvent& event : events) {
        if (event.type != MarketEventType::kBar) continue;
        const Timestamp start{nanoseconds(table.text(row, "ts_ns"))};
        ASSERT_EQ(event.ts, start + Duration::minutes(1));
        ASSERT_EQ(event.data.bar.open, price(table.text(row, "open")));
        ASSERT_EQ(event.data.bar.high, price(table.text(row, "high")));
        ASSERT_EQ(event.data.bar.low, price(table.text(row, "low")));
        ASSERT_EQ(event.data.bar.close, price(table.text(row, "close")));
        ASSERT_EQ(event.data.bar.volume, quantity(table.text(row, "volume")));
        const std::int64_t minute = (start.ns - kDay) / Duration::minutes(1).ns;
        ASSERT_EQ(event.flags, minute >= 570 && minute < 960 ? 0 : kFlagOutOfSession);
        ++row;
    }
    LeanFeedConfig regular = lean_config("SPY", LeanResolution::kMinute, LeanData::kTrade);
    regular.extended_hours = false;
    EXPECT_EQ(drain(*run.open(regular)).size(), 2u * 390);
}

TEST(LeanRealData, MinuteQuotesEqualTheCloseOfTheFlattenedBars) {
    LeanRun run;
    const auto flat = data_file("minute/lean/SPY_quote.csv.gz");
    if (!flat || !load(run, {"equity/usa/minute/spy/20131007_quote.zip"})) {
        GTEST_SKIP() << test::kNoData;
    }
    const CsvTable table = CsvTable::read(*flat);
    std::size_t row = row_at(table, kDay);
    const auto events =
        drain(*run.open(lean_config("SPY", LeanResolution::kMinute, LeanData::kQuote)));
    ASSERT_EQ(events.size(), 908u);
    for (const MarketEvent& event : events) {
        ASSERT_EQ(event.type, MarketEventType::kQuote);
        ASSERT_EQ(event.ts.ns, nanoseconds(table.text(row, "ts_ns")) + Duration::minutes(1).ns);
        ASSERT_EQ(event.data.quote.bid, price(table.text(row, "bid_close")));
        ASSERT_EQ(event.data.quote.bid_quantity, quantity(table.text(row, "bid_size")));
        ASSERT_EQ(event.data.quote.ask, price(table.text(row, "ask_close")));
        ASSERT_EQ(event.data.quote.ask_quantity, quantity(table.text(row, "ask_size")));
        ASSERT_EQ(event.flags, 0);
        ++row;
    }
}

TEST(LeanRealData, TickTradesEqualTheFlattenedFile) {
    LeanRun run;
    const auto flat = data_file("tick/lean/IBM_20131007_trade.csv.gz");
    if (!flat || !load(run, {"equity/usa/tick/ibm/20131007_trade.zip"})) {
        GTEST_SKIP() << test::kNoData;
    }
    const CsvTable table = CsvTable::read(*flat);
    const auto events =
        drain(*run.open(lean_config("IBM", LeanResolution::kTick, LeanData::kTrade)));
    ASSERT_EQ(events.size(), table.size());
    for (std::size_t i = 0; i < events.size(); ++i) {
        ASSERT_EQ(events[i].type, MarketEventType::kTrade);
        ASSERT_EQ(events[i].ts.ns, nanoseconds(table.text(i, "ts_ns")));
        const TradeData& trade = events[i].data.trade;
        ASSERT_EQ(trade.price, price(table.text(i, "price")));
        ASSERT_EQ(trade.quantity, quantity(table.text(i, "size")));
        ASSERT_EQ(std::string(1, static_cast<char>(trade.exchange)), table.text(i, "exchange"));
        ASSERT_EQ(trade.conditions, std::stoul(table.text(i, "condition_hex"), nullptr, 16));
    }
}

TEST(LeanRealData, TickQuotesKeepTheLastBidAndTheLastAsk) {
    LeanRun run;
    const auto flat = data_file("tick/lean/IBM_20131007_quote.csv.gz");
    if (!flat || !load(run, {"equity/usa/tick/ibm/20131007_quote.zip"})) {
        GTEST_SKIP() << test::kNoData;
    }
    const CsvTable table = CsvTable::read(*flat);
    const auto feed = run.open(lean_config("IBM", LeanResolution::kTick, LeanData::kQuote));
    const auto events = drain(*feed);
    ASSERT_EQ(events.size(), table.size());
    EXPECT_EQ(feed->stats().skipped[static_cast<std::size_t>(SkipReason::kFlagged)], 1u);
    QuoteData expected;
    int crossed_in_session = 0;
    int locked_in_session = 0;
    for (std::size_t i = 0; i < events.size(); ++i) {
        if (table.text(i, "suspicious") == "1") {
            ASSERT_EQ(events[i].type, MarketEventType::kSkipped);
            ASSERT_EQ(events[i].data.skipped.line, i + 1);
            continue;
        }
        if (!table.text(i, "bid").empty()) {
            expected.bid = price(table.text(i, "bid"));
            expected.bid_quantity = quantity(table.text(i, "bid_size"));
        }
        if (!table.text(i, "ask").empty()) {
            expected.ask = price(table.text(i, "ask"));
            expected.ask_quantity = quantity(table.text(i, "ask_size"));
        }
        const QuoteData& quote = events[i].data.quote;
        ASSERT_EQ(events[i].ts.ns, nanoseconds(table.text(i, "ts_ns")));
        ASSERT_EQ(quote.bid, expected.bid);
        ASSERT_EQ(quote.bid_quantity, expected.bid_quantity);
        ASSERT_EQ(quote.ask, expected.ask);
        ASSERT_EQ(quote.ask_quantity, expected.ask_quantity);
        const std::int64_t minute = (events[i].ts.ns - kDay) / Duration::minutes(1).ns;
        if (minute < 570 || minute >= 960) continue;
        crossed_in_session += quote.bid > quote.ask ? 1 : 0;
        locked_in_session += quote.bid == quote.ask ? 1 : 0;
    }
    // Counted by the publisher of the flattened file.
    EXPECT_EQ(crossed_in_session, 86);
    EXPECT_EQ(locked_in_session, 648);
}

}  // namespace
}  // namespace fermata::lean

// The shipped bar strategies on real daily bars, in a real shard, against the fills of two
// unrelated back-testers. The venue here is the oracle's own few rules: an order fills at the next
// bar's open, at 0.1% commission, or is rejected when the cash does not suffice.

#include <gtest/gtest.h>

#include <optional>
#include <string>

#include "tests/strategies/shard_harness.hpp"
#include "tests/support/csv_table.hpp"

namespace fermata {
namespace {

using test::CsvTable;
using test::data_file;
using test::money;
using test::price;
using test::ShardHarness;

struct BackTest {
    const char* symbol;
    const char* type;
    const char* oracle;  // the strategy's name in the files
    const char* first;
    const char* last;
};

class ShippedStrategy : public ::testing::TestWithParam<BackTest> {};

TEST_P(ShippedStrategy, TradesAsTheOracleDoes) {
    const BackTest run = GetParam();
    const std::string prefix = std::string("expected/bt_") + run.symbol + "_" + run.oracle;
    const auto bars_file = data_file(std::string("daily/lean/") + run.symbol + ".csv");
    const auto fills_file = data_file(prefix + "_fills.csv");
    const auto equity_file = data_file(prefix + "_equity.csv");
    if (!bars_file || !fills_file || !equity_file) GTEST_SKIP() << test::kNoData;
    const CsvTable bars = CsvTable::read(*bars_file);
    const CsvTable fills = CsvTable::read(*fills_file);
    const CsvTable equity = CsvTable::read(*equity_file);

    ShardHarness harness(test::make_shipped(run.type), 1, test::percent_size("0.95"));
    std::optional<OrderEvent> pending;
    std::string signal_date;
    std::size_t filled = 0;
    std::size_t day = 0;
    for (std::size_t row = 0; row < bars.size(); ++row) {
        const std::string& date = bars.text(row, "date");
        if (date < run.first || date > run.last) continue;
        if (pending) {
            const NewOrderData& order = pending->data.new_order;
            const Price open = price(bars.text(row, "open"));
            const Money value = *notional(open, order.quantity, Multiplier::from_units(1));
            const Money fee = *scale(value, parse<Ratio>("0.001").value());
            if (order.side == Side::kBuy && value + fee > harness.cash()) {
                harness.reject(*pending);
            } else {
                harness.fill(*pending, open, fee);
                ASSERT_LT(filled, fills.size()) << "a fill too many on " << date;
                EXPECT_EQ(fills.text(filled, "signal_date"), signal_date);
                ASSERT_EQ(fills.text(filled, "fill_date"), date);
                ASSERT_EQ(fills.text(filled, "side"), name(order.side)) << date;
                ASSERT_EQ(fills.text(filled, "size"), to_string(order.quantity)) << date;
                EXPECT_EQ(price(fills.text(filled, "price")), open) << date;
                EXPECT_EQ(money(fills.text(filled, "commission")), fee) << date;
                EXPECT_EQ(money(fills.text(filled, "cash_after")), harness.cash()) << date;
                ++filled;
            }
            pending.reset();
        }
        const Price close = price(bars.text(row, "close"));
        harness.close(close);
        pending = harness.take_order();
        ASSERT_TRUE(!pending || pending->data.new_order.type == OrderType::kMarket) << date;
        signal_date = date;
        ASSERT_FALSE(harness.take_order().has_value()) << "two orders on " << date;

        ASSERT_EQ(equity.text(day, "date"), date);
        const Money worth =
            harness.cash() + *notional(close, harness.position(), Multiplier::from_units(1));
        ASSERT_EQ(money(equity.text(day, "equity")), worth) << date;
        ++day;
    }
    EXPECT_EQ(filled, fills.size());
    EXPECT_EQ(day, equity.size());
    EXPECT_GT(filled, 20U);
}

INSTANTIATE_TEST_SUITE_P(
    DailyBars, ShippedStrategy,
    ::testing::Values(
        BackTest{"SPY", "sma_cross", "sma_cross_20_50", "1998-01-02", "2012-12-31"},
        BackTest{"SPY", "rsi_reversion", "rsi_14_30_70", "1998-01-02", "2012-12-31"},
        BackTest{"SPY", "macd_cross", "macd_cross_12_26_9", "1998-01-02", "2012-12-31"},
        BackTest{"IBM", "sma_cross", "sma_cross_20_50", "2000-01-03", "2012-12-31"},
        BackTest{"IBM", "rsi_reversion", "rsi_14_30_70", "2000-01-03", "2012-12-31"},
        BackTest{"IBM", "macd_cross", "macd_cross_12_26_9", "2000-01-03", "2012-12-31"}),
    [](const auto& run) { return std::string(run.param.symbol) + "_" + run.param.type; });

}  // namespace
}  // namespace fermata

// Real data: the fills of an independent engine, order by order. Each oracle fill names the bar
// whose close gave the signal; the order is sent there, and the next open must give the same fill.
#include <gtest/gtest.h>

#include <cstdint>
#include <map>
#include <string>

#include "core/types/decimal.hpp"
#include "tests/core/sim/exchange_fixture.hpp"
#include "tests/support/csv_table.hpp"

namespace fermata {
namespace {

SimConfig oracle_config() {
    SimConfig config;
    config.fees.model = FeeModel::kProportional;
    config.fees.rate = ratio("0.001");
    return config;
}

Price price_of(const std::string& text) {
    return Price::from_raw(parse_decimal_rounded(text, Price::kDecimals).value());
}
std::int64_t micros(const std::string& text) {
    return parse_decimal_rounded(text, Money::kDecimals).value();
}

/// The oracle keeps unrounded cash; ours is exact to the micro at every fill.
void expect_money(Money ours, const std::string& oracle, std::int64_t tolerance_micros) {
    EXPECT_NEAR(static_cast<double>(ours.raw()), static_cast<double>(micros(oracle)),
                static_cast<double>(tolerance_micros));
}

void replay(const std::string& data, const std::string& fills) {
    const auto bars_file = test::data_file(data);
    const auto fills_file = test::data_file(fills);
    if (!bars_file || !fills_file) GTEST_SKIP() << test::kNoData;
    const test::CsvTable bars = test::CsvTable::read(*bars_file);
    const test::CsvTable oracle = test::CsvTable::read(*fills_file);
    std::map<std::string, std::size_t> by_signal;
    for (std::size_t n = 0; n < oracle.size(); ++n) {
        by_signal[oracle.text(n, "signal_date")] = n;
    }

    Exchange x(oracle_config(), {.kind = AccountKind::kCash});
    std::size_t seen = 0;
    for (std::size_t n = 0; n < bars.size(); ++n) {
        const std::string date = bars.text(n, "date");
        const Timestamp start{std::stoll(bars.text(n, "ts_ns"))};
        const Price open = price_of(bars.text(n, "open"));
        const Quantity volume = qty(bars.text(n, "volume"));
        const std::size_t before = x.fills().size();
        x.show(make_bar_open(start, x.instrument(), StreamId{3}, open, volume));
        if (x.fills().size() != before) {
            ASSERT_LT(seen, oracle.size());
            const ExecutionData& fill = x.last();
            SCOPED_TRACE(date);
            EXPECT_EQ(oracle.text(seen, "fill_date"), date);
            EXPECT_EQ(fill.last_quantity, qty(oracle.text(seen, "size")));
            EXPECT_EQ(fill.last_price, price_of(oracle.text(seen, "price")));
            expect_money(fill.fee, oracle.text(seen, "commission"), 1);
            // Every fill rounds its fee, by half a micro at most.
            expect_money(usd(x.cash()), oracle.text(seen, "cash_after"),
                         static_cast<std::int64_t>(seen) / 2 + 2);
            EXPECT_EQ(qty(x.position()), qty(oracle.text(seen, "position_after")));
            ++seen;
        }
        const BarData bar{open, price_of(bars.text(n, "high")), price_of(bars.text(n, "low")),
                          price_of(bars.text(n, "close")), volume};
        const Timestamp end = start + Duration::days(1);
        x.show(make_bar(end, x.instrument(), StreamId{3}, bar));
        const auto signal = by_signal.find(date);
        if (signal == by_signal.end()) continue;
        const std::string size = oracle.text(signal->second, "size");
        const bool buy = oracle.text(signal->second, "side") == "BUY";
        x.send(end, (buy ? Ticket::buy(size) : Ticket::sell(size)).tif(TimeInForce::kDay));
    }
    EXPECT_EQ(seen, oracle.size());
    EXPECT_EQ(x.ends(), Ends{});
}

class FillOracle : public testing::TestWithParam<const char*> {};

TEST_P(FillOracle, GivesTheFillsOfTheIndependentEngineOnSpy) {
    replay("daily/lean/SPY.csv", "expected/bt_SPY_" + std::string(GetParam()) + "_fills.csv");
}
TEST_P(FillOracle, GivesTheFillsOfTheIndependentEngineOnIbm) {
    replay("daily/lean/IBM.csv", "expected/bt_IBM_" + std::string(GetParam()) + "_fills.csv");
}
INSTANTIATE_TEST_SUITE_P(Strategies, FillOracle,
                         testing::Values("sma_cross_20_50", "rsi_14_30_70", "macd_cross_12_26_9"));

// Rule 6 of the oracle: when size x open + commission exceeds the cash at the fill, the order is
// rejected, not cut down and not tried again. 95% of 100,000 at a close of 100 buys 950; an open of
// 105.16 costs 99,902 + 99.902 = 100,001.902; an open of 105.15 costs 99,992.3925.
TEST(FillOracleRules, RejectsAPurchaseThatAnOpeningGapMadeTooExpensive) {
    for (const char* open : {"105.15", "105.16"}) {
        Exchange x(oracle_config(), {.kind = AccountKind::kCash});
        x.minute(0, "100", "100", "100", "100");
        x.send(60, Ticket::buy("950"));
        x.minute(60, open, open, open, open);
        const bool fits = std::string(open) == "105.15";
        EXPECT_EQ(x.fills().size(), fits ? 1U : 0U);
        EXPECT_EQ(
            x.ends(),
            fits ? Ends{} : (Ends{{1, ExecType::kRejected, OrderReason::kInsufficientFunds}}));
        x.minute(120, "90", "90", "90", "90");
        EXPECT_EQ(x.position(), fits ? "950" : "0");
    }
}

}  // namespace
}  // namespace fermata

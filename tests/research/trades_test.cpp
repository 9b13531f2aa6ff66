#include <gtest/gtest.h>

#include <cmath>
#include <map>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include "core/market/date.hpp"
#include "core/types/decimal.hpp"
#include "research/trade_ledger.hpp"
#include "research/trade_statistics.hpp"
#include "tests/support/csv_table.hpp"

namespace fermata {
namespace {

Price price(const std::string& text) { return parse<Price>(text).value(); }

/// A ledger with one instrument of the given multiplier, fed with one fill a day.
class Ledger {
public:
    explicit Ledger(int multiplier = 1) {
        Instrument instrument;
        instrument.symbol = "X";
        instrument.multiplier = Multiplier::from_units(multiplier);
        instrument.ticks = {{Timestamp::min(), Price::from_raw(1)}};
        id = table.add(instrument);
    }
    void fill(Side side, int units, const std::string& at, const std::string& fee = "0",
              StrategyId strategy = {}) {
        day = day + Duration::days(1);
        Quantity& position = positions[strategy];
        const Quantity quantity = Quantity::from_units(units);
        position += side == Side::kBuy ? quantity : -quantity;
        FillData fill;
        fill.strategy = strategy;
        fill.side = side;
        fill.quantity = quantity;
        fill.price = price(at);
        fill.fee = parse<Money>(fee).value();
        fill.strategy_position_after = position;
        trades.on_fill(day, id, fill);
    }
    void buy(int units, const std::string& at, const std::string& fee = "0") {
        fill(Side::kBuy, units, at, fee);
    }
    void sell(int units, const std::string& at, const std::string& fee = "0") {
        fill(Side::kSell, units, at, fee);
    }
    void prices(const std::string& low, const std::string& high) {
        trades.on_prices(id, price(low), price(high));
    }
    void split(int numerator, int denominator) {
        CorporateActionData action;
        action.numerator = numerator;
        action.denominator = denominator;
        trades.on_corporate_action(day, id, action);
    }
    void dividend(const std::string& cash) {
        CorporateActionData action;
        action.kind = CorporateActionKind::kDividend;
        action.cash = price(cash);
        trades.on_corporate_action(day, id, action);
    }

    InstrumentTable table;
    InstrumentId id;
    TradeLedger trades{table};
    std::map<StrategyId, Quantity> positions;
    Timestamp day;
};

TEST(TradeLedger, TakesARoundTripFromFlatToFlatAsOneTrade) {
    Ledger ledger;
    ledger.buy(10, "100", "1");
    ledger.buy(10, "110", "1");
    ledger.sell(5, "120", "1");
    EXPECT_TRUE(ledger.trades.closed().empty());
    EXPECT_EQ(ledger.trades.open().size(), 1U);
    ledger.sell(15, "90", "1");
    ASSERT_EQ(ledger.trades.closed().size(), 1U);
    const Trade& trade = ledger.trades.closed()[0];
    // Average cost 105: 5 x 15 - 15 x 15 - 4
    EXPECT_NEAR(trade.profit, -154, 1e-9);
    EXPECT_EQ(trade.side, Side::kBuy);
    EXPECT_DOUBLE_EQ(trade.entry_value, 2100);
    EXPECT_DOUBLE_EQ(trade.exit_value, 1950);
    EXPECT_DOUBLE_EQ(trade.fees, 4);
    EXPECT_EQ(trade.exit - trade.entry, Duration::days(3));
    EXPECT_TRUE(ledger.trades.open().empty());
    EXPECT_DOUBLE_EQ(ledger.trades.traded_value(), 4050);
}

TEST(TradeLedger, SplitsAFillThatTurnsThePositionRound) {
    Ledger ledger(50);
    ledger.buy(2, "10");
    ledger.sell(3, "12", "3");  // closes 2 (fee 2), opens 1 short (fee 1)
    ledger.buy(1, "11", "1");
    ASSERT_EQ(ledger.trades.closed().size(), 2U);
    EXPECT_NEAR(ledger.trades.closed()[0].profit, 2 * 2 * 50 - 2, 1e-9);
    const Trade& second = ledger.trades.closed()[1];
    EXPECT_EQ(second.side, Side::kSell);
    EXPECT_NEAR(second.profit, 1 * 50 - 2, 1e-9);
    EXPECT_EQ(second.entry, ledger.trades.closed()[0].exit);
}

TEST(TradeLedger, KeepsTheStrategiesApart) {
    Ledger ledger;
    ledger.fill(Side::kBuy, 1, "10", "0", StrategyId{1});
    ledger.fill(Side::kBuy, 1, "20", "0", StrategyId{2});
    ledger.fill(Side::kSell, 1, "30", "0", StrategyId{1});
    ASSERT_EQ(ledger.trades.closed().size(), 1U);
    EXPECT_EQ(ledger.trades.closed()[0].strategy, StrategyId{1});
    EXPECT_DOUBLE_EQ(ledger.trades.closed()[0].profit, 20);
}

TEST(TradeLedger, MeasuresExcursionsFromTheAverageCost) {
    Ledger ledger;
    ledger.prices("1", "1000");  // before the trade: nobody's excursion
    ledger.buy(10, "100");
    ledger.prices("90", "105");
    ledger.prices("95", "130");
    ledger.sell(10, "120");
    ledger.prices("1", "1000");
    EXPECT_NEAR(ledger.trades.closed()[0].mae, 0.1, 1e-15);
    EXPECT_NEAR(ledger.trades.closed()[0].mfe, 0.3, 1e-15);
    ledger.sell(10, "100");
    ledger.prices("90", "105");
    ledger.buy(10, "80");
    EXPECT_NEAR(ledger.trades.closed()[1].mae, 0.05, 1e-15);
    EXPECT_NEAR(ledger.trades.closed()[1].mfe, 0.2, 1e-15);
}

TEST(TradeLedger, FollowsSplitsAndDividends) {
    Ledger ledger;
    ledger.buy(10, "100");
    ledger.split(3, 2);
    ledger.positions[StrategyId{}] = Quantity::from_units(15);
    ledger.dividend("1");
    ledger.prices("60", "60");
    ledger.sell(15, "80");
    const Trade& trade = ledger.trades.closed()[0];
    EXPECT_NEAR(trade.profit, 15 * 80 - 1000 + 15, 1e-9);
    EXPECT_NEAR(trade.income, 15, 1e-12);
    EXPECT_NEAR(trade.mae, 0.1, 1e-12);  // 60 against 66.67
    EXPECT_NEAR(trade.mfe, 0.2, 1e-12);
}

TEST(TradeLedger, EndsATradeThatASplitTurnedIntoCash) {
    Ledger ledger;
    ledger.buy(5, "1");
    ledger.split(1, 10);
    ledger.positions[StrategyId{}] = Quantity::zero();
    ledger.buy(5, "10");
    ASSERT_EQ(ledger.trades.closed().size(), 1U);
    EXPECT_EQ(ledger.trades.open().size(), 1U);
    EXPECT_DOUBLE_EQ(ledger.trades.open()[0].entry_value, 50);
}

Trade trade(double profit, double entry_value, int days, double mae, double mfe) {
    Trade t;
    t.profit = profit;
    t.entry_value = entry_value;
    t.exit = t.entry + Duration::days(days);
    t.mae = mae;
    t.mfe = mfe;
    t.fees = 1;
    return t;
}

TEST(TradeStatistics, AreWorkedOutByHandOnFiveTrades) {
    const std::vector<Trade> trades{trade(30, 100, 1, 0, 0.3), trade(10, 100, 2, 0.1, 0.2),
                                    trade(-20, 100, 3, 0.4, 0), trade(0, 100, 4, 0, 0),
                                    trade(-5, 50, 10, 0.2, 0.1)};
    const TradeStatistics s = compute_trade_statistics(trades);
    EXPECT_EQ(s.trades, 5U);
    EXPECT_DOUBLE_EQ(*s.win_rate, 0.4);
    EXPECT_DOUBLE_EQ(*s.profit_factor, 40.0 / 25);
    EXPECT_DOUBLE_EQ(*s.expectancy, 3);
    EXPECT_DOUBLE_EQ(*s.expectancy_ratio, (0.3 + 0.1 - 0.2 - 0.1) / 5);
    EXPECT_DOUBLE_EQ(*s.average_win, 20);
    EXPECT_DOUBLE_EQ(*s.average_loss, -12.5);
    EXPECT_DOUBLE_EQ(*s.payoff_ratio, 1.6);
    EXPECT_DOUBLE_EQ(*s.largest_win, 30);
    EXPECT_DOUBLE_EQ(*s.largest_loss, -20);
    EXPECT_EQ(s.longest_winning_streak, 2U);
    EXPECT_EQ(s.longest_losing_streak, 1U);  // the trade without profit lies between the losses
    EXPECT_DOUBLE_EQ(*s.mae_mean, 0.14);
    EXPECT_DOUBLE_EQ(*s.mae_max, 0.4);
    EXPECT_DOUBLE_EQ(*s.mfe_mean, 0.12);
    EXPECT_DOUBLE_EQ(*s.holding_days_mean, 4);
    EXPECT_DOUBLE_EQ(*s.holding_days_median, 3);
    EXPECT_DOUBLE_EQ(*s.holding_days_max, 10);
    EXPECT_DOUBLE_EQ(s.fees, 5);
}

TEST(TradeStatistics, LeaveOutWhatTheTradesCannotGive) {
    const TradeStatistics none = compute_trade_statistics({});
    EXPECT_FALSE(none.win_rate || none.profit_factor || none.expectancy || none.holding_days_mean);
    const std::vector<Trade> winners{trade(1, 10, 1, 0, 0), trade(2, 10, 1, 0, 0)};
    const TradeStatistics won = compute_trade_statistics(winners);
    EXPECT_EQ(*won.win_rate, 1);
    EXPECT_FALSE(won.profit_factor || won.average_loss || won.payoff_ratio || won.largest_loss);
    for (const auto& [name, value] : won.flatten()) EXPECT_TRUE(std::isfinite(value)) << name;
}

TEST(Activity, MeasuresExposureAndTurnover) {
    const std::vector<double> equity{100, 100, 200, 200, 150};
    const std::vector<double> gross{0, 50, 200, 300, 0};
    const ActivityStatistics s = compute_activity(equity, gross, 600, 2);
    EXPECT_DOUBLE_EQ(*s.exposure_time, 0.6);
    EXPECT_DOUBLE_EQ(*s.exposure_mean, (0.5 + 1 + 1.5) / 5);
    EXPECT_DOUBLE_EQ(*s.exposure_max, 1.5);
    EXPECT_DOUBLE_EQ(*s.turnover_ann, 600.0 / 2 / 150 / 2);  // two years of two periods
    EXPECT_TRUE(compute_activity({}, {}, 0, 252).flatten().empty());
    EXPECT_THROW((void)compute_activity(equity, {}, 0, 252), std::invalid_argument);
}

TEST(TradeLedger, AccountsForEveryCentOfARealBackTest) {
    const auto file = test::data_file("expected/bt_SPY_macd_cross_12_26_9_fills.csv");
    if (!file) GTEST_SKIP() << test::kNoData;
    const test::CsvTable fills = test::CsvTable::read(*file);
    Ledger ledger;
    for (std::size_t row = 0; row < fills.size(); ++row) {
        const Side side = fills.text(row, "side") == "BUY" ? Side::kBuy : Side::kSell;
        ledger.fill(side, static_cast<int>(fills.number(row, "size")), fills.text(row, "price"),
                    fills.text(row, "commission"));
    }
    const TradeStatistics s = compute_trade_statistics(ledger.trades.closed());
    EXPECT_EQ(s.trades, 161U);  // 322 fills
    // The run ends flat with 79,923.52546 of 100,000, after 24,945.93454 of commission.
    EXPECT_NEAR(*s.expectancy * 161, 79'923.52546 - 100'000, 1e-6);
    EXPECT_NEAR(s.fees, 24'945.93454, 1e-6);
}

}  // namespace
}  // namespace fermata

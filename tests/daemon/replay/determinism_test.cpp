// The same configuration gives the same bytes: twice, from any working directory, and however the
// strategies are spread over shards. All on generated data.

#include <array>
#include <cstdio>
#include <memory>
#include <random>

#include "core/strategy/context.hpp"
#include "tests/daemon/replay/run_fixture.hpp"

namespace fermata::test {
namespace {

/// A price in cents that wanders; raw generator output only, so that every library agrees.
class Walk {
public:
    Walk(std::uint64_t seed, std::int64_t start) : random_(seed), cents_(start) {}
    std::int64_t next(std::int64_t step) {
        cents_ = std::max<std::int64_t>(500, cents_ + below(2 * step + 1) - step);
        return cents_;
    }
    std::int64_t below(std::int64_t n) {
        return static_cast<std::int64_t>(random_() % static_cast<std::uint64_t>(n));
    }
    [[nodiscard]] std::int64_t now() const { return cents_; }

private:
    std::mt19937_64 random_;
    std::int64_t cents_;
};

std::string decimal(std::int64_t cents) {
    char text[32];
    std::snprintf(text, sizeof(text), "%lld.%02lld", static_cast<long long>(cents / 100),
                  static_cast<long long>(cents % 100));
    return text;
}

constexpr std::int64_t kStart = 1'704'205'800;  // 2024-01-02T14:30:00Z, an opening in New York

/// `rows` bars of one minute.
std::string bars(std::uint64_t seed, int rows) {
    Walk walk(seed, 10'000);
    std::string text = "time,open,high,low,close,volume\n";
    for (int i = 0; i < rows; ++i) {
        const std::int64_t open = walk.now() + walk.below(21) - 10;
        const std::int64_t close = walk.next(60);
        const std::int64_t high = std::max(open, close) + walk.below(40);
        const std::int64_t low = std::min(open, close) - walk.below(40);
        text += std::to_string(kStart + i * 60);
        for (const std::int64_t price : {open, high, low, close}) text += "," + decimal(price);
        text += "," + std::to_string(500 + walk.below(5'000)) + "\n";
    }
    return text;
}

/// `rows` quotes, some at the same time as the bars of the other instruments.
std::string quotes(std::uint64_t seed, int rows) {
    Walk walk(seed, 5'000);
    std::string text = "time,bid,bid_size,ask,ask_size\n";
    for (int i = 0; i < rows; ++i) {
        const std::int64_t bid = walk.next(4);
        text += std::to_string(kStart + i * 10) + "," + decimal(bid) + "," +
                std::to_string(100 + walk.below(900)) + "," + decimal(bid + 1 + walk.below(3)) +
                "," + std::to_string(100 + walk.below(900)) + "\n";
    }
    return text;
}

/// `rows` trades.
std::string trades(std::uint64_t seed, int rows) {
    Walk walk(seed, 20'000);
    std::string text = "time,price,quantity\n";
    for (int i = 0; i < rows; ++i) {
        text += std::to_string(kStart + i * 7) + "," + decimal(walk.next(9)) + "," +
                std::to_string(1 + walk.below(300)) + "\n";
    }
    return text;
}

/// Sends what the shipped strategies do not: limits, stops, stop-limits, every time in force,
/// changes, cancels and timers. What it does depends on its own events only.
class Busybody final : public Strategy {
public:
    void on_start(StrategyContext& context) override {
        context.set_timer(1, context.now() + Duration::seconds(90));
    }
    void on_bar(StrategyContext& context, InstrumentId id, const BarData& bar) override {
        ++bars_;
        OrderRequest order;
        order.instrument = id;
        order.quantity = Quantity::from_units(10 + bars_ % 7);
        order.side = bars_ % 2 == 0 ? Side::kSell : Side::kBuy;
        const Price tenth = Price::from_raw(100'000'000);
        const Price away = order.side == Side::kBuy ? bar.close - tenth : bar.close + tenth;
        const Price beyond = order.side == Side::kBuy ? bar.close + tenth : bar.close - tenth;
        constexpr std::array kTypes{OrderType::kLimit, OrderType::kStop, OrderType::kStopLimit};
        constexpr std::array kTifs{TimeInForce::kGtc, TimeInForce::kDay, TimeInForce::kIoc,
                                   TimeInForce::kFok, TimeInForce::kGtd};
        order.type = kTypes[bars_ % kTypes.size()];
        order.tif = kTifs[bars_ % kTifs.size()];
        if (order.type != OrderType::kStop) order.price = away;
        if (order.type != OrderType::kLimit) order.stop_price = beyond;
        if (order.tif == TimeInForce::kGtd) {
            order.expire_time = context.now() + Duration::minutes(3);
        }
        last_ = context.submit(order);
        last_type_ = order.type;
        last_price_ = bar.close;
    }
    void on_timer(StrategyContext& context, std::uint64_t) override {
        if (bars_ % 3 == 0) {
            context.cancel(last_);
        } else if (last_type_ == OrderType::kLimit) {
            context.replace(last_, {Quantity::from_units(5), last_price_, {}});
        }
        context.set_timer(1, context.now() + Duration::seconds(90));
    }

private:
    std::uint64_t bars_ = 0;
    OrderTag last_{};
    OrderType last_type_ = OrderType::kMarket;
    Price last_price_;
};

StrategyRegistry registry() {
    StrategyRegistry all = shipped_strategies();
    all.add({"busybody", "Sends orders of every kind.", {}, [](const ParamValues&) {
                 return std::make_unique<Busybody>();
             }});
    return all;
}

constexpr const char* kConfiguration = R"(
mode: replay
accounts:
  - {name: one, currency: USD, cash: 1000000, type: margin}
  - {name: two, currency: USD, cash: 50000, type: cash}
instruments:
  - {symbol: AAA, asset_class: equity, tick: 0.01, lot: 1, calendar: us_equity}
  - {symbol: BBB, asset_class: equity, tick: 0.01, lot: 1, calendar: us_equity}
  - {symbol: CCC, asset_class: equity, tick: 0.01, lot: 1}
  - {symbol: QQQ, asset_class: equity, tick: 0.01, lot: 1}
  - {symbol: TTT, asset_class: equity, tick: 0.01, lot: 1}
feeds:
  - {type: csv, kind: bar, interval: 1m, symbol: AAA, path: AAA.csv, time: {column: time, unit: s},
     columns: {volume: volume}}
  - {type: csv, kind: bar, interval: 1m, symbol: BBB, path: BBB.csv, time: {column: time, unit: s},
     columns: {volume: volume}}
  - {type: csv, kind: bar, interval: 1m, symbol: CCC, path: CCC.csv, time: {column: time, unit: s},
     columns: {volume: volume}}
  - {type: csv, kind: quote, symbol: QQQ, path: QQQ.csv, time: {column: time, unit: s},
     columns: {bid_size: bid_size, ask_size: ask_size}}
  - {type: csv, kind: trade, symbol: TTT, path: TTT.csv, time: {column: time, unit: s}}
venues:
  - {name: fast, type: simulated, fill: {market: next_open}, fees: {type: proportional, rate: 0.001}}
  - name: slow
    type: simulated
    fill: {market: next_open, limit: through, path: adverse, participation: 10%}
    slippage: {type: rate, rate: 0.0001}
    fees: {type: per_share, per_share: 0.005, minimum: 1, maximum: 1%}
    latency: {in: 250us, out: 15s}
strategies:
  - {name: hold, type: buy_and_hold, symbols: [AAA, BBB, QQQ], account: one, venue: slow,
     sizing: {type: percent, value: 0.02}}
  - {name: sma, type: sma_cross, symbols: [AAA, BBB, CCC], account: one, venue: slow,
     params: {fast: 3, slow: 8}, sizing: {type: percent, value: 0.03}}
  - {name: rsi, type: rsi_reversion, symbols: [BBB, CCC], account: two, venue: fast,
     params: {period: 5, low: 40, high: 60}, sizing: {type: percent, value: 0.04}}
  - {name: macd, type: macd_cross, symbols: [AAA], account: one, venue: fast,
     params: {fast: 4, slow: 9, signal: 3}, sizing: {type: fixed, value: 20}}
  - {name: bands, type: bollinger_breakout, symbols: [CCC], account: two, venue: slow,
     params: {period: 10, deviations: 1}, sizing: {type: value, value: 4000}}
  - {name: ticks, type: ema_cross_ticks, symbols: [QQQ, TTT], account: one, venue: slow,
     params: {fast: 5, slow: 20}, sizing: {type: fixed, value: 30}}
  - {name: busy, type: busybody, symbols: [AAA, CCC], account: one, venue: slow}
  - {name: busy2, type: busybody, symbols: [BBB], account: two, venue: fast}
risk:
  profile: house
  limits: {open_orders: 20, in_flight: 60s}  # longer than the slow venue takes
)";

/// What two runs have to have in common.
struct Outcome {
    std::string fills, orders, executions, equity, positions, journal;
    std::uint64_t fill_count = 0;
    RunCounts counts;
};

class Determinism : public testing::Test {
protected:
    void SetUp() override {
        write_text(folder_ / "AAA.csv", bars(1, 380));
        write_text(folder_ / "BBB.csv", bars(2, 380));
        write_text(folder_ / "CCC.csv", bars(3, 380));
        write_text(folder_ / "QQQ.csv", quotes(4, 2'300));
        write_text(folder_ / "TTT.csv", trades(5, 3'200));
        start_ = std::filesystem::current_path();
    }
    void TearDown() override { std::filesystem::current_path(start_); }

    Outcome run(const std::string& name, const std::vector<std::string>& overrides = {}) {
        const std::filesystem::path out = folder_ / name;
        const RunReport report =
            run_yaml(kConfiguration, folder_.path(), out, overrides, registry());
        EXPECT_FALSE(report.result.overflowed);
        return {
            read_text(out / "fills.csv"),      read_text(out / "orders.csv"),
            read_text(out / "executions.csv"), read_text(out / "equity.csv"),
            read_text(out / "positions.csv"),  report.journal ? report.journal->hash : "no journal",
            report.result.counts.fills,        report.result.counts};
    }

    static void expect_same(const Outcome& one, const Outcome& other) {
        // Not EXPECT_EQ: a difference would print both files whole.
        EXPECT_TRUE(one.fills == other.fills) << "fills.csv differs";
        EXPECT_TRUE(one.orders == other.orders) << "orders.csv differs";
        EXPECT_TRUE(one.executions == other.executions) << "executions.csv differs";
        EXPECT_TRUE(one.equity == other.equity) << "equity.csv differs";
        EXPECT_TRUE(one.positions == other.positions) << "positions.csv differs";
        EXPECT_EQ(one.journal, other.journal);
    }

    TemporaryFolder folder_;
    std::filesystem::path start_;
};

TEST_F(Determinism, TheRunExercisesOrdersOfEveryFate) {
    const RunCounts counts = run("a").counts;
    EXPECT_GT(counts.fills, 300u);
    EXPECT_GT(counts.denied_orders, 10u);
    EXPECT_GT(counts.canceled_orders, 5u);
    EXPECT_GT(counts.expired_orders, 5u);
}

TEST_F(Determinism, TheSameConfigurationGivesTheSameBytesTwice) { expect_same(run("a"), run("b")); }

TEST_F(Determinism, TheNumberOfShardsChangesNothing) {
    const Outcome one = run("one", {"engine.shards=1"});
    expect_same(one, run("two", {"engine.shards=2"}));
    expect_same(one, run("four", {"engine.shards=4"}));
}

TEST_F(Determinism, WhatAVenueLacksIsHeldAndSentWhenItsConditionComesTrue) {
    const std::vector<std::string> lacking{"venues.0.supports.types=[market, limit]"};
    const Outcome held = run("held", lacking);
    EXPECT_NE(held.orders.find(",emulated,"), std::string::npos);
    EXPECT_NE(held.orders.find(",condition_met,"), std::string::npos);
    EXPECT_GT(held.fill_count, 300u);
    expect_same(held, run("again", lacking));
}

TEST_F(Determinism, TheWorkingDirectoryChangesNothing) {
    const Outcome here = run("a");
    std::filesystem::create_directories(folder_ / "elsewhere");
    std::filesystem::current_path(folder_ / "elsewhere");
    expect_same(here, run("b"));
}

TEST_F(Determinism, ARunIntoTheFolderOfAnotherOneReplacesIt) {
    const Outcome first = run("a");
    const Outcome other = run("a", {"strategies.sma.params.fast=2"});
    EXPECT_FALSE(first.orders == other.orders);
    EXPECT_NE(first.journal, other.journal);
    expect_same(first, run("a"));
}

TEST_F(Determinism, TheSummaryNamesItsSourcesByTheirBytes) {
    const Outcome first = run("a");
    std::string text = read_text(folder_ / "CCC.csv");
    // Ten times the volume of the last bar: no order meets it any more.
    text.insert(text.size() - 1, "0");
    write_text(folder_ / "CCC.csv", text);
    const Outcome other = run("b");
    EXPECT_TRUE(first.fills == other.fills);
    EXPECT_NE(read_summary(folder_ / "a")["sources"], read_summary(folder_ / "b")["sources"]);
}

}  // namespace
}  // namespace fermata::test

// A run gives the same bytes whether its data comes from CSV files, from the tape that these were
// packed into, or straight from the generator that wrote them, on one shard or on four.

#include "daemon/cli/data_generate.hpp"
#include "daemon/cli/tape_out.hpp"
#include "tests/daemon/replay/run_fixture.hpp"

namespace fermata::test {
namespace {

constexpr const char* kHead = R"(
mode: replay
accounts:
  - {name: one, currency: USD, cash: 1000000, type: cash}
  - {name: two, currency: USD, cash: 500000, type: margin}
venues:
  - {name: sim, type: simulated, fill: {market: next_open}, fees: {type: per_share, per_share: 0.005}}
risk: {profile: unlimited}
)";

/// Everything in a run's results that must not depend on the source of its data.
struct Outcome {
    std::string fills, orders, equity, positions, journal;
    std::size_t fill_count = 0;
    friend bool operator==(const Outcome&, const Outcome&) = default;
};

class TapeEquality : public ::testing::Test {
protected:
    /// Generates the symbols S1 to S4 into `name`.
    void generate(const std::string& name, std::map<std::string, std::string> feed,
                  const std::string& symbols) {
        GenerateOptions options;
        options.out = (folder_ / name).string();
        options.symbols = symbols;
        options.calendar = "us_equity";
        options.feed = std::move(feed);
        (void)generate_data(options, {});
    }
    Outcome run(const std::string& yaml, const std::vector<std::string>& overrides) {
        const auto out = folder_ / ("run" + std::to_string(++runs_));
        const RunReport report = run_yaml(yaml, folder_.path(), out, overrides);
        Outcome outcome;
        outcome.fills = read_text(out / "fills.csv");
        outcome.orders = read_text(out / "orders.csv");
        outcome.equity = read_text(out / "equity.csv");
        outcome.positions = read_text(out / "positions.csv");
        outcome.journal = read_summary(out)["journal_sha256"].get<std::string>();
        outcome.fill_count = report.result.counts.fills;
        return outcome;
    }
    /// As `fermata data pack` does it.
    void pack(const std::string& yaml, const std::string& name) {
        const StrategyRegistry registry = shipped_strategies();
        const Config config =
            parse_config(yaml, "test.yaml", folder_.path(), {}, registry, sha256_hasher());
        Assembly assembly(config, registry);
        const auto feed = assembly.make_market_feed();
        (void)write_tape(*feed, tables_of(config.instruments, assembly.streams()), folder_ / name,
                         false, {});
    }
    /// Runs `yaml`, packs its feeds, runs the tape, each on one shard and on four.
    Outcome expect_equal_from_tape(const std::string& yaml) {
        const Outcome expected = run(yaml, {});
        EXPECT_GT(expected.fill_count, 10u);
        pack(yaml, "packed.tape");
        const std::string tape = "feeds=[{type: tape, path: packed.tape}]";
        EXPECT_EQ(run(yaml, {"engine.shards=4"}), expected);
        EXPECT_EQ(run(yaml, {tape}), expected);
        EXPECT_EQ(run(yaml, {tape, "engine.shards=4"}), expected);
        EXPECT_EQ(run(yaml, {tape, "feeds.0.verify=true"}), expected);
        return expected;
    }

    TemporaryFolder folder_;
    int runs_ = 0;
};

std::string instruments() {
    std::string text = "instruments:\n";
    for (const char* symbol : {"S1", "S2", "S3", "S4"}) {
        text += std::string("  - {symbol: ") + symbol +
                ", asset_class: equity, tick: 0.01, lot: 1, calendar: us_equity}\n";
    }
    return text;
}

std::string bar_strategies() {
    return "strategies:\n"
           "  - {name: sma, type: sma_cross, account: one, symbols: [S1, S2, S3, S4],\n"
           "     params: {fast: 5, slow: 20}, sizing: {type: percent, value: 0.2}}\n"
           "  - {name: rsi, type: rsi_reversion, account: two, symbols: [S2, S4],\n"
           "     params: {period: 5, low: 30, high: 70}, sizing: {type: value, value: 40000}}\n"
           "  - {name: bands, type: bollinger_breakout, account: two, symbols: [S1, S3],\n"
           "     params: {period: 10, deviations: 1}, sizing: {type: fixed, value: 100}}\n"
           "  - {name: hold, type: buy_and_hold, account: one, symbols: [S3],\n"
           "     sizing: {type: percent, value: 0.1}}\n";
}

std::map<std::string, std::string> daily_bars() {
    return {{"kind", "bars"},      {"from", "2015-01-01"}, {"to", "2017-12-31"},
            {"volatility", "0.4"}, {"correlation", "0.5"}, {"seed", "11"}};
}

TEST_F(TapeEquality, HoldsForDailyBarsOfSeveralFiles) {
    auto feed = daily_bars();
    generate("first.csv", feed, "S1,S2");
    feed["seed"] = "12";
    generate("second.csv", feed, "S3,S4");
    const std::string columns = "columns: {time: ts_ns, symbol: symbol, volume: volume}}\n";
    (void)expect_equal_from_tape(
        std::string(kHead) + instruments() + bar_strategies() +
        "feeds:\n"
        "  - {type: csv, kind: bar, interval: 1d, path: first.csv, symbols: [S1, S2], " +
        columns + "  - {type: csv, kind: bar, interval: 1d, path: second.csv, symbols: [S3, S4], " +
        columns);
}

TEST_F(TapeEquality, HoldsForTheGeneratorItselfItsCsvAndItsTape) {
    generate("all.csv", daily_bars(), "S1,S2,S3,S4");
    generate("all.tape", daily_bars(), "S1,S2,S3,S4");
    const std::string rules = std::string(kHead) + instruments() + bar_strategies();
    const Outcome expected = expect_equal_from_tape(
        rules +
        "feeds:\n"
        "  - {type: generator, kind: bars, from: 2015-01-01, to: 2017-12-31, volatility: 0.4,\n"
        "     correlation: 0.5, seed: 11}\n");
    EXPECT_EQ(run(rules, {"feeds=[{type: csv, kind: bar, interval: 1d, path: all.csv, columns: "
                          "{time: ts_ns, symbol: symbol, volume: volume}}]"}),
              expected);
    EXPECT_EQ(run(rules, {"feeds=[{type: tape, path: all.tape}]"}), expected);
}

TEST_F(TapeEquality, HoldsWithinARangeOfTheRun) {
    const std::string yaml =
        std::string(kHead) + instruments() + bar_strategies() +
        "run: {from: 2015-06-01, to: 2016-11-30, zone: America/New_York}\n"
        "feeds:\n"
        "  - {type: generator, kind: bars, from: 2015-01-01, to: 2017-12-31, volatility: 0.4}\n";
    (void)expect_equal_from_tape(yaml);
}

TEST_F(TapeEquality, HoldsForMinuteBarsBesideQuotes) {
    const std::string yaml =
        std::string(kHead) + instruments() +
        "strategies:\n"
        "  - {name: sma, type: sma_cross, account: one, symbols: [S1, S2],\n"
        "     params: {fast: 5, slow: 20}, sizing: {type: percent, value: 0.2}}\n"
        "  - {name: ticks, type: ema_cross_ticks, account: two, symbols: [S3, S4],\n"
        "     params: {fast: 20, slow: 100}, sizing: {type: fixed, value: 10}}\n"
        "feeds:\n"
        "  - {type: generator, kind: bars, symbols: [S1, S2], interval: 1m, seed: 3,\n"
        "     from: 2015-01-05, to: 2015-01-09}\n"
        "  - {type: generator, kind: quotes, symbols: [S3, S4], rate: 0.2, seed: 4,\n"
        "     from: 2015-01-05, to: 2015-01-09}\n";
    (void)expect_equal_from_tape(yaml);
}

TEST_F(TapeEquality, HoldsWithSplitsAndDividendsOnTheTape) {
    write_text(folder_ / "actions.csv",
               "symbol,ex_date,type,value\n"
               "S1,2014-06-02,split,2\n"  // before the data: must not begin the run
               "S1,2016-03-01,dividend,0.25\n"
               "S3,2016-05-02,split,2\n"
               "S4,2017-02-01,dividend,1.5\n"
               "S2,2019-01-02,dividend,9\n");  // behind it: must not be paid
    const std::string rules = std::string(kHead) + instruments() + bar_strategies();
    const std::string feed =
        "feeds:\n"
        "  - {type: generator, kind: bars, from: 2015-01-01, to: 2017-12-31, volatility: 0.4}\n";
    const std::string actions = "corporate_actions: {file: actions.csv, mode: raw}\n";
    const Outcome plain = run(rules + feed, {});
    const Outcome expected = run(rules + feed + actions, {});
    EXPECT_NE(expected.fills, plain.fills);
    EXPECT_GT(expected.fill_count, 10u);
    pack(rules + feed + actions, "packed.tape");
    const std::string tape = "feeds:\n  - {type: tape, path: packed.tape}\n";
    EXPECT_EQ(run(rules + tape, {}), expected);
    EXPECT_EQ(run(rules + tape, {"engine.shards=4"}), expected);
    // The same file beside that tape would count every action twice.
    EXPECT_THROW((void)run(rules + tape + actions, {}), FeedError);
}

}  // namespace
}  // namespace fermata::test

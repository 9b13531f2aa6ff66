#include "daemon/cli/risk_command.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <sstream>

#include "daemon/cli/report_text.hpp"
#include "tests/daemon/cli/command_in_process.hpp"
#include "tests/daemon/replay/run_fixture.hpp"

namespace fermata::test {
namespace {

/// Two shares over five days. AAA: +10%, -10%, +10%, -10%. BBB: 0, 0 over a split 2:1, +4%, 0.
class RiskCommand : public ::testing::Test {
protected:
    void SetUp() override {
        write_text(folder_ / "AAA.csv",
                   "date,open,high,low,close,volume\n"
                   "2020-01-02,100,100,100,100,1000\n2020-01-03,110,110,110,110,1000\n"
                   "2020-01-06,99,99,99,99,1000\n2020-01-07,108.9,108.9,108.9,108.9,1000\n"
                   "2020-01-08,98.01,98.01,98.01,98.01,1000\n");
        write_text(folder_ / "BBB.csv",
                   "date,open,high,low,close,volume\n"
                   "2020-01-02,50,50,50,50,100\n2020-01-03,50,50,50,50,100\n"
                   "2020-01-06,25,25,25,25,200\n2020-01-07,26,26,26,26,200\n"
                   "2020-01-08,26,26,26,26,200\n");
        write_text(folder_ / "actions.csv",
                   "symbol,ex_date,type,value,last_date_before,close_before\n"
                   "BBB,2020-01-06,split,2,2020-01-03,50\n");
        write_text(folder_ / "c.yaml", kConfig);
    }
    /// Runs `fermata risk report ARGUMENTS` as the main program does.
    Ended run(std::vector<std::string> arguments) {
        arguments.insert(arguments.begin(), {"risk", "report"});
        return run_in_process(register_risk_commands, std::move(arguments));
    }
    Report json(std::vector<std::string> arguments) {
        arguments.insert(arguments.end(), {"--format", "json", "--paths", "500"});
        const Ended ended = run(std::move(arguments));
        EXPECT_EQ(ended.code, 0) << ended.error;
        return ended.code == 0 ? Report::parse(ended.out) : Report();
    }
    std::vector<std::string> hand_worked(std::vector<std::string> more = {}) {
        std::vector<std::string> all{
            config(), "--position",   "AAA=10", "--position",   "BBB=-4", "--cash",
            "1000",   "--days-min",   "2",      "--window",     "4",      "--benchmark",
            "AAA",    "--confidence", "0.75",   "--covariance", "sample"};
        all.insert(all.end(), more.begin(), more.end());
        return all;
    }
    [[nodiscard]] std::string config() const { return (folder_ / "c.yaml").string(); }
    static const Report& row(const Report& table, const std::string& key, const std::string& name) {
        for (const Report& r : table) {
            if (r.at(key) == name) return r;
        }
        throw std::runtime_error("no row " + name);
    }

    TemporaryFolder folder_;

    static constexpr const char* kConfig = R"(
mode: replay
accounts: [{name: main, currency: USD, cash: 10000, type: margin}]
instruments:
  - {symbol: AAA, sector: technology, tick: 0.01, calendar: us_equity}
  - {symbol: BBB, tick: 0.01, calendar: us_equity}
corporate_actions: {file: actions.csv}
feeds:
  - &daily {name: a, type: csv, kind: bar, interval: 1d, symbol: AAA, path: AAA.csv,
     time: {column: date, format: "%Y-%m-%d", zone: America/New_York},
     columns: {open: open, high: high, low: low, close: close, volume: volume}}
  - {<<: *daily, name: b, symbol: BBB, path: BBB.csv}
venues: [{name: sim, type: simulated}]
strategies:
  - {name: hold, type: buy_and_hold, account: main, symbols: [AAA, BBB],
     sizing: {type: percent, value: 0.4}}
risk: {profile: unlimited}
)";
};

TEST_F(RiskCommand, MeasuresWhatIsHeldAsAHandDoes) {
    const Report r = json(hand_worked());
    EXPECT_EQ(r["as_of"], "2020-01-08");
    EXPECT_EQ(r["currency"], "USD");
    EXPECT_EQ(r["complete_days"], 4);
    // 10 x 98.01 = 980.1; -4 x 26 = -104.
    EXPECT_NEAR(r["gross"].get<double>(), 1084.1, 1e-9);
    EXPECT_NEAR(r["net"].get<double>(), 876.1, 1e-9);
    EXPECT_NEAR(r["equity"].get<double>(), 1876.1, 1e-9);
    const Report& aaa = row(r["positions"], "symbol", "AAA");
    const Report& bbb = row(r["positions"], "symbol", "BBB");
    EXPECT_NEAR(aaa["value"].get<double>(), 980.1, 1e-9);
    // Deviation of +-10%: squares 0.04 / 3; a year has 252 days.
    EXPECT_NEAR(aaa["annual_volatility"].get<double>(), std::sqrt(0.04 / 3 * 252), 1e-9);
    // Beta of BBB: 0.1 x 0.04 / 0.04.
    EXPECT_NEAR(aaa["beta"].get<double>(), 1, 1e-9);
    EXPECT_NEAR(bbb["beta"].get<double>(), 0.1, 1e-9);
    // Outcomes 98.01, -98.01, 98.01 - 4.16, -98.01; rank 3 x 0.25 lies between two equal losses.
    const Report& past = row(r["value_at_risk"], "method", "historical");
    EXPECT_NEAR(past["var"].get<double>(), 98.01, 1e-9);
    EXPECT_NEAR(past["cvar"].get<double>(), 98.01, 1e-9);
    EXPECT_NEAR(past["var_of_equity"].get<double>(), 98.01 / 1876.1, 1e-9);
    // Index: -98.01 + 104 x 0.1 x 0.1 = -96.97.
    EXPECT_NEAR(row(r["stress"], "scenario", "index -10%")["profit"].get<double>(), -96.97, 1e-9);
    EXPECT_NEAR(row(r["stress"], "scenario", "sector technology -20%")["profit"].get<double>(),
                -196.02, 1e-9);
    // 10 / (0.1 x 1000); the volumes before the split count double: 4 / (0.1 x 200).
    const Report& exits = r["liquidity"]["positions"];
    EXPECT_NEAR(row(exits, "symbol", "AAA")["days_to_leave"].get<double>(), 0.1, 1e-9);
    EXPECT_NEAR(row(exits, "symbol", "BBB")["average_daily_volume"].get<double>(), 200, 1e-9);
    EXPECT_NEAR(row(exits, "symbol", "BBB")["days_to_leave"].get<double>(), 0.2, 1e-9);
    EXPECT_EQ(r["covariance"]["method"], "sample");
    EXPECT_EQ(r["covariance"]["positive_semi_definite"], true);
    double components = 0;
    for (const Report& p : r["positions"]) components += p["component_var"].get<double>();
    EXPECT_NEAR(components, row(r["value_at_risk"], "method", "parametric, sample")["var"], 1e-9);
}

TEST_F(RiskCommand, RepeatsASimulationFromTheSeedInItsReport) {
    const Report a = json(hand_worked({"--seed", "77"}));
    const Report b = json(hand_worked({"--seed", "77"}));
    const Report c = json(hand_worked({"--seed", "78"}));
    EXPECT_EQ(a["monte_carlo"][0]["seed"], 77);
    EXPECT_EQ(a["monte_carlo"][0]["paths"], 500);
    EXPECT_EQ(a.dump(), b.dump());
    EXPECT_NE(a["monte_carlo"][0]["var"], c["monte_carlo"][0]["var"]);
}

TEST_F(RiskCommand, StressesWithWindowsOfHistoryAndFactors) {
    const Report r =
        json(hand_worked({"--stress-window", "two days=2020-01-06..2020-01-07", "--stress-window",
                          "long ago=1990-01-01..1990-12-31", "--factor", "AAA"}));
    // AAA 0.9 x 1.1 = 0.99: -9.801; BBB +4% short: -4.16.
    EXPECT_NEAR(row(r["stress"], "scenario", "two days")["profit"].get<double>(), -13.961, 1e-9);
    EXPECT_EQ(row(r["stress"], "scenario", "long ago")["unknown_positions"], 2);
    EXPECT_TRUE(row(r["stress_by_position"], "scenario", "long ago")["AAA"].is_null());
    // 980.1 x 1 - 104 x 0.1.
    EXPECT_NEAR(r["factors"]["exposures"][0]["exposure"].get<double>(), 969.7, 1e-9);
}

TEST_F(RiskCommand, TakesItsSettingsFromTheConfigurationUnlessAnOptionSaysOtherwise) {
    const std::vector<std::string> arguments{
        config(),
        "--position",
        "AAA=10",
        "--position",
        "BBB=-4",
        "--cash",
        "1000",
        "--set",
        "run.benchmark=AAA",
        "--set",
        "portfolio_risk={window: 4, days_min: 2, confidence: 0.75, covariance: sample, seed: 5, "
        "factors: [AAA], stress: {index_shock: -0.2, windows: [{name: two days, from: 2020-01-06, "
        "to: 2020-01-07}]}}"};
    const Report r = json(arguments);
    EXPECT_EQ(r["value_at_risk"][0]["confidence"], 0.75);
    EXPECT_EQ(r["covariance"]["method"], "sample");
    EXPECT_EQ(r["monte_carlo"][0]["seed"], 5);
    EXPECT_NEAR(r["factors"]["exposures"][0]["exposure"].get<double>(), 969.7, 1e-9);
    EXPECT_NEAR(row(r["stress"], "scenario", "index -20%")["profit"].get<double>(), -193.94, 1e-9);
    EXPECT_NEAR(row(r["stress"], "scenario", "two days")["profit"].get<double>(), -13.961, 1e-9);
    std::vector<std::string> overridden = arguments;
    overridden.insert(overridden.end(), {"--seed", "6", "--covariance", "ewma", "--index-shock",
                                         "-0.3", "--factor", "BBB"});
    const Report o = json(overridden);
    EXPECT_EQ(o["monte_carlo"][0]["seed"], 6);
    EXPECT_EQ(o["covariance"]["method"], "ewma");
    EXPECT_NEAR(row(o["stress"], "scenario", "index -30%")["profit"].get<double>(), -290.91, 1e-9);
    EXPECT_EQ(o["factors"]["exposures"][0]["factor"], "BBB");
}

TEST_F(RiskCommand, BacktestsWhereThereAreEnoughDays) {
    const Report r = json(hand_worked({"--backtest-window", "2"}));
    ASSERT_EQ(r["backtest"].size(), 3U);
    // Days 3 and 4 are judged; historical: quantile 25% of (98.01, -98.01) = -49.005, so day 4 is
    // an exception and day 3 is none.
    EXPECT_EQ(r["backtest"][0]["forecast"], "historical");
    EXPECT_EQ(r["backtest"][0]["days"], 2);
    EXPECT_EQ(r["backtest"][0]["exceptions"], 1);
    const Report none = json(hand_worked());
    EXPECT_TRUE(none["backtest"].empty());
    EXPECT_NE(none["notes"].dump().find("too few days for a backtest"), std::string::npos);
}

TEST_F(RiskCommand, SaysOfARunWhatItSaysOfTheSameHoldings) {
    {
        const StrategyRegistry registry = shipped_strategies();
        RunRequest request;
        request.out = folder_ / "run";
        const RunReport done = run_configuration(
            load_config(config(), {}, registry, sha256_hasher()), registry, request);
        ASSERT_TRUE(done.result.halted.empty());
    }
    const std::vector<std::string> estimates{"--days-min", "2", "--benchmark", "AAA"};
    std::vector<std::string> of_run{(folder_ / "run").string()};
    of_run.insert(of_run.end(), estimates.begin(), estimates.end());
    const Report run = json(of_run);
    EXPECT_NEAR(run["equity"].get<double>(),
                read_summary(folder_ / "run")["final_equity"].get<double>(), 1e-9);
    ASSERT_EQ(run["positions"].size(), 2U);

    std::vector<std::string> of_holdings{config()};
    for (const Report& position : run["positions"]) {
        of_holdings.push_back("--position");
        of_holdings.push_back(position["symbol"].get<std::string>() + "=" +
                              position["quantity"].dump());
    }
    std::ostringstream cash;
    cash.precision(12);
    cash << run["cash"].get<double>();
    of_holdings.insert(of_holdings.end(), {"--cash", cash.str()});
    of_holdings.insert(of_holdings.end(), estimates.begin(), estimates.end());
    const Report same = json(of_holdings);
    for (const char* section : {"positions", "monte_carlo", "correlation"}) {
        ASSERT_EQ(run[section].size(), same[section].size());
    }
    for (std::size_t k = 0; k < run["value_at_risk"].size(); ++k) {
        EXPECT_EQ(run["value_at_risk"][k]["var"], same["value_at_risk"][k]["var"]);
    }
    EXPECT_EQ(run["drawdown"]["of"], "the run's equity");
    EXPECT_EQ(run["configuration_hash"], same["configuration_hash"]);
}

TEST_F(RiskCommand, PrintsATableAndACsvOfTheSameFigures) {
    const Ended table = run(hand_worked({"--paths", "500"}));
    ASSERT_EQ(table.code, 0) << table.error;
    EXPECT_NE(table.out.find("\nvalue at risk\n"), std::string::npos);
    EXPECT_NE(table.out.find("index -10%"), std::string::npos);
    const std::string file = (folder_ / "risk.csv").string();
    const Ended csv = run(hand_worked({"--paths", "500", "--format", "csv", "--output", file}));
    ASSERT_EQ(csv.code, 0) << csv.error;
    EXPECT_EQ(csv.out, "");
    const std::string text = read_text(file);
    EXPECT_EQ(text.rfind("section,item,measure,value\n", 0), 0U);
    EXPECT_NE(text.find("\nstress,index -10%,unknown_positions,0\n"), std::string::npos);
    EXPECT_NE(text.find("\npositions,AAA,sector,technology\n"), std::string::npos);
    EXPECT_NE(text.find("\nvalue_at_risk,\"parametric, sample\",confidence,0.75\n"),
              std::string::npos);
}

TEST_F(RiskCommand, RefusesWhatItCannotMeasureAndSaysWhy) {
    const auto fails = [&](std::vector<std::string> arguments, int code, const char* part) {
        const Ended ended = run(std::move(arguments));
        EXPECT_EQ(ended.code, code) << part;
        EXPECT_NE(ended.error.find(part), std::string::npos) << ended.error;
        EXPECT_EQ(ended.out, "");
    };
    fails({config()}, 2, "nothing to measure");
    fails({config(), "--position", "AAB=1"}, 2, "no instrument 'AAB'; did you mean 'AAA'?");
    fails({config(), "--position", "AAA"}, 2, "expected SYMBOL=QUANTITY");
    fails({config(), "--position", "AAA=many"}, 2, "not a decimal number");
    fails({config(), "--position", "AAA=1", "--cash", "much"}, 2, "--cash");
    fails({config(), "--position", "AAA=1", "--benchmark", "XYZ"}, 2, "no instrument 'XYZ'");
    fails({config(), "--position", "AAA=1", "--stress-window", "x=2020-02-02..2020-01-01"}, 2,
          "expected NAME=FROM..TO");
    fails({config(), "--position", "AAA=1"}, 1,
          "too few days: 60 of the last 512 are needed on which every position, the benchmark and "
          "every factor has a return; AAA has 4 returns");
    fails({folder_.path().string()}, 1, "has no journal/");
    fails({folder_.path().string(), "--cash", "3"}, 2, "go with a configuration");
    fails({(folder_ / "none.yaml").string(), "--position", "AAA=1"}, 2, "does not exist");
    fails({config(), "--position", "AAA=1", "--days-min", "9", "--window", "8"}, 2, "--days-min");
    fails(hand_worked({"--output", (folder_ / "no" / "file").string()}), 1, "cannot be written");
}

TEST_F(RiskCommand, RefusesHoldingsInTwoCurrencies) {
    const Ended ended = run(hand_worked({"--set", "instruments.BBB.currency=EUR"}));
    EXPECT_EQ(ended.code, 1);
    EXPECT_NE(ended.error.find("positions in USD (AAA) and EUR (BBB)"), std::string::npos)
        << ended.error;
}

TEST_F(RiskCommand, CountsMissingDaysAndNamesThem) {
    write_text(folder_ / "BBB.csv",
               "date,open,high,low,close,volume\n"
               "2020-01-02,50,50,50,50,100\n2020-01-07,26,26,26,26,0\n"
               "2020-01-08,26,26,26,26,0\n");
    const Report r = json(hand_worked());
    const Report& bbb = row(r["data"], "symbol", "BBB");
    EXPECT_EQ(bbb["missing"], 2);
    EXPECT_EQ(bbb["bridged"], 1);
    EXPECT_EQ(bbb["one_day"], 1);
    EXPECT_EQ(r["complete_days"], 2);
    EXPECT_EQ(r["dropped_days"], 2);
}

}  // namespace
}  // namespace fermata::test

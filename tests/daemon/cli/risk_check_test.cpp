// `fermata risk check`: the verdict of an order that is not sent.

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "adapters/latch/latch_file.hpp"
#include "daemon/cli/order_text.hpp"
#include "daemon/cli/report_text.hpp"
#include "daemon/cli/risk_command.hpp"
#include "tests/daemon/cli/command_in_process.hpp"
#include "tests/daemon/replay/run_fixture.hpp"

namespace fermata::test {
namespace {

/// 100,000 USD; AAA at 100 and BBB at 50 on every day from 2020-01-02 to 2020-01-08, without
/// sessions. The strategy "hold" buys 10 AAA on the first day, "idle" waits for a level that never
/// comes.
class RiskCheckCommand : public ::testing::Test {
protected:
    void SetUp() override {
        for (const auto& [symbol, price] : {std::pair("AAA", "100"), std::pair("BBB", "50")}) {
            std::string rows = "date,open,high,low,close,volume\n";
            for (const char* day : {"02", "03", "06", "07", "08"}) {
                rows += std::string("2020-01-") + day;
                for (int n = 0; n < 4; ++n) rows += std::string(",") + price;
                rows += ",1000\n";
            }
            write_text(folder_ / (std::string(symbol) + ".csv"), rows);
        }
        write_text(folder_ / "c.yaml", kConfig);
    }
    void check_recorded_runs();
    static Ended run(std::vector<std::string> arguments) {
        arguments.insert(arguments.begin(), {"risk", "check"});
        return run_in_process(register_risk_commands, std::move(arguments));
    }
    /// The answer to one question about the configuration.
    Report ask(std::vector<std::string> arguments, int code) {
        arguments.insert(arguments.begin(), config());
        arguments.insert(arguments.end(), {"--format", "json", "--quiet"});
        const Ended ended = run(arguments);
        EXPECT_EQ(ended.code, code) << ended.error << ended.out;
        return ended.out.empty() ? Report() : Report::parse(ended.out);
    }
    /// "passes 1500 of 5000", of the n-th comparison of a control.
    static std::string numbers(const Report& order, const std::string& control, int nth = 0) {
        for (const Report& row : order.at("controls")) {
            if (row.at("control") != control || nth-- > 0) continue;
            std::string text = row.at("result").get<std::string>();
            if (row.at("observed").is_string()) {
                text += " " + row.at("observed").get<std::string>();
            }
            if (row.at("limit").is_string()) text += " of " + row.at("limit").get<std::string>();
            return text;
        }
        return "not checked";
    }
    [[nodiscard]] std::string config() const { return (folder_ / "c.yaml").string(); }
    [[nodiscard]] Config loaded() const {
        return load_config(config(), {}, shipped_strategies(), sha256_hasher());
    }

    TemporaryFolder folder_;
    static constexpr const char* kConfig = R"(
mode: replay
accounts:
  - {name: main, currency: USD, cash: 100000, type: margin}
  - {name: other, currency: USD, cash: 5000}
instruments:
  - {symbol: AAA, tick: 0.01}
  - {symbol: BBB, tick: 0.01}
feeds:
  - &daily {name: a, type: csv, kind: bar, interval: 1d, symbol: AAA, path: AAA.csv,
     time: {column: date, format: "%Y-%m-%d", zone: America/New_York},
     columns: {open: open, high: high, low: low, close: close, volume: volume}}
  - {<<: *daily, name: b, symbol: BBB, path: BBB.csv}
venues: [{name: sim, type: simulated}]
strategies:
  - {name: hold, type: buy_and_hold, account: main, symbols: [AAA],
     sizing: {type: fixed, value: 10}}
  - {name: idle, type: execute, account: other, symbols: [BBB], sizing: {type: fixed, value: 1},
     params: {algorithm: iceberg, price: 1, slice: 1, over: 3600}}
risk: {profile: house}
)";
};

TEST_F(RiskCheckCommand, ShowsHowNearAnOrderIsToEveryLimitAtTheEndOfTheData) {
    const Report r = ask({"--order", "buy 15 AAA limit 98 strategy=hold"}, 0);
    EXPECT_EQ(r["approved"], true);
    const Report& order = r["orders"][0];
    EXPECT_EQ(order["order"], "BUY 15 AAA LIMIT 98 GTC, account main, strategy hold, venue sim");
    // 10 AAA were bought at 100 without fees: equity stays 100,000, 99,000 of it cash.
    EXPECT_EQ(order["equity"], "100000");
    EXPECT_EQ(order["reference"], "100");
    EXPECT_EQ(numbers(order, "MAX_NOTIONAL"), "passes 1470 of 2000");  // 15 x 98; 2%
    EXPECT_EQ(numbers(order, "POSITION"), "passes 2500 of 5000");      // (10 + 15) x 100; 5%
    EXPECT_EQ(numbers(order, "LEVERAGE"), "passes 2500 of 100000");
    EXPECT_EQ(numbers(order, "CASH"), "passes 97530 of 10000");           // 99,000 - 1,470
    EXPECT_EQ(numbers(order, "OPEN_ORDERS"), "passes 1 of 50");           // the number
    EXPECT_EQ(numbers(order, "OPEN_ORDERS", 1), "passes 1470 of 10000");  // the value; 10%
    EXPECT_EQ(numbers(order, "COLLAR"), "passes 98 of 105");
    EXPECT_EQ(numbers(order, "DUPLICATE"), "passes 1 of 3");
    EXPECT_EQ(numbers(order, "STATE"), "passes ACTIVE of ACTIVE");
    EXPECT_EQ(numbers(order, "FIELD"), "passes");
    EXPECT_EQ(numbers(order, "SECTOR"), "passes") << "it is in none: nothing to compare";
}

TEST_F(RiskCheckCommand, EndsWithThreeWhenRefusedAndShowsAllThatRefuse) {
    const Report r = ask({"--order", "buy 200 AAA limit 106 account=main"}, 3);
    EXPECT_EQ(r["approved"], false);
    const Report& order = r["orders"][0];
    EXPECT_EQ(order["failed"],
              "MAX_NOTIONAL COLLAR OPEN_ORDERS POSITION TRADE_LOSS VAR_PARAMETRIC VAR_HISTORICAL");
    const std::string verdict = order["verdict"];
    EXPECT_EQ(verdict.substr(0, verdict.rfind(' ')), "REFUSED MAX_NOTIONAL order 21200 2000");
    EXPECT_EQ(verdict.size() - verdict.rfind(' ') - 1, 16u) << "then the configuration's hash";
    EXPECT_EQ(numbers(order, "MAX_NOTIONAL"), "refuses 21200 of 2000");
    EXPECT_EQ(numbers(order, "POSITION"), "refuses 21000 of 5000");
    EXPECT_EQ(numbers(order, "COLLAR"), "refuses 106 of 105");
    EXPECT_EQ(numbers(order, "CASH"), "passes 77800 of 10000");  // 99,000 - 21,200
    for (const Report& row : order["controls"]) {
        if (row["control"] == "MAX_NOTIONAL") {
            EXPECT_EQ(row["room"], "-19200");
        } else if (row["control"] == "CASH") {
            EXPECT_EQ(row["room"], "67800");
        }
    }
}

TEST_F(RiskCheckCommand, AsksAtAnyTimeOfTheData) {
    // A daily bar begins at midnight of New York, 05:00 UTC, with its opening price, and is known
    // when its day is over: then the strategy buys, and the next opening fills it.
    const Report before =
        ask({"--order", "buy 1 AAA account=main", "--at", "2020-01-02T12:00:00Z"}, 0);
    EXPECT_EQ(before["at"], "2020-01-02T12:00:00Z");
    EXPECT_EQ(numbers(before["orders"][0], "POSITION"), "passes 100 of 5000");
    const Report after = ask({"--order", "buy 1 AAA account=main", "--at", "2020-01-07"}, 0);
    EXPECT_EQ(numbers(after["orders"][0], "POSITION"), "passes 1100 of 5000");
    EXPECT_EQ(numbers(after["orders"][0], "OPEN_ORDERS"), "passes 1 of 50") << "it is filled";
    EXPECT_EQ(numbers(after["orders"][0], "CASH"), "passes 98895 of 10000");  // at the collar: 105
    const Ended early =
        run({config(), "--order", "buy 1 AAA account=main", "--at", "2019-12-31", "--quiet"});
    EXPECT_EQ(early.code, 2);
    EXPECT_NE(early.error.find("--at: found 2019-12-31T00:00:00Z, expected a time from the first "
                               "event on, 2020-01-0"),
              std::string::npos)
        << early.error;
}

TEST_F(RiskCheckCommand, KnowsWhatTheGateOfTheRunWouldBeTold) {
    write_text(folder_ / "told.csv",
               "time,kind,target,first,second\n"
               "2020-01-06T15:00:00Z,restrict,BBB,,\n"
               "2020-01-08T15:00:00Z,band,AAA,90,95\n");
    std::string text = kConfig;
    text.replace(text.find("{profile: house}"), 16, "{profile: house, inputs: told.csv}");
    write_text(folder_ / "c.yaml", text);
    const std::string buy_bbb = "buy 1 BBB strategy=hold", buy_aaa = "buy 1 AAA strategy=hold";
    EXPECT_EQ(ask({"--at", "2020-01-06T14:59:59Z", "--order", buy_bbb}, 0)["approved"], true);
    // Told between two events of the market, and at the very moment.
    const Report told = ask({"--at", "2020-01-06T15:00:00Z", "--order", buy_bbb}, 3);
    EXPECT_EQ(numbers(told["orders"][0], "RESTRICTED"), "refuses restricted");
    EXPECT_EQ(ask({"--at", "2020-01-07T20:00:00Z", "--order", buy_aaa}, 0)["approved"], true);
    const Report band = ask({"--order", buy_aaa}, 3);  // at the end of the data
    EXPECT_EQ(numbers(band["orders"][0], "LULD"), "refuses 100 of 95");
}

TEST_F(RiskCheckCommand, KnowsWhatStandsLatched) {
    std::string text = kConfig;
    text.replace(text.find("{profile: house}"), 16, "{profile: house, latch: latch}");
    write_text(folder_ / "c.yaml", text + "engine: {schedule: concurrent}\n");
    const std::string order = "buy 1 AAA strategy=hold";
    const Report absent = ask({"--order", order}, 3);
    EXPECT_EQ(numbers(absent["orders"][0], "STATE"), "refuses HALTED of ACTIVE");
    {
        auto file = latch::File::create((folder_ / "latch").string(), 1, 0, "test");
        ASSERT_TRUE(file.ok());
        latch::State state;
        latch::Change release;
        release.may_loosen = true;
        ASSERT_EQ(file->change(release, state, 0).code, latch::ErrorCode::kNone);
    }
    EXPECT_EQ(ask({"--order", order}, 0)["approved"], true);
}

TEST_F(RiskCheckCommand, LeavesTheStrategiesOutWhenAsked) {
    const Report r = ask({"--order", "buy 15 AAA limit 98 account=main", "--no-strategies"}, 0);
    EXPECT_EQ(numbers(r["orders"][0], "POSITION"), "passes 1500 of 5000");
    EXPECT_EQ(numbers(r["orders"][0], "CASH"), "passes 98530 of 10000");
}

TEST_F(RiskCheckCommand, JudgesOrdersEachForItselfOrAsOneBasket) {
    std::vector<std::string> six{"--set", "risk.limits={position: 50%, open_orders_notional: 50%}"};
    for (const char* price : {"100", "99", "98", "97", "96", "95"}) {
        six.insert(six.end(), {"--order", std::string("buy 19 AAA account=main limit ") + price});
    }
    const Report each = ask(six, 0);
    ASSERT_EQ(each["orders"].size(), 6u);
    for (const Report& order : each["orders"]) {
        EXPECT_EQ(numbers(order, "BASKET"), "passes") << "it is in none";
        EXPECT_EQ(numbers(order, "POSITION"), "passes 2900 of 50000") << "as if it were the only";
    }
    six.emplace_back("--basket");
    const Report basket = ask(six, 3);
    EXPECT_EQ(basket["approved"], false);
    // 19 x (100 + 99 + 98 + 97 + 96) = 9,310; with 19 x 95 it is 11,115.
    EXPECT_EQ(numbers(basket["orders"][4], "BASKET"), "passes 9310 of 10000");
    EXPECT_EQ(numbers(basket["orders"][4], "POSITION"), "passes 10500 of 50000");  // 10 + 5 x 19
    EXPECT_EQ(basket["orders"][4]["approved"], true);
    EXPECT_EQ(numbers(basket["orders"][5], "BASKET"), "refuses 11115 of 10000");
    EXPECT_EQ(basket["orders"][5]["failed"], "BASKET");
}

void RiskCheckCommand::check_recorded_runs() {
    const std::vector<std::string> question{"--order", "buy 15 AAA limit 98 account=main",
                                            "--order", "sell 3000 BBB account=other"};
    const Report configured = ask(question, 3);
    for (const char* schedule : {"lockstep", "concurrent"}) {
        const std::filesystem::path out = folder_ / schedule;
        run_yaml(kConfig, folder_.path(), out,
                 {std::string("engine.schedule=") + schedule, "engine.shards=2"});
        for (const std::filesystem::path& subject : {out, out / "journal"}) {
            std::vector<std::string> arguments{subject.string(), "--format", "json", "--quiet"};
            arguments.insert(arguments.end(), question.begin(), question.end());
            const Ended ended = run(arguments);
            ASSERT_EQ(ended.code, 3) << schedule << ended.error;
            const Report recorded = Report::parse(ended.out);
            if (std::string_view(schedule) == "lockstep") {
                EXPECT_EQ(recorded["orders"].dump(), configured["orders"].dump());
            }
            // On threads of its own the strategy's 10 may not be filled at the end: they count.
            EXPECT_EQ(numbers(recorded["orders"][0], "POSITION"), "passes 2500 of 5000");
            EXPECT_EQ(recorded["orders"][0]["approved"], true);
            EXPECT_EQ(recorded["orders"][1]["approved"], false);
        }
    }
    const Ended wrong = run({(folder_ / "lockstep").string(), "--order", "buy 1 AAA account=main",
                             "--at", "2020-01-03"});
    EXPECT_EQ(wrong.code, 2);
    EXPECT_NE(wrong.error.find("--at, --no-strategies and --set go with a configuration"),
              std::string::npos);
}

TEST_F(RiskCheckCommand, SaysTheSameOfARunThatWasRecorded) {
    // A record names its files as the run found them.
    const std::filesystem::path start = std::filesystem::current_path();
    std::filesystem::current_path(folder_.path());
    check_recorded_runs();
    std::filesystem::current_path(start);
}

TEST_F(RiskCheckCommand, PrintsATableAndRowsOfTheSameNumbers) {
    const std::vector<std::string> question{config(), "--order", "buy 15 AAA limit 98 account=main",
                                            "--quiet"};
    const Ended table = run(question);
    EXPECT_EQ(table.code, 0) << table.error;
    EXPECT_NE(table.out.find("\nBUY 15 AAA LIMIT 98 GTC, account main, strategy hold, venue sim\n"
                             "APPROVED "),
              std::string::npos)
        << table.out;
    EXPECT_NE(table.out.find("equity 100000, reference 100\n"), std::string::npos);
    std::vector<std::string> as_csv = question;
    as_csv.insert(as_csv.end(), {"--format", "csv"});
    const Ended csv = run(as_csv);
    EXPECT_EQ(csv.out.substr(0, csv.out.find('\n')),
              "order,approved,control,result,scope,observed,limit,room,unit,rule");
    EXPECT_NE(csv.out.find("\n1,yes,POSITION,passes,instrument,2500,5000,2500,money,"),
              std::string::npos)
        << csv.out;
}

TEST_F(RiskCheckCommand, RefusesWhatItCannotRead) {
    const auto error = [&](const std::string& order) {
        const Ended ended = run({config(), "--order", order, "--quiet"});
        EXPECT_EQ(ended.code, 2) << order;
        EXPECT_EQ(ended.out, "");
        return ended.error;
    };
    EXPECT_EQ(error("hold 5 AAA"), "--order 'hold 5 AAA': found 'hold', expected buy or sell");
    EXPECT_EQ(error("buy five AAA"), "--order 'buy five AAA': found 'five', expected a quantity");
    EXPECT_EQ(error("buy 5"),
              "--order 'buy 5': found the end, expected the symbol of an "
              "instrument");
    EXPECT_TRUE(error("buy 5 AAAA account=main")
                    .starts_with("--order 'buy 5 AAAA account=main': found 'AAAA', expected the "
                                 "symbol of an instrument of the configuration"));
    EXPECT_EQ(error("buy 5 AAA limit 3 tif=day LIMIT=4"),
              "--order 'buy 5 AAA limit 3 tif=day LIMIT=4': found 'LIMIT', expected 'limit' once "
              "only");
    EXPECT_EQ(error("buy 5 AAA trail 1 peg_mid 1"),
              "--order 'buy 5 AAA trail 1 peg_mid 1': found 'peg_mid', expected one distance only");
    EXPECT_EQ(error("buy 5 AAA limit 3 expires 2020-01-08 tif=day strategy=hold"),
              "--order 'buy 5 AAA limit 3 expires 2020-01-08 tif=day strategy=hold': found a time "
              "of expiry with day, expected gtd with it");
    // A hundredth of it would not fit and become zero.
    EXPECT_EQ(error("sell 5 AAA trail_percent 0.00000001 strategy=hold"),
              "--order 'sell 5 AAA trail_percent 0.00000001 strategy=hold': found '0.00000001', "
              "expected a distance in percent of at most 7 decimals, such as 2.5");
    EXPECT_EQ(error("buy 5 AAA limit"),
              "--order 'buy 5 AAA limit': found the end, expected a limit price");
    EXPECT_EQ(error("buy 5 AAA tif=week"),
              "--order 'buy 5 AAA tif=week': found 'week', expected day, gtc, gtd, ioc, fok, "
              "ato or atc");
    EXPECT_EQ(error("buy 5 AAA account=mine"),
              "--order 'buy 5 AAA account=mine': found 'mine', expected an account: main, other");
    EXPECT_EQ(error("buy 5 AAA"),
              "--order 'buy 5 AAA': found no strategy, expected strategy=NAME, one of: hold, idle");
    EXPECT_EQ(error("buy 5 AAA limit 3 market strategy hold"),
              "--order 'buy 5 AAA limit 3 market strategy hold': found a limit price, expected "
              "none with a market order");
    // A message is one line, and no command to the terminal.
    EXPECT_EQ(error("hold\n\x1b[2J5"),
              "--order 'hold\\x0a\\x1b[2J5': found 'hold\\x0a\\x1b[2J5', expected buy or sell");
    const Ended mixed = run({config(), "--basket", "--order", "buy 5 AAA strategy=hold", "--order",
                             "buy 5 BBB strategy=idle", "--quiet"});
    EXPECT_EQ(mixed.code, 2);
    EXPECT_EQ(mixed.error,
              "--basket: found orders of hold and idle, expected those of one "
              "strategy");
}

TEST_F(RiskCheckCommand, ReadsOrdersOfAllKinds) {
    const Config config = loaded();
    const auto words = [&](const char* text) {
        return order_in_words(parse_order(text, config), config);
    };
    const std::string who = ", account main, strategy hold, venue sim";
    EXPECT_EQ(words("buy 5 AAA strategy hold"), "BUY 5 AAA MARKET GTC" + who);
    EXPECT_EQ(words("SELL 2.5 \"BBB\" stop=48 tif=DAY strategy=hold"),
              "SELL 2.5 BBB STOP stop 48 DAY" + who);
    EXPECT_EQ(words("sell 5 AAA limit 97 stop 98 strategy=hold"),
              "SELL 5 AAA STOP_LIMIT 97 stop 98 GTC" + who);
    EXPECT_EQ(words("buy 5 AAA market_to_limit strategy=hold"),
              "BUY 5 AAA MARKET_TO_LIMIT GTC" + who);
    EXPECT_EQ(words("sell 5 AAA trail_percent 2.5 strategy=hold reduce_only"),
              "SELL 5 AAA TRAILING_STOP trail_percent 0.025 GTC, reduce_only" + who);
    EXPECT_EQ(words("buy 5 AAA peg_mid -0.01 limit=101 strategy=hold"),
              "BUY 5 AAA PEGGED 101 peg_mid -0.01 GTC" + who);
    EXPECT_EQ(words("buy 5 AAA limit 99 display 1 expires 2020-01-08T15:00:00Z strategy=hold"),
              "BUY 5 AAA LIMIT 99 GTD until 2020-01-08T15:00:00Z, shows 1" + who);
    // The account names its only strategy; the strategy may trade in another account.
    EXPECT_EQ(words("buy 5 AAA account=other"),
              "BUY 5 AAA MARKET GTC, account other, strategy idle, venue sim");
    EXPECT_EQ(words("buy 5 AAA account=other strategy=hold"),
              "BUY 5 AAA MARKET GTC, account other, strategy hold, venue sim");
}

}  // namespace
}  // namespace fermata::test

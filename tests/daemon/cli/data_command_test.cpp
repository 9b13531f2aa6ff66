#include "daemon/cli/data_command.hpp"

#include <gtest/gtest.h>

#include <array>

#include "adapters/csv/csv_feed.hpp"
#include "adapters/tape/tape_feed.hpp"
#include "daemon/cli/csv_guess.hpp"
#include "daemon/cli/data_generate.hpp"
#include "daemon/cli/data_info.hpp"
#include "tests/daemon/cli/command_in_process.hpp"
#include "tests/daemon/replay/run_fixture.hpp"

namespace fermata::test {
namespace {

class DataCommand : public ::testing::Test {
protected:
    /// Runs `fermata data ARGUMENTS` as the main program does.
    Ended run(std::vector<std::string> arguments) {
        arguments.insert(arguments.begin(), "data");
        return run_in_process(register_data_commands, std::move(arguments));
    }
    std::string path(const std::string& name) { return (folder_ / name).string(); }
    Ended generate(const std::string& name, std::vector<std::string> more = {}) {
        std::vector<std::string> all{"generate", "--out",      path(name), "--symbols", "AAA,BBB",
                                     "--from",   "2020-01-02", "--to",     "2020-01-31"};
        all.insert(all.end(), more.begin(), more.end());
        return run(all);
    }
    Report info(const std::string& name, std::vector<std::string> more = {}) {
        std::vector<std::string> all{"info", path(name), "--json"};
        all.insert(all.end(), more.begin(), more.end());
        const Ended ended = run(all);
        EXPECT_EQ(ended.code, 0) << ended.error;
        return Report::parse(ended.out);
    }

    TemporaryFolder folder_;
};

TEST_F(DataCommand, DescribesWhatItGenerated) {
    // 31 days around the clock: 30 bars of each symbol from the 2nd to the 31st.
    const Ended made = generate("a.tape");
    ASSERT_EQ(made.code, 0) << made.error;
    EXPECT_NE(made.out.find("{type: tape, path:"), std::string::npos);
    const Report report = info("a.tape", {"--verify", "--head", "3"});
    EXPECT_EQ(report["format"], "tape");
    EXPECT_EQ(report["verified"], true);
    EXPECT_EQ(report["events"], 120);
    EXPECT_EQ(report["first"], "2020-01-02T00:00:00Z");
    EXPECT_EQ(report["last"], "2020-02-01T00:00:00Z");
    EXPECT_EQ(report["bytes"], std::filesystem::file_size(path("a.tape")));
    ASSERT_EQ(report["types"].size(), 2u);
    EXPECT_EQ(report["types"][0]["type"], "bar");
    EXPECT_EQ(report["types"][0]["events"], 60);
    ASSERT_EQ(report["instruments"].size(), 2u);
    EXPECT_EQ(report["instruments"][1]["symbol"], "BBB");
    EXPECT_EQ(report["instruments"][1]["events"], 60);
    ASSERT_EQ(report["head"].size(), 3u);
    EXPECT_EQ(report["head"][0]["type"], "bar_open");
    EXPECT_EQ(report["longest_pause"], "2020-01-02T00:00:00Z to 2020-01-03T00:00:00Z");
    const Ended text = run({"info", path("a.tape")});
    EXPECT_NE(text.out.find("events"), std::string::npos);
}

TEST_F(DataCommand, TheSameOptionsGiveTheSameFile) {
    ASSERT_EQ(generate("a.tape", {"--seed", "5"}).code, 0);
    ASSERT_EQ(generate("b.tape", {"--seed", "5"}).code, 0);
    ASSERT_EQ(generate("c.tape", {"--seed", "6"}).code, 0);
    EXPECT_EQ(read_text(path("a.tape")), read_text(path("b.tape")));
    EXPECT_NE(read_text(path("a.tape")), read_text(path("c.tape")));
}

TEST_F(DataCommand, OverwritesOnlyByForceAndLeavesNothingHalfWritten) {
    write_text(path("a.tape"), "precious");
    const Ended refused = generate("a.tape");
    EXPECT_EQ(refused.code, 2);
    EXPECT_NE(refused.error.find("--force"), std::string::npos) << refused.error;
    EXPECT_EQ(read_text(path("a.tape")), "precious");
    EXPECT_EQ(generate("a.tape", {"--force"}).code, 0);
    EXPECT_NE(read_text(path("a.tape")), "precious");
    // A generator that fails: nothing happens in a hundred seconds at a rate of 1e-6 a second.
    EXPECT_EQ(generate("b.tape",
                       {"--kind", "quotes", "--rate", "0.000001", "--to", "2020-01-02T00:01:40Z"})
                  .code,
              2);
    EXPECT_FALSE(std::filesystem::exists(path("b.tape")));
    EXPECT_FALSE(std::filesystem::exists(path("b.tape.partial")));
    EXPECT_EQ(run({"generate", "--out", path("no/such/a.tape"), "--symbols", "1", "--from",
                   "2020-01-01", "--to", "2020-01-02"})
                  .code,
              2);
}

TEST_F(DataCommand, NamesTheOptionThatIsWrong) {
    const auto error = [&](std::vector<std::string> more) {
        const Ended ended = generate("x.tape", std::move(more));
        EXPECT_EQ(ended.code, 2);
        return ended.error;
    };
    EXPECT_NE(error({"--correlation", "2"}).find("--correlation: found '2'"), std::string::npos);
    EXPECT_NE(error({"--kind", "bras"}).find("--kind: found 'bras'"), std::string::npos);
    EXPECT_NE(error({"--jump-mean", "x"}).find("--jump-mean: found 'x'"), std::string::npos);
    EXPECT_NE(error({"--regime", "1"}).find("--regime: found '1'"), std::string::npos);
    EXPECT_NE(error({"--regime", "1:0.5,0.5"}).find("--regime: "), std::string::npos);
    EXPECT_NE(error({"--tick", "0"}).find("--tick: found '0'"), std::string::npos);
    EXPECT_NE(error({"--calendar", "moon"}).find("--calendar: found 'moon'"), std::string::npos);
    EXPECT_NE(error({"--out", path("x.txt")}).find("--out"), std::string::npos);
    EXPECT_FALSE(std::filesystem::exists(path("x.tape")));
}

TEST_F(DataCommand, VerifyingADamagedTapeEndsWithOneAndReadingItWithTwo) {
    ASSERT_EQ(generate("a.tape").code, 0);
    std::string bytes = read_text(path("a.tape"));
    bytes[5000] = static_cast<char>(bytes[5000] ^ 1);
    write_text(path("a.tape"), bytes);
    const Ended verified = run({"info", path("a.tape"), "--verify"});
    EXPECT_EQ(verified.code, 1);
    EXPECT_NE(verified.error.find("block 0"), std::string::npos) << verified.error;
    EXPECT_EQ(run({"info", path("a.tape")}).code, 2);
    EXPECT_EQ(run({"info", path("nothing.tape")}).code, 2);
    EXPECT_EQ(run({"info", folder_.path().string()}).code, 2);
}

/// Generates one kind as CSV and as tape; the events that both give are the same bytes.
TEST_F(DataCommand, ACsvFileHoldsTheSameEventsAsTheTape) {
    const std::array kinds{"bars", "quotes", "trades", "depth"};
    for (std::size_t k = 0; k < kinds.size(); ++k) {
        for (const char* name : {"x.tape", "x.csv"}) {
            const Ended made =
                generate(name, {"--kind", kinds[k], "--rate", "0.01", "--calendar", "us_equity",
                                "--spread", "2", "--interval", "30m", "--force"});
            ASSERT_EQ(made.code, 0) << made.error;
        }
        const StrategyRegistry registry = shipped_strategies();
        const std::string columns[] = {"volume: volume", "bid_size: bid_size, ask_size: ask_size",
                                       "side: side, trade_id: trade_id",
                                       "snapshot: type, group: group"};
        const std::string kind =
            std::string(kinds[k]).substr(0, k == 3 ? 5 : std::string(kinds[k]).size() - 1);
        const std::string yaml =
            "account: {currency: USD, cash: 1, type: cash}\n"
            "instruments: [{symbol: AAA, tick: 0.01, calendar: us_equity}, "
            "{symbol: BBB, tick: 0.01, calendar: us_equity}]\n"
            "venues: [{name: sim, type: simulated}]\n"
            "strategies: [{name: s, type: buy_and_hold, symbols: [AAA], sizing: {type: fixed, "
            "value: 1}}]\n"
            "feeds: [{type: csv, kind: " +
            kind + ", path: x.csv, " + (k == 0 ? "interval: 30m, " : "") +
            "columns: {time: ts_ns, symbol: symbol, " + columns[k] + "}}]\n";
        const auto events = [&](const std::vector<std::string>& overrides) {
            const Config config = parse_config(yaml, "test.yaml", folder_.path(), overrides,
                                               registry, sha256_hasher());
            Assembly assembly(config, registry);
            const auto feed = assembly.make_market_feed();
            std::vector<MarketEvent> all;
            for (auto batch = feed->next(); !batch.empty(); batch = feed->next()) {
                all.insert(all.end(), batch.begin(), batch.end());
            }
            return all;
        };
        const auto from_csv = events({});
        const auto from_tape = events({"feeds=[{type: tape, path: x.tape}]"});
        ASSERT_GT(from_tape.size(), 100u);
        ASSERT_EQ(from_csv.size(), from_tape.size()) << kinds[k];
        for (std::size_t i = 0; i < from_csv.size(); ++i) {
            ASSERT_EQ(std::memcmp(&from_csv[i], &from_tape[i], sizeof(MarketEvent)), 0)
                << kinds[k] << " " << i;
        }
    }
}

TEST_F(DataCommand, PacksAConfigurationAndDescribesItsFeeds) {
    ASSERT_EQ(generate("a.csv").code, 0);
    write_text(path("run.yaml"),
               "account: {currency: USD, cash: 1000, type: cash}\n"
               "instruments: [{symbol: AAA, tick: 0.01}, {symbol: BBB, tick: 0.01}]\n"
               "venues: [{name: sim, type: simulated}]\n"
               "strategies: [{name: s, type: buy_and_hold, symbols: [AAA], sizing: {type: fixed, "
               "value: 1}}]\n"
               "feeds:\n"
               "  - {type: csv, kind: bar, interval: 1d, path: a.csv, name: rows,\n"
               "     columns: {time: ts_ns, symbol: symbol, volume: volume}}\n"
               "  - {type: generator, kind: quotes, symbols: [BBB], rate: 0.01, name: made,\n"
               "     from: 2020-01-05, to: 2020-01-06}\n");
    const Report config = info("run.yaml");
    ASSERT_EQ(config["feeds"].size(), 2u);
    EXPECT_EQ(config["feeds"][0]["feed"], "rows");
    EXPECT_EQ(config["feeds"][0]["records"], 60);
    EXPECT_EQ(config["feeds"][0]["events"], 120);
    EXPECT_EQ(config["feeds"][0]["skipped"], 0);
    const std::uint64_t events = config["merged"]["events"];
    EXPECT_EQ(events, 120 + config["feeds"][1]["events"].get<std::uint64_t>());

    const Ended packed = run({"pack", path("run.yaml"), "--out", path("all.tape"), "--json"});
    ASSERT_EQ(packed.code, 0) << packed.error;
    EXPECT_EQ(Report::parse(packed.out)["events"], events);
    const Report tape = info("all.tape", {"--verify"});
    EXPECT_EQ(tape["events"], events);
    ASSERT_EQ(tape["streams"].size(), 2u);
    EXPECT_EQ(tape["streams"][0]["stream"], "rows");
    EXPECT_EQ(run({"pack", path("run.yaml"), "--out", path("all.tape")}).code, 2);
    EXPECT_EQ(run({"pack", path("run.yaml"), "--out", path("all.tape"), "--force"}).code, 0);
    EXPECT_EQ(run({"pack", path("run.yaml"), "--out", path("b.tape"), "--set",
                   "feeds.0.path=missing.csv", "--quiet"})
                  .code,
              2);
}

TEST_F(DataCommand, GuessesWhatACsvFileHolds) {
    const auto guess = [&](const std::string& text) {
        write_text(path("g.csv"), text);
        return info("g.csv");
    };
    Report report = guess(
        "Date,Open,High,Low,Close,Volume\n2020-01-02,1,3,1,2,100\n"
        "2020-01-03,2,4,2,3,90\n2020-01-06,3,3,3,3,80\n2020-01-07,3,3,3,3,80\n");
    EXPECT_EQ(report["kind"], "bar");
    EXPECT_EQ(report["time"], "format %Y-%m-%d");
    EXPECT_EQ(report["interval"], "1d");
    const std::string yaml = report["a_feed_to_begin_with"];
    EXPECT_NE(yaml.find("close: \"Close\""), std::string::npos) << yaml;

    report = guess(
        "ts;sym;bid_px;bid_sz;bid;ask;bid_qty;ask_qty\n"
        "1577975400000;A;0;0;1.1;1.2;5;6\n1577975400500;B;0;0;2.1;2.2;5;6\n");
    EXPECT_EQ(report["kind"], "quote");
    EXPECT_EQ(report["delimiter"], ";");
    EXPECT_EQ(report["time"], "ms since 1970");
    EXPECT_EQ(report["symbols_looked_at"], Report::array({"A", "B"}));

    report =
        guess("time,price,size,side,trade_id\n1577975400,1.5,2,buy,1\n1577975399,1.5,2,sell,2\n");
    EXPECT_EQ(report["kind"], "trade");
    EXPECT_EQ(report["time"], "s since 1970");
    EXPECT_NE(report["notes"].get<std::string>().find("ascend"), std::string::npos);

    report = guess("20131007 00:00,10,12,9,11,500\n20131008 00:00,11,12,10,10,400\n");
    EXPECT_EQ(report["header"], false);
    EXPECT_EQ(report["kind"], "bar");
    EXPECT_EQ(report["time"], "format %Y%m%d %H:%M");

    report = guess("a,b\nx,y\n");
    EXPECT_EQ(report["kind"], "unknown");
    EXPECT_FALSE(report.contains("a_feed_to_begin_with"));
    write_text(path("empty.csv"), "");
    EXPECT_EQ(run({"info", path("empty.csv")}).code, 2);
}

// The feed that is suggested is one that works: a configuration with it reads the file.
TEST_F(DataCommand, SuggestsAFeedThatReadsTheFile) {
    ASSERT_EQ(generate("a.csv", {"--kind", "trades", "--rate", "0.001"}).code, 0);
    const std::string feed = info("a.csv")["a_feed_to_begin_with"];
    write_text(path("run.yaml"),
               "account: {currency: USD, cash: 1000, type: cash}\n"
               "instruments: [{symbol: AAA, tick: 0.01}, {symbol: BBB, tick: 0.01}]\n"
               "venues: [{name: sim, type: simulated}]\n"
               "strategies: [{name: s, type: buy_and_hold, symbols: [AAA], sizing: {type: fixed, "
               "value: 1}}]\n"
               "feeds:\n" +
                   feed);
    const Report report = info("run.yaml");
    EXPECT_GT(report["merged"]["events"], 1000);
    EXPECT_EQ(report["merged"]["skipped_records"], 0);
}

TEST(GuessTimeUnit, TellsTheUnitByTheSizeOfTheNumber) {
    using csv::CsvTimeUnit;
    EXPECT_EQ(guess_time_unit("1577975400"), CsvTimeUnit::kSeconds);
    EXPECT_EQ(guess_time_unit("1577975400.25"), CsvTimeUnit::kSeconds);
    EXPECT_EQ(guess_time_unit("1577975400000"), CsvTimeUnit::kMilliseconds);
    EXPECT_EQ(guess_time_unit("1577975400000000"), CsvTimeUnit::kMicroseconds);
    EXPECT_EQ(guess_time_unit("1577975400000000000"), CsvTimeUnit::kNanoseconds);
    EXPECT_EQ(guess_time_unit("20200102"), std::nullopt);
    EXPECT_EQ(guess_time_unit("2020-01-02"), std::nullopt);
}

}  // namespace
}  // namespace fermata::test

// `fermata journal compare` as an operator calls it.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "tests/daemon/live/session_fixture.hpp"

namespace fermata::test {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

struct JournalCompareCommand : ::testing::Test {
    /// A replay with market data on record; the folder of the run.
    [[nodiscard]] std::string replay(const std::string& name, const std::string& strategy,
                                     const std::string& latency,
                                     const std::string& market = "record") const {
        write_text(folder / (name + ".yaml"),
                   "mode: replay\n"
                   "account: {name: main, currency: USD, cash: 1000000000, type: margin}\n"
                   "instruments: [{symbol: AAA, asset_class: equity, tick: 0.01, lot: 1}]\n"
                   "feeds:\n"
                   "  - {type: generator, kind: quotes, from: 2024-01-02T14:30:00Z, to: "
                   "2024-01-02T15:30:00Z, rate: 0.1}\n"
                   "venues: [{name: sim, type: simulated, latency: {in: " +
                       latency +
                       "}}]\n"
                       "strategies:\n  - {name: " +
                       strategy +
                       ", type: ema_cross_ticks, symbols: [AAA], params: {fast: 2, slow: 5}}\n"
                       "risk: {profile: unlimited}\njournal: {market: " +
                       market + "}\n");
        const Said said =
            run_command({"replay", folder / (name + ".yaml"), "--out", folder / name, "-q"});
        EXPECT_EQ(said.code, 0) << said.err;
        return folder / name;
    }
    [[nodiscard]] static Said compare(const std::string& first, const std::string& second,
                                      const std::string& option = "--json") {
        return run_command({"journal", "compare", first, second, option});
    }
    TemporaryFolder folder;
};

TEST_F(JournalCompareCommand, SaysEqualOfARunAndItself) {
    const std::string run = replay("run", "a", "1ms");
    const Said said = compare(run, run + "/journal");
    EXPECT_EQ(said.code, 0) << said.err;
    const auto report = nlohmann::json::parse(said.out);
    EXPECT_TRUE(report.at("equal").get<bool>());
    EXPECT_GE(report.at("fills").at("first").get<int>(), 10);
    EXPECT_EQ(report.at("fills").at("first"), report.at("fills").at("second"));
    EXPECT_EQ(report.at("market").at(0).at("both"), report.at("market").at(0).at("first"));
    EXPECT_TRUE(report.at("differences").empty());
}

TEST_F(JournalCompareCommand, CountsCausesAndShowsNoMoreThanAskedFor) {
    const std::string fast = replay("fast", "a", "1ms"), slow = replay("slow", "a", "30s");
    const Said said = compare(fast, slow);
    EXPECT_EQ(said.code, 1) << said.err;
    const auto report = nlohmann::json::parse(said.out);
    EXPECT_FALSE(report.at("equal").get<bool>());
    std::size_t counted = 0;
    for (const auto& [cause, count] : report.at("causes").items())
        counted += count.get<std::size_t>();
    EXPECT_EQ(counted, report.at("differences").size());
    EXPECT_GE(report.at("causes").at("met_another_quote").get<int>(), 1);
    EXPECT_FALSE(report.at("causes").contains("unknown"));
    EXPECT_EQ(report.at("latency").at("second").at("median_ns").get<std::int64_t>(),
              30'000'000'000);
    const Said text = compare(fast, slow, "--limit=1");
    EXPECT_EQ(text.code, 1);
    EXPECT_THAT(text.out, HasSubstr("different: "));
    EXPECT_THAT(text.out, HasSubstr(std::to_string(counted - 1) + " more differences"));
}

TEST_F(JournalCompareCommand, RefusesWhatCannotBeCompared) {
    const std::string run = replay("run", "a", "1ms"), other = replay("other", "b", "1ms");
    const Said nothing = compare(run, folder / "nowhere");
    EXPECT_EQ(nothing.code, 2);
    EXPECT_THAT(nothing.err, HasSubstr("nowhere"));
    const Said strangers = compare(run, other);
    EXPECT_EQ(strangers.code, 2);
    EXPECT_THAT(strangers.err, HasSubstr("no strategy and instrument in common"));
    EXPECT_EQ(run_command({"journal", "compare", run}).code, 2);

    const std::string segment = other + "/journal/journal-000001.fjl";
    std::fstream file(segment, std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(static_cast<std::streamoff>(std::filesystem::file_size(segment) / 2));
    file.write("damage", 6);
    file.close();
    const Said damaged = compare(run, other);
    EXPECT_EQ(damaged.code, 2);
    EXPECT_THAT(damaged.err, HasSubstr("damaged journal: "));
}

TEST_F(JournalCompareCommand, SaysWhereMarketDataIsNotOnRecord) {
    const std::string run = replay("run", "a", "1ms");
    const std::string bare = replay("bare", "a", "1ms", "reference");
    const Said said = compare(run, bare);
    EXPECT_EQ(said.code, 0) << "the fills are the same all the same";
    EXPECT_THAT(said.err, HasSubstr("has no market data on record"));
}

/// A peg of twenty at a time, with the session over which live orders go, or without.
std::string peg_yaml(const std::string& sessions) {
    return "mode: replay\n"
           "account: {name: main, currency: USD, cash: 1000000000, type: margin}\n"
           "instruments: [{symbol: AAA, asset_class: equity, tick: 0.01, lot: 1}]\n"
           "feeds:\n"
           "  - {type: generator, kind: quotes, from: 2024-01-02T14:30:00Z, to: "
           "2024-01-02T14:40:00Z, rate: 2, spread: 2, size: 300}\n"
           "venues: [{name: sim, type: simulated, latency: {in: 1ms, out: 1ms}}]\n"
           "strategies:\n"
           "  - {name: work, type: execute, symbols: [AAA], sizing: {type: fixed, value: 200},\n"
           "     params: {algorithm: peg, side: sell, slice: 20, over: 600}}\n"
           "risk: {profile: unlimited}\njournal: {market: record}\n" +
           sessions;
}
constexpr const char* kOrderSession =
    "sessions:\n"
    "  - {name: orders, role: orders, host: 127.0.0.1, port: 1, sender_comp_id: A, "
    "target_comp_id: B, store: store}\n";

TEST_F(JournalCompareCommand, SaysThatAVenueMovedInOneRunWhatWasReplacedInTheOther) {
    const auto run = [&](const std::string& name, const std::string& sessions) {
        write_text(folder / (name + ".yaml"), peg_yaml(sessions));
        const Said said =
            run_command({"replay", folder / (name + ".yaml"), "--out", folder / name, "-q"});
        EXPECT_EQ(said.code, 0) << said.err;
        return std::string(folder / name);
    };
    const std::string live_file = run("over-fix", kOrderSession), bare = run("bare", "");
    const auto sent = [](const std::string& made, const std::string& what) {
        return run_command({"journal", "query", made + "/journal", "--type", what}).out;
    };
    EXPECT_THAT(sent(live_file, "send_new"), HasSubstr("SELL 20 LIMIT"));
    EXPECT_THAT(sent(live_file, "send_new"), Not(HasSubstr("PEGGED")));
    EXPECT_THAT(sent(live_file, "send_replace"), HasSubstr("replace by quantity 20 price"));
    EXPECT_THAT(sent(bare, "send_new"), HasSubstr("SELL 20 PEGGED"));
    EXPECT_THAT(sent(bare, "send_replace"), Not(HasSubstr("replace by")));

    const Said said = compare(live_file, bare);
    EXPECT_EQ(said.code, 1) << said.err;
    const auto report = nlohmann::json::parse(said.out);
    EXPECT_GE(report.at("causes").at("other_terms").get<int>(), 1);
    EXPECT_FALSE(report.at("causes").contains("met_another_quote"));
    EXPECT_FALSE(report.at("causes").contains("unknown"));
    EXPECT_EQ(report.at("differences").at(0).at("cause"), "other_terms");
    EXPECT_THAT(report.at("differences").at(0).at("why").get<std::string>(),
                HasSubstr("change 1 was made by the venue itself in one of them only"));
}

TEST_F(JournalCompareCommand, SaysOfWhatWasRefusedWhileASessionStoppedThatTheOtherRunHasNoSuchEnd) {
    std::string quotes = "time,bid,ask,bid_size,ask_size\n";
    for (int n = 0; n < 40; ++n) {  // down, then up: one entry, which is held to the end
        const std::string bid = std::to_string(100 + std::abs(n - 10));
        quotes +=
            std::to_string(1'704'205'800 + n) + "000000000," + bid + ".00," + bid + ".01,500,500\n";
    }
    write_text(folder / "quotes.csv", quotes);
    write_text(folder / "run.yaml",
               "mode: paper\n"
               "account: {name: main, currency: USD, cash: 1000000000, type: margin}\n"
               "instruments: [{symbol: AAA, asset_class: equity, tick: 0.01, lot: 1}]\n"
               "feeds:\n"
               "  - {type: csv, kind: quote, symbol: AAA, path: quotes.csv}\n"
               "venues: [{name: sim, type: simulated}]\n"
               "strategies:\n"
               "  - {name: a, type: ema_cross_ticks, symbols: [AAA], params: {fast: 2, slow: 5},\n"
               "     exits: {trail: order, trail_distance: {type: price, value: 20}}}\n"
               "risk: {profile: unlimited}\nlive: {speed: 20x}\n");
    Daemon daemon({folder / "run.yaml", "--out", folder / "out"}, folder / "err.txt");
    ASSERT_EQ(daemon.wait(), 0) << read_text(folder / "err.txt");
    ASSERT_EQ(run_command({"replay", folder / "run.yaml", "--set", "mode=replay", "--set",
                           "journal.market=record", "--out", folder / "replayed", "-q"})
                  .code,
              0);
    const Said said = compare(sessions(folder / "out").at(0), folder / "replayed");
    const auto report = nlohmann::json::parse(said.out);
    int refused = 0;
    for (const auto& d : report.at("differences")) {
        if (d.at("first").is_null() || d.at("first").at("state") != "Denied") continue;
        ++refused;
        EXPECT_EQ(d.at("cause"), "run_not_covered") << d.dump(1);
        EXPECT_THAT(d.at("why").get<std::string>(), HasSubstr("the gate refused it: RECOVERING"));
    }
    EXPECT_GE(refused, 1) << said.out;
}

}  // namespace
}  // namespace fermata::test

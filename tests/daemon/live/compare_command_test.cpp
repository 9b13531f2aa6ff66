// `fermata journal compare` as an operator calls it.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "tests/daemon/replay/command.hpp"

namespace fermata::test {
namespace {

using ::testing::HasSubstr;

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

}  // namespace
}  // namespace fermata::test

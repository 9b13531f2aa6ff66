// The built command: exit codes, and what goes to which stream.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "adapters/file/posix_file.hpp"
#include "tests/daemon/cli/suspicious_journal.hpp"
#include "tests/daemon/replay/command.hpp"

namespace fermata::test {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

constexpr int kNothing = 0;
constexpr int kError = 2;
constexpr int kFound = 3;

class SurveilCommand : public testing::Test {
protected:
    static Said surveil(std::vector<std::string> arguments) {
        arguments.insert(arguments.begin(), "surveil");
        return run_command(std::move(arguments));
    }
    /// The folder of an honest run, with its market data beside it.
    std::string honest_run() {
        write_text(folder_ / "good.yaml", kGoodYaml);
        write_text(folder_ / "AAA.csv", kGoodCsv);
        const std::string run = folder_ / "run";
        EXPECT_EQ(run_command({"replay", folder_ / "good.yaml", "--out", run}).code, 0);
        return run;
    }
    std::string suspicious_journal() {
        const std::string directory = folder_ / "suspicious";
        std::filesystem::create_directories(directory);
        SuspiciousJournal(files_, directory).write(MarketRecord::kRecord);
        return directory;
    }

    PosixFileSystem files_;
    TemporaryFolder folder_;
};

TEST_F(SurveilCommand, EndsWithZeroWhenNothingIsFound) {
    const std::string run = honest_run();
    for (const std::string& directory : {run, run + "/journal"}) {
        const Said said = surveil({directory, "--format", "json"});
        EXPECT_EQ(said.code, kNothing) << said.err;
        const auto report = nlohmann::json::parse(said.out);
        EXPECT_EQ(report["orders"], 1);
        EXPECT_EQ(report["fills"], 1);
        EXPECT_GE(report["market_events"], 3);
        EXPECT_THAT(report["findings"], IsEmpty());
        // Without a calendar no session closes: said, on both streams.
        EXPECT_EQ(report["rules"][3]["rule"], "marking_the_close");
        EXPECT_EQ(report["rules"][3]["applied"], false);
        EXPECT_EQ(report["rules"][4]["applied"], true);
        EXPECT_THAT(said.err, HasSubstr("not applied: marking_the_close"));
        EXPECT_THAT(said.err, Not(HasSubstr("momentum_ignition")));
    }
}

TEST_F(SurveilCommand, SaysThatThePricesAreGone) {
    const std::string run = honest_run();
    write_text(folder_ / "AAA.csv", std::string(kGoodCsv) + "2020-01-06,11,12,10,12\n");
    const Said said = surveil({run});
    EXPECT_EQ(said.code, kNothing) << said.err;
    EXPECT_THAT(said.err, HasSubstr("not applied: marking_the_close: needs prices"));
    EXPECT_THAT(said.err, HasSubstr("not applied: momentum_ignition: needs prices"));
    EXPECT_THAT(said.out, HasSubstr("needs prices"));
}

TEST_F(SurveilCommand, EndsWithThreeWhenSomethingIsFound) {
    const std::string directory = suspicious_journal();
    const Said said = surveil({directory});
    EXPECT_EQ(said.code, kFound) << said.err;
    EXPECT_THAT(said.out, HasSubstr("finding 1"));
    EXPECT_THAT(said.out, HasSubstr("sma#1"));
    EXPECT_EQ(surveil({directory, "--rule", "spoofing"}).code, kNothing);
    EXPECT_EQ(surveil({directory, "--rule", "wash_trades"}).code, kFound);
    EXPECT_EQ(
        surveil({directory, "--rule", "wash_trades", "--set", "wash_trades.count_min=2"}).code,
        kNothing);
}

TEST_F(SurveilCommand, WritesTheReportToAFile) {
    const std::string directory = suspicious_journal();
    const std::string file = folder_ / "report.csv";
    const Said said = surveil({directory, "--format", "csv", "--output", file});
    EXPECT_EQ(said.code, kFound);
    EXPECT_THAT(said.out, IsEmpty());
    EXPECT_GT(std::filesystem::file_size(file), 100U);
    EXPECT_EQ(surveil({directory, "--output", folder_ / "no/such/report"}).code, kError);
}

TEST_F(SurveilCommand, EndsWithTwoOnAnyError) {
    EXPECT_EQ(surveil({}).code, kError);
    EXPECT_EQ(surveil({folder_ / "nothing"}).code, kError);
    const std::string directory = suspicious_journal();
    EXPECT_THAT(surveil({directory, "--rule", "front_running"}).err, HasSubstr("layering"));
    EXPECT_EQ(surveil({directory, "--rule", "front_running"}).code, kError);
    EXPECT_EQ(surveil({directory, "--set", "spoofing.size_min=0"}).code, kError);
    EXPECT_EQ(surveil({directory, "--format", "xml"}).code, kError);
}

TEST_F(SurveilCommand, JudgesWhatIsWholeOfADamagedJournalAndEndsWithTwo) {
    const std::string directory = suspicious_journal();
    const std::string segment = directory + "/journal-000001.fjl";
    std::fstream file(segment, std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(static_cast<std::streamoff>(std::filesystem::file_size(segment) / 2));
    file.put('\x5a');
    file.close();
    const Said said = surveil({directory});
    EXPECT_EQ(said.code, kError);
    EXPECT_THAT(said.err, HasSubstr("damaged journal"));
    EXPECT_THAT(said.out, HasSubstr("damaged"));
}

TEST_F(SurveilCommand, ListsItsRulesAndThresholds) {
    const Said said = surveil({"--list", "--set", "spoofing.size_min=7.5"});
    EXPECT_EQ(said.code, kNothing);
    EXPECT_THAT(said.out, HasSubstr("order_to_trade"));
    EXPECT_THAT(said.out, HasSubstr("7.5"));
    EXPECT_THAT(surveil({"--help"}).out, HasSubstr("3 findings"));
}

}  // namespace
}  // namespace fermata::test

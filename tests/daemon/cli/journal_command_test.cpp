#include "daemon/cli/journal_command.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <sstream>

#include "daemon/cli/journal_report.hpp"
#include "tests/daemon/cli/journal_fixture.hpp"

namespace fermata {
namespace {

using testing::ContainsRegex;
using testing::HasSubstr;

class JournalCommand : public JournalFixture {};

TEST_F(JournalCommand, StatSummarisesTheJournal) {
    std::ostringstream out;
    std::ostringstream err;
    EXPECT_EQ(print_journal_statistics(files_, "run", out, err), 0);
    EXPECT_EQ(err.str(), "");
    for (const char* line :
         {"build           fermata 0.1.0\n", "source          SPY.csv  sha256:5b\n",
          "instruments     SPY Odd, \"name\"\n", "strategies      sma rsi\n",
          "records         15\n", "first           2024-01-02T14:30:00Z\n",
          "last            2024-01-02T14:30:20Z\n", "ending          closed\n",
          "  fill                     1\n", "schedule        lockstep\n",
          "market data     record\n", "boots           1\n", "stream          trading  up to 11\n",
          "stream          feed  up to 2\n", "stream          venue.0  up to 1\n",
          "stream          shard.0  up to 1\n", "chain           blake2b512, "}) {
        EXPECT_THAT(out.str(), HasSubstr(line));
    }
    EXPECT_THAT(out.str(), ContainsRegex("head            [0-9a-f]{128}\n"));
}

TEST_F(JournalCommand, VerifySaysOkWithTheHashOrNamesTheProblems) {
    std::ostringstream out;
    std::ostringstream err;
    EXPECT_EQ(print_journal_verification(files_, "run", {}, out, err), 0);
    EXPECT_THAT(out.str(), HasSubstr("ok: 15 records in 1 segment, sha256:"));
    EXPECT_EQ(err.str(), "");
    files_.files.at("run/journal-000001.fjl").bytes[200] ^= std::byte{1};
    EXPECT_EQ(print_journal_verification(files_, "run", {}, out, err), 1);
    EXPECT_THAT(err.str(), HasSubstr("bad_checksum: journal-000001.fjl at byte 136: "));
    EXPECT_THAT(err.str(), HasSubstr("broken_chain: journal-000001.fjl at byte "));
    EXPECT_THAT(err.str(), HasSubstr("2 problems, 15 whole records\n"));
}

/// The exit code of a command line, as the program's main sees it; -1 for a usage error.
int exit_code(std::vector<std::string> arguments) {
    CLI::App app;
    register_journal_commands(app);
    std::reverse(arguments.begin(), arguments.end());
    try {
        app.parse(arguments);
    } catch (const CLI::RuntimeError& e) {
        return e.get_exit_code();
    } catch (const CLI::ParseError&) {
        return -1;
    }
    return 0;
}

TEST(JournalCommandLine, RefusesWhatItDoesNotUnderstand) {
    EXPECT_EQ(exit_code({"journal"}), -1);
    EXPECT_EQ(exit_code({"journal", "query"}), -1);
    EXPECT_EQ(exit_code({"journal", "verify"}), -1);
    EXPECT_EQ(exit_code({"journal", "query", "x", "--from", "yesterday"}), -1);
    EXPECT_EQ(exit_code({"journal", "query", "x", "--format", "xml"}), -1);
    EXPECT_EQ(exit_code({"journal", "query", "x", "--limit", "-1"}), -1);
    EXPECT_EQ(exit_code({"journal", "anchor"}), -1);
}

TEST(JournalCommandLine, SaysWhichNumbersAnOptionTakes) {
    for (const char* text : {"-1", "1.5", "many", "99999999999999999999"}) {
        CLI::App app;
        register_journal_commands(app);
        const std::vector<const char*> argv{"fermata", "journal", "query", "x", "--limit", text};
        try {
            app.parse(static_cast<int>(argv.size()), argv.data());
            ADD_FAILURE() << text;
        } catch (const CLI::ValidationError& e) {
            EXPECT_EQ(std::string(e.what()),
                      "--limit: \"" + std::string(text) + "\" is not a whole number from 0");
        }
    }
}

TEST(JournalCommandLine, RemovingHasToBeAskedForInFull) {
    EXPECT_EQ(exit_code({"journal", "retain", "x"}), -1) << "nothing to do";
    EXPECT_EQ(exit_code({"journal", "retain", "x", "--keep-segments", "1"}), -1)
        << "with a database, or without one?";
    EXPECT_EQ(exit_code({"journal", "retain", "x", "--without-database", "--keep-segments", "1",
                         "--keep-age", "30d"}),
              -1)
        << "one policy at a time";
    EXPECT_EQ(exit_code({"journal", "retain", "x", "--without-database", "--keep-age", "soon"}),
              -1);
    EXPECT_EQ(exit_code({"journal", "retain", "x", "--without-database", "--keep-segments", "-1"}),
              -1);
}

TEST(JournalCommandLine, ReportsADirectoryThatIsNotThereAsAProblem) {
    for (const char* command : {"query", "dump", "stat", "verify", "anchor"}) {
        EXPECT_EQ(exit_code({"journal", command, "/nonexistent/journal"}), 1) << command;
    }
    EXPECT_EQ(exit_code({"journal", "retain", "/nonexistent/journal", "--compress"}), 1);
    EXPECT_EQ(exit_code({"journal", "retain", "/nonexistent/journal", "--keep-age", "30d",
                         "--without-database"}),
              1);
}

}  // namespace
}  // namespace fermata

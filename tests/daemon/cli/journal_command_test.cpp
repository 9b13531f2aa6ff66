#include "daemon/cli/journal_command.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <sstream>

#include "daemon/cli/journal_report.hpp"
#include "tests/daemon/cli/journal_fixture.hpp"

namespace fermata {
namespace {

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
          "records         13\n", "first           2024-01-02T14:30:00Z\n",
          "last            2024-01-02T14:30:20Z\n", "ending          closed\n",
          "  fill                     1\n"}) {
        EXPECT_THAT(out.str(), HasSubstr(line));
    }
}

TEST_F(JournalCommand, VerifySaysOkWithTheHashOrNamesTheProblems) {
    std::ostringstream out;
    std::ostringstream err;
    EXPECT_EQ(print_journal_verification(files_, "run", out, err), 0);
    EXPECT_THAT(out.str(), HasSubstr("ok: 13 records in 1 segment, sha256:"));
    EXPECT_EQ(err.str(), "");
    files_.files.at("run/journal-000001.fjl").bytes[200] ^= std::byte{1};
    EXPECT_EQ(print_journal_verification(files_, "run", out, err), 1);
    EXPECT_THAT(err.str(), HasSubstr("bad_checksum: journal-000001.fjl at byte 136: "));
    EXPECT_THAT(err.str(), HasSubstr("broken_chain: journal-000001.fjl at byte "));
    EXPECT_THAT(err.str(), HasSubstr("2 problems, 13 whole records\n"));
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
}

TEST(JournalCommandLine, ReportsADirectoryThatIsNotThereAsAProblem) {
    for (const char* command : {"query", "dump", "stat", "verify"}) {
        EXPECT_EQ(exit_code({"journal", command, "/nonexistent/journal"}), 1) << command;
    }
}

}  // namespace
}  // namespace fermata

// The built command: what it does to a latch file, exit codes, and what goes to which stream.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "tests/daemon/replay/command.hpp"

namespace fermata::test {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;

class LatchCommand : public testing::Test {
protected:
    Said latch(std::vector<std::string> arguments) {
        arguments.insert(arguments.begin(), "latch");
        arguments.insert(arguments.begin() + 2, file_);
        return run_command(std::move(arguments));
    }
    nlohmann::json shown() { return nlohmann::json::parse(latch({"show", "--json"}).out); }
    std::string version() { return std::to_string(shown()["version"].get<std::uint64_t>()); }
    /// A file in which nothing is latched.
    void ready() {
        ASSERT_EQ(latch({"init", "--people", "1", "--reason", "test"}).code, 0);
        ASSERT_EQ(latch({"release", "--version", version(), "--reason", "test"}).code, 0);
    }

    TemporaryFolder folder_;
    std::string file_ = folder_ / "latch";
};

TEST_F(LatchCommand, SaysThatAnAbsentFileCountsAsHalted) {
    const Said said = latch({"show"});
    EXPECT_EQ(said.code, 2);
    EXPECT_THAT(said.out, IsEmpty());
    EXPECT_THAT(said.err, HasSubstr("HALTED"));
    EXPECT_THAT(said.err, HasSubstr("fermata latch init"));
    EXPECT_EQ(latch({"halt", "--reason", "r"}).code, 2);
}

TEST_F(LatchCommand, MakesAFileInWhichTheFirmIsHaltedOnce) {
    const Said said = latch({"init", "--reason", "first start"});
    EXPECT_EQ(said.code, 0);
    EXPECT_THAT(said.out, HasSubstr("HALTED"));
    EXPECT_THAT(said.out, HasSubstr("first start"));
    EXPECT_EQ(latch({"show"}).code, 3);
    const Said again = latch({"init", "--reason", "again"});
    EXPECT_EQ(again.code, 1);
    EXPECT_THAT(again.err, HasSubstr("already"));
}

TEST_F(LatchCommand, MakesTheFolderOfANewFile) {
    file_ = folder_ / "state/of/latch";
    EXPECT_EQ(latch({"init", "--reason", "first start"}).code, 0);
    EXPECT_EQ(latch({"show"}).code, 3);
    file_ = folder_ / "state/of/latch/below a file";
    const Said said = latch({"init", "--reason", "first start"});
    EXPECT_EQ(said.code, 1);
    EXPECT_THAT(said.err, HasSubstr("folder cannot be made"));
}

TEST_F(LatchCommand, ReleasesOnlyTheStateThatWasSeen) {
    ready();
    EXPECT_EQ(latch({"show"}).code, 0);
    const std::string before = version();
    ASSERT_EQ(latch({"halt", "--scope", "strategy", "--target", "alpha", "--reason", "odd"}).code,
              0);
    const Said stale = latch({"release", "--scope", "strategy", "--target", "alpha", "--version",
                              before, "--reason", "fine"});
    EXPECT_EQ(stale.code, 1);
    EXPECT_THAT(stale.err, HasSubstr("fermata latch show"));
    const nlohmann::json state = shown();
    ASSERT_EQ(state["latched"].size(), 1U);
    EXPECT_EQ(state["latched"][0]["scope"], "strategy");
    EXPECT_EQ(state["latched"][0]["target"], "alpha");
    EXPECT_EQ(state["latched"][0]["level"], "cancel-all");
    EXPECT_EQ(state["latched"][0]["reason"], "odd");
    EXPECT_EQ(latch({"release", "--scope", "strategy", "--target", "alpha", "--version", version(),
                     "--reason", "fine"})
                  .code,
              0);
    EXPECT_EQ(latch({"show"}).code, 0);
    const Said nothing = latch({"release", "--scope", "strategy", "--target", "alpha", "--version",
                                version(), "--reason", "fine"});
    EXPECT_EQ(nothing.code, 1);
    EXPECT_THAT(nothing.err, HasSubstr("not latched"));
}

TEST_F(LatchCommand, NotesAReleaseForASecondPersonUnlessOneIsEnough) {
    ASSERT_EQ(latch({"init", "--reason", "test"}).code, 0);
    EXPECT_EQ(shown()["people to release"], 2);
    for (int n = 0; n < 2; ++n) {
        const Said asked = latch({"release", "--version", version(), "--reason", "fine"});
        EXPECT_EQ(asked.code, 4);
        EXPECT_THAT(asked.err, HasSubstr("another person"));
        EXPECT_EQ(latch({"show"}).code, 3) << "one person is one, however often he asks";
    }
    EXPECT_TRUE(shown().contains("release asked for by"));
}

TEST_F(LatchCommand, RefusesWhatIsNotSaidInFull) {
    ready();
    for (const std::vector<std::string>& arguments : std::vector<std::vector<std::string>>{
             {"halt"},
             {"halt", "--reason", ""},
             {"halt", "--reason", "r", "--scope", "desk"},
             {"halt", "--reason", "r", "--scope", "venue"},
             {"halt", "--reason", "r", "--target", "alpha"},
             {"halt", "--reason", "r", "--level", "flatten"},
             {"halt", "--reason", std::string(48, 'r')},
             {"release", "--reason", "r"},
         }) {
        EXPECT_EQ(latch(arguments).code, 2) << testing::PrintToString(arguments);
    }
    EXPECT_EQ(latch({"show"}).code, 0);
}

TEST_F(LatchCommand, RepairsAFileThatCannotBeRead) {
    ready();
    EXPECT_EQ(latch({"init", "--repair", "--reason", "r"}).code, 1) << "nothing to repair";
    std::filesystem::resize_file(file_, 1'000);
    const Said damaged = latch({"show"});
    EXPECT_EQ(damaged.code, 2);
    EXPECT_THAT(damaged.err, HasSubstr("--repair"));
    EXPECT_EQ(latch({"init", "--repair", "--reason", "was cut"}).code, 0);
    EXPECT_EQ(latch({"show"}).code, 3) << "the firm is halted";
}

TEST_F(LatchCommand, PrintsErrorsAsJsonWhereJsonWasAskedFor) {
    const auto error_of = [](const Said& said) {
        const nlohmann::json printed = nlohmann::json::parse(said.out);
        const std::string message = printed.at("error").at("message");
        EXPECT_EQ(said.err, "fermata: " + message + "\n");
        return printed["error"]["code"].get<std::string>();
    };
    const Said absent = latch({"show", "--json"});
    EXPECT_EQ(absent.code, 2);
    EXPECT_EQ(error_of(absent), "absent");
    ready();
    const Said stale = latch({"release", "--version", "1", "--reason", "r", "--json"});
    EXPECT_EQ(stale.code, 1);
    EXPECT_EQ(error_of(stale), "stale");
    EXPECT_EQ(error_of(latch({"release", "--version", version(), "--reason", "r", "--json"})),
              "nothing_to_do");
    EXPECT_EQ(error_of(latch({"init", "--reason", "r", "--json"})), "exists");
    // What the command line itself refuses, too.
    const Said usage = latch({"halt", "--json"});
    EXPECT_EQ(usage.code, 2);
    const nlohmann::json refused = nlohmann::json::parse(usage.out);
    EXPECT_EQ(refused["error"]["code"], "usage");
    EXPECT_THAT(refused["error"]["message"].get<std::string>(), HasSubstr("--reason"));
}

TEST_F(LatchCommand, PrintsAsJsonThatASecondPersonIsWaitedFor) {
    ASSERT_EQ(latch({"init", "--people", "2", "--reason", "test"}).code, 0);
    const Said said = latch({"release", "--version", version(), "--reason", "r", "--json"});
    EXPECT_EQ(said.code, 4);
    const nlohmann::json pending = nlohmann::json::parse(said.out).at("pending");
    EXPECT_EQ(pending["command"], "release");
    EXPECT_EQ(pending["seconds"], 900);
    EXPECT_THAT(said.err, HasSubstr("another person"));
}

}  // namespace
}  // namespace fermata::test

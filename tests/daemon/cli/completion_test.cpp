#include "daemon/cli/completion.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <sstream>

#include "daemon/cli/command_pages.hpp"
#include "daemon/cli/control_command.hpp"
#include "daemon/cli/latch_command.hpp"
#include "tests/daemon/replay/command.hpp"

namespace fermata::test {
namespace {

using ::testing::AllOf;
using ::testing::Contains;
using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::StartsWith;

using Words = std::vector<std::string>;

/// A daemon that knows what it was asked for.
Words echo(const std::string& kind, const std::string& socket) { return {kind + "@" + socket}; }

Words complete(const Words& words) {
    CLI::App app{"test", "fermata"};
    register_control_commands(app);
    register_latch_commands(app);
    register_page_commands(app);
    return completions(app, words, echo);
}

TEST(Completion, OffersCommandsAndThoseBelowThem) {
    EXPECT_THAT(complete({"ki"}), ElementsAre("kill"));
    EXPECT_THAT(complete({""}), AllOf(Contains("status"), Contains("latch"), Contains("kill")));
    EXPECT_THAT(complete({""}), Not(Contains("complete"))) << "it is for scripts";
    EXPECT_THAT(complete({"latch", ""}), ElementsAre("show", "init", "halt", "release"));
}

TEST(Completion, OffersOptionsOfTheirCommandAlone) {
    EXPECT_THAT(complete({"kill", "--"}), AllOf(Contains("--scope"), Contains("--target"),
                                                Contains("--reason"), Each(StartsWith("--"))));
    EXPECT_THAT(complete({"status", "--"}), Not(Contains("--scope")));
    EXPECT_THAT(complete({"latch", "show", "--js"}), ElementsAre("--json"));
}

TEST(Completion, OffersTheValuesOfAnOption) {
    const auto scopes = ElementsAre("firm", "account", "strategy", "instrument", "venue");
    EXPECT_THAT(complete({"kill", "--scope", ""}), scopes);
    EXPECT_THAT(complete({"kill", "--scope", "s"}), ElementsAre("strategy"));
    EXPECT_THAT(complete({"kill", "--json", "--reason", "why", "--scope", "v"}),
                ElementsAre("venue"));
    EXPECT_THAT(complete({"latch", "halt", "file", "--level", "c"}), ElementsAre("cancel-all"));
    EXPECT_THAT(complete({"completion", ""}), ElementsAre("bash", "zsh", "fish"));
    EXPECT_THAT(complete({"kill", "--reason", ""}), IsEmpty()) << "anything may stand there";
    EXPECT_THAT(complete({"latch", "show", ""}), IsEmpty()) << "a file";
}

TEST(Completion, AsksTheDaemonForNames) {
    EXPECT_THAT(complete({"kill", "--socket", "s", "--scope", "venue", "--target", ""}),
                ElementsAre("venue@s"));
    EXPECT_THAT(complete({"disable", "--socket", "s", ""}), ElementsAre("strategy@s"));
    EXPECT_THAT(complete({"tighten", "--socket", "s", ""}), ElementsAre("limit@s"));
    EXPECT_THAT(complete({"tighten", "--socket", "s", "max_quantity", ""}), IsEmpty());
    EXPECT_THAT(complete({"kill", "--target", ""}), IsEmpty()) << "the firm has no name";
    EXPECT_THAT(complete({"latch", "halt", "--scope", "venue", "--target", ""}), IsEmpty());
}

/// The script, and whatever asks it in that shell, with the built command as `fermata`.
class Shell : public ::testing::TestWithParam<const char*> {
protected:
    /// What the shell offers for the last of these words.
    [[nodiscard]] Words offers(const Words& words) const {
        const std::string shell = GetParam();
        const TemporaryFolder folder;
        const std::string script = folder / "script", out = folder / "out", err = folder / "err";
        write_text(script, std::string(completion_script(shell)) + question(shell, words));
        const std::string command = FERMATA_COMMAND;
        const std::string path = command.substr(0, command.rfind('/')) + ":" + std::getenv("PATH");
        const std::string line = "env 'PATH=" + path + "' 'HOME=" + std::string(folder.path()) +
                                 "' " + program() + " '" + script + "' >'" + out + "' 2>'" + err +
                                 "'";
        EXPECT_EQ(std::system(line.c_str()), 0) << read_text(err);
        EXPECT_EQ(read_text(err), "");
        Words found;
        std::istringstream lines(read_text(out));
        for (std::string text; std::getline(lines, text);) {
            if (!text.empty()) found.push_back(text);
        }
        return found;
    }
    [[nodiscard]] static std::string program() {
        const std::string shell = GetParam();
        return shell == "bash" ? "bash --norc" : shell == "zsh" ? "zsh -f" : "fish --no-config";
    }
    static std::string question(const std::string& shell, const Words& words) {
        std::string quoted = "fermata";
        for (const std::string& word : words) quoted += " '" + word + "'";
        if (shell == "bash") {
            return "COMP_WORDS=(" + quoted + ")\nCOMP_CWORD=" + std::to_string(words.size()) +
                   "\n_fermata\nprintf '%s\\n' \"${COMPREPLY[@]}\"\n";
        }
        if (shell == "zsh") {
            // What the shell's own completion would be given.
            return "compadd() { shift; print -l -- \"$@\" }\n_files() { print files }\n"
                   "words=(" +
                   quoted + ")\nCURRENT=" + std::to_string(words.size() + 1) + "\n_fermata\n";
        }
        std::string line = "fermata";
        for (const std::string& word : words) line += " " + word;
        return "complete -C '" + line + "'\n";
    }
};

TEST_P(Shell, CompletesCommandsOptionsAndValues) {
    if (std::system(("command -v " + std::string(GetParam()) + " >/dev/null").c_str()) != 0) {
        GTEST_SKIP() << GetParam() << " is not installed";
    }
    EXPECT_THAT(offers({"latch", "ini"}), ElementsAre("init"));
    EXPECT_THAT(offers({"kill", "--sco"}), ElementsAre("--scope"));
    EXPECT_THAT(
        offers({"kill", "--scope", ""}),
        ::testing::UnorderedElementsAre("firm", "account", "strategy", "instrument", "venue"));
    EXPECT_THAT(offers({"kill", "--scope", "st"}), ElementsAre("strategy"));
}

INSTANTIATE_TEST_SUITE_P(Completion, Shell, ::testing::Values("bash", "zsh", "fish"),
                         [](const auto& test) { return std::string(test.param); });

}  // namespace
}  // namespace fermata::test

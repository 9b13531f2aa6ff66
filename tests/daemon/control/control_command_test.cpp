#include "daemon/cli/control_command.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "tests/daemon/cli/command_in_process.hpp"
#include "tests/ops/control/server_fixture.hpp"

namespace fermata {
namespace {

using console::testing::OpenFolder;
using console::testing::Served;
using Json = nlohmann::json;

test::Ended run(const std::filesystem::path& socket, std::vector<std::string> arguments) {
    arguments.insert(arguments.end(), {"--socket", socket.string()});
    return test::run_in_process(register_control_commands, std::move(arguments));
}

// The daemon stands at version 7 and takes nothing that names another one.
TEST(ControlCommand, PrintsTheProtocolsErrorAsJsonWhereJsonWasAskedFor) {
    Served served;
    const std::vector<std::vector<std::string>> commands = {
        {"release", "--reason", "r", "--expect", "3"},
        {"enable", "alpha", "--reason", "r", "--expect", "3"},
        {"loosen", "position", "1%", "--reason", "r", "--expect", "3"},
        {"accept", "--reason", "r", "--expect", "3"},
        {"reduce", "--reason", "r", "--expect", "3"}};
    for (std::vector<std::string> command : commands) {
        SCOPED_TRACE(command[0]);
        const test::Ended people = run(served.socket, command);
        EXPECT_EQ(people.out, "");
        command.emplace_back("--json");
        const test::Ended program = run(served.socket, command);
        EXPECT_EQ(program.code, 1);
        EXPECT_EQ(program.error, people.error);
        EXPECT_EQ(program.error, "fermata: stale: look again\n");
        EXPECT_EQ(Json::parse(program.out), Json::parse(R"({"state_version": 7,
            "error": {"code": "stale", "message": "look again"}})"));
    }
    EXPECT_TRUE(served.port.commands().empty());
}

TEST(ControlCommand, PrintsAsJsonThatNobodyListens) {
    const OpenFolder folder;
    for (const char* command : {"status", "alive", "orders", "tail"}) {
        SCOPED_TRACE(command);
        const test::Ended ended = run(folder / "none.sock", {command, "--json"});
        EXPECT_EQ(ended.code, 3);
        const Json said = Json::parse(ended.out);
        EXPECT_EQ(said.size(), 1U);
        EXPECT_EQ(said["error"]["code"], "no_daemon");
        EXPECT_EQ("fermata: " + said["error"]["message"].get<std::string>() + "\n", ended.error);
    }
}

}  // namespace
}  // namespace fermata

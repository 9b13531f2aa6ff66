#pragma once

/// People who command a running daemon by the command line, in processes of their own.

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <functional>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "tests/daemon/live/daemon_process.hpp"
#include "tests/daemon/replay/command.hpp"

namespace fermata::test {

using Json = nlohmann::ordered_json;

inline constexpr std::uint32_t kOther = 4100;  // another user than the one who runs the tests

/// `fermata ARGUMENTS` as the user `uid`.
inline Said run_as(std::uint32_t uid, std::vector<std::string> arguments) {
    const TemporaryFolder folder;
    const std::string out = folder / "stdout.txt";
    const std::string err = folder / "stderr.txt";
    arguments.insert(arguments.begin(), FERMATA_COMMAND);
    std::vector<char*> argv;
    for (std::string& argument : arguments) argv.push_back(argument.data());
    argv.push_back(nullptr);
    const pid_t child = ::fork();
    if (child == 0) {
        const int to = ::open(out.c_str(), O_WRONLY | O_CREAT, 0600);
        const int complaints = ::open(err.c_str(), O_WRONLY | O_CREAT, 0600);
        if (::dup2(to, 1) < 0 || ::dup2(complaints, 2) < 0 || ::setgid(uid) != 0 ||
            ::setuid(uid) != 0) {
            ::_exit(99);
        }
        ::execv(argv[0], argv.data());
        ::_exit(98);
    }
    int status = 0;
    while (::waitpid(child, &status, 0) == -1 && errno == EINTR) {
    }
    return {WIFEXITED(status) ? WEXITSTATUS(status) : Child::kKilled, read_text(out),
            read_text(err)};
}

inline const auto kActive = [](const Json& s) { return s["state"] == "ACTIVE"; };
inline const auto kHalted = [](const Json& s) { return s["state"] == "HALTED"; };

/// Whoever commands one daemon.
class Operator {
public:
    Operator() = default;
    Operator(const Operator&) = delete;
    Operator& operator=(const Operator&) = delete;
    virtual ~Operator() = default;

    [[nodiscard]] virtual std::string socket() const = 0;
    /// Whether a second user may take part: only root becomes somebody else.
    [[nodiscard]] static bool two_people() { return ::getuid() == 0; }

    /// Calls the command with the socket, and the reason where it wants one.
    [[nodiscard]] Said call(std::vector<std::string> arguments) const {
        arguments.insert(arguments.end(), {"--socket", socket()});
        return run_command(std::move(arguments));
    }
    [[nodiscard]] Json ask(std::vector<std::string> arguments) const {
        arguments.emplace_back("--json");
        const Said said = call(std::move(arguments));
        EXPECT_EQ(said.code, 0) << said.err;
        const Json json = Json::parse(said.out, nullptr, false);
        EXPECT_FALSE(json.is_discarded()) << said.out;
        return json;
    }
    /// Waits until the status is so.
    [[nodiscard]] bool becomes(const std::function<bool(const Json&)>& so) const {
        return wait_until([&] { return so(ask({"status"})); });
    }
    /// The exit codes of everybody who asks for it on the state that is.
    [[nodiscard]] std::vector<int> agree(std::vector<std::string> arguments) const {
        const std::string version = std::to_string(ask({"status"})["state_version"].get<long>());
        arguments.insert(arguments.end(),
                         {"--reason", "looked into it", "--expect", version, "--socket", socket()});
        std::vector<int> codes{run_command(arguments).code};
        if (two_people()) codes.push_back(run_as(kOther, arguments).code);
        return codes;
    }
    [[nodiscard]] std::vector<int> agreed() const {
        return two_people() ? std::vector<int>{5, 0} : std::vector<int>{0};
    }
};

}  // namespace fermata::test

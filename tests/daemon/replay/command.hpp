#pragma once

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>

#include <cerrno>
#include <csignal>
#include <stdexcept>
#include <string>
#include <vector>

#include "tests/daemon/replay/run_fixture.hpp"

extern char** environ;

namespace fermata::test {

/// The built command as a process of its own, without a terminal and without a shell.
class Child {
public:
    static constexpr int kKilled = -1;

    /// Output goes to these files; where there is none, to the test's own.
    explicit Child(std::vector<std::string> arguments, const std::string& out = "",
                   const std::string& err = "") {
        arguments.insert(arguments.begin(), FERMATA_COMMAND);
        std::vector<char*> argv;
        for (std::string& argument : arguments) argv.push_back(argument.data());
        argv.push_back(nullptr);
        constexpr int kFlags = O_WRONLY | O_CREAT | O_TRUNC;
        posix_spawn_file_actions_t actions;
        posix_spawn_file_actions_init(&actions);
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
        if (!out.empty()) posix_spawn_file_actions_addopen(&actions, 1, out.c_str(), kFlags, 0600);
        if (!err.empty()) posix_spawn_file_actions_addopen(&actions, 2, err.c_str(), kFlags, 0600);
        const int failed =
            ::posix_spawn(&pid_, FERMATA_COMMAND, &actions, nullptr, argv.data(), environ);
        posix_spawn_file_actions_destroy(&actions);
        if (failed != 0) throw std::runtime_error("cannot start " FERMATA_COMMAND);
    }
    [[nodiscard]] pid_t pid() const noexcept { return pid_; }
    void kill(int signal = SIGKILL) const { ::kill(pid_, signal); }
    /// The exit code, or kKilled when a signal ended it. Once.
    int wait() const {
        int status = 0;
        while (::waitpid(pid_, &status, 0) == -1 && errno == EINTR) {
        }
        return WIFEXITED(status) ? WEXITSTATUS(status) : kKilled;
    }

private:
    pid_t pid_ = 0;
};

/// good.yaml: a strategy that buys on the first of the days in kGoodCsv (AAA.csv) and holds.
inline constexpr const char* kGoodYaml =
    "mode: replay\n"
    "account: {currency: USD, cash: 100000, type: cash}\n"
    "instruments: [{symbol: AAA, asset_class: equity, tick: 0.01, lot: 1}]\n"
    "feeds:\n"
    "  - {type: csv, kind: bar, interval: 1d, symbol: AAA, path: AAA.csv,\n"
    "     time: {column: date, format: '%Y-%m-%d', zone: UTC}}\n"
    "venues: [{name: sim, type: simulated, fill: {market: next_open}}]\n"
    "strategies: [{name: hold, type: buy_and_hold, symbols: [AAA]}]\n"
    "risk: {profile: unlimited}\n";
inline constexpr const char* kGoodCsv =
    "date,open,high,low,close\n"
    "2020-01-01,10,11,9,10\n"
    "2020-01-02,10,12,9,11\n"
    "2020-01-03,11,12,10,12\n";

/// What a command said before it ended.
struct Said {
    int code = Child::kKilled;
    std::string out;
    std::string err;
};
inline Said run_command(std::vector<std::string> arguments) {
    const TemporaryFolder folder;
    const std::string out = folder / "stdout.txt";
    const std::string err = folder / "stderr.txt";
    const int code = Child(std::move(arguments), out, err).wait();
    return {code, read_text(out), read_text(err)};
}

}  // namespace fermata::test

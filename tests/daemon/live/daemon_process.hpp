#pragma once

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>

#include <cerrno>
#include <chrono>
#include <cstdint>
#include <fstream>
#include <functional>
#include <map>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

extern char** environ;

namespace fermata::test {

/// Waits until it is so; false when it takes so long that it never will be.
inline bool wait_until(const std::function<bool()>& so) {
    const auto end = std::chrono::steady_clock::now() + std::chrono::minutes(5);
    while (!so()) {
        if (std::chrono::steady_clock::now() > end) return false;
        std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
    return true;
}

/// A program as a process of its own. Killed if it still runs in the end.
class Process {
public:
    static constexpr int kKilled = -1;

    /// `arguments` begin with the program. What it says goes to the file `said`. `more` is added to
    /// its environment.
    Process(std::vector<std::string> arguments, const std::string& said,
            const std::vector<std::string>& more = {}) {
        std::vector<char*> argv;
        for (std::string& argument : arguments) argv.push_back(argument.data());
        argv.push_back(nullptr);
        std::vector<std::string> own = more;
        std::vector<char*> environment;
        for (char** e = environ; *e != nullptr; ++e) environment.push_back(*e);
        for (std::string& e : own) environment.push_back(e.data());
        environment.push_back(nullptr);
        posix_spawn_file_actions_t actions;
        posix_spawn_file_actions_init(&actions);
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
        posix_spawn_file_actions_addopen(&actions, 1, said.c_str(),
                                         O_WRONLY | O_CREAT | O_TRUNC | O_APPEND, 0600);
        posix_spawn_file_actions_adddup2(&actions, 1, 2);
        const int failed =
            ::posix_spawn(&pid_, argv[0], &actions, nullptr, argv.data(), environment.data());
        posix_spawn_file_actions_destroy(&actions);
        if (failed != 0) throw std::runtime_error("cannot start " + arguments.front());
    }
    Process(const Process&) = delete;
    Process& operator=(const Process&) = delete;
    ~Process() {
        if (pid_ == 0) return;
        kill(SIGKILL);
        (void)wait();
    }
    /// What asks for an orderly end is sent when the process can be asked: before it has come to
    /// its handler, the signal would end it at once.
    void kill(int signal) const {
        if (signal == SIGTERM || signal == SIGINT) {
            (void)wait_until([&] { return catches(signal); });
        }
        ::kill(pid_, signal);
    }
    [[nodiscard]] pid_t pid() const noexcept { return pid_; }
    /// The exit code, or kKilled when a signal ended it. Once.
    int wait() {
        int status = 0;
        while (::waitpid(pid_, &status, 0) == -1 && errno == EINTR) {
        }
        pid_ = 0;
        return WIFEXITED(status) ? WEXITSTATUS(status) : kKilled;
    }

private:
    /// Or it is gone.
    [[nodiscard]] bool catches(int signal) const {
        std::ifstream status("/proc/" + std::to_string(pid_) + "/status");
        std::uint64_t caught = 0;
        for (std::string line; std::getline(status, line);) {
            if (line.starts_with("State:") && line.find('Z') != line.npos) return true;
            if (line.starts_with("SigCgt:")) caught = std::stoull(line.substr(7), nullptr, 16);
        }
        return (caught >> (signal - 1) & 1) != 0;
    }

    pid_t pid_ = 0;
};

/// The built daemon.
class Daemon : public Process {
public:
    Daemon(std::vector<std::string> arguments, const std::string& err,
           const std::vector<std::string>& more = {})
        : Process(with_program(std::move(arguments)), err, more) {}

private:
    static std::vector<std::string> with_program(std::vector<std::string> arguments) {
        arguments.insert(arguments.begin(), FERMATA_DAEMON);
        return arguments;
    }
};

}  // namespace fermata::test

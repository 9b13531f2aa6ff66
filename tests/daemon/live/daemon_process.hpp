#pragma once

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>

#include <cerrno>
#include <chrono>
#include <functional>
#include <map>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

extern char** environ;

namespace fermata::test {

/// The built daemon as a process of its own. Killed if it still runs in the end.
class Daemon {
public:
    static constexpr int kKilled = -1;

    /// What it says goes to the file `err`. `more` is added to its environment.
    Daemon(std::vector<std::string> arguments, const std::string& err,
           const std::vector<std::string>& more = {}) {
        arguments.insert(arguments.begin(), FERMATA_DAEMON);
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
        posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0);
        posix_spawn_file_actions_addopen(&actions, 2, err.c_str(), O_WRONLY | O_CREAT | O_TRUNC,
                                         0600);
        const int failed = ::posix_spawn(&pid_, FERMATA_DAEMON, &actions, nullptr, argv.data(),
                                         environment.data());
        posix_spawn_file_actions_destroy(&actions);
        if (failed != 0) throw std::runtime_error("cannot start " FERMATA_DAEMON);
    }
    Daemon(const Daemon&) = delete;
    Daemon& operator=(const Daemon&) = delete;
    ~Daemon() {
        if (pid_ == 0) return;
        kill(SIGKILL);
        (void)wait();
    }
    void kill(int signal) const { ::kill(pid_, signal); }
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
    pid_t pid_ = 0;
};

/// Waits until it is so; false when it takes so long that it never will be.
inline bool wait_until(const std::function<bool()>& so) {
    const auto end = std::chrono::steady_clock::now() + std::chrono::minutes(2);
    while (!so()) {
        if (std::chrono::steady_clock::now() > end) return false;
        std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
    return true;
}

}  // namespace fermata::test

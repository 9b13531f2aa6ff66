#pragma once

#include <sched.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <sstream>
#include <string>

namespace fermata::test {

/// What the kernel says about one thread (proc(5)).
struct Task {
    std::string name;      ///< /proc/PID/task/TID/comm
    std::string cores;     ///< Cpus_allowed_list of status
    int policy = -1;       ///< Field 41 of stat
    int rt_priority = -1;  ///< Field 40 of stat
};

inline std::string text_of(const std::filesystem::path& file) {
    std::ifstream in(file);
    return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

/// The value of "Key:\tvalue" in a status file; empty: there is none.
inline std::string status_of(const std::filesystem::path& file, const std::string& key) {
    std::istringstream lines(text_of(file));
    for (std::string line; std::getline(lines, line);) {
        if (line.compare(0, key.size() + 1, key + ":") != 0) continue;
        const std::size_t at = line.find_first_not_of(" \t", key.size() + 1);
        return at == std::string::npos ? "" : line.substr(at);
    }
    return "";
}

inline Task look_at(const std::filesystem::path& folder) {
    Task task;
    std::ifstream comm(folder / "comm");
    std::getline(comm, task.name);
    task.cores = status_of(folder / "status", "Cpus_allowed_list");
    // Field 2, in parentheses, may hold anything; field 3 follows the last parenthesis.
    const std::string stat = text_of(folder / "stat");
    std::istringstream fields(stat.substr(stat.rfind(')') + 1));
    std::string field;
    for (int n = 3; n <= 41 && fields >> field; ++n) {
        if (n == 40) task.rt_priority = std::stoi(field);
        if (n == 41) task.policy = std::stoi(field);
    }
    return task;
}

inline Task this_task() {
    return look_at("/proc/self/task/" + std::to_string(::syscall(SYS_gettid)));
}

/// Those of a process, by name; of several with one name, one.
inline std::map<std::string, Task> tasks_of(int pid) {
    std::map<std::string, Task> tasks;
    const std::filesystem::path folder = "/proc/" + std::to_string(pid) + "/task";
    for (const auto& entry : std::filesystem::directory_iterator(folder)) {
        Task task = look_at(entry.path());
        tasks[task.name] = task;
    }
    return tasks;
}

/// Whether this host lets this user schedule by SCHED_FIFO.
inline bool fifo_allowed() {
    const sched_param wanted{.sched_priority = 1};
    const sched_param none{};
    if (::sched_setscheduler(0, SCHED_FIFO, &wanted) != 0) return false;
    return ::sched_setscheduler(0, SCHED_OTHER, &none) == 0;
}

}  // namespace fermata::test

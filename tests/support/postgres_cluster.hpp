#pragma once

#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "adapters/postgres/connection.hpp"

namespace fermata::testing {

/// A private PostgreSQL server for one test: its own data directory and Unix socket below /tmp, run
/// as user postgres when the test runs as root, stopped and removed by the destructor.
///
/// initdb runs once for each version and user; clusters are copies of what it made.
class PostgresCluster {
public:
    /// Folder of the newest server's programs; empty when none is installed.
    static std::filesystem::path programs() {
        std::filesystem::path newest;
        int version = 0;
        std::error_code none;
        for (const auto& entry : std::filesystem::directory_iterator("/usr/lib/postgresql", none)) {
            const int number = std::atoi(entry.path().filename().c_str());
            if (number > version && std::filesystem::exists(entry.path() / "bin/postgres")) {
                version = number;
                newest = entry.path() / "bin";
            }
        }
        return newest;
    }

    explicit PostgresCluster(std::vector<std::string> settings = {})
        : settings_(std::move(settings)) {
        make_directory();
        copy_template();
        start();
        sql("CREATE DATABASE fermata", "postgres");
    }

    /// A physical standby of another cluster, which must have been started.
    static std::unique_ptr<PostgresCluster> standby_of(const PostgresCluster& primary) {
        std::unique_ptr<PostgresCluster> standby(new PostgresCluster(Standby{}));
        standby->run({(programs() / "pg_basebackup").string(), "-h", primary.socket_directory(),
                      "-U", "postgres", "-D", standby->data(), "-R", "-X", "stream", "-c", "fast"});
        standby->start();
        return standby;
    }

    PostgresCluster(const PostgresCluster&) = delete;
    PostgresCluster& operator=(const PostgresCluster&) = delete;
    ~PostgresCluster() {
        kill_server();
        std::error_code ignored;
        std::filesystem::remove_all(directory_, ignored);
    }

    [[nodiscard]] std::string socket_directory() const { return directory_; }
    [[nodiscard]] std::string socket_file() const { return directory_ + "/.s.PGSQL.5432"; }
    [[nodiscard]] std::string data() const { return directory_ + "/data"; }
    [[nodiscard]] const std::string& directory() const { return directory_; }
    [[nodiscard]] std::string conninfo(const std::string& user = "postgres",
                                       const std::string& database = "fermata") const {
        return "host=" + directory_ + " port=5432 user=" + user + " dbname=" + database;
    }

    void start() {
        for (int attempt = 0;; ++attempt) {
            spawn();
            if (wait_until_ready()) return;
            // After a SIGKILL the shared memory may be in use for a moment.
            if (attempt == 20) throw std::runtime_error("PostgreSQL does not start:\n" + log());
            kill_server();
            std::this_thread::sleep_for(std::chrono::milliseconds(100));
        }
    }
    /// SIGKILL to the postmaster; returns when it and all of its processes are gone.
    void kill_server() {
        if (postmaster_ <= 0) return;
        const std::vector<pid_t> all = children();
        ::kill(postmaster_, SIGKILL);
        ::kill(postmaster_, SIGCONT);
        ::waitpid(postmaster_, nullptr, 0);
        postmaster_ = -1;
        for (const pid_t pid : all) {
            // They notice by themselves, but a stopped one never would.
            ::kill(pid, SIGKILL);
            for (int i = 0; i < 1'000 && parent_of(pid) != 0; ++i) {
                std::this_thread::sleep_for(std::chrono::milliseconds(5));
            }
        }
    }
    /// A regular fast shutdown.
    void stop() {
        ::kill(postmaster_, SIGINT);
        ::waitpid(postmaster_, nullptr, 0);
        postmaster_ = -1;
    }
    /// SIGSTOP or SIGCONT to every process of the server.
    void signal_all(int number) {
        if (number == SIGCONT) ::kill(postmaster_, number);
        for (const pid_t pid : children()) ::kill(pid, number);
        if (number != SIGCONT) ::kill(postmaster_, number);
    }
    void promote() { sql("SELECT pg_promote(true, 30)", "postgres"); }

    /// Runs SQL as superuser; the first value of the result as text. Throws with the message.
    std::string sql(const std::string& text, const std::string& database = "fermata",
                    const std::string& user = "postgres") const {
        const auto answer = try_sql(text, database, user);
        if (!answer) throw std::runtime_error(answer.error().message + " in: " + text);
        return *answer;
    }
    [[nodiscard]] Result<std::string, StoreError> try_sql(
        const std::string& text, const std::string& database = "fermata",
        const std::string& user = "postgres") const {
        auto connection = postgres::Connection::open({.database = conninfo(user, database)});
        if (!connection) return Err{connection.error()};
        auto rows = (*connection)->run(text);
        if (!rows) return Err{rows.error()};
        return rows->size() > 0 && rows->columns() > 0 ? rows->text(0, 0) : std::string();
    }
    /// The server's log, for messages of failed tests.
    [[nodiscard]] std::string log() const {
        std::ifstream file(directory_ + "/log");
        return {std::istreambuf_iterator<char>(file), {}};
    }
    /// Runs a program as the server's user and waits for it; throws when it fails.
    void run(const std::vector<std::string>& command) const {
        const pid_t pid = start_as_server(command);
        int status = 0;
        ::waitpid(pid, &status, 0);
        if (status != 0) throw std::runtime_error(command.front() + " failed:\n" + log());
    }

private:
    struct Standby {};
    explicit PostgresCluster(Standby) { make_directory(); }

    static const passwd* server_user() {
        return ::geteuid() == 0 ? ::getpwnam("postgres") : nullptr;
    }
    static void give(const std::string& path) {
        if (const passwd* user = server_user()) {
            if (::chown(path.c_str(), user->pw_uid, user->pw_gid) != 0) {
                throw std::runtime_error("cannot chown " + path);
            }
        }
    }
    void make_directory() {
        char name[] = "/tmp/fermata-pg.XXXXXX";
        if (::mkdtemp(name) == nullptr) throw std::runtime_error("cannot make a directory in /tmp");
        directory_ = name;
        ::chmod(name, 0755);
        give(directory_);
    }
    void copy_template() {
        const std::string made = "/tmp/fermata-pg-template-" + std::to_string(::geteuid()) + "-" +
                                 programs().parent_path().filename().string();
        const int lock = ::open((made + ".lock").c_str(), O_CREAT | O_RDWR | O_CLOEXEC, 0600);
        if (lock < 0 || ::flock(lock, LOCK_EX) != 0)
            throw std::runtime_error("cannot lock " + made);
        if (!std::filesystem::exists(made)) {
            run({(programs() / "initdb").string(), "--no-sync", "-A", "trust", "-U", "postgres",
                 "-E", "UTF8", "--locale=C", "-D", directory_ + "/template"});
            std::filesystem::rename(directory_ + "/template", made);
        }
        run({"/bin/cp", "-a", made, data()});
        ::close(lock);
    }
    pid_t start_as_server(const std::vector<std::string>& command) const {
        const passwd* const user = server_user();
        std::vector<char*> arguments;
        for (const std::string& word : command)
            arguments.push_back(const_cast<char*>(word.c_str()));
        arguments.push_back(nullptr);
        const std::string log_file = directory_ + "/log";
        const pid_t pid = ::fork();
        if (pid != 0) return pid;
        if (user != nullptr && (::initgroups("postgres", user->pw_gid) != 0 ||
                                ::setgid(user->pw_gid) != 0 || ::setuid(user->pw_uid) != 0)) {
            ::_exit(126);
        }
        const int out = ::open(log_file.c_str(), O_CREAT | O_WRONLY | O_APPEND, 0644);
        if (out < 0 || ::chdir(directory_.c_str()) != 0) ::_exit(126);
        ::dup2(out, 1);
        ::dup2(out, 2);
        ::setpgid(0, 0);  // signals of a terminal are not for the server
        ::execv(arguments[0], arguments.data());
        ::_exit(127);
    }
    void spawn() {
        std::vector<std::string> command = {(programs() / "postgres").string(),
                                            "-D",
                                            data(),
                                            "-k",
                                            directory_,
                                            "-c",
                                            "listen_addresses=",
                                            "-c",
                                            "fsync=off",
                                            "-c",
                                            "restart_after_crash=on",
                                            "-c",
                                            "max_connections=20",
                                            "-c",
                                            "shared_buffers=32MB",
                                            "-c",
                                            "max_wal_senders=4"};
        for (const std::string& setting : settings_) {
            command.emplace_back("-c");
            command.push_back(setting);
        }
        postmaster_ = start_as_server(command);
    }
    [[nodiscard]] bool wait_until_ready() {
        for (int i = 0; i < 400; ++i) {
            if (::waitpid(postmaster_, nullptr, WNOHANG) == postmaster_) {
                postmaster_ = -1;
                return false;
            }
            if (try_sql("SELECT 1", "postgres")) return true;
            std::this_thread::sleep_for(std::chrono::milliseconds(25));
        }
        return false;
    }
    /// 0 when there is no such process, or only its entry waits for its parent.
    static pid_t parent_of(pid_t pid) {
        std::ifstream file("/proc/" + std::to_string(pid) + "/stat");
        std::string line;
        std::getline(file, line);
        const std::size_t name_ends = line.rfind(')');
        if (name_ends == std::string::npos || line[name_ends + 2] == 'Z') return 0;
        return std::atoi(line.c_str() + name_ends + 4);
    }
    [[nodiscard]] std::vector<pid_t> children() const {
        std::vector<pid_t> found;
        for (const auto& entry : std::filesystem::directory_iterator("/proc")) {
            const pid_t pid = std::atoi(entry.path().filename().c_str());
            if (pid <= 0) continue;
            if (parent_of(pid) == postmaster_) found.push_back(pid);
        }
        return found;
    }

    std::vector<std::string> settings_;
    std::string directory_;
    pid_t postmaster_ = -1;
};

/// Skips a test on a machine without a PostgreSQL server.
#define FERMATA_NEEDS_POSTGRES()                                          \
    if (::fermata::testing::PostgresCluster::programs().empty()) {        \
        GTEST_SKIP() << "no PostgreSQL server below /usr/lib/postgresql"; \
    }                                                                     \
    static_assert(true, "ends with a semicolon")

}  // namespace fermata::testing

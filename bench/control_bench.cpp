// What the control socket costs the trading loops: the latency of orders in sessions that nobody
// talks to, and in sessions that hostile clients and busy operators talk to, by turns in one run.
// The daemon is the built one, as a process of its own; its latencies are those of `fermata
// latency`. On a machine with few cores the clients take time from the daemon's threads as any
// program does; they run at the lowest priority to keep that small.

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "bench/support.hpp"
#include "daemon/cli/report_text.hpp"
#include "ops/client/control_client.hpp"

extern char** environ;

namespace {

using namespace fermata;
using namespace std::chrono_literals;
using Json = Report;
namespace fs = std::filesystem;

constexpr auto kSession = 4s;
constexpr int kTurns = 2;  // of a quiet session and a loaded one
constexpr std::size_t kHostile = 1'000;

constexpr const char* kYaml =
    "mode: paper\n"
    "run: {seed: 7}\n"
    "account: {currency: USD, cash: 1000000000, type: margin}\n"
    "instruments:\n"
    "  - {symbol: AAA, asset_class: equity, tick: 0.01, lot: 1}\n"
    "  - {symbol: BBB, asset_class: equity, tick: 0.01, lot: 1}\n"
    "  - {symbol: CCC, asset_class: equity, tick: 0.01, lot: 1}\n"
    "feeds:\n"
    "  - {type: generator, kind: quotes, from: 2024-01-02T14:30:00Z, to: 2024-01-02T21:00:00Z}\n"
    "venues: [{name: sim, type: simulated, latency: {in: 1ms, out: 1ms}}]\n"
    "strategies:\n"
    "  - {name: a, type: ema_cross_ticks, symbols: [AAA], params: {fast: 3, slow: 7}}\n"
    "  - {name: b, type: ema_cross_ticks, symbols: [BBB], params: {fast: 3, slow: 7}}\n"
    "  - {name: c, type: ema_cross_ticks, symbols: [CCC], params: {fast: 4, slow: 9}}\n"
    "risk: {profile: unlimited}\n"
    "live: {speed: 1200x}\n"
    "control: {socket: c.sock}\n";

class Daemon {
public:
    Daemon(const fs::path& program, const fs::path& folder) {
        std::string path = program, config = folder / "run.yaml", flag = "--out",
                    out = folder / "out";
        char* argv[] = {path.data(), config.data(), flag.data(), out.data(), nullptr};
        posix_spawn_file_actions_t actions;
        posix_spawn_file_actions_init(&actions);
        posix_spawn_file_actions_addopen(&actions, 2, (folder / "err.txt").c_str(),
                                         O_WRONLY | O_CREAT | O_TRUNC, 0600);
        const int failed = ::posix_spawn(&pid_, path.c_str(), &actions, nullptr, argv, environ);
        posix_spawn_file_actions_destroy(&actions);
        if (failed != 0) throw std::runtime_error("cannot start " + path);
    }
    Daemon(const Daemon&) = delete;
    Daemon& operator=(const Daemon&) = delete;
    ~Daemon() {
        ::kill(pid_, SIGTERM);
        int status = 0;
        while (::waitpid(pid_, &status, 0) == -1 && errno == EINTR) {
        }
    }

private:
    pid_t pid_ = 0;
};

Json ask(const std::string& socket, const std::string& request) {
    for (int n = 0; n < 500; ++n, std::this_thread::sleep_for(20ms)) {
        auto client = console::ControlClient::connect(socket);
        if (!client) continue;
        const auto line = client->ask(request, 5s);
        if (!line) continue;
        Json answer = Json::parse(*line, nullptr, false);
        if (answer.contains("ok")) return answer;
    }
    throw std::runtime_error("nobody answers at " + socket);
}

void be_nice() {
    // Of the calling thread alone, as Linux has it.
    if (::setpriority(PRIO_PROCESS, static_cast<id_t>(::gettid()), 19) != 0) {
        throw std::runtime_error("cannot lower the priority of the load");
    }
}

/// Connects 1,000 times at once, over and over, with garbage, halves of requests and silence.
void attack(const std::string& path, const std::atomic<bool>& stop,
            std::atomic<std::uint64_t>& connections) {
    be_nice();
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    path.copy(address.sun_path, sizeof address.sun_path - 1);
    const std::string huge(4'096, '[');
    const std::string_view says[] = {huge, "{\"v\":1,\"id\":1,\"method\":", "\n\n\n\n", ""};
    std::vector<int> open(kHostile, -1);
    for (std::size_t n = 0; !stop; n = (n + 1) % kHostile) {
        if (open[n] >= 0) ::close(open[n]);
        open[n] = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
        if (open[n] < 0) continue;
        if (::connect(open[n], reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0) {
            ++connections;
            const std::string_view text = says[n % std::size(says)];
            (void)!::send(open[n], text.data(), text.size(), MSG_NOSIGNAL);
        }
        if (n % 16 == 0) std::this_thread::sleep_for(1ms);
    }
    for (const int socket : open) {
        if (socket >= 0) ::close(socket);
    }
}

/// Asks everything, and commands what changes no order.
void operate(const std::string& path, const std::atomic<bool>& stop,
             std::atomic<std::uint64_t>& answers) {
    be_nice();
    std::uint64_t version = 0;
    while (!stop) {
        auto client = console::ControlClient::connect(path);
        for (const char* method : {"status", "orders", "positions", "limits", "strategies"}) {
            if (!client) break;
            const auto line =
                client->ask(R"({"v":1,"id":1,"method":")" + std::string(method) + "\"}", 5s);
            if (!line) break;
            const Json answer = Json::parse(*line, nullptr, false);
            if (answer.contains("ok")) ++answers;
            version = answer.value("state_version", version);
        }
        if (!client) continue;
        const auto line = client->ask(
            R"({"v":1,"id":2,"method":"acknowledge","params":{"scope":"strategy","target":"a"},)"
            R"("reason":"bench","expect":)" +
                std::to_string(version) + "}",
            5s);
        if (line && line->find("\"ok\"") != std::string::npos) ++answers;
    }
}

struct Measured {
    Json rows;
    std::uint64_t connections = 0, answers = 0;
};

Measured session(const fs::path& program, bool loaded) {
    char name[] = "/tmp/fermata-bench-XXXXXX";
    if (::mkdtemp(name) == nullptr) throw std::runtime_error("no temporary folder");
    const fs::path folder = name;
    std::ofstream(folder / "run.yaml") << kYaml;
    Measured result;
    {
        const Daemon daemon(program, folder);
        const std::string socket = folder / "c.sock";
        (void)ask(socket, R"({"v":1,"id":1,"method":"status"})");
        std::atomic<bool> stop{false};
        std::atomic<std::uint64_t> connections{0}, answers{0};
        std::vector<std::thread> load;
        if (loaded) {
            load.emplace_back([&] { attack(socket, stop, connections); });
            load.emplace_back([&] { operate(socket, stop, answers); });
        }
        std::this_thread::sleep_for(kSession);
        stop = true;
        for (std::thread& t : load) t.join();
        result.rows = ask(socket, R"({"v":1,"id":1,"method":"latency"})")["ok"]["rows"];
        result.connections = connections;
        result.answers = answers;
    }
    fs::remove_all(folder);
    return result;
}

}  // namespace

int main() {
    const fs::path program = fs::read_symlink("/proc/self/exe").parent_path() / "fermatad";
    if (!fs::exists(program)) {
        std::fprintf(stderr, "control_bench: %s is not built\n", program.c_str());
        return 1;
    }
    bench::print_machine();
    std::printf("%-8s %-14s %-20s %8s %10s %10s %10s %10s\n", "session", "from", "to", "count",
                "p50 us", "p99 us", "p99.9 us", "max us");
    for (int turn = 0; turn < kTurns; ++turn) {
        for (const bool loaded : {false, true}) {
            const Measured m = session(program, loaded);
            for (const Json& row : m.rows) {
                if (row["count"] == 0) continue;
                const auto us = [&](const char* key) { return row[key].get<double>() / 1'000; };
                std::printf("%-8s %-14s %-20s %8llu %10.1f %10.1f %10.1f %10.1f\n",
                            loaded ? "loaded" : "quiet", row["from"].get<std::string>().c_str(),
                            row["to"].get<std::string>().c_str(),
                            static_cast<unsigned long long>(row["count"].get<std::uint64_t>()),
                            us("p50_ns"), us("p99_ns"), us("p99.9_ns"), us("max_ns"));
            }
            if (loaded) {
                std::printf("load     %llu hostile connections, %llu answers\n",
                            static_cast<unsigned long long>(m.connections),
                            static_cast<unsigned long long>(m.answers));
            }
        }
    }
    return 0;
}

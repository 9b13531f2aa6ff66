/// `fermata journal rerun` against the replay that it repeats: the same tape through the same
/// stages, as the command line does both, on one thread and on threads of their own.
///   rerun_bench [MILLION_QUOTES] [FOLDER]

#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

#include "bench/support.hpp"
#include "bench/tape.hpp"
#include "daemon/assembly/assembly.hpp"
#include "daemon/config/config.hpp"
#include "daemon/replay/run_configuration.hpp"
#include "daemon/rerun/rerun.hpp"
#include "daemon/retention/journal_disk.hpp"
#include "strategies/register.hpp"

namespace fermata::bench {
namespace {

constexpr std::size_t kInstruments = 4;
constexpr int kRounds = 3;

std::string yaml_of(const std::string& tape, const char* schedule, const char* spans) {
    std::string yaml =
        "mode: replay\nrun: {seed: 1, equity_interval: 1h}\n"
        "account: {currency: USD, cash: 1000000000, type: margin}\ninstruments:\n";
    for (std::size_t i = 0; i < kInstruments; ++i) {
        yaml +=
            "  - {symbol: SYM" + std::to_string(i) + ", asset_class: equity, tick: 0.01, lot: 1}\n";
    }
    yaml += "feeds: [{type: tape, path: " + tape +
            "}]\n"
            "venues: [{name: sim, type: simulated, fees: {type: proportional, rate: 0.0001}}]\n"
            "strategies:\n";
    for (std::size_t i = 0; i < kInstruments; ++i) {
        const std::string n = std::to_string(i);
        yaml += "  - {name: s" + n + ", type: ema_cross_ticks, symbols: [SYM" + n + "], params: {" +
                spans + "}, sizing: {type: fixed, value: 100}}\n";
    }
    return yaml + "risk: {profile: unlimited}\nengine: {schedule: " + schedule + "}\n";
}

struct Speeds {
    double replay = 0, rerun = 0;  // million market events a second
    std::uint64_t records = 0;
};

Speeds measure(const std::string& yaml, const std::filesystem::path& out) {
    StrategyRegistry registry;
    register_shipped_strategies(registry);
    const Config config = parse_config(yaml, "bench.yaml", out, {}, registry, sha256_hasher());
    RunRequest request;
    request.out = out;
    const RunReport run = run_configuration(config, registry, request);
    JournalDisk disk;
    RerunRequest again;
    again.directory = (out / "journal").string();
    const RerunReport rerun = rerun_journal(disk.files(), again, registry);
    if (!rerun.equal()) {
        std::printf("the re-run differs: %s\n",
                    rerun.divergence ? rerun.divergence->what.c_str() : "damaged journal");
        std::exit(1);
    }
    return {static_cast<double>(run.result.market_events) / run.result.seconds / 1e6,
            static_cast<double>(rerun.market_events) / rerun.seconds / 1e6, run.result.records};
}

void compare(const std::string& tape, const std::filesystem::path& out, const char* schedule,
             const char* label, const char* spans) {
    std::vector<Speeds> rounds;
    for (int n = 0; n < kRounds; ++n) {
        rounds.push_back(measure(yaml_of(tape, schedule, spans), out));
    }
    std::sort(rounds.begin(), rounds.end(), [](const Speeds& a, const Speeds& b) {
        return a.rerun / a.replay < b.rerun / b.replay;
    });
    const Speeds& middle = rounds[kRounds / 2];
    std::printf(
        "%-10s %-12s %9llu records  replay %6.2f M events/s  re-run %6.2f M events/s  ratio %.2f "
        "(%.2f to %.2f)\n",
        schedule, label, static_cast<unsigned long long>(middle.records), middle.replay,
        middle.rerun, middle.rerun / middle.replay, rounds.front().rerun / rounds.front().replay,
        rounds.back().rerun / rounds.back().replay);
}

int run(int argc, char** argv) {
    print_machine();
    const double millions = argc > 1 ? std::atof(argv[1]) : 5;
    std::filesystem::path folder =
        argc > 2 ? std::filesystem::path(argv[2]) : std::filesystem::current_path();
    folder /= "rerun_bench-" + std::to_string(::getpid());
    std::filesystem::create_directories(folder / "out");
    const std::string tape =
        write_tape(folder, kInstruments, static_cast<std::uint64_t>(millions * 1e6));
    std::printf(
        "\n%.1f M quotes; the median of %d rounds. Both read the tape; the replay writes\n"
        "journal and result files, the re-run reads and verifies the journal.\n\n",
        millions, kRounds);
    for (const char* schedule : {"lockstep", "concurrent"}) {
        compare(tape, folder / "out", schedule, "few orders", "fast: 200, slow: 4000");
        compare(tape, folder / "out", schedule, "many orders", "fast: 5, slow: 20");
    }
    std::filesystem::remove_all(folder);
    return 0;
}

}  // namespace
}  // namespace fermata::bench

int main(int argc, char** argv) { return fermata::bench::run(argc, argv); }

/// Replay of a tape of quotes through exchange, strategy, gate, order manager and record stage on
/// one thread; resident memory against the tape's length.
///   replay_bench [MILLION_QUOTES] [FOLDER]

#include <time.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "adapters/tape/tape_feed.hpp"
#include "bench/market.hpp"
#include "bench/support.hpp"
#include "bench/tape.hpp"
#include "core/loop/clock.hpp"
#include "core/loop/lockstep.hpp"
#include "strategies/register.hpp"

namespace fermata::bench {
namespace {

constexpr std::size_t kInstruments = 4;

/// Anonymous and file pages of this process in MiB.
double resident_mib() {
    std::ifstream statm("/proc/self/statm");
    std::size_t total = 0, resident = 0;
    statm >> total >> resident;
    return static_cast<double>(resident * static_cast<std::size_t>(sysconf(_SC_PAGESIZE))) /
           1048576;
}

/// CPU time of this thread in seconds: what the run would take on a core of its own.
double cpu_seconds() {
    timespec t{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_nsec) / 1e9;
}

struct Outcome {
    double seconds = 0;
    double cpu = 0;
    double peak_mib = 0;
    std::uint64_t records = 0;
};

Outcome replay(const std::string& path, RiskProfile profile, const char* slow) {
    const QuoteMarket market(kInstruments);
    StrategyRegistry registry;
    register_shipped_strategies(registry);
    PipelineSetup setup = market.setup(profile);
    for (std::uint16_t s = 0; s < kInstruments; ++s) {
        StrategySetup strategy;
        strategy.id = StrategyId{s};
        strategy.instruments = {InstrumentId{s}};
        strategy.sizing.quantity = Quantity::from_units(100);
        strategy.strategy =
            make_strategy(registry, "ema_cross_ticks", {{"fast", "200"}, {"slow", slow}});
        setup.strategies.push_back(std::move(strategy));
    }
    StreamTable streams;
    tape::TapeFeed feed({path}, market.instruments(), streams);
    setup.streams = streams;
    Pipeline pipeline(std::move(setup));
    VirtualClock clock;
    LockstepScheduler scheduler(pipeline, clock);
    pipeline.start(Timestamp{0});
    scheduler.settle();
    Outcome outcome;
    const auto begin = std::chrono::steady_clock::now();
    const double cpu = cpu_seconds();
    std::uint64_t batches = 0;
    for (auto batch = feed.next(); !batch.empty(); batch = feed.next()) {
        for (const MarketEvent& e : batch) scheduler.step(e);
        if (++batches % 64 == 0) outcome.peak_mib = std::max(outcome.peak_mib, resident_mib());
    }
    scheduler.drain(clock.now() + pipeline.round_trip());
    outcome.seconds =
        std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
    outcome.cpu = cpu_seconds() - cpu;
    outcome.records = pipeline.records();
    if (pipeline.overflowed()) std::abort();
    return outcome;
}

}  // namespace
}  // namespace fermata::bench

int main(int argc, char** argv) {
    using namespace fermata;
    using namespace fermata::bench;
    const std::uint64_t millions = argc > 1 ? std::strtoull(argv[1], nullptr, 10) : 20;
    const std::filesystem::path folder =
        argc > 2 ? argv[2] : std::filesystem::temp_directory_path() / "fermata-replay-bench";
    std::filesystem::create_directories(folder);
    print_machine();
    for (const std::uint64_t quotes : {millions * 250'000, millions * 1'000'000}) {
        const std::string path = write_tape(folder, kInstruments, quotes);
        for (const auto& [profile, label] : {std::pair{RiskProfile::kUnlimited, "unlimited"},
                                             std::pair{RiskProfile::kHouse, "house"}}) {
            const Outcome o = replay(path, profile, "1000");
            std::printf(
                "%6.1f M quotes, profile %-9s  %6.2f s  %6.1f M quotes/s  (CPU %6.2f s, %6.1f M/s) "
                " "
                "%9llu order events  resident %6.1f MiB\n",
                static_cast<double>(quotes) / 1e6, label, o.seconds,
                static_cast<double>(quotes) / o.seconds / 1e6, o.cpu,
                static_cast<double>(quotes) / o.cpu / 1e6,
                static_cast<unsigned long long>(o.records), o.peak_mib);
        }
        std::filesystem::remove(path);
    }
    std::filesystem::remove(folder);
}

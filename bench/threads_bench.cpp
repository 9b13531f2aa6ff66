/// What the settings of `threads:` do, compared in one run: the ways to wait (latency of a lane hop
/// against the core time that the waiting thread takes), SCHED_FIFO where the host allows it, and
/// huge pages (random reads of a table that is larger than the caches).

#include <time.h>

#include <atomic>
#include <cstdio>
#include <string>
#include <thread>
#include <vector>

#include "bench/support.hpp"
#include "core/event/market_event.hpp"
#include "core/loop/lane.hpp"
#include "daemon/threads/placement.hpp"

namespace fermata::bench {
namespace {

double thread_seconds() {
    timespec used{};
    (void)::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &used);
    return static_cast<double>(used.tv_sec) + static_cast<double>(used.tv_nsec) / 1e9;
}

/// An event every 100 us to a loop on core 1, as a busy market's quotes come to a stage that then
/// waits. The hop is from before the push to behind the look that found it.
void hops(const std::string& name, const LoopThread& thread, std::size_t events) {
    ThreadsConfig config;
    config.loops["trading"] = thread;
    Placement placement(config,
                        [](const std::string& text) { std::printf("# %s\n", text.c_str()); });
    Lane<MarketEvent> lane(1024);
    std::atomic<bool> ready{false};
    Percentiles hop(events);
    double busy = 0;
    std::thread consumer([&] {
        const Idle idle = placement.enter("trading");
        ready.store(true);
        const auto begin = std::chrono::steady_clock::now();
        const double used = thread_seconds();
        MarketEvent e;
        unsigned attempt = 0;
        for (std::size_t n = 0; n < events;) {
            if (!lane.take(e)) {
                idle.wait(attempt++);
                continue;
            }
            attempt = 0;
            hop.add(ticks() - e.data.words[0]);
            ++n;
        }
        const std::chrono::duration<double> wall = std::chrono::steady_clock::now() - begin;
        busy = (thread_seconds() - used) / wall.count();
    });
    while (!ready.load()) std::this_thread::yield();
    MarketEvent e = make_event(MarketEventType::kTrade, Timestamp{0}, InstrumentId{0}, StreamId{0});
    for (std::size_t n = 0; n < events; ++n) {
        std::this_thread::sleep_for(std::chrono::microseconds(100));
        e.data.words[0] = ticks();
        while (!lane.try_push(e)) {
        }
    }
    consumer.join();
    hop.drop_first(events / 10);
    hop.print(name);
    std::printf("%-44s core time %5.1f%%\n", "", 100 * busy);
}

void reads(const char* name, bool advise) {
    constexpr std::size_t kWords = std::size_t{32} << 20;  // 256 MiB
    constexpr std::size_t kReads = 2'000'000;
    std::vector<std::uint64_t> table(kWords, 1);
    std::size_t advised = 0;
    if (advise) advised = advise_huge_pages();
    std::uint64_t at = 1, sum = 0;
    const std::uint64_t begin = ticks();
    for (std::size_t n = 0; n < kReads; ++n) {
        // Each address depends on the value before it: the whole latency is seen.
        at = (at * 6364136223846793005ULL + 1442695040888963407ULL + sum);
        sum += table[(at >> 33) % kWords];
    }
    const double ns = static_cast<double>(ticks() - begin) / ticks_per_ns();
    std::printf("%-44s %6.1f ns a read, %zu MiB advised (%llu)\n", name,
                ns / static_cast<double>(kReads), advised >> 20,
                static_cast<unsigned long long>(sum & 1));
}

}  // namespace
}  // namespace fermata::bench

int main() {
    using namespace fermata;
    using namespace fermata::bench;
    print_machine();
    pin(0);
    constexpr std::size_t kEvents = 8'000;
    const auto loop = [](IdleStrategy idle, std::uint32_t spins, Scheduler scheduler) {
        LoopThread thread;
        thread.cores = {1};
        thread.idle = idle;
        thread.spins = spins;
        thread.scheduler = scheduler;
        return thread;
    };
    for (const Scheduler s : {Scheduler::kOther, Scheduler::kFifo}) {
        const std::string with = s == Scheduler::kFifo ? ", fifo" : "";
        hops("hop, idle: spin" + with, loop(IdleStrategy::kSpin, 64, s), kEvents);
        hops("hop, idle: yield, 64 spins" + with, loop(IdleStrategy::kYield, 64, s), kEvents);
        hops("hop, idle: sleep, 64 spins, nap 20 us" + with, loop(IdleStrategy::kSleep, 64, s),
             kEvents);
    }
    reads("random reads of 256 MiB, pages of 4 KiB", false);
    reads("random reads of 256 MiB, huge pages advised", true);
    return 0;
}

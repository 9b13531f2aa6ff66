/// One lane hop between two cores: the slot-sequenced ring against boost::lockfree::spsc_queue in
/// the same run, paced (latency) and as fast as possible (throughput), then both on one thread.

#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <thread>

#include "bench/support.hpp"
#include "core/event/market_event.hpp"
#include "core/loop/lane.hpp"

namespace fermata::bench {
namespace {

/// The producer stamps an event and waits a while before the next: the lane is empty when it is
/// pushed, as on a market where events come one by one.
template <class L>
void one_way(const char* name, std::size_t events) {
    L lane(1024);
    std::atomic<bool> ready{false};
    Percentiles hop(events);
    std::thread consumer([&] {
        pin(1);
        ready.store(true);
        MarketEvent e;
        for (std::size_t n = 0; n < events;) {
            if (!lane.take(e)) continue;
            hop.add(ticks() - e.data.words[0]);
            ++n;
        }
    });
    while (!ready.load()) std::this_thread::yield();
    MarketEvent e = make_event(MarketEventType::kTrade, Timestamp{0}, InstrumentId{0}, StreamId{0});
    const auto pause = static_cast<std::uint64_t>(600 * ticks_per_ns());
    for (std::size_t n = 0; n < events; ++n) {
        const std::uint64_t until = ticks() + pause;
        while (ticks() < until) {
        }
        e.data.words[0] = ticks();
        while (!lane.try_push(e)) {
        }
    }
    consumer.join();
    hop.print(std::string("hop, 64 B, paced: ") + name);
}

template <class L>
void throughput(const char* name, std::uint64_t events) {
    L lane(1024);
    std::atomic<bool> ready{false};
    std::thread consumer([&] {
        pin(1);
        ready.store(true);
        MarketEvent e;
        for (std::uint64_t n = 0; n < events;) n += lane.take(e) ? 1 : 0;
    });
    while (!ready.load()) std::this_thread::yield();
    MarketEvent e = make_event(MarketEventType::kTrade, Timestamp{0}, InstrumentId{0}, StreamId{0});
    const std::uint64_t begin = ticks();
    for (std::uint64_t n = 0; n < events; ++n) {
        while (!lane.try_push(e)) {
        }
    }
    consumer.join();
    const double seconds = static_cast<double>(ticks() - begin) / ticks_per_ns() / 1e9;
    std::printf("%-44s %8.1f M events/s\n", (std::string("throughput, 64 B: ") + name).c_str(),
                static_cast<double>(events) / seconds / 1e6);
}

template <class L>
void same_thread(const char* name, std::uint64_t events) {
    L lane(64);
    MarketEvent e = make_event(MarketEventType::kTrade, Timestamp{0}, InstrumentId{0}, StreamId{0});
    std::uint64_t sum = 0;
    const std::uint64_t begin = ticks();
    for (std::uint64_t n = 0; n < events; ++n) {
        e.seq = n;
        if (!lane.try_push(e)) std::abort();
        sum += lane.front()->seq;
        lane.pop();
    }
    const double ns = static_cast<double>(ticks() - begin) / ticks_per_ns();
    std::printf("%-44s %8.2f ns a hop (checksum %llu)\n",
                (std::string("one thread, 64 B: ") + name).c_str(),
                ns / static_cast<double>(events), static_cast<unsigned long long>(sum));
}

}  // namespace
}  // namespace fermata::bench

int main(int argc, char** argv) {
    using namespace fermata;
    using namespace fermata::bench;
    const std::size_t events = argc > 1 ? std::strtoull(argv[1], nullptr, 10) : 300'000;
    using Own = Lane<MarketEvent, SlotRing>;
    using Boost = Lane<MarketEvent, BoostRing>;
    print_machine();
    pin(0);
    for (int round = 1; round <= 3; ++round) {
        std::printf("round %d\n", round);
        one_way<Own>("slot-sequenced ring", events);
        one_way<Boost>("boost::lockfree::spsc_queue", events);
    }
    throughput<Own>("slot-sequenced ring", 20'000'000);
    throughput<Boost>("boost::lockfree::spsc_queue", 20'000'000);
    same_thread<Own>("slot-sequenced ring", 20'000'000);
    same_thread<Boost>("boost::lockfree::spsc_queue", 20'000'000);
}

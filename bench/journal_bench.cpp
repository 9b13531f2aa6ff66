/// The journal's thread: how many market events of 64 bytes it takes from a lane and writes to a
/// local disk without a sync, for each hash of the chain; what recording adds to the emitting side;
/// and what `group` and `strict` cost.
///
///   journal_bench [FOLDER] [MILLION_EVENTS]     the folder must be on a disk, not in memory

#include <sys/statfs.h>
#include <time.h>

#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <stdexcept>
#include <thread>

#include "adapters/file/posix_file.hpp"
#include "adapters/openssl/openssl_hasher.hpp"
#include "bench/support.hpp"
#include "core/event/market_event.hpp"
#include "core/event/order_event.hpp"
#include "core/journal/journal_stage.hpp"
#include "core/journal/journal_writer.hpp"
#include "core/loop/lane.hpp"

namespace fermata::bench {
namespace {

constexpr long kTmpfs = 0x01021994;
constexpr long kRamfs = 0x858458f6;

double seconds_since(std::uint64_t begin) {
    return static_cast<double>(ticks() - begin) / ticks_per_ns() / 1e9;
}

/// Of the calling thread: what it would need if nobody else used the processor.
double cpu_seconds() {
    timespec spent{};
    (void)clock_gettime(CLOCK_THREAD_CPUTIME_ID, &spent);
    return static_cast<double>(spent.tv_sec) + static_cast<double>(spent.tv_nsec) / 1e9;
}

void print_rate(const char* what, HashAlgorithm chain, std::uint64_t events, double seconds,
                double cpu) {
    const auto count = static_cast<double>(events);
    std::printf("%-28s chain %-10s %6.2f M events/s  %5.0f MB/s  %6.1f ns of CPU an event\n", what,
                std::string(name(chain)).c_str(), count / seconds / 1e6, count * 64 / seconds / 1e6,
                cpu / count * 1e9);
}

MarketEvent quote(std::uint64_t seq) {
    QuoteData data;
    data.bid = Price::from_raw(static_cast<std::int64_t>(187'000'000'000 + seq % 1'000));
    data.ask = Price::from_raw(static_cast<std::int64_t>(187'010'000'000 + seq % 1'000));
    data.bid_quantity = Quantity::from_units(100);
    data.ask_quantity = Quantity::from_units(static_cast<std::int64_t>(100 + seq % 64));
    MarketEvent event =
        make_quote(Timestamp{static_cast<std::int64_t>(seq * 1'000)},
                   InstrumentId{static_cast<std::uint32_t>(seq % 512)}, StreamId{0}, data);
    event.seq = seq;
    return event;
}

OrderEvent verdict(std::uint64_t seq) {
    OrderEvent event = make_order_event(OrderEventType::kVerdict,
                                        Timestamp{static_cast<std::int64_t>(seq)}, InstrumentId{1});
    event.seq = seq;
    event.feed_position = seq;
    event.data.verdict = VerdictData{};
    event.data.verdict.checked = 0xffff;
    event.data.verdict.config_hash = seq * 0x9e3779b97f4a7c15U;
    return event;
}

/// A journal in a folder of its own, removed afterwards.
class Journal {
public:
    Journal(const std::filesystem::path& folder, HashAlgorithm chain, bool durable)
        : directory_(folder / "journal_bench_data") {
        std::filesystem::remove_all(directory_);
        JournalOptions options;
        options.directory = directory_.string();
        options.durable = durable;
        JournalManifest manifest;
        manifest.market = MarketRecord::kRecord;
        auto made =
            JournalWriter::create(files_, options, manifest, RunId{}, {{}, chain, make_hasher});
        if (!made) throw std::runtime_error(made.error().message);
        writer_ = std::move(*made);
    }
    Journal(const Journal&) = delete;
    Journal& operator=(const Journal&) = delete;
    ~Journal() { std::filesystem::remove_all(directory_); }
    JournalWriter& writer() { return *writer_; }

private:
    std::filesystem::path directory_;
    PosixFileSystem files_;
    std::unique_ptr<JournalWriter> writer_;
};

void close(Journal& journal) {
    const auto closed = journal.writer().close();
    if (!closed) throw std::runtime_error(closed.error().message);
}

/// One thread that only appends: what the format, the hash and the disk cost by themselves.
void one_thread(const std::filesystem::path& folder, HashAlgorithm chain, std::uint64_t events) {
    Journal journal(folder, chain, false);
    const double spent = cpu_seconds();
    const std::uint64_t begin = ticks();
    for (std::uint64_t seq = 1; seq <= events; ++seq) {
        if (!journal.writer().append(quote(seq)).ok()) std::abort();
    }
    close(journal);
    print_rate("one thread,", chain, events, seconds_since(begin), cpu_seconds() - spent);
}

/// A producer pushes as fast as the lane takes, the journal's thread writes.
void two_threads(const std::filesystem::path& folder, HashAlgorithm chain, std::uint64_t events) {
    Journal journal(folder, chain, false);
    // Holds what comes while the scheduler gives the journal's core to somebody else.
    Lane<MarketEvent> lane(1 << 17);
    JournalStage stage(journal.writer(), {JournalSync::kNone, 0, false});
    stage.add_market_lane(lane);
    const std::uint64_t begin = ticks();
    double spent = 0;
    std::thread consumer([&] {
        pin(1);
        for (std::uint64_t done = 0; done < events;) {
            const std::size_t n = stage.poll(4'096).consumed;
            if (stage.failed()) std::abort();
            if (n == 0) std::this_thread::yield();
            done += n;
        }
        close(journal);
        spent = cpu_seconds();
    });
    pin(0);
    for (std::uint64_t seq = 1; seq <= events; ++seq) {
        const MarketEvent event = quote(seq);
        while (!lane.try_push(event)) std::this_thread::yield();
    }
    consumer.join();
    print_rate("lane to disk, no sync,", chain, events, seconds_since(begin), spent);
}

/// What a push to the journal's lane adds to the thread that emits, one event every 400 ns: with
/// the push and without it, in turn.
void added(const std::filesystem::path& folder, std::uint64_t events) {
    Journal journal(folder, kDefaultChain, false);
    Lane<MarketEvent> lane(1 << 14);
    JournalStage stage(journal.writer(), {JournalSync::kNone, 0, true});
    stage.add_market_lane(lane);
    std::atomic<bool> stop{false};
    std::thread consumer([&] {
        pin(1);
        while (!stop.load(std::memory_order_relaxed)) {
            if (stage.poll(4'096).consumed == 0) std::this_thread::yield();
        }
        while (stage.poll(4'096).consumed != 0) {
        }
        close(journal);
    });
    pin(0);
    Percentiles with(events);
    Percentiles without(events);
    const auto pause = static_cast<std::uint64_t>(400 * ticks_per_ns());
    MarketEvent event = quote(1);
    for (std::uint64_t seq = 1; seq <= events; ++seq) {
        event.seq = seq;
        for (const bool push : {false, true}) {
            const std::uint64_t until = ticks() + pause;
            while (ticks() < until) {
            }
            const std::uint64_t begin = ticks();
            asm volatile("" : : "r"(&event) : "memory");
            if (push) {
                while (!lane.try_push(event)) {
                }
            }
            asm volatile("" : : : "memory");
            (push ? with : without).add(ticks() - begin);
        }
    }
    stop.store(true);
    consumer.join();
    with.print("emitting side, with the push");
    without.print("emitting side, without (two clock readings)");
    std::printf("%-44s p50 %8.0f  p99 %8.0f ns\n", "added by recording",
                with.ns(0.5) - without.ns(0.5), with.ns(0.99) - without.ns(0.99));
}

/// Records of the trading stream, `batch` at a time; in strict mode each batch waits for its sync.
void synced(const std::filesystem::path& folder, JournalSync sync, std::size_t batch,
            std::uint64_t batches) {
    Journal journal(folder, kDefaultChain, true);
    Lane<OrderEvent> lane(1 << 12);
    Durability durability;
    JournalStage stage(journal.writer(), {sync, std::uint64_t{1} << 20, true}, &durability);
    stage.add_lane(lane, JournalStream::kTrading);
    Percentiles pass(batches);
    std::uint64_t seq = 0;
    const std::uint64_t begin = ticks();
    for (std::uint64_t i = 0; i < batches; ++i) {
        const std::uint64_t from = ticks();
        for (std::size_t n = 0; n < batch; ++n) {
            if (!lane.try_push(verdict(++seq))) std::abort();
        }
        (void)stage.poll(batch);
        if (stage.failed()) std::abort();
        pass.add(ticks() - from);
    }
    (void)stage.finish();
    if (durability.trading_synced.load() != seq) std::abort();
    const double seconds = seconds_since(begin);
    close(journal);
    std::printf("%-6s, %4zu records a pass: %9.0f records/s   ", std::string(name(sync)).c_str(),
                batch, static_cast<double>(seq) / seconds);
    std::printf("a pass p50 %8.1f  p99 %8.1f us\n", pass.ns(0.5) / 1e3, pass.ns(0.99) / 1e3);
}

}  // namespace
}  // namespace fermata::bench

int main(int argc, char** argv) {
    using namespace fermata;
    using namespace fermata::bench;
    const std::filesystem::path folder = argc > 1
                                             ? std::filesystem::path(argv[1])
                                             : std::filesystem::absolute(argv[0]).parent_path();
    const std::uint64_t events = (argc > 2 ? std::strtoull(argv[2], nullptr, 10) : 8) * 1'000'000;
    struct statfs system{};
    if (statfs(folder.c_str(), &system) != 0) {
        std::fprintf(stderr, "cannot examine %s\n", folder.c_str());
        return 1;
    }
    if (system.f_type == kTmpfs || system.f_type == kRamfs) {
        std::fprintf(stderr, "%s is in memory: name a folder on a disk\n", folder.c_str());
        return 1;
    }
    print_machine();
    for (const HashAlgorithm chain :
         {HashAlgorithm::kNone, HashAlgorithm::kBlake2b512, HashAlgorithm::kSha256}) {
        one_thread(folder, chain, events / 2);
    }
    for (const HashAlgorithm chain :
         {HashAlgorithm::kNone, HashAlgorithm::kBlake2b512, HashAlgorithm::kSha256}) {
        two_threads(folder, chain, events);
    }
    added(folder, 300'000);
    synced(folder, JournalSync::kGroup, 8, 20'000);
    synced(folder, JournalSync::kStrict, 1, 300);
    synced(folder, JournalSync::kStrict, 64, 300);
    return 0;
}

/// From the command to stop everything to its effect, on the threads of a live run: the latch file
/// is set by another owner of it, as an operator's command or a watchdog does, and the loops find
/// it. The venue is a link that keeps the time of everything that it is handed and answers at once.
///   kill_bench [TRIALS [FOLDER [PRIORITY]]]
/// With a PRIORITY the loops of the gate and of the venue run under SCHED_FIFO with it, as
/// `threads` can have it; that takes rights (docs/tuning.md).

#include <fcntl.h>
#include <sched.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <random>
#include <string>
#include <thread>

#include "adapters/latch/latch_file.hpp"
#include "adapters/latch/run_latch.hpp"
#include "bench/market.hpp"
#include "bench/support.hpp"
#include "daemon/pipeline/concurrent_pipeline.hpp"

namespace fermata::bench {
namespace {

constexpr std::uint64_t kOrders = 1'000;
constexpr auto kGiveUp = std::chrono::seconds(10);

latch::File new_latch(const std::string& path) {
    auto file = latch::File::create(path, 1, 1, "bench", 1);
    if (!file) {
        std::fprintf(stderr, "kill_bench: %s\n", latch::describe(path, file.error()).c_str());
        std::exit(1);
    }
    return std::move(*file);
}

/// Of the calling thread, which is a loop's. 0: as it is.
int loop_priority = 0;
void prefer() {
    if (loop_priority == 0) return;
    sched_param p{};
    p.sched_priority = loop_priority;
    if (::sched_setscheduler(0, SCHED_FIFO, &p) != 0) {
        std::perror("kill_bench: SCHED_FIFO");
        std::exit(1);
    }
}

/// For how long a thread was ready to run and had no core, as the system counts.
class CoreWait {
public:
    /// The calling thread's from here on.
    void attach() { file_.store(::open("/proc/thread-self/schedstat", O_RDONLY | O_CLOEXEC)); }
    [[nodiscard]] bool attached() const { return file_.load() >= 0; }
    /// Any thread.
    [[nodiscard]] std::uint64_t ns() const {
        char text[128] = {};
        unsigned long long ran = 0, waited = 0;
        if (::pread(file_.load(), text, sizeof text - 1, 0) > 0) {
            (void)std::sscanf(text, "%llu %llu", &ran, &waited);
        }
        return waited;
    }

private:
    std::atomic<int> file_{-1};
};

/// A loop's reader of the latch that keeps when the loop began to read a new state.
class TimedLatch final : public Latch {
public:
    TimedLatch(const std::string& path, const std::atomic<std::uint64_t>* word)
        : Latch(word), latch_(path, {{"main"}, {"rester"}, {"SYM0"}, {"sim"}}) {}
    void read() noexcept override {
        read_at.store(ticks(), std::memory_order_release);
        if (preferred_ != std::this_thread::get_id()) {
            preferred_ = std::this_thread::get_id();
            prefer();
        }
        latch_.read();
    }
    [[nodiscard]] ControlData find(ControlScope scope,
                                   std::uint64_t target) const noexcept override {
        return latch_.find(scope, target);
    }
    [[nodiscard]] bool set(const ControlData& control, Timestamp now) noexcept override {
        return latch_.set(control, now);
    }
    std::atomic<std::uint64_t> read_at{0};

private:
    std::thread::id preferred_ = std::this_thread::get_id();
    latch::RunLatch latch_;
};

/// Belongs to the venue loop but for its counters.
class TimedLink final : public OrderLink {
public:
    explicit TimedLink(const std::atomic<std::uint64_t>* word) : word_(word) {}

    [[nodiscard]] bool adopt(const KnownOrder&) noexcept override { return true; }
    void resume_after(std::uint64_t) noexcept override {}
    [[nodiscard]] OrderReason send(const OrderEvent& request) noexcept override {
        const std::uint64_t at = ticks();
        if (request.type == OrderEventType::kSendCancel) {
            if (cancels.load(std::memory_order_relaxed) == 0) first_at = at;
            last_at = at;
            answer(request, request.data.change.order_id, ExecType::kCanceled, Quantity::zero());
            cancels.fetch_add(1, std::memory_order_release);
        } else {
            answer(request, request.data.new_order.order_id, ExecType::kNew,
                   request.data.new_order.quantity);
            placed.fetch_add(1, std::memory_order_release);
        }
        return OrderReason::kNone;
    }
    /// Every pass of the loop comes by here.
    [[nodiscard]] bool poll(OrderEvent& report) noexcept override {
        if (!core.attached()) {
            prefer();
            core.attach();
        }
        const std::uint64_t word = word_->load(std::memory_order_acquire);
        if (word != seen_) {
            seen_ = word;
            const std::uint64_t at = ticks();
            waited = core.ns();
            seen_at.store(at, std::memory_order_release);
        }
        return reports_.take(report);
    }
    [[nodiscard]] bool up() const noexcept override { return true; }

    std::atomic<std::uint64_t> placed{0}, cancels{0}, seen_at{0};
    std::uint64_t first_at = 0, last_at = 0;  // published with `cancels`
    std::uint64_t waited = 0;                 // for a core, in all; published with `seen_at`
    CoreWait core;                            // of the venue loop's thread

private:
    void answer(const OrderEvent& request, ClientOrderId id, ExecType type, Quantity leaves) {
        OrderEvent e = make_order_event(OrderEventType::kExecution, request.ts, request.instrument);
        e.data.execution = ExecutionData{};
        e.data.execution.order_id = id;
        e.data.execution.venue_order_id = VenueOrderId{id.value};
        e.data.execution.exec_type = type;
        e.data.execution.leaves_quantity = leaves;
        if (type == ExecType::kCanceled) e.data.execution.reason = OrderReason::kRequested;
        if (!reports_.try_push(e)) std::abort();
    }
    const std::atomic<std::uint64_t>* word_;
    std::uint64_t seen_ = 0;
    Lane<OrderEvent> reports_{8192};
};

/// Rests orders far below the market, as many as are wanted.
class Rester final : public Strategy {
public:
    void on_quote(StrategyContext& context, InstrumentId id, const QuoteData& quote) override {
        for (int n = 0; n < 50 && sent_ < wanted.load(std::memory_order_relaxed); ++n, ++sent_) {
            OrderRequest order;
            order.instrument = id;
            order.side = Side::kBuy;
            order.quantity = Quantity::from_units(1);
            order.type = OrderType::kLimit;
            order.price = quote.bid - Price::from_raw(50'000'000);
            (void)context.submit(order);
        }
    }
    static inline std::atomic<std::uint64_t> wanted{0};

private:
    std::uint64_t sent_ = 0;
};

class KillBench {
public:
    explicit KillBench(const std::string& path)
        : file_(new_latch(path)),
          gate_latch_(path, file_.word()),
          venue_latch_(path, file_.word()),
          link_(file_.word()),
          market_(1),
          backpressure_(kGiveUp),
          stages_(setup(), StageWiring{&backpressure_, true, 1024}),
          pipeline_(
              stages_, backpressure_, [this](std::size_t budget) { return drain(budget); }, &feed_),
          state_(std::make_unique<latch::State>()) {
        OrderLink* const link = &link_;
        stages_.use_links({&link, 1}, &venue_latch_, 0);
        stages_.trading->use_latch(gate_latch_);
        release();
        stages_.start(market_.next().ts);
        pipeline_.start();
    }
    ~KillBench() { pipeline_.join(); }

    /// `orders` are open when it is halted. `busy`: the market goes on as fast as it is taken.
    void run(const char* label, std::size_t trials, std::uint64_t orders, bool busy) {
        Percentiles gate(trials), venue(trials), first(trials), last(trials), waited(trials);
        for (std::size_t n = 0; n < trials; ++n) {
            place(orders);
            feed_for(std::chrono::microseconds(500 + random_() % 1'000), busy);
            link_.cancels.store(0);
            const std::uint64_t gate_before = gate_latch_.read_at.load();
            const std::uint64_t venue_before = link_.seen_at.load();
            // The command comes from another thread than the feed's, which goes on.
            const std::uint64_t waited_before = link_.core.ns();
            std::uint64_t begin = 0;
            std::thread command([&] {
                begin = ticks();
                if (file_.halt_now(1, 0xff, 1).code != latch::ErrorCode::kNone) std::abort();
            });
            feed_until(busy, [&] {
                return gate_latch_.read_at.load(std::memory_order_acquire) != gate_before &&
                       link_.seen_at.load(std::memory_order_acquire) != venue_before &&
                       link_.cancels.load(std::memory_order_acquire) >= orders;
            });
            command.join();
            gate.add(gate_latch_.read_at.load() - begin);
            venue.add(link_.seen_at.load() - begin);
            waited.add(static_cast<std::uint64_t>(
                static_cast<double>(link_.waited - waited_before) * ticks_per_ns()));
            if (orders != 0) {
                first.add(link_.first_at - begin);
                last.add(link_.last_at - begin);
            }
            release();
        }
        std::printf("%s\n", label);
        gate.print("  command to the gate's loop");
        venue.print("  command to the venue's loop");
        waited.print("  for which its thread had no core, at most");
        if (orders == 0) return;
        first.print("  command to the first cancel at the link");
        last.print("  command to the last of " + std::to_string(orders));
    }

private:
    PipelineSetup setup() {
        PipelineSetup setup = market_.setup(RiskProfile::kUnlimited);
        setup.venues_outside = true;
        setup.limits.orders_max = 8192;
        setup.limits.order_lane = 8192;
        StrategySetup strategy;
        strategy.id = StrategyId{0};
        strategy.instruments = {InstrumentId{0}};
        strategy.strategy = std::make_unique<Rester>();
        setup.strategies.push_back(std::move(strategy));
        return setup;
    }
    /// The journal's thread, without a disk.
    Polled drain(std::size_t budget) {
        Polled polled;
        OrderEvent e;
        const auto empty = [&](Lane<OrderEvent>* lane) {
            for (std::size_t n = 0; n < budget && lane->take(e); ++n) ++polled.consumed;
        };
        empty(stages_.trading_journal);
        for (Lane<OrderEvent>* lane : stages_.venue_journal) empty(lane);
        for (Lane<OrderEvent>* lane : stages_.shard_journal) empty(lane);
        for (std::size_t n = 0; n < budget && feed_.front() != nullptr; ++n) {
            feed_.pop();
            ++polled.consumed;
        }
        return polled;
    }
    void publish() {
        MarketEvent e = market_.next();
        const auto utc = std::chrono::system_clock::now().time_since_epoch();
        e.ts = Timestamp{std::chrono::nanoseconds(utc).count()};
        if (!pipeline_.publish(e, ++position_)) std::abort();
    }
    template <class So>
    void feed_until(bool busy, So so) {
        const auto end = std::chrono::steady_clock::now() + kGiveUp;
        while (!so()) {
            if (std::chrono::steady_clock::now() > end) {
                std::fprintf(stderr, "kill_bench: nothing happens\n");
                std::abort();
            }
            publish();
            if (!busy) std::this_thread::sleep_for(std::chrono::milliseconds(1));
        }
    }
    void feed_for(std::chrono::nanoseconds time, bool busy) {
        const auto end = std::chrono::steady_clock::now() + time;
        feed_until(busy, [&] { return std::chrono::steady_clock::now() >= end; });
    }
    void place(std::uint64_t orders) {
        const std::uint64_t there = link_.placed.load() + orders;
        Rester::wanted.fetch_add(orders);
        feed_until(false, [&] { return link_.placed.load(std::memory_order_acquire) >= there; });
        if (!pipeline_.quiesce()) std::abort();
    }
    /// Both loops know of it when this returns.
    void release() {
        latch::Change change;
        change.may_loosen = true;
        change.actor = 1;
        change.when_ns = 1;
        const std::uint64_t before = gate_latch_.read_at.load();
        if (file_.change(change, *state_, 1'000).code != latch::ErrorCode::kNone) std::abort();
        if (position_ == 0) return;
        feed_until(false, [&] { return gate_latch_.read_at.load() != before; });
        if (!pipeline_.quiesce()) std::abort();
    }

    latch::File file_;
    TimedLatch gate_latch_, venue_latch_;
    TimedLink link_;
    QuoteMarket market_;
    ThreadBackpressure backpressure_;
    Lane<MarketEvent> feed_{8192};
    PipelineStages stages_;
    ConcurrentPipeline pipeline_;
    std::unique_ptr<latch::State> state_;
    std::uint64_t position_ = 0;
    std::mt19937_64 random_{7};
};

}  // namespace
}  // namespace fermata::bench

int main(int argc, char** argv) {
    using namespace fermata::bench;
    const std::size_t trials = argc > 1 ? std::strtoull(argv[1], nullptr, 10) : 300;
    const std::filesystem::path folder =
        argc > 2 ? std::filesystem::path(argv[2]) : std::filesystem::temp_directory_path();
    const std::string path = folder / ("kill_bench." + std::to_string(::getpid()));
    if (argc > 3) loop_priority = std::atoi(argv[3]);
    print_machine();
    {
        KillBench bench(path);
        bench.run("no order open, calm market", trials, 0, false);
        bench.run("1,000 orders open, calm market", trials, kOrders, false);
        bench.run("1,000 orders open, quotes as fast as they are taken", trials, kOrders, true);
    }
    std::filesystem::remove(path);
}

#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "core/loop/backpressure.hpp"
#include "core/loop/stage.hpp"
#include "daemon/pipeline/stages.hpp"
#include "daemon/threads/placement.hpp"

namespace fermata {

/// Waits for a consumer on another thread: spins, then yields, then sleeps; gives up when the run
/// is aborted or nothing moved for `limit`. Shared by all threads of a run.
class ThreadBackpressure final : public Backpressure {
public:
    explicit ThreadBackpressure(std::chrono::nanoseconds limit) : limit_(limit) {}

    [[nodiscard]] bool wait(unsigned attempt) noexcept override;
    void abort() noexcept { aborted_.store(true, std::memory_order_relaxed); }
    [[nodiscard]] bool aborted() const noexcept { return aborted_.load(std::memory_order_relaxed); }

private:
    std::chrono::nanoseconds limit_;
    std::atomic<bool> aborted_{false};
};

/// Hosts the stages of a run on threads of their own, as a trading host does: one for all venues,
/// one for trading, one a shard, one for the journal, and one for portfolio risk where a limit
/// reads it. The calling thread is the feed's.
///
/// What the stages do depends on how the threads happen to interleave; the journal records it.
///
/// Owner:  the feed's thread. Between `join` and the end all stages belong to it.
/// Errors: an overflow (a lane stayed full beyond the backpressure's limit) or a failed journal
///         aborts: `publish` and `quiesce` return false, `failed` is true.
class ConcurrentPipeline {
public:
    /// Polls the journal with a budget; called on the journal's thread until `join`, then on the
    /// owner's. Empty without a journal: then nobody drains the journal lanes and nothing runs.
    using JournalPoll = std::function<Polled(std::size_t budget)>;

    ConcurrentPipeline(PipelineStages& stages, ThreadBackpressure& backpressure,
                       JournalPoll journal, Lane<MarketEvent>* feed_journal,
                       std::uint64_t feed_recorded = 0);
    ConcurrentPipeline(const ConcurrentPipeline&) = delete;
    ConcurrentPipeline& operator=(const ConcurrentPipeline&) = delete;
    ~ConcurrentPipeline();

    /// Where and how the threads run, which `placement` outlives. Before `start`; without it they
    /// run as the system has it.
    void place(Placement& placement) noexcept { placement_ = &placement; }
    /// Starts the threads. Strategies were started before.
    void start();
    /// Puts an event on the lanes of all stages that have not consumed its position yet; waits
    /// while one is full. Whoever publishes without a pause offers its core to the other threads
    /// now and then, unless the feed's loop is placed with `idle: spin`: where threads share cores,
    /// a halt must not wait for the rest of its slice.
    [[nodiscard]] bool publish(const MarketEvent& e, std::uint64_t position);
    /// Sends an operator's command to the trading stage.
    [[nodiscard]] bool send_control(const OrderEvent& e);
    /// How often each thread has passed its loop, by the name of its stages. One that does not go
    /// on within a second hangs. Valid until `join`.
    struct Progress {
        std::string name;
        const std::atomic<std::uint64_t>* passes = nullptr;
    };
    [[nodiscard]] std::vector<Progress> progress() const;
    /// Returns when no stage has anything left to consume.
    [[nodiscard]] bool quiesce();
    /// Stops and joins the threads.
    void join();
    /// After join: performs on the calling thread what is under way to and from the exchanges and
    /// due up to `until`, and polls everything to quiescence, the journal included.
    void drain(Timestamp until);

    [[nodiscard]] bool failed() const noexcept { return backpressure_.aborted(); }
    /// For tests of crashes in the middle: joins without bringing anything to rest.
    void abort() noexcept { backpressure_.abort(); }

private:
    /// What one thread tells about itself.
    struct alignas(64) Host {
        std::atomic<std::uint64_t> activity{0};  ///< Passes that did something.
        std::atomic<std::uint64_t> passes{0};
        std::string name;
        std::thread thread;
    };
    template <class Pass, class Overflowed>
    void host(std::string name, Pass pass, Overflowed overflowed);
    [[nodiscard]] bool push(Lane<MarketEvent>& lane, const MarketEvent& e);
    Polled poll_all();

    PipelineStages& stages_;
    ThreadBackpressure& backpressure_;
    JournalPoll journal_;
    Lane<MarketEvent>* feed_journal_;
    std::uint64_t feed_recorded_;  // the feed stream holds this and what is before it
    Placement* placement_ = nullptr;
    bool yields_ = true;             // the feed's thread, between two events
    std::uint32_t since_yield_ = 0;  // events
    std::vector<std::unique_ptr<Host>> hosts_;
    std::atomic<bool> stop_{false};
    // Where the stages stood at the start: what they consumed before is not given again.
    std::uint64_t trading_from_;
    std::uint64_t portfolio_from_ = 0;
    std::vector<std::uint64_t> venue_from_;
    std::vector<std::uint64_t> shard_from_;
};

}  // namespace fermata

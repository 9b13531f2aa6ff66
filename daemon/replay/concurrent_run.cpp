#include "daemon/replay/concurrent_run.hpp"

#include <algorithm>
#include <atomic>
#include <exception>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>

#include "core/journal/journal_stage.hpp"
#include "daemon/pipeline/concurrent_pipeline.hpp"
#include "daemon/recovery/replica.hpp"
#include "daemon/replay/pacer.hpp"
#include "daemon/replay/recover_stages.hpp"
#include "daemon/replay/risk_input_queue.hpp"
#include "daemon/replay/run_results.hpp"
#include "daemon/rerun/feed_window.hpp"
#include "risk/controls.hpp"

namespace fermata {
namespace {

using WallClock = std::chrono::steady_clock;
constexpr std::uint64_t kLookUpEvery = 1024;
constexpr std::size_t kFeedLane = 8192;
/// When the journal failed: the time for a halt and its cancels to get through. Nobody waits longer
/// for the lanes behind it, which nothing empties any more.
constexpr std::chrono::milliseconds kHaltTime{200};

class ConcurrentRun {
public:
    ConcurrentRun(ConcurrentJob job, RunJournal& journal, JournalSync sync, bool record_market)
        : job_(std::move(job)),
          journal_(journal),
          first_batch_(job_.replay.first_batch.empty() ? job_.replay.feed->next()
                                                       : job_.replay.first_batch),
          feed_(*job_.replay.feed, first_batch_),
          window_(feed_, job_.replay.from, job_.replay.to),
          market_(*job_.market, job_.replay.from, job_.replay.to),
          results_(job_.replay),
          pacer_(job_.replay.speed),
          inputs_(std::move(job_.replay.risk_inputs)),
          backpressure_(job_.stall_limit) {
        results_.follow(market_);
        recovered_ = recover();
        if (journal.writer() == nullptr) return;
        const PipelineStages& stages = *replica_->stages;
        stage_ = std::make_unique<JournalStage>(
            *journal.writer(), JournalStageOptions{.sync = sync}, journal.mutable_durability());
        stage_->add_lane(*stages.trading_journal, JournalStream::kTrading);
        for (std::size_t v = 0; v < stages.venue_journal.size(); ++v) {
            stage_->add_lane(*stages.venue_journal[v], venue_stream(v));
        }
        for (std::size_t s = 0; s < stages.shard_journal.size(); ++s) {
            stage_->add_lane(*stages.shard_journal[s], shard_stream(s));
        }
        if (record_market) {
            feed_lane_ = std::make_unique<Lane<MarketEvent>>(kFeedLane);
            stage_->add_market_lane(*feed_lane_);
        }
        stage_->set_sink(&results_);
    }

    ReplayResult execute() {
        const auto start = WallClock::now();
        if (has_events_) {
            if (stage_ != nullptr) {
                if (recovered_ == 0) stages().start(result_.first);
                run(std::max<std::uint64_t>(recovered_, 1));
            }
        }
        if (error_) std::rethrow_exception(error_);
        if (stage_ != nullptr && journal_.writer()->failure() != nullptr) {
            throw std::runtime_error(journal_.writer()->failure()->message +
                                     "; trading was halted");
        }
        result_.seconds = std::chrono::duration<double>(WallClock::now() - start).count();
        results_.finish(result_.last, stages().accounts(), stages().orders(), result_);
        result_.records = stages().trading->position();
        return std::move(result_);
    }

private:
    /// What the caller read already, then the rest.
    class Rest final : public Feed {
    public:
        Rest(Feed& feed, std::span<const MarketEvent> first) : feed_(feed), first_(first) {}
        std::span<const MarketEvent> next() override {
            return first_.empty() ? feed_.next() : std::exchange(first_, {});
        }
        std::string_view name() const noexcept override { return feed_.name(); }
        FeedStats stats() const noexcept override { return feed_.stats(); }
        std::string source_hash() const override { return feed_.source_hash(); }
        double progress() const noexcept override { return feed_.progress(); }

    private:
        Feed& feed_;
        std::span<const MarketEvent> first_;
    };

    [[nodiscard]] PipelineStages& stages() noexcept { return *replica_->stages; }

    [[nodiscard]] std::unique_ptr<ConcurrentReplica> fresh_replica() {
        PipelineSetup setup = job_.fresh_setup();
        if (!first_batch_.empty()) {
            setup.day = day_of(std::max(first_batch_.front().ts, job_.replay.from));
        }
        if (journal_.resumed() || journal_.finished()) {
            std::size_t& lane = setup.limits.order_lane;
            lane = RecordedRun::lane_for(lane);  // recovery follows the stages one by one
        }
        return std::make_unique<ConcurrentReplica>(std::move(setup),
                                                   RecordedRun::wiring(&backpressure_), window_);
    }

    /// Makes the stages, and brings those of a resumed run to the end of its journal. The results
    /// are made from all records. The feed position to go on with; 0: a fresh run.
    std::uint64_t recover() {
        if (const MarketEvent* first = window_.at(1)) {
            has_events_ = true;
            result_.first = first->ts;
        }
        Recovered recovered = recover_stages(
            journal_, job_.manifest, [this] { return fresh_replica(); },
            [this](const OrderEvent& e) {
                results_.on_record(e);
                result_.last = e.ts;
                result_.market_events = e.feed_position;
                inputs_.skip(e);
            },
            job_.report);
        replica_ = std::move(recovered.replica);
        return recovered.feed_position;
    }

    void run(std::uint64_t position) {
        const std::uint64_t feed_recorded = journal_.writer()->position(JournalStream::kFeed);
        ConcurrentPipeline pipeline(
            stages(), backpressure_, [this](std::size_t budget) { return poll_journal(budget); },
            feed_lane_.get(), feed_recorded);
        if (job_.latch != nullptr) stages().trading->use_latch(*job_.latch);
        if (job_.threads != nullptr) pipeline.place(*job_.threads);
        pipeline.start();
        if (job_.threads != nullptr) (void)job_.threads->enter("feed");
        bool alive = true;
        Timestamp now = window_.at(position) != nullptr ? window_.at(position)->ts : result_.last;
        while (const MarketEvent* e = window_.at(position)) {
            const auto go_on = [&] { return look_up(pipeline, now, position - 1); };
            if (!pacer_.wait_for(e->ts, go_on)) break;
            result_.last = now = e->ts;
            for (; alive && inputs_.due(e->ts) != nullptr; inputs_.pop()) {
                alive = pipeline.send_control(*inputs_.due(e->ts));
            }
            alive = alive && pipeline.publish(*e, position);
            if (!alive) break;
            window_.forget_before(position);
            if (++position % kLookUpEvery == 0 && !look_up(pipeline, now, position - 1)) break;
        }
        result_.market_events = position - 1;
        alive = alive && !halted_ && pipeline.quiesce();
        if (halted_) std::this_thread::sleep_for(kHaltTime);  // cancels go out
        if (!alive) pipeline.abort();
        pipeline.join();
        if (!alive) {
            result_.overflowed = true;
            return;
        }
        if (result_.cancelled) {  // the journal stays open, so that the run can go on
            poll_journal(~std::size_t{0});
            (void)stage_->finish();
            return;
        }
        pipeline.drain(result_.last + stages().round_trip());
        stages().stop_strategies(result_.last);
        stages().record_marks(result_.last);
        poll_journal(~std::size_t{0});
        (void)stage_->finish();
        result_.overflowed = stages().overflowed() || pipeline.failed();
    }

    Polled poll_journal(std::size_t budget) {
        if (stage_->failed()) {
            const auto now = WallClock::now();
            if (failed_at_ == WallClock::time_point{}) failed_at_ = now;
            if (now - failed_at_ > 2 * kHaltTime) backpressure_.abort();
        }
        try {
            return stage_->poll(budget);
        } catch (...) {  // the result files; the journal itself does not throw
            if (!error_) error_ = std::current_exception();
            backpressure_.abort();
            return {};
        }
    }

    /// False when the run must end here.
    bool look_up(ConcurrentPipeline& pipeline, Timestamp now, std::uint64_t position) {
        if (journal_.durability()->failed.load(std::memory_order_acquire)) {
            halted_ = pipeline.send_control(halt_command(now));
            return false;
        }
        if (job_.replay.cancelled && job_.replay.cancelled()) {
            result_.cancelled = true;
            return false;
        }
        if (job_.watch) {
            if (const auto command = job_.watch(now)) {
                if (!pipeline.send_control(*command)) return false;
            }
        }
        const auto wall = WallClock::now();
        if (job_.replay.progress && wall >= next_report_) {
            next_report_ = wall + std::chrono::milliseconds(100);
            job_.replay.progress({feed_.progress(), now, position});
        }
        return true;
    }

    ConcurrentJob job_;
    RunJournal& journal_;
    std::span<const MarketEvent> first_batch_;
    Rest feed_;
    FeedWindow window_;
    FeedWindow market_;
    RunResults results_;
    Pacer<> pacer_;
    RiskInputQueue inputs_;
    ThreadBackpressure backpressure_;
    std::unique_ptr<ConcurrentReplica> replica_;
    std::uint64_t recovered_ = 0;  // feed position to go on with
    std::unique_ptr<Lane<MarketEvent>> feed_lane_;
    std::unique_ptr<JournalStage> stage_;  // null when the journal is finished
    ReplayResult result_;
    std::exception_ptr error_;
    WallClock::time_point next_report_{};
    bool halted_ = false;
    WallClock::time_point failed_at_{};  // the journal, as its thread saw it
    bool has_events_ = false;
};

}  // namespace

OrderEvent halt_command(Timestamp now) {
    OrderEvent e = make_order_event(OrderEventType::kControl, now, InstrumentId{0});
    e.data.control = ControlData{};
    e.data.control.scope = ControlScope::kFirm;
    e.data.control.state = TradingState::kHalted;
    e.data.control.cancel_orders = 1;
    e.data.control.control = static_cast<std::uint8_t>(ControlId::kJournal);
    return e;
}

ReplayResult run_concurrent(ConcurrentJob job, RunJournal& journal) {
    if (journal.writer() == nullptr && !journal.finished()) {
        throw std::runtime_error(
            "engine.schedule concurrent needs a journal: set journal.enabled to true");
    }
    const JournalConfig& config = journal.config();
    return ConcurrentRun(std::move(job), journal, config.sync,
                         config.market == MarketRecord::kRecord)
        .execute();
}

}  // namespace fermata

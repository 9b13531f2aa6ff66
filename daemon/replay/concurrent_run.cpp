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
#include "daemon/replay/pacer.hpp"
#include "daemon/replay/run_results.hpp"
#include "daemon/rerun/feed_window.hpp"
#include "daemon/rerun/recorded_run.hpp"
#include "daemon/rerun/stage_rerun.hpp"
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
          results_(job_.replay),
          pacer_(job_.replay.speed),
          backpressure_(job_.stall_limit),
          stages_(
              [&] {
                  if (!first_batch_.empty()) {
                      job_.replay.setup.day =
                          day_of(std::max(first_batch_.front().ts, job_.replay.from));
                  }
                  return std::move(job_.replay.setup);
              }(),
              RecordedRun::wiring(&backpressure_)) {
        results_.take_equity_from_records();
        if (journal.writer() == nullptr) return;
        stage_ = std::make_unique<JournalStage>(
            *journal.writer(), JournalStageOptions{.sync = sync}, journal.mutable_durability());
        stage_->add_lane(*stages_.trading_journal, JournalStream::kTrading);
        for (std::size_t v = 0; v < stages_.venue_journal.size(); ++v) {
            stage_->add_lane(*stages_.venue_journal[v], venue_stream(v));
        }
        for (std::size_t s = 0; s < stages_.shard_journal.size(); ++s) {
            stage_->add_lane(*stages_.shard_journal[s], shard_stream(s));
        }
        if (record_market) {
            feed_lane_ = std::make_unique<Lane<MarketEvent>>(kFeedLane);
            stage_->add_market_lane(*feed_lane_);
        }
        stage_->set_sink(&results_);
    }

    ReplayResult execute() {
        const auto start = WallClock::now();
        const MarketEvent* first = window_.at(1);
        if (first != nullptr) {
            result_.first = first->ts;
            const std::uint64_t position = recover();
            if (stage_ != nullptr) {
                if (position == 0) stages_.start(first->ts);
                run(std::max<std::uint64_t>(position, 1));
            }
        }
        if (error_) std::rethrow_exception(error_);
        if (stage_ != nullptr && journal_.writer()->failure() != nullptr) {
            throw std::runtime_error(journal_.writer()->failure()->message +
                                     "; trading was halted");
        }
        result_.seconds = std::chrono::duration<double>(WallClock::now() - start).count();
        results_.finish(result_.last, stages_.accounts(), stages_.orders(), result_);
        result_.records = stages_.trading->position();
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

    /// Follows a resumed journal to its end. The feed position to go on with; 0: a fresh run.
    std::uint64_t recover() {
        if (!journal_.resumed() && !journal_.finished()) return 0;
        const auto reader = open_journal(journal_.files(), journal_.directory());
        StageRerun rerun(stages_, window_);
        BootFollower boots(rerun);
        const std::uint64_t records =
            journal_.finished() ? ~std::uint64_t{0} : journal_.resumed()->records;
        for (std::uint64_t n = 0; n < records; ++n) {
            const JournalRecord* record = reader->next();
            if (record == nullptr) break;
            if (record->is_market) continue;
            if (record->stream == JournalStream::kTrading) {
                results_.on_record(record->event);
                result_.last = record->event.ts;
                result_.market_events = record->event.feed_position;
            }
            if (!boots.take(*record)) break;
        }
        if (!rerun.divergence()) (void)boots.finish();
        if (rerun.divergence()) {
            throw std::runtime_error(
                journal_.directory() + ": the run does not do again what is on record (stream " +
                std::to_string(static_cast<int>(rerun.divergence()->stream)) + ", position " +
                std::to_string(rerun.divergence()->position) + ": " + rerun.divergence()->what +
                "); compare with fermata journal rerun");
        }
        if (!rerun.started() || journal_.finished()) return 0;  // nothing was on record
        rerun.begin_boot(static_cast<std::uint16_t>(journal_.resumed()->boot_epoch));
        return rerun.next_feed_position();
    }

    void run(std::uint64_t position) {
        const std::uint64_t feed_recorded = journal_.writer()->position(JournalStream::kFeed);
        ConcurrentPipeline pipeline(
            stages_, backpressure_, [this](std::size_t budget) { return poll_journal(budget); },
            feed_lane_.get(), feed_recorded);
        pipeline.start();
        bool alive = true;
        Timestamp now = window_.at(position) != nullptr ? window_.at(position)->ts : result_.last;
        while (const MarketEvent* e = window_.at(position)) {
            const auto go_on = [&] { return look_up(pipeline, now, position - 1); };
            if (!pacer_.wait_for(e->ts, go_on)) break;
            result_.last = now = e->ts;
            alive = pipeline.publish(*e, position);
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
        pipeline.drain(result_.last + stages_.round_trip());
        stages_.stop_strategies(result_.last);
        stages_.record_marks(result_.last);
        poll_journal(~std::size_t{0});
        (void)stage_->finish();
        result_.overflowed = stages_.overflowed() || pipeline.failed();
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
    RunResults results_;
    Pacer<> pacer_;
    ThreadBackpressure backpressure_;
    PipelineStages stages_;
    std::unique_ptr<Lane<MarketEvent>> feed_lane_;
    std::unique_ptr<JournalStage> stage_;  // null when the journal is finished
    ReplayResult result_;
    std::exception_ptr error_;
    WallClock::time_point next_report_{};
    bool halted_ = false;
    WallClock::time_point failed_at_{};  // the journal, as its thread saw it
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
    if (journal.resumed() || journal.finished()) {
        std::size_t& lane = job.replay.setup.limits.order_lane;
        lane = RecordedRun::lane_for(lane);  // recovery follows the stages one by one
    }
    const JournalConfig& config = journal.config();
    return ConcurrentRun(std::move(job), journal, config.sync,
                         config.market == MarketRecord::kRecord)
        .execute();
}

}  // namespace fermata

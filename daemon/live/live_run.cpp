#include "daemon/live/live_run.hpp"

#include <algorithm>
#include <atomic>
#include <exception>
#include <stdexcept>
#include <thread>
#include <utility>

#include "core/journal/journal_stage.hpp"
#include "daemon/live/live_clock.hpp"
#include "daemon/live/recorded_events.hpp"
#include "daemon/replay/concurrent_run.hpp"
#include "daemon/replay/recover_stages.hpp"
#include "daemon/replay/run_results.hpp"
#include "risk/controls.hpp"

namespace fermata {
namespace {

using WallClock = std::chrono::steady_clock;
constexpr std::size_t kFeedLane = 8192;
/// When the journal failed: the time for a halt and its cancels to get through.
constexpr std::chrono::milliseconds kHaltTime{200};
constexpr std::int64_t kLookUpEvery = 5'000'000;  // ns between two looks at the world outside
constexpr std::int64_t kNapMax = 1'000'000;       // ns

/// Nothing new is accepted until it is said that everything is reconciled again.
OrderEvent recovering_input(Timestamp now, bool recovering) {
    OrderEvent e = make_order_event(OrderEventType::kRiskInput, now, InstrumentId{0});
    e.data.risk_input = RiskInputData{};
    e.data.risk_input.kind = RiskInputKind::kRecovering;
    e.data.risk_input.values[0] = recovering ? 1 : 0;
    return e;
}

/// Cancels every order; no trading state changes, and nothing is latched.
OrderEvent cancel_everything(Timestamp now) {
    OrderEvent e = make_order_event(OrderEventType::kControl, now, InstrumentId{0});
    e.data.control = ControlData{};
    e.data.control.state = TradingState::kHalted;
    e.data.control.cancel_orders = static_cast<std::uint8_t>(CancelOrders::kAll);
    e.data.control.control = static_cast<std::uint8_t>(ControlId::kRecovering);
    return e;
}

/// Tells whoever watches the loops that they end, before they do: also when something is thrown.
class Ending {
public:
    explicit Ending(std::function<void()> told) : told_(std::move(told)) {}
    Ending(const Ending&) = delete;
    Ending& operator=(const Ending&) = delete;
    ~Ending() { tell(); }
    void tell() {
        if (const auto told = std::exchange(told_, nullptr)) told();
    }

private:
    std::function<void()> told_;
};

class LiveRun {
public:
    LiveRun(LiveJob job, RunJournal& journal)
        : job_(std::move(job)),
          journal_(journal),
          recorded_(journal.files(), journal.directory(),
                    journal.writer()->position(JournalStream::kFeed)),
          window_(recorded_, Timestamp::min(), Timestamp::never()),
          backpressure_(job_.stall_limit) {
        recover();
        const PipelineStages& s = stages();
        stage_ = std::make_unique<JournalStage>(*journal.writer(),
                                                JournalStageOptions{.sync = journal.config().sync},
                                                journal.mutable_durability());
        stage_->add_lane(*s.trading_journal, JournalStream::kTrading);
        for (std::size_t v = 0; v < s.venue_journal.size(); ++v) {
            stage_->add_lane(*s.venue_journal[v], venue_stream(v));
        }
        for (std::size_t n = 0; n < s.shard_journal.size(); ++n) {
            stage_->add_lane(*s.shard_journal[n], shard_stream(n));
        }
        stage_->add_market_lane(feed_lane_);
        stage_->set_sink(job_.records);
        if (job_.raw != nullptr) stage_->set_raw_lane(*job_.raw);
    }

    LiveResult execute() {
        run();
        if (error_) std::rethrow_exception(error_);
        if (journal_.writer()->failure() != nullptr) {
            throw std::runtime_error(journal_.writer()->failure()->message +
                                     "; trading was halted");
        }
        result_.feed_position = position_;
        result_.records = stages().trading->position();
        result_.open_orders = stages().orders().open_count();
        result_.positions = positions_held();
        return result_;
    }

private:
    [[nodiscard]] PipelineStages& stages() noexcept { return *replica_->stages; }
    [[nodiscard]] std::size_t positions_held() noexcept {
        const AccountBook& book = stages().accounts();
        std::size_t held = 0;
        for (std::size_t a = 0; a < book.accounts(); ++a) {
            for (std::size_t i = 0; i < job_.manifest.instruments.size(); ++i) {
                const AccountId account{static_cast<std::uint16_t>(a)};
                const InstrumentId instrument{static_cast<std::uint32_t>(i)};
                held += book.position(account, instrument).is_zero() ? 0 : 1;
            }
        }
        return held;
    }

    [[nodiscard]] std::unique_ptr<ConcurrentReplica> fresh_replica() {
        PipelineSetup setup = job_.fresh_setup();
        setup.day = day_of(job_.manifest.start);
        setup.order_epochs_taken = job_.manifest.order_epochs_taken;
        if (journal_.resumed()) {
            std::size_t& lane = setup.limits.order_lane;
            lane = RecordedRun::lane_for(lane);  // recovery follows the stages one by one
        }
        return std::make_unique<ConcurrentReplica>(std::move(setup),
                                                   RecordedRun::wiring(&backpressure_), window_);
    }

    void recover() {
        Recovered recovered = recover_stages(
            journal_, job_.manifest, [this] { return fresh_replica(); },
            [this](const OrderEvent& e) {
                last_ = std::max(last_, e.ts);
                if (job_.records != nullptr) job_.records->on_record(e);
                if (e.type == OrderEventType::kRiskInput &&
                    e.data.risk_input.kind == RiskInputKind::kRecovering) {
                    recovering_ = e.data.risk_input.values[0] != 0;
                }
            },
            job_.report);
        replica_ = std::move(recovered.replica);
        started_before_ = recovered.feed_position != 0;
        position_ = started_before_ ? recovered.feed_position - 1 : 0;
    }

    // --- the feed's thread ---

    void run() {
        const std::uint64_t on_record = recorded_.limit();
        ConcurrentPipeline pipeline(
            stages(), backpressure_, [this](std::size_t budget) { return poll_journal(budget); },
            &feed_lane_, on_record);
        if (job_.latch != nullptr) stages().trading->use_latch(*job_.latch);
        bool alive = begin(pipeline);
        if (job_.threads != nullptr) pipeline.place(*job_.threads);
        if (job_.outside != nullptr) alive = alive && begin_outside(pipeline);
        if (job_.followed) job_.followed();
        pipeline.start();
        Ending ending(job_.ending);
        if (job_.started) {
            auto loops = pipeline.progress();
            loops.push_back({"feed", &passes_});
            job_.started(std::move(loops));
        }
        alive = alive && publish_recorded(pipeline, on_record);
        if (alive && recovering_ && desk() == nullptr) {
            alive = pipeline.send_control(recovering_input(last_, false));
        }
        if (alive && job_.outside != nullptr) start_outside();
        if (job_.threads != nullptr) (void)job_.threads->enter("feed");
        alive = alive && feed(pipeline);
        if (alive && job_.stopping) job_.stopping();
        alive = alive && stop(pipeline);
        if (halted_) std::this_thread::sleep_for(kHaltTime);  // cancels go out
        ending.tell();
        if (job_.outside != nullptr) {
            job_.outside->stop();
            alive = alive && pipeline.quiesce();  // what the venues said until then
        }
        if (!alive) pipeline.abort();
        pipeline.join();
        if (!alive) {
            result_.end = LiveEnd::kStalled;
            return;
        }
        finish(pipeline);
    }

    void start_outside() {
        if (job_.threads == nullptr) return job_.outside->start();
        const Placement::Lent lent = job_.threads->lend("sessions");
        job_.outside->start();
    }
    [[nodiscard]] VenueDesk* desk() noexcept {
        return job_.outside == nullptr ? nullptr : job_.outside->desk();
    }
    [[nodiscard]] DropCopyDesk* copies() noexcept {
        return job_.outside == nullptr ? nullptr : job_.outside->copies();
    }
    /// Nothing new is accepted before the venues are reconciled, and nothing that an earlier
    /// process may have sent is sent again.
    bool begin_outside(ConcurrentPipeline& pipeline) {
        stages().use_links(job_.outside->links(), job_.outside->latch(),
                           stages().trading->position());
        if (desk() == nullptr) {  // nobody to ask: the links say what became of them
            stages().orders().for_each_open([&](const Order& order) {
                if (order.held) return;
                KnownOrder known;
                known.id = order.sent_id;
                known.instrument = order.instrument;
                known.quantity = order.quantity;
                known.cumulative_quantity = order.cumulative_quantity;
                (void)job_.outside->links()[order.venue.value]->adopt(known);
            });
            return true;
        }
        desk()->begin(journal_.resumed().has_value());
        if (copies() != nullptr) {
            copies()->begin(journal_.resumed().has_value(), LiveClock(last_).read().utc);
        }
        return pipeline.send_control(recovering_input(last_, true));
    }

    /// Of a run that begins: the first event is on its lanes before any stage runs, for whatever
    /// the strategies do first is on record with it.
    bool begin(ConcurrentPipeline& pipeline) {
        if (started_before_) return true;
        if (const MarketEvent* first = window_.at(1)) {
            last_ = std::max(last_, first->ts);
            stages().start(first->ts);
            position_ = 1;
            note(*first, position_);
            return pipeline.publish(*first, position_);
        }
        clock_ = LiveClock(job_.manifest.start);
        last_ = clock_.read().utc;
        stages().start(last_);
        return publish(pipeline, clock_event(last_));
    }

    /// What is on record as market data, and was not consumed by every stage.
    bool publish_recorded(ConcurrentPipeline& pipeline, std::uint64_t on_record) {
        while (position_ < on_record) {
            const MarketEvent* e = window_.at(position_ + 1);
            if (e == nullptr) {
                throw std::runtime_error(journal_.directory() + ": market data on record ends at " +
                                         std::to_string(position_) + ", expected " +
                                         std::to_string(on_record));
            }
            last_ = std::max(last_, e->ts);
            note(*e, ++position_);
            if (!pipeline.publish(*e, position_)) return false;
            passed();
            window_.forget_before(position_);
        }
        return true;
    }

    /// Until the end is asked for or the data ends. False: a lane stayed full, or the journal
    /// failed.
    bool feed(ConcurrentPipeline& pipeline) {
        clock_ = LiveClock(last_);
        LiveClock::Now now = clock_.read();
        LiveSource& source = *job_.source;
        source.begin(now, recorded_.all_but_clock());
        std::int64_t look_up_at = now.steady_ns;
        for (;;) {
            if (now.steady_ns >= look_up_at) {
                look_up_at = now.steady_ns + kLookUpEvery;
                if (job_.stopped && job_.stopped()) return true;
                if (!look_up(pipeline, now.utc)) return false;
            }
            if (!take_commands(pipeline, now.utc)) return false;
            if (const MarketEvent* e = source.front(now)) {
                MarketEvent arrived = *e;
                arrived.ts = now.utc;
                if (!publish(pipeline, arrived)) return false;
                source.pop();
            } else if (source.ended()) {
                break;
            } else if (now.utc - last_ >= job_.live.clock_every) {
                if (!publish(pipeline, clock_event(now.utc))) return false;
            } else {
                const Duration silent = last_ + job_.live.clock_every - now.utc;
                const std::int64_t nap = std::min({source.quiet(now).ns, silent.ns, kNapMax});
                if (nap > 0) {
                    std::this_thread::sleep_for(std::chrono::nanoseconds(nap));
                } else {
                    std::this_thread::yield();
                }
            }
            now = clock_.read();
            passed();
        }
        result_.end = LiveEnd::kDataEnded;
        return true;
    }

    /// False when the run cannot go on.
    bool look_up(ConcurrentPipeline& pipeline, Timestamp now) {
        if (pipeline.failed()) return false;
        if (journal_.durability()->failed.load(std::memory_order_acquire)) {
            halted_ = pipeline.send_control(halt_command(now));
            return false;
        }
        if (VenueDesk* const d = desk()) {
            while (const auto due = d->work(now)) {
                if (!pipeline.send_control(*due)) return false;
            }
        }
        if (DropCopyDesk* const d = copies()) {
            while (const auto due = d->work(now)) {
                if (!pipeline.send_control(*due)) return false;
            }
        }
        if (!job_.watch) return true;
        const auto command = job_.watch(now);
        return !command || pipeline.send_control(*command);
    }

    /// What people command. It costs one load while they do not.
    bool take_commands(ConcurrentPipeline& pipeline, Timestamp now) {
        return job_.commands == nullptr ||
               job_.commands->drain(
                   now, [&](const OrderEvent& command) { return pipeline.send_control(command); });
    }

    /// Everything comes to rest: what is under way arrives, and by policy no order is left open.
    bool stop(ConcurrentPipeline& pipeline) {
        if (job_.live.stop == StopPolicy::kCancel) {
            if (!pipeline.send_control(recovering_input(last_, true)) || !pipeline.quiesce() ||
                !pipeline.send_control(cancel_everything(last_))) {
                return false;
            }
        }
        const std::int64_t deadline = clock_.read().steady_ns + job_.live.stop_timeout.ns;
        for (;;) {
            const LiveClock::Now now = clock_.read();
            if (!publish(pipeline, clock_event(now.utc)) || !pipeline.quiesce() ||
                !look_up(pipeline, now.utc) || !take_commands(pipeline, now.utc)) {
                return false;
            }
            if (job_.live.stop == StopPolicy::kKeep || stages().orders().open_count() == 0) {
                return true;
            }
            passed();
            if (now.steady_ns >= deadline) return true;  // told by the result
            std::this_thread::sleep_for(std::chrono::milliseconds(1));
        }
    }

    void finish(ConcurrentPipeline& pipeline) {
        pipeline.drain(last_ + stages().round_trip());
        result_.goes_on = job_.live.next_start == NextStart::kGoesOn;
        if (!result_.goes_on) {
            stages().stop_strategies(last_);
            stages().record_marks(last_);
        }
        poll_journal(~std::size_t{0});
        (void)stage_->finish();
        if (stages().overflowed() || pipeline.failed()) result_.end = LiveEnd::kStalled;
    }

    bool publish(ConcurrentPipeline& pipeline, const MarketEvent& e) {
        last_ = e.ts;
        note(e, ++position_);
        return pipeline.publish(e, position_);
    }
    void note(const MarketEvent& e, std::uint64_t position) noexcept {
        if (job_.progress != nullptr) job_.progress->on_event(e, position);
    }
    /// A store, for nobody else writes it.
    void passed() noexcept {
        passes_.store(passes_.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
    }
    [[nodiscard]] static MarketEvent clock_event(Timestamp now) noexcept {
        return make_event(MarketEventType::kClock, now, InstrumentId{0}, StreamId{0});
    }

    // --- the journal's thread ---

    Polled poll_journal(std::size_t budget) {
        if (stage_->failed()) {
            const auto now = WallClock::now();
            if (failed_at_ == WallClock::time_point{}) failed_at_ = now;
            if (now - failed_at_ > 2 * kHaltTime) backpressure_.abort();
        }
        try {
            const Polled polled = stage_->poll(budget);
            if (job_.serve) job_.serve();
            return polled;
        } catch (...) {
            if (!error_) error_ = std::current_exception();
            backpressure_.abort();
            return {};
        }
    }

    LiveJob job_;
    RunJournal& journal_;
    RecordedEvents recorded_;
    FeedWindow window_;
    ThreadBackpressure backpressure_;
    LiveClock clock_;
    std::unique_ptr<ConcurrentReplica> replica_;
    Lane<MarketEvent> feed_lane_{kFeedLane};
    std::unique_ptr<JournalStage> stage_;
    std::atomic<std::uint64_t> passes_{0};  // of the feed's loop
    LiveResult result_;
    Timestamp last_{0};           // of the newest event
    std::uint64_t position_ = 0;  // of the last market event that the stages were given
    bool started_before_ = false;
    bool recovering_ = false;  // an earlier process said so, and did not take it back
    bool halted_ = false;
    std::exception_ptr error_;
    WallClock::time_point failed_at_{};  // the journal, as its thread saw it
};

}  // namespace

LiveResult run_live(LiveJob job, RunJournal& journal) {
    return LiveRun(std::move(job), journal).execute();
}

}  // namespace fermata

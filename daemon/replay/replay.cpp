#include "daemon/replay/replay.hpp"

#include <algorithm>
#include <chrono>
#include <span>
#include <utility>

#include "core/loop/clock.hpp"
#include "core/loop/lockstep.hpp"
#include "daemon/replay/pacer.hpp"
#include "daemon/replay/risk_input_queue.hpp"
#include "daemon/replay/run_results.hpp"

namespace fermata {
namespace {

using WallClock = std::chrono::steady_clock;
constexpr std::uint64_t kLookUpEvery = 8192;  // events between two looks at the wall clock

/// Hands every record to the journal first, then to the run's files.
class Sinks final : public RecordSink {
public:
    Sinks(RunResults& results, RecordSink* journal) : results_(results), journal_(journal) {}
    void on_record(const OrderEvent& event) override {
        if (journal_ != nullptr) journal_->on_record(event);
        results_.on_record(event);
    }
    bool on_batch() override { return journal_ != nullptr && journal_->on_batch(); }

private:
    RunResults& results_;
    RecordSink* journal_;
};

class Run {
public:
    explicit Run(ReplayJob job)
        : job_(std::move(job)),
          first_batch_(job_.first_batch.empty() ? job_.feed->next() : job_.first_batch),
          results_(job_),
          sinks_(results_, job_.journal),
          pipeline_([this] {
              job_.setup.sink = &sinks_;
              // Client order ids carry the day on which the run's data begins, not today's.
              if (!first_batch_.empty()) {
                  job_.setup.day = day_of(std::max(first_batch_.front().ts, job_.from));
              }
              return std::move(job_.setup);
          }()),
          scheduler_(pipeline_, clock_),
          pacer_(job_.speed),
          inputs_(std::move(job_.risk_inputs)) {}

    ReplayResult execute() {
        const auto start = WallClock::now();
        consume_feed();
        if (started_ && !result_.cancelled && !pipeline_.endless()) {
            scheduler_.drain(clock_.now() + pipeline_.round_trip());
            pipeline_.stop(clock_.now());
        }
        result_.overflowed = pipeline_.overflowed();
        if (pipeline_.endless()) {
            result_.halted = "what follows from event " + std::to_string(scheduler_.position()) +
                             " does not come to an end: orders.csv ends with the orders that are "
                             "changed again and again";
        }
        result_.seconds = std::chrono::duration<double>(WallClock::now() - start).count();
        results_.finish(clock_.now(), pipeline_.accounts(), pipeline_.orders(), result_);
        result_.market_events = scheduler_.position();
        result_.records = pipeline_.records();
        return std::move(result_);
    }

private:
    void consume_feed() {
        for (auto batch = first_batch_; !batch.empty(); batch = job_.feed->next()) {
            for (const MarketEvent& e : batch) {
                if (e.ts < job_.from) continue;
                if (e.ts >= job_.to) return;
                if (!started_) begin(e.ts);
                if (e.type != MarketEventType::kSession) {
                    if (result_.first == Timestamp{}) result_.first = e.ts;
                    result_.last = e.ts;
                }
                if (!pacer_.wait_for(e.ts, [&] { return look_up(clock_.now()); })) return;
                for (; const OrderEvent* input = inputs_.due(e.ts); inputs_.pop()) {
                    scheduler_.tell(*input);
                }
                results_.before(e, pipeline_.accounts());
                if (job_.market_journal != nullptr) {
                    job_.market_journal->on_market(e, scheduler_.position() + 1);
                }
                scheduler_.step(e);
                results_.after(e);
                if (pipeline_.endless()) [[unlikely]]
                    return;
                if (scheduler_.position() % kLookUpEvery == 0 && !look_up(e.ts)) return;
            }
            if (!look_up(clock_.now())) return;
        }
    }

    void begin(Timestamp first) {
        started_ = true;
        clock_.advance_to(first);
        pipeline_.start(first);
        scheduler_.settle();
    }

    /// False when the run must end here.
    bool look_up(Timestamp now) {
        if (pipeline_.overflowed()) return false;
        if (job_.cancelled && job_.cancelled()) {
            result_.cancelled = true;
            return false;
        }
        if (!job_.progress) return true;
        const auto wall = WallClock::now();
        if (wall < next_report_) return true;
        next_report_ = wall + std::chrono::milliseconds(100);
        job_.progress({job_.feed->progress(), now, scheduler_.position()});
        return true;
    }

    ReplayJob job_;
    std::span<const MarketEvent> first_batch_;
    RunResults results_;
    Sinks sinks_;
    Pipeline pipeline_;
    VirtualClock clock_;
    LockstepScheduler<Pipeline> scheduler_;
    Pacer<> pacer_;
    RiskInputQueue inputs_;
    ReplayResult result_;
    WallClock::time_point next_report_{};
    bool started_ = false;
};

}  // namespace

ReplayResult run_replay(ReplayJob job) { return Run(std::move(job)).execute(); }

}  // namespace fermata

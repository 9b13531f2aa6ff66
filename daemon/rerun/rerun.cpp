#include "daemon/rerun/rerun.hpp"

#include <algorithm>
#include <chrono>
#include <memory>
#include <stdexcept>
#include <utility>

#include "core/loop/clock.hpp"
#include "core/loop/lockstep.hpp"
#include "daemon/assembly/assembly.hpp"
#include "daemon/config/problem.hpp"
#include "daemon/pipeline/pipeline.hpp"
#include "daemon/rerun/journal_feed.hpp"
#include "daemon/rerun/record_check.hpp"
#include "daemon/rerun/recorded_run.hpp"
#include "daemon/rerun/stage_rerun.hpp"

namespace fermata {
namespace {

using WallClock = std::chrono::steady_clock;
constexpr std::uint64_t kLookUpEvery = 8192;

class Rerun {
public:
    Rerun(FileSystem& files, const RerunRequest& request, const StrategyRegistry& registry)
        : request_(request),
          run_(files, request.directory, request.config, registry),
          reader_(open_journal(files, request.directory)) {
        report_.manifest = run_.manifest();
        report_.notes = run_.notes();
    }

    RerunReport execute() {
        const auto start = WallClock::now();
        if (run_.manifest().schedule == RunSchedule::kLockstep) {
            lockstep();
        } else {
            concurrent();
        }
        report_.seconds = std::chrono::duration<double>(WallClock::now() - start).count();
        report_.ending = reader_->ending();
        if (reader_->problem() != nullptr) report_.problem = *reader_->problem();
        return std::move(report_);
    }

private:
    /// False when the user wants to stop.
    bool look_up(Timestamp now, std::uint64_t events) {
        if (request_.cancelled && request_.cancelled()) {
            report_.cancelled = true;
            return false;
        }
        if (request_.progress && WallClock::now() >= next_report_) {
            next_report_ = WallClock::now() + std::chrono::milliseconds(100);
            request_.progress({run_.feed().progress(), now, events});
        }
        return true;
    }

    void lockstep() {
        RecordCheck check(*reader_);
        PipelineSetup setup = run_.make_setup();
        setup.sink = &check;
        Pipeline pipeline(std::move(setup));
        VirtualClock clock;
        LockstepScheduler scheduler(pipeline, clock);
        const auto give = [&] {
            for (auto batch = run_.feed().next(); !batch.empty(); batch = run_.feed().next()) {
                for (const MarketEvent& e : batch) {
                    if (e.ts < run_.from()) continue;
                    if (e.ts >= run_.to()) return;
                    if (scheduler.position() == 0) {
                        clock.advance_to(e.ts);
                        pipeline.start(e.ts);
                        scheduler.settle();
                    }
                    scheduler.step(e);
                    if (check.done()) return;
                    const std::uint64_t position = scheduler.position();
                    if (position % kLookUpEvery == 0 && !look_up(e.ts, position)) return;
                }
            }
        };
        give();
        if (scheduler.position() != 0 && !check.done() && !report_.cancelled) {
            scheduler.drain(clock.now() + pipeline.round_trip());
            pipeline.stop(clock.now());
        }
        if (!report_.cancelled) check.finish();
        report_.market_events = scheduler.position();
        report_.compared = check.compared();
        report_.divergence = check.divergence();
    }

    void concurrent() {
        PipelineStages stages(run_.make_setup(), run_.wiring(nullptr));
        FeedWindow window(run_.feed(), run_.from(), run_.to());
        StageRerun rerun(stages, window);
        BootFollower boots(rerun);
        std::uint64_t records = 0;
        while (const JournalRecord* record = reader_->next()) {
            if (record->is_market) continue;
            if (!boots.take(*record)) break;
            if (++records % kLookUpEvery == 0 &&
                !look_up(record->event.ts, stages.trading->feed_position())) {
                break;
            }
        }
        if (!report_.cancelled) (void)boots.finish();
        report_.market_events = stages.trading->feed_position();
        report_.compared = rerun.compared();
        report_.divergence = rerun.divergence();
    }

    const RerunRequest& request_;
    RecordedRun run_;
    std::unique_ptr<JournalReader> reader_;
    RerunReport report_;
    WallClock::time_point next_report_{};
};

}  // namespace

RerunReport rerun_journal(FileSystem& files, const RerunRequest& request,
                          const StrategyRegistry& registry) {
    return Rerun(files, request, registry).execute();
}

}  // namespace fermata

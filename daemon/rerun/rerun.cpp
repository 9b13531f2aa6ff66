#include "daemon/rerun/rerun.hpp"

#include <algorithm>
#include <chrono>
#include <memory>
#include <stdexcept>
#include <utility>
#include <vector>

#include "core/base/state_archive.hpp"
#include "daemon/recovery/open_end.hpp"
#include "daemon/recovery/replica.hpp"
#include "daemon/replay/risk_input_queue.hpp"

namespace fermata {
namespace {

using WallClock = std::chrono::steady_clock;
constexpr std::uint64_t kLookUpEvery = 8192;

class Rerun {
public:
    Rerun(FileSystem& files, const RerunRequest& request, const StrategyRegistry& registry)
        : files_(files),
          request_(request),
          run_(files, request.directory, request.config, registry),
          store_(files, request.directory, run_.run(), run_.manifest()) {
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
        report_.refused = store_.refused();
        return std::move(report_);
    }

private:
    /// A fresh replica before the journal's first record, or one restored from a snapshot.
    template <class Replica, class Make>
    std::unique_ptr<Replica> begin(Make&& make) {
        if (request_.from_snapshot) {
            if (auto restored = restore<Replica>(store_, make)) {
                reader_ = std::move(restored->reader);
                report_.began_with = std::move(restored->file);
                report_.records_before = restored->header.records;
                boot_epoch_ = restored->header.boot_epoch;
                return std::move(restored->replica);
            }
        }
        reader_ = open_journal(files_, request_.directory);
        return make(*reader_);
    }

    template <class Replica>
    void write_snapshot(Replica& replica, const JournalPlace& place, std::uint64_t trading,
                        std::uint64_t feed) {
        std::vector<std::byte> bytes;
        StateWriter state(bytes);
        state(replica);
        if (!state.ok()) {
            throw std::runtime_error("this run's state cannot be written: " +
                                     state.error().message());
        }
        report_.written.push_back(
            store_.write(place, trading, feed, bytes, request_.snapshots->keep));
    }

    /// A snapshot is due that comes every so many records.
    bool due(std::uint64_t compared) {
        if (!request_.snapshots || request_.snapshots->every == 0 || compared < next_snapshot_) {
            return false;
        }
        next_snapshot_ = compared + request_.snapshots->every;
        return true;
    }

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
        // What the last event led to may be on record in part only: the last state of which the
        // journal holds everything is the one before it.
        std::uint64_t last_place = 0;
        if (request_.snapshots && request_.snapshots->at_end) {
            last_place = open_end_of_feed(files_, request_.directory);
        }
        const auto replica = begin<LockstepReplica>([this](JournalReader& reader) {
            return std::make_unique<LockstepReplica>(run_.make_setup(), reader);
        });
        next_snapshot_ = request_.snapshots ? request_.snapshots->every : 0;
        const std::uint64_t first = replica->scheduler.position();
        give(*replica, last_place);
        LockstepScheduler<Pipeline>& scheduler = replica->scheduler;
        RecordCheck& check = replica->check;
        if (scheduler.position() != 0 && !check.done() && !report_.cancelled) {
            scheduler.drain(replica->clock.now() + replica->pipeline.round_trip());
            replica->pipeline.stop(replica->clock.now());
        }
        if (!report_.cancelled) check.finish();
        report_.market_events = scheduler.position() - first;
        report_.compared = check.compared();
        report_.divergence = check.divergence();
        report_.trading_position = replica->pipeline.records();
        report_.state_hash = replica->pipeline.trading_hash();
        end_of(replica->pipeline, replica->clock.now());
    }

    template <class Run>
    void end_of(Run& run, Timestamp now) {
        const bool equal = !report_.divergence && !report_.cancelled &&
                           (reader_->problem() == nullptr || reader_->problem()->torn);
        if (equal && request_.at_end) request_.at_end(run.what_if(), now);
        if (equal && request_.at_books) {
            request_.at_books(run_.config(), run.accounts(), run.orders());
        }
    }

    void give(LockstepReplica& replica, std::uint64_t last_place) {
        LockstepScheduler<Pipeline>& scheduler = replica.scheduler;
        std::uint64_t known = scheduler.position();  // events that the snapshot contains
        RiskInputQueue inputs(
            run_.risk_inputs(files_, request_.directory, replica.pipeline.records()));
        for (auto batch = run_.feed().next(); !batch.empty(); batch = run_.feed().next()) {
            for (const MarketEvent& e : batch) {
                if (e.ts < run_.from()) continue;
                if (e.ts >= run_.to()) return;
                if (known != 0) {
                    --known;
                    continue;
                }
                if (scheduler.position() == 0) {
                    replica.clock.advance_to(e.ts);
                    replica.pipeline.start(e.ts);
                    scheduler.settle();
                }
                for (; const OrderEvent* input = inputs.due(e.ts); inputs.pop()) {
                    scheduler.tell(*input);
                }
                scheduler.step(e);
                if (replica.check.done()) return;
                const std::uint64_t position = scheduler.position();
                if ((due(replica.check.compared()) || position + 1 == last_place) &&
                    replica.check.last() != nullptr) {
                    write_snapshot(replica, place_behind(*replica.check.last(), *reader_),
                                   replica.pipeline.records(), position);
                }
                if (position % kLookUpEvery == 0 && !look_up(e.ts, position)) return;
            }
        }
    }

    void concurrent() {
        FeedWindow window(run_.feed(), run_.from(), run_.to());
        const auto replica = begin<ConcurrentReplica>([&](JournalReader&) {
            return std::make_unique<ConcurrentReplica>(run_.make_setup(),
                                                       RecordedRun::wiring(nullptr), window);
        });
        next_snapshot_ = request_.snapshots ? request_.snapshots->every : 0;
        if (boot_epoch_ != 0) replica->boots.go_on_in(boot_epoch_);
        StageRerun& rerun = replica->rerun;
        PipelineStages::Trading& trading = *replica->stages->trading;
        const std::uint64_t first = trading.feed_position();
        std::uint64_t records = 0;
        Timestamp newest;
        JournalPlace last;
        while (const JournalRecord* record = reader_->next()) {
            if (record->is_market) continue;
            if (!replica->boots.take(*record)) break;
            newest = std::max(newest, record->event.ts);
            if (request_.snapshots) last = place_behind(*record, *reader_);
            if (due(rerun.compared())) {
                write_snapshot(*replica, last, trading.position(), trading.feed_position());
            }
            if (++records % kLookUpEvery == 0 &&
                !look_up(record->event.ts, trading.feed_position())) {
                break;
            }
        }
        const bool whole = !report_.cancelled && !rerun.divergence();
        if (whole && records != 0 && request_.snapshots && request_.snapshots->at_end &&
            reader_->ending() != JournalEnding::kClosed) {
            write_snapshot(*replica, last, trading.position(), trading.feed_position());
        }
        if (!report_.cancelled) (void)replica->boots.finish(reader_->ending());
        report_.market_events = trading.feed_position() - first;
        report_.compared = rerun.compared();
        report_.divergence = rerun.divergence();
        report_.trading_position = trading.position();
        report_.state_hash = replica->stages->trading_hash();
        end_of(*replica->stages, newest);
    }

    FileSystem& files_;
    const RerunRequest& request_;
    RecordedRun run_;
    SnapshotStore store_;
    std::unique_ptr<JournalReader> reader_;
    std::uint32_t boot_epoch_ = 0;  // of the snapshot begun with
    std::uint64_t next_snapshot_ = 0;
    RerunReport report_;
    WallClock::time_point next_report_{};
};

}  // namespace

RerunReport rerun_journal(FileSystem& files, const RerunRequest& request,
                          const StrategyRegistry& registry) {
    return Rerun(files, request, registry).execute();
}

}  // namespace fermata

#include "daemon/database/loader.hpp"

#include <algorithm>
#include <condition_variable>
#include <cstring>
#include <mutex>
#include <utility>

#include "core/base/assert.hpp"

namespace fermata {
namespace {

constexpr std::size_t kPayloadMax = kRecordPayloadMax;
/// The sizes of the segments are looked at this often at most.
constexpr std::chrono::milliseconds kMeasureInterval{100};

std::string place(const FollowedRecord& record) {
    return "stream " + std::to_string(static_cast<unsigned>(record.record.stream)) + " position " +
           std::to_string(record.record.position);
}

}  // namespace

Loader::Loader(FileSystem& files, EventStore& store, LoaderOptions options, LoaderStatus& status,
               OnReport on_report, OnProgress on_progress)
    : files_(files),
      store_(store),
      options_(std::move(options)),
      status_(status),
      on_report_(std::move(on_report)),
      on_progress_(std::move(on_progress)),
      journal_(files_, options_.directory, options_.follow) {
    FERMATA_ASSERT(options_.batch_records > 0);
    batch_.reserve(options_.batch_records);
    payloads_.reserve(options_.batch_records * kPayloadMax);
}

LoadResult Loader::run(const std::stop_token& stop) {
    stop_ = stop;
    result_ = {};
    StoreErrorKind failure = StoreErrorKind::kRejected;
    const auto failed = [&](const std::string& what) {
        failure = StoreErrorKind::kFault;
        static_cast<void>(end(LoadResult::End::kFailed, "the loader failed: " + what));
    };
    try {
        work();
        store_.close();
        measure();
    } catch (const std::exception& e) {
        failed(e.what());
    } catch (...) {
        failed("unknown exception");
    }
    store_.close();
    status_.state.store(LoaderState::kEnded, std::memory_order_relaxed);
    report_failure(failure);
    return result_;
}

void Loader::work() {
    Step step = find_run();
    while (step != Step::kEnd) {
        if (step == Step::kRetry) {
            pause(retry_);
            retry_ = std::min(2 * retry_, options_.retry_max);
        }
        if (stop_.stop_requested()) {
            static_cast<void>(end(LoadResult::End::kStopped));
            break;
        }
        step = connect();
        while (step == Step::kGoOn) step = load();
    }
}

/// Nobody loads what the journal grows by from now on, so the lag is behind even if it was not.
void Loader::report_failure(StoreErrorKind failure) {
    using End = LoadResult::End;
    const End how = result_.end;
    if (how == End::kComplete || how == End::kUpToDate || how == End::kStopped) return;
    if (status_.behind_since.load(std::memory_order_relaxed) == 0) {
        status_.behind_since.store(Clock::now().time_since_epoch() / std::chrono::nanoseconds(1),
                                   std::memory_order_relaxed);
    }
    if (!on_report_) return;
    const StoreErrorKind kind = how == End::kDiffers ? StoreErrorKind::kDiffers : failure;
    on_report_({LoaderReport::Kind::kFailed, kind, result_.message});
}

Loader::Step Loader::find_run() {
    status_.state.store(LoaderState::kStarting, std::memory_order_relaxed);
    retry_ = options_.retry_first;
    journal_.start(0, {});
    for (;;) {
        const JournalFollower::State state = journal_.next();
        const std::optional<RunDescription>& run = journal_.run();
        // The configuration is written behind the manifest: what is registered has both.
        if (run &&
            (state != JournalFollower::State::kWait || !run->configuration.empty() || !waits())) {
            run_ = *run;
            return Step::kGoOn;
        }
        if (state == JournalFollower::State::kDamaged) {
            return end(LoadResult::End::kDamaged, journal_.problem());
        }
        if (stop_.stop_requested()) return end(LoadResult::End::kStopped);
        if (!waits()) return end(LoadResult::End::kNoJournal, journal_.problem());
        pause(options_.poll_interval);
    }
}

Loader::Step Loader::connect() {
    connected_ = false;
    batch_.clear();
    payloads_.clear();
    auto opened = store_.open(run_);
    if (!opened) return trouble(opened.error());
    position_ = std::move(*opened);
    if (position_.records > checked_) {
        const Step checked = check_stored(position_);
        if (checked != Step::kGoOn) return checked;
    } else {
        journal_.start(position_.segment, position_.streams);
    }
    collected_ = position_.streams;
    connected_ = true;
    status_.state.store(LoaderState::kLoading, std::memory_order_relaxed);
    publish();
    if (!announced_ && reported_.empty()) announce();
    return Step::kGoOn;
}

void Loader::announce() {
    announced_ = true;
    if (!on_report_) return;
    on_report_({LoaderReport::Kind::kConnected, StoreErrorKind::kUnavailable,
                store_.describe() + ": " + std::to_string(position_.records) + " records of run " +
                    to_hex(run_.run) + " are loaded"});
}

/// The store took what there was for it: a trouble is over.
void Loader::works() {
    if (!reported_.empty()) announce();
    reported_.clear();
    retry_ = options_.retry_first;
    trouble_since_ = {};
    exists_at_.reset();
}

/// Reads what is stored already, as far as the journal still has it, and leaves the journal behind
/// it.
Loader::Step Loader::check_stored(const StoredPosition& position) {
    const auto batches = store_.batches();
    if (!batches) return trouble(batches.error());
    // Segments that were pruned cannot be checked: begin with a batch that is there as a whole.
    std::size_t first = 0;
    journal_.start(0, {});
    if (journal_.next() == JournalFollower::State::kRecord) {
        const std::uint32_t oldest = journal_.current().segment;
        while (oldest > 1 && first < batches->size() &&
               (first == 0 || (*batches)[first - 1].segment < oldest)) {
            ++first;
        }
    }
    StreamPositions reached = first == 0 ? StreamPositions() : (*batches)[first - 1].streams;
    journal_.start(0, reached);
    for (std::size_t i = first; i < batches->size(); ++i) {
        const StoredBatch& batch = (*batches)[i];
        const Step checked = check_batch(batch, reached, position);
        if (checked != Step::kGoOn) return checked;
        reached = batch.streams;
    }
    if (reached != position.streams) {
        return trouble(
            {StoreErrorKind::kRejected, "the stored positions of this run contradict each other"});
    }
    checked_ = position.records;
    return Step::kGoOn;
}

Loader::Step Loader::check_batch(const StoredBatch& batch, const StreamPositions& before,
                                 const StoredPosition& position) {
    std::uint32_t digest = 0;
    StreamPositions reached = before;
    for (std::uint64_t n = 0; n < batch.records; ++n) {
        if (stop_.stop_requested()) return end(LoadResult::End::kStopped);
        const JournalFollower::State state = journal_.next();
        if (state == JournalFollower::State::kDamaged) {
            return end(LoadResult::End::kDamaged, journal_.problem());
        }
        if (state == JournalFollower::State::kWait && waits()) {
            --n;  // the run is done again, and its journal has not come so far yet
            pause(options_.poll_interval);
            continue;
        }
        if (state != JournalFollower::State::kRecord) {
            return end(LoadResult::End::kDiffers,
                       "the database holds " + std::to_string(position.records) +
                           " records of this run, more than the journal: it is not the journal "
                           "that was loaded, or it lost its end");
        }
        const StoredRecord& record = journal_.current().record;
        digest = extend_digest(digest, record);
        reached[record.stream] = record.position;
    }
    if (digest != batch.digest) return name_difference(before);
    if (reached == batch.streams) return Step::kGoOn;
    return trouble(
        {StoreErrorKind::kRejected, "table load_position: batch " + std::to_string(batch.number) +
                                        " does not end at the positions of the journal's records"});
}

/// Says which record it is by which journal and store differ behind these positions.
Loader::Step Loader::name_difference(const StreamPositions& before) {
    ComparisonScope scope;
    scope.after = before;
    scope.records_only = true;
    auto comparison = store_.compare(run_, scope);
    if (!comparison) return trouble(comparison.error());
    journal_.start(0, before);
    while (journal_.next() == JournalFollower::State::kRecord) {
        const StoredRecord& record = journal_.current().record;
        const auto stored = position_.streams.find(record.stream);
        // What the store does not claim to hold is not missing there.
        if (stored == position_.streams.end() || record.position > stored->second) continue;
        const auto compared = (*comparison)->compare(record);
        if (!compared) return trouble(compared.error());
        const std::optional<StoreDifference>& difference = *compared;
        if (difference) return end(LoadResult::End::kDiffers, difference->message);
    }
    // A stream of which the journal has nothing, or less.
    const auto surplus = (*comparison)->finish();
    if (!surplus) return trouble(surplus.error());
    if (*surplus) return end(LoadResult::End::kDiffers, (*surplus)->message);
    return end(LoadResult::End::kDiffers,
               "the digest of a stored batch is not the one of the journal's records, although "
               "the records are the same");
}

Loader::Step Loader::load() {
    for (;;) {
        const JournalFollower::State state = journal_.next();
        if (state != JournalFollower::State::kRecord) return at_end(state);
        const FollowedRecord& record = journal_.current();
        const std::uint64_t expected = next_position(record.record.stream);
        if (record.record.position != expected) {
            return end(LoadResult::End::kDamaged, "the journal goes on at " + place(record) +
                                                      ", position " + std::to_string(expected) +
                                                      " is not loaded: segments are missing");
        }
        if (record.boot > run_.manifest.boot_epoch) return next_boot();
        take(record);
        if (batch_.size() == options_.batch_records) return flush();
        if (batch_.size() % 256 == 0) {
            if (stop_.stop_requested()) return end(LoadResult::End::kStopped);
            if (Clock::now() - batch_begun_ >= options_.batch_interval) return flush();
        }
    }
}

std::uint64_t Loader::next_position(JournalStream stream) const {
    const auto last = collected_.find(stream);
    if (last != collected_.end()) return last->second + 1;
    return stream == JournalStream::kFeed ? run_.manifest.feed_start : 1;
}

/// The run was started again here: what is collected is stored, then the boot is registered.
Loader::Step Loader::next_boot() {
    const std::optional<RunDescription>& run = journal_.run();
    FERMATA_ASSERT(run.has_value());
    const RunDescription boot = *run;
    if (!batch_.empty()) {
        const Step flushed = flush();
        if (flushed != Step::kGoOn) return flushed;
    }
    run_ = boot;
    return Step::kReopen;
}

Loader::Step Loader::at_end(JournalFollower::State state) {
    measure();
    const bool waiting = state == JournalFollower::State::kWait && waits();
    if (!batch_.empty() && (!waiting || Clock::now() - batch_begun_ >= options_.batch_interval)) {
        return flush();  // and come back
    }
    if (stop_.stop_requested()) return end(LoadResult::End::kStopped);
    if (state != JournalFollower::State::kClosed) works();  // all that there is, is stored
    if (waiting) {
        pause(options_.poll_interval);
        return Step::kGoOn;
    }
    if (state == JournalFollower::State::kDamaged) {
        return end(LoadResult::End::kDamaged, journal_.problem());
    }
    if (state == JournalFollower::State::kWait) {
        return end(LoadResult::End::kUpToDate, journal_.problem());
    }
    if (auto finished = store_.finish(journal_.hash()); !finished) return trouble(finished.error());
    works();
    return end(LoadResult::End::kComplete);
}

void Loader::take(const FollowedRecord& record) {
    if (batch_.empty()) {
        batch_begun_ = Clock::now();
        digest_ = 0;
        payloads_.clear();
    }
    const std::span<const std::byte> payload = record.record.payload;
    FERMATA_ASSERT(payload.size() <= kPayloadMax);  // so that the spans stay valid
    const std::size_t at = payloads_.size();
    payloads_.insert(payloads_.end(), payload.begin(), payload.end());
    batch_.push_back(record.record);
    batch_.back().payload = {payloads_.data() + at, payload.size()};
    digest_ = extend_digest(digest_, batch_.back());
    segment_ = record.segment;
    offset_ = record.offset;
    collected_[record.record.stream] = record.record.position;
}

Loader::Step Loader::flush() {
    if (auto stored = store_.store({batch_, digest_, segment_, offset_}); !stored) {
        return trouble(stored.error());
    }
    ++position_.batches;
    position_.records += batch_.size();
    position_.segment = segment_;
    position_.offset = offset_;
    position_.streams = collected_;
    checked_ = position_.records;
    result_.loaded += batch_.size();
    batch_.clear();
    works();
    publish();
    return Step::kGoOn;
}

Loader::Step Loader::trouble(const StoreError& error) {
    store_.close();
    connected_ = false;
    status_.state.store(LoaderState::kRetrying, std::memory_order_relaxed);
    if (error.kind == StoreErrorKind::kDiffers) {
        return end(LoadResult::End::kDiffers, error.message);
    }
    if (error.kind == StoreErrorKind::kRejected) {
        return end(LoadResult::End::kFailed, error.message);
    }
    if (error.kind == StoreErrorKind::kExists) {
        // Another loader may have been first, until it lost its connection. When it is so again
        // while we hold the lock, nobody's position accounts for these rows.
        if (exists_at_ == position_.records) {
            return end(LoadResult::End::kDiffers,
                       error.message + ", behind the last batch that is on record");
        }
        exists_at_ = position_.records;
        return stop_.stop_requested() ? end(LoadResult::End::kStopped) : Step::kRetry;
    }
    const auto now = Clock::now();
    if (trouble_since_ == Clock::time_point{}) trouble_since_ = now;
    if (reported_.insert(error.kind).second) {
        if (on_report_) on_report_({LoaderReport::Kind::kTrouble, error.kind, error.message});
    }
    if (options_.patience.count() > 0 && now - trouble_since_ >= options_.patience) {
        return end(LoadResult::End::kGaveUp, error.message);
    }
    measure();
    return stop_.stop_requested() ? end(LoadResult::End::kStopped) : Step::kRetry;
}

Loader::Step Loader::end(LoadResult::End how, std::string message) {
    result_.end = how;
    result_.message = std::move(message);
    return Step::kEnd;
}

/// Waits, but not for a stop; keeps the measure of the lag going.
void Loader::pause(std::chrono::milliseconds time) {
    const auto until = Clock::now() + time;
    std::mutex mutex;
    std::condition_variable_any wakes;
    std::unique_lock lock(mutex);
    while (Clock::now() < until && !stop_.stop_requested()) {
        const auto slice = std::min<Clock::duration>(until - Clock::now(), kMeasureInterval);
        wakes.wait_for(lock, stop_, slice, [] { return false; });
        measure();
    }
}

void Loader::publish() {
    status_.records.store(position_.records, std::memory_order_relaxed);
    status_.batches.store(position_.batches, std::memory_order_relaxed);
    measure();
    if (on_progress_) on_progress_(status_);
}

void Loader::measure() {
    const auto now = Clock::now();
    if (now - measured_ < kMeasureInterval) return;
    measured_ = now;
    const std::uint64_t total = journal_.bytes();
    // What lies behind the last record (its own frame, a footer) is no lag when nothing waits.
    const bool rests = connected_ && batch_.empty() && journal_.at_end();
    const std::uint64_t loaded =
        rests ? total : journal_.bytes_before(position_.segment, position_.offset);
    meter_.grown(total, now);
    meter_.loaded(loaded);
    status_.bytes.store(total, std::memory_order_relaxed);
    status_.lag_bytes.store(total > loaded ? total - loaded : 0, std::memory_order_relaxed);
    const std::int64_t since =
        meter_.behind() ? meter_.since().time_since_epoch() / std::chrono::nanoseconds(1) : 0;
    status_.behind_since.store(since, std::memory_order_relaxed);
    if (position_.segment > 0) {
        status_.whole_segment.store(position_.segment - 1, std::memory_order_relaxed);
    }
}

}  // namespace fermata

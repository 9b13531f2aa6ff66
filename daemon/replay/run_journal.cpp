#include "daemon/replay/run_journal.hpp"

#include <algorithm>
#include <random>
#include <stdexcept>
#include <utility>

#include "core/journal/snapshot.hpp"
#include "daemon/assembly/assembly.hpp"
#include "daemon/recovery/snapshot_store.hpp"
#include "daemon/rerun/record_check.hpp"
#include "daemon/rerun/recorded_run.hpp"
#include "daemon/retention/anchors.hpp"
#include "daemon/retention/prune_log.hpp"
#include "daemon/retention/replaceable.hpp"

namespace fermata {
namespace {

constexpr std::uint64_t kGroupBytes = std::uint64_t{1} << 20;

/// Two concurrent runs of one configuration are two runs: what they did depends on timing.
RunId random_run_id() {
    std::random_device device;
    RunId run{};
    for (std::byte& b : run) b = static_cast<std::byte>(device() & 0xff);
    return run;
}

std::uint64_t recorded(const ResumeReport& report, JournalStream stream) {
    for (const SegmentFooter::Position& position : report.positions) {
        if (position.stream == stream) return position.last;
    }
    return 0;
}

}  // namespace

/// Journals a run on one thread.
class RunJournal::Lockstep final : public RecordSink, public MarketSink {
public:
    explicit Lockstep(RunJournal& journal) : journal_(journal), writer_(journal.writer_.get()) {
        if (!journal_.resumed_ && !journal_.finished_) return;
        if (journal_.finished_) {
            trading_left_ = feed_recorded_ = ~std::uint64_t{0};  // everything is on record
        } else {
            trading_left_ = recorded(*journal_.resumed_, JournalStream::kTrading);
            feed_recorded_ = recorded(*journal_.resumed_, JournalStream::kFeed);
        }
        reader_ = open_journal(journal_.files_, journal_.directory_);
        check_ = std::make_unique<RecordCheck>(*reader_);
    }

    void on_record(const OrderEvent& event) override {
        if (trading_left_ != 0) {
            check(event);
        } else if (!writer_->append(event).ok()) {
            refuse();
        }
    }
    void on_market(const MarketEvent& event, std::uint64_t position) override {
        if (position <= feed_recorded_) return;
        MarketEvent e = event;
        e.seq = position;
        if (!writer_->append(e).ok()) refuse();
    }
    bool on_batch() override {
        if (writer_ == nullptr) return false;
        switch (journal_.config_.sync) {
            case JournalSync::kNone:
                return false;
            case JournalSync::kGroup:
                if (writer_->bytes() - synced_bytes_ < kGroupBytes) return false;
                break;
            case JournalSync::kStrict:
                break;
        }
        if (!writer_->sync().ok()) refuse();
        synced_bytes_ = writer_->bytes();
        journal_.durability_.trading_synced.store(writer_->position(JournalStream::kTrading),
                                                  std::memory_order_release);
        return true;
    }

private:
    void check(const OrderEvent& event) {
        check_->on_record(event);
        if (check_->divergence()) {
            throw std::runtime_error(journal_.directory_ +
                                     ": the run does not do again what is on record (stream 1, "
                                     "position " +
                                     std::to_string(check_->divergence()->position) + ": " +
                                     check_->divergence()->what +
                                     "); compare with fermata journal rerun");
        }
        --trading_left_;
    }
    [[noreturn]] void refuse() {
        journal_.durability_.failed.store(true, std::memory_order_release);
        throw std::runtime_error(writer_->failure()->message +
                                 "; the run was halted, its journal ends at the last whole record");
    }

    RunJournal& journal_;
    JournalWriter* writer_;  // null when the journal is finished
    std::unique_ptr<JournalReader> reader_;
    std::unique_ptr<RecordCheck> check_;
    std::uint64_t trading_left_ = 0;   // records of the resumed journal, to be compared
    std::uint64_t feed_recorded_ = 0;  // market events that it holds
    std::uint64_t synced_bytes_ = 0;
};

RunJournal::RunJournal(const Config& config, const JournalManifest& manifest,
                       const std::filesystem::path& out, EarlierJournal earlier)
    : config_(config.journal), directory_((out / "journal").string()) {
    if (earlier == EarlierJournal::kResume && !config_.enabled) {
        throw std::runtime_error("a run without a journal (journal.enabled) cannot be resumed");
    }
    lock();
    JournalOptions options;
    options.directory = directory_;
    options.segment_bytes = config_.segment_bytes;
    options.durable = config_.sync != JournalSync::kNone;
    options.configuration = config.effective;
    JournalHashers hashers;
    if (manifest.schedule == RunSchedule::kLockstep) hashers.records = sha256_hasher();
    hashers.chain = kDefaultChain;
    hashers.make_chain = chain_hashers();
    if (earlier == EarlierJournal::kResume) {
        this->resume(options, manifest, hashers);
    } else {
        remove_earlier(earlier);
    }
    if (!config_.enabled) return;
    if (!writer_ && !finished_) {
        const RunId run = manifest.schedule == RunSchedule::kLockstep
                              ? repeatable_run_id(manifest, sha256_hasher())
                              : random_run_id();
        auto created = JournalWriter::create(files_, options, manifest, run, hashers);
        if (!created) throw std::runtime_error(created.error().message);
        writer_ = std::move(*created);
    }
    if (manifest.schedule == RunSchedule::kLockstep) lockstep_ = std::make_unique<Lockstep>(*this);
}

RunJournal::~RunJournal() = default;

/// Before anything is looked at: what is seen stays as it is. Where there is no directory and none
/// is wanted there is nothing to lock.
void RunJournal::lock() {
    if (config_.enabled) {
        if (const auto made = files_.create_directories(directory_); !made) {
            throw std::runtime_error(made.error().message);
        }
    }
    auto taken = DirectoryLock::take(directory_);
    if (taken) {
        lock_.emplace(std::move(*taken));
    } else if (config_.enabled || taken.error().code != FileErrorCode::kNotFound) {
        throw std::runtime_error(taken.error().message +
                                 (taken.error().code == FileErrorCode::kExists
                                      ? "; a run needs a folder (--out) of its own"
                                      : ""));
    }
}

void RunJournal::resume(const JournalOptions& options, const JournalManifest& manifest,
                        const JournalHashers& hashers) {
    refuse_pruned(files_, directory_, "resumed");
    auto resumed = resume_journal(files_, options, manifest, hashers);
    if (resumed) {
        writer_ = std::move(resumed->writer);
        resumed_ = std::move(resumed->report);
        SnapshotStore(files_, directory_, resumed_->run, manifest).remove_beyond(resumed_->records);
        // What is on record survived: nothing of it is held back when it is done again.
        durability_.trading_synced.store(recorded(*resumed_, JournalStream::kTrading),
                                         std::memory_order_release);
    } else if (resumed.error().code == JournalErrorCode::kFinished) {
        finished_ = true;
    } else if (resumed.error().code != JournalErrorCode::kNothing) {
        throw std::runtime_error(resumed.error().message);
    }
}

/// A new run into the same folder replaces the files of the run before it.
void RunJournal::remove_earlier(EarlierJournal earlier) {
    if (earlier != EarlierJournal::kOverwrite) {
        if (const auto may = can_be_replaced(files_, directory_); !may) {
            throw std::runtime_error(may.error() +
                                     ": it is not replaced. Choose another folder (--out), go on "
                                     "with it if it was not closed (--resume), or give it up "
                                     "(--overwrite)");
        }
    }
    if (const auto removed = remove_journal(files_, directory_); !removed) {
        throw std::runtime_error(removed.error().message);
    }
    if (std::filesystem::is_directory(directory_)) {
        if (const auto pruned = prune_snapshots(files_, directory_, 0); !pruned) {
            throw std::runtime_error(pruned.error().message);
        }
    }
    for (const std::string_view about_it : {kAnchorsFile, kPruneLogFile}) {
        const std::filesystem::path path = std::filesystem::path(directory_) / about_it;
        if (std::filesystem::exists(path)) std::filesystem::remove(path);
    }
}

RecordSink* RunJournal::sink() noexcept { return lockstep_.get(); }

MarketSink* RunJournal::market_sink() noexcept {
    return config_.market == MarketRecord::kRecord ? lockstep_.get() : nullptr;
}

/// What a closed journal says of itself.
JournalSummary RunJournal::summary_on_record() {
    JournalReaderOptions options;
    options.records_hasher = sha256_hasher();
    auto reader = JournalReader::open(files_, directory_, options);
    if (!reader) throw std::runtime_error(reader.error().message);
    while ((*reader)->next() != nullptr) {
    }
    if ((*reader)->problem() != nullptr) throw std::runtime_error((*reader)->problem()->message);
    JournalSummary summary;
    summary.records = (*reader)->records();
    summary.segments = static_cast<std::uint32_t>((*reader)->segments().size());
    for (const SegmentInfo& segment : (*reader)->segments()) summary.bytes += segment.bytes;
    if ((*reader)->manifest()->schedule == RunSchedule::kLockstep) summary.hash = (*reader)->hash();
    return summary;
}

void RunJournal::leave_open() {
    if (!writer_) return;
    if (!writer_->sync().ok()) throw std::runtime_error(writer_->failure()->message);
    lockstep_.reset();
    writer_.reset();
}

const JournalSummary* RunJournal::close() {
    if (finished_) {
        summary_ = summary_on_record();
        return &summary_;
    }
    if (!writer_) return nullptr;
    auto closed = writer_->close();
    if (!closed) throw std::runtime_error(closed.error().message);
    summary_ = *closed;
    return &summary_;
}

}  // namespace fermata

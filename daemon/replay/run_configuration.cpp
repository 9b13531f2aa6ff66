#include "daemon/replay/run_configuration.hpp"

#include <algorithm>
#include <memory>
#include <stdexcept>
#include <utility>

#include "adapters/openssl/openssl_hasher.hpp"
#include "core/indicator/to_double.hpp"
#include "daemon/assembly/assembly.hpp"
#include "daemon/database/run_database.hpp"
#include "daemon/replay/summary.hpp"
#include "daemon/retention/anchors.hpp"
#include "daemon/retention/journal_disk.hpp"
#include "daemon/retention/prune_log.hpp"

namespace fermata {
namespace {

/// Puts records into the journal; a refusal ends the run.
class JournalSink final : public RecordSink {
public:
    explicit JournalSink(JournalWriter& writer) : writer_(writer) {}
    void on_record(const OrderEvent& event) override {
        if (!writer_.append(event).ok()) throw std::runtime_error(writer_.failure()->message);
    }

private:
    JournalWriter& writer_;
};

/// The journal of one run, when it is wanted.
class RunJournal {
public:
    RunJournal(const Config& config, const JournalManifest& manifest,
               const std::filesystem::path& out) {
        const std::string directory = (out / "journal").string();
        // A new run into the same folder replaces the files of the run before it.
        if (const auto removed = remove_journal(files_, directory); !removed) {
            throw std::runtime_error(removed.error().message);
        }
        for (const std::string_view about_it : {kAnchorsFile, kPruneLogFile}) {
            std::filesystem::remove(std::filesystem::path(directory) / about_it);
        }
        if (!config.journal.enabled) return;
        JournalOptions options;
        options.directory = directory;
        options.segment_bytes = config.journal.segment_bytes;
        options.durable = false;  // a replay can be repeated
        const RunId run = make_run_id(manifest.configuration_hash, manifest.start, sha256_hasher());
        auto writer = JournalWriter::create(files_, options, manifest, run,
                                            {sha256_hasher(), kDefaultChain, make_hasher});
        if (!writer) throw std::runtime_error(writer.error().message);
        writer_ = std::move(*writer);
        sink_ = std::make_unique<JournalSink>(*writer_);
    }
    [[nodiscard]] RecordSink* sink() { return sink_.get(); }
    /// nullptr when there is no journal.
    [[nodiscard]] const JournalSummary* close() {
        if (!writer_) return nullptr;
        auto closed = writer_->close();
        if (!closed) throw std::runtime_error(closed.error().message);
        summary_ = *closed;
        return &summary_;
    }

private:
    JournalDisk disk_;
    FileSystem& files_ = disk_.files();
    std::unique_ptr<JournalWriter> writer_;
    std::unique_ptr<JournalSink> sink_;
    JournalSummary summary_;
};

}  // namespace

RunReport run_configuration(const Config& config, const StrategyRegistry& registry,
                            const RunRequest& request) {
    std::filesystem::create_directories(request.out);
    Assembly assembly(config, registry);
    ReplayJob job;
    job.feed = assembly.make_feed();
    job.setup = assembly.make_setup();
    job.names = assembly.names();
    job.from = config.run.from;
    job.to = config.run.to;
    job.out = request.out;
    job.speed = to_double(config.run.speed.factor);
    job.hasher = sha256_hasher();
    job.equity_interval = config.run.equity_interval;
    job.benchmark = config.run.benchmark;
    job.progress = request.progress;
    job.cancelled = request.cancelled;
    std::filesystem::remove(request.out / "summary.json");
    // The manifest names the first instant of the data, so the data is looked at before the journal
    // begins.
    job.first_batch = job.feed->next();
    JournalManifest manifest = assembly.manifest();
    if (!job.first_batch.empty()) {
        manifest.start = std::max(job.first_batch.front().ts, config.run.from);
    }
    RunJournal journal(config, manifest, request.out);
    job.journal = journal.sink();
    std::unique_ptr<RunDatabase> database;
    if (config.database.enabled && config.journal.enabled) {
        database = std::make_unique<RunDatabase>(
            config.database, (request.out / "journal").string(), request.report);
    }

    const RunNames names = job.names;
    RunReport report;
    report.result = run_replay(std::move(job));
    const JournalSummary* const closed = journal.close();
    if (closed != nullptr) report.journal = *closed;
    if (database) report.stored = database->finish();
    const SummaryInput input{config, report.result, names, assembly.sources(), closed};
    write_summary(request.out, input);
    report.table = summary_table(input);
    return report;
}

}  // namespace fermata

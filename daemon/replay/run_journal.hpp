#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>

#include "adapters/file/directory_lock.hpp"
#include "core/journal/journal_reader.hpp"
#include "core/journal/journal_resume.hpp"
#include "core/journal/journal_stage.hpp"
#include "core/journal/journal_writer.hpp"
#include "core/port/durability.hpp"
#include "core/port/record_sink.hpp"
#include "daemon/config/config.hpp"
#include "daemon/replay/earlier_journal.hpp"
#include "daemon/replay/replay.hpp"
#include "daemon/retention/journal_disk.hpp"

namespace fermata {

/// The journal of one run in `out`/journal: created anew, or resumed where a process that ended
/// without closing it left off. Its directory is locked until the end: one run at a time.
///
/// Errors: std::runtime_error with a message for the operator.
class RunJournal {
public:
    /// Refuses, before anything is touched, while another process is at work on the directory, and
    /// to replace what can_be_replaced() does not allow. With journal.enabled off nothing is
    /// written, but the journal of an earlier run goes all the same.
    RunJournal(const Config& config, const JournalManifest& manifest,
               const std::filesystem::path& out, EarlierJournal earlier);
    RunJournal(const RunJournal&) = delete;
    RunJournal& operator=(const RunJournal&) = delete;
    ~RunJournal();

    /// nullptr when there is no journal.
    [[nodiscard]] JournalWriter* writer() noexcept { return writer_.get(); }
    [[nodiscard]] const Durability* durability() const noexcept {
        return writer_ ? &durability_ : nullptr;
    }
    [[nodiscard]] Durability* mutable_durability() noexcept { return &durability_; }
    [[nodiscard]] const JournalConfig& config() const noexcept { return config_; }
    [[nodiscard]] const std::string& directory() const noexcept { return directory_; }
    [[nodiscard]] FileSystem& files() noexcept { return files_; }
    /// The journal that was to be resumed is complete: the process ended after it was closed. There
    /// is no writer then; the run is only done again, for its results.
    [[nodiscard]] bool finished() const noexcept { return finished_; }
    /// What was found when the journal was resumed.
    [[nodiscard]] const std::optional<ResumeReport>& resumed() const noexcept { return resumed_; }

    /// For a run on one thread: records the trading stream, and syncs as configured. A resumed run
    /// is held against what is on record first, and appends what goes beyond it; a difference is an
    /// error, and nothing is appended. nullptr when there is no journal.
    [[nodiscard]] RecordSink* sink() noexcept;
    /// The same for market events; nullptr unless the journal records them.
    [[nodiscard]] MarketSink* market_sink() noexcept;

    /// Ends the run's journal, and says what is in it. nullptr when there is none.
    [[nodiscard]] const JournalSummary* close();
    /// The run was interrupted: writes what there is, and leaves the journal as one that can be
    /// resumed.
    void leave_open();

private:
    class Lockstep;
    void lock();
    void resume(const JournalOptions& options, const JournalManifest& manifest,
                const JournalHashers& hashers);
    void remove_earlier(EarlierJournal earlier);
    [[nodiscard]] JournalSummary summary_on_record();

    JournalDisk disk_;
    FileSystem& files_ = disk_.files();
    JournalConfig config_;
    std::string directory_;
    std::optional<DirectoryLock> lock_;
    std::unique_ptr<JournalWriter> writer_;
    std::optional<ResumeReport> resumed_;
    bool finished_ = false;
    Durability durability_;
    std::unique_ptr<Lockstep> lockstep_;
    JournalSummary summary_;
};

}  // namespace fermata

#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "core/journal/journal_reader.hpp"
#include "core/port/event_store.hpp"
#include "core/port/file.hpp"

namespace fermata {

/// A record with its place in the journal; the payload is valid until the next call.
struct FollowedRecord {
    StoredRecord record;
    std::uint32_t segment = 0;
    std::uint64_t offset = 0;
    std::uint32_t boot = 1;
};

/// Reads the records of a journal that may still be written, in file order.
class JournalFollower {
public:
    enum class State : std::uint8_t {
        kRecord,
        kWait,     ///< Nothing more for now: the writer is at work, was killed, or has not begun.
        kClosed,   ///< The run was closed and all its records were returned.
        kDamaged,  ///< See `problem`.
    };

    /// With `follow`, a journal that ends without having been closed may grow: `next` can be called
    /// again after kWait.
    JournalFollower(FileSystem& files, std::string directory, bool follow)
        : files_(files), directory_(std::move(directory)), follow_(follow) {}

    /// Goes to the first record behind these positions that the journal still has. They lie in this
    /// segment; 0: the first one that is there.
    void start(std::uint32_t segment, const StreamPositions& after);
    /// kRecord: `current` is the next record.
    [[nodiscard]] State next();
    /// Whether the last call of `next` found nothing more.
    [[nodiscard]] bool at_end() const noexcept { return at_end_; }
    [[nodiscard]] const FollowedRecord& current() const noexcept { return current_; }
    [[nodiscard]] const std::string& problem() const noexcept { return problem_; }
    /// What the journal says about its run, as of the boot that is being read; nothing before its
    /// first segment can be read.
    [[nodiscard]] const std::optional<RunDescription>& run() const noexcept { return run_; }
    /// The run's records up to and with the current one, those before the first segment included.
    [[nodiscard]] std::uint64_t number() const noexcept {
        return reader_ ? reader_->records_of_run() : 0;
    }
    /// Epoch of the last segment that was begun; 0 before the first.
    [[nodiscard]] std::uint32_t last_boot() const noexcept {
        return reader_ && !reader_->segments().empty() ? reader_->segments().back().boot_epoch : 0;
    }
    /// kClosed: the hash of the run's records, empty when none was taken.
    [[nodiscard]] std::string hash() const;

    /// Bytes of all segments, and of those before a place; 0 when the directory cannot be read.
    [[nodiscard]] std::uint64_t bytes();
    [[nodiscard]] std::uint64_t bytes_before(std::uint32_t segment, std::uint64_t offset) const;

private:
    [[nodiscard]] bool open();
    void note_run();

    FileSystem& files_;
    std::string directory_;
    bool follow_;
    std::uint32_t first_segment_ = 0;
    std::unique_ptr<JournalReader> reader_;
    StreamPositions returned_;  // last position of each stream that was returned or skipped
    FollowedRecord current_;
    bool at_end_ = false;
    std::string problem_;
    std::optional<RunDescription> run_;
    std::map<std::uint32_t, std::uint64_t> sizes_;  // of the segments
};

}  // namespace fermata

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
struct TailRecord {
    StoredRecord record;
    std::uint32_t segment = 0;
    std::uint64_t offset = 0;
};

/// Reads the records of a journal that may still be written, in file order.
class JournalTail {
public:
    enum class State : std::uint8_t {
        kRecord,
        kWait,     ///< Nothing more for now: the writer is at work, was killed, or has not begun.
        kClosed,   ///< The run was closed and all its records were returned.
        kDamaged,  ///< See `problem`.
    };

    JournalTail(FileSystem& files, std::string directory)
        : files_(files), directory_(std::move(directory)) {}

    /// Goes to the first record that is not covered by these positions, which lie in or before this
    /// segment (0: unknown).
    void start(std::uint32_t segment, const StreamPositions& after);
    /// kRecord: `current` is the next record.
    [[nodiscard]] State next();
    /// Whether the last call of `next` found nothing more.
    [[nodiscard]] bool at_end() const noexcept { return at_end_; }
    [[nodiscard]] const TailRecord& current() const noexcept { return current_; }
    [[nodiscard]] const std::string& problem() const noexcept { return problem_; }
    /// What the journal says about its run; nothing before its first segment can be read.
    [[nodiscard]] const std::optional<RunDescription>& run() const noexcept { return run_; }

    /// Bytes of all segments, and of those before a place; 0 when the directory cannot be read.
    [[nodiscard]] std::uint64_t bytes();
    [[nodiscard]] std::uint64_t bytes_before(std::uint32_t segment, std::uint64_t offset) const;

private:
    [[nodiscard]] bool reopen();

    FileSystem& files_;
    std::string directory_;
    std::unique_ptr<JournalReader> reader_;
    StreamPositions returned_;  // last position of each stream that was returned or skipped
    TailRecord current_;
    bool at_end_ = false;
    std::string problem_;
    std::optional<RunDescription> run_;
    std::map<std::uint32_t, std::uint64_t> sizes_;  // of the segments
};

}  // namespace fermata

#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "core/base/result.hpp"
#include "core/event/order_event.hpp"
#include "core/journal/format.hpp"
#include "core/journal/journal_problem.hpp"
#include "core/journal/manifest.hpp"
#include "core/journal/segment_reader.hpp"
#include "core/port/file.hpp"
#include "core/port/hasher.hpp"

namespace fermata {

/// One record, valid until the next call to the reader.
struct JournalRecord {
    OrderEvent event;
    JournalStream stream = JournalStream::kTrading;
    std::uint64_t position = 0;  ///< In the stream, from 1.
    std::uint32_t segment = 0;
    std::uint64_t offset = 0;          ///< Of its frame in the segment's file.
    std::span<const std::byte> frame;  ///< Header and payload, as they stand in the file.
};

/// How a journal ends, as far as it was read.
enum class JournalEnding : std::uint8_t {
    kReading,  ///< Not at its end yet.
    kClosed,   ///< With the footer of a run that was closed; nothing was wrong.
    kTorn,     ///< As a crash leaves it: all records before are whole, nothing valid follows.
    kDamaged,  ///< Something else is wrong.
};

/// Per segment, for statistics.
struct SegmentInfo {
    std::uint32_t segment = 0;
    std::uint64_t bytes = 0;
    std::uint64_t records = 0;  ///< That were read.
    std::optional<SegmentFooter> footer;
};

/// Reads the records of a journal in file order over all its segments, and checks everything on the
/// way: headers, checksums, positions, footers, and the hash when it is given a hasher.
///
/// Stops at the first problem. Every record that it returned is whole and follows the ones before
/// without a gap. A reader that wants to see what follows the problem calls `resume`.
/// One thread. Memory does not grow with the journal.
class JournalReader {
public:
    /// Lists the segments; fails when the directory cannot be read or holds none. `files` outlives
    /// the reader. With a `hasher_factory` the footers' hashes are checked too.
    [[nodiscard]] static Result<std::unique_ptr<JournalReader>, JournalProblem> open(
        FileSystem& files, const std::string& directory, const HasherFactory& hasher_factory = {});

    /// The next record, or nullptr at the end or at a problem.
    [[nodiscard]] const JournalRecord* next();

    /// What made `next` return nullptr, or nullptr when that was the regular end.
    [[nodiscard]] const JournalProblem* problem() const noexcept {
        return problem_ ? &*problem_ : nullptr;
    }
    /// After a problem: makes `next` go on behind it, with the next frame that is valid.
    void resume() { problem_.reset(); }

    [[nodiscard]] JournalEnding ending() const noexcept { return ending_; }

    /// Of the first segment; nullptr until `next` was called, or when it is unreadable.
    [[nodiscard]] const JournalManifest* manifest() const noexcept {
        return manifest_ ? &*manifest_ : nullptr;
    }
    [[nodiscard]] const std::optional<RunId>& run() const noexcept { return run_; }
    /// Records read so far, and in which segments.
    [[nodiscard]] std::uint64_t records() const noexcept { return records_; }
    [[nodiscard]] const std::vector<SegmentInfo>& segments() const noexcept { return infos_; }
    /// Over the frames of all records read so far; empty without a hasher.
    [[nodiscard]] std::string hash() const { return hasher_ ? hasher_->clone()->finish() : ""; }

private:
    JournalReader(FileSystem& files, std::string directory, std::vector<std::uint32_t> numbers,
                  std::unique_ptr<Hasher> hasher);

    /// Whether the open segment's manifest is due, may still come (after damage), or came.
    enum class Manifest : std::uint8_t { kDue, kAllowed, kPast };
    /// What a step of the reader led to.
    enum class Step : std::uint8_t { kRecord, kAgain, kStop };
    [[nodiscard]] Step step();
    [[nodiscard]] Step enter_segment();
    [[nodiscard]] Step check_header(const SegmentHeader& header);
    [[nodiscard]] Step end_of_segment();
    [[nodiscard]] Step end_of_journal();
    [[nodiscard]] Step take_control(const Frame& frame);
    [[nodiscard]] Step take_manifest(const Frame& frame);
    [[nodiscard]] Step take_footer(const Frame& frame);
    [[nodiscard]] Step take_record(const Frame& frame);
    [[nodiscard]] Step stop(JournalProblemKind kind, std::uint64_t offset, std::string detail,
                            bool torn = false);
    [[nodiscard]] Step stop(JournalProblemKind kind, std::uint32_t segment, std::uint64_t offset,
                            std::string detail, bool torn);
    [[nodiscard]] Step stop(const SegmentFault& fault);
    [[nodiscard]] bool in_last_segment() const noexcept { return next_segment_ == numbers_.size(); }

    FileSystem& files_;
    std::string directory_;
    std::vector<std::uint32_t> numbers_;  // of the segments that exist, ascending
    std::size_t next_segment_ = 0;        // index into numbers_
    std::uint32_t expected_segment_ = 1;
    std::unique_ptr<SegmentReader> segment_;
    Manifest manifest_state_ = Manifest::kPast;
    bool has_footer_ = false;    // the segment's footer was read
    bool end_reported_ = false;  // what is wrong with the segment's end was said already
    bool damaged_ = false;       // frames were skipped: totals cannot be checked any more

    std::vector<std::byte> manifest_bytes_;  // payload in the first segment
    std::optional<JournalManifest> manifest_;
    std::optional<RunId> run_;
    std::unique_ptr<Hasher> hasher_;
    std::array<std::uint64_t, kJournalStreamsMax> positions_{};
    std::array<std::uint64_t, kJournalStreamsMax> feed_positions_{};
    std::uint64_t records_ = 0;
    std::vector<SegmentInfo> infos_;
    JournalRecord record_;
    std::optional<JournalProblem> problem_;
    JournalEnding ending_ = JournalEnding::kReading;
};

}  // namespace fermata

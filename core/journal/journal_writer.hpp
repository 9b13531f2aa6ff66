#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "core/base/result.hpp"
#include "core/event/order_event.hpp"
#include "core/journal/format.hpp"
#include "core/journal/manifest.hpp"
#include "core/port/file.hpp"
#include "core/port/hasher.hpp"

namespace fermata {

struct JournalOptions {
    std::string directory;  ///< Created when absent; must not hold a journal yet.
    /// A segment ends before the record that would take it beyond this size; every segment holds at
    /// least one record.
    std::uint64_t segment_bytes = std::uint64_t{256} << 20;
    /// Records are handed to the operating system in batches of about this size.
    std::size_t buffer_bytes = std::size_t{256} << 10;
    /// False: nothing is synced, `sync` is `flush`, and durability is left to the operating system.
    /// For a replay, which can be repeated.
    bool durable = true;
};

enum class JournalErrorCode : std::uint8_t {
    kExists,    ///< The directory holds a journal already.
    kFile,      ///< A file operation failed; the writer refuses everything from then on.
    kSequence,  ///< A stream's event was lost on the way to the writer; final as well.
    kClosed,
};

struct JournalError {
    JournalErrorCode code = JournalErrorCode::kFile;
    std::string message;  ///< What happened to which file.
};

/// What stands in a journal that was closed.
struct JournalSummary {
    std::uint64_t records = 0;
    std::uint64_t bytes = 0;  ///< Of all segments, headers included.
    std::uint32_t segments = 0;
    std::string hash;  ///< Over all record frames in order, "sha256:..."; empty without a hasher.
};

/// Writes one run's journal: frames the records of the streams and rotates segments.
///
/// Owner:   one thread (the journal's loop; the only thread in replay).
/// Memory:  `append` copies into a buffer that was allocated at creation. Handing over a batch is
/// one
///          system call and one hash update; only the start of a new segment allocates.
/// Errors:  the first failure is final. The file may then end in a torn record, which a reader
///          recognises; `synced_records` never counts a record that was not synced whole.
/// Closing: a writer that is destroyed without `close` loses what was not flushed, and its journal
///          ends without a footer.
class JournalWriter {
public:
    /// Creates the directory and the first segment. `files` outlives the writer. An empty
    /// `hasher_factory` means that no hash is taken.
    [[nodiscard]] static Result<std::unique_ptr<JournalWriter>, JournalError> create(
        FileSystem& files, const JournalOptions& options, const JournalManifest& manifest,
        const RunId& run, const HasherFactory& hasher_factory);

    JournalWriter(const JournalWriter&) = delete;
    JournalWriter& operator=(const JournalWriter&) = delete;

    /// Adds the next event of a stream (not the control stream). Its `seq` is its position there,
    /// from 1; one that is left out or repeats is an error, for the journal must have no gap. The
    /// event is neither written nor durable until `flush` or `sync`.
    [[nodiscard]] Status<JournalErrorCode> append(const OrderEvent& event,
                                                  JournalStream stream = JournalStream::kTrading);

    /// Hands everything appended to the operating system.
    [[nodiscard]] Status<JournalErrorCode> flush();
    /// Returns when everything appended survives a loss of power (as configured).
    [[nodiscard]] Status<JournalErrorCode> sync();
    /// Writes the footer, syncs (as configured) and closes. Whether it fails or not, nothing can be
    /// appended afterwards.
    [[nodiscard]] Result<JournalSummary, JournalError> close();

    /// Records appended so far, and how many of them (the first ones) surely survive a loss of
    /// power.
    [[nodiscard]] std::uint64_t records() const noexcept { return records_; }
    [[nodiscard]] std::uint64_t synced_records() const noexcept { return synced_records_; }
    /// Why the writer refuses, or nullptr while it works.
    [[nodiscard]] const JournalError* failure() const noexcept { return failure_.get(); }

private:
    JournalWriter(FileSystem& files, const JournalOptions& options, const JournalManifest& manifest,
                  const RunId& run, const HasherFactory& hasher_factory);

    [[nodiscard]] bool segment_full() const noexcept {
        return segment_records_ > 0 &&
               segment_size_ + used_ + kRecordBytesMax > options_.segment_bytes;
    }
    [[nodiscard]] Status<JournalErrorCode> open_segment();
    [[nodiscard]] Status<JournalErrorCode> close_segment(bool final);
    [[nodiscard]] Status<JournalErrorCode> make_room();
    [[nodiscard]] Status<JournalErrorCode> write(std::span<const std::byte> bytes);
    [[nodiscard]] Status<JournalErrorCode> check(const Status<FileError>& status);
    Err<JournalErrorCode> fail(JournalErrorCode code, std::string message);

    FileSystem& files_;
    JournalOptions options_;
    std::vector<std::byte> manifest_frame_;
    RunId run_;
    std::unique_ptr<Hasher> hasher_;  // over the record frames; null when no hash is wanted

    std::vector<std::byte> buffer_;  // record frames that are not yet written
    std::size_t used_ = 0;
    std::unique_ptr<WritableFile> file_;
    std::uint32_t segment_ = 0;
    std::uint64_t segment_size_ = 0;  // bytes written to the open segment
    std::uint64_t segment_records_ = 0;
    std::uint64_t total_bytes_ = 0;
    std::uint64_t records_ = 0;
    std::uint64_t synced_records_ = 0;
    std::array<std::uint64_t, kJournalStreamsMax> positions_{};
    std::unique_ptr<JournalError> failure_;
};

/// Removes the segments of a journal from a directory and nothing else, so that a run can be
/// written there again. A directory that does not exist is fine.
[[nodiscard]] Status<FileError> remove_journal(FileSystem& files, const std::string& directory);

}  // namespace fermata

#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <string>
#include <vector>

#include "core/base/result.hpp"
#include "core/event/market_event.hpp"
#include "core/event/order_event.hpp"
#include "core/journal/block_chain.hpp"
#include "core/journal/format.hpp"
#include "core/journal/manifest.hpp"
#include "core/journal/raw_message.hpp"
#include "core/port/file.hpp"
#include "core/port/hasher.hpp"

namespace fermata {

struct JournalOptions {
    std::string directory;  ///< Created when absent; must not hold a journal yet.
    /// A segment ends before the record that would take it beyond this size (seal and footer come
    /// on top); every segment holds at least one record.
    std::uint64_t segment_bytes = std::uint64_t{256} << 20;
    /// Records are handed to the operating system in batches of about this size.
    std::size_t buffer_bytes = std::size_t{256} << 10;
    /// False: nothing is synced, `sync` is `flush`, and durability is left to the operating system.
    /// For a replay, which can be repeated.
    bool durable = true;
    /// A block of the hash chain is sealed when it has grown to this many bytes.
    std::uint64_t block_bytes = std::uint64_t{64} << 10;
    std::string configuration = {};  ///< The effective configuration's text, to be put on record.
};

/// Which hashes a writer takes.
struct JournalHashers {
    /// Of the trading stream's records, to compare runs; empty: none.
    HasherFactory records;
    /// Of the chain; kNone: the journal has none.
    HashAlgorithm chain = HashAlgorithm::kNone;
    HasherMaker make_chain;
};

enum class JournalErrorCode : std::uint8_t {
    kExists,    ///< The directory holds a journal already.
    kFile,      ///< A file operation failed; the writer refuses everything from then on.
    kSequence,  ///< A stream's event was lost on the way to the writer; final as well.
    kClosed,
    kTooLarge,   ///< The configuration or the manifest is larger than a frame can be; to be
                 ///< resumed: the run has as many boots as can be.
    kDamaged,    ///< To be resumed: the journal is not just torn, something in it is wrong.
    kFinished,   ///< To be resumed: the run was closed.
    kNothing,    ///< To be resumed: the directory holds no journal (any more).
    kDifferent,  ///< To be resumed: the run has another configuration or other ids.
};

struct JournalError {
    JournalErrorCode code = JournalErrorCode::kFile;
    std::string message;  ///< What happened to which file.
};

/// What stands in a journal that was closed.
struct JournalSummary {
    std::uint64_t records = 0;
    std::uint64_t bytes = 0;  ///< Of all segments that this writer made, headers included.
    std::uint32_t segments = 0;
    std::string hash;  ///< Of the trading stream's records, "sha256:..."; empty without a hasher.
    BlockSeal head;    ///< Of the hash chain.
};

/// Where a journal that ends without having been closed goes on (core/journal/journal_resume.hpp).
struct JournalTail {
    RunId run{};
    std::uint32_t segment = 0;     ///< The last one.
    std::uint64_t offset = 0;      ///< Behind its last whole frame.
    bool has_preamble = false;     ///< Header, manifest and configuration are whole.
    bool has_footer = false;       ///< It needs none any more.
    std::uint32_t boot_epoch = 0;  ///< Of that segment.
    std::uint64_t records = 0;
    std::uint64_t segment_records = 0;
    std::array<std::uint64_t, kJournalStreamsMax> positions{};
    BlockChain chain;                        ///< With the bytes since the last seal.
    std::unique_ptr<Hasher> records_hasher;  ///< With the records so far, or nullptr.
};

/// Writes one run's journal: frames the records of the streams, seals the blocks of the hash chain
/// and rotates segments. An order record or market event that was appended is a *record*.
///
/// Owner:   one thread (the journal's loop; the only thread in replay).
/// Memory:  `append` copies into a buffer that was allocated at creation. Handing over a batch is
///          one system call and the hashes' updates; only the start of a new segment allocates.
/// Errors:  the first failure is final. The file may then end in a torn record, which a reader
///          recognises; `synced_records` never counts a record that was not synced whole.
/// Closing: a writer that is destroyed without `close` loses what was not flushed, and its journal
///          ends without a footer.
class JournalWriter {
public:
    /// Creates the directory and the first segment; where the journal is durable, its head is
    /// synced on return. `files` outlives the writer. The manifest's boot epoch is set to 1.
    [[nodiscard]] static Result<std::unique_ptr<JournalWriter>, JournalError> create(
        FileSystem& files, const JournalOptions& options, const JournalManifest& manifest,
        const RunId& run, const JournalHashers& hashers);

    /// Goes on with the run of `tail`: closes the last segment, whose file is cut already, and
    /// begins the next one with the next boot epoch. For resume_journal.
    [[nodiscard]] static Result<std::unique_ptr<JournalWriter>, JournalError> go_on(
        FileSystem& files, const JournalOptions& options, const JournalManifest& manifest,
        JournalTail tail, const JournalHashers& hashers);

    JournalWriter(const JournalWriter&) = delete;
    JournalWriter& operator=(const JournalWriter&) = delete;

    /// Adds the next event of a stream (not the control or feed stream). Its `seq` is its position
    /// there, from 1; one that is left out or repeats is an error, for the journal must have no
    /// gap. The event is neither written nor durable until `flush` or `sync`.
    [[nodiscard]] Status<JournalErrorCode> append(const OrderEvent& event,
                                                  JournalStream stream = JournalStream::kTrading);

    /// Adds the next event of the feed stream, whose positions begin at the manifest's feed_start.
    /// Consecutive ones share a frame, which ends at 256 of them, at a record of another stream and
    /// at `flush`.
    [[nodiscard]] Status<JournalErrorCode> append(const MarketEvent& event) {
        if (event.seq != feed_next_ || feed_room_ == 0) [[unlikely]]
            return append_first(event);
        put(event);
        return Unit{};
    }

    /// Adds a message, or a part of one (RawMessage), as it stands. It is no record: it has no
    /// position, is not counted, and no stage reads it.
    [[nodiscard]] Status<JournalErrorCode> append(const RawMessage& message);

    /// Hands everything appended to the operating system.
    [[nodiscard]] Status<JournalErrorCode> flush();
    /// Seals the block and returns when everything appended survives a loss of power (as
    /// configured). Does nothing when nothing is new.
    [[nodiscard]] Status<JournalErrorCode> sync();
    /// Writes the footer, syncs (as configured) and closes. Whether it fails or not, nothing can be
    /// appended afterwards.
    [[nodiscard]] Result<JournalSummary, JournalError> close();

    /// Records appended so far, and how many of them (the first ones) surely survive a loss of
    /// power.
    [[nodiscard]] std::uint64_t records() const noexcept {
        return records_ + (feed_next_ - feed_first_);
    }
    [[nodiscard]] std::uint64_t synced_records() const noexcept { return synced_records_; }
    /// Last position of a stream that was appended.
    [[nodiscard]] std::uint64_t position(JournalStream stream) const noexcept {
        if (stream == JournalStream::kFeed) return feed_next_ - 1;
        return positions_[static_cast<std::size_t>(stream)];
    }
    /// Bytes handed over or waiting for it, of all segments.
    [[nodiscard]] std::uint64_t bytes() const noexcept { return total_bytes_ + used_; }
    [[nodiscard]] const RunId& run() const noexcept { return run_; }
    [[nodiscard]] std::uint32_t boot_epoch() const noexcept { return boot_epoch_; }
    /// The last block that was sealed.
    [[nodiscard]] const BlockSeal& head() const noexcept { return chain_.last(); }
    /// Why the writer refuses, or nullptr while it works.
    [[nodiscard]] const JournalError* failure() const noexcept { return failure_.get(); }

private:
    JournalWriter(FileSystem& files, const JournalOptions& options, const RunId& run,
                  const JournalHashers& hashers);

    [[nodiscard]] Status<JournalErrorCode> begin_boot(const JournalManifest& manifest,
                                                      std::uint32_t epoch);
    [[nodiscard]] bool fits(std::size_t bytes) const noexcept {
        return segment_records_ == 0 || segment_size_ + used_ + bytes <= options_.segment_bytes;
    }
    [[nodiscard]] Status<JournalErrorCode> open_segment(bool begins_boot);
    [[nodiscard]] Status<JournalErrorCode> close_segment(bool final, bool recovered);
    [[nodiscard]] Status<JournalErrorCode> make_room(std::size_t bytes);
    [[nodiscard]] Status<JournalErrorCode> append_first(const MarketEvent& event);
    [[nodiscard]] Err<JournalErrorCode> refuse_sequence(std::size_t stream, std::uint64_t seq,
                                                        std::uint64_t due);
    void put(const MarketEvent& event) noexcept;
    void end_feed_frame();
    void put_seal();
    void seal_when_due();
    void hash_trading();
    [[nodiscard]] Status<JournalErrorCode> write(std::span<const std::byte> bytes);
    [[nodiscard]] Status<JournalErrorCode> write_preamble(std::span<const std::byte> bytes);
    [[nodiscard]] Status<JournalErrorCode> check(const Status<FileError>& status);
    Err<JournalErrorCode> fail(JournalErrorCode code, std::string message);

    FileSystem& files_;
    JournalOptions options_;
    JournalHashers hashers_;
    std::vector<std::byte> manifest_frame_;
    std::vector<std::byte> configuration_frame_;
    RunId run_;
    std::uint32_t boot_epoch_ = 1;
    BlockChain chain_;
    std::unique_ptr<Hasher> records_hasher_;  // null when no hash is wanted

    std::vector<std::byte> buffer_;  // frames that are not yet written
    std::size_t used_ = 0;           // of whole frames
    std::size_t chained_ = 0;        // up to here the chain has the buffer
    std::size_t hashed_ = 0;         // up to here the records' hash has the buffer

    // The open frame of market events stands at buffer_[used_]: feed_first_ up to feed_next_.
    std::uint64_t feed_first_ = 1;
    std::uint64_t feed_next_ = 1;
    std::size_t feed_room_ = 0;  // events that it still takes; 0: none is open, or it is full
    std::byte* feed_at_ = nullptr;

    std::unique_ptr<WritableFile> file_;
    std::uint32_t segment_ = 0;
    std::uint64_t segment_size_ = 0;  // bytes written to the open segment
    std::uint64_t segment_records_ = 0;
    std::uint64_t total_bytes_ = 0;
    std::uint64_t records_ = 0;  // without the open frame's
    std::uint64_t synced_records_ = 0;
    bool unsynced_ = false;  // bytes were written since the last sync
    std::array<std::uint64_t, kJournalStreamsMax> positions_{};
    std::uint64_t feed_before_ = 0;  // position before the feed's first on record
    std::unique_ptr<JournalError> failure_;
};

inline void JournalWriter::put(const MarketEvent& event) noexcept {
    static_assert(MarketEvent::kLaneWord == 0);
    std::uint64_t words[sizeof event / 8];
    std::memcpy(words, &event, sizeof event);
    words[MarketEvent::kLaneWord] &= ~MarketEvent::kLaneMask;
    std::memcpy(feed_at_, words, sizeof words);
    feed_at_ += sizeof words;
    ++feed_next_;
    --feed_room_;
}

/// Removes the segments of a journal from a directory and nothing else, so that a run can be
/// written there again. A directory that does not exist is fine.
[[nodiscard]] Status<FileError> remove_journal(FileSystem& files, const std::string& directory);

}  // namespace fermata

#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "core/base/result.hpp"
#include "core/event/market_event.hpp"
#include "core/event/order_event.hpp"
#include "core/journal/block_chain.hpp"
#include "core/journal/format.hpp"
#include "core/journal/journal_head.hpp"
#include "core/journal/journal_problem.hpp"
#include "core/journal/journal_writer.hpp"
#include "core/journal/manifest.hpp"
#include "core/journal/raw_message.hpp"
#include "core/journal/segment_reader.hpp"
#include "core/port/file.hpp"
#include "core/port/hasher.hpp"

namespace fermata {

struct JournalReaderOptions {
    /// The segment to begin with. What was in earlier ones is taken from its header as given: the
    /// number of records, the head of the chain, and the streams' positions as they come. 0: the
    /// first one that the directory holds, as after older ones were pruned.
    std::uint32_t first_segment = 1;
    /// True: the journal may still grow. At its end `next` returns nullptr and `ending` kWaiting;
    /// it goes on when it is called again later, over new segments too. A last frame that is not
    /// (yet) valid is not there yet.
    bool follow = false;
    HasherFactory records_hasher;       ///< Checks the hash of the trading stream's records.
    HasherMaker chain_hasher;           ///< Checks the chain; empty: seals are only counted.
    std::optional<JournalHead> anchor;  ///< Looked for among the seals.
    /// Is shown every raw message on the way; they are no records.
    std::function<void(const RawMessage&)> on_raw = {};
};

/// One record, valid until the next call to the reader.
struct JournalRecord {
    bool is_market = false;  ///< Then `market` holds the event, else `event`.
    OrderEvent event;
    MarketEvent market;
    JournalStream stream = JournalStream::kTrading;
    std::uint64_t position = 0;  ///< In the stream, from 1.
    std::uint32_t segment = 0;
    std::uint32_t boot_epoch = 1;
    std::uint64_t offset = 0;          ///< Of its frame in the segment's file.
    std::span<const std::byte> frame;  ///< Header and payload, as they stand in the file.
};

/// How a journal ends, as far as it was read.
enum class JournalEnding : std::uint8_t {
    kReading,  ///< Not at its end yet.
    kClosed,   ///< With the footer of a run that was closed; nothing was wrong.
    kTorn,     ///< As a crash leaves it: all records before are whole, nothing valid follows.
    kDamaged,  ///< Something else is wrong.
    kWaiting,  ///< Followed: there is no more yet.
};

/// Per segment, for statistics.
struct SegmentInfo {
    std::uint32_t segment = 0;
    std::uint64_t bytes = 0;
    std::uint64_t records = 0;  ///< That were read.
    std::uint32_t boot_epoch = 0;
    std::optional<SegmentFooter> footer;
};

/// Reads the records of a journal in file order over all its segments, and checks everything on the
/// way: headers, checksums, positions, footers, and the chain and hash when it is given hashers.
///
/// Stops at the first problem. Every record that it returned is whole and follows the ones before
/// without a gap. A reader that wants to see what follows the problem calls `resume`.
/// One thread. Memory does not grow with the journal, but for a note a segment.
class JournalReader {
public:
    /// Lists the segments; fails when the directory cannot be read or holds none (unless it is
    /// followed). `files` outlives the reader.
    [[nodiscard]] static Result<std::unique_ptr<JournalReader>, JournalProblem> open(
        FileSystem& files, const std::string& directory, const JournalReaderOptions& options = {});

    /// The next record, or nullptr at the end, at a problem, or when there is no more yet.
    [[nodiscard]] const JournalRecord* next();

    /// What made `next` return nullptr, or nullptr when that was the regular end.
    [[nodiscard]] const JournalProblem* problem() const noexcept {
        return problem_ ? &*problem_ : nullptr;
    }
    /// After a problem: makes `next` go on behind it, with the next frame that is valid.
    void resume() { problem_.reset(); }

    [[nodiscard]] JournalEnding ending() const noexcept { return ending_; }

    /// Of the boot that is being read; nullptr until `next` was called, or when it is unreadable.
    [[nodiscard]] const JournalManifest* manifest() const noexcept {
        return manifest_ ? &*manifest_ : nullptr;
    }
    /// The effective configuration of the same boot; nothing when it was not read.
    [[nodiscard]] const std::optional<std::string>& configuration() const noexcept {
        return configuration_;
    }
    [[nodiscard]] const std::optional<RunId>& run() const noexcept { return run_; }
    /// Records read so far, and in which segments.
    [[nodiscard]] std::uint64_t records() const noexcept { return records_; }
    /// The same with what earlier segments hold, as the first one read says.
    [[nodiscard]] std::uint64_t records_of_run() const noexcept {
        return records_before_ + records_;
    }
    [[nodiscard]] const std::vector<SegmentInfo>& segments() const noexcept { return infos_; }
    /// Over the frames of the trading stream's records read so far; empty without a hasher.
    [[nodiscard]] std::string hash() const { return hasher_ ? hasher_->clone()->finish() : ""; }
    /// The last seal that was read, footers included; nothing before the first.
    [[nodiscard]] const std::optional<JournalHead>& head() const noexcept { return head_; }
    /// Whether the anchor was among the seals read so far.
    [[nodiscard]] bool anchor_found() const noexcept { return anchor_found_; }

    /// Whether the segment has a chain that this reader cannot compute.
    [[nodiscard]] bool needs_chain_hasher() const noexcept {
        return algorithm_ != HashAlgorithm::kNone && !chain_.active();
    }
    /// Where the journal goes on. After a torn ending, from the first segment on, with the hashers
    /// that the journal's hashes need.
    [[nodiscard]] Result<JournalTail, JournalProblem> tail();

private:
    static constexpr std::uint64_t kUnknown = ~std::uint64_t{0};

    JournalReader(FileSystem& files, std::string directory, const JournalReaderOptions& options);

    /// Whether a frame at the segment's head is due, may still come (after damage), or came.
    enum class Due : std::uint8_t { kNow, kMaybe, kPast };
    /// What a step of the reader led to.
    enum class Step : std::uint8_t { kRecord, kAgain, kStop };

    // journal_reader.cpp: from segment to segment, from frame to frame.
    [[nodiscard]] Status<JournalProblem> find_segments();
    [[nodiscard]] Step step();
    [[nodiscard]] Step enter_segment();
    void leave_segment();
    [[nodiscard]] Step end_of_segment();
    [[nodiscard]] Step end_of_journal();
    [[nodiscard]] Step meet(const SegmentFault& fault);
    [[nodiscard]] std::optional<Step> wait_for_more();
    [[nodiscard]] bool wake();
    [[nodiscard]] Step stop(JournalProblemKind kind, std::uint64_t offset, std::string detail,
                            bool torn = false);
    [[nodiscard]] Step stop(JournalProblemKind kind, std::uint32_t segment, std::uint64_t offset,
                            std::string detail, bool torn);
    [[nodiscard]] Step stop(const SegmentFault& fault);
    [[nodiscard]] bool in_last_segment() const noexcept { return next_segment_ == numbers_.size(); }
    [[nodiscard]] bool preamble_is_whole() const noexcept {
        return header_known_ && manifest_due_ == Due::kPast && configuration_due_ == Due::kPast;
    }

    // journal_reader_frames.cpp: what headers and frames say.
    [[nodiscard]] Step check_header(const SegmentHeader& header);
    [[nodiscard]] Step take(const Frame& frame);
    [[nodiscard]] Step take_control(const Frame& frame);
    [[nodiscard]] Step take_raw(const Frame& frame);
    [[nodiscard]] Step take_manifest(const Frame& frame);
    [[nodiscard]] Step take_configuration(const Frame& frame);
    [[nodiscard]] Step take_footer(const Frame& frame);
    [[nodiscard]] Step check_footer(const Frame& frame);
    [[nodiscard]] Step take_order_event(const Frame& frame);
    [[nodiscard]] Step take_market_events(const Frame& frame);
    [[nodiscard]] Step next_market();
    /// Nothing when the frame's position is the next one of its stream.
    [[nodiscard]] std::optional<Step> check_position(const Frame& frame);
    [[nodiscard]] Step check_seal(const BlockSeal& found, ControlFrame kind, const Frame& frame);
    [[nodiscard]] Status<SegmentFault> feed_chain(std::uint64_t end);
    void note_head(const BlockSeal& seal);
    void set_place(const Frame& frame);

    FileSystem& files_;
    std::string directory_;
    JournalReaderOptions options_;
    std::vector<std::uint32_t> numbers_;  // of the segments that exist, ascending
    std::size_t next_segment_ = 0;        // index into numbers_
    std::uint32_t expected_segment_ = 1;
    std::unique_ptr<SegmentReader> segment_;
    bool partial_ = false;  // began behind segment 1
    bool header_known_ = false;
    Due manifest_due_ = Due::kPast;
    Due configuration_due_ = Due::kPast;
    bool has_footer_ = false;    // the segment's footer was read
    bool end_reported_ = false;  // what is wrong with the segment's end was said already
    bool damaged_ = false;       // frames were skipped: totals cannot be checked any more

    std::vector<std::byte> manifest_bytes_;  // payload in the boot's first segment
    std::optional<JournalManifest> manifest_;
    std::uint32_t manifest_epoch_ = 0;  // boot that it belongs to
    std::optional<std::string> configuration_;
    std::optional<RunId> run_;
    std::uint32_t boot_epoch_ = 0;
    std::unique_ptr<Hasher> hasher_;

    HashAlgorithm algorithm_ = HashAlgorithm::kNone;
    BlockChain chain_;
    std::uint64_t chain_offset_ = 0;  // where in the file the open block goes on
    bool chain_known_ = true;         // the last block's seal is known for sure
    std::optional<JournalHead> head_;
    bool anchor_found_ = false;
    struct {
        std::uint32_t boot_epoch = 0;
        BlockSeal last;
    } before_segment_;  // to leave one again that is not written yet

    std::array<std::uint64_t, kJournalStreamsMax> positions_{};
    std::array<std::uint64_t, kJournalStreamsMax> feed_positions_{};
    std::uint64_t records_ = 0;
    std::uint64_t records_before_ = 0;  // in segments before the first one read
    std::vector<SegmentInfo> infos_;
    std::span<const std::byte> market_left_;  // events of the frame in hand, not yet returned
    JournalRecord record_;
    std::optional<JournalProblem> problem_;
    JournalEnding ending_ = JournalEnding::kReading;
};

}  // namespace fermata

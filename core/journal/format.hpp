#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.hpp"
#include "core/event/codec.hpp"
#include "core/event/market_event.hpp"
#include "core/port/hasher.hpp"
#include "core/types/time.hpp"

namespace fermata {

// The journal's bytes, version 2, as docs/journal_format.md describes them. All numbers are
// little-endian. A segment is a header, then frames: a manifest, the configuration where a boot
// begins, records, seals of the hash chain, and a footer when the segment was closed. Everything
// after the header stands in frames; every byte is covered by a CRC-32C and by the chain.

inline constexpr std::array<char, 8> kJournalMagic = {'F', 'E', 'R', 'M', 'J', 'R', 'N', 'L'};
inline constexpr std::uint16_t kJournalVersion = 2;
inline constexpr std::uint32_t kByteOrderMark = 0x01020304;
inline constexpr std::size_t kSegmentHeaderBytes = 136;
inline constexpr std::size_t kFrameHeaderBytes = 24;
/// Every payload is a multiple of this long, so every frame begins at one.
inline constexpr std::size_t kFrameAlignment = 8;
inline constexpr std::size_t kRecordPayloadMax = kOrderEventBytesMax;
inline constexpr std::size_t kRecordBytesMax = kFrameHeaderBytes + kRecordPayloadMax;
/// Which hash a new journal's chain uses: by measurement (docs/decisions/0008-hash-chain.md).
inline constexpr HashAlgorithm kDefaultChain = HashAlgorithm::kBlake2b512;
inline constexpr std::size_t kControlPayloadMax = std::size_t{16} << 20;
inline constexpr std::size_t kJournalStreamsMax = 256;
/// One frame of the feed stream holds 1 to this many market events of 64 bytes.
inline constexpr std::size_t kFeedFrameEventsMax = 256;
inline constexpr std::size_t kFeedPayloadMax = kFeedFrameEventsMax * sizeof(MarketEvent);
/// Type of such a frame.
inline constexpr std::uint16_t kMarketFrameType = 256;

/// Whose events a record belongs to. Stream 0 holds the journal's own frames. The streams of venues
/// and shards are numbered from their first one on: venue_stream, shard_stream.
enum class JournalStream : std::uint16_t {
    kControl = 0,
    kTrading = 1,  ///< Everything that the trading stage consumed and emitted.
    kFeed = 2,     ///< Market events, when the journal records them; position = feed position.
    kVenue0 = 16,  ///< What a venue's stage consumed of the trading stream.
    kShard0 = 64,  ///< What a shard consumed of the trading stream.
};
inline constexpr std::size_t kJournalVenuesMax = 48;
inline constexpr std::size_t kJournalShardsMax = 192;

[[nodiscard]] constexpr JournalStream venue_stream(std::size_t venue) noexcept {
    return static_cast<JournalStream>(static_cast<std::size_t>(JournalStream::kVenue0) + venue);
}
[[nodiscard]] constexpr JournalStream shard_stream(std::size_t shard) noexcept {
    return static_cast<JournalStream>(static_cast<std::size_t>(JournalStream::kShard0) + shard);
}

/// Types of frames in JournalStream::kControl. In other streams the type is an OrderEventType.
enum class ControlFrame : std::uint16_t {
    kManifest = 1,
    kFooter = 2,
    kBlockSeal = 3,      ///< Of the hash chain: what stands before it was not changed since.
    kConfiguration = 4,  ///< The effective configuration, where a boot begins.
    kRaw = 5,            ///< A message as it went over the wire (core/journal/raw_message.hpp).
};

/// Names a run: the same configuration over the same data has the same id on every machine.
using RunId = std::array<std::byte, 16>;

/// The first 16 bytes of the digest over a text that identifies the run and the start of its data.
[[nodiscard]] RunId make_run_id(std::string_view identity, Timestamp start,
                                const HasherFactory& hasher_factory);
/// 32 lower-case hex digits.
[[nodiscard]] std::string to_hex(const RunId& run);

struct SegmentHeader {
    std::uint16_t version = kJournalVersion;
    std::uint32_t segment = 0;         ///< From 1.
    std::uint64_t records_before = 0;  ///< Records in all earlier segments.
    RunId run{};
    HashAlgorithm chain = HashAlgorithm::kNone;  ///< Of this segment's blocks.
    std::uint32_t boot_epoch = 1;                ///< Counts the starts of the run, from 1.
    std::uint64_t blocks_before = 0;             ///< Blocks in all earlier segments.
    Digest head_before{};                        ///< Head of the chain after them; at first zeros.
};

enum class HeaderError : std::uint8_t {
    kMagic,
    kVersion,  ///< The CRC is right, but this build does not read that version.
    kChecksum,
    kValue,  ///< A field has a value that version 2 does not allow.
};

[[nodiscard]] std::array<std::byte, kSegmentHeaderBytes> encode(
    const SegmentHeader& header) noexcept;
[[nodiscard]] Result<SegmentHeader, HeaderError> decode_segment_header(
    std::span<const std::byte, kSegmentHeaderBytes> bytes) noexcept;

struct FrameHeader {
    std::uint32_t crc = 0;     ///< Of everything after this field, payload included.
    std::uint32_t length = 0;  ///< Of the payload.
    JournalStream stream = JournalStream::kControl;
    std::uint16_t type = 0;
    std::uint32_t flags = 0;     ///< Zero in version 2.
    std::uint64_t position = 0;  ///< In its stream, from 1 without gaps; 0 in the control stream.
};

[[nodiscard]] FrameHeader decode_frame_header(
    std::span<const std::byte, kFrameHeaderBytes> bytes) noexcept;
/// Completes a frame whose payload of `length` bytes already stands at `frame + kFrameHeaderBytes`:
/// writes the header in front of it, CRC included. Returns the length of the whole frame.
std::size_t seal_frame(std::byte* frame, JournalStream stream, std::uint16_t type,
                       std::uint64_t position, std::size_t length) noexcept;
/// Whether the length is one that a frame of that stream and type may have.
[[nodiscard]] bool plausible(const FrameHeader& header) noexcept;
/// Whether the CRC in the header of this whole frame is right.
[[nodiscard]] bool checksum_holds(std::span<const std::byte> frame) noexcept;

/// A whole control frame around `payload`, padded to the alignment with `padding`.
[[nodiscard]] std::vector<std::byte> control_frame(ControlFrame type, std::string_view payload,
                                                   char padding);

/// The end of a block of the hash chain (core/journal/block_chain.hpp).
struct BlockSeal {
    std::uint64_t number = 0;  ///< From 1 over the whole run.
    std::uint64_t length = 0;  ///< Bytes that the block covers.
    Digest head{};             ///< Of the chain, this block included.
    friend bool operator==(const BlockSeal&, const BlockSeal&) = default;
};
inline constexpr std::size_t kBlockSealBytes = 16 + sizeof(Digest);

[[nodiscard]] std::array<std::byte, kBlockSealBytes> encode(const BlockSeal& seal) noexcept;
[[nodiscard]] std::optional<BlockSeal> decode_block_seal(std::span<const std::byte> bytes) noexcept;

/// The payload of a configuration frame: the text's length, the text, zeros up to the alignment.
[[nodiscard]] std::string encode_configuration(std::string_view text);
[[nodiscard]] std::optional<std::string_view> decode_configuration(
    std::span<const std::byte> bytes) noexcept;

/// Closes a segment.
struct SegmentFooter {
    struct Position {
        JournalStream stream = JournalStream::kControl;
        std::uint64_t last = 0;
        friend bool operator==(const Position&, const Position&) = default;
    };
    std::uint64_t segment_records = 0;
    std::uint64_t run_records = 0;    ///< Up to and with this segment.
    bool final = false;               ///< The run was closed here: no segment follows.
    bool recovered = false;           ///< Written by the boot after a crash, which cut a tail off.
    std::vector<Position> positions;  ///< Of every stream with records so far, ascending by stream.
    /// Of the trading stream's records up to here, "sha256:..."; empty when it was not taken.
    std::string hash;
    /// The footer is the last block of its segment: it covers the bytes since the last seal and its
    /// own payload before the head. Without a chain: what the header says, length 0.
    BlockSeal seal;
};

/// The payload; the last kFooterHeadBytes are the head of the chain.
inline constexpr std::size_t kFooterHeadBytes = sizeof(Digest);
[[nodiscard]] std::string encode(const SegmentFooter& footer);
/// Nothing when the bytes are not a footer.
[[nodiscard]] std::optional<SegmentFooter> decode_segment_footer(std::span<const std::byte> bytes);

/// "journal-000001.fjl".
[[nodiscard]] std::string segment_file_name(std::uint32_t segment);
/// The number in such a name; nothing for every other name.
[[nodiscard]] std::optional<std::uint32_t> segment_of_file_name(std::string_view file_name);

}  // namespace fermata

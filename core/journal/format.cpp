#include "core/journal/format.hpp"

#include <algorithm>
#include <charconv>
#include <cstring>

#include "core/base/bytes.hpp"
#include "core/base/crc32c.hpp"

namespace fermata {
namespace {

constexpr std::string_view kFilePrefix = "journal-";
constexpr std::string_view kFileSuffix = ".fjl";
constexpr std::size_t kFileDigits = 6;

// Offsets in the segment header; what is not named is reserved and zero.
constexpr std::size_t kVersionAt = 8;
constexpr std::size_t kHeaderLengthAt = 10;
constexpr std::size_t kByteOrderAt = 12;
constexpr std::size_t kSegmentAt = 16;
constexpr std::size_t kFrameLengthAt = 20;
constexpr std::size_t kRecordsBeforeAt = 24;
constexpr std::size_t kRunAt = 32;
constexpr std::size_t kChainAt = 48;
constexpr std::size_t kBootEpochAt = 52;
constexpr std::size_t kBlocksBeforeAt = 56;
constexpr std::size_t kHeadAt = 64;
constexpr std::size_t kReservedAt = 128;
constexpr std::size_t kHeaderCrcAt = 132;
static_assert(kHeaderCrcAt + 4 == kSegmentHeaderBytes);

constexpr std::uint32_t kFooterFinal = 1;
constexpr std::uint32_t kFooterRecovered = 2;
constexpr std::size_t kFooterFixedBytes = 40;
constexpr std::size_t kFooterPositionBytes = 16;

bool is_zero(std::byte b) noexcept { return b == std::byte{0}; }

std::size_t aligned(std::size_t n) noexcept {
    return (n + kFrameAlignment - 1) / kFrameAlignment * kFrameAlignment;
}

int digit_of(char c) noexcept { return c >= 'a' ? c - 'a' + 10 : c - '0'; }

}  // namespace

RunId make_run_id(std::string_view identity, Timestamp start, const HasherFactory& hasher_factory) {
    const std::unique_ptr<Hasher> hasher = hasher_factory();
    hasher->update(bytes_of("fermata run\n"));
    hasher->update(bytes_of(identity));
    hasher->update(bytes_of("\n" + std::to_string(start.ns) + "\n"));
    const std::string digest = hasher->finish();
    const std::string_view hex = std::string_view(digest).substr(digest.find(':') + 1);
    RunId run{};
    FERMATA_ASSERT(hex.size() >= 2 * run.size());
    for (std::size_t i = 0; i < run.size(); ++i) {
        run[i] = static_cast<std::byte>(digit_of(hex[2 * i]) * 16 + digit_of(hex[2 * i + 1]));
    }
    return run;
}

std::string to_hex(const RunId& run) {
    constexpr char kDigits[] = "0123456789abcdef";
    std::string text;
    for (const std::byte b : run) {
        text += kDigits[std::to_integer<unsigned>(b) >> 4];
        text += kDigits[std::to_integer<unsigned>(b) & 0xf];
    }
    return text;
}

std::array<std::byte, kSegmentHeaderBytes> encode(const SegmentHeader& header) noexcept {
    std::array<std::byte, kSegmentHeaderBytes> bytes{};
    std::byte* at = bytes.data();
    std::memcpy(at, kJournalMagic.data(), kJournalMagic.size());
    store_little_endian<std::uint16_t>(at + kVersionAt, header.version);
    store_little_endian<std::uint16_t>(at + kHeaderLengthAt, kSegmentHeaderBytes);
    store_little_endian<std::uint32_t>(at + kByteOrderAt, kByteOrderMark);
    store_little_endian<std::uint32_t>(at + kSegmentAt, header.segment);
    store_little_endian<std::uint16_t>(at + kFrameLengthAt, kFrameHeaderBytes);
    store_little_endian<std::uint64_t>(at + kRecordsBeforeAt, header.records_before);
    std::memcpy(at + kRunAt, header.run.data(), header.run.size());
    store_little_endian(at + kChainAt, static_cast<std::uint16_t>(header.chain));
    store_little_endian<std::uint32_t>(at + kBootEpochAt, header.boot_epoch);
    store_little_endian<std::uint64_t>(at + kBlocksBeforeAt, header.blocks_before);
    std::memcpy(at + kHeadAt, header.head_before.data(), header.head_before.size());
    store_little_endian<std::uint32_t>(at + kHeaderCrcAt,
                                       crc32c(std::span(bytes).first(kHeaderCrcAt)));
    return bytes;
}

Result<SegmentHeader, HeaderError> decode_segment_header(
    std::span<const std::byte, kSegmentHeaderBytes> bytes) noexcept {
    const std::byte* at = bytes.data();
    if (std::memcmp(at, kJournalMagic.data(), kJournalMagic.size()) != 0) {
        return Err{HeaderError::kMagic};
    }
    SegmentHeader header;
    header.version = load_little_endian<std::uint16_t>(at + kVersionAt);
    // A header of another version may have another length; its checksum stands at its end, too.
    const std::size_t length = header.version == kJournalVersion
                                   ? kSegmentHeaderBytes
                                   : load_little_endian<std::uint16_t>(at + kHeaderLengthAt);
    if (length < kByteOrderAt || length > bytes.size() ||
        load_little_endian<std::uint32_t>(at + length - 4) != crc32c(bytes.first(length - 4))) {
        return Err{HeaderError::kChecksum};
    }
    if (header.version != kJournalVersion) return Err{HeaderError::kVersion};
    header.segment = load_little_endian<std::uint32_t>(at + kSegmentAt);
    header.records_before = load_little_endian<std::uint64_t>(at + kRecordsBeforeAt);
    std::memcpy(header.run.data(), at + kRunAt, header.run.size());
    const auto chain = load_little_endian<std::uint16_t>(at + kChainAt);
    header.chain = HashAlgorithm{chain};
    header.boot_epoch = load_little_endian<std::uint32_t>(at + kBootEpochAt);
    header.blocks_before = load_little_endian<std::uint64_t>(at + kBlocksBeforeAt);
    std::memcpy(header.head_before.data(), at + kHeadAt, header.head_before.size());
    const bool reserved_is_zero = load_little_endian<std::uint16_t>(at + kFrameLengthAt + 2) == 0 &&
                                  load_little_endian<std::uint16_t>(at + kChainAt + 2) == 0 &&
                                  load_little_endian<std::uint32_t>(at + kReservedAt) == 0;
    if (load_little_endian<std::uint16_t>(at + kHeaderLengthAt) != kSegmentHeaderBytes ||
        load_little_endian<std::uint32_t>(at + kByteOrderAt) != kByteOrderMark ||
        load_little_endian<std::uint16_t>(at + kFrameLengthAt) != kFrameHeaderBytes ||
        header.segment == 0 || header.boot_epoch == 0 || chain > kHashAlgorithmMax ||
        !reserved_is_zero) {
        return Err{HeaderError::kValue};
    }
    return header;
}

FrameHeader decode_frame_header(std::span<const std::byte, kFrameHeaderBytes> bytes) noexcept {
    FrameHeader header;
    header.crc = load_little_endian<std::uint32_t>(bytes.data());
    header.length = load_little_endian<std::uint32_t>(bytes.data() + 4);
    header.stream = JournalStream{load_little_endian<std::uint16_t>(bytes.data() + 8)};
    header.type = load_little_endian<std::uint16_t>(bytes.data() + 10);
    header.flags = load_little_endian<std::uint32_t>(bytes.data() + 12);
    header.position = load_little_endian<std::uint64_t>(bytes.data() + 16);
    return header;
}

std::size_t seal_frame(std::byte* frame, JournalStream stream, std::uint16_t type,
                       std::uint64_t position, std::size_t length) noexcept {
    store_little_endian<std::uint32_t>(frame + 4, static_cast<std::uint32_t>(length));
    store_little_endian<std::uint16_t>(frame + 8, static_cast<std::uint16_t>(stream));
    store_little_endian<std::uint16_t>(frame + 10, type);
    store_little_endian<std::uint32_t>(frame + 12, 0);
    store_little_endian<std::uint64_t>(frame + 16, position);
    const std::size_t total = kFrameHeaderBytes + length;
    store_little_endian<std::uint32_t>(frame, crc32c({frame + 4, total - 4}));
    return total;
}

bool plausible(const FrameHeader& header) noexcept {
    if (header.length == 0 || header.length % kFrameAlignment != 0) return false;
    switch (header.stream) {
        case JournalStream::kControl:
            return header.length <= kControlPayloadMax;
        case JournalStream::kFeed:
            return header.length <= kFeedPayloadMax;
        default:
            return header.length <= kRecordPayloadMax;
    }
}

bool checksum_holds(std::span<const std::byte> frame) noexcept {
    return load_little_endian<std::uint32_t>(frame.data()) == crc32c(frame.subspan(4));
}

std::vector<std::byte> control_frame(ControlFrame type, std::string_view payload, char padding) {
    const std::size_t length = aligned(payload.size());
    FERMATA_ASSERT(length > 0 && length <= kControlPayloadMax);
    std::vector<std::byte> frame(kFrameHeaderBytes + length, static_cast<std::byte>(padding));
    std::memcpy(frame.data() + kFrameHeaderBytes, payload.data(), payload.size());
    seal_frame(frame.data(), JournalStream::kControl, static_cast<std::uint16_t>(type), 0, length);
    return frame;
}

std::array<std::byte, kBlockSealBytes> encode(const BlockSeal& seal) noexcept {
    std::array<std::byte, kBlockSealBytes> bytes;
    store_little_endian<std::uint64_t>(bytes.data(), seal.number);
    store_little_endian<std::uint64_t>(bytes.data() + 8, seal.length);
    std::memcpy(bytes.data() + 16, seal.head.data(), seal.head.size());
    return bytes;
}

std::optional<BlockSeal> decode_block_seal(std::span<const std::byte> bytes) noexcept {
    if (bytes.size() != kBlockSealBytes) return std::nullopt;
    BlockSeal seal;
    seal.number = load_little_endian<std::uint64_t>(bytes.data());
    seal.length = load_little_endian<std::uint64_t>(bytes.data() + 8);
    std::memcpy(seal.head.data(), bytes.data() + 16, seal.head.size());
    return seal;
}

std::string encode_configuration(std::string_view text) {
    std::array<std::byte, 8> length{};
    store_little_endian<std::uint64_t>(length.data(), text.size());
    std::string payload(text_of(length));
    payload.append(text);
    payload.resize(aligned(payload.size()), '\0');
    return payload;
}

std::optional<std::string_view> decode_configuration(std::span<const std::byte> bytes) noexcept {
    if (bytes.size() < 8) return std::nullopt;
    const auto length = load_little_endian<std::uint64_t>(bytes.data());
    bytes = bytes.subspan(8);
    if (length > bytes.size() || aligned(static_cast<std::size_t>(length)) != bytes.size()) {
        return std::nullopt;
    }
    const auto padding = bytes.subspan(static_cast<std::size_t>(length));
    if (!std::all_of(padding.begin(), padding.end(), is_zero)) return std::nullopt;
    return text_of(bytes).substr(0, static_cast<std::size_t>(length));
}

std::string encode(const SegmentFooter& footer) {
    std::vector<std::byte> bytes(kFooterFixedBytes +
                                 kFooterPositionBytes * footer.positions.size());
    std::byte* at = bytes.data();
    store_little_endian<std::uint64_t>(at, footer.segment_records);
    store_little_endian<std::uint64_t>(at + 8, footer.run_records);
    store_little_endian<std::uint32_t>(
        at + 16, (footer.final ? kFooterFinal : 0) | (footer.recovered ? kFooterRecovered : 0));
    store_little_endian<std::uint32_t>(at + 20,
                                       static_cast<std::uint32_t>(footer.positions.size()));
    store_little_endian<std::uint64_t>(at + 24, footer.seal.number);
    store_little_endian<std::uint64_t>(at + 32, footer.seal.length);
    at += kFooterFixedBytes;
    for (const SegmentFooter::Position& position : footer.positions) {
        store_little_endian<std::uint64_t>(at, static_cast<std::uint64_t>(position.stream));
        store_little_endian<std::uint64_t>(at + 8, position.last);
        at += kFooterPositionBytes;
    }
    std::string payload = std::string(text_of(bytes)) + footer.hash;
    payload.resize(aligned(payload.size()), '\0');
    return payload.append(text_of(footer.seal.head));
}

std::optional<SegmentFooter> decode_segment_footer(std::span<const std::byte> bytes) {
    if (bytes.size() < kFooterFixedBytes + kFooterHeadBytes) return std::nullopt;
    SegmentFooter footer;
    const std::byte* at = bytes.data();
    footer.segment_records = load_little_endian<std::uint64_t>(at);
    footer.run_records = load_little_endian<std::uint64_t>(at + 8);
    const auto flags = load_little_endian<std::uint32_t>(at + 16);
    const auto streams = load_little_endian<std::uint32_t>(at + 20);
    if (flags > kFooterRecovered || streams > kJournalStreamsMax) return std::nullopt;
    footer.final = flags == kFooterFinal;
    footer.recovered = flags == kFooterRecovered;
    footer.seal.number = load_little_endian<std::uint64_t>(at + 24);
    footer.seal.length = load_little_endian<std::uint64_t>(at + 32);
    const auto head = bytes.last(kFooterHeadBytes);
    std::memcpy(footer.seal.head.data(), head.data(), head.size());
    bytes = bytes.subspan(kFooterFixedBytes);
    bytes = bytes.first(bytes.size() - kFooterHeadBytes);
    if (bytes.size() < streams * kFooterPositionBytes) return std::nullopt;
    for (std::uint32_t i = 0; i < streams; ++i) {
        const auto stream = load_little_endian<std::uint64_t>(bytes.data());
        if (stream == 0 || stream >= kJournalStreamsMax) return std::nullopt;
        footer.positions.push_back({JournalStream{static_cast<std::uint16_t>(stream)},
                                    load_little_endian<std::uint64_t>(bytes.data() + 8)});
        bytes = bytes.subspan(kFooterPositionBytes);
    }
    const std::string_view text = text_of(bytes);
    footer.hash = text.substr(0, text.find('\0'));
    return footer;
}

std::string segment_file_name(std::uint32_t segment) {
    std::string digits = std::to_string(segment);
    if (digits.size() < kFileDigits) digits.insert(0, kFileDigits - digits.size(), '0');
    return std::string(kFilePrefix).append(digits).append(kFileSuffix);
}

std::optional<std::uint32_t> segment_of_file_name(std::string_view file_name) {
    if (!file_name.starts_with(kFilePrefix) || !file_name.ends_with(kFileSuffix) ||
        file_name.size() < kFilePrefix.size() + kFileDigits + kFileSuffix.size()) {
        return std::nullopt;
    }
    const std::string_view digits = file_name.substr(
        kFilePrefix.size(), file_name.size() - kFilePrefix.size() - kFileSuffix.size());
    std::uint32_t segment = 0;
    const auto [end, error] =
        std::from_chars(digits.data(), digits.data() + digits.size(), segment);
    if (error != std::errc{} || end != digits.data() + digits.size() || segment == 0 ||
        segment_file_name(segment) != file_name) {
        return std::nullopt;
    }
    return segment;
}

}  // namespace fermata

#include "adapters/zstd/seek_table.hpp"

#include <bit>
#include <cstring>

namespace fermata {
namespace {

static_assert(std::endian::native == std::endian::little);

constexpr std::uint32_t kSkippableMagic = 0x184d2a5e;
constexpr std::uint32_t kSeekableMagic = 0x8f92eab1;
constexpr std::uint8_t kChecksumFlag = 0x80;
constexpr std::uint8_t kReservedBits = 0x7c;
constexpr std::size_t kEntryBytes = 8;
constexpr std::size_t kChecksumBytes = 4;

std::uint32_t load(std::span<const std::byte> bytes, std::size_t offset) noexcept {
    std::uint32_t value = 0;
    std::memcpy(&value, bytes.data() + offset, sizeof value);
    return value;
}

void store(std::vector<std::byte>& out, std::uint32_t value) {
    const auto* bytes = reinterpret_cast<const std::byte*>(&value);
    out.insert(out.end(), bytes, bytes + sizeof value);
}

struct Footer {
    std::uint32_t frames = 0;
    std::size_t entry_bytes = kEntryBytes;
};

std::optional<Footer> decode_footer(std::span<const std::byte> footer) noexcept {
    const auto descriptor = std::to_integer<std::uint8_t>(footer[4]);
    if (load(footer, 5) != kSeekableMagic || (descriptor & kReservedBits) != 0) return std::nullopt;
    const bool checksums = (descriptor & kChecksumFlag) != 0;
    return Footer{load(footer, 0), kEntryBytes + (checksums ? kChecksumBytes : 0)};
}

}  // namespace

std::vector<std::byte> encode_seek_table(std::span<const SeekableFrame> frames) {
    std::vector<std::byte> out;
    const std::size_t length = frames.size() * kEntryBytes + kSeekTableFooterBytes;
    out.reserve(kSeekTableHeaderBytes + length);
    store(out, kSkippableMagic);
    store(out, static_cast<std::uint32_t>(length));
    for (const SeekableFrame& frame : frames) {
        store(out, frame.compressed);
        store(out, frame.decompressed);
    }
    store(out, static_cast<std::uint32_t>(frames.size()));
    out.push_back(std::byte{0});
    store(out, kSeekableMagic);
    return out;
}

std::optional<std::uint64_t> seek_table_bytes(
    std::span<const std::byte, kSeekTableFooterBytes> footer) noexcept {
    const auto found = decode_footer(footer);
    if (!found) return std::nullopt;
    return kSeekTableHeaderBytes + std::uint64_t{found->frames} * found->entry_bytes +
           kSeekTableFooterBytes;
}

std::optional<std::vector<SeekableFrame>> decode_seek_table(std::span<const std::byte> table) {
    if (table.size() < kSeekTableHeaderBytes + kSeekTableFooterBytes) return std::nullopt;
    const auto footer = table.last<kSeekTableFooterBytes>();
    const auto bytes = seek_table_bytes(footer);
    if (!bytes || *bytes != table.size() || load(table, 0) != kSkippableMagic ||
        load(table, 4) != table.size() - kSeekTableHeaderBytes) {
        return std::nullopt;
    }
    const Footer found = *decode_footer(footer);
    std::vector<SeekableFrame> frames;
    frames.reserve(found.frames);
    for (std::size_t i = 0; i < found.frames; ++i) {
        const std::size_t at = kSeekTableHeaderBytes + i * found.entry_bytes;
        frames.push_back({load(table, at), load(table, at + 4)});
    }
    return frames;
}

}  // namespace fermata

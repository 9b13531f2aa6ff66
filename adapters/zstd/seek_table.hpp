#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace fermata {

/// One compressed frame of a seekable file.
struct SeekableFrame {
    std::uint32_t compressed = 0;    ///< Bytes in the file.
    std::uint32_t decompressed = 0;  ///< Bytes that they stand for.
    friend bool operator==(const SeekableFrame&, const SeekableFrame&) = default;
};

// The seek table of the zstd seekable format, version 0.1.0 (facebook/zstd,
// contrib/seekable_format): a skippable frame at the end of the file, which every decompressor
// leaves out. All numbers are little-endian.
//
//     0x184d2a5e  length  entry*  number of frames (4)  descriptor (1)  0x8f92eab1
//     entry: compressed size (4), decompressed size (4), checksum (4) if the descriptor says so

inline constexpr std::size_t kSeekTableHeaderBytes = 8;
inline constexpr std::size_t kSeekTableFooterBytes = 9;

/// The table without checksums: the frames carry their own.
[[nodiscard]] std::vector<std::byte> encode_seek_table(std::span<const SeekableFrame> frames);

/// Bytes of the whole table as its footer, the last kSeekTableFooterBytes of a file, announces it;
/// nothing when that is no such footer.
[[nodiscard]] std::optional<std::uint64_t> seek_table_bytes(
    std::span<const std::byte, kSeekTableFooterBytes> footer) noexcept;

/// Reads a whole table, with or without checksums (which are skipped); nothing when it is not one.
[[nodiscard]] std::optional<std::vector<SeekableFrame>> decode_seek_table(
    std::span<const std::byte> table);

}  // namespace fermata

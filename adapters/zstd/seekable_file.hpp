#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "core/port/file.hpp"

namespace fermata {

struct SeekableOptions {
    /// Bytes of the file that one frame stands for: what a reader must decompress and hold at once.
    std::size_t frame_bytes = std::size_t{1} << 20;
    int level = 3;  ///< zstd's, 1 to 19.
};

/// No reader of ours takes a frame that stands for more.
inline constexpr std::size_t kSeekableFrameBytesMax = std::size_t{64} << 20;

/// Compresses the whole of `from` and appends it to the new file `to` in the zstd seekable format:
/// independent frames with checksums, then a seek table that other decompressors skip, so that
/// `zstd -d` gives the file back. Neither syncs nor closes. Returns the bytes written. `name` is
/// for messages. Memory: two frames.
[[nodiscard]] Result<std::uint64_t, FileError> compress_seekable(
    const RandomAccessFile& from, const std::string& name, WritableFile& to,
    const SeekableOptions& options = {});

/// Reads such a file as what it stands for, at any offset. Memory: the frame that was read last and
/// its compressed form, plus 16 bytes a frame. May be read by several threads, one at a time.
/// Errors: kInputOutput when the file is damaged; the message names it and the frame.
[[nodiscard]] Result<std::unique_ptr<RandomAccessFile>, FileError> open_seekable(
    std::unique_ptr<RandomAccessFile> file, const std::string& name);

}  // namespace fermata

#pragma once

#include <cstdint>
#include <string>

#include "core/base/result.hpp"
#include "core/port/file.hpp"
#include "daemon/retention/file_times.hpp"

namespace fermata {

struct CompressedSegment {
    std::uint64_t plain_bytes = 0;
    std::uint64_t compressed_bytes = 0;
};

/// Replaces a closed segment by its compressed form, journal-000001.fjl.zst, from which `zstd -d`
/// and the journal's reader get it back bit for bit. The compressed form is written under another
/// name, synced, read back and compared with the segment, and renamed; only then the segment is
/// removed. A crash in any step leaves the segment in at least one whole form, and the next call
/// finishes or repeats the work. The time of the file's last change is kept.
/// `files` is the plain file system, not CompressedFiles. One process at a time.
[[nodiscard]] Result<CompressedSegment, FileError> compress_segment(FileSystem& files,
                                                                    FileTimes& times,
                                                                    const std::string& directory,
                                                                    std::uint32_t segment);

/// Ending of the name under which a compressed form is written; a leftover of a crash.
inline constexpr std::string_view kUnfinishedEnding = ".unfinished";

}  // namespace fermata

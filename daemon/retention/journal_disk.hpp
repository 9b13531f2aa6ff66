#pragma once

#include "adapters/file/posix_file.hpp"
#include "adapters/zstd/compressed_files.hpp"

namespace fermata {

/// The operating system's files as everything that reads, continues or replaces a journal must see
/// them: a segment that was compressed is there under its plain name.
class JournalDisk {
public:
    [[nodiscard]] FileSystem& files() noexcept { return compressed_; }
    /// Without that: for what deals with the compressed files themselves.
    [[nodiscard]] FileSystem& plain() noexcept { return posix_; }

private:
    PosixFileSystem posix_;
    CompressedFiles compressed_{posix_};
};

}  // namespace fermata

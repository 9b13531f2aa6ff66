#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.hpp"

namespace fermata {

/// What kind of failure an operation on a file met; the message of FileError says the rest.
enum class FileErrorCode : std::uint8_t {
    kNotFound,
    kExists,
    kPermission,
    kNoSpace,       ///< The disk or the quota is full.
    kInputOutput,   ///< The device failed.
    kInvalidState,  ///< The file was closed already, or the name is no file.
    kOther,
};

[[nodiscard]] constexpr std::string_view name(FileErrorCode code) noexcept {
    switch (code) {
        case FileErrorCode::kNotFound:
            return "not_found";
        case FileErrorCode::kExists:
            return "exists";
        case FileErrorCode::kPermission:
            return "permission";
        case FileErrorCode::kNoSpace:
            return "no_space";
        case FileErrorCode::kInputOutput:
            return "input_output";
        case FileErrorCode::kInvalidState:
            return "invalid_state";
        case FileErrorCode::kOther:
            return "other";
    }
    return "?";
}

/// A failed file operation.
struct FileError {
    FileErrorCode code = FileErrorCode::kOther;
    int system_error = 0;  ///< errno, 0 when the system was not involved.
    std::string message;   ///< "cannot write run/journal-000001.fjl: No space left on device".
};

/// A file that grows at its end. One thread at a time. The destructor releases the file without
/// a word about errors: whoever cares calls `close`.
class WritableFile {
public:
    WritableFile() = default;
    WritableFile(const WritableFile&) = delete;
    WritableFile& operator=(const WritableFile&) = delete;
    virtual ~WritableFile() = default;

    /// Hands all of `bytes` to the operating system. After an error any prefix of them may stand in
    /// the file, so the caller must not append again.
    [[nodiscard]] virtual Status<FileError> append(std::span<const std::byte> bytes) = 0;
    /// Returns when everything appended so far survives a loss of power.
    [[nodiscard]] virtual Status<FileError> sync() = 0;
    /// Releases the file; does not sync. A second call is an error.
    [[nodiscard]] virtual Status<FileError> close() = 0;
};

/// A file that is read at any offset. May be read by several threads.
class RandomAccessFile {
public:
    RandomAccessFile() = default;
    RandomAccessFile(const RandomAccessFile&) = delete;
    RandomAccessFile& operator=(const RandomAccessFile&) = delete;
    virtual ~RandomAccessFile() = default;

    /// Fills `out` from `offset`; returns how many bytes were read: fewer than asked only at the
    /// end.
    [[nodiscard]] virtual Result<std::size_t, FileError> read(std::uint64_t offset,
                                                              std::span<std::byte> out) const = 0;
    /// Bytes in the file now.
    [[nodiscard]] virtual Result<std::uint64_t, FileError> size() const = 0;
};

/// The one way by which core reaches files, and by which tests let faults in.
class FileSystem {
public:
    FileSystem() = default;
    FileSystem(const FileSystem&) = delete;
    FileSystem& operator=(const FileSystem&) = delete;
    virtual ~FileSystem() = default;

    /// Creates a file that must not exist yet (kExists).
    [[nodiscard]] virtual Result<std::unique_ptr<WritableFile>, FileError> create(
        const std::string& path) = 0;
    /// Opens an existing file to go on behind its first `size` bytes; what follows them is cut off.
    /// kInvalidState when it is shorter. The cut survives a loss of power after the next `sync`.
    [[nodiscard]] virtual Result<std::unique_ptr<WritableFile>, FileError> reopen(
        const std::string& path, std::uint64_t size) = 0;
    [[nodiscard]] virtual Result<std::unique_ptr<RandomAccessFile>, FileError> open(
        const std::string& path) = 0;
    /// Names (not paths) of what the directory holds, ascending by byte value.
    [[nodiscard]] virtual Result<std::vector<std::string>, FileError> list(
        const std::string& directory) = 0;
    /// Creates the directory and its parents; an existing directory is fine. Those that it made
    /// survive a loss of power when it returns.
    [[nodiscard]] virtual Status<FileError> create_directories(const std::string& directory) = 0;
    /// Atomic within one file system; replaces an existing `to`.
    [[nodiscard]] virtual Status<FileError> rename(const std::string& from,
                                                   const std::string& to) = 0;
    [[nodiscard]] virtual Status<FileError> remove(const std::string& path) = 0;
    /// Returns when the directory's entries (files created, renamed, removed) survive a loss of
    /// power.
    [[nodiscard]] virtual Status<FileError> sync_directory(const std::string& directory) = 0;
};

}  // namespace fermata

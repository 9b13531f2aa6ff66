#pragma once

#include "core/port/file.hpp"

namespace fermata {

/// The operating system's files. Stateless, so several threads may share one; each file that it
/// returns has one owner. Writes are unbuffered: batch them. Interrupted and partial system calls
/// are continued until all is done or an error is final.
class PosixFileSystem final : public FileSystem {
public:
    [[nodiscard]] Result<std::unique_ptr<WritableFile>, FileError> create(
        const std::string& path) override;
    [[nodiscard]] Result<std::unique_ptr<WritableFile>, FileError> reopen(
        const std::string& path, std::uint64_t size) override;
    [[nodiscard]] Result<std::unique_ptr<RandomAccessFile>, FileError> open(
        const std::string& path) override;
    [[nodiscard]] Result<std::vector<std::string>, FileError> list(
        const std::string& directory) override;
    [[nodiscard]] Status<FileError> create_directories(const std::string& directory) override;
    [[nodiscard]] Status<FileError> rename(const std::string& from, const std::string& to) override;
    [[nodiscard]] Status<FileError> remove(const std::string& path) override;
    [[nodiscard]] Status<FileError> sync_directory(const std::string& directory) override;
};

}  // namespace fermata

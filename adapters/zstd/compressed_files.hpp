#pragma once

#include "core/port/file.hpp"

namespace fermata {

/// What a compressed file's name ends in: "journal-000001.fjl.zst" stands for "journal-000001.fjl".
inline constexpr std::string_view kCompressedEnding = ".zst";

/// Another file system in which a file that exists in compressed form only (seekable_file.hpp) can
/// be listed, opened and removed by its plain name, so that readers need not know.
///
/// Where both forms exist, the plain one is read, and `remove` takes both. Names that end in ".zst"
/// mean the compressed file itself. Everything else passes through. Stateless beyond `files`, which
/// outlives it.
class CompressedFiles final : public FileSystem {
public:
    explicit CompressedFiles(FileSystem& files) : files_(files) {}

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

private:
    FileSystem& files_;
};

}  // namespace fermata

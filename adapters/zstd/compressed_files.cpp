#include "adapters/zstd/compressed_files.hpp"

#include <algorithm>
#include <utility>

#include "adapters/zstd/seekable_file.hpp"

namespace fermata {
namespace {

bool is_compressed(std::string_view path) noexcept { return path.ends_with(kCompressedEnding); }

std::string compressed_name(const std::string& path) {
    return path + std::string(kCompressedEnding);
}

}  // namespace

Result<std::unique_ptr<WritableFile>, FileError> CompressedFiles::create(const std::string& path) {
    if (!is_compressed(path) && files_.open(compressed_name(path)).ok()) {
        return Err{FileError{FileErrorCode::kExists, 0,
                             "cannot create " + path + ": it exists in compressed form"}};
    }
    return files_.create(path);
}

Result<std::unique_ptr<WritableFile>, FileError> CompressedFiles::reopen(const std::string& path,
                                                                         std::uint64_t size) {
    return files_.reopen(path, size);
}

Result<std::unique_ptr<RandomAccessFile>, FileError> CompressedFiles::open(
    const std::string& path) {
    auto plain = files_.open(path);
    if (plain.ok() || is_compressed(path) || plain.error().code != FileErrorCode::kNotFound) {
        return plain;
    }
    auto compressed = files_.open(compressed_name(path));
    if (!compressed) {
        // The message names what was asked for.
        return compressed.error().code == FileErrorCode::kNotFound ? std::move(plain)
                                                                   : std::move(compressed);
    }
    return open_seekable(std::move(*compressed), compressed_name(path));
}

Result<std::vector<std::string>, FileError> CompressedFiles::list(const std::string& directory) {
    auto names = files_.list(directory);
    if (!names) return names;
    std::vector<std::string> all = std::move(*names);
    const std::size_t listed = all.size();
    for (std::size_t i = 0; i < listed; ++i) {
        if (!is_compressed(all[i])) continue;
        all.push_back(all[i].substr(0, all[i].size() - kCompressedEnding.size()));
    }
    std::sort(all.begin(), all.end());
    all.erase(std::unique(all.begin(), all.end()), all.end());
    return all;
}

Status<FileError> CompressedFiles::create_directories(const std::string& directory) {
    return files_.create_directories(directory);
}

Status<FileError> CompressedFiles::rename(const std::string& from, const std::string& to) {
    return files_.rename(from, to);
}

Status<FileError> CompressedFiles::remove(const std::string& path) {
    if (is_compressed(path)) return files_.remove(path);
    const auto compressed = files_.remove(compressed_name(path));
    if (!compressed && compressed.error().code != FileErrorCode::kNotFound) return compressed;
    const auto plain = files_.remove(path);
    const bool absent = !plain && plain.error().code == FileErrorCode::kNotFound;
    return absent && compressed.ok() ? Status<FileError>(Unit{}) : plain;
}

Status<FileError> CompressedFiles::sync_directory(const std::string& directory) {
    return files_.sync_directory(directory);
}

}  // namespace fermata

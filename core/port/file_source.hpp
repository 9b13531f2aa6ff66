#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "core/port/byte_source.hpp"
#include "core/port/feed.hpp"
#include "core/port/file.hpp"
#include "core/port/hasher.hpp"

namespace fermata {

/// A file from front to end. Throws FeedError when it cannot be read.
class FileSource final : public ByteSource {
public:
    FileSource(FileSystem& files, std::string path) : path_(std::move(path)) {
        auto file = files.open(path_);
        if (!file) throw FeedError(file.error().message);
        file_ = std::move(*file);
        const auto size = file_->size();
        if (!size) throw FeedError(size.error().message);
        size_ = *size;
    }

    [[nodiscard]] std::size_t read(std::span<char> out) override {
        const auto n = file_->read(offset_, std::as_writable_bytes(out));
        if (!n) throw FeedError(n.error().message);
        offset_ += *n;
        return *n;
    }
    [[nodiscard]] std::string_view name() const noexcept override { return path_; }
    [[nodiscard]] double progress() const noexcept override {
        if (size_ == 0 || offset_ >= size_) return 1.0;
        return static_cast<double>(offset_) / static_cast<double>(size_);
    }
    [[nodiscard]] std::uint64_t size() const noexcept { return size_; }

private:
    std::string path_;
    std::unique_ptr<RandomAccessFile> file_;
    std::uint64_t offset_ = 0;
    std::uint64_t size_ = 0;
};

/// Feeds the whole file to `hasher`. Throws FeedError when it cannot be read.
inline void hash_file(FileSystem& files, const std::string& path, Hasher& hasher) {
    FileSource source(files, path);
    std::string block(std::size_t{256} << 10, '\0');
    while (const std::size_t n = source.read(block)) {
        hasher.update(std::as_bytes(std::span(block).first(n)));
    }
}

}  // namespace fermata

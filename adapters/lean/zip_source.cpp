#include "adapters/lean/zip_source.hpp"

#include <zip.h>

#include <cerrno>
#include <cstdint>
#include <span>
#include <string_view>
#include <utility>

#include "core/port/feed.hpp"

namespace fermata::lean {
namespace {

/// Serves libzip from the file port.
struct Archive {
    std::unique_ptr<RandomAccessFile> file;
    std::uint64_t size = 0;
    std::uint64_t offset = 0;
    zip_error_t error{};

    zip_int64_t read(void* data, zip_uint64_t length) {
        const auto n = file->read(
            offset, std::span(static_cast<std::byte*>(data), static_cast<std::size_t>(length)));
        if (!n) {
            zip_error_set(&error, ZIP_ER_READ, n.error().system_error);
            return -1;
        }
        offset += *n;
        return static_cast<zip_int64_t>(*n);
    }

    zip_int64_t seek(void* data, zip_uint64_t length) {
        const zip_int64_t target =
            zip_source_seek_compute_offset(offset, size, data, length, &error);
        if (target < 0) return -1;
        offset = static_cast<std::uint64_t>(target);
        return 0;
    }

    zip_int64_t stat(void* data) const {
        auto* const stat = static_cast<zip_stat_t*>(data);
        zip_stat_init(stat);
        stat->size = size;
        stat->valid |= ZIP_STAT_SIZE;
        return sizeof(zip_stat_t);
    }
};

zip_int64_t serve(void* state, void* data, zip_uint64_t length, zip_source_cmd_t command) {
    auto& archive = *static_cast<Archive*>(state);
    switch (command) {
        case ZIP_SOURCE_OPEN:
            archive.offset = 0;
            return 0;
        case ZIP_SOURCE_READ:
            return archive.read(data, length);
        case ZIP_SOURCE_CLOSE:
        case ZIP_SOURCE_FREE:
            return 0;
        case ZIP_SOURCE_STAT:
            return archive.stat(data);
        case ZIP_SOURCE_ERROR:
            return zip_error_to_data(&archive.error, data, length);
        case ZIP_SOURCE_SEEK:
            return archive.seek(data, length);
        case ZIP_SOURCE_TELL:
            return static_cast<zip_int64_t>(archive.offset);
        case ZIP_SOURCE_SUPPORTS:
            return zip_source_make_command_bitmap(
                ZIP_SOURCE_OPEN, ZIP_SOURCE_READ, ZIP_SOURCE_CLOSE, ZIP_SOURCE_STAT,
                ZIP_SOURCE_ERROR, ZIP_SOURCE_SEEK, ZIP_SOURCE_TELL, ZIP_SOURCE_SUPPORTS,
                ZIP_SOURCE_FREE, -1);
        default:
            zip_error_set(&archive.error, ZIP_ER_OPNOTSUPP, 0);
            return -1;
    }
}

struct ZipDeleter {
    void operator()(zip_t* zip) const noexcept { zip_discard(zip); }
};
struct MemberDeleter {
    void operator()(zip_file_t* member) const noexcept { zip_fclose(member); }
};

class ZipSource final : public ByteSource {
public:
    ZipSource(FileSystem& files, const std::string& path) : path_(path), name_(path) {
        open_archive(files);
        const zip_int64_t index = find_csv();
        const char* const member = zip_get_name(zip_.get(), static_cast<zip_uint64_t>(index), 0);
        if (member != nullptr) name_ += std::string(":") + member;
        zip_stat_t stat;
        zip_stat_init(&stat);
        if (zip_stat_index(zip_.get(), static_cast<zip_uint64_t>(index), 0, &stat) == 0 &&
            (stat.valid & ZIP_STAT_SIZE) != 0) {
            total_ = stat.size;
        }
        member_.reset(zip_fopen_index(zip_.get(), static_cast<zip_uint64_t>(index), 0));
        if (member_ == nullptr) fail("cannot be read", zip_strerror(zip_.get()));
    }

    [[nodiscard]] std::size_t read(std::span<char> out) override {
        const zip_int64_t n = zip_fread(member_.get(), out.data(), out.size());
        if (n < 0) fail("is damaged", zip_file_strerror(member_.get()));
        read_ += static_cast<std::uint64_t>(n);
        return static_cast<std::size_t>(n);
    }
    [[nodiscard]] std::string_view name() const noexcept override { return name_; }
    [[nodiscard]] double progress() const noexcept override {
        return read_ >= total_ ? 1.0 : static_cast<double>(read_) / static_cast<double>(total_);
    }

private:
    void open_archive(FileSystem& files) {
        auto file = files.open(path_);
        if (!file) throw FeedError(file.error().message);
        archive_.file = std::move(*file);
        const auto size = archive_.file->size();
        if (!size) throw FeedError(size.error().message);
        archive_.size = *size;
        if (*size == 0) throw FeedError(path_ + ": the file is empty, expected a zip archive");

        zip_error_t error;
        zip_error_init(&error);
        zip_source_t* const source = zip_source_function_create(serve, &archive_, &error);
        if (source != nullptr) {
            zip_.reset(zip_open_from_source(source, ZIP_RDONLY, &error));
            if (zip_ == nullptr) zip_source_free(source);
        }
        const std::string text = zip_error_strerror(&error);
        zip_error_fini(&error);
        if (zip_ == nullptr) fail("is no readable zip archive, or is truncated", text.c_str());
    }

    [[nodiscard]] zip_int64_t find_csv() {
        const zip_int64_t entries = zip_get_num_entries(zip_.get(), 0);
        zip_int64_t found = -1;
        int count = 0;
        for (zip_int64_t i = 0; i < entries; ++i) {
            const char* const member = zip_get_name(zip_.get(), static_cast<zip_uint64_t>(i), 0);
            if (member == nullptr || !std::string_view(member).ends_with(".csv")) continue;
            found = i;
            ++count;
        }
        if (count != 1) {
            throw FeedError(path_ + ": the archive holds " + std::to_string(count) +
                            " .csv files, expected one");
        }
        return found;
    }

    [[noreturn]] void fail(const char* what, const char* why) const {
        throw FeedError(name_ + ": " + what + ": " + why);
    }

    std::string path_;
    std::string name_;
    Archive archive_;  // outlives zip_, which reads from it
    std::unique_ptr<zip_t, ZipDeleter> zip_;
    std::unique_ptr<zip_file_t, MemberDeleter> member_;
    std::uint64_t total_ = 0;
    std::uint64_t read_ = 0;
};

}  // namespace

std::unique_ptr<ByteSource> open_zipped_csv(FileSystem& files, const std::string& path) {
    return std::make_unique<ZipSource>(files, path);
}

}  // namespace fermata::lean

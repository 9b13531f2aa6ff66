#include "adapters/csv/gzip_source.hpp"

#include <zlib.h>

#include <algorithm>
#include <cstring>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "core/port/feed.hpp"

namespace fermata::csv {
namespace {

constexpr std::size_t kBlock = std::size_t{64} << 10;
constexpr int kGzipWindow = 15 + 16;  // zlib: largest window, gzip wrapper only

class GzipSource final : public ByteSource {
public:
    explicit GzipSource(std::unique_ptr<ByteSource> inner)
        : inner_(std::move(inner)), block_(kBlock) {
        while (size_ < 2 && refill()) {
        }
        compressed_ = begins_member();
        if (compressed_ && inflateInit2(&stream_, kGzipWindow) != Z_OK) {
            throw FeedError(std::string(name()) + ": no memory to decompress");
        }
    }
    ~GzipSource() override {
        if (compressed_) inflateEnd(&stream_);
    }

    [[nodiscard]] std::size_t read(std::span<char> out) override {
        return compressed_ ? read_compressed(out) : read_plain(out);
    }
    [[nodiscard]] std::string_view name() const noexcept override { return inner_->name(); }
    [[nodiscard]] double progress() const noexcept override { return inner_->progress(); }

private:
    [[nodiscard]] bool begins_member() const noexcept {
        return size_ - begin_ >= 2 && block_[begin_] == '\x1f' && block_[begin_ + 1] == '\x8b';
    }

    /// Moves what is left to the front and appends more; false at the end.
    bool refill() {
        std::memmove(block_.data(), block_.data() + begin_, size_ - begin_);
        size_ -= begin_;
        begin_ = 0;
        const std::size_t n = inner_->read(std::span(block_).subspan(size_));
        size_ += n;
        return n != 0;
    }

    std::size_t read_plain(std::span<char> out) {
        if (begin_ == size_) return inner_->read(out);
        const std::size_t n = std::min(out.size(), size_ - begin_);
        std::memcpy(out.data(), block_.data() + begin_, n);
        begin_ += n;
        return n;
    }

    std::size_t read_compressed(std::span<char> out) {
        while (!ended_ && !out.empty()) {
            if (begin_ == size_ && !refill()) {
                throw FeedError(std::string(name()) +
                                ": the gzip data ends early; the file is truncated");
            }
            const std::size_t offered = std::min<std::size_t>(out.size(), kBlock);
            stream_.next_in = reinterpret_cast<Bytef*>(block_.data() + begin_);
            stream_.avail_in = static_cast<uInt>(size_ - begin_);
            stream_.next_out = reinterpret_cast<Bytef*>(out.data());
            stream_.avail_out = static_cast<uInt>(offered);
            const int status = inflate(&stream_, Z_NO_FLUSH);
            begin_ = size_ - stream_.avail_in;
            if (status != Z_OK && status != Z_STREAM_END && status != Z_BUF_ERROR) {
                throw FeedError(std::string(name()) + ": damaged gzip data: " +
                                (stream_.msg != nullptr ? stream_.msg : "unknown error"));
            }
            if (status == Z_STREAM_END) next_member();
            const std::size_t n = offered - stream_.avail_out;
            if (n != 0) return n;
        }
        return 0;
    }

    /// Behind a member: another one, padding to the end, or the end.
    void next_member() {
        while (size_ - begin_ < 2 && refill()) {
        }
        if (begins_member()) {
            inflateReset(&stream_);
            return;
        }
        ended_ = true;
        do {
            for (; begin_ < size_; ++begin_) {
                if (block_[begin_] != '\0') {
                    throw FeedError(std::string(name()) + ": other bytes follow the gzip data");
                }
            }
        } while (refill());
    }

    std::unique_ptr<ByteSource> inner_;
    std::vector<char> block_;
    std::size_t begin_ = 0;
    std::size_t size_ = 0;
    bool compressed_ = false;
    bool ended_ = false;
    z_stream stream_{};
};

}  // namespace

std::unique_ptr<ByteSource> decompressed(std::unique_ptr<ByteSource> inner) {
    return std::make_unique<GzipSource>(std::move(inner));
}

}  // namespace fermata::csv

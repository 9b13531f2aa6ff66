#include "adapters/zstd/seekable_file.hpp"

#include <zstd.h>

#include <algorithm>
#include <array>
#include <limits>
#include <mutex>
#include <utility>
#include <vector>

#include "adapters/zstd/seek_table.hpp"

namespace fermata {
namespace {

struct FreeCompressor {
    void operator()(ZSTD_CCtx* context) const noexcept { ZSTD_freeCCtx(context); }
};
struct FreeDecompressor {
    void operator()(ZSTD_DCtx* context) const noexcept { ZSTD_freeDCtx(context); }
};

Err<FileError> failure(FileErrorCode code, std::string_view what, const std::string& name,
                       std::string_view why) {
    std::string message("cannot ");
    message.append(what).append(" ").append(name).append(": ").append(why);
    return Err{FileError{code, 0, std::move(message)}};
}

class SeekableFile final : public RandomAccessFile {
public:
    SeekableFile(std::unique_ptr<RandomAccessFile> file, std::string name,
                 const std::vector<SeekableFrame>& frames)
        : file_(std::move(file)), name_(std::move(name)), context_(ZSTD_createDCtx()) {
        starts_.reserve(frames.size() + 1);
        Start at;
        for (const SeekableFrame& frame : frames) {
            starts_.push_back(at);
            at.compressed += frame.compressed;
            at.decompressed += frame.decompressed;
        }
        starts_.push_back(at);
    }

    Result<std::size_t, FileError> read(std::uint64_t offset,
                                        std::span<std::byte> out) const override {
        const std::lock_guard lock(mutex_);
        std::size_t done = 0;
        while (done < out.size() && offset < starts_.back().decompressed) {
            const std::size_t frame = frame_at(offset);
            if (const auto loaded = load(frame); !loaded) return Err{loaded.error()};
            const auto within = static_cast<std::size_t>(offset - starts_[frame].decompressed);
            const std::size_t n = std::min(out.size() - done, plain_.size() - within);
            std::copy_n(plain_.begin() + static_cast<std::ptrdiff_t>(within), n,
                        out.begin() + static_cast<std::ptrdiff_t>(done));
            done += n;
            offset += n;
        }
        return done;
    }
    Result<std::uint64_t, FileError> size() const override { return starts_.back().decompressed; }

private:
    struct Start {
        std::uint64_t compressed = 0;
        std::uint64_t decompressed = 0;
    };
    static constexpr std::size_t kNone = std::numeric_limits<std::size_t>::max();

    /// The frame that holds the byte at `offset`, which lies within the file. Frames that stand for
    /// nothing hold none.
    std::size_t frame_at(std::uint64_t offset) const {
        const auto after =
            std::upper_bound(starts_.begin(), starts_.end(), offset,
                             [](std::uint64_t at, const Start& s) { return at < s.decompressed; });
        return static_cast<std::size_t>(after - starts_.begin()) - 1;
    }

    Status<FileError> load(std::size_t frame) const {
        if (frame == loaded_) return Unit{};
        loaded_ = kNone;
        const auto damaged = [&](std::string_view why) {
            return failure(FileErrorCode::kInputOutput, "read", name_,
                           "frame " + std::to_string(frame + 1) + ": " + std::string(why));
        };
        if (!context_) return damaged("no memory");
        packed_.resize(starts_[frame + 1].compressed - starts_[frame].compressed);
        const auto got = file_->read(starts_[frame].compressed, packed_);
        if (!got) return Err{got.error()};
        if (*got != packed_.size()) return damaged("the file became shorter");
        const std::uint64_t length = starts_[frame + 1].decompressed - starts_[frame].decompressed;
        plain_.resize(length);
        const std::size_t n = ZSTD_decompressDCtx(context_.get(), plain_.data(), plain_.size(),
                                                  packed_.data(), packed_.size());
        if (ZSTD_isError(n) != 0) return damaged(ZSTD_getErrorName(n));
        if (n != length) return damaged("it is shorter than the seek table says");
        loaded_ = frame;
        return Unit{};
    }

    std::unique_ptr<RandomAccessFile> file_;
    std::string name_;
    std::vector<Start> starts_;  // of every frame, and the end
    mutable std::mutex mutex_;   // guards all that follows
    std::unique_ptr<ZSTD_DCtx, FreeDecompressor> context_;
    mutable std::size_t loaded_ = kNone;
    mutable std::vector<std::byte> packed_;
    mutable std::vector<std::byte> plain_;
};

}  // namespace

Result<std::uint64_t, FileError> compress_seekable(const RandomAccessFile& from,
                                                   const std::string& name, WritableFile& to,
                                                   const SeekableOptions& options) {
    const std::unique_ptr<ZSTD_CCtx, FreeCompressor> context(ZSTD_createCCtx());
    if (!context || options.frame_bytes == 0 || options.frame_bytes > kSeekableFrameBytesMax ||
        options.level < 1 || options.level > 19 ||
        ZSTD_isError(
            ZSTD_CCtx_setParameter(context.get(), ZSTD_c_compressionLevel, options.level)) != 0 ||
        ZSTD_isError(ZSTD_CCtx_setParameter(context.get(), ZSTD_c_checksumFlag, 1)) != 0) {
        return failure(FileErrorCode::kOther, "compress", name, "the options are out of range");
    }
    std::vector<std::byte> plain(options.frame_bytes);
    std::vector<std::byte> packed(ZSTD_compressBound(plain.size()));
    std::vector<SeekableFrame> frames;
    std::uint64_t written = 0;
    for (std::uint64_t offset = 0;;) {
        const auto got = from.read(offset, plain);
        if (!got) return Err{got.error()};
        if (*got == 0) break;
        const std::size_t n =
            ZSTD_compress2(context.get(), packed.data(), packed.size(), plain.data(), *got);
        if (ZSTD_isError(n) != 0) {
            return failure(FileErrorCode::kOther, "compress", name, ZSTD_getErrorName(n));
        }
        const auto appended = to.append(std::span(packed).first(n));
        if (!appended) return Err{appended.error()};
        frames.push_back({static_cast<std::uint32_t>(n), static_cast<std::uint32_t>(*got)});
        offset += *got;
        written += n;
    }
    const std::vector<std::byte> table = encode_seek_table(frames);
    const auto appended = to.append(table);
    if (!appended) return Err{appended.error()};
    return written + table.size();
}

Result<std::unique_ptr<RandomAccessFile>, FileError> open_seekable(
    std::unique_ptr<RandomAccessFile> file, const std::string& name) {
    const auto damaged = [&](std::string_view why) {
        return failure(FileErrorCode::kInputOutput, "read", name, why);
    };
    const auto size = file->size();
    if (!size) return Err{size.error()};
    std::array<std::byte, kSeekTableFooterBytes> footer{};
    if (*size < footer.size()) return damaged("it has no seek table");
    const auto end = file->read(*size - footer.size(), footer);
    if (!end) return Err{end.error()};
    const auto table_bytes = seek_table_bytes(footer);
    if (*end != footer.size() || !table_bytes || *table_bytes > *size) {
        return damaged("it has no seek table");
    }
    std::vector<std::byte> table(*table_bytes);
    const auto got = file->read(*size - *table_bytes, table);
    if (!got) return Err{got.error()};
    const auto frames = *got == table.size() ? decode_seek_table(table) : std::nullopt;
    if (!frames) return damaged("its seek table is damaged");
    std::uint64_t total = table.size();
    for (const SeekableFrame& frame : *frames) {
        total += frame.compressed;
        if (frame.decompressed > kSeekableFrameBytesMax) return damaged("a frame is too large");
    }
    if (total != *size) return damaged("its seek table does not fit the file");
    return std::unique_ptr<RandomAccessFile>(
        std::make_unique<SeekableFile>(std::move(file), name, *frames));
}

}  // namespace fermata

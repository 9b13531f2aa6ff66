#include "daemon/retention/segment_compression.hpp"

#include <algorithm>
#include <vector>

#include "adapters/zstd/compressed_files.hpp"
#include "adapters/zstd/seekable_file.hpp"
#include "core/journal/format.hpp"

namespace fermata {
namespace {

struct Paths {
    std::string directory;
    std::string plain;
    std::string compressed;
    std::string unfinished;
};

Err<FileError> differs(const std::string& path) {
    return Err{FileError{FileErrorCode::kInputOutput, 0,
                         path + " does not give back the segment that was compressed"}};
}

Status<FileError> remove_if_there(FileSystem& files, const std::string& path) {
    auto removed = files.remove(path);
    if (!removed && removed.error().code == FileErrorCode::kNotFound) return Unit{};
    return removed;
}

/// Compares what the compressed file stands for with the segment, byte for byte.
Status<FileError> compare(FileSystem& files, const RandomAccessFile& plain,
                          const std::string& compressed) {
    auto file = files.open(compressed);
    if (!file) return Err{file.error()};
    const auto unpacked = open_seekable(std::move(*file), compressed);
    if (!unpacked) return Err{unpacked.error()};
    const auto size = plain.size();
    if (!size) return Err{size.error()};
    const auto unpacked_size = (*unpacked)->size();
    if (!unpacked_size) return Err{unpacked_size.error()};
    if (*size != *unpacked_size) return differs(compressed);
    std::vector<std::byte> a(std::size_t{256} << 10);
    std::vector<std::byte> b(a.size());
    for (std::uint64_t offset = 0; offset < *size;) {
        const auto n = plain.read(offset, a);
        if (!n) return Err{n.error()};
        const auto m = (*unpacked)->read(offset, b);
        if (!m) return Err{m.error()};
        if (*n == 0 || *n != *m ||
            !std::equal(a.begin(), a.begin() + static_cast<std::ptrdiff_t>(*n), b.begin())) {
            return differs(compressed);
        }
        offset += *n;
    }
    return Unit{};
}

/// The compressed form under its own name, durable and compared.
Status<FileError> make_compressed(FileSystem& files, FileTimes& times, const Paths& paths,
                                  const RandomAccessFile& plain) {
    const auto changed = times.changed(paths.plain);
    if (!changed) return Err{changed.error()};
    const auto file = files.create(paths.unfinished);
    if (!file) return Err{file.error()};
    if (const auto done = compress_seekable(plain, paths.plain, **file); !done) {
        return Err{done.error()};
    }
    if (auto done = (*file)->sync(); !done) return done;
    if (auto done = (*file)->close(); !done) return done;
    if (auto done = compare(files, plain, paths.unfinished); !done) return done;
    if (auto done = times.set_changed(paths.unfinished, *changed); !done) return done;
    if (auto done = files.rename(paths.unfinished, paths.compressed); !done) return done;
    return files.sync_directory(paths.directory);
}

Result<std::uint64_t, FileError> size_of(FileSystem& files, const std::string& path) {
    const auto file = files.open(path);
    if (!file) return Err{file.error()};
    return (*file)->size();
}

}  // namespace

Result<CompressedSegment, FileError> compress_segment(FileSystem& files, FileTimes& times,
                                                      const std::string& directory,
                                                      std::uint32_t segment) {
    Paths paths{directory, directory + "/" + segment_file_name(segment), "", ""};
    paths.compressed = paths.plain + std::string(kCompressedEnding);
    paths.unfinished = paths.compressed + std::string(kUnfinishedEnding);
    if (const auto done = remove_if_there(files, paths.unfinished); !done) return Err{done.error()};
    {
        const auto plain = files.open(paths.plain);
        if (!plain) return Err{plain.error()};
        // A crash may have left both forms; the compressed one counts only if it is right.
        const bool finished = compare(files, **plain, paths.compressed).ok();
        if (!finished) {
            if (const auto done = remove_if_there(files, paths.compressed); !done) {
                return Err{done.error()};
            }
            if (const auto done = make_compressed(files, times, paths, **plain); !done) {
                static_cast<void>(files.remove(paths.unfinished));  // the first error is the one
                return Err{done.error()};
            }
        } else if (const auto done = files.sync_directory(directory); !done) {
            return Err{done.error()};
        }
    }
    const auto plain_bytes = size_of(files, paths.plain);
    if (!plain_bytes) return Err{plain_bytes.error()};
    const auto compressed_bytes = size_of(files, paths.compressed);
    if (!compressed_bytes) return Err{compressed_bytes.error()};
    if (const auto done = files.remove(paths.plain); !done) return Err{done.error()};
    if (const auto done = files.sync_directory(directory); !done) return Err{done.error()};
    return CompressedSegment{*plain_bytes, *compressed_bytes};
}

}  // namespace fermata

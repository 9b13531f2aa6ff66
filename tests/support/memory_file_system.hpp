#pragma once

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "core/port/file.hpp"

namespace fermata {

/// Files in memory, with faults on demand: a disk that fills up, an operation that fails, and a
/// loss of power that keeps only what was synced. For tests; directories need not be created.
class MemoryFileSystem final : public FileSystem {
public:
    struct File {
        std::vector<std::byte> bytes;
        std::size_t synced = 0;     ///< Length that survives a loss of power.
        bool entry_synced = false;  ///< Whether its name survives.
    };
    std::map<std::string, File> files;

    /// Bytes that the disk takes; what goes beyond is written in part, then fails with ENOSPC.
    std::uint64_t capacity = std::numeric_limits<std::uint64_t>::max();
    /// The operation with this number (from 1, over create, reopen,
    /// append, sync, close, rename, remove, sync_directory)
    /// fails with EIO; an append writes half of its bytes first. 0: never.
    std::uint64_t failing_operation = 0;
    /// The machine stops at the operation with this number: it is not done (an append by half), and
    /// neither is any later one. 0: never.
    std::uint64_t stopping_operation = 0;
    std::uint64_t operations = 0;
    /// What was done of these, in order: "sync run/journal-000001.fjl", "sync the directory run".
    std::vector<std::string> done;

    /// Keeps what was synced and, of the unsynced end of each file, `part` in 256.
    void lose_power(unsigned part) {
        std::erase_if(files, [](const auto& entry) { return !entry.second.entry_synced; });
        for (auto& [path, file] : files) {
            const std::size_t unsynced = file.bytes.size() - file.synced;
            file.bytes.resize(file.synced + unsynced * part / 256);
        }
    }

    Result<std::unique_ptr<WritableFile>, FileError> create(const std::string& path) override {
        if (fails("create", path)) return error("create", path, EIO);
        if (files.contains(path)) return error("create", path, EEXIST);
        files[path];
        return std::unique_ptr<WritableFile>(std::make_unique<Writable>(*this, path));
    }
    Result<std::unique_ptr<WritableFile>, FileError> reopen(const std::string& path,
                                                            std::uint64_t size) override {
        if (fails("reopen", path)) return error("open", path, EIO);
        const auto found = files.find(path);
        if (found == files.end()) return error("open", path, ENOENT);
        if (found->second.bytes.size() < size) return error("cut", path, EBADF);
        found->second.bytes.resize(size);
        found->second.synced = std::min<std::size_t>(found->second.synced, size);
        return std::unique_ptr<WritableFile>(std::make_unique<Writable>(*this, path));
    }
    Result<std::unique_ptr<RandomAccessFile>, FileError> open(const std::string& path) override {
        const auto found = files.find(path);
        if (found == files.end()) return error("open", path, ENOENT);
        return std::unique_ptr<RandomAccessFile>(std::make_unique<Readable>(*this, path));
    }
    Result<std::vector<std::string>, FileError> list(const std::string& directory) override {
        std::vector<std::string> names;
        const std::string prefix = directory + "/";
        for (const auto& [path, file] : files) {
            if (path.starts_with(prefix)) names.push_back(path.substr(prefix.size()));
        }
        return names;
    }
    Status<FileError> create_directories(const std::string&) override { return Unit{}; }
    Status<FileError> rename(const std::string& from, const std::string& to) override {
        if (fails("rename", from)) return error("rename", from, EIO);
        auto node = files.extract(from);
        if (node.empty()) return error("rename", from, ENOENT);
        // A name that was there survives a loss of power: it then means the old file or the new
        // one.
        File& target = files[to];
        const bool name_survives = target.entry_synced;
        target = std::move(node.mapped());
        target.entry_synced = target.entry_synced || name_survives;
        return Unit{};
    }
    Status<FileError> remove(const std::string& path) override {
        if (fails("remove", path)) return error("remove", path, EIO);
        if (files.erase(path) == 0) return error("remove", path, ENOENT);
        return Unit{};
    }
    Status<FileError> sync_directory(const std::string& directory) override {
        if (fails("sync the directory", directory))
            return error("sync the directory", directory, EIO);
        for (auto& [path, file] : files) {
            if (path.starts_with(directory + "/")) file.entry_synced = true;
        }
        return Unit{};
    }

private:
    class Writable final : public WritableFile {
    public:
        Writable(MemoryFileSystem& disk, std::string path) : disk_(disk), path_(std::move(path)) {}
        Status<FileError> append(std::span<const std::byte> bytes) override {
            if (closed_) return error("write", path_, EBADF);
            File& file = disk_.files.at(path_);
            if (disk_.stopped()) return error("write", path_, EIO);
            const bool broken = disk_.fails("write", path_);
            std::size_t n = broken ? bytes.size() / 2 : bytes.size();
            const std::uint64_t room = disk_.capacity - std::min(disk_.capacity, disk_.used());
            const bool full = n > room;
            n = full ? static_cast<std::size_t>(room) : n;
            file.bytes.insert(file.bytes.end(), bytes.begin(),
                              bytes.begin() + static_cast<std::ptrdiff_t>(n));
            if (full) return error("write", path_, ENOSPC);
            if (broken) return error("write", path_, EIO);
            return Unit{};
        }
        Status<FileError> sync() override {
            if (closed_) return error("sync", path_, EBADF);
            if (disk_.fails("sync", path_)) return error("sync", path_, EIO);
            File& file = disk_.files.at(path_);
            file.synced = file.bytes.size();
            return Unit{};
        }
        Status<FileError> close() override {
            if (std::exchange(closed_, true)) return error("close", path_, EBADF);
            if (disk_.fails("close", path_)) return error("close", path_, EIO);
            return Unit{};
        }

    private:
        MemoryFileSystem& disk_;
        std::string path_;
        bool closed_ = false;
    };

    class Readable final : public RandomAccessFile {
    public:
        Readable(const MemoryFileSystem& disk, std::string path)
            : disk_(disk), path_(std::move(path)) {}
        Result<std::size_t, FileError> read(std::uint64_t offset,
                                            std::span<std::byte> out) const override {
            const auto found = disk_.files.find(path_);
            if (found == disk_.files.end()) return error("read", path_, EIO);
            const std::vector<std::byte>& bytes = found->second.bytes;
            if (offset >= bytes.size()) return std::size_t{0};
            const std::size_t n = std::min<std::size_t>(out.size(), bytes.size() - offset);
            std::copy_n(bytes.begin() + static_cast<std::ptrdiff_t>(offset), n, out.begin());
            return n;
        }
        Result<std::uint64_t, FileError> size() const override {
            const auto found = disk_.files.find(path_);
            if (found == disk_.files.end()) return error("examine", path_, EIO);
            return std::uint64_t{found->second.bytes.size()};
        }

    private:
        const MemoryFileSystem& disk_;
        std::string path_;
    };

    static Err<FileError> error(const std::string& verb, const std::string& path, int number) {
        FileErrorCode code = FileErrorCode::kInputOutput;
        if (number == ENOSPC) code = FileErrorCode::kNoSpace;
        if (number == EEXIST) code = FileErrorCode::kExists;
        if (number == ENOENT) code = FileErrorCode::kNotFound;
        if (number == EBADF) code = FileErrorCode::kInvalidState;
        return Err{FileError{code, number,
                             "cannot " + verb + " " + path + ": error " + std::to_string(number)}};
    }
    bool stopped() const { return stopping_operation != 0 && operations >= stopping_operation; }
    bool fails(const std::string& verb, const std::string& path) {
        ++operations;
        if (operations == failing_operation || stopped()) return true;
        done.push_back(verb + " " + path);
        return false;
    }
    std::uint64_t used() const {
        std::uint64_t total = 0;
        for (const auto& [path, file] : files) total += file.bytes.size();
        return total;
    }
};

}  // namespace fermata

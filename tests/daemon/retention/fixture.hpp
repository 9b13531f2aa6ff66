#pragma once

#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "adapters/openssl/openssl_hasher.hpp"
#include "core/journal/journal_writer.hpp"
#include "daemon/retention/file_times.hpp"
#include "tests/support/memory_file_system.hpp"

namespace fermata::test {

/// Another file system that dies at an operation: it and all later ones that change something fail
/// and do nothing, as if the process had been killed before it.
class DyingFiles final : public FileSystem {
public:
    explicit DyingFiles(FileSystem& files) : files_(files) {}

    std::uint64_t dies_at = 0;  ///< Number of the operation, from 1; 0: never.
    std::uint64_t operations = 0;

    Result<std::unique_ptr<WritableFile>, FileError> create(const std::string& path) override {
        if (dead()) return killed();
        auto file = files_.create(path);
        if (!file) return file;
        return std::unique_ptr<WritableFile>(std::make_unique<File>(*this, std::move(*file)));
    }
    Result<std::unique_ptr<WritableFile>, FileError> reopen(const std::string& path,
                                                            std::uint64_t size) override {
        if (dead()) return killed();
        return files_.reopen(path, size);
    }
    Result<std::unique_ptr<RandomAccessFile>, FileError> open(const std::string& path) override {
        return files_.open(path);
    }
    Result<std::vector<std::string>, FileError> list(const std::string& directory) override {
        return files_.list(directory);
    }
    Status<FileError> create_directories(const std::string& directory) override {
        return files_.create_directories(directory);
    }
    Status<FileError> rename(const std::string& from, const std::string& to) override {
        if (dead()) return killed();
        return files_.rename(from, to);
    }
    Status<FileError> remove(const std::string& path) override {
        if (dead()) return killed();
        return files_.remove(path);
    }
    Status<FileError> sync_directory(const std::string& directory) override {
        if (dead()) return killed();
        return files_.sync_directory(directory);
    }

private:
    class File final : public WritableFile {
    public:
        File(DyingFiles& disk, std::unique_ptr<WritableFile> file)
            : disk_(disk), file_(std::move(file)) {}
        Status<FileError> append(std::span<const std::byte> bytes) override {
            if (disk_.dead()) return killed();
            return file_->append(bytes);
        }
        Status<FileError> sync() override {
            if (disk_.dead()) return killed();
            return file_->sync();
        }
        Status<FileError> close() override {
            if (disk_.dead()) return killed();
            return file_->close();
        }

    private:
        DyingFiles& disk_;
        std::unique_ptr<WritableFile> file_;
    };

    static Err<FileError> killed() {
        return Err{FileError{FileErrorCode::kInputOutput, 0, "killed"}};
    }
    bool dead() { return ++operations >= dies_at && dies_at != 0; }

    FileSystem& files_;
};

/// The times that a test says; a file without one was changed at 1970.
class TestTimes final : public FileTimes {
public:
    std::map<std::string, Timestamp> times;
    Result<Timestamp, FileError> changed(const std::string& path) override { return times[path]; }
    Status<FileError> set_changed(const std::string& path, Timestamp time) override {
        times[path] = time;
        return Unit{};
    }
};

inline constexpr RunId kRun = {std::byte{0xab}, std::byte{2}};

/// A journal of `segments` segments in "run", each with some thirty records; small blocks, so that
/// every segment has several seals.
inline void write_journal(FileSystem& files, std::uint32_t segments, bool closed,
                          HashAlgorithm chain = HashAlgorithm::kBlake2b512) {
    JournalManifest manifest;
    manifest.build = "test";
    manifest.configuration_hash = "sha256:00";
    manifest.strategies = {"s"};
    JournalOptions options;
    options.directory = "run";
    options.segment_bytes = 4'096;
    options.buffer_bytes = 512;
    options.block_bytes = 1'024;
    auto writer =
        JournalWriter::create(files, options, manifest, kRun, {make_sha256, chain, make_hasher});
    ASSERT_TRUE(writer.ok());
    const std::string last = "run/" + segment_file_name(segments);
    for (std::uint64_t i = 1; !files.open(last).ok(); ++i) {
        OrderEvent e =
            make_order_event(OrderEventType::kNewOrder,
                             Timestamp{static_cast<std::int64_t>(1'000 + i)}, InstrumentId{0});
        e.seq = i;
        e.data.new_order.order_id = ClientOrderId{i};
        ASSERT_TRUE((*writer)->append(e).ok());
    }
    ASSERT_TRUE((*writer)->sync().ok());
    if (closed) {
        ASSERT_TRUE((*writer)->close().ok());
    }
}

}  // namespace fermata::test

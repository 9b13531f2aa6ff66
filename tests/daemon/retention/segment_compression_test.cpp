#include "daemon/retention/segment_compression.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "adapters/zstd/compressed_files.hpp"
#include "tests/daemon/retention/fixture.hpp"

namespace fermata {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using Bytes = std::vector<std::byte>;

constexpr char kPlain[] = "run/journal-000001.fjl";
constexpr char kCompressed[] = "run/journal-000001.fjl.zst";

class SegmentCompression : public testing::Test {
protected:
    void SetUp() override {
        test::write_journal(disk_, 2, true);
        for (auto& [path, file] : disk_.files) file = {file.bytes, file.bytes.size(), true};
        segment_ = disk_.files.at(kPlain).bytes;
        times_.times[kPlain] = Timestamp{12'345};
    }
    Result<CompressedSegment, FileError> compress(FileSystem& files) {
        return compress_segment(files, times_, "run", 1);
    }
    Result<CompressedSegment, FileError> compress() { return compress(disk_); }
    /// What a reader gets.
    Bytes read_back() {
        CompressedFiles files(disk_);
        const auto file = files.open(kPlain);
        if (!file) return {};
        Bytes bytes(*(*file)->size());
        const auto got = (*file)->read(0, bytes);
        EXPECT_EQ(got.value_or(0), bytes.size());
        return bytes;
    }
    std::vector<std::string> names() { return *disk_.list("run"); }

    MemoryFileSystem disk_;
    test::TestTimes times_;
    Bytes segment_;
};

TEST_F(SegmentCompression, LeavesTheCompressedFormOnlyWhichGivesEveryByteBack) {
    const auto done = compress();
    ASSERT_TRUE(done.ok());
    EXPECT_EQ(done->plain_bytes, segment_.size());
    EXPECT_EQ(done->compressed_bytes, disk_.files.at(kCompressed).bytes.size());
    EXPECT_LT(done->compressed_bytes, done->plain_bytes);
    EXPECT_THAT(names(), ElementsAre("journal-000001.fjl.zst", "journal-000002.fjl"));
    EXPECT_EQ(read_back(), segment_);
}

TEST_F(SegmentCompression, AKillAtAnyInstantLosesNoByteAndTheNextCallFinishes) {
    const auto before = disk_.files;
    disk_.operations = 0;
    ASSERT_TRUE(compress().ok());
    const std::uint64_t steps = disk_.operations;
    ASSERT_GT(steps, 8U);
    for (std::uint64_t step = 1; step <= steps; ++step) {
        for (const bool power_is_lost : {false, true}) {
            SCOPED_TRACE(testing::Message() << "step " << step << " power lost " << power_is_lost);
            disk_.files = before;
            disk_.operations = 0;
            disk_.stopping_operation = step;
            EXPECT_FALSE(compress().ok());
            disk_.stopping_operation = 0;
            if (power_is_lost) disk_.lose_power(128);
            EXPECT_EQ(read_back(), segment_);
            if (disk_.files.contains(kPlain)) {
                EXPECT_TRUE(compress().ok());
            }
            EXPECT_EQ(read_back(), segment_);
            EXPECT_THAT(names(), ElementsAre("journal-000001.fjl.zst", "journal-000002.fjl"));
        }
    }
}

TEST_F(SegmentCompression, ACompressedFormThatIsDamagedIsMadeAnew) {
    ASSERT_TRUE(compress().ok());
    disk_.files[kPlain].bytes = segment_;  // as after a crash before the removal
    disk_.files.at(kCompressed).bytes.at(30) ^= std::byte{1};
    ASSERT_TRUE(compress().ok());
    EXPECT_EQ(read_back(), segment_);
    EXPECT_FALSE(disk_.files.contains(kPlain));
}

TEST_F(SegmentCompression, AFullDiskLeavesTheSegmentAndNothingElse) {
    std::uint64_t used = 0;
    for (const auto& [path, file] : disk_.files) used += file.bytes.size();
    disk_.capacity = used + 100;
    const auto done = compress();
    ASSERT_FALSE(done.ok());
    EXPECT_EQ(done.error().code, FileErrorCode::kNoSpace);
    EXPECT_THAT(names(), ElementsAre("journal-000001.fjl", "journal-000002.fjl"));
    EXPECT_EQ(read_back(), segment_);
}

TEST_F(SegmentCompression, WhatDoesNotReadBackIsNotTrusted) {
    /// A disk that turns a bit of what is written.
    class LyingFiles final : public FileSystem {
    public:
        explicit LyingFiles(MemoryFileSystem& files) : files_(files) {}
        Result<std::unique_ptr<WritableFile>, FileError> create(const std::string& path) override {
            return files_.create(path);
        }
        Result<std::unique_ptr<WritableFile>, FileError> reopen(const std::string& path,
                                                                std::uint64_t size) override {
            return files_.reopen(path, size);
        }
        Result<std::unique_ptr<RandomAccessFile>, FileError> open(
            const std::string& path) override {
            const auto found = files_.files.find(path);
            if (found != files_.files.end() && path.ends_with(kUnfinishedEnding)) {
                found->second.bytes.at(found->second.bytes.size() / 2) ^= std::byte{4};
            }
            return files_.open(path);
        }
        Result<std::vector<std::string>, FileError> list(const std::string& path) override {
            return files_.list(path);
        }
        Status<FileError> create_directories(const std::string&) override { return Unit{}; }
        Status<FileError> rename(const std::string& from, const std::string& to) override {
            return files_.rename(from, to);
        }
        Status<FileError> remove(const std::string& path) override { return files_.remove(path); }
        Status<FileError> sync_directory(const std::string& path) override {
            return files_.sync_directory(path);
        }

    private:
        MemoryFileSystem& files_;
    };
    LyingFiles lying(disk_);
    EXPECT_FALSE(compress(lying).ok());
    EXPECT_THAT(names(), ElementsAre("journal-000001.fjl", "journal-000002.fjl"));
    EXPECT_EQ(read_back(), segment_);
}

TEST_F(SegmentCompression, KeepsTheTimeOfTheLastChange) {
    ASSERT_TRUE(compress().ok());
    EXPECT_EQ(times_.times[std::string(kCompressed) + ".unfinished"], Timestamp{12'345})
        << "set before the rename, which takes it along";
}

TEST_F(SegmentCompression, ASegmentThatIsNotThereIsAnError) {
    const auto done = compress_segment(disk_, times_, "run", 7);
    ASSERT_FALSE(done.ok());
    EXPECT_EQ(done.error().code, FileErrorCode::kNotFound);
    EXPECT_THAT(done.error().message, HasSubstr("journal-000007.fjl"));
}

}  // namespace
}  // namespace fermata

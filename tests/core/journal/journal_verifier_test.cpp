#include "core/journal/journal_verifier.hpp"

#include <gtest/gtest.h>

#include "core/base/bytes.hpp"
#include "core/base/crc32c.hpp"
#include "tests/core/journal/journal_fixture.hpp"

namespace fermata {
namespace {

using namespace test;

std::vector<JournalProblemKind> kinds_of(MemoryFileSystem& files) {
    std::vector<JournalProblemKind> kinds;
    const JournalVerification found = verify(files);
    for (const JournalProblem& problem : found.problems) kinds.push_back(problem.kind);
    return kinds;
}

using Kinds = std::vector<JournalProblemKind>;

TEST(JournalVerifier, FindsNothingInAWholeJournal) {
    MemoryFileSystem files;
    const JournalSummary summary = write_journal(files, events_of(50), 2'000);
    const JournalVerification found = verify(files);
    EXPECT_TRUE(found.ok());
    EXPECT_EQ(found.records, 50U);
    EXPECT_EQ(found.segments, summary.segments);
    EXPECT_EQ(found.hash, summary.hash);
}

TEST(JournalVerifier, DetectsEveryWrongByte) {
    MemoryFileSystem files;
    (void)write_journal(files, events_of(20), 1'200);
    ASSERT_GT(files.files.size(), 2U);
    for (auto& [path, file] : files.files) {
        for (std::size_t at = 0; at < file.bytes.size(); ++at) {
            const std::byte good = file.bytes[at];
            for (const unsigned mask : {0x01U, 0x10U, 0x80U, 0xffU}) {
                file.bytes[at] = good ^ static_cast<std::byte>(mask);
                EXPECT_FALSE(verify(files).ok()) << path << " byte " << at << " mask " << mask;
            }
            file.bytes[at] = good;
        }
    }
    EXPECT_TRUE(verify(files).ok());
}

TEST(JournalVerifier, DetectsEveryCutAndEveryAddedByte) {
    MemoryFileSystem files;
    (void)write_journal(files, events_of(20), 1'500);
    for (auto& [path, file] : files.files) {
        const std::vector<std::byte> whole = file.bytes;
        for (std::size_t size = 0; size < whole.size(); ++size) {
            file.bytes.assign(whole.begin(), whole.begin() + std::ptrdiff_t(size));
            EXPECT_FALSE(verify(files).ok()) << path << " cut to " << size;
        }
        file.bytes = whole;
        file.bytes.push_back(std::byte{0});
        EXPECT_EQ(kinds_of(files), Kinds{JournalProblemKind::kDataAfterFooter});
        file.bytes = whole;
    }
}

TEST(JournalVerifier, ListsProblemsInAllSegments) {
    MemoryFileSystem files;
    (void)write_journal(files, events_of(40), 1'500);
    ASSERT_GE(files.files.size(), 3U);
    files.files.at(path_of(1)).bytes[120] ^= std::byte{1};                       // header
    files.files.at(path_of(2)).bytes[kSegmentHeaderBytes + 30] ^= std::byte{1};  // manifest
    const Kinds kinds = kinds_of(files);
    EXPECT_EQ(kinds, (Kinds{JournalProblemKind::kBadHeader, JournalProblemKind::kBadChecksum,
                            JournalProblemKind::kBrokenChain}));
}

TEST(JournalVerifier, NamesAMissingSegment) {
    MemoryFileSystem files;
    (void)write_journal(files, events_of(40), 1'500);
    files.files.erase(path_of(2));
    EXPECT_EQ(kinds_of(files),
              (Kinds{JournalProblemKind::kMissingSegment, JournalProblemKind::kPositionGap}));
    const auto found = verify(files);
    EXPECT_EQ(found.problems[0].message, "journal-000002.fjl at byte 0: the segment is missing");
    EXPECT_EQ(found.problems[0].segment, 2U);
}

TEST(JournalVerifier, NamesASegmentUnderAnotherName) {
    MemoryFileSystem files;
    (void)write_journal(files, events_of(40), 1'500);
    std::swap(files.files.at(path_of(2)), files.files.at(path_of(3)));
    const auto kinds = kinds_of(files);
    ASSERT_FALSE(kinds.empty());
    EXPECT_EQ(kinds[0], JournalProblemKind::kWrongSegment);
}

TEST(JournalVerifier, NamesASegmentOfAnotherRun) {
    MemoryFileSystem files;
    MemoryFileSystem other;
    (void)write_journal(files, events_of(40), 1'500);
    auto writer = JournalWriter::create(other, options(1'500, 64), manifest(), RunId{}, hashers());
    ASSERT_TRUE(writer.ok());
    for (const OrderEvent& event : events_of(40)) ASSERT_TRUE((*writer)->append(event).ok());
    ASSERT_TRUE((*writer)->close().ok());
    files.files.at(path_of(2)) = other.files.at(path_of(2));
    EXPECT_EQ(kinds_of(files),
              (Kinds{JournalProblemKind::kWrongSegment, JournalProblemKind::kBrokenChain}));
}

TEST(JournalVerifier, NamesASegmentAfterTheEnd) {
    MemoryFileSystem files;
    (void)write_journal(files, events_of(10));
    MemoryFileSystem longer;
    (void)write_journal(longer, events_of(30), 1'500);
    files.files[path_of(2)] = longer.files.at(path_of(2));
    const auto kinds = kinds_of(files);
    ASSERT_FALSE(kinds.empty());
    EXPECT_EQ(kinds[0], JournalProblemKind::kSegmentAfterEnd);
}

// A forger who recomputes the checksum of a frame still meets the chain, and the footer's hash.
TEST(JournalVerifier, NamesARecordThatWasRewrittenWithItsChecksum) {
    MemoryFileSystem files;
    (void)write_journal(files, events_of(10));
    auto reader = JournalReader::open(files, kDirectory);
    ASSERT_TRUE(reader.ok());
    ASSERT_NE((*reader)->next(), nullptr);
    const JournalRecord* second = (*reader)->next();
    ASSERT_NE(second, nullptr);
    std::vector<std::byte>& bytes = files.files.at(path_of(1)).bytes;
    bytes[second->offset + kFrameHeaderBytes] ^= std::byte{1};  // the event's time
    store_little_endian(
        bytes.data() + second->offset,
        crc32c(std::span(bytes).subspan(second->offset + 4, second->frame.size() - 4)));
    EXPECT_EQ(kinds_of(files),
              (Kinds{JournalProblemKind::kBrokenChain, JournalProblemKind::kWrongHash}));
}

TEST(JournalVerifier, CountsProblemsBeyondThoseThatItLists) {
    MemoryFileSystem files;
    auto events = events_of(40);
    for (std::size_t i = 0; i < events.size(); ++i) events[i].feed_position = 100 - i;
    (void)write_journal(files, events);
    JournalVerifierOptions options;
    options.problems_max = 5;
    const auto found = verify_journal(files, kDirectory, options);
    EXPECT_EQ(found.problems.size(), 5U);
    EXPECT_EQ(found.problem_count, 39U);
}

TEST(JournalVerifier, SaysThatThereIsNoJournal) {
    MemoryFileSystem files;
    EXPECT_EQ(kinds_of(files), Kinds{JournalProblemKind::kNoSegments});
}

}  // namespace
}  // namespace fermata

#include "core/journal/journal_reader.hpp"

#include <gtest/gtest.h>

#include "core/base/bytes.hpp"
#include "core/base/crc32c.hpp"
#include "tests/core/journal/journal_fixture.hpp"

namespace fermata {
namespace {

using namespace test;

/// Offsets of the record frames of a segment, from an undamaged journal.
std::vector<std::uint64_t> record_offsets(MemoryFileSystem& files, std::uint32_t segment) {
    std::vector<std::uint64_t> offsets;
    auto reader = JournalReader::open(files, kDirectory);
    FERMATA_ASSERT(reader.ok());
    while (const JournalRecord* record = (*reader)->next()) {
        if (record->segment == segment) offsets.push_back(record->offset);
    }
    return offsets;
}

/// Changes bytes of a frame and makes its checksum right again.
void forge(std::vector<std::byte>& file, std::uint64_t frame, std::size_t at, std::byte value) {
    file[frame + at] = value;
    const auto length = load_little_endian<std::uint32_t>(file.data() + frame + 4);
    store_little_endian(file.data() + frame,
                        crc32c(std::span(file).subspan(frame + 4, 20 + length)));
}

TEST(JournalReader, ReadsBackEventsOfAllTypesByteForByte) {
    MemoryFileSystem files;
    std::vector<OrderEvent> events;
    for (std::size_t words = 0; words < 12; ++words) {
        for (std::size_t i = 0; i < std::size(kAllTypes); ++i) {
            events.push_back(event_of(events.size(), words));
        }
    }
    (void)write_journal(files, events);
    const ReadBack back = read_back(files);
    EXPECT_EQ(back.ending, JournalEnding::kClosed);
    EXPECT_FALSE(back.problem.has_value());
    ASSERT_EQ(back.events.size(), events.size());
    EXPECT_TRUE(is_prefix(back.events, events));
}

TEST(JournalReader, TellsManifestRunAndSegments) {
    MemoryFileSystem files;
    (void)write_journal(files, events_of(30), 1'500);
    auto reader = JournalReader::open(files, kDirectory);
    ASSERT_TRUE(reader.ok());
    EXPECT_EQ((*reader)->manifest(), nullptr);
    while ((*reader)->next() != nullptr) {
    }
    ASSERT_NE((*reader)->manifest(), nullptr);
    EXPECT_EQ(*(*reader)->manifest(), manifest());
    EXPECT_EQ((*reader)->run(), kRun);
    ASSERT_EQ((*reader)->segments().size(), files.files.size());
    std::uint64_t records = 0;
    for (const SegmentInfo& info : (*reader)->segments()) {
        records += info.records;
        ASSERT_TRUE(info.footer.has_value());
        EXPECT_EQ(info.footer->run_records, records);
        EXPECT_EQ(info.bytes, files.files.at(path_of(info.segment)).bytes.size());
    }
    EXPECT_EQ(records, 30U);
}

TEST(JournalReader, SaysThatThereIsNoJournal) {
    MemoryFileSystem files;
    files.files["run/orders.csv"];
    const auto reader = JournalReader::open(files, kDirectory);
    ASSERT_FALSE(reader.ok());
    EXPECT_EQ(reader.error().kind, JournalProblemKind::kNoSegments);
    EXPECT_EQ(reader.error().message, "run holds no journal (no journal-000001.fjl)");
}

TEST(JournalReader, StopsCleanlyWhereverTheLastSegmentIsCutOff) {
    MemoryFileSystem files;
    const auto events = events_of(30);
    (void)write_journal(files, events, 1'500);
    const auto last = static_cast<std::uint32_t>(files.files.size());
    const std::size_t records_before = events.size() - record_offsets(files, last).size();
    const auto offsets = record_offsets(files, last);
    const std::vector<std::byte> whole = files.files.at(path_of(last)).bytes;
    for (std::size_t size = 0; size < whole.size(); ++size) {
        files.files.at(path_of(last))
            .bytes.assign(whole.begin(), whole.begin() + std::ptrdiff_t(size));
        // A record is complete when the next frame's offset (or the footer's) is within the file.
        std::size_t complete = records_before;
        for (std::size_t i = 0; i < offsets.size(); ++i) {
            const auto length = load_little_endian<std::uint32_t>(whole.data() + offsets[i] + 4);
            if (offsets[i] + kFrameHeaderBytes + length <= size) ++complete;
        }
        const ReadBack back = read_back(files);
        EXPECT_EQ(back.events.size(), complete) << size;
        EXPECT_TRUE(is_prefix(back.events, events));
        EXPECT_EQ(back.ending, JournalEnding::kTorn) << size;
        ASSERT_TRUE(back.problem.has_value());
        EXPECT_TRUE(back.problem->torn);
        EXPECT_EQ(back.problem->segment, last);
    }
}

TEST(JournalReader, CallsACutInTheMiddleDamage) {
    MemoryFileSystem files;
    const auto events = events_of(30);
    (void)write_journal(files, events, 1'500);
    std::vector<std::byte>& first = files.files.at(path_of(1)).bytes;
    const std::vector<std::byte> whole = first;
    for (std::size_t size = 0; size < whole.size(); ++size) {
        first.assign(whole.begin(), whole.begin() + std::ptrdiff_t(size));
        const ReadBack back = read_back(files);
        EXPECT_TRUE(is_prefix(back.events, events));
        EXPECT_EQ(back.ending, JournalEnding::kDamaged) << size;
    }
}

TEST(JournalReader, ReturnsOnlyWholeRecordsWhicheverByteIsWrong) {
    MemoryFileSystem files;
    const auto events = events_of(30);
    (void)write_journal(files, events, 1'500);
    for (auto& [path, file] : files.files) {
        for (std::size_t at = 0; at < file.bytes.size(); ++at) {
            file.bytes[at] ^= std::byte{0x40};
            const ReadBack back = read_back(files);
            file.bytes[at] ^= std::byte{0x40};
            EXPECT_TRUE(is_prefix(back.events, events)) << path << " " << at;
            EXPECT_NE(back.ending, JournalEnding::kClosed) << path << " " << at;
        }
    }
}

TEST(JournalReader, TellsARottenRecordInTheLastSegmentFromATornTail) {
    MemoryFileSystem files;
    const auto events = events_of(10);
    (void)write_journal(files, events);
    const auto offsets = record_offsets(files, 1);
    std::vector<std::byte>& bytes = files.files.at(path_of(1)).bytes;
    // The journal of a crash: no footer.
    bytes.resize(offsets[9]);
    bytes[offsets[4] + 30] ^= std::byte{1};
    ReadBack back = read_back(files);
    EXPECT_EQ(back.events.size(), 4U);
    EXPECT_EQ(back.ending, JournalEnding::kDamaged);
    EXPECT_EQ(back.problem->kind, JournalProblemKind::kBadChecksum);
    EXPECT_EQ(back.problem->offset, offsets[4]);
    EXPECT_FALSE(back.problem->torn);
    // The same wrong byte in the last record is a torn tail: nothing valid follows.
    bytes.resize(offsets[5]);
    back = read_back(files);
    EXPECT_EQ(back.events.size(), 4U);
    EXPECT_EQ(back.ending, JournalEnding::kTorn);
    EXPECT_TRUE(back.problem->torn);
}

TEST(JournalReader, TakesTrailingZerosOfAPreallocatedFileForATornTail) {
    MemoryFileSystem files;
    (void)write_journal(files, events_of(10));
    const auto offsets = record_offsets(files, 1);
    std::vector<std::byte>& bytes = files.files.at(path_of(1)).bytes;
    bytes.resize(offsets[6]);
    bytes.resize(bytes.size() + 10'000);
    const ReadBack back = read_back(files);
    EXPECT_EQ(back.events.size(), 6U);
    EXPECT_EQ(back.ending, JournalEnding::kTorn);
    EXPECT_EQ(back.problem->kind, JournalProblemKind::kBadLength);
}

TEST(JournalReader, TakesAFooterThatAnnouncesAMissingSegmentForATornTail) {
    MemoryFileSystem files;
    (void)write_journal(files, events_of(30), 1'500);
    files.files.erase(std::prev(files.files.end()));
    const ReadBack back = read_back(files);
    EXPECT_EQ(back.ending, JournalEnding::kTorn);
    EXPECT_EQ(back.problem->kind, JournalProblemKind::kNotClosed);
}

TEST(JournalReader, NamesAnUnknownVersionAndDoesNotGuess) {
    MemoryFileSystem files;
    (void)write_journal(files, events_of(3));
    std::vector<std::byte>& bytes = files.files.at(path_of(1)).bytes;
    bytes[8] = std::byte{1};
    store_little_endian(bytes.data() + 132, crc32c(std::span(bytes).first(132)));
    const ReadBack back = read_back(files);
    EXPECT_TRUE(back.events.empty());
    EXPECT_EQ(back.ending, JournalEnding::kDamaged);
    EXPECT_EQ(back.problem->kind, JournalProblemKind::kUnknownVersion);
    EXPECT_EQ(back.problem->message,
              "journal-000001.fjl at byte 0: the segment was written by another version of the "
              "format; this build reads version 2");
}

TEST(JournalReader, NamesAGapInThePositions) {
    MemoryFileSystem files;
    (void)write_journal(files, events_of(10));
    const auto offsets = record_offsets(files, 1);
    std::vector<std::byte>& bytes = files.files.at(path_of(1)).bytes;
    bytes.erase(bytes.begin() + std::ptrdiff_t(offsets[3]),
                bytes.begin() + std::ptrdiff_t(offsets[5]));
    const ReadBack back = read_back(files);
    EXPECT_EQ(back.events.size(), 3U);
    EXPECT_EQ(back.ending, JournalEnding::kDamaged);
    EXPECT_EQ(back.problem->kind, JournalProblemKind::kPositionGap);
    EXPECT_EQ(back.problem->message, "journal-000001.fjl at byte " + std::to_string(offsets[3]) +
                                         ": stream 1 goes on at position 6 where 4 is due");
}

TEST(JournalReader, NamesARecordThatIsNotWhatItsFrameAnnounces) {
    MemoryFileSystem files;
    (void)write_journal(files, events_of(10));
    const auto offsets = record_offsets(files, 1);
    std::vector<std::byte>& bytes = files.files.at(path_of(1)).bytes;
    forge(bytes, offsets[2], 10, std::byte{60});
    EXPECT_EQ(read_back(files).problem->kind, JournalProblemKind::kBadEvent);
    forge(bytes, offsets[2], 10, std::byte{3});  // the frame is right again
    forge(bytes, offsets[2], kFrameHeaderBytes + 38, std::byte{9});
    EXPECT_EQ(read_back(files).problem->kind, JournalProblemKind::kBadEvent);
}

TEST(JournalReader, NamesAFeedPositionThatStepsBack) {
    MemoryFileSystem files;
    auto events = events_of(10);
    events[6].feed_position = 1;
    (void)write_journal(files, events);
    const ReadBack back = read_back(files);
    EXPECT_EQ(back.events.size(), 6U);
    EXPECT_EQ(back.problem->kind, JournalProblemKind::kFeedStepsBack);
}

TEST(JournalReader, NamesFlagsAndStreamsThatThisVersionDoesNotHave) {
    MemoryFileSystem files;
    (void)write_journal(files, events_of(3));
    const auto offsets = record_offsets(files, 1);
    std::vector<std::byte>& bytes = files.files.at(path_of(1)).bytes;
    const std::vector<std::byte> good = bytes;
    forge(bytes, offsets[1], 12, std::byte{1});
    EXPECT_EQ(read_back(files).problem->kind, JournalProblemKind::kUnknownFrame);
    bytes = good;
    forge(bytes, offsets[1], 9, std::byte{1});
    EXPECT_EQ(read_back(files).problem->kind, JournalProblemKind::kUnknownFrame);
}

TEST(JournalReader, GoesOnBehindAProblemWhenAskedTo) {
    MemoryFileSystem files;
    const auto events = events_of(10);
    (void)write_journal(files, events);
    const auto offsets = record_offsets(files, 1);
    files.files.at(path_of(1)).bytes[offsets[4] + 50] ^= std::byte{1};
    auto reader = JournalReader::open(files, kDirectory);
    ASSERT_TRUE(reader.ok());
    std::vector<std::uint64_t> positions;
    std::vector<JournalProblemKind> problems;
    for (;;) {
        while (const JournalRecord* record = (*reader)->next()) {
            positions.push_back(record->position);
        }
        if ((*reader)->problem() == nullptr) break;
        problems.push_back((*reader)->problem()->kind);
        (*reader)->resume();
    }
    EXPECT_EQ(positions, (std::vector<std::uint64_t>{1, 2, 3, 4, 6, 7, 8, 9, 10}));
    EXPECT_EQ(problems,
              (std::vector{JournalProblemKind::kBadChecksum, JournalProblemKind::kPositionGap}));
    EXPECT_EQ((*reader)->ending(), JournalEnding::kDamaged);
}

}  // namespace
}  // namespace fermata

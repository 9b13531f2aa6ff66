#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "core/journal/journal_resume.hpp"
#include "tests/core/journal/journal_fixture.hpp"

namespace fermata {
namespace {

using namespace test;

std::unique_ptr<JournalReader> follow(FileSystem& files, std::uint32_t first_segment = 1) {
    JournalReaderOptions reading = checking();
    reading.follow = true;
    reading.first_segment = first_segment;
    auto opened = JournalReader::open(files, kDirectory, reading);
    FERMATA_ASSERT(opened.ok());
    return std::move(*opened);
}

/// Reads until there is no more; "1:3 2:4", stream and position.
std::string read_on(JournalReader& reader) {
    std::string text;
    while (const JournalRecord* record = reader.next()) {
        text += (text.empty() ? "" : " ") + std::to_string(static_cast<int>(record->stream)) + ":" +
                std::to_string(record->position);
    }
    if (reader.problem() != nullptr) text += " PROBLEM " + reader.problem()->message;
    return text;
}

TEST(JournalFollow, WaitsAtTheEndAndGoesOnWhenMoreIsThere) {
    MemoryFileSystem files;
    auto reader = follow(files);
    EXPECT_EQ(read_on(*reader), "");
    EXPECT_EQ(reader->ending(), JournalEnding::kWaiting) << "not even begun";
    auto writer = JournalWriter::create(files, options(), manifest(), kRun, hashers());
    ASSERT_TRUE(writer.ok());
    EXPECT_EQ(read_on(*reader), "");
    ASSERT_TRUE((*writer)->append(event_of(0, 3)).ok());
    ASSERT_TRUE((*writer)->append(market_of(1)).ok());
    EXPECT_EQ(read_on(*reader), "") << "not handed over yet";
    ASSERT_TRUE((*writer)->flush().ok());
    EXPECT_EQ(read_on(*reader), "1:1 2:1");
    EXPECT_EQ(reader->ending(), JournalEnding::kWaiting);
    ASSERT_TRUE((*writer)->append(event_of(1, 3)).ok());
    ASSERT_TRUE((*writer)->sync().ok());
    EXPECT_EQ(read_on(*reader), "1:2");
    ASSERT_TRUE((*writer)->close().ok());
    EXPECT_EQ(read_on(*reader), "");
    EXPECT_EQ(reader->ending(), JournalEnding::kClosed);
    EXPECT_EQ(reader->manifest()->build, "test");
}

// A journal grows byte by byte before the reader's eyes: it never takes a part for damage, never
// returns anything twice, and has everything in the end.
TEST(JournalFollow, TakesNoPartOfAFrameForDamage) {
    MemoryFileSystem whole;
    const auto events = events_of(25);
    {
        auto writer = JournalWriter::create(whole, options(1'800, 64), manifest(), kRun, hashers());
        ASSERT_TRUE(writer.ok());
        for (std::size_t i = 0; i < events.size(); ++i) {
            ASSERT_TRUE((*writer)->append(events[i]).ok());
            ASSERT_TRUE((*writer)->append(market_of(2 * i + 1)).ok());
            ASSERT_TRUE((*writer)->append(market_of(2 * i + 2)).ok());
        }
        ASSERT_TRUE((*writer)->close().ok());
    }
    ASSERT_GT(whole.files.size(), 2U);
    for (const std::size_t step : {1U, 7U, 64U, 1'000U}) {
        MemoryFileSystem files;
        auto reader = follow(files);
        std::uint64_t orders = 0;
        std::uint64_t market = 0;
        const auto drain = [&] {
            while (const JournalRecord* record = reader->next()) {
                std::uint64_t& last = record->is_market ? market : orders;
                ASSERT_EQ(record->position, last + 1);
                last = record->position;
            }
            ASSERT_EQ(reader->problem(), nullptr) << reader->problem()->message;
        };
        for (const auto& [path, file] : whole.files) {
            files.files[path];
            for (std::size_t size = 0; size < file.bytes.size(); size += step) {
                ASSERT_NO_FATAL_FAILURE(drain());
                EXPECT_EQ(reader->ending(), JournalEnding::kWaiting);
                files.files[path].bytes.assign(file.bytes.begin(),
                                               file.bytes.begin() + std::ptrdiff_t(size));
            }
            files.files[path].bytes = file.bytes;
        }
        ASSERT_NO_FATAL_FAILURE(drain());
        EXPECT_EQ(reader->ending(), JournalEnding::kClosed);
        EXPECT_EQ(orders, 25U);
        EXPECT_EQ(market, 50U);
        EXPECT_EQ(reader->segments().size(), whole.files.size());
    }
}

TEST(JournalFollow, GoesOnOverACrashWithWhatTheNextBootWrites) {
    // Every way in which the last segment can be torn, with a reader that has seen the tear.
    MemoryFileSystem original;
    {
        auto writer =
            JournalWriter::create(original, options(1'500, 64), manifest(), kRun, hashers());
        ASSERT_TRUE(writer.ok());
        for (const OrderEvent& event : events_of(16)) ASSERT_TRUE((*writer)->append(event).ok());
        ASSERT_TRUE((*writer)->flush().ok());
    }
    const std::string last = original.files.rbegin()->first;
    const std::size_t size = original.files.at(last).bytes.size();
    ASSERT_GT(original.files.size(), 1U);
    for (std::size_t cut = 0; cut < size; cut += 3) {
        MemoryFileSystem files;
        files.files = original.files;
        files.files.at(last).bytes.resize(cut);
        auto reader = follow(files);
        std::uint64_t orders = 0;
        const auto drain = [&] {
            while (const JournalRecord* record = reader->next()) {
                ASSERT_EQ(record->position, ++orders);
            }
            ASSERT_EQ(reader->problem(), nullptr) << reader->problem()->message;
        };
        ASSERT_NO_FATAL_FAILURE(drain());
        EXPECT_EQ(reader->ending(), JournalEnding::kWaiting);
        auto resumed = resume_journal(files, options(1'500, 64), manifest(), hashers());
        ASSERT_TRUE(resumed.ok());
        EXPECT_EQ(resumed->report.records, orders) << "nothing was returned that is cut off now";
        ASSERT_TRUE(resumed->writer->append(event_of(orders, 2)).ok());
        ASSERT_TRUE(resumed->writer->close().ok());
        ASSERT_NO_FATAL_FAILURE(drain());
        EXPECT_EQ(reader->ending(), JournalEnding::kClosed) << cut;
        EXPECT_EQ(orders, resumed->report.records + 1);
        EXPECT_EQ(reader->manifest()->boot_epoch, 2U);
    }
}

TEST(JournalFollow, DoesNotWaitBehindDamage) {
    MemoryFileSystem files;
    auto writer = JournalWriter::create(files, options(), manifest(), kRun, hashers());
    ASSERT_TRUE(writer.ok());
    for (const OrderEvent& event : events_of(5)) ASSERT_TRUE((*writer)->append(event).ok());
    ASSERT_TRUE((*writer)->flush().ok());
    std::vector<std::byte>& bytes = files.files.at(path_of(1)).bytes;
    bytes[bytes.size() - 200] ^= std::byte{1};
    auto reader = follow(files);
    (void)read_on(*reader);
    EXPECT_EQ(reader->ending(), JournalEnding::kDamaged);
}

TEST(JournalFollow, CallsASegmentWithoutFooterDamageOnceAnotherFollows) {
    MemoryFileSystem files;
    (void)write_journal(files, events_of(40), 1'500);
    MemoryFileSystem growing;
    growing.files[path_of(1)] = files.files.at(path_of(1));
    growing.files[path_of(1)].bytes.resize(growing.files[path_of(1)].bytes.size() - 8);
    auto reader = follow(growing);
    (void)read_on(*reader);
    EXPECT_EQ(reader->ending(), JournalEnding::kWaiting);
    growing.files[path_of(2)] = files.files.at(path_of(2));
    (void)read_on(*reader);
    EXPECT_EQ(reader->ending(), JournalEnding::kDamaged);
    EXPECT_EQ(reader->problem()->kind, JournalProblemKind::kTruncatedFrame);
}

TEST(JournalFollow, BeginsAtAGivenSegmentAndTakesItsHeaderAsGiven) {
    MemoryFileSystem files;
    (void)write_journal(files, events_of(40), 1'500);
    const auto segments = static_cast<std::uint32_t>(files.files.size());
    ASSERT_GE(segments, 4U);
    auto reader = follow(files, 3);
    const JournalRecord* record = reader->next();
    ASSERT_NE(record, nullptr);
    EXPECT_EQ(record->segment, 3U);
    std::uint64_t position = record->position;
    EXPECT_GT(position, 1U);
    while ((record = reader->next()) != nullptr) EXPECT_EQ(record->position, ++position);
    EXPECT_EQ(position, 40U);
    EXPECT_EQ(reader->ending(), JournalEnding::kClosed) << reader->problem()->message;
    EXPECT_EQ(reader->head()->records, 40U);
}

TEST(JournalFollow, ReadsWhatIsLeftAfterTheFirstSegmentsWerePruned) {
    MemoryFileSystem files;
    (void)write_journal(files, events_of(40), 1'500);
    const auto whole = verify(files);
    files.files.erase(path_of(1));
    files.files.erase(path_of(2));
    EXPECT_EQ(verify(files).problems[0].kind, JournalProblemKind::kMissingSegment);
    JournalVerifierOptions pruned;
    pruned.chain_hasher = make_plain_hasher_for;
    pruned.first_segment = 0;
    const auto left = verify_journal(files, kDirectory, pruned);
    EXPECT_TRUE(left.ok());
    EXPECT_EQ(left.first_segment, 3U);
    EXPECT_EQ(left.head, whole.head);
}

}  // namespace
}  // namespace fermata

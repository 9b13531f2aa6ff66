#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "core/base/bytes.hpp"
#include "core/base/crc32c.hpp"
#include "tests/core/journal/journal_fixture.hpp"

namespace fermata {
namespace {

using namespace test;

std::unique_ptr<JournalWriter> writer_for(FileSystem& files, std::uint64_t segment = 1 << 20,
                                          std::size_t buffer = 1 << 16) {
    auto made = JournalWriter::create(files, options(segment, buffer), manifest(), kRun, hashers());
    FERMATA_ASSERT(made.ok());
    return std::move(*made);
}

/// First position and number of events of every market frame.
std::vector<std::pair<std::uint64_t, std::size_t>> frames_of(FileSystem& files) {
    std::vector<std::pair<std::uint64_t, std::size_t>> frames;
    auto reader = JournalReader::open(files, kDirectory, checking());
    FERMATA_ASSERT(reader.ok());
    std::uint64_t last = 0;
    while (const JournalRecord* record = (*reader)->next()) {
        if (!record->is_market) continue;
        if (record->offset != last) {
            frames.push_back({record->position,
                              (record->frame.size() - kFrameHeaderBytes) / sizeof(MarketEvent)});
        }
        last = record->offset;
    }
    EXPECT_EQ((*reader)->ending(), JournalEnding::kClosed);
    return frames;
}
using Frames = std::vector<std::pair<std::uint64_t, std::size_t>>;

TEST(JournalMarket, SharesAFrameUntil256EventsAnotherRecordOrAFlush) {
    MemoryFileSystem files;
    auto writer = writer_for(files);
    std::uint64_t position = 0;
    const auto append = [&](int n) {
        for (int i = 0; i < n; ++i) ASSERT_TRUE(writer->append(market_of(++position)).ok());
    };
    append(300);
    ASSERT_TRUE(writer->append(event_of(0, 1)).ok());
    append(2);
    ASSERT_TRUE(writer->append(event_of(0, 1), shard_stream(0)).ok());
    append(3);
    ASSERT_TRUE(writer->flush().ok());
    append(1);
    EXPECT_EQ(writer->records(), 308U) << "those of the open frame count";
    EXPECT_EQ(writer->position(JournalStream::kFeed), 306U);
    ASSERT_TRUE(writer->close().ok());
    EXPECT_EQ(frames_of(files), (Frames{{1, 256}, {257, 44}, {301, 2}, {303, 3}, {306, 1}}));
    EXPECT_TRUE(verify(files).ok());
}

TEST(JournalMarket, MakesTheSameBytesOfTheSameEventsInOneThread) {
    const auto bytes = [] {
        MemoryFileSystem files;
        auto writer = writer_for(files, 9'000, 1'000);
        std::uint64_t market = 0;
        for (std::uint64_t i = 0; i < 50; ++i) {
            for (std::uint64_t n = 0; n < i % 5; ++n) {
                EXPECT_TRUE(writer->append(market_of(++market)).ok());
            }
            EXPECT_TRUE(writer->append(event_of(i, 3)).ok());
        }
        EXPECT_TRUE(writer->close().ok());
        std::vector<std::byte> all;
        for (const auto& [path, file] : files.files) {
            all.insert(all.end(), file.bytes.begin(), file.bytes.end());
        }
        return all;
    };
    EXPECT_EQ(bytes(), bytes());
}

TEST(JournalMarket, DoesNotEnterTheHashOfTheTradingRecords) {
    MemoryFileSystem without;
    const std::string hash = write_journal(without, events_of(20)).hash;
    MemoryFileSystem files;
    auto writer = writer_for(files);
    std::uint64_t market = 0;
    for (const OrderEvent& event : events_of(20)) {
        ASSERT_TRUE(writer->append(market_of(++market)).ok());
        ASSERT_TRUE(writer->append(event).ok());
        ASSERT_TRUE(writer->append(event, shard_stream(2)).ok());
        if (market % 4 == 0) {
            ASSERT_TRUE(writer->sync().ok());
        }
    }
    const auto summary = writer->close();
    ASSERT_TRUE(summary.ok());
    EXPECT_EQ(summary->hash, hash);
    EXPECT_EQ(verify(files).hash, hash);
}

TEST(JournalMarket, BeginsAtThePositionThatTheManifestNames) {
    MemoryFileSystem files;
    JournalManifest late = manifest();
    late.feed_start = 1'001;
    auto writer = JournalWriter::create(files, options(), late, kRun, hashers());
    ASSERT_TRUE(writer.ok());
    ASSERT_TRUE((*writer)->append(market_of(1'001)).ok());
    ASSERT_TRUE((*writer)->append(market_of(1'002)).ok());
    ASSERT_TRUE((*writer)->close().ok());
    EXPECT_TRUE(verify(files).ok());
    EXPECT_EQ(frames_of(files), (Frames{{1'001, 2}}));

    MemoryFileSystem refused;
    writer = JournalWriter::create(refused, options(), manifest(), kRun, hashers());
    ASSERT_TRUE(writer.ok());
    EXPECT_EQ((*writer)->append(market_of(1'001)).error(), JournalErrorCode::kSequence);
}

// The manifest says where the feed begins. Without the first one the records say it, and the second
// segment's manifest, of the same boot, says nothing about what came between.
TEST(JournalMarket, ADamagedFirstManifestIsTheOnlyProblem) {
    for (const std::uint64_t feed_start : {1, 1'001}) {
        MemoryFileSystem files;
        JournalManifest names = manifest();
        names.feed_start = feed_start;
        auto writer = JournalWriter::create(files, options(4'096, 512), names, kRun,
                                            {make_plain_hasher, HashAlgorithm::kNone, {}});
        ASSERT_TRUE(writer.ok());
        for (std::uint64_t i = 0; i < 100; ++i) {
            ASSERT_TRUE((*writer)->append(market_of(feed_start + i)).ok());
        }
        ASSERT_TRUE((*writer)->close().ok());
        ASSERT_TRUE(files.files.contains(path_of(2)));
        files.files.at(path_of(1)).bytes.at(kSegmentHeaderBytes + kFrameHeaderBytes + 3) ^=
            std::byte{1};
        const JournalVerification verified = verify(files);
        EXPECT_EQ(verified.problem_count, 1U);
        EXPECT_EQ(verified.records, 100U);
        for (const JournalProblem& each : verified.problems) {
            EXPECT_EQ(each.kind, JournalProblemKind::kBadChecksum) << each.message;
            EXPECT_EQ(each.segment, 1U) << each.message;
        }
    }
}

TEST(JournalMarket, RefusesToGoOnWhenAnEventIsMissing) {
    for (const std::uint64_t seq : {2U, 3U, 5U}) {
        MemoryFileSystem files;
        auto writer = writer_for(files);
        for (std::uint64_t i = 1; i <= 3; ++i) ASSERT_TRUE(writer->append(market_of(i)).ok());
        EXPECT_EQ(writer->append(market_of(seq)).error(), JournalErrorCode::kSequence);
        EXPECT_EQ(writer->append(market_of(4)).error(), JournalErrorCode::kSequence) << "final";
        EXPECT_EQ(writer->failure()->message, "stream 2 gave the journal event " +
                                                  std::to_string(seq) +
                                                  " where 4 is due: an event was lost");
    }
}

RC_GTEST_PROP(JournalMarket, ReadsBackEveryMixtureWhateverSegmentsAndBuffers, ()) {
    const auto segment = *rc::gen::inRange<std::uint64_t>(0, 30'000);
    const auto buffer = *rc::gen::inRange<std::size_t>(0, 20'000);
    MemoryFileSystem files;
    auto writer = writer_for(files, segment, buffer);
    std::uint64_t market = 0;
    std::uint64_t orders = 0;
    std::string expected;
    const auto steps = *rc::gen::inRange(0, 40);
    for (int i = 0; i < steps; ++i) {
        const auto n = *rc::gen::element(0, 1, 2, 3, 50, 256, 300);
        for (int k = 0; k < n; ++k) RC_ASSERT(writer->append(market_of(++market)).ok());
        if (*rc::gen::arbitrary<bool>()) {
            ++orders;
            RC_ASSERT(writer->append(event_of(orders - 1, 3)).ok());
        }
        if (*rc::gen::inRange(0, 8) == 0) RC_ASSERT(writer->sync().ok());
    }
    RC_ASSERT(writer->records() == market + orders);
    RC_ASSERT(writer->close().ok());
    for (const auto& [path, file] : files.files) {
        // One frame of market events may stand alone in a segment that is too small for it.
        RC_ASSERT(file.bytes.size() <= std::max<std::uint64_t>(segment, 900) + 104 + 250);
    }
    auto reader = JournalReader::open(files, kDirectory, checking());
    RC_ASSERT(reader.ok());
    std::uint64_t seen_market = 0;
    std::uint64_t seen_orders = 0;
    while (const JournalRecord* record = (*reader)->next()) {
        if (record->is_market) {
            RC_ASSERT(same_bytes(record->market, market_of(++seen_market)));
        } else {
            RC_ASSERT(same_bytes(record->event, event_of(seen_orders++, 3)));
        }
    }
    RC_ASSERT((*reader)->ending() == JournalEnding::kClosed);
    RC_ASSERT(seen_market == market);
    RC_ASSERT(seen_orders == orders);
}

/// A journal with one frame of three market events, of which a byte is forged with its checksum.
JournalProblemKind problem_after(std::size_t at_in_frame, std::byte flip) {
    MemoryFileSystem files;
    auto writer = writer_for(files);
    for (std::uint64_t i = 1; i <= 3; ++i) EXPECT_TRUE(writer->append(market_of(i)).ok());
    EXPECT_TRUE(writer->close().ok());
    auto reader = JournalReader::open(files, kDirectory);
    FERMATA_ASSERT(reader.ok());
    const std::uint64_t frame = (*reader)->next()->offset;
    auto& bytes = files.files.at(path_of(1)).bytes;
    bytes[frame + at_in_frame] ^= flip;
    store_little_endian(bytes.data() + frame,
                        crc32c(std::span(bytes).subspan(frame + 4, 20 + 3 * 64)));
    const ReadBack back = read_back(files);
    return back.problem ? back.problem->kind : JournalProblemKind::kNoSegments;
}

TEST(JournalMarket, NamesAnEventThatNoWriterMakes) {
    constexpr std::size_t kSecond = kFrameHeaderBytes + 64;
    EXPECT_EQ(problem_after(kSecond + 8, std::byte{1}), JournalProblemKind::kBadEvent) << "seq";
    EXPECT_EQ(problem_after(kSecond + 7, std::byte{0x80}), JournalProblemKind::kBadEvent) << "lane";
    EXPECT_EQ(problem_after(kSecond + 6, std::byte{2}), JournalProblemKind::kBadEvent) << "type";
    EXPECT_EQ(problem_after(kSecond + 6, std::byte{0x70}), JournalProblemKind::kBadEvent);
    EXPECT_EQ(problem_after(10, std::byte{1}), JournalProblemKind::kUnknownFrame) << "frame's type";
    EXPECT_EQ(problem_after(16, std::byte{2}), JournalProblemKind::kPositionGap);
}

TEST(JournalConfiguration, IsOnRecordWhereABootBeginsAndNowhereElse) {
    MemoryFileSystem files;
    (void)write_journal(files, events_of(40), 1'500);
    ASSERT_GT(files.files.size(), 2U);
    auto reader = JournalReader::open(files, kDirectory, checking());
    ASSERT_TRUE(reader.ok());
    while ((*reader)->next() != nullptr) {
    }
    EXPECT_EQ((*reader)->configuration(), "run: test\n");
    std::size_t with = 0;
    for (const auto& [path, file] : files.files) {
        const std::string text(text_of(file.bytes));
        if (text.find("run: test\n") != std::string::npos) ++with;
    }
    EXPECT_EQ(with, 1U);
}

TEST(JournalConfiguration, RefusesOneThatNoFrameHolds) {
    MemoryFileSystem files;
    JournalOptions large = options();
    large.configuration.assign(std::size_t{16} << 20, 'x');
    const auto writer = JournalWriter::create(files, large, manifest(), kRun, hashers());
    ASSERT_FALSE(writer.ok());
    EXPECT_EQ(writer.error().code, JournalErrorCode::kTooLarge);
}

}  // namespace
}  // namespace fermata

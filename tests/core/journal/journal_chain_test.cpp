#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <functional>

#include "tests/core/journal/journal_fixture.hpp"
#include "tests/support/segment_surgery.hpp"

namespace fermata {
namespace {

using namespace test;

using Kinds = std::vector<JournalProblemKind>;
using Kind = JournalProblemKind;

JournalVerification check(FileSystem& files, const std::optional<JournalHead>& anchor = {}) {
    JournalVerifierOptions options;
    options.chain_hasher = make_plain_hasher_for;
    options.anchor = anchor;
    return verify_journal(files, kDirectory, options);
}

Kinds kinds_of(const JournalVerification& found) {
    Kinds kinds;
    for (const JournalProblem& problem : found.problems) kinds.push_back(problem.kind);
    return kinds;
}

/// A journal without the records' hash, so that only the chain stands against forgery: orders, a
/// shard and market events over some segments.
void write_run(FileSystem& files, std::size_t rounds = 15, std::uint64_t first_time = 0) {
    JournalHashers chain_only = hashers();
    chain_only.records = {};
    auto writer = JournalWriter::create(files, options(2'500, 300), manifest(), kRun, chain_only);
    FERMATA_ASSERT(writer.ok());
    for (std::uint64_t i = 0; i < rounds; ++i) {
        OrderEvent event = event_of(i, i % 12);
        event.ts.ns += static_cast<std::int64_t>(first_time);
        FERMATA_ASSERT((*writer)->append(market_of(2 * i + 1)).ok());
        FERMATA_ASSERT((*writer)->append(market_of(2 * i + 2)).ok());
        FERMATA_ASSERT((*writer)->append(event_of(i, 2), shard_stream(0)).ok());
        FERMATA_ASSERT((*writer)->append(event).ok());
    }
    FERMATA_ASSERT((*writer)->close().ok());
}

TEST(JournalChain, HoldsInAWholeJournalAndEndsAtTheLastFooter) {
    MemoryFileSystem files;
    write_run(files);
    const auto found = check(files);
    EXPECT_TRUE(found.ok());
    EXPECT_EQ(found.records, 60U);
    ASSERT_TRUE(found.head.has_value());
    EXPECT_EQ(found.head->run, kRun);
    EXPECT_EQ(found.head->records, 60U);
    EXPECT_EQ(found.head->segment, files.files.size());
    EXPECT_GT(found.head->block, found.head->segment) << "more than one block a segment";
}

// The attacker flips a bit and computes the checksums anew: whatever byte it is, it is found, by
// the chain where nothing else speaks against it.
TEST(JournalChain, FindsEveryByteThatWasRewrittenWithItsChecksums) {
    MemoryFileSystem original;
    write_run(original);
    ASSERT_GT(original.files.size(), 2U);
    std::size_t by_chain_alone = 0;
    std::size_t rewritten = 0;
    for (const auto& [path, file] : original.files) {
        const auto frames = frames_of(file.bytes);
        for (std::size_t at = 0; at < file.bytes.size(); ++at) {
            const auto inside = std::find_if(frames.begin(), frames.end(), [&](const FrameAt& f) {
                return at >= f.offset && at < f.offset + 8;
            });
            if (inside != frames.end() || (at >= 132 && at < 136)) continue;  // checksum, length
            MemoryFileSystem files;
            files.files = original.files;
            files.files.at(path).bytes[at] ^= std::byte{0x04};
            repair_checksums(files.files.at(path).bytes);
            const auto found = check(files);
            ASSERT_FALSE(found.ok()) << path << " byte " << at;
            ++rewritten;
            if (kinds_of(found) == Kinds{Kind::kBrokenChain}) ++by_chain_alone;
        }
    }
    // The others are in headers, counts and positions, which speak for themselves.
    EXPECT_GT(by_chain_alone, rewritten / 3);
}

TEST(JournalChain, NamesADroppedRecord) {
    MemoryFileSystem files;
    write_run(files);
    auto& bytes = files.files.at(path_of(1)).bytes;
    const auto frames = frames_of(bytes);
    const auto dropped = std::find_if(frames.begin(), frames.end(), [](const FrameAt& f) {
        return f.header.stream == JournalStream::kTrading && f.header.position == 2;
    });
    ASSERT_NE(dropped, frames.end());
    bytes.erase(bytes.begin() + std::ptrdiff_t(dropped->offset),
                bytes.begin() + std::ptrdiff_t(dropped->offset + dropped->size));
    const Kinds kinds = kinds_of(check(files));
    EXPECT_EQ(std::count(kinds.begin(), kinds.end(), Kind::kPositionGap), 1);
    EXPECT_EQ(std::count(kinds.begin(), kinds.end(), Kind::kBrokenChain), 1);
}

// A record of one stream is moved before one of another: no position tells, only the chain.
TEST(JournalChain, NamesASwappedPairOfTwoStreams) {
    MemoryFileSystem files;
    write_run(files);
    auto& bytes = files.files.at(path_of(1)).bytes;
    const auto frames = frames_of(bytes);
    for (std::size_t i = 0; i + 1 < frames.size(); ++i) {
        if (frames[i].header.stream != shard_stream(0) ||
            frames[i + 1].header.stream != JournalStream::kTrading) {
            continue;
        }
        std::rotate(bytes.begin() + std::ptrdiff_t(frames[i].offset),
                    bytes.begin() + std::ptrdiff_t(frames[i + 1].offset),
                    bytes.begin() + std::ptrdiff_t(frames[i + 1].offset + frames[i + 1].size));
        break;
    }
    EXPECT_EQ(kinds_of(check(files)), Kinds{Kind::kBrokenChain});
}

TEST(JournalChain, NamesASwappedPairOfOneStream) {
    MemoryFileSystem files;
    (void)write_journal(files, events_of(10));
    auto& bytes = files.files.at(path_of(1)).bytes;
    const auto frames = frames_of(bytes);
    for (std::size_t i = 0; i + 1 < frames.size(); ++i) {
        if (frames[i].header.stream != JournalStream::kTrading) continue;
        std::rotate(bytes.begin() + std::ptrdiff_t(frames[i].offset),
                    bytes.begin() + std::ptrdiff_t(frames[i + 1].offset),
                    bytes.begin() + std::ptrdiff_t(frames[i + 1].offset + frames[i + 1].size));
        break;
    }
    const Kinds kinds = kinds_of(check(files));
    EXPECT_EQ(kinds[0], Kind::kPositionGap);
    EXPECT_NE(std::count(kinds.begin(), kinds.end(), Kind::kBrokenChain), 0);
}

TEST(JournalChain, NamesASealThatIsTakenOut) {
    MemoryFileSystem files;
    write_run(files);
    auto& bytes = files.files.at(path_of(1)).bytes;
    for (const FrameAt& frame : frames_of(bytes)) {
        if (frame.header.stream != JournalStream::kControl || frame.header.type != 3) continue;
        bytes.erase(bytes.begin() + std::ptrdiff_t(frame.offset),
                    bytes.begin() + std::ptrdiff_t(frame.offset + frame.size));
        break;
    }
    const auto found = check(files);
    EXPECT_EQ(kinds_of(found), Kinds{Kind::kBrokenChain});
    EXPECT_NE(found.problems[0].message.find("block 2 stands where block 1 is due"),
              std::string::npos)
        << found.problems[0].message;
}

TEST(JournalChain, NamesASegmentOfAnotherRunWithTheSameIdAndCounts) {
    MemoryFileSystem files;
    MemoryFileSystem other;
    write_run(files);
    write_run(other, 15, 1);
    files.files.at(path_of(2)) = other.files.at(path_of(2));
    // Whole in itself, but it does not go on where segment 1 ended, nor segment 3 where it ends.
    EXPECT_EQ(kinds_of(check(files)), (Kinds{Kind::kBrokenChain, Kind::kBrokenChain}));
}

TEST(JournalChain, IsComparedWithoutAHasherAsFarAsCountsGo) {
    MemoryFileSystem files;
    write_run(files);
    JournalVerifierOptions options;
    EXPECT_TRUE(verify_journal(files, kDirectory, options).ok());
    auto& bytes = files.files.at(path_of(1)).bytes;
    for (const FrameAt& frame : frames_of(bytes)) {
        if (frame.header.stream != JournalStream::kControl || frame.header.type != 3) continue;
        bytes[frame.offset + kFrameHeaderBytes + 8] ^= std::byte{8};  // the length
        break;
    }
    repair_checksums(bytes);
    EXPECT_EQ(kinds_of(verify_journal(files, kDirectory, options)), Kinds{Kind::kBrokenChain});
}

TEST(JournalAnchor, IsFoundAtEverySealOfTheJournal) {
    MemoryFileSystem files;
    write_run(files);
    JournalReaderOptions reading = checking();
    auto reader = JournalReader::open(files, kDirectory, reading);
    ASSERT_TRUE(reader.ok());
    std::vector<JournalHead> heads;
    for (;;) {
        const bool more = (*reader)->next() != nullptr;
        if ((*reader)->head() && (heads.empty() || heads.back() != *(*reader)->head())) {
            heads.push_back(*(*reader)->head());
        }
        if (!more) break;
    }
    EXPECT_GT(heads.size(), 5U);
    for (const JournalHead& head : heads) {
        EXPECT_TRUE(check(files, head).ok()) << to_text(head);
    }
}

TEST(JournalAnchor, CatchesAJournalThatWasRewrittenAsAWhole) {
    MemoryFileSystem files;
    write_run(files);
    const auto anchor = check(files).head;
    MemoryFileSystem forged;
    write_run(forged, 15, 1);  // another time in every record, everything computed anew
    EXPECT_TRUE(check(forged).ok()) << "nothing inside speaks against it";
    const auto found = check(forged, anchor);
    EXPECT_EQ(kinds_of(found), Kinds{Kind::kNotAnchored});
    EXPECT_NE(found.problems[0].message.find("was rewritten or removed"), std::string::npos);
}

TEST(JournalAnchor, CatchesAJournalThatWasCutBehindAWholeSegment) {
    MemoryFileSystem files;
    write_run(files);
    const auto anchor = check(files).head;
    files.files.erase(std::prev(files.files.end()));
    const auto found = check(files, anchor);
    ASSERT_EQ(kinds_of(found), (Kinds{Kind::kNotClosed, Kind::kNotAnchored}));
    EXPECT_NE(found.problems[1].message.find("it ends with block"), std::string::npos);
}

TEST(JournalAnchor, NamesTheJournalOfAnotherRun) {
    MemoryFileSystem files;
    write_run(files);
    auto anchor = check(files).head;
    anchor->run[0] = std::byte{0xee};
    const auto found = check(files, anchor);
    EXPECT_EQ(kinds_of(found), Kinds{Kind::kNotAnchored});
    EXPECT_NE(found.problems[0].message.find("it is the journal of run 0102"), std::string::npos);
}

TEST(JournalAnchor, HoldsAfterSegmentsWerePrunedUpToIt) {
    MemoryFileSystem files;
    write_run(files);
    auto reader = JournalReader::open(files, kDirectory, checking());
    ASSERT_TRUE(reader.ok());
    while ((*reader)->next() != nullptr && (*reader)->segments().back().segment < 3) {
    }
    const SegmentFooter footer = *(*reader)->segments()[1].footer;
    const JournalHead anchor{
        kRun, HashAlgorithm::kSha256, 2, footer.seal.number, footer.run_records, footer.seal.head};
    files.files.erase(path_of(1));
    files.files.erase(path_of(2));
    JournalVerifierOptions options;
    options.chain_hasher = make_plain_hasher_for;
    options.first_segment = 0;
    options.anchor = anchor;
    EXPECT_TRUE(verify_journal(files, kDirectory, options).ok());
}

TEST(JournalHead, IsOneLineOfText) {
    JournalHead head;
    head.run = kRun;
    head.algorithm = HashAlgorithm::kSha256;
    head.segment = 3;
    head.block = 70;
    head.records = 12'345;
    for (std::size_t i = 0; i < 32; ++i) head.head[i] = static_cast<std::byte>(i);
    const std::string text = to_text(head);
    EXPECT_EQ(text,
              "fermata-journal-head run=01020300000000000000000000000000 segment=3 block=70 "
              "records=12345 sha256="
              "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f");
    EXPECT_EQ(parse_journal_head(text), head);
    EXPECT_EQ(parse_journal_head("  " + text + "\n"), head);
}

TEST(JournalHead, RefusesEveryOtherText) {
    JournalHead head;
    head.algorithm = HashAlgorithm::kBlake2b512;
    const std::string text = to_text(head);
    for (std::size_t n = 0; n < text.size(); ++n) {
        EXPECT_FALSE(parse_journal_head(text.substr(0, n)).has_value()) << n;
    }
    EXPECT_FALSE(parse_journal_head(text + " more").has_value());
    EXPECT_FALSE(parse_journal_head(text + "0").has_value());
}

RC_GTEST_PROP(JournalHead, ReadsBackWhatItWrote,
              (std::uint32_t segment, std::uint64_t block, std::uint64_t records, bool blake)) {
    JournalHead head;
    head.algorithm = blake ? HashAlgorithm::kBlake2b512 : HashAlgorithm::kSha256;
    head.segment = segment;
    head.block = block;
    head.records = records;
    for (std::size_t i = 0; i < (blake ? 64U : 32U); ++i) {
        head.head[i] = static_cast<std::byte>(*rc::gen::inRange(0, 256));
    }
    RC_ASSERT(parse_journal_head(to_text(head)) == head);
}

}  // namespace
}  // namespace fermata

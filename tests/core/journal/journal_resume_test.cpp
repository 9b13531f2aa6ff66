#include "core/journal/journal_resume.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <map>

#include "tests/core/journal/journal_fixture.hpp"

namespace fermata {
namespace {

using namespace test;

/// Records of all streams in file order, as text: "1:3" is position 3 of stream 1.
std::vector<std::string> records_in(FileSystem& files, JournalEnding* ending = nullptr) {
    std::vector<std::string> records;
    auto reader = JournalReader::open(files, kDirectory, checking());
    if (!reader) return records;
    while (const JournalRecord* record = (*reader)->next()) {
        const bool right =
            record->is_market
                ? same_bytes(record->market, market_of(record->position))
                : same_bytes(record->event, event_of(record->position - 1, record->position % 12));
        EXPECT_TRUE(right);
        records.push_back(std::to_string(static_cast<int>(record->stream)) + ":" +
                          std::to_string(record->position));
    }
    if (ending != nullptr) *ending = (*reader)->ending();
    return records;
}

/// Appends the next events of the trading, shard and feed streams; false at the first failure.
bool append_some(JournalWriter& writer, std::size_t rounds) {
    for (std::size_t i = 0; i < rounds; ++i) {
        const auto next = [&](JournalStream stream) {
            const std::uint64_t position = writer.position(stream) + 1;
            return event_of(position - 1, position % 12);
        };
        if (!writer.append(market_of(writer.position(JournalStream::kFeed) + 1)).ok() ||
            !writer.append(market_of(writer.position(JournalStream::kFeed) + 1)).ok() ||
            !writer.append(next(shard_stream(1)), shard_stream(1)).ok() ||
            !writer.append(next(JournalStream::kTrading)).ok()) {
            return false;
        }
    }
    return true;
}
constexpr std::size_t kRecordsARound = 4;

std::unique_ptr<JournalWriter> begin(MemoryFileSystem& files, std::uint64_t segment = 2'500) {
    auto writer = JournalWriter::create(files, options(segment, 200), manifest(), kRun, hashers());
    FERMATA_ASSERT(writer.ok());
    return std::move(*writer);
}

Result<ResumedJournal, JournalError> resume(MemoryFileSystem& files) {
    return resume_journal(files, options(2'500, 200), manifest(), hashers());
}

TEST(JournalResume, CutsTheTornTailKeepsItAsideAndGoesOnWithTheNextBoot) {
    MemoryFileSystem files;
    auto writer = begin(files, 1 << 20);
    ASSERT_TRUE(append_some(*writer, 3));
    ASSERT_TRUE(writer->sync().ok());
    writer.reset();
    std::vector<std::byte>& first = files.files.at(path_of(1)).bytes;
    const std::size_t whole = first.size();
    first.resize(whole + 37, std::byte{0x5a});

    auto resumed = resume(files);
    ASSERT_TRUE(resumed.ok()) << resumed.error().message;
    EXPECT_EQ(resumed->report.run, kRun);
    EXPECT_EQ(resumed->report.boot_epoch, 2U);
    EXPECT_EQ(resumed->report.segment, 2U);
    EXPECT_EQ(resumed->report.records, 12U);
    EXPECT_EQ(resumed->report.bytes_cut, 37U);
    EXPECT_EQ(resumed->report.torn_files, std::vector<std::string>{"journal-000001.torn"});
    EXPECT_EQ(resumed->report.positions,
              (std::vector<SegmentFooter::Position>{
                  {JournalStream::kTrading, 3}, {JournalStream::kFeed, 6}, {shard_stream(1), 3}}));
    EXPECT_EQ(files.files.at("run/journal-000001.torn").bytes,
              std::vector<std::byte>(37, std::byte{0x5a}));
    EXPECT_EQ(files.files.at("run/journal-000001.torn").synced, 37U);

    ASSERT_TRUE(append_some(*resumed->writer, 2));
    ASSERT_TRUE(resumed->writer->close().ok());
    EXPECT_TRUE(verify(files).ok());
    JournalReaderOptions reading = checking();
    auto reader = JournalReader::open(files, kDirectory, reading);
    ASSERT_TRUE(reader.ok());
    std::map<JournalStream, std::uint64_t> positions;
    while (const JournalRecord* record = (*reader)->next()) {
        EXPECT_EQ(record->position, ++positions[record->stream]) << "no gap between boots";
        EXPECT_EQ(record->boot_epoch, record->segment);
        EXPECT_EQ((*reader)->manifest()->boot_epoch, record->boot_epoch);
        EXPECT_EQ((*reader)->configuration(), "run: test\n");
    }
    EXPECT_EQ((*reader)->records(), 20U);
    EXPECT_TRUE((*reader)->segments()[0].footer->recovered);
    EXPECT_FALSE((*reader)->segments()[1].footer->recovered);
}

TEST(JournalResume, TakesTheHashOfTheWholeRun) {
    MemoryFileSystem whole;
    auto writer = begin(whole, 1 << 20);
    ASSERT_TRUE(append_some(*writer, 6));
    const auto expected = writer->close();
    ASSERT_TRUE(expected.ok());

    MemoryFileSystem files;
    writer = begin(files, 1 << 20);
    ASSERT_TRUE(append_some(*writer, 3));
    ASSERT_TRUE(writer->flush().ok());
    writer.reset();
    auto resumed = resume(files);
    ASSERT_TRUE(resumed.ok());
    ASSERT_TRUE(append_some(*resumed->writer, 3));
    const auto summary = resumed->writer->close();
    ASSERT_TRUE(summary.ok());
    EXPECT_EQ(summary->hash, expected->hash);
}

TEST(JournalResume, GoesOnWhereverTheLastSegmentIsCutOff) {
    MemoryFileSystem original;
    auto writer = begin(original);
    ASSERT_TRUE(append_some(*writer, 12));
    ASSERT_TRUE(writer->flush().ok());
    writer.reset();
    const auto last = static_cast<std::uint32_t>(original.files.size());
    ASSERT_GE(last, 2U);
    const std::vector<std::byte> bytes = original.files.at(path_of(last)).bytes;
    for (std::size_t size = 0; size < bytes.size(); ++size) {
        MemoryFileSystem files;
        files.files = original.files;
        files.files.at(path_of(last)).bytes.resize(size);
        const auto before = records_in(files);
        auto resumed = resume(files);
        ASSERT_TRUE(resumed.ok()) << size << ": " << resumed.error().message;
        EXPECT_EQ(resumed->report.records, before.size());
        ASSERT_TRUE(append_some(*resumed->writer, 1));
        ASSERT_TRUE(resumed->writer->close().ok());
        const auto verified = verify(files);
        EXPECT_TRUE(verified.ok()) << size << ": " << verified.problems[0].message;
        EXPECT_EQ(verified.records, before.size() + kRecordsARound);
        // Nothing is lost: what is not in the journal stands aside.
        std::size_t kept = 0;
        for (const std::string& name : resumed->report.torn_files) {
            kept += files.files.at("run/" + name).bytes.size();
        }
        EXPECT_EQ(kept, resumed->report.bytes_cut);
    }
}

TEST(JournalResume, SaysThatNothingIsLeftWhereEvenTheFirstHeadWasNotWritten) {
    MemoryFileSystem files;
    auto writer = begin(files);
    writer.reset();
    files.files.at(path_of(1)).bytes.resize(100);
    const auto resumed = resume(files);
    ASSERT_FALSE(resumed.ok());
    EXPECT_EQ(resumed.error().code, JournalErrorCode::kNothing);
    EXPECT_EQ(files.files.at("run/journal-000001.torn").bytes.size(), 100U);
    EXPECT_TRUE(append_some(*begin(files), 1)) << "a new run may begin there";
}

TEST(JournalResume, RefusesARunThatWasClosed) {
    MemoryFileSystem files;
    (void)write_journal(files, events_of(3));
    EXPECT_EQ(resume(files).error().code, JournalErrorCode::kFinished);
}

TEST(JournalResume, RefusesDamageAndTouchesNothing) {
    MemoryFileSystem files;
    auto writer = begin(files);
    ASSERT_TRUE(append_some(*writer, 12));
    ASSERT_TRUE(writer->flush().ok());
    writer.reset();
    // Whole checksums, but other bytes than those that were sealed: intent, not accident.
    auto& bytes = files.files.at(path_of(1)).bytes;
    bytes[kSegmentHeaderBytes + 40] ^= std::byte{1};
    const auto before = files.files.size();
    const std::vector<std::byte> kept = bytes;
    const auto resumed = resume(files);
    ASSERT_FALSE(resumed.ok());
    EXPECT_EQ(resumed.error().code, JournalErrorCode::kDamaged);
    EXPECT_EQ(files.files.size(), before);
    EXPECT_EQ(files.files.at(path_of(1)).bytes, kept);
}

TEST(JournalResume, RefusesAnotherConfigurationAndOtherIds) {
    MemoryFileSystem files;
    begin(files).reset();
    JournalManifest other = manifest();
    other.configuration_hash = "sha256:ff";
    EXPECT_EQ(resume_journal(files, options(), other, hashers()).error().code,
              JournalErrorCode::kDifferent);
    other = manifest();
    other.instruments.push_back("NEW");
    EXPECT_EQ(resume_journal(files, options(), other, hashers()).error().code,
              JournalErrorCode::kDifferent);
    other = manifest();
    other.build = "a newer build";
    EXPECT_TRUE(resume_journal(files, options(), other, hashers()).ok());
}

TEST(JournalResume, RefusesAChainThatItCannotContinue) {
    MemoryFileSystem files;
    begin(files).reset();
    const auto resumed = resume_journal(files, options(), manifest(), {});
    ASSERT_FALSE(resumed.ok());
    EXPECT_EQ(resumed.error().message, "run has a hash chain, and there is no hasher for it");
}

std::ptrdiff_t place_of(const MemoryFileSystem& files, const std::string& operation) {
    const auto found = std::find(files.done.begin(), files.done.end(), operation);
    return found == files.done.end() ? -1 : found - files.done.begin();
}

// The process died between writing the footer and syncing it, or the next segment's head was torn:
// what the new boot stands on is forced to the disk before the new boot begins.
TEST(JournalResume, SyncsALastSegmentThatHasItsFooterBeforeTheNextBootBegins) {
    MemoryFileSystem files;
    auto writer = begin(files, 2'500);
    while (writer->bytes() < 2'500 * 3 / 2) {
        ASSERT_TRUE(append_some(*writer, 1));
    }
    ASSERT_TRUE(writer->flush().ok());
    writer.reset();
    ASSERT_TRUE(files.files.contains(path_of(2)));
    files.files.at(path_of(2)).bytes.resize(100);  // torn at its head
    files.files.at(path_of(1)).synced = 0;         // its footer's sync never happened
    files.done.clear();

    auto resumed = resume(files);
    ASSERT_TRUE(resumed.ok()) << resumed.error().message;
    const std::uint64_t records = resumed->report.records;
    EXPECT_EQ(resumed->report.torn_files, std::vector<std::string>{"journal-000002.torn"});
    EXPECT_NE(place_of(files, "sync " + path_of(1)), -1);
    EXPECT_LT(place_of(files, "sync " + path_of(1)), place_of(files, "create " + path_of(2)));

    ASSERT_TRUE(resumed->writer->sync().ok());
    resumed->writer.reset();
    files.lose_power(0);
    auto again = resume(files);
    ASSERT_TRUE(again.ok()) << again.error().message;
    EXPECT_EQ(again->report.records, records);
}

TEST(JournalResume, RefusesTheBootWhoseOrderIdsWouldRepeat) {
    MemoryFileSystem files;
    JournalOptions quick = options();
    quick.durable = false;
    const JournalHashers plain{make_plain_hasher, HashAlgorithm::kNone, {}};
    MemoryFileSystem newest;  // the last segment alone: the disk counts its bytes at every write
    ASSERT_TRUE(JournalWriter::create(newest, quick, manifest(), kRun, plain).ok());
    // Order ids hold sixteen bits of the boot epoch.
    for (std::uint32_t boot = 1; boot < 65'534; ++boot) {
        JournalTail tail;
        tail.run = kRun;
        tail.segment = tail.boot_epoch = boot;
        tail.offset = newest.files.at(path_of(boot)).bytes.size();
        tail.has_preamble = true;
        tail.records_hasher = make_plain_hasher();
        ASSERT_TRUE(JournalWriter::go_on(newest, quick, manifest(), std::move(tail), plain).ok());
        files.files.insert(newest.files.extract(path_of(boot)));
    }
    files.files.merge(newest.files);
    auto last = resume_journal(files, quick, manifest(), plain);
    ASSERT_TRUE(last.ok()) << last.error().message;
    EXPECT_EQ(last->report.boot_epoch, 65'535U);
    last->writer.reset();
    const std::size_t before = files.files.size();
    const auto refused = resume_journal(files, quick, manifest(), plain);
    ASSERT_FALSE(refused.ok());
    EXPECT_EQ(refused.error().code, JournalErrorCode::kTooLarge);
    EXPECT_NE(refused.error().message.find("run holds a run of 65535 boots"), std::string::npos)
        << refused.error().message;
    EXPECT_EQ(files.files.size(), before) << "nothing is touched";
}

TEST(JournalResume, CountsBootsOverAnyNumberOfCrashes) {
    MemoryFileSystem files;
    auto writer = begin(files);
    std::size_t records = 0;
    for (std::uint32_t boot = 2; boot < 10; ++boot) {
        ASSERT_TRUE(append_some(*writer, boot % 3));
        records += kRecordsARound * (boot % 3);
        ASSERT_TRUE(writer->flush().ok());
        writer.reset();
        auto resumed = resume(files);
        ASSERT_TRUE(resumed.ok()) << resumed.error().message;
        EXPECT_EQ(resumed->report.boot_epoch, boot);
        EXPECT_EQ(resumed->report.records, records);
        writer = std::move(resumed->writer);
    }
    ASSERT_TRUE(writer->close().ok());
    EXPECT_TRUE(verify(files).ok());
}

// The machine stops before every single operation of a resumption in turn, and power is lost: the
// next one succeeds, and every record that was synced before is there.
TEST(JournalResume, SurvivesAStopAtEveryOneOfItsOperations) {
    MemoryFileSystem crashed;
    auto writer = begin(crashed);
    ASSERT_TRUE(append_some(*writer, 9));
    ASSERT_TRUE(writer->sync().ok());
    ASSERT_TRUE(append_some(*writer, 2));
    ASSERT_TRUE(writer->flush().ok());
    writer.reset();
    crashed.files.rbegin()->second.bytes.resize(crashed.files.rbegin()->second.bytes.size() - 5);
    const std::uint64_t synced = 9 * kRecordsARound;

    MemoryFileSystem faultless;
    faultless.files = crashed.files;
    ASSERT_TRUE(resume(faultless).ok());
    const std::uint64_t operations = faultless.operations;
    ASSERT_GT(operations, 10U);
    for (std::uint64_t stop = 1; stop <= operations; ++stop) {
        for (const unsigned survives : {0U, 128U, 256U}) {
            MemoryFileSystem files;
            files.files = crashed.files;
            files.stopping_operation = stop;
            EXPECT_FALSE(resume(files).ok()) << stop;
            files.stopping_operation = 0;
            files.lose_power(survives);
            auto again = resume(files);
            ASSERT_TRUE(again.ok()) << stop << ": " << again.error().message;
            EXPECT_GE(again->report.records, synced) << stop;
            ASSERT_TRUE(append_some(*again->writer, 2));
            ASSERT_TRUE(again->writer->close().ok());
            const auto verified = verify(files);
            ASSERT_TRUE(verified.ok()) << stop << ": " << verified.problems[0].message;
            JournalEnding ending{};
            const auto records = records_in(files, &ending);
            EXPECT_EQ(ending, JournalEnding::kClosed);
            EXPECT_EQ(records.size(), again->report.records + 2 * kRecordsARound);
        }
    }
}

// Two crashes: the first at a random instant of writing, the second at one of the resumption.
RC_GTEST_PROP(JournalResume, NeverLosesASyncedRecord, ()) {
    MemoryFileSystem files;
    files.stopping_operation = *rc::gen::inRange<std::uint64_t>(8, 120);
    std::uint64_t synced = 0;
    {
        auto created =
            JournalWriter::create(files, options(2'500, 200), manifest(), kRun, hashers());
        RC_PRE(created.ok());
        for (int i = 0; i < 30 && append_some(**created, 1); ++i) {
            if (i % 3 == 2 && !(*created)->sync().ok()) break;
            synced = (*created)->synced_records();
        }
    }
    files.stopping_operation = 0;
    files.lose_power(*rc::gen::inRange<unsigned>(0, 257));
    files.stopping_operation = files.operations + *rc::gen::inRange<std::uint64_t>(1, 20);
    (void)resume(files);
    files.stopping_operation = 0;
    files.lose_power(*rc::gen::inRange<unsigned>(0, 257));
    auto resumed = resume(files);
    RC_ASSERT(resumed.ok());
    RC_ASSERT(resumed->report.records >= synced);
    RC_ASSERT(append_some(*resumed->writer, 1));
    RC_ASSERT(resumed->writer->close().ok());
    RC_ASSERT(verify(files).ok());
}

}  // namespace
}  // namespace fermata

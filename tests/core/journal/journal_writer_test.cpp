#include "core/journal/journal_writer.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "tests/core/journal/journal_fixture.hpp"

namespace fermata {
namespace {

using namespace test;

std::vector<std::byte> from_hex(std::string_view hex) {
    const auto digit = [](char c) { return c >= 'a' ? c - 'a' + 10 : c - '0'; };
    std::vector<std::byte> bytes;
    for (std::size_t i = 0; i < hex.size(); i += 2) {
        bytes.push_back(static_cast<std::byte>(digit(hex[i]) * 16 + digit(hex[i + 1])));
    }
    return bytes;
}

// Worked out from docs/journal_format.md field by field, with a CRC computed bit by bit.
constexpr std::string_view kGolden =
    // Header: magic; version 2, length 136, byte order; segment 1, frame header 24; no records
    // before; run 10..1f; chain none, boot 1; no blocks before, head zero; reserved; CRC.
    "4645524d4a524e4c020088000403020101000000180000000000000000000000"
    "101112131415161718191a1b1c1d1e1f00000000010000000000000000000000"
    "0000000000000000000000000000000000000000000000000000000000000000"
    "0000000000000000000000000000000000000000000000000000000000000000"
    "000000000dd9fdc1"
    // Manifest: CRC, length, stream 0, type 1, flags, position 0; text padded with line feeds.
    "1ed67e77b0000000000001000000000000000000000000006275696c643d620a"
    "636f6e66696775726174696f6e3d630a63616c656e646172733d0a74696d655f"
    "7a6f6e65733d0a706172656e743d0a666f6c6465723d0a73746172745f6e733d"
    "350a7368617264733d310a626f6f745f65706f63683d310a7363686564756c65"
    "3d6c6f636b737465700a6d61726b65743d7265666572656e63650a666565645f"
    "73746172743d310a696e737472756d656e742e303d5350590a73747261746567"
    "792e303d730a0a0a"
    // Configuration: type 4; length of the text, the text, zeros.
    "ddff838008000000000004000000000000000000000000000000000000000000"
    // Timer: CRC, length 64, stream 1, type 50, flags, position 1; time 11, seq 1, cause timer 3,
    // feed position 4, instrument 0, source 6, type 50, flags 0; timer 7, due 8, strategy 9.
    "b3ffb30d40000000010032000000000001000000000000000b00000000000000"
    "0100000000000000030000000000008004000000000000000000000006003200"
    "070000000000000008000000000000000900000000000000"
    // Mark: CRC, length 48, stream 1, type 63, flags, position 2; time 12, seq 2, cause market 4,
    // feed position 4, instrument ffffffff, source 6, type 63, flags 0; equity -1.
    "11f222823000000001003f000000000002000000000000000c00000000000000"
    "020000000000000004000000000000000400000000000000ffffffff06003f00"
    "ffffffffffffffff"
    // Footer: type 2; records here and in the run, final, streams, block and its length; each
    // stream and its last position; hash of the trading stream; head of the chain.
    "f6e5605078000000000002000000000000000000000000000200000000000000"
    "0200000000000000010000000100000000000000000000000000000000000000"
    "0100000000000000020000000000000000000000000000000000000000000000"
    "0000000000000000000000000000000000000000000000000000000000000000"
    "00000000000000000000000000000000";

TEST(JournalWriter, WritesTheDocumentedBytes) {
    JournalManifest tiny;
    tiny.build = "b";
    tiny.configuration_hash = "c";
    tiny.start = Timestamp{5};
    tiny.instruments = {"SPY"};
    tiny.strategies = {"s"};
    RunId run;
    for (std::size_t i = 0; i < run.size(); ++i) run[i] = static_cast<std::byte>(0x10 + i);

    OrderEvent timer = make_order_event(OrderEventType::kTimer, Timestamp{11}, InstrumentId{0});
    timer.seq = 1;
    timer.cause = make_cause(CauseKind::kTimer, 3);
    timer.feed_position = 4;
    timer.source = 6;
    timer.flags = 0x80;  // as it may come out of a lane
    timer.data.timer = TimerData{};
    timer.data.timer.timer_id = 7;
    timer.data.timer.due = Timestamp{8};
    timer.data.timer.strategy = StrategyId{9};
    OrderEvent mark =
        make_order_event(OrderEventType::kMark, Timestamp{12}, InstrumentId{0xffffffff});
    mark.seq = 2;
    mark.cause = make_cause(CauseKind::kMarket, 4);
    mark.feed_position = 4;
    mark.source = 6;
    mark.data.mark = MarkData{};
    mark.data.mark.equity = Money::from_raw(-1);

    MemoryFileSystem files;
    JournalOptions plain;
    plain.directory = kDirectory;
    auto writer = JournalWriter::create(files, plain, tiny, run, {});
    ASSERT_TRUE(writer.ok());
    ASSERT_TRUE((*writer)->append(timer).ok());
    ASSERT_TRUE((*writer)->append(mark).ok());
    const auto summary = (*writer)->close();
    ASSERT_TRUE(summary.ok());
    EXPECT_EQ(files.files.at("run/journal-000001.fjl").bytes, from_hex(kGolden));
    EXPECT_EQ(summary->records, 2U);
    EXPECT_EQ(summary->segments, 1U);
    EXPECT_EQ(summary->bytes, kGolden.size() / 2);
    EXPECT_EQ(summary->hash, "");
}

TEST(JournalWriter, KeepsThePositionsOfEachStreamApart) {
    MemoryFileSystem files;
    auto writer = JournalWriter::create(files, options(1 << 20, 64), manifest(), kRun, hashers());
    ASSERT_TRUE(writer.ok());
    for (std::uint64_t i = 0; i < 3; ++i) {
        ASSERT_TRUE((*writer)->append(event_of(i, 1)).ok());
        ASSERT_TRUE((*writer)->append(event_of(i, 2), JournalStream{5}).ok());
    }
    ASSERT_TRUE((*writer)->close().ok());
    EXPECT_TRUE(verify(files).ok());
}

TEST(JournalWriter, RefusesToGoOnWhenAnEventIsMissing) {
    for (const std::uint64_t seq : {0U, 1U, 3U}) {
        MemoryFileSystem files;
        auto writer =
            JournalWriter::create(files, options(1 << 20, 64), manifest(), kRun, hashers());
        ASSERT_TRUE(writer.ok());
        ASSERT_TRUE((*writer)->append(event_of(0, 1)).ok());
        OrderEvent event = event_of(1, 1);
        event.seq = seq;
        EXPECT_EQ((*writer)->append(event).error(), JournalErrorCode::kSequence);
        EXPECT_EQ((*writer)->append(event_of(1, 1)).error(), JournalErrorCode::kSequence);
        EXPECT_EQ((*writer)->failure()->message, "stream 1 gave the journal event " +
                                                     std::to_string(seq) +
                                                     " where 2 is due: an event was lost");
    }
}

TEST(JournalWriter, BeginsASegmentBeforeTheRecordThatWouldGrowItTooLarge) {
    MemoryFileSystem files;
    const auto events = events_of(100);
    const JournalSummary summary = write_journal(files, events, 1'500);
    EXPECT_GT(summary.segments, 5U);
    EXPECT_EQ(files.files.size(), summary.segments);
    for (const auto& [path, file] : files.files) {
        // A seal comes on top, of 104 bytes, and the footer: 24 bytes of frame, 40 fixed, 16 a
        // stream, 40 of padded hash, 64 of the chain's head.
        EXPECT_LE(file.bytes.size(), 1'500U + 104U + 184U) << path;
    }
    const ReadBack back = read_back(files);
    EXPECT_EQ(back.ending, JournalEnding::kClosed);
    EXPECT_EQ(back.events.size(), events.size());
    EXPECT_TRUE(is_prefix(back.events, events));
}

TEST(JournalWriter, PutsAtLeastOneRecordIntoEverySegment) {
    MemoryFileSystem files;
    const JournalSummary summary = write_journal(files, events_of(5), 1);
    EXPECT_EQ(summary.segments, 5U);
    EXPECT_TRUE(verify(files).ok());
}

TEST(JournalWriter, ClosesAJournalWithoutRecords) {
    MemoryFileSystem files;
    const JournalSummary summary = write_journal(files, {});
    EXPECT_EQ(summary.records, 0U);
    EXPECT_EQ(summary.segments, 1U);
    EXPECT_TRUE(verify(files).ok());
}

RC_GTEST_PROP(JournalWriter, HashDoesNotDependOnSegmentsOrBatches, ()) {
    const auto events = events_of(*rc::gen::inRange<std::size_t>(0, 60));
    const auto segment = *rc::gen::inRange<std::uint64_t>(0, 10'000);
    const auto buffer = *rc::gen::inRange<std::size_t>(0, 2'000);
    MemoryFileSystem one;
    MemoryFileSystem other;
    const JournalSummary whole = write_journal(one, events);
    RC_ASSERT(write_journal(other, events, segment, buffer).hash == whole.hash);
    const JournalVerification verified = verify(other);
    RC_ASSERT(verified.ok());
    RC_ASSERT(verified.hash == whole.hash);
    RC_ASSERT(verified.records == events.size());
}

TEST(JournalWriter, HashesTheRecordFramesAndNothingElse) {
    MemoryFileSystem files;
    const JournalSummary summary = write_journal(files, events_of(3));
    PlainHasher hasher;
    auto reader = JournalReader::open(files, kDirectory);
    ASSERT_TRUE(reader.ok());
    while (const JournalRecord* record = (*reader)->next()) hasher.update(record->frame);
    EXPECT_EQ(summary.hash, hasher.finish());
}

TEST(JournalWriter, DoesNotWriteIntoADirectoryThatHoldsAJournal) {
    MemoryFileSystem files;
    (void)write_journal(files, events_of(1));
    const auto again = JournalWriter::create(files, options(1, 1), manifest(), kRun, hashers());
    ASSERT_FALSE(again.ok());
    EXPECT_EQ(again.error().code, JournalErrorCode::kExists);
    EXPECT_EQ(
        again.error().message,
        "run holds a journal already (journal-000001.fjl): choose another directory or remove "
        "it");
    files.files["run/notes.txt"];
    ASSERT_TRUE(remove_journal(files, kDirectory).ok());
    EXPECT_EQ(files.files.size(), 1U) << "only segments are removed";
    (void)write_journal(files, events_of(1));
}

TEST(JournalWriter, RefusesEverythingAfterClose) {
    MemoryFileSystem files;
    auto writer = JournalWriter::create(files, options(1 << 20, 64), manifest(), kRun, hashers());
    ASSERT_TRUE(writer.ok());
    ASSERT_TRUE((*writer)->close().ok());
    EXPECT_EQ((*writer)->append(event_of(0, 1)).error(), JournalErrorCode::kClosed);
    EXPECT_EQ((*writer)->flush().error(), JournalErrorCode::kClosed);
    EXPECT_EQ((*writer)->sync().error(), JournalErrorCode::kClosed);
    EXPECT_EQ((*writer)->close().error().code, JournalErrorCode::kClosed);
}

/// Writes events with a sync after every `sync_every`, until the first error. Returns how many
/// records the writer has acknowledged as synced, and whether everything went well.
struct FaultyRun {
    std::uint64_t synced = 0;
    bool complete = false;
    std::string message;
};
FaultyRun write_with_faults(MemoryFileSystem& files, const std::vector<OrderEvent>& events,
                            std::size_t sync_every) {
    FaultyRun run;
    auto writer = JournalWriter::create(files, options(1'500, 400), manifest(), kRun, hashers());
    if (!writer) {
        run.message = writer.error().message;
        return run;
    }
    bool ok = true;
    for (std::size_t i = 0; ok && i < events.size(); ++i) {
        ok = (*writer)->append(events[i]).ok();
        if (ok && (i + 1) % sync_every == 0) ok = (*writer)->sync().ok();
    }
    run.complete = ok && (*writer)->close().ok();
    run.synced = (*writer)->synced_records();
    if (!run.complete) {
        run.message = (*writer)->failure()->message;
        EXPECT_FALSE((*writer)->append(events[0]).ok()) << "the first failure is final";
        EXPECT_FALSE((*writer)->sync().ok());
        EXPECT_FALSE((*writer)->close().ok());
    }
    return run;
}

/// What must hold after any fault: an acknowledged record is there, and what is there is a prefix.
void expect_acknowledged(MemoryFileSystem& files, const FaultyRun& run,
                         const std::vector<OrderEvent>& events) {
    const ReadBack back = read_back(files);
    EXPECT_GE(back.events.size(), run.synced);
    EXPECT_TRUE(is_prefix(back.events, events));
    // The footer may stand although its sync failed; then every record stands before it.
    if (back.ending == JournalEnding::kClosed) {
        EXPECT_EQ(back.events.size(), events.size());
    }
    // A journal that a fault cut off is torn, not damaged.
    EXPECT_NE(back.ending, JournalEnding::kDamaged) << back.problem->message;
}

TEST(JournalWriter, SurfacesAnInputOutputErrorInEveryOperation) {
    const auto events = events_of(40);
    MemoryFileSystem faultless;
    ASSERT_TRUE(write_with_faults(faultless, events, 7).complete);
    ASSERT_GT(faultless.operations, 30U);
    for (std::uint64_t n = 1; n <= faultless.operations; ++n) {
        for (const unsigned survives : {0U, 100U, 256U}) {
            MemoryFileSystem files;
            files.failing_operation = n;
            const FaultyRun run = write_with_faults(files, events, 7);
            EXPECT_FALSE(run.complete) << "operation " << n;
            EXPECT_NE(run.message.find("error 5"), std::string::npos) << run.message;
            files.lose_power(survives);
            expect_acknowledged(files, run, events);
        }
    }
}

TEST(JournalWriter, SurfacesAFullDiskAtEveryByte) {
    const auto events = events_of(40);
    MemoryFileSystem faultless;
    ASSERT_TRUE(write_with_faults(faultless, events, 7).complete);
    std::uint64_t total = 0;
    for (const auto& [path, file] : faultless.files) total += file.bytes.size();
    for (std::uint64_t capacity = 0; capacity < total; capacity += 3) {
        MemoryFileSystem files;
        files.capacity = capacity;
        const FaultyRun run = write_with_faults(files, events, 7);
        EXPECT_FALSE(run.complete) << capacity;
        EXPECT_NE(run.message.find("error 28"), std::string::npos) << run.message;
        expect_acknowledged(files, run, events);
    }
}

TEST(JournalWriter, SyncsNothingWhenItIsNotAskedToBeDurable) {
    MemoryFileSystem files;
    JournalOptions loose = options(1'500, 64);
    loose.durable = false;
    auto writer = JournalWriter::create(files, loose, manifest(), kRun, hashers());
    ASSERT_TRUE(writer.ok());
    for (const OrderEvent& event : events_of(30)) ASSERT_TRUE((*writer)->append(event).ok());
    ASSERT_TRUE((*writer)->sync().ok());
    EXPECT_EQ((*writer)->synced_records(), 0U);
    ASSERT_TRUE((*writer)->close().ok());
    for (const auto& [path, file] : files.files) EXPECT_EQ(file.synced, 0U) << path;
    EXPECT_TRUE(verify(files).ok());
}

TEST(JournalWriter, SyncsTheNamesOfItsDirectoryAndOfItsFirstSegmentBeforeItTakesRecords) {
    MemoryFileSystem files;
    JournalOptions durable = options();
    durable.directory = "runs/demo/journal";
    ASSERT_TRUE(JournalWriter::create(files, durable, manifest(), kRun, hashers()).ok());
    const std::string first = durable.directory + "/" + segment_file_name(1);
    const std::vector<std::string>& done = files.done;
    ASSERT_GE(done.size(), 4U);
    EXPECT_EQ(done.front(), "sync the directory runs/demo") << "there its own name stands";
    EXPECT_EQ(done.at(1), "create " + first);
    EXPECT_EQ(done.at(done.size() - 2), "sync " + first);
    EXPECT_EQ(done.back(), "sync the directory runs/demo/journal");

    MemoryFileSystem others;
    durable.durable = false;
    ASSERT_TRUE(JournalWriter::create(others, durable, manifest(), kRun, hashers()).ok());
    for (const std::string& each : others.done) EXPECT_EQ(each.find("sync"), std::string::npos);
}

}  // namespace
}  // namespace fermata

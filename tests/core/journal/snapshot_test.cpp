#include "core/journal/snapshot.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/base/bytes.hpp"
#include "core/base/state_archive.hpp"
#include "tests/support/memory_file_system.hpp"
#include "tests/support/plain_hasher.hpp"

namespace fermata {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

const std::string kDirectory = "run";

SnapshotHeader header(std::uint64_t trading_position) {
    SnapshotHeader h;
    h.run[3] = std::byte{7};
    h.boot_epoch = 2;
    h.configuration_hash = "sha256:c0";
    h.build = "fermata 1";
    h.segment = 4;
    h.offset = 1'000 + trading_position;
    h.records = trading_position + 5;
    h.trading_position = trading_position;
    h.feed_position = 99;
    h.chain_block = 3;
    h.chain_head[63] = std::byte{0xaa};
    return h;
}

/// What recovery of a journal with so many records would ask for.
SnapshotWanted wanted(std::uint64_t trading_position) {
    const SnapshotHeader h = header(trading_position);
    return {h.run, h.configuration_hash, h.build, h.schedule, h.segment, h.offset, h.records};
}

/// A state with one section.
std::vector<std::byte> state(std::uint64_t value) {
    std::vector<std::byte> bytes;
    StateWriter writer(bytes);
    writer.section("value", 1, [&] { writer(value); });
    return bytes;
}

Result<std::uint32_t, SnapshotError> write(FileSystem& files, std::uint64_t position) {
    return write_snapshot(files, kDirectory, header(position), state(position), make_plain_hasher);
}

SnapshotChoice newest(FileSystem& files, const SnapshotWanted& want) {
    auto choice = load_newest_snapshot(files, kDirectory, want, make_plain_hasher);
    EXPECT_TRUE(choice.ok());
    return std::move(choice).value();
}

TEST(Snapshot, ComesBackAsItWasWritten) {
    MemoryFileSystem files;
    ASSERT_EQ(write(files, 10).value(), 1u);
    ASSERT_TRUE(files.files.contains("run/snapshot-000000001.fjs"));
    EXPECT_EQ(files.files.size(), 1u);
    const auto read = read_snapshot(files, kDirectory, 1, make_plain_hasher);
    ASSERT_TRUE(read.ok()) << read.error().message;
    EXPECT_EQ(read->header, header(10));
    EXPECT_EQ(read->state, state(10));
}

TEST(Snapshot, HasTheFormThatTheHeaderDocuments) {
    MemoryFileSystem files;
    ASSERT_TRUE(write(files, 10).ok());
    const auto& bytes = files.files.at("run/snapshot-000000001.fjs").bytes;
    const std::string_view text = text_of(bytes);
    EXPECT_TRUE(text.starts_with(std::string_view("FERMSNAP\1\0\0\0\4\3\2\1", 16)));
    PlainHasher hasher;
    hasher.update(std::span(bytes).first(bytes.size() - 38));
    EXPECT_EQ(text.substr(text.size() - 38), hasher.finish());  // "plain:" and 32 digits
    EXPECT_EQ(load_little_endian<std::uint64_t>(bytes.data() + 16), 38u);
}

TEST(Snapshot, IsTheNewestThatIsNotBeyondTheEndOfTheJournal) {
    MemoryFileSystem files;
    for (const std::uint64_t position : {10, 20, 30}) ASSERT_TRUE(write(files, position).ok());
    SnapshotChoice choice = newest(files, wanted(30));
    EXPECT_EQ(choice.snapshot->header.trading_position, 30u);
    EXPECT_THAT(choice.refused, IsEmpty());

    choice = newest(files, wanted(29));  // a crash tore off the last record
    EXPECT_EQ(choice.snapshot->number, 2u);
    ASSERT_EQ(choice.refused.size(), 1u);
    EXPECT_EQ(choice.refused[0].file, "snapshot-000000003.fjs");
    EXPECT_EQ(choice.refused[0].reason,
              "it lies beyond the end of the journal: record 35 of the run, segment 4 at 1030");

    SnapshotWanted cut = wanted(30);  // the file is shorter than the positions say
    cut.offset = 1'025;
    EXPECT_EQ(newest(files, cut).snapshot->number, 2u);
    cut.segment = 5;
    EXPECT_EQ(newest(files, cut).snapshot->number, 3u);

    choice = newest(files, wanted(9));
    EXPECT_FALSE(choice.snapshot.has_value());
    EXPECT_EQ(choice.refused.size(), 3u);
}

TEST(Snapshot, IsRefusedByAnotherRunConfigurationBuildOrSchedule) {
    MemoryFileSystem files;
    ASSERT_TRUE(write(files, 10).ok());
    const auto reason = [&](auto change) {
        SnapshotWanted want = wanted(10);
        change(want);
        const SnapshotChoice choice = newest(files, want);
        EXPECT_FALSE(choice.snapshot.has_value());
        return choice.refused.empty() ? "" : choice.refused[0].reason;
    };
    EXPECT_EQ(reason([](auto& w) { w.run[0] = std::byte{1}; }),
              "it is of another run, 00000007000000000000000000000000");
    EXPECT_EQ(reason([](auto& w) { w.configuration_hash = "x"; }),
              "it is of another configuration, sha256:c0");
    EXPECT_EQ(reason([](auto& w) { w.build = "x"; }), "another build wrote it, fermata 1");
    EXPECT_EQ(reason([](auto& w) { w.schedule = RunSchedule::kConcurrent; }),
              "its run was lockstep");
}

TEST(Snapshot, IsRefusedWhenABitFlippedOrItsEndIsMissing) {
    MemoryFileSystem files;
    ASSERT_TRUE(write(files, 10).ok());
    ASSERT_TRUE(write(files, 20).ok());
    const std::string path = "run/snapshot-000000002.fjs";
    const std::vector<std::byte> good = files.files.at(path).bytes;
    const auto falls_back = [&](std::vector<std::byte> bytes) {
        files.files.at(path).bytes = std::move(bytes);
        const SnapshotChoice choice = newest(files, wanted(20));
        return choice.refused.size() == 1 && !choice.refused[0].reason.empty() &&
               choice.snapshot.has_value() && choice.snapshot->number == 1;
    };
    for (std::size_t bit = 0; bit < good.size() * 8; ++bit) {
        std::vector<std::byte> bad = good;
        bad[bit / 8] ^= std::byte{1} << (bit % 8);
        ASSERT_TRUE(falls_back(std::move(bad))) << "bit " << bit;
    }
    for (std::size_t size = 0; size < good.size(); ++size) {
        ASSERT_TRUE(falls_back({good.begin(), good.begin() + static_cast<std::ptrdiff_t>(size)}))
            << size;
    }
}

/// Whatever fails while the second snapshot is written, and however much a loss of power leaves of
/// it: the first one is found, or the second one whole.
TEST(Snapshot, IsThereWholeOrNotAtAll) {
    int failed = 0;
    for (std::uint64_t operation = 1;; ++operation) {
        for (const unsigned part : {0u, 100u, 256u}) {
            MemoryFileSystem files;
            ASSERT_TRUE(write(files, 10).ok());
            files.failing_operation = files.operations + operation;
            const auto second = write(files, 20);
            if (second.ok() && files.operations < files.failing_operation) {
                EXPECT_EQ(failed,
                          3 * 7);  // create, append twice, sync, close, rename, sync directory
                return;
            }
            ASSERT_FALSE(second.ok());
            EXPECT_THAT(second.error().message, HasSubstr("cannot"));
            ++failed;
            EXPECT_EQ(newest(files, wanted(20)).snapshot->number, 1u) << "operation " << operation;
            files.lose_power(part);
            const SnapshotChoice choice = newest(files, wanted(20));
            EXPECT_EQ(choice.snapshot->number, 1u);
            EXPECT_EQ(write(files, 30).value(), 2u);  // and the next attempt succeeds
            EXPECT_EQ(newest(files, wanted(30)).snapshot->header.trading_position, 30u);
        }
    }
}

/// The machine stops in the middle: nothing is cleared away.
TEST(Snapshot, IsThereWholeOrNotAtAllAfterACrash) {
    int second_there = 0;
    for (std::uint64_t operation = 1; operation < 12; ++operation) {
        for (const unsigned part : {0u, 100u, 256u}) {
            MemoryFileSystem files;
            ASSERT_TRUE(write(files, 10).ok());
            files.stopping_operation = files.operations + operation;
            const bool done = write(files, 20).ok();
            files.stopping_operation = 0;
            files.lose_power(part);
            const SnapshotChoice choice = newest(files, wanted(20));
            ASSERT_TRUE(choice.snapshot.has_value());
            EXPECT_THAT(choice.refused, IsEmpty());
            if (done) {
                EXPECT_EQ(choice.snapshot->number, 2u);
            }
            if (choice.snapshot->number == 2) {
                EXPECT_EQ(choice.snapshot->state, state(20));
                ++second_there;
            }
            ASSERT_TRUE(write(files, 30).ok());
            EXPECT_EQ(newest(files, wanted(30)).snapshot->header.trading_position, 30u);
        }
    }
    EXPECT_GT(second_there, 0);
}

TEST(Snapshot, SurvivesALossOfPowerOnceItIsWritten) {
    MemoryFileSystem files;
    ASSERT_TRUE(write(files, 10).ok());
    files.lose_power(0);
    EXPECT_EQ(newest(files, wanted(10)).snapshot->state, state(10));
}

TEST(Snapshot, LeavesNothingBehindOnAFullDisk) {
    MemoryFileSystem files;
    ASSERT_TRUE(write(files, 10).ok());
    files.capacity = files.files.at("run/snapshot-000000001.fjs").bytes.size() + 50;
    const auto second = write(files, 20);
    ASSERT_FALSE(second.ok());
    EXPECT_EQ(files.files.size(), 1u);
    EXPECT_EQ(newest(files, wanted(20)).snapshot->number, 1u);
}

TEST(Snapshot, ClearsAwayWhatACrashLeft) {
    MemoryFileSystem files;
    files.files["run/snapshot-000000001.fjs.part"].bytes.resize(7);
    files.files["run/journal-000001.fjl"].bytes.resize(7);
    files.files["run/snapshot-1.fjs"].bytes.resize(7);  // not one of ours
    EXPECT_EQ(write(files, 10).value(), 1u);
    EXPECT_FALSE(files.files.contains("run/snapshot-000000001.fjs.part"));
    EXPECT_EQ(files.files.size(), 3u);
}

TEST(Snapshot, IsPrunedFromTheOldestOn) {
    MemoryFileSystem files;
    files.files["run/journal-000001.fjl"].bytes.resize(7);
    for (const std::uint64_t position : {10, 20, 30}) ASSERT_TRUE(write(files, position).ok());
    ASSERT_TRUE(prune_snapshots(files, kDirectory, 2).ok());
    EXPECT_FALSE(files.files.contains("run/snapshot-000000001.fjs"));
    EXPECT_EQ(files.files.size(), 3u);
    EXPECT_EQ(write(files, 40).value(), 4u);  // numbers are not used again
    ASSERT_TRUE(prune_snapshots(files, kDirectory, 0).ok());
    EXPECT_EQ(files.files.size(), 1u);
}

TEST(Snapshot, HasAFileNameThatTellsItsNumber) {
    EXPECT_EQ(snapshot_file_name(7), "snapshot-000000007.fjs");
    EXPECT_EQ(snapshot_of_file_name("snapshot-000000007.fjs"), 7u);
    EXPECT_EQ(snapshot_of_file_name(snapshot_file_name(4'294'967'295)), 4'294'967'295u);
    for (const char* other : {"snapshot-7.fjs", "snapshot-000000007.fjs.part", "snapshot-.fjs",
                              "snapshot-00000000x.fjs", "journal-000007.fjl",
                              "snapshot-99999999999.fjs", "snapshot-0000000007.fjs"}) {
        EXPECT_FALSE(snapshot_of_file_name(other).has_value()) << other;
    }
}

}  // namespace
}  // namespace fermata

// A run goes on while its database is away, until the lag passes its bounds.

#include <gmock/gmock.h>

#include "tests/daemon/replay/crash_fixture.hpp"

namespace fermata::test {
namespace {

using ::testing::HasSubstr;

constexpr std::uint64_t kHaltBytes = 300'000;
const std::string kUnreachable =
    "database: {enabled: true, url: 'host=/nowhere/at/all dbname=fermata', drain_timeout: 0s,\n"
    "           lag: {alert_bytes: 1000, halt_bytes: " +
    std::to_string(kHaltBytes) + "}}\n";

TEST(RecordLag, AlertsThenHaltsARunWhoseDatabaseIsAway) {
    const TemporaryFolder folder;
    const std::string config = folder / "run.yaml";
    const Trial trial{"2024-01-02T19:30:00Z", "sync: none", "schedule: concurrent, shards: 2"};
    write_text(config, yaml_of(trial, 1, kUnreachable));
    // Five hours in some four seconds: the lag is measured ten times a second.
    const Said said = run_command(
        {"replay", config, "--out", (folder / "out").string(), "--speed", "4500x", "-q"});
    EXPECT_EQ(said.code, 1);
    EXPECT_THAT(said.err, HasSubstr("database unavailable: "));
    EXPECT_THAT(said.err, HasSubstr("fermata: trading was halted: the database was "));
    EXPECT_THAT(said.err, HasSubstr("fermata journal load "));
    EXPECT_EQ(read_summary(folder / "out")["complete"], false);

    const std::string journal = folder / "out/journal";
    PosixFileSystem files;
    auto opened = JournalReader::open(files, journal);
    ASSERT_TRUE(opened.ok()) << opened.error().message;
    std::uint64_t alerted = 0, halted = 0, sent_before = 0, sent_after = 0, fed_at_halt = 0,
                  fed_at_end = 0;
    while (const JournalRecord* record = (*opened)->next()) {
        if (record->stream != JournalStream::kTrading) continue;
        const OrderEvent& e = record->event;
        fed_at_end = e.feed_position;
        if (e.type == OrderEventType::kAlert) {
            EXPECT_EQ(e.data.alert.code, AlertCode::kRecordLag);
            EXPECT_GE(e.data.alert.detail[0], 1000);
            EXPECT_EQ(halted, 0u);
            alerted = record->position;
        } else if (e.type == OrderEventType::kControl) {
            EXPECT_EQ(e.data.control.state, TradingState::kHalted);
            EXPECT_EQ(e.data.control.scope, ControlScope::kFirm);
            EXPECT_NE(alerted, 0u) << "the alert comes first";
            EXPECT_EQ(halted, 0u) << "once";
            halted = record->position;
            fed_at_halt = e.feed_position;
        } else if (e.type == OrderEventType::kSendNew) {
            ++(halted == 0 ? sent_before : sent_after);
        }
    }
    EXPECT_NE(halted, 0u);
    EXPECT_GT(halted, alerted);
    EXPECT_GT(sent_before, 50u) << "it traded on in between";
    EXPECT_EQ(sent_after, 0u);
    EXPECT_GT(fed_at_end, fed_at_halt) << "the data went on to its end";
    expect_verified_and_equal(journal);
}

// Its results must not depend on how fast a database is.
TEST(RecordLag, NeverHaltsARunUnderAVirtualClock) {
    const TemporaryFolder folder;
    const std::string config = folder / "run.yaml";
    const Trial trial{"2024-01-02T19:30:00Z", "sync: none", "schedule: lockstep"};
    write_text(config, yaml_of(trial, 1, kUnreachable));
    const Said said = run_command({"replay", config, "--out", (folder / "out").string(), "-q"});
    EXPECT_EQ(said.code, 0) << said.err;
    std::uint64_t bytes = 0;
    for (const auto& file : std::filesystem::directory_iterator(folder / "out/journal")) {
        bytes += file.file_size();
    }
    EXPECT_GT(bytes, 2 * kHaltBytes);
    const auto summary = read_summary(folder / "out");
    EXPECT_EQ(summary["alerts"], 0);
    EXPECT_EQ(summary["complete"], true);
}

}  // namespace
}  // namespace fermata::test

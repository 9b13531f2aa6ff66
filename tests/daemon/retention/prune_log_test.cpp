#include "daemon/retention/prune_log.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "daemon/retention/log_file.hpp"
#include "tests/daemon/retention/fixture.hpp"

namespace fermata {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

TEST(LogFile, GrowsByALineAndIsDurable) {
    MemoryFileSystem disk;
    ASSERT_TRUE(append_line(disk, "d/log", "one").ok());
    ASSERT_TRUE(append_line(disk, "d/log", "two").ok());
    disk.lose_power(0);
    EXPECT_THAT(*read_lines(disk, "d/log"), ElementsAre("one", "two"));
    EXPECT_TRUE(read_lines(disk, "d/none")->empty());
}

TEST(LogFile, AKillAtAnyInstantLeavesTheOldLinesOrAll) {
    for (std::uint64_t step = 1;; ++step) {
        MemoryFileSystem disk;
        ASSERT_TRUE(append_line(disk, "d/log", "one").ok());
        disk.operations = 0;
        disk.stopping_operation = step;
        if (append_line(disk, "d/log", "two").ok()) {
            EXPECT_GT(step, 5U);
            break;
        }
        disk.stopping_operation = 0;
        const auto lines = *read_lines(disk, "d/log");
        EXPECT_EQ(lines.front(), "one") << step;
        ASSERT_TRUE(append_line(disk, "d/log", "three").ok()) << step;
        EXPECT_EQ(read_lines(disk, "d/log")->back(), "three") << step;
    }
}

class PruneLog : public testing::Test {
protected:
    static PrunedSegment segment(std::uint32_t number) {
        PrunedSegment pruned;
        pruned.records = 40;
        pruned.after.run = test::kRun;
        pruned.after.algorithm = HashAlgorithm::kSha256;
        pruned.after.segment = number;
        pruned.after.block = 7;
        pruned.after.records = 40 * number;
        pruned.time = Timestamp{1'704'205'800'000'000'000};
        pruned.by = "someone@\"host\"";
        return pruned;
    }
    MemoryFileSystem disk_;
};

TEST_F(PruneLog, AnEntryIsALineOfJsonThatLeadsBackToIt) {
    const std::string line = to_json(segment(2));
    EXPECT_EQ(line,
              "{\"run\":\"ab020000000000000000000000000000\",\"segment\":2,\"block\":7,"
              "\"records\":80,\"algorithm\":\"sha256\",\"head\":\"" +
                  std::string(64, '0') +
                  "\",\"time\":\"2024-01-02T14:30:00Z\",\"segment_records\":40,"
                  "\"by\":\"someone@\\\"host\\\"\"}");
    EXPECT_EQ(parse_pruned_segment(line), segment(2));
    EXPECT_FALSE(parse_pruned_segment("{}"));
    EXPECT_FALSE(parse_pruned_segment(line.substr(1)));
}

TEST_F(PruneLog, ASegmentThatIsMissingWithoutARecordIsNamed) {
    test::write_journal(disk_, 3, true);
    EXPECT_EQ(check_pruned_front(disk_, "run")->segments, 0U);
    disk_.files.erase("run/journal-000001.fjl");
    const auto missing = check_pruned_front(disk_, "run");
    ASSERT_FALSE(missing.ok());
    EXPECT_EQ(
        missing.error(),
        "journal-000001.fjl is missing, and retention.jsonl does not say that it was removed");
}

TEST_F(PruneLog, ARecordThatDoesNotFitTheNextSegmentIsAProblem) {
    test::write_journal(disk_, 3, true);
    disk_.files.erase("run/journal-000001.fjl");
    ASSERT_TRUE(append_line(disk_, "run/retention.jsonl", to_json(segment(1))).ok());
    const auto other = check_pruned_front(disk_, "run");
    ASSERT_FALSE(other.ok());
    EXPECT_THAT(other.error(), HasSubstr("journal-000002.fjl does not go on where"));
    ASSERT_TRUE(append_line(disk_, "run/retention.jsonl", "rubbish").ok());
    EXPECT_THAT(check_pruned_front(disk_, "run").error(), HasSubstr("run/retention.jsonl:2: "));
}

}  // namespace
}  // namespace fermata

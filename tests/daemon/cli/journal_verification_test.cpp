#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>

#include "adapters/zstd/compressed_files.hpp"
#include "daemon/cli/journal_report.hpp"
#include "daemon/retention/anchor_command.hpp"
#include "daemon/retention/retain.hpp"
#include "tests/daemon/retention/fixture.hpp"

namespace fermata {
namespace {

using testing::HasSubstr;

class JournalVerificationReport : public testing::Test {
protected:
    int verify(const std::string& anchor_file = "") {
        out_.str("");
        err_.str("");
        CompressedFiles files(disk_);
        return print_journal_verification(files, "run", anchor_file, out_, err_);
    }
    void anchor(const std::string& witness = "") {
        std::ostringstream out;
        ASSERT_EQ(anchor_journal(disk_, make_hasher, {"run", witness, Timestamp{}}, out, out), 0)
            << out.str();
    }
    void remove_all_but(std::uint64_t segments) {
        RetentionRequest request;
        request.directory = "run";
        request.compress = true;
        request.policy.emplace().segments = segments;
        request.now = Timestamp{1'704'205'800'000'000'000};
        test::TestTimes times;
        std::ostringstream out;
        ASSERT_EQ(retain_journal(disk_, times, make_hasher, request, out, out), 0) << out.str();
    }

    MemoryFileSystem disk_;
    std::ostringstream out_;
    std::ostringstream err_;
};

TEST_F(JournalVerificationReport, NamesTheChainAndTheAnchorsThatTheJournalContains) {
    test::write_journal(disk_, 3, true);
    EXPECT_EQ(verify(), 0) << err_.str();
    EXPECT_THAT(out_.str(), HasSubstr("chain: "));
    EXPECT_THAT(out_.str(), HasSubstr(" blocks, blake2b512:"));
    anchor("witness.jsonl");
    EXPECT_EQ(verify("witness.jsonl"), 0) << err_.str();
    EXPECT_THAT(out_.str(), HasSubstr("run/anchors.jsonl: 1 anchor contained\n"));
    EXPECT_THAT(out_.str(), HasSubstr("witness.jsonl: 1 anchor contained\n"));
}

TEST_F(JournalVerificationReport, AWitnessGivesAwayARewrittenJournal) {
    test::write_journal(disk_, 2, true);
    anchor("witness.jsonl");
    std::erase_if(disk_.files, [](const auto& f) { return f.first.starts_with("run/"); });
    test::write_journal(disk_, 2, false);  // valid in itself, but it lacks the end
    EXPECT_EQ(verify("witness.jsonl"), 1);
    EXPECT_THAT(err_.str(), HasSubstr("not_anchored: witness.jsonl:1: the journal does not contain "
                                      "the head of block "));
}

TEST_F(JournalVerificationReport, AWitnessOfAnotherRunIsNoWitness) {
    test::write_journal(disk_, 2, true);
    EXPECT_EQ(verify("none.jsonl"), 1);
    EXPECT_THAT(err_.str(), HasSubstr("not_anchored: none.jsonl holds no anchor of this run\n"));
}

TEST_F(JournalVerificationReport, SaysWhatWasRemovedAndChecksTheRest) {
    test::write_journal(disk_, 5, true);
    anchor("witness.jsonl");
    remove_all_but(2);
    EXPECT_EQ(verify("witness.jsonl"), 0) << err_.str();
    EXPECT_THAT(out_.str(), HasSubstr("segments 1 to 3 were removed ("));
    EXPECT_THAT(out_.str(),
                HasSubstr("last on 2024-01-02T14:30:00Z; the next one goes on there\n"));
    EXPECT_THAT(out_.str(), HasSubstr(" records in 2 segments\n"));
    EXPECT_THAT(out_.str(), HasSubstr("witness.jsonl: 1 anchor contained\n"));
}

TEST_F(JournalVerificationReport, ASegmentThatSomebodyTookAwayIsMissing) {
    test::write_journal(disk_, 3, true);
    disk_.files.erase("run/journal-000001.fjl");
    EXPECT_EQ(verify(), 1);
    EXPECT_THAT(err_.str(), HasSubstr("missing_segment: journal-000001.fjl is missing, and "
                                      "retention.jsonl does not say that it was removed\n"));
    EXPECT_THAT(err_.str(), HasSubstr("1 problem, "));
}

TEST_F(JournalVerificationReport, ADamagedCompressedSegmentIsNamed) {
    test::write_journal(disk_, 3, true);
    anchor();
    remove_all_but(3);
    disk_.files.at("run/journal-000002.fjl.zst").bytes.at(40) ^= std::byte{1};
    EXPECT_EQ(verify(), 1);
    EXPECT_THAT(err_.str(), HasSubstr("cannot read run/journal-000002.fjl.zst: frame 1: "));
}

}  // namespace
}  // namespace fermata

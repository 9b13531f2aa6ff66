#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>

#include "adapters/file/posix_file.hpp"
#include "adapters/zstd/compressed_files.hpp"
#include "daemon/cli/journal_report.hpp"
#include "daemon/retention/anchor_command.hpp"
#include "daemon/retention/anchors.hpp"
#include "daemon/retention/log_file.hpp"
#include "daemon/retention/prune_log.hpp"
#include "daemon/retention/retain.hpp"
#include "tests/daemon/retention/fixture.hpp"

namespace fermata {
namespace {

using testing::HasSubstr;

class JournalVerificationReport : public testing::Test {
protected:
    int verify(const std::string& anchor_file = "", bool open = false) {
        out_.str("");
        err_.str("");
        CompressedFiles files(disk_);
        return print_journal_verification(files, "run", {anchor_file, open}, out_, err_);
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

TEST_F(JournalVerificationReport, AWitnessThatKnowsOnlyWhatWasRemovedVouchesForNothing) {
    test::write_journal(disk_, 5, true);
    anchor();
    remove_all_but(2);
    // Of block 1, whatever its head: nobody can compare it any more.
    Anchor old{{test::kRun, HashAlgorithm::kBlake2b512, 1, 1, 20, {}}, Timestamp{}};
    ASSERT_TRUE(append_line(disk_, "witness.jsonl", to_json(old)).ok());
    EXPECT_EQ(verify(), 0) << err_.str();
    EXPECT_EQ(verify("witness.jsonl"), 1);
    EXPECT_THAT(err_.str(), HasSubstr("not_anchored: witness.jsonl holds only anchors (1) from "
                                      "before the first segment that is left"));
    EXPECT_THAT(err_.str(), HasSubstr("Compare with the newest anchor"));
    EXPECT_THAT(err_.str(), HasSubstr("1 problem, "));
}

// A journal that was made up, with a chain that is right in itself, and with what retention would
// have left if everything before it had been removed.
TEST_F(JournalVerificationReport, AWitnessIsNotFooledByAJournalThatPretendsToBePruned) {
    test::write_journal(disk_, 3, true);
    anchor("witness.jsonl");
    disk_.files.erase("run/anchors.jsonl");
    std::erase_if(disk_.files, [](const auto& f) { return f.first.starts_with("run/"); });

    BlockSeal invented{1'000, 0, {}};
    invented.head.fill(std::byte{0x11});
    JournalTail tail;
    tail.run = test::kRun;
    tail.segment = 5;
    tail.boot_epoch = 1;
    tail.has_preamble = tail.has_footer = true;
    tail.records = 90'000;
    tail.positions[static_cast<std::size_t>(JournalStream::kTrading)] = 90'000;
    tail.chain.begin(nullptr, invented);
    JournalManifest manifest;
    manifest.build = "test";
    manifest.configuration_hash = "sha256:00";
    manifest.strategies = {"s"};
    JournalOptions options;
    options.directory = "run";
    options.durable = false;
    auto forged = JournalWriter::go_on(disk_, options, manifest, std::move(tail),
                                       {{}, HashAlgorithm::kBlake2b512, make_hasher});
    ASSERT_TRUE(forged.ok()) << forged.error().message;
    OrderEvent e = make_order_event(OrderEventType::kNewOrder, Timestamp{1}, InstrumentId{0});
    e.seq = 90'001;
    e.data.new_order.order_id = ClientOrderId{7};
    ASSERT_TRUE((*forged)->append(e).ok());
    ASSERT_TRUE((*forged)->close().ok());
    for (std::uint32_t segment = 1; segment <= 5; ++segment) {
        const PrunedSegment gone{18'000,
                                 {test::kRun, HashAlgorithm::kBlake2b512, segment, segment * 200U,
                                  segment * 18'000U, invented.head},
                                 Timestamp{},
                                 "root@host"};
        ASSERT_TRUE(append_line(disk_, "run/retention.jsonl", to_json(gone)).ok());
    }
    EXPECT_EQ(verify(), 0) << "right in itself: " << err_.str();
    EXPECT_EQ(verify("witness.jsonl"), 1) << out_.str();
    EXPECT_THAT(err_.str(), HasSubstr("not_anchored: witness.jsonl holds only anchors (1)"));
}

TEST_F(JournalVerificationReport, AnOpenJournalIsWholeWhereThatIsExpected) {
    test::write_journal(disk_, 3, false);
    EXPECT_EQ(verify(), 1);
    EXPECT_THAT(err_.str(), HasSubstr("missing_footer (torn tail): "));
    EXPECT_EQ(verify("", true), 0) << err_.str();
    EXPECT_THAT(out_.str(), HasSubstr("open: journal-000003.fjl"));
    EXPECT_THAT(out_.str(), HasSubstr("ok: "));
    // Torn in the midst of a record, as a crash leaves it.
    auto& last = disk_.files.at("run/journal-000003.fjl").bytes;
    last.resize(last.size() - 5);
    EXPECT_EQ(verify("", true), 0) << err_.str();
    EXPECT_THAT(out_.str(), HasSubstr("open: "));
    // What is torn before the end was not left so by a crash.
    disk_.files.at("run/journal-000002.fjl").bytes.resize(2'000);
    EXPECT_EQ(verify("", true), 1);
}

TEST_F(JournalVerificationReport, ADirectoryThatIsNotThereIsOneProblem) {
    PosixFileSystem files;
    EXPECT_EQ(print_journal_verification(files, "/nonexistent/journal", {}, out_, err_), 1);
    EXPECT_EQ(err_.str(),
              "unreadable: cannot list /nonexistent/journal: No such file or directory\n");
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

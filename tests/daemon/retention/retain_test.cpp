#include "daemon/retention/retain.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>

#include "adapters/zstd/compressed_files.hpp"
#include "core/journal/journal_reader.hpp"
#include "daemon/retention/anchor_command.hpp"
#include "daemon/retention/anchors.hpp"
#include "daemon/retention/log_file.hpp"
#include "daemon/retention/prune_log.hpp"
#include "tests/daemon/retention/fixture.hpp"

namespace fermata {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

class Retain : public testing::Test {
protected:
    void make(std::uint32_t segments, bool closed = true, bool anchored = true) {
        test::write_journal(disk_, segments, closed);
        if (anchored) anchor();
        for (auto& [path, file] : disk_.files) file = {file.bytes, file.bytes.size(), true};
        original_ = records();
    }
    void anchor() {
        std::ostringstream out;
        ASSERT_EQ(anchor_journal(disk_, make_hasher, {"run", "", {}}, out, out), 0) << out.str();
    }
    static RetentionRequest request() {
        RetentionRequest made;
        made.directory = "run";
        made.now = Timestamp{1'704'205'800'000'000'000};
        made.by = "operator@host";
        return made;
    }
    static RetentionRequest keep(std::uint64_t segments) {
        RetentionRequest made = request();
        made.policy.emplace().segments = segments;
        return made;
    }
    int retain(const RetentionRequest& request) {
        out_.str("");
        err_.str("");
        return retain_journal(disk_, times_, make_hasher, request, out_, err_);
    }
    /// Segments that are there, "1" plain and "1z" compressed.
    std::vector<std::string> segments() {
        std::vector<std::string> found;
        const auto names = disk_.list("run");
        for (const std::string& name : *names) {
            if (!name.starts_with("journal-")) continue;
            found.push_back(name.substr(13, 1) + (name.ends_with(".zst") ? "z" : ""));
        }
        return found;
    }
    /// Trading positions of all records that a reader gives, with every check; fails on a problem
    /// other than the torn end of an open run.
    std::vector<std::uint64_t> records() {
        CompressedFiles files(disk_);
        EXPECT_TRUE(check_pruned_front(files, "run").ok());
        JournalReaderOptions options;
        options.first_segment = 0;
        options.chain_hasher = make_hasher;
        options.records_hasher = make_sha256;
        auto reader = JournalReader::open(files, "run", options);
        std::vector<std::uint64_t> positions;
        if (!reader) return positions;
        while (const JournalRecord* record = (*reader)->next()) {
            positions.push_back(record->position);
        }
        if ((*reader)->problem() != nullptr) {
            EXPECT_TRUE((*reader)->problem()->torn) << (*reader)->problem()->message;
        }
        return positions;
    }
    std::vector<std::uint64_t> original_behind(std::uint64_t position) const {
        return {original_.begin() + static_cast<std::ptrdiff_t>(position), original_.end()};
    }

    MemoryFileSystem disk_;
    test::TestTimes times_;
    std::ostringstream out_;
    std::ostringstream err_;
    std::vector<std::uint64_t> original_;
};

TEST_F(Retain, CompressesAllSegmentsOfAClosedRun) {
    make(3);
    RetentionRequest compress = request();
    compress.compress = true;
    ASSERT_EQ(retain(compress), 0) << err_.str();
    EXPECT_THAT(segments(), ElementsAre("1z", "2z", "3z"));
    EXPECT_THAT(out_.str(), HasSubstr("journal-000001.fjl  compressed from "));
    EXPECT_EQ(records(), original_);
    ASSERT_EQ(retain(compress), 0);
    EXPECT_EQ(out_.str(), "") << "nothing is left to do";
}

TEST_F(Retain, LeavesTheLastSegmentOfAnOpenRunToItsWriter) {
    make(3, false);
    RetentionRequest compress = request();
    compress.compress = true;
    ASSERT_EQ(retain(compress), 0) << err_.str();
    EXPECT_THAT(segments(), ElementsAre("1z", "2z", "3"));
    EXPECT_EQ(records(), original_);
}

TEST_F(Retain, RemovesWhatThePolicyLetsGoAndPutsItOnRecord) {
    make(4);
    ASSERT_EQ(retain(keep(2)), 0) << err_.str();
    EXPECT_THAT(segments(), ElementsAre("3", "4"));
    EXPECT_THAT(out_.str(), HasSubstr("journal-000001.fjl"));
    EXPECT_THAT(out_.str(), HasSubstr("kept by the policy"));
    const auto log = read_prune_log(disk_, "run");
    ASSERT_TRUE(log.ok());
    ASSERT_EQ(log->size(), 2U);
    EXPECT_EQ((*log)[0].after.segment, 1U);
    EXPECT_EQ((*log)[1].after.segment, 2U);
    EXPECT_EQ((*log)[1].after.records, (*log)[0].records + (*log)[1].records);
    EXPECT_EQ((*log)[1].by, "operator@host");
    EXPECT_EQ((*log)[1].time, request().now);
    const auto front = check_pruned_front(disk_, "run");
    ASSERT_TRUE(front.ok());
    EXPECT_EQ(front->segments, 2U);
    EXPECT_EQ(front->records, (*log)[1].after.records);
    EXPECT_EQ(records(), original_behind(front->records));
}

TEST_F(Retain, RemovesCompressedSegmentsToo) {
    make(4);
    RetentionRequest both = keep(2);
    both.compress = true;
    ASSERT_EQ(retain(both), 0) << err_.str();
    EXPECT_THAT(segments(), ElementsAre("3z", "4z"));
    CompressedFiles files(disk_);
    const auto front = check_pruned_front(files, "run");
    ASSERT_TRUE(front.ok()) << front.error();
    EXPECT_EQ(records(), original_behind(front->records));
}

TEST_F(Retain, BytesCountAsTheyAreStored) {
    make(4);
    RetentionRequest both = request();
    both.compress = true;
    both.policy.emplace().bytes = 3'000;  // plain segments have 4,096 and more
    ASSERT_EQ(retain(both), 0) << err_.str();
    std::uint64_t stored = 0;
    for (const auto& [path, file] : disk_.files) {
        if (path.ends_with(".zst")) stored += file.bytes.size();
    }
    EXPECT_LE(stored, 3'000U);
    EXPECT_GE(segments().size(), 2U);
    EXPECT_THAT(segments(), testing::Each(HasSubstr("z")));
}

TEST_F(Retain, OnlySaysWhatItWouldDoInADryRun) {
    make(3);
    const auto before = disk_.files.size();
    RetentionRequest dry = keep(1);
    dry.compress = true;
    dry.dry_run = true;
    ASSERT_EQ(retain(dry), 0) << err_.str();
    EXPECT_THAT(segments(), ElementsAre("1", "2", "3"));
    EXPECT_EQ(disk_.files.size(), before);
    EXPECT_THAT(out_.str(), HasSubstr("journal-000003.fjl  would be compressed\n"));
    EXPECT_THAT(out_.str(), Not(HasSubstr("journal-000002.fjl  would be compressed\n")))
        << "it goes";
    EXPECT_THAT(out_.str(), HasSubstr("bytes  would be removed\n"));
}

TEST_F(Retain, NeverRemovesWhatNoAnchorCovers) {
    make(4, true, false);
    ASSERT_EQ(retain(keep(1)), 0) << err_.str();
    EXPECT_THAT(segments(), ElementsAre("1", "2", "3", "4"));
    EXPECT_THAT(out_.str(), HasSubstr("kept: it is not anchored (fermata journal anchor)\n"));
}

TEST_F(Retain, AnAnchorCoversTheSegmentsBeforeItOnly) {
    make(4, true, false);
    JournalReaderOptions options;
    options.chain_hasher = make_hasher;
    auto reader = JournalReader::open(disk_, "run", options);
    ASSERT_TRUE(reader.ok());
    // The first seal within the second segment.
    while ((*reader)->next() != nullptr) {
        if ((*reader)->head() && (*reader)->head()->segment == 2) break;
    }
    ASSERT_TRUE((*reader)->head());
    ASSERT_TRUE(
        append_line(disk_, "run/anchors.jsonl", to_json(Anchor{*(*reader)->head(), {}})).ok());
    ASSERT_EQ(retain(keep(1)), 0) << err_.str();
    EXPECT_THAT(segments(), ElementsAre("2", "3", "4")) << out_.str();
    EXPECT_THAT(out_.str(), HasSubstr("kept: it is not anchored"));
}

TEST_F(Retain, TouchesNothingOfAJournalThatWasRewritten) {
    make(3);
    auto& anchors = disk_.files.at("run/anchors.jsonl").bytes;
    const std::string_view text(reinterpret_cast<const char*>(anchors.data()), anchors.size());
    const std::size_t digit = text.find("\"head\":\"") + 8;
    anchors[digit] = anchors[digit] == std::byte{'0'} ? std::byte{'1'} : std::byte{'0'};
    RetentionRequest both = keep(1);
    both.compress = true;
    EXPECT_EQ(retain(both), 1);
    EXPECT_THAT(err_.str(), HasSubstr("the journal was rewritten, nothing is touched: the anchor"));
    EXPECT_THAT(segments(), ElementsAre("1", "2", "3"));
}

TEST_F(Retain, TouchesNothingOfADamagedJournal) {
    make(3);
    disk_.files.at("run/journal-000002.fjl").bytes.at(700) ^= std::byte{1};
    RetentionRequest both = keep(1);
    both.compress = true;
    EXPECT_EQ(retain(both), 1);
    EXPECT_THAT(err_.str(),
                HasSubstr("the journal is damaged, nothing is touched: journal-000002"));
    EXPECT_THAT(segments(), ElementsAre("1", "2", "3"));
}

TEST_F(Retain, NeverRemovesWhatTheDatabaseDoesNotHave) {
    make(4);
    RetentionRequest asked = keep(1);
    const auto rows_up_to = [&](std::uint32_t segment) {
        MemoryFileSystem copy;
        copy.files = disk_.files;
        auto reader = JournalReader::open(copy, "run");
        while ((*reader)->next() != nullptr) {
        }
        return (*reader)->segments()[segment - 1].footer->run_records;
    };
    const std::uint64_t two = rows_up_to(2);
    asked.loaded = [&](std::uint64_t wanted) {
        EXPECT_EQ(wanted, rows_up_to(3)) << "what would go, and no more, is looked at";
        return Result<std::uint64_t, std::string>(two - 1);
    };
    ASSERT_EQ(retain(asked), 0) << err_.str();
    EXPECT_THAT(segments(), ElementsAre("2", "3", "4"));
    EXPECT_THAT(out_.str(), HasSubstr("kept: it is not loaded into the database\n"));
    asked.loaded = [&](std::uint64_t) { return Result<std::uint64_t, std::string>(two); };
    ASSERT_EQ(retain(asked), 0) << err_.str();
    EXPECT_THAT(segments(), ElementsAre("3", "4"));
}

TEST_F(Retain, ADatabaseThatDoesNotAnswerKeepsEverything) {
    make(3);
    RetentionRequest asked = keep(1);
    asked.loaded = [](std::uint64_t) {
        return Result<std::uint64_t, std::string>(Err{std::string("no database")});
    };
    EXPECT_EQ(retain(asked), 1);
    EXPECT_EQ(err_.str(), "no database\n");
    EXPECT_THAT(segments(), ElementsAre("1", "2", "3"));
}

TEST_F(Retain, NothingOfAnOpenRunIsRemoved) {
    make(4, false);
    ASSERT_EQ(retain(keep(1)), 0) << err_.str();
    EXPECT_THAT(segments(), ElementsAre("1", "2", "3", "4"));
    EXPECT_THAT(out_.str(), HasSubstr("kept: the run is open"));
}

TEST_F(Retain, AgeCountsFromTheLastChangeOfTheFile) {
    make(4);
    RetentionRequest aged = request();
    aged.policy.emplace().age = Duration::days(30);
    for (int segment = 1; segment <= 4; ++segment) {
        times_.times["run/" + segment_file_name(static_cast<std::uint32_t>(segment))] =
            Timestamp{aged.now.ns - Duration::days(50 - 10 * segment).ns};
    }
    ASSERT_EQ(retain(aged), 0) << err_.str();
    EXPECT_THAT(segments(), ElementsAre("2", "3", "4")) << "40 days old, 30, 20, 10";
}

TEST_F(Retain, AKillAtAnyInstantLeavesAJournalThatIsInOrder) {
    make(3);
    const auto before = disk_.files;
    RetentionRequest both = keep(1);
    both.compress = true;
    std::uint64_t step = 1;
    for (;; ++step) {
        SCOPED_TRACE(step);
        disk_.files = before;
        disk_.operations = 0;
        disk_.stopping_operation = step;
        const bool finished = retain(both) == 0;
        disk_.stopping_operation = 0;
        disk_.lose_power(100);
        const std::vector<std::uint64_t> left = records();
        ASSERT_FALSE(left.empty());
        EXPECT_EQ(left, original_behind(original_.size() - left.size())) << "only a front is gone";
        ASSERT_EQ(retain(both), 0) << err_.str();
        EXPECT_THAT(segments(), ElementsAre("3z"));
        if (finished) break;
    }
    EXPECT_GT(step, 30U);
}

}  // namespace
}  // namespace fermata

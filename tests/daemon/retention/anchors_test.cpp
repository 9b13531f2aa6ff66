#include "daemon/retention/anchors.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>

#include "core/journal/journal_reader.hpp"
#include "daemon/retention/anchor_command.hpp"
#include "tests/daemon/retention/fixture.hpp"

namespace fermata {
namespace {

using testing::Each;
using testing::ElementsAre;
using testing::HasSubstr;

class Anchors : public testing::Test {
protected:
    /// The head behind every record, as the reader that checks the chain sees it.
    std::vector<Anchor> all_heads() {
        JournalReaderOptions options;
        options.chain_hasher = make_hasher;
        auto reader = JournalReader::open(disk_, "run", options);
        EXPECT_TRUE(reader.ok());
        std::vector<Anchor> heads;
        const auto note = [&] {
            const auto& head = (*reader)->head();
            if (head && (heads.empty() || heads.back().head != *head)) heads.push_back({*head, {}});
        };
        while ((*reader)->next() != nullptr) note();
        note();
        return heads;
    }
    std::vector<AnchorFound> find(const std::vector<Anchor>& anchors) {
        const auto found = find_anchors(disk_, "run", anchors);
        EXPECT_TRUE(found.ok());
        return found.value_or({});
    }
    int anchor(const std::string& out_file = "", std::int64_t now = 1'704'205'800'000'000'000) {
        out_.str("");
        err_.str("");
        return anchor_journal(disk_, make_hasher, {"run", out_file, Timestamp{now}}, out_, err_);
    }
    std::string text(const std::string& path) {
        std::string text;
        for (const std::byte b : disk_.files.at(path).bytes) {
            text += static_cast<char>(std::to_integer<unsigned char>(b));
        }
        return text;
    }

    MemoryFileSystem disk_;
    std::ostringstream out_;
    std::ostringstream err_;
};

TEST_F(Anchors, OneIsALineOfJsonThatLeadsBackToIt) {
    Anchor anchor;
    anchor.head.run = test::kRun;
    anchor.head.algorithm = HashAlgorithm::kSha256;
    anchor.head.segment = 3;
    anchor.head.block = 12;
    anchor.head.records = 5'131;
    anchor.head.head[0] = std::byte{0x0f};
    anchor.time = Timestamp{1'704'205'800'000'000'000};
    const std::string line = to_json(anchor);
    EXPECT_EQ(line,
              "{\"run\":\"ab020000000000000000000000000000\",\"segment\":3,\"block\":12,"
              "\"records\":5131,\"algorithm\":\"sha256\",\"head\":\"0f" +
                  std::string(62, '0') + "\",\"time\":\"2024-01-02T14:30:00Z\"}");
    EXPECT_EQ(parse_anchor(line), anchor);
}

TEST_F(Anchors, WhatIsNoAnchorIsRefusedWithItsLine) {
    for (const char* line : {"", "{}", "[]", "head", "{\"run\":\"ab\"}"}) {
        EXPECT_FALSE(parse_anchor(line)) << line;
    }
    const std::string good =
        "{\"run\":\"ab020000000000000000000000000000\",\"segment\":3,"
        "\"block\":12,\"records\":5,\"algorithm\":\"sha256\",\"head\":\"" +
        std::string(64, '0') + "\",\"time\":\"2024-01-02T14:30:00Z\"}";
    ASSERT_TRUE(parse_anchor(good));
    for (const char* key : {"run", "segment", "block", "records", "algorithm", "head", "time"}) {
        std::string bad = good;
        bad.replace(bad.find(key), 1, "x");
        EXPECT_FALSE(parse_anchor(bad)) << key;
    }
    const std::string two = good + "\nx\n";
    const auto bytes = std::as_bytes(std::span(two));
    disk_.files["a.jsonl"].bytes = {bytes.begin(), bytes.end()};
    const auto read = read_anchors(disk_, "a.jsonl");
    ASSERT_FALSE(read.ok());
    EXPECT_THAT(read.error(), HasSubstr("a.jsonl:2: "));
    EXPECT_TRUE(read_anchors(disk_, "none.jsonl")->empty());
}

TEST_F(Anchors, AJournalContainsTheHeadsOfAllItsSeals) {
    test::write_journal(disk_, 3, true);
    const std::vector<Anchor> heads = all_heads();
    ASSERT_GE(heads.size(), 8U);
    EXPECT_THAT(find(heads), Each(AnchorFound::kYes));
}

TEST_F(Anchors, AHeadThatDiffersInOneBitOrBlockIsNotContained) {
    test::write_journal(disk_, 2, true);
    Anchor other = all_heads()[3];
    other.head.head[5] ^= std::byte{1};
    Anchor later = all_heads()[3];
    later.head.block += 1;
    Anchor beyond = all_heads().back();
    beyond.head.block += 1;
    EXPECT_THAT(find({other, later, beyond}), Each(AnchorFound::kNo));
    Anchor another = all_heads()[3];
    another.head.run[0] = std::byte{0};
    EXPECT_THAT(find({another}), ElementsAre(AnchorFound::kOtherRun));
}

TEST_F(Anchors, HeadsBeforeTheFirstSegmentThatIsLeftArePruned) {
    test::write_journal(disk_, 3, true);
    const std::vector<Anchor> heads = all_heads();
    auto reader = JournalReader::open(disk_, "run");
    while ((*reader)->next() != nullptr) {
    }
    const std::uint64_t last_pruned = (*reader)->segments().front().footer->seal.number;
    disk_.files.erase("run/journal-000001.fjl");
    const auto found = find(heads);
    std::size_t pruned = 0;
    for (std::size_t i = 0; i < heads.size(); ++i) {
        // The second segment begins with the head of the first one's footer.
        const bool is_left = heads[i].head.block >= last_pruned;
        EXPECT_EQ(found[i], is_left ? AnchorFound::kYes : AnchorFound::kPruned) << i;
        pruned += is_left ? 0 : 1;
    }
    EXPECT_GE(pruned, 2U);
    EXPECT_LT(pruned, heads.size() - 2);
}

TEST_F(Anchors, TheCommandPrintsAndKeepsTheHead) {
    test::write_journal(disk_, 2, true);
    const Anchor last = all_heads().back();
    ASSERT_EQ(anchor(), 0) << err_.str();
    const auto printed = parse_anchor(out_.str());
    ASSERT_TRUE(printed);
    EXPECT_EQ(printed->head, last.head);
    EXPECT_EQ(printed->time, Timestamp{1'704'205'800'000'000'000});
    EXPECT_EQ(text("run/anchors.jsonl"), out_.str());
    EXPECT_EQ(disk_.files.at("run/anchors.jsonl").synced, out_.str().size());
    EXPECT_TRUE(disk_.files.at("run/anchors.jsonl").entry_synced);
}

TEST_F(Anchors, TheCommandAddsALineOnlyForANewHeadAndCanTellAWitness) {
    test::write_journal(disk_, 1, false);
    ASSERT_EQ(anchor(), 0) << err_.str();
    const std::string first = out_.str();
    ASSERT_EQ(anchor("witness.jsonl"), 0);
    EXPECT_EQ(text("run/anchors.jsonl"), first) << "the journal did not grow";
    EXPECT_EQ(text("witness.jsonl"), out_.str());
    disk_.files.erase("run/journal-000001.fjl");
    test::write_journal(disk_, 2, true);
    ASSERT_EQ(anchor("witness.jsonl", 1'704'205'801'000'000'000), 0);
    EXPECT_EQ(text("run/anchors.jsonl"), first + out_.str());
}

TEST_F(Anchors, WithoutAChainThereIsNothingToAnchor) {
    test::write_journal(disk_, 2, true, HashAlgorithm::kNone);
    EXPECT_EQ(anchor(), 1);
    EXPECT_EQ(out_.str(), "");
    EXPECT_THAT(err_.str(), HasSubstr("has no hash chain"));
    EXPECT_FALSE(disk_.files.contains("run/anchors.jsonl"));
}

TEST_F(Anchors, ADamagedJournalIsNotAnchored) {
    test::write_journal(disk_, 2, true);
    disk_.files.at("run/journal-000002.fjl").bytes.at(200) ^= std::byte{1};
    EXPECT_EQ(anchor(), 1);
    EXPECT_THAT(err_.str(), HasSubstr("the journal is damaged: journal-000002.fjl at byte "));
}

}  // namespace
}  // namespace fermata

#include "daemon/compare/alignment.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/daemon/compare/story_fixture.hpp"

namespace fermata::compare::test {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr std::uint32_t kNone = StreamAlignment::kNone;

StreamAlignment align_bids(const std::vector<std::int64_t>& first,
                           const std::vector<std::int64_t>& second) {
    MadeRun a(0), b(1'700'000'000'000'000'000, 1);
    a.quotes(first);
    b.quotes(second);
    return align(a.story.market[0], b.story.market[0]);
}

TEST(StreamAlignment, FindsTheSameQuotesWhateverTheClockSays) {
    const StreamAlignment a = align_bids({1, 2, 3}, {1, 2, 3});
    EXPECT_THAT(a.to_second, ElementsAre(0, 1, 2));
    EXPECT_THAT(a.to_first, ElementsAre(0, 1, 2));
    EXPECT_EQ(a.both, 3u);
    EXPECT_THAT(a.alone_first, IsEmpty());
    EXPECT_THAT(a.alone_second, IsEmpty());
}

TEST(StreamAlignment, LeavesOutWhatTheFirstRunMissed) {
    const StreamAlignment a = align_bids({3, 4, 8, 9, 10, 11}, {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11});
    EXPECT_THAT(a.to_second, ElementsAre(2, 3, 7, 8, 9, 10));
    EXPECT_THAT(a.alone_first, IsEmpty());
    EXPECT_THAT(a.alone_second, ElementsAre(0, 1, 4, 5, 6));
}

TEST(StreamAlignment, LeavesOutWhatTheSecondRunMissed) {
    const StreamAlignment a = align_bids({1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11}, {3, 4, 8, 9, 10, 11});
    EXPECT_THAT(a.to_first, ElementsAre(2, 3, 7, 8, 9, 10));
    EXPECT_THAT(a.alone_first, ElementsAre(0, 1, 4, 5, 6));
    EXPECT_EQ(a.to_second[2], 0u);
    EXPECT_EQ(a.to_second[0], kNone);
}

TEST(StreamAlignment, DoesNotJumpToAQuoteThatSaysTheSameByChance) {
    // 9 is of the first run only; far away the second run says the same.
    const StreamAlignment a = align_bids({1, 2, 9, 3, 4, 5, 6}, {1, 2, 3, 4, 5, 6, 7, 8, 9});
    EXPECT_THAT(a.to_second, ElementsAre(0, 1, kNone, 2, 3, 4, 5));
}

TEST(StreamAlignment, KeepsItsPlaceAmongQuotesThatRepeat) {
    const StreamAlignment a = align_bids({1, 2, 1, 2, 5, 1, 2}, {1, 2, 1, 2, 1, 2, 5, 1, 2});
    EXPECT_EQ(a.both, 7u);
    EXPECT_EQ(a.to_second[4], 6u) << "the one that is there once";
    EXPECT_EQ(a.alone_second.size(), 2u);
}

TEST(StreamAlignment, FindsNothingInAnotherMarket) {
    EXPECT_EQ(align_bids({1, 2, 3}, {4, 5, 6}).both, 0u);
    EXPECT_EQ(align_bids({}, {4, 5, 6}).both, 0u);
    EXPECT_EQ(align_bids({1, 2}, {}).alone_first.size(), 2u);
}

TEST(MarketAlignment, ComparesQuotesWithQuotesOfTheSameInstrument) {
    MadeRun a, b;
    a.quotes(kBids);
    b.story.market.insert(b.story.market.begin(), {"BBB", MarketEventType::kQuote, {}});
    b.story.market.push_back({"AAA", MarketEventType::kTrade, {}});
    std::swap(b.story.market[0].facts, b.story.market[1].facts);
    b.story.market[1].facts = a.story.market[0].facts;
    const MarketAlignment market(a.story, b.story);
    ASSERT_EQ(market.streams().size(), 1u);
    EXPECT_EQ(market.to_second({0, 5}), (FactPlace{1, 5}));
    EXPECT_EQ(market.to_first({1, 5}), (FactPlace{0, 5}));
    EXPECT_EQ(market.of_second(0), nullptr) << "the first run has nothing of BBB";
}

}  // namespace
}  // namespace fermata::compare::test

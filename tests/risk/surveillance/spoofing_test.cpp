#include <gtest/gtest.h>

#include "tests/risk/surveillance/story.hpp"

namespace fermata::surveillance {
namespace {

constexpr std::int64_t kWhole = Ratio::kOne;

/// Three times, ten seconds apart: 1,000 to buy shown below the market, 100 sold above it, the
/// 1,000 canceled 200 ms after that. Quantities and delay as given.
void spoof(Story& story, std::int64_t shown, std::int64_t sold, std::int64_t cancel_after_ms,
           int times = 3) {
    for (int i = 0; i < times; ++i) {
        const std::int64_t begin = i * 10'000;
        story.at(begin);
        const auto genuine = story.sell(10'010, sold);
        const auto bait = story.at(begin + 100).buy(9'999, shown);
        story.at(begin + 500).fill(genuine, sold);
        story.at(begin + 500 + cancel_after_ms).cancel(bait);
    }
}

TEST(Spoofing, FindsALargeOrderThatGoesWhenTheOtherSideHasTraded) {
    Story story(RuleId::kSpoofing);
    spoof(story, 1'000, 100, 200);
    ASSERT_EQ(story.findings().size(), 1U);
    const Finding& f = story.findings().front();
    EXPECT_EQ(f.rule, RuleId::kSpoofing);
    EXPECT_EQ(f.episodes, 3U);
    // 1,000 shown against 100 wanted, none filled, all withdrawn, 200 ms later.
    EXPECT_EQ(story.observed("size_min"), 10 * kWhole);
    EXPECT_EQ(story.observed("filled_max"), 0);
    EXPECT_EQ(story.observed("withdrawn_min"), kWhole);
    EXPECT_EQ(story.observed("cancel_within"), 200'000'000);
    EXPECT_EQ(story.observed("count_min"), 3);
    // Ten is twice the threshold of five: medium.
    EXPECT_EQ(f.severity, Severity::kMedium);
    EXPECT_EQ(f.begin, (Timestamp{Story::kBegin + 100'000'000}));
    EXPECT_EQ(f.end, (Timestamp{Story::kBegin + 20'700'000'000}));
}

TEST(Spoofing, GivesTheOrdersTheFillAndTheWithdrawalAsEvidence) {
    Story story(RuleId::kSpoofing, {"spoofing.count_min=1"});
    spoof(story, 1'000, 100, 200, 1);
    ASSERT_EQ(story.findings().size(), 1U);
    const auto& rows = story.findings().front().evidence;
    ASSERT_EQ(rows.size(), 3U);
    EXPECT_EQ(rows[0].deed, Deed::kShown);
    EXPECT_EQ(rows[0].order_id.value, 2U);
    EXPECT_EQ(rows[0].side, Side::kBuy);
    EXPECT_EQ(rows[0].price, Story::cents(9'999));
    EXPECT_EQ(rows[0].quantity, Quantity::from_units(1'000));
    // sent 1, acknowledged 2; sent 3, acknowledged 4; report 5, fill 6; cancel 7, canceled 8.
    EXPECT_EQ(rows[0].position, 4U);
    EXPECT_EQ(rows[1].deed, Deed::kFilled);
    EXPECT_EQ(rows[1].order_id.value, 1U);
    EXPECT_EQ(rows[1].side, Side::kSell);
    EXPECT_EQ(rows[1].quantity, Quantity::from_units(100));
    EXPECT_EQ(rows[1].position, 6U);
    EXPECT_EQ(rows[2].deed, Deed::kWithdrawn);
    EXPECT_EQ(rows[2].order_id.value, 2U);
    EXPECT_EQ(rows[2].quantity, Quantity::from_units(1'000));
    EXPECT_EQ(rows[2].position, 8U);
    EXPECT_EQ(rows[2].ts, (Timestamp{Story::kBegin + 700'000'000}));
}

TEST(Spoofing, TwiceIsNoPattern) {
    Story story(RuleId::kSpoofing);
    spoof(story, 1'000, 100, 200, 2);
    EXPECT_TRUE(story.findings().empty());
}

TEST(Spoofing, NeedsExactlyItsSize) {
    Story at_it(RuleId::kSpoofing);
    spoof(at_it, 500, 100, 200);
    EXPECT_EQ(at_it.findings().size(), 1U);
    Story below(RuleId::kSpoofing);
    spoof(below, 499, 100, 200);
    EXPECT_TRUE(below.findings().empty());
}

TEST(Spoofing, NeedsTheWithdrawalInTime) {
    Story at_it(RuleId::kSpoofing);
    spoof(at_it, 1'000, 100, 5'000);
    EXPECT_EQ(at_it.findings().size(), 1U);
    Story later(RuleId::kSpoofing);
    spoof(later, 1'000, 100, 5'001);
    EXPECT_TRUE(later.findings().empty());
}

TEST(Spoofing, CountsOnlyWhatLiesWithinItsTime) {
    // Ends at 0.7 s, 10.7 s and 20.7 s: the first and the third lie 20 s apart.
    Story at_it(RuleId::kSpoofing, {"spoofing.within=20s"});
    spoof(at_it, 1'000, 100, 200);
    EXPECT_EQ(at_it.findings().size(), 1U);
    Story shorter(RuleId::kSpoofing, {"spoofing.within=19999ms"});
    spoof(shorter, 1'000, 100, 200);
    EXPECT_TRUE(shorter.findings().empty());
}

TEST(Spoofing, FindsAnOrderThatIsMovedAwayInsteadOfCanceled) {
    Story story(RuleId::kSpoofing, {"spoofing.count_min=1"});
    const auto genuine = story.sell(10'010, 100);
    const auto bait = story.at(100).buy(9'999, 1'000);
    story.at(500).fill(genuine, 100);
    story.at(700).replace(bait, 9'000, 1'000);
    story.at(60'000).cancel(bait);
    EXPECT_EQ(story.findings().size(), 1U);
}

TEST(Spoofing, FindsItOverTwoAccountsOfOneOwnerOnly) {
    for (const bool one_owner : {true, false}) {
        Story story(
            RuleId::kSpoofing, {"spoofing.count_min=1"},
            one_owner ? std::vector<std::uint16_t>{7, 7} : std::vector<std::uint16_t>{7, 8});
        const auto genuine =
            story.show({.side = Side::kSell, .cents = 10'010, .units = 100, .account = 1});
        const auto bait = story.at(100).buy(9'999, 1'000);
        story.at(500).fill(genuine, 100);
        story.at(700).cancel(bait);
        EXPECT_EQ(story.findings().size(), one_owner ? 1U : 0U);
    }
}

// ---- honest near-misses

TEST(Spoofing, LeavesAloneALargeOrderThatWasFilledInPart) {
    // 101 of 1,000 is above a tenth; 100 is not.
    for (const std::int64_t filled : {101, 100}) {
        Story story(RuleId::kSpoofing, {"spoofing.count_min=1"});
        const auto genuine = story.sell(10'010, 100);
        const auto large = story.at(100).buy(9'999, 1'000);
        story.at(200).fill(large, filled);
        story.at(500).fill(genuine, 100);
        story.at(700).cancel(large);
        EXPECT_EQ(story.findings().size(), filled > 100 ? 0U : 1U) << filled;
    }
}

TEST(Spoofing, LeavesAloneAMarketMakerThatReplacesItsQuotes) {
    // 1,000 on both sides; whenever one is hit, both are canceled and shown again 20 ms later
    // around the new price.
    Story story(RuleId::kSpoofing);
    std::int64_t mid = 10'000;
    for (int i = 0; i < 50; ++i) {
        const std::int64_t begin = i * 1'000;
        story.at(begin);
        const auto bid = story.buy(mid - 5, 1'000);
        const auto ask = story.sell(mid + 5, 1'000);
        const bool hit_bid = i % 2 == 0;
        story.at(begin + 400).fill(hit_bid ? bid : ask, 100);
        story.at(begin + 980).cancel(bid);
        story.cancel(ask);
        mid += hit_bid ? -3 : 3;
    }
    EXPECT_TRUE(story.findings().empty());
}

TEST(Spoofing, LeavesAloneWhatIsShownAgainAtOnce) {
    // The same as the abuse, but the large order is back after `back_ms`.
    for (const std::int64_t back_ms : {249, 250}) {
        Story story(RuleId::kSpoofing, {"spoofing.count_min=1"});
        const auto genuine = story.sell(10'010, 100);
        const auto large = story.at(100).buy(9'999, 1'000);
        story.at(500).fill(genuine, 100);
        story.at(700).cancel(large);
        story.at(700 + back_ms).buy(9'998, 1'000);
        story.at(20'000).buy(9'900, 1);
        EXPECT_EQ(story.findings().size(), back_ms < 250 ? 0U : 1U) << back_ms;
    }
}

TEST(Spoofing, LeavesAloneAnOrderThatStoodForLong) {
    for (const std::int64_t stood_ms : {60'000, 60'001}) {
        Story story(RuleId::kSpoofing, {"spoofing.count_min=1"});
        const auto large = story.at(0).buy(9'999, 1'000);
        const auto genuine = story.at(stood_ms - 100).sell(10'010, 100);
        story.at(stood_ms).fill(genuine, 100);
        story.at(stood_ms + 200).cancel(large);
        EXPECT_EQ(story.findings().size(), stood_ms > 60'000 ? 0U : 1U) << stood_ms;
    }
}

TEST(Spoofing, LeavesAloneWhatTheSessionEnds) {
    Story story(RuleId::kSpoofing, {"spoofing.count_min=1"});
    const auto genuine = story.sell(10'010, 100);
    const auto large = story.at(100).buy(9'999, 1'000);
    story.at(500).fill(genuine, 100);
    story.at(700).expire(large);
    EXPECT_TRUE(story.findings().empty());
}

TEST(Spoofing, LeavesAloneAStopThatNobodySees) {
    Story story(RuleId::kSpoofing, {"spoofing.count_min=1"});
    const auto genuine = story.sell(10'010, 100);
    const auto stop = story.at(100).show(
        {.side = Side::kBuy, .cents = 10'050, .units = 1'000, .type = OrderType::kStopLimit});
    story.at(500).fill(genuine, 100);
    story.at(700).cancel(stop);
    EXPECT_TRUE(story.findings().empty());
}

TEST(Spoofing, CountsOfAnIcebergWhatItShows) {
    for (const std::int64_t display : {500, 499}) {
        Story story(RuleId::kSpoofing, {"spoofing.count_min=1"});
        const auto genuine = story.sell(10'010, 100);
        const auto iceberg = story.at(100).show(
            {.side = Side::kBuy, .cents = 9'999, .units = 5'000, .display = display});
        story.at(500).fill(genuine, 100);
        story.at(700).cancel(iceberg);
        EXPECT_EQ(story.findings().size(), display == 500 ? 1U : 0U) << display;
    }
}

TEST(Spoofing, TakesWhatIsOpenOnTheFillsSideIntoAccount) {
    // 1,000 shown to buy, but 900 more to sell are open beside the 100 that traded: it is 1 to 1.
    Story story(RuleId::kSpoofing, {"spoofing.count_min=1"});
    story.sell(10'020, 900);
    const auto genuine = story.sell(10'010, 100);
    const auto bid = story.at(100).buy(9'999, 1'000);
    story.at(500).fill(genuine, 100);
    story.at(700).cancel(bid);
    EXPECT_TRUE(story.findings().empty());
}

TEST(Spoofing, TakesFurtherFillsIntoAccount) {
    // 100 sold, then `more` at market while the 1,000 to buy still stand: at 200 altogether they
    // are five times as much.
    for (const std::int64_t more : {100, 101}) {
        Story story(RuleId::kSpoofing, {"spoofing.count_min=1"});
        const auto genuine = story.sell(10'010, 100);
        const auto bid = story.at(100).buy(9'999, 1'000);
        story.at(500).fill(genuine, 100);
        story.at(600).take(Side::kSell, more, 10'000);
        story.at(700).cancel(bid);
        EXPECT_EQ(story.findings().size(), more == 100 ? 1U : 0U) << more;
    }
}

}  // namespace
}  // namespace fermata::surveillance

#include <gtest/gtest.h>

#include "tests/risk/surveillance/story.hpp"

namespace fermata::surveillance {
namespace {

constexpr std::int64_t kMinute = 60'000;
constexpr std::int64_t kClose = 390 * kMinute;

/// One purchase of `units` five minutes before the close; `others` are traded by others after it,
/// and the price goes from 100.00 to `closing` cents.
void mark(Story& story, std::int64_t units, std::int64_t others, std::int64_t closing,
          std::int64_t minutes_before = 5) {
    story.at(kClose - 60 * kMinute).trade(10'000, 5'000);
    story.at(kClose - minutes_before * kMinute).take(Side::kBuy, units, 10'000);
    story.at(kClose - kMinute / 2).trade(closing, others);
    story.at(kClose).close_session();
}

TEST(MarkingTheClose, FindsPurchasesThatLiftTheClosingPrice) {
    Story story(RuleId::kMarkingTheClose);
    mark(story, 400, 1'000, 10'100);
    ASSERT_EQ(story.findings().size(), 1U);
    const Finding& f = story.findings().front();
    EXPECT_EQ(story.observed("share_min"), 400'000'000);  // 400 of 1,000
    EXPECT_EQ(story.observed("move_min"), 10'000'000);    // 100.00 to 101.00
    EXPECT_EQ(story.observed("one_sided_min"), Ratio::kOne);
    EXPECT_EQ(f.severity, Severity::kMedium);  // twice half a percent
    ASSERT_EQ(f.evidence.size(), 3U);
    EXPECT_EQ(f.evidence[0].deed, Deed::kMarket);
    EXPECT_EQ(f.evidence[0].price, Story::cents(10'000));
    EXPECT_EQ(f.evidence[1].deed, Deed::kFilled);
    EXPECT_EQ(f.evidence[1].quantity, Quantity::from_units(400));
    EXPECT_EQ(f.evidence[2].price, Story::cents(10'100));
    EXPECT_EQ(f.evidence[2].quantity, Quantity::from_units(1'000));
    EXPECT_EQ(f.end, (Timestamp{Story::kBegin + kClose * 1'000'000}));
}

TEST(MarkingTheClose, FindsSalesThatPressIt) {
    Story story(RuleId::kMarkingTheClose);
    story.at(kClose - 60 * kMinute).trade(10'000, 5'000);
    story.at(kClose - 5 * kMinute).take(Side::kSell, 400, 10'000);
    story.at(kClose - kMinute).trade(9'900, 1'000);
    story.at(kClose).close_session();
    EXPECT_EQ(story.observed("move_min"), 10'000'000);
}

TEST(MarkingTheClose, NeedsExactlyItsShareAndItsMove) {
    Story at_share(RuleId::kMarkingTheClose);
    mark(at_share, 200, 1'000, 10'100);
    EXPECT_EQ(at_share.findings().size(), 1U);
    Story below_share(RuleId::kMarkingTheClose);
    mark(below_share, 199, 1'000, 10'100);
    EXPECT_TRUE(below_share.findings().empty());
    Story at_move(RuleId::kMarkingTheClose);
    mark(at_move, 400, 1'000, 10'050);
    EXPECT_EQ(at_move.findings().size(), 1U);
    Story below_move(RuleId::kMarkingTheClose);
    mark(below_move, 400, 1'000, 10'049);
    EXPECT_TRUE(below_move.findings().empty());
}

TEST(MarkingTheClose, CountsTheFillsOfItsWindow) {
    Story at_it(RuleId::kMarkingTheClose);
    mark(at_it, 400, 1'000, 10'100, 10);
    EXPECT_EQ(at_it.findings().size(), 1U);
    Story before(RuleId::kMarkingTheClose);
    mark(before, 400, 1'000, 10'100, 11);
    EXPECT_TRUE(before.findings().empty());
}

TEST(MarkingTheClose, CountsAFillAtTheInstantOfTheClose) {
    // An order for the closing auction, whose fill and print come after the session's end.
    Story story(RuleId::kMarkingTheClose);
    story.at(kClose - kMinute).trade(10'000, 1'000);
    const auto id =
        story.show({.units = 500, .type = OrderType::kMarket, .tif = TimeInForce::kAtc});
    story.at(kClose).close_session();
    story.trade(10'100, 1'000);
    story.fill(id, 500, 10'100, Liquidity::kUnknown);
    story.at(kClose + 2 * kMinute).trade(10'000, 1);
    ASSERT_EQ(story.findings().size(), 1U);
    EXPECT_EQ(story.observed("move_min"), 10'000'000);
}

TEST(MarkingTheClose, CountsAFillThatIsReportedALittleLater) {
    for (const std::int64_t late_ms : {kMinute, kMinute + 1}) {
        Story story(RuleId::kMarkingTheClose);
        story.at(kClose - kMinute).trade(10'000, 1'000);
        const auto id =
            story.show({.units = 500, .type = OrderType::kMarket, .tif = TimeInForce::kAtc});
        story.at(kClose).close_session();
        story.trade(10'100, 1'000);
        story.at(kClose + late_ms).fill(id, 500, 10'100, Liquidity::kUnknown);
        EXPECT_EQ(story.findings().size(), late_ms == kMinute ? 1U : 0U) << late_ms;
    }
}

TEST(MarkingTheClose, SaysWhichFillsCameAfterTheirSessionWasJudged) {
    // The market data is a day ahead of the orders.
    Story story(RuleId::kMarkingTheClose);
    story.at(0).trade(10'000, 1'000);
    story.at(kClose).close_session();
    story.at(kClose + 24 * 60 * kMinute).trade(10'100, 1'000);
    story.at(kClose - 5 * kMinute).take(Side::kBuy, 400, 10'000);
    EXPECT_TRUE(story.findings().empty());
    EXPECT_EQ(story.outcome(RuleId::kMarkingTheClose).not_judged, 1U);
}

TEST(MarkingTheClose, LeavesAloneWhoTradesBothWays) {
    // Bought 400, sold 100: 300 net of 500 gross are three fifths.
    Story story(RuleId::kMarkingTheClose);
    story.at(kClose - 60 * kMinute).trade(10'000, 5'000);
    story.at(kClose - 5 * kMinute).take(Side::kBuy, 400, 10'000);
    story.at(kClose - 4 * kMinute).take(Side::kSell, 100, 10'050);
    story.at(kClose - kMinute).trade(10'100, 1'000);
    story.at(kClose).close_session();
    EXPECT_TRUE(story.findings().empty());
}

TEST(MarkingTheClose, LeavesAloneWhoBuysWhileThePriceFalls) {
    Story story(RuleId::kMarkingTheClose);
    mark(story, 400, 1'000, 9'900);
    EXPECT_TRUE(story.findings().empty());
}

TEST(MarkingTheClose, SaysWhichFillsItCouldNotJudge) {
    Story story(RuleId::kMarkingTheClose);
    story.at(kClose - kMinute).take(Side::kBuy, 400, 10'000);
    story.at(kClose).close_session();
    const RuleOutcome outcome = story.outcome(RuleId::kMarkingTheClose);
    EXPECT_TRUE(outcome.applied);
    EXPECT_EQ(outcome.not_judged, 1U);
    EXPECT_FALSE(outcome.note.empty());
}

TEST(MarkingTheClose, SaysThatNoSessionCloses) {
    Story story(RuleId::kMarkingTheClose);
    story.at(0).trade(10'000, 100);
    const RuleOutcome outcome = story.outcome(RuleId::kMarkingTheClose);
    EXPECT_FALSE(outcome.applied);
    EXPECT_EQ(outcome.note, "the market data closes no session");
}

}  // namespace
}  // namespace fermata::surveillance

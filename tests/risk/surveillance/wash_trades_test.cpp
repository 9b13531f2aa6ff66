#include <gtest/gtest.h>

#include "tests/risk/surveillance/story.hpp"

namespace fermata::surveillance {
namespace {

/// A bid rests, 50 ms later an offer of `account` and `strategy` meets it.
void cross(Story& story, std::uint16_t strategy = 0, std::uint16_t account = 0,
           std::uint16_t venue = 0, std::int64_t begin = 0) {
    const auto bid = story.at(begin).buy(10'000, 100);
    const auto offer = story.at(begin + 50)
                           .send({.side = Side::kSell,
                                  .cents = 10'000,
                                  .units = 100,
                                  .strategy = strategy,
                                  .account = account,
                                  .venue = venue});
    story.at(begin + 51).fill(bid, 100, 10'000, Liquidity::kMaker);
    story.fill(offer, 100, 10'000, Liquidity::kTaker);
}

TEST(WashTrades, FindsAStrategyThatTradesWithItself) {
    Story story(RuleId::kWashTrades);
    cross(story);
    ASSERT_EQ(story.findings().size(), 1U);
    const Finding& f = story.findings().front();
    EXPECT_EQ(f.severity, Severity::kHigh);
    ASSERT_EQ(f.evidence.size(), 2U);
    EXPECT_EQ(f.evidence[0].order_id.value, 1U);
    EXPECT_EQ(f.evidence[0].side, Side::kBuy);
    EXPECT_EQ(f.evidence[1].order_id.value, 2U);
    EXPECT_EQ(f.evidence[1].side, Side::kSell);
    EXPECT_EQ(f.evidence[1].quantity, Quantity::from_units(100));
}

TEST(WashTrades, GradesByHowCloseTheTwoSidesAre) {
    Story account(RuleId::kWashTrades);
    cross(account, 1, 0);
    ASSERT_EQ(account.findings().size(), 1U);
    EXPECT_EQ(account.findings().front().severity, Severity::kMedium);
    Story owner(RuleId::kWashTrades);
    cross(owner, 1, 1);
    ASSERT_EQ(owner.findings().size(), 1U);
    EXPECT_EQ(owner.findings().front().severity, Severity::kLow);
}

TEST(WashTrades, LeavesAloneTwoOwners) {
    Story story(RuleId::kWashTrades, {}, {0, 1});
    cross(story, 1, 1);
    EXPECT_TRUE(story.findings().empty());
}

TEST(WashTrades, LeavesAloneTwoVenues) {
    Story story(RuleId::kWashTrades);
    cross(story, 0, 0, 1);
    EXPECT_TRUE(story.findings().empty());
}

TEST(WashTrades, MatchesPartialFillsQuantityByQuantity) {
    // 300 meet three bids of 100, reported in three parts.
    Story story(RuleId::kWashTrades);
    std::vector<std::uint64_t> bids;
    for (int i = 0; i < 3; ++i) bids.push_back(story.buy(10'000, 100));
    const auto offer = story.at(10).send({.side = Side::kSell, .cents = 10'000, .units = 300});
    for (const auto bid : bids) story.at(11).fill(bid, 100, 10'000, Liquidity::kMaker);
    story.fill(offer, 250, 10'000, Liquidity::kTaker);
    story.fill(offer, 50, 10'000, Liquidity::kTaker);
    ASSERT_EQ(story.findings().size(), 1U);
    // 100 + 100 + 50, then the 50 that were left of the third.
    EXPECT_EQ(story.findings().front().episodes, 4U);
    std::int64_t sold = 0;
    for (const Evidence& row : story.findings().front().evidence) {
        if (row.side == Side::kSell) sold += row.quantity.raw();
    }
    EXPECT_EQ(sold, Quantity::from_units(300).raw());
}

TEST(WashTrades, MatchesAFillOnlyOnce) {
    // One bid, two offers: the second one has met somebody else's.
    Story story(RuleId::kWashTrades);
    const auto bid = story.buy(10'000, 100);
    const Story::Terms offer{.side = Side::kSell, .cents = 10'000, .units = 100};
    const auto first = story.send(offer);
    const auto second = story.send(offer);
    story.fill(bid, 100, 10'000, Liquidity::kMaker);
    story.fill(first, 100, 10'000, Liquidity::kTaker);
    story.fill(second, 100, 10'000, Liquidity::kTaker);
    ASSERT_EQ(story.findings().size(), 1U);
    EXPECT_EQ(story.findings().front().episodes, 1U);
}

TEST(WashTrades, LeavesAloneWhoSellsAgainWhatItHasJustBought) {
    // A scratch: the same price, a moment later, but the offer was sent after the purchase.
    Story story(RuleId::kWashTrades);
    const auto bid = story.buy(10'000, 100);
    story.at(50).fill(bid, 100, 10'000, Liquidity::kMaker);
    const auto offer = story.at(50).send({.side = Side::kSell, .cents = 10'000, .units = 100});
    story.fill(offer, 100, 10'000, Liquidity::kTaker);
    EXPECT_TRUE(story.findings().empty());
}

TEST(WashTrades, LeavesAloneAnOfferThatCameDownAfterThePurchase) {
    // Both orders stood before the first fill, but the offer had another price then.
    Story story(RuleId::kWashTrades);
    const auto bid = story.buy(10'000, 100);
    const auto offer = story.sell(10'010, 100);
    story.at(50).fill(bid, 100, 10'000, Liquidity::kMaker);
    story.at(60).replace(offer, 10'000, 100);
    story.at(70).fill(offer, 100, 10'000, Liquidity::kTaker);
    EXPECT_TRUE(story.findings().empty());
}

TEST(WashTrades, LeavesAloneTwoSidedQuoting) {
    Story story(RuleId::kWashTrades);
    for (int i = 0; i < 20; ++i) {
        story.at(i * 100);
        const auto bid = story.buy(9'999, 100);
        const auto ask = story.sell(10'001, 100);
        story.fill(bid, 100);
        story.fill(ask, 100);
    }
    EXPECT_TRUE(story.findings().empty());
}

TEST(WashTrades, LeavesAloneTwoFillsThatBothTookLiquidity) {
    // Two strategies, one buys and one sells at the opening of the same bar.
    Story story(RuleId::kWashTrades);
    const auto one = story.show({.cents = 0, .type = OrderType::kMarket});
    const auto other =
        story.show({.side = Side::kSell, .cents = 0, .strategy = 1, .type = OrderType::kMarket});
    story.fill(one, 100, 10'000, Liquidity::kTaker);
    story.fill(other, 100, 10'000, Liquidity::kTaker);
    EXPECT_TRUE(story.findings().empty());
}

TEST(WashTrades, HoldsItsTimeAndPriceExactly) {
    for (const std::int64_t ms : {100, 101}) {
        Story story(RuleId::kWashTrades);
        const auto bid = story.buy(10'000, 100);
        const auto offer = story.send({.side = Side::kSell, .cents = 10'000, .units = 100});
        story.at(0).fill(bid, 100, 10'000, Liquidity::kMaker);
        story.at(ms).fill(offer, 100, 10'000, Liquidity::kTaker);
        EXPECT_EQ(story.findings().size(), ms == 100 ? 1U : 0U) << ms;
    }
    // 1 cent of 100.00 is 0.0001.
    for (const char* price_max : {"0.0001", "0.00009"}) {
        Story story(RuleId::kWashTrades, {std::string("wash_trades.price_max=") + price_max});
        const auto bid = story.buy(10'000, 100);
        const auto offer = story.send({.side = Side::kSell, .cents = 9'999, .units = 100});
        story.fill(bid, 100, 10'000, Liquidity::kMaker);
        story.fill(offer, 100, 9'999, Liquidity::kTaker);
        EXPECT_EQ(story.findings().size(), price_max == std::string("0.0001") ? 1U : 0U);
    }
}

TEST(WashTrades, NeedsItsCount) {
    for (const int times : {2, 3}) {
        Story story(RuleId::kWashTrades, {"wash_trades.count_min=3"});
        for (int i = 0; i < times; ++i) cross(story, 0, 0, 0, i * 60'000);
        EXPECT_EQ(story.findings().size(), times == 3 ? 1U : 0U) << times;
    }
}

}  // namespace
}  // namespace fermata::surveillance

#include "risk/surveillance/surveillance.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>

#include "tests/risk/surveillance/story.hpp"
#include "tests/support/dice.hpp"

namespace fermata::surveillance {
namespace {

std::vector<RuleId> every_rule() {
    std::vector<RuleId> all;
    for (const RuleInfo& rule : rules()) all.push_back(rule.id);
    return all;
}

TEST(Surveillance, SaysWhichRulesItDidNotApplyAndWhy) {
    Story story(Story::setup_of(every_rule(), {}, {}, "the sources are gone"));
    story.take(Side::kBuy, 100, 10'000);
    for (const RuleInfo& rule : rules()) {
        const RuleOutcome outcome = story.outcome(rule.id);
        EXPECT_TRUE(outcome.wanted);
        EXPECT_EQ(outcome.applied, !rule.needs_market) << rule.name;
        EXPECT_EQ(outcome.note,
                  rule.needs_market ? "needs prices: the sources are gone" : std::string())
            << rule.name;
    }
}

TEST(Surveillance, AppliesOnlyWhatIsWanted) {
    Story story(RuleId::kWashTrades);
    EXPECT_TRUE(story.outcome(RuleId::kWashTrades).wanted);
    EXPECT_FALSE(story.outcome(RuleId::kSpoofing).wanted);
    EXPECT_EQ(story.outcome(RuleId::kSpoofing).note, "not asked for");
}

TEST(Surveillance, CountsItsFindingsByRule) {
    Story story(RuleId::kWashTrades, {"wash_trades.within=1s"});
    for (int i = 0; i < 3; ++i) {
        const auto bid = story.at(i * 60'000).buy(10'000, 1);
        const auto offer = story.send({.side = Side::kSell, .units = 1});
        story.fill(bid, 1, 10'000, Liquidity::kMaker);
        story.fill(offer, 1, 10'000, Liquidity::kTaker);
    }
    EXPECT_EQ(story.findings().size(), 3U);
    EXPECT_EQ(story.outcome(RuleId::kWashTrades).findings, 3U);
}

/// An hour of one firm that means what it does, over a market that trades far more than it: a
/// market maker that cancels and quotes again when the price has moved, a patient seller that
/// follows the price with a larger order, and a trend follower that buys and sells at market.
class HonestFirm {
public:
    HonestFirm(Story& story, std::uint64_t seed) : story_(story), dice_(seed) {}

    void trade_for_an_hour() {
        for (std::int64_t ms = 0; ms < 3'600'000; ms += 200) {
            story_.at(ms);
            mid_ = std::max<std::int64_t>(9'000, mid_ + roll(3) - 1);
            story_.quote(mid_ - 1, mid_ + 1);
            story_.trade(mid_, 50 + roll(450));
            make_markets();
            sell_patiently();
            if (roll(150) == 0) follow_the_trend();
        }
        story_.close_session();
    }
    [[nodiscard]] std::uint64_t fills() const { return fills_; }

private:
    struct Resting {
        std::uint64_t id = 0;  // 0: none
        std::int64_t left = 0;
        std::int64_t cents = 0;
    };
    std::int64_t roll(std::int64_t sides) { return dice_.pick(0, sides - 1); }
    void hit(Resting& order, std::int64_t most) {
        const std::int64_t units = std::min(order.left, 1 + roll(most));
        story_.fill(order.id, units);
        ++fills_;
        order.left -= units;
        if (order.left == 0) order.id = 0;
    }
    void quote(Resting& order, Side side) {
        if (order.id != 0) story_.cancel(order.id);
        order.left = 50 + roll(100);
        order.cents = side == Side::kBuy ? mid_ - 5 : mid_ + 5;
        order.id = story_.show({.side = side, .cents = order.cents, .units = order.left});
    }
    void make_markets() {
        if (bid_.id != 0 && roll(12) == 0) hit(bid_, 100);
        if (ask_.id != 0 && roll(12) == 0) hit(ask_, 100);
        const bool moved = std::abs(mid_ - quoted_at_) >= 3;
        if (moved || bid_.id == 0) quote(bid_, Side::kBuy);
        if (moved || ask_.id == 0) quote(ask_, Side::kSell);
        if (moved) quoted_at_ = mid_;
    }
    void sell_patiently() {
        if (offer_.id != 0 && roll(25) == 0) hit(offer_, 60);
        if (offer_.id == 0) {
            if (roll(200) != 0) return;
            offer_.left = 200 + roll(200);
            offer_.cents = mid_ + 3;
            offer_.id = story_.show(
                {.side = Side::kSell, .cents = offer_.cents, .units = offer_.left, .strategy = 1});
        } else if (std::abs(offer_.cents - mid_ - 3) >= 10) {
            story_.cancel(offer_.id);
            offer_.cents = mid_ + 3;
            offer_.id = story_.show(
                {.side = Side::kSell, .cents = offer_.cents, .units = offer_.left, .strategy = 1});
        }
    }
    void follow_the_trend() {
        const Side side = roll(2) == 0 ? Side::kBuy : Side::kSell;
        const auto id = story_.show(
            {.side = side, .cents = 0, .units = 20, .strategy = 2, .type = OrderType::kMarket});
        story_.fill(id, 20, side == Side::kBuy ? mid_ + 1 : mid_ - 1, Liquidity::kTaker);
        ++fills_;
    }

    Story& story_;
    test::Dice dice_;
    std::int64_t mid_ = 10'000;
    std::int64_t quoted_at_ = 10'000;
    Resting bid_, ask_, offer_;
    std::uint64_t fills_ = 0;
};

TEST(Surveillance, FindsNothingInTheRandomFlowOfAnHonestFirm) {
    for (std::uint64_t seed = 1; seed <= 10; ++seed) {
        Story story(Story::setup_of(every_rule()));
        HonestFirm firm(story, seed);
        firm.trade_for_an_hour();
        EXPECT_GT(firm.fills(), 1'000U);
        for (const Finding& f : story.findings()) {
            ADD_FAILURE() << "seed " << seed << ": " << info(f.rule).name << ", " << f.episodes
                          << " episodes, from " << (f.begin.ns - Story::kBegin) / 1'000'000
                          << " ms";
        }
        for (const RuleInfo& rule : rules()) {
            EXPECT_TRUE(story.outcome(rule.id).applied) << rule.name;
            EXPECT_EQ(story.outcome(rule.id).note, "") << rule.name;
        }
    }
}

TEST(Surveillance, FindsTheSameInTheSameFlow) {
    // Twice the same hour, with thresholds so low that much is found.
    const auto run = [] {
        Story story(Story::setup_of(
            every_rule(),
            {"spoofing.size_min=1", "spoofing.count_min=1", "layering.levels_min=2",
             "layering.size_min=1", "layering.count_min=1", "order_to_trade.number_max=1"}));
        HonestFirm firm(story, 7);
        firm.trade_for_an_hour();
        std::vector<std::string> all;
        for (const Finding& f : story.findings()) {
            all.push_back(std::string(info(f.rule).name) + std::to_string(f.begin.ns) + " " +
                          std::to_string(f.episodes) + " " + std::to_string(f.evidence.size()));
        }
        return all;
    };
    const auto first = run();
    EXPECT_FALSE(first.empty());
    EXPECT_EQ(first, run());
}

}  // namespace
}  // namespace fermata::surveillance

// STALE, CROSSED, BEST_EXECUTION: what the gate makes of the market data itself.

#include "risk/market_quality.hpp"

#include <gtest/gtest.h>

#include <string>
#include <tuple>

#include "tests/risk/gate_fixture.hpp"

namespace fermata::testing {
namespace {

MarketEvent bar(Timestamp end, std::uint32_t instrument, std::string_view close) {
    BarData data;
    data.close = price(close);
    return make_bar(end, {instrument}, {}, data);
}

TEST(GateStale, RefusesWhenTheNewestQuoteOrTradeIsOlderThanTheLimit) {
    GateWorld w(only({{"stale", "500ms"}}));
    w.trade(0, "100");
    w.now = w.now + Duration::milliseconds(500);
    EXPECT_EQ(w.text(w.order(0, Side::kBuy, "1")), "APPROVED") << "exactly at the limit";
    w.now = w.now + Duration{1};
    EXPECT_EQ(w.text(w.order(0, Side::kBuy, "1")), "STALE instrument 500000001ns 500ms");
    w.quote(0, "99", "101");
    EXPECT_EQ(w.text(w.order(0, Side::kBuy, "1")), "APPROVED");
}

TEST(GateStale, RefusesReductionsToo) {
    GateWorld w(only({{"stale", "500ms"}}));
    w.hold(0, "10", "100");
    w.now = w.now + Duration::seconds(1);
    EXPECT_EQ(w.text(w.order(0, Side::kSell, "10")), "STALE instrument 1s 500ms");
}

TEST(GateStale, RefusesAfterLostDataUntilSomethingNewerComes) {
    GateWorld w(only({{"stale", "500ms"}}));
    w.market(bar(w.now, 0, "100"));
    MarketEvent gap = make_event(MarketEventType::kGap, w.now, {0}, {});
    gap.data.gap = GapData{};
    w.market(gap);
    EXPECT_EQ(w.text(w.order(0, Side::kBuy, "1")), "STALE instrument data_lost -");
    EXPECT_EQ(w.text(w.order(1, Side::kBuy, "1")), "STALE instrument no_mark -");
    w.market(bar(w.now, 0, "100"));
    EXPECT_EQ(w.text(w.order(0, Side::kBuy, "1")), "APPROVED");
}

TEST(GateStale, DoesNotJudgeBarsByTheirAge) {
    GateWorld w(only({{"stale", "500ms"}}));
    w.market(bar(w.now, 0, "100"));
    w.now = w.now + Duration::seconds(86'400);
    EXPECT_EQ(w.text(w.order(0, Side::kBuy, "1")), "APPROVED");
}

TEST(GateStale, LeavesAClosedSessionToTheControlOfTheInstrument) {
    GateWorld w(only({{"stale", "500ms"}}));
    w.trade(0, "100");
    w.session(0, false);
    w.now = w.now + Duration::seconds(10);
    EXPECT_EQ(w.text(w.order(0, Side::kBuy, "1")), "INSTRUMENT instrument closed -");
}

TEST(GateStale, TakesItsLimitFromTheInstrument) {
    RiskConfig config(RiskProfile::kUnlimited);
    ASSERT_TRUE(config.set_override(Scope::kInstrument, 1, "stale", "10ms"));
    GateWorld w(config);
    w.trade(0, "100");
    w.trade(1, "100");
    w.now = w.now + Duration::milliseconds(11);
    EXPECT_EQ(w.text(w.order(0, Side::kBuy, "1")), "APPROVED");
    EXPECT_EQ(w.text(w.order(1, Side::kBuy, "1")), "STALE instrument 11ms 10ms");
}

// Bid, offer, the text.
using Spread = std::tuple<const char*, const char*, const char*>;
class GateCrossedSpread : public ::testing::TestWithParam<Spread> {};

TEST_P(GateCrossedSpread, IsJudgedByTheMid) {
    const auto [bid, ask, text] = GetParam();
    GateWorld w(only({{"crossed_spread", "5%"}}));
    w.quote(0, bid, ask);
    EXPECT_EQ(w.text(w.order(0, Side::kBuy, "1")), text);
    EXPECT_EQ(w.text(w.order(0, Side::kSell, "1")), text);
}

INSTANTIATE_TEST_SUITE_P(
    Boundaries, GateCrossedSpread,
    ::testing::Values(Spread{"99", "101", "APPROVED"},
                      Spread{"97.5", "102.5", "APPROVED"},  // 5 of 100
                      Spread{"97.5", "102.500000001", "CROSSED instrument 5.000000001 5"},
                      Spread{"100", "100", "CROSSED instrument 100 100"},  // locked
                      Spread{"101", "99", "CROSSED instrument 101 99"},
                      Spread{"-41", "-39", "APPROVED"},  // 2 of 40: 5%
                      Spread{"-41.01", "-38.99", "CROSSED instrument 2.02 2"},
                      Spread{"-1", "1", "CROSSED instrument 2 0"},  // nothing is a share of 0
                      Spread{"1", "9000000001", "CROSSED instrument 9000000000 225000000.05"}));

TEST(GateCrossed, RefusesAfterAJumpUntilTheNextEventConfirmsThePrice) {
    GateWorld w(only({{"crossed_jump", "10%"}}));
    w.trade(0, "100");
    EXPECT_EQ(w.text(w.order(0, Side::kBuy, "1")), "APPROVED") << "nothing came before";
    w.trade(0, "110");
    EXPECT_EQ(w.text(w.order(0, Side::kBuy, "1")), "APPROVED") << "exactly at the limit";
    w.trade(0, "98.99");
    EXPECT_EQ(w.text(w.order(0, Side::kBuy, "1")), "CROSSED instrument 98.99 110");
    w.trade(0, "98.99");
    EXPECT_EQ(w.text(w.order(0, Side::kBuy, "1")), "APPROVED");
    w.trade(0, "-5");
    EXPECT_EQ(w.text(w.order(0, Side::kBuy, "1")), "CROSSED instrument -5 98.99");
    w.trade(0, "-5.5");
    EXPECT_EQ(w.text(w.order(0, Side::kBuy, "1")), "APPROVED") << "10% of 5";
    w.trade(0, "-6.06");
    EXPECT_EQ(w.text(w.order(0, Side::kBuy, "1")), "CROSSED instrument -6.06 -5.5");
}

TEST(GateCrossed, DoesNotTakeASplitForAJump) {
    GateWorld w(only({{"crossed_jump", "10%"}}));
    w.trade(0, "100");
    MarketEvent split = make_event(MarketEventType::kCorporateAction, w.now, {0}, {});
    split.data.corporate_action = CorporateActionData{};
    split.data.corporate_action.numerator = 4;
    w.market(split);
    EXPECT_EQ(w.text(w.order(0, Side::kBuy, "1")), "APPROVED");
    w.trade(0, "25.1");
    EXPECT_EQ(w.text(w.order(0, Side::kBuy, "1")), "APPROVED");
    w.trade(0, "100");
    EXPECT_EQ(w.text(w.order(0, Side::kBuy, "1")), "CROSSED instrument 100 25.1");
}

TEST(GateBestExecution, BindsLimitsByTheBestPriceOfTheOtherSide) {
    GateWorld w(only({{"best_execution", "2%"}}));
    w.quote(0, "90", "100");
    EXPECT_EQ(w.text(w.limit(0, Side::kBuy, "1", "102")), "APPROVED");
    EXPECT_EQ(w.text(w.limit(0, Side::kBuy, "1", "102.01")), "BEST_EXECUTION order 102.01 102");
    EXPECT_EQ(w.text(w.limit(0, Side::kSell, "1", "88.2")), "APPROVED");
    EXPECT_EQ(w.text(w.limit(0, Side::kSell, "1", "88.19")), "BEST_EXECUTION order 88.19 88.2");
    EXPECT_EQ(w.text(w.limit(0, Side::kBuy, "1", "1")), "APPROVED") << "it only waits";
    EXPECT_EQ(w.text(w.order(0, Side::kBuy, "1")), "APPROVED") << "COLLAR values market orders";
    w.quote(0, "-102", "-100");
    EXPECT_EQ(w.text(w.limit(0, Side::kBuy, "1", "-98")), "APPROVED");
    EXPECT_EQ(w.text(w.limit(0, Side::kBuy, "1", "-97.99")), "BEST_EXECUTION order -97.99 -98");
    EXPECT_EQ(w.text(w.limit(0, Side::kSell, "1", "-104.05")),
              "BEST_EXECUTION order -104.05 -104.04");
}

TEST(GateBestExecution, HasNothingToCompareWithoutAQuote) {
    GateWorld w(only({{"best_execution", "2%"}}));
    EXPECT_EQ(w.text(w.limit(0, Side::kBuy, "1", "500")), "APPROVED");
    w.trade(0, "100");
    EXPECT_EQ(w.text(w.limit(0, Side::kBuy, "1", "500")), "APPROVED");
}

TEST(GateVerdict, KeepsTheQuoteThatTheDecisionSaw) {
    GateWorld w(only({}));
    w.trade(0, "100");
    EXPECT_EQ(quote_of(w.judge(w.order(0, Side::kBuy, "1"))), std::nullopt);
    for (const auto& [bid, ask] :
         {std::pair{"99.99", "100.02"}, std::pair{"99.99", "99.99"},
          std::pair{"-41", "-40.999999998"}, std::pair{"0.000000001", "72057594.037927934"}}) {
        w.quote(0, bid, ask);
        const QuotePrices expected{price(bid), price(ask)};
        EXPECT_EQ(quote_of(w.judge(w.order(0, Side::kBuy, "1"))), expected) << bid;
    }
    w.quote(0, "0.000000001", "72057594.037927937");
    EXPECT_EQ(quote_of(w.judge(w.order(0, Side::kBuy, "1"))), std::nullopt) << "does not fit";
    w.quote(0, "100", "99");
    EXPECT_EQ(quote_of(w.judge(w.order(0, Side::kBuy, "1"))), std::nullopt);
}

}  // namespace
}  // namespace fermata::testing

// MAX_QUANTITY, MAX_NOTIONAL and COLLAR through the gate. Every account starts with 100,000.

#include <gtest/gtest.h>

#include "tests/risk/gate_fixture.hpp"

namespace fermata::testing {
namespace {

TEST(GateMaxQuantity, IsTheConfiguredNumberWhereTheVolumeIsUnknown) {
    GateWorld w(only({{"max_quantity", "1000"}, {"max_quantity_adv", "1%"}}));
    EXPECT_EQ(w.text(w.order(0, Side::kBuy, "1000")), "APPROVED");
    EXPECT_EQ(w.text(w.order(0, Side::kBuy, "1001")), "MAX_QUANTITY order 1001 1000");
}

TEST(GateMaxQuantity, IsTheShareOfTheVolumeWhereThatIsLess) {
    GateWorld w(only({{"max_quantity", "1000"}, {"max_quantity_adv", "1%"}}));
    w.instrument(0).average_daily_volume = quantity("12345");
    w.instrument(1).average_daily_volume = quantity("1000000");
    EXPECT_EQ(w.text(w.order(0, Side::kSell, "123")), "APPROVED");
    EXPECT_EQ(w.text(w.order(0, Side::kSell, "124")), "MAX_QUANTITY order 124 123.45");
    EXPECT_EQ(w.text(w.order(1, Side::kBuy, "1000")), "APPROVED");
    EXPECT_EQ(w.text(w.order(1, Side::kBuy, "1001")), "MAX_QUANTITY order 1001 1000");
}

TEST(GateMaxQuantity, LetsAReplaceToLessThrough) {
    GateWorld w(only({{"max_quantity", "10"}}));
    const Order live = w.open(w.limit(0, Side::kBuy, "20", "99"));  // from before the limit
    const auto to = [&](const char* size) {
        return w.text(w.gate().check_replace(w.replace(live, size, "99"), live));
    };
    EXPECT_EQ(to("20"), "APPROVED");
    EXPECT_EQ(to("15"), "APPROVED");
    EXPECT_EQ(to("21"), "MAX_QUANTITY order 21 10");
}

TEST(GateMaxNotional, PassesAtTheLimitAndFailsOneUnitOver) {
    GateWorld w(only({{"max_notional", "2%"}}));  // 2,000
    w.trade(0, "100");
    EXPECT_EQ(w.text(w.limit(0, Side::kBuy, "20", "100")), "APPROVED");
    EXPECT_EQ(w.text(w.limit(0, Side::kBuy, "20", "100.01")), "MAX_NOTIONAL order 2000.2 2000");
    EXPECT_EQ(w.text(w.limit(0, Side::kBuy, "21", "100")), "MAX_NOTIONAL order 2100 2000");
}

TEST(GateMaxNotional, ValuesMarketOrdersAtTheCollarAndCountsTheMultiplier) {
    GateWorld w(only({{"max_notional", "2%"}}));
    w.trade(0, "100");
    EXPECT_EQ(w.text(w.order(0, Side::kBuy, "19")), "APPROVED");  // 19 x 105 = 1,995
    EXPECT_EQ(w.text(w.order(0, Side::kBuy, "20")), "MAX_NOTIONAL order 2100 2000");
    EXPECT_EQ(w.text(w.order(0, Side::kSell, "20")), "APPROVED");  // at 100 at most
    EXPECT_EQ(w.text(w.order(0, Side::kSell, "21")), "MAX_NOTIONAL order 2100 2000");
    w.trade(2, "40");  // a future: 50 units each
    EXPECT_EQ(w.text(w.limit(2, Side::kBuy, "1", "40")), "APPROVED");
    EXPECT_EQ(w.text(w.limit(2, Side::kBuy, "1", "40.25")), "MAX_NOTIONAL order 2012.5 2000");
}

TEST(GateMaxNotional, ValuesASaleBelowTheMarketAtTheMarket) {
    // Price and quantity swapped: 6,100 shares at 1 instead of 1 share at 6,100.
    GateWorld w(only({{"max_notional", "2%"}}));
    w.trade(0, "6100");
    EXPECT_EQ(w.text(w.limit(0, Side::kSell, "6100", "1")), "MAX_NOTIONAL order 37210000 2000");
}

TEST(GateMaxNotional, TakesNegativePricesBySize) {
    GateWorld w(only({{"max_notional", "2%"}}));
    w.trade(0, "-40");
    EXPECT_EQ(w.text(w.limit(0, Side::kSell, "50", "-40")), "APPROVED");
    EXPECT_EQ(w.text(w.limit(0, Side::kSell, "51", "-40")), "MAX_NOTIONAL order 2040 2000");
    EXPECT_EQ(w.text(w.order(0, Side::kSell, "48")), "MAX_NOTIONAL order 2016 2000");  // at -42
}

TEST(GateMaxNotional, LetsAReplaceThroughThatIsNotLarger) {
    GateWorld w(only({{"max_notional", "2%"}}));
    w.trade(0, "100");
    const Order live = w.open(w.limit(0, Side::kBuy, "30", "99"));  // 2,970: equity fell since
    const auto to = [&](const char* size, const char* at) {
        return w.text(w.gate().check_replace(w.replace(live, size, at), live));
    };
    EXPECT_EQ(to("25", "99"), "APPROVED");
    EXPECT_EQ(to("30", "98"), "APPROVED");
    EXPECT_EQ(to("30", "99.01"), "MAX_NOTIONAL order 2970.3 2000");
    EXPECT_EQ(to("31", "98"), "MAX_NOTIONAL order 3038 2000");
}

TEST(GateCollar, BoundsHowFarALimitGoesThroughTheReference) {
    GateWorld w(only({{"collar", "5%"}}));
    w.trade(0, "100");
    EXPECT_EQ(w.text(w.limit(0, Side::kBuy, "1", "105")), "APPROVED");
    EXPECT_EQ(w.text(w.limit(0, Side::kBuy, "1", "105.01")), "COLLAR order 105.01 105");
    EXPECT_EQ(w.text(w.limit(0, Side::kSell, "1", "95")), "APPROVED");
    EXPECT_EQ(w.text(w.limit(0, Side::kSell, "1", "94.99")), "COLLAR order 94.99 95");
    EXPECT_EQ(w.text(w.limit(0, Side::kBuy, "1", "0.01")), "APPROVED");  // passive: any distance
    EXPECT_EQ(w.text(w.limit(0, Side::kSell, "1", "900")), "APPROVED");
}

TEST(GateCollar, MeasuresFromTheMidOfAQuote) {
    GateWorld w(only({{"collar", "5%"}}));
    w.quote(0, "99", "103");  // mid 101, 5% of it 5.05
    EXPECT_EQ(w.text(w.limit(0, Side::kBuy, "1", "106.05")), "APPROVED");
    EXPECT_EQ(w.text(w.limit(0, Side::kBuy, "1", "106.06")), "COLLAR order 106.06 106.05");
}

TEST(GateCollar, LetsOnlyWhatReducesPassAtAPriceOfZero) {
    GateWorld w(RiskConfig(RiskProfile::kHouse));
    const auto refused = [&](const OrderEvent& e) {
        return (w.gate().check_new(e).failed & bit(ControlId::kCollar)) != 0;
    };
    w.trade(0, "100");
    w.hold(0, "10", "100");
    w.trade(0, "0");
    EXPECT_TRUE(refused(w.order(0, Side::kBuy, "1000000"))) << "no limit on values binds";
    EXPECT_TRUE(refused(w.order(0, Side::kBuy, "1")));
    EXPECT_TRUE(refused(w.limit(0, Side::kBuy, "1", "-0.01")));
    EXPECT_TRUE(refused(w.order(0, Side::kSell, "11"))) << "it turns the position";
    EXPECT_FALSE(refused(w.order(0, Side::kSell, "10"))) << "the way out stays open";
    w.quote(0, "-0.01", "0.01");
    EXPECT_TRUE(refused(w.order(0, Side::kBuy, "1"))) << "a mid of zero";
    w.quote(0, "0.01", "0.01");
    EXPECT_FALSE(refused(w.order(0, Side::kBuy, "1")));
}
TEST(GateCollar, WorksBelowZero) {
    GateWorld w(only({{"collar", "5%"}}));
    w.trade(0, "-40");
    EXPECT_EQ(w.text(w.limit(0, Side::kBuy, "1", "-38")), "APPROVED");
    EXPECT_EQ(w.text(w.limit(0, Side::kBuy, "1", "-37.99")), "COLLAR order -37.99 -38");
    EXPECT_EQ(w.text(w.limit(0, Side::kSell, "1", "-42")), "APPROVED");
    EXPECT_EQ(w.text(w.limit(0, Side::kSell, "1", "-42.01")), "COLLAR order -42.01 -42");
}

TEST(GateCollar, MeasuresAStopLimitFromItsTrigger) {
    GateWorld w(only({{"collar", "5%"}}));
    w.trade(0, "100");
    const auto stop_limit = [&](Side side, const char* stop, const char* at) {
        OrderEvent e = w.limit(0, side, "1", at);
        e.data.new_order.type = OrderType::kStopLimit;
        e.data.new_order.stop_price = price(stop);
        return w.text(e);
    };
    EXPECT_EQ(stop_limit(Side::kBuy, "110", "115.5"), "APPROVED");
    EXPECT_EQ(stop_limit(Side::kBuy, "110", "115.51"), "COLLAR order 115.51 115.5");
    EXPECT_EQ(stop_limit(Side::kBuy, "90", "105.01"), "COLLAR order 105.01 105");
    EXPECT_EQ(stop_limit(Side::kSell, "80", "76"), "APPROVED");
    EXPECT_EQ(stop_limit(Side::kSell, "80", "75.99"), "COLLAR order 75.99 76");
}

TEST(GateTradeLoss, LimitsWhatAStressedMoveAgainstAnOrderThatOpensWouldCost) {
    GateWorld w(only({{"trade_loss", "2%"}}));  // 2,000, at a move of 20% and slippage of 0.1%
    w.trade(0, "100");
    EXPECT_EQ(w.text(w.limit(0, Side::kBuy, "99", "100")), "APPROVED");  // 1,989.90
    EXPECT_EQ(w.text(w.limit(0, Side::kBuy, "100", "100")), "TRADE_LOSS order 2010 2000");
    EXPECT_EQ(w.text(w.limit(0, Side::kSell, "100", "100")), "TRADE_LOSS order 2010 2000");
    w.hold(0, "500", "100");
    EXPECT_EQ(w.text(w.limit(0, Side::kSell, "500", "100")), "APPROVED") << "it opens nothing";
    EXPECT_EQ(w.text(w.order(1, Side::kBuy, "1")), "TRADE_LOSS order no_mark -");
}

TEST(GateTradeLoss, IsExactAtTheLimitAndForLargeAccounts) {
    GateWorld w(
        only({{"trade_loss", "2%"}, {"trade_loss_move", "20%"}, {"trade_loss_slippage", "0%"}}));
    w.opening_cash = money("1000000000000");
    w.trade(0, "1000");
    EXPECT_EQ(w.text(w.limit(0, Side::kBuy, "100000000", "1000")), "APPROVED");
    EXPECT_EQ(w.text(w.limit(0, Side::kBuy, "100000001", "1000")),
              "TRADE_LOSS order 20000000200 20000000000");
}

TEST(GateTradeLoss, ZeroAndNegativeEquitySupportNothing) {
    GateWorld w(only({{"trade_loss", "2%"}}));
    w.opening_cash = Money::zero();
    w.trade(0, "-40");
    EXPECT_EQ(w.text(w.limit(0, Side::kBuy, "1", "-40")), "TRADE_LOSS order 8.04 0");
    w.hold(1, "1", "100");
    w.trade(1, "50");
    EXPECT_EQ(w.text(w.limit(0, Side::kBuy, "1", "-40")), "TRADE_LOSS order 8.04 -1");
}

}  // namespace
}  // namespace fermata::testing

// MAX_QUANTITY, MAX_NOTIONAL, COLLAR, OPEN_ORDERS, POSITION, LEVERAGE, CASH and DRAWDOWN through
// the gate. Every account starts with 100,000; AAA stands at 100 unless a test says otherwise.

#include <gtest/gtest.h>

#include <initializer_list>
#include <utility>

#include "tests/risk/gate_fixture.hpp"

namespace fermata::testing {
namespace {

/// Only the limits that are named.
RiskConfig only(std::initializer_list<std::pair<const char*, const char*>> limits) {
    RiskConfig config(RiskProfile::kUnlimited);
    for (const auto& [key, value] : limits) FERMATA_ASSERT(config.set_limit(key, value).ok());
    return config;
}

OrderEvent in_account(std::uint16_t account, const OrderEvent& order) {
    OrderEvent e = order;
    e.data.new_order.account = {account};
    return e;
}

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

TEST(GateOpenOrders, CountsTheLiveOrdersOfAnInstrument) {
    GateWorld w(only({{"open_orders", "2"}}));
    w.open(w.limit(0, Side::kBuy, "1", "99"));
    EXPECT_EQ(w.text(w.limit(0, Side::kSell, "1", "101")), "APPROVED");
    const Order live = w.open(w.limit(0, Side::kSell, "1", "101"));
    EXPECT_EQ(w.text(w.limit(0, Side::kBuy, "1", "98")), "OPEN_ORDERS instrument 3 2");
    EXPECT_EQ(w.text(w.limit(1, Side::kBuy, "1", "98")), "APPROVED") << "another instrument";
    EXPECT_EQ(w.text(in_account(1, w.limit(0, Side::kBuy, "1", "98"))), "APPROVED");
    EXPECT_EQ(w.text(w.gate().check_replace(w.replace(live, "2", "101"), live)), "APPROVED")
        << "a replace adds no order";
}

TEST(GateOpenOrders, BoundsTheirValue) {
    GateWorld w(only({{"open_orders_notional", "10%"}}));  // 10,000
    w.trade(0, "100");
    const Order live = w.open(w.limit(0, Side::kBuy, "90", "100"));
    EXPECT_EQ(w.text(w.limit(0, Side::kBuy, "10", "100")), "APPROVED");
    EXPECT_EQ(w.text(w.limit(0, Side::kBuy, "10", "100.01")),
              "OPEN_ORDERS instrument 10000.1 10000");
    const auto to = [&](const char* size, const char* at) {
        return w.text(w.gate().check_replace(w.replace(live, size, at), live));
    };
    EXPECT_EQ(to("100", "100"), "APPROVED");
    EXPECT_EQ(to("101", "100"), "OPEN_ORDERS instrument 10100 10000");
    EXPECT_EQ(to("100", "100.01"), "OPEN_ORDERS instrument 10001 10000");
}

TEST(GatePosition, IsTheWorstCaseWithThisOrderAtTheMark) {
    GateWorld w(only({{"position", "5%"}}));  // 5,000
    w.hold(0, "30", "100");
    EXPECT_EQ(w.text(w.order(0, Side::kBuy, "20")), "APPROVED");
    EXPECT_EQ(w.text(w.order(0, Side::kBuy, "21")), "POSITION instrument 5100 5000");
    w.open(w.limit(0, Side::kBuy, "10", "90"));  // at its mark, not at its limit
    EXPECT_EQ(w.text(w.order(0, Side::kBuy, "10")), "APPROVED");
    EXPECT_EQ(w.text(w.order(0, Side::kBuy, "11")), "POSITION instrument 5100 5000");
}

TEST(GatePosition, LooksAtBothSides) {
    GateWorld w(only({{"position", "5%"}}));
    w.hold(0, "30", "100", 1);
    const auto sell = [&](const char* size) {
        return w.text(in_account(1, w.order(0, Side::kSell, size)));
    };
    EXPECT_EQ(sell("80"), "APPROVED");  // 50 short at worst
    EXPECT_EQ(sell("81"), "POSITION instrument 5100 5000");
    w.open(in_account(1, w.limit(0, Side::kSell, "30", "101")));
    EXPECT_EQ(sell("50"), "APPROVED");
    EXPECT_EQ(sell("51"), "POSITION instrument 5100 5000");
    EXPECT_EQ(w.text(in_account(1, w.order(0, Side::kBuy, "20"))), "APPROVED")
        << "open sales do not make room for purchases, nor take it";
    EXPECT_EQ(w.text(in_account(1, w.order(0, Side::kBuy, "21"))), "POSITION instrument 5100 5000");
}

TEST(GatePosition, APassiveBreachBlocksIncreasesOnly) {
    GateWorld w(only({{"position", "5%"}}));
    w.hold(0, "30", "100");
    w.trade(0, "200");  // worth 6,000 of an equity of 103,000, of which 5% are 5,150
    EXPECT_EQ(w.text(w.order(0, Side::kBuy, "1")), "POSITION instrument 6200 5150");
    EXPECT_EQ(w.text(w.order(0, Side::kSell, "1")), "APPROVED");
    EXPECT_EQ(w.text(w.order(0, Side::kSell, "60")), "APPROVED") << "30 short is no larger";
    EXPECT_EQ(w.text(w.order(0, Side::kSell, "61")), "POSITION instrument 6200 5150");
}

TEST(GatePosition, CountsAReplaceByWhatItAdds) {
    GateWorld w(only({{"position", "5%"}}));
    w.trade(0, "100");
    const Order live = w.open(w.limit(0, Side::kBuy, "40", "99"));
    const auto to = [&](const char* size) {
        return w.text(w.gate().check_replace(w.replace(live, size, "99"), live));
    };
    EXPECT_EQ(to("50"), "APPROVED");
    EXPECT_EQ(to("51"), "POSITION instrument 5100 5000");
    EXPECT_EQ(to("10"), "APPROVED");
}

TEST(GateLeverage, SumsTheWorstCasesOfAllInstruments) {
    GateWorld w(only({{"leverage", "1"}}));
    w.hold(0, "500", "100", 1);
    w.hold(1, "-300", "100", 1);  // gross 80,000, equity still 100,000
    const auto buy = [&](const char* size) {
        return w.text(in_account(1, w.order(0, Side::kBuy, size)));
    };
    EXPECT_EQ(buy("201"), "LEVERAGE account 100100 100000");
    const OrderEvent short_sale = in_account(1, w.limit(1, Side::kSell, "100", "101"));
    EXPECT_EQ(w.text(short_sale), "APPROVED");
    const Order live = w.open(short_sale);  // 10,000 more at the mark
    EXPECT_EQ(buy("101"), "LEVERAGE account 100100 100000");

    // Once it is canceled there is room again, although nobody told the gate.
    w.exposures().close(live, w.share(live, price("101")));
    EXPECT_EQ(buy("201"), "LEVERAGE account 100100 100000");
    EXPECT_EQ(buy("200"), "APPROVED");
}

TEST(GateLeverage, OrdersThatReduceTakeNoRoom) {
    GateWorld w(only({{"leverage", "1"}}));
    w.hold(0, "900", "100", 1);
    w.trade(1, "100");
    const OrderEvent sale = in_account(1, w.limit(0, Side::kSell, "900", "100"));
    EXPECT_EQ(w.text(sale), "APPROVED");
    w.open(sale);
    EXPECT_EQ(w.text(in_account(1, w.order(1, Side::kBuy, "100"))), "APPROVED");
    EXPECT_EQ(w.text(in_account(1, w.order(1, Side::kBuy, "101"))),
              "LEVERAGE account 100100 100000");
}

TEST(GateLeverage, AnApprovedOrderCountsBeforeItsFillIsKnown) {
    GateWorld w(only({{"leverage", "1"}}));
    w.trade(0, "100");
    w.trade(1, "100");
    const OrderEvent first = in_account(1, w.order(0, Side::kBuy, "600"));
    EXPECT_EQ(w.text(first), "APPROVED");
    w.open(first);
    EXPECT_EQ(w.text(in_account(1, w.order(1, Side::kBuy, "401"))),
              "LEVERAGE account 100100 100000");
    EXPECT_EQ(w.text(in_account(1, w.order(1, Side::kBuy, "400"))), "APPROVED");
}

TEST(GateCash, KeepsTheReserveAfterAllReservations) {
    GateWorld w(only({{"cash", "10%"}}));  // 10,000 stay
    w.trade(0, "100");
    EXPECT_EQ(w.text(w.limit(0, Side::kBuy, "900", "100")), "APPROVED");
    EXPECT_EQ(w.text(w.limit(0, Side::kBuy, "900", "100.01")), "CASH account 9991 10000");
    w.open(w.limit(0, Side::kBuy, "400", "100"));
    EXPECT_EQ(w.text(w.limit(0, Side::kBuy, "500", "100")), "APPROVED");
    EXPECT_EQ(w.text(w.limit(0, Side::kBuy, "501", "100")), "CASH account 9900 10000");
}

TEST(GateCash, ACashAccountSellsWhatItHolds) {
    GateWorld w(only({{"cash", "10%"}}));
    w.hold(0, "10", "100");
    EXPECT_EQ(w.text(w.order(0, Side::kSell, "10")), "APPROVED");
    EXPECT_EQ(w.text(w.order(0, Side::kSell, "11")), "CASH account short_sale -");
    w.open(w.limit(0, Side::kSell, "4", "101"));
    EXPECT_EQ(w.text(w.order(0, Side::kSell, "6")), "APPROVED");
    EXPECT_EQ(w.text(w.order(0, Side::kSell, "7")), "CASH account short_sale -");
    w.trade(1, "100");
    EXPECT_EQ(w.text(in_account(1, w.order(1, Side::kSell, "11"))), "APPROVED") << "margin account";
}

TEST(GateCash, BuyingBackAShortPositionIsNeverRefused) {
    GateWorld w(only({{"cash", "10%"}}));
    w.opening_cash = money("1000");
    w.hold(0, "-100", "100", 1);
    w.trade(0, "200");  // cash 11,000, equity -9,000
    EXPECT_EQ(w.text(in_account(1, w.order(0, Side::kBuy, "100"))), "APPROVED");
    EXPECT_NE(w.text(in_account(1, w.order(0, Side::kBuy, "101"))), "APPROVED");
}

TEST(GateUnknown, NoPriceRefusesWhatALimitOnValueWouldHaveToJudge) {
    GateWorld w;
    const VerdictData v = w.judge(w.limit(0, Side::kBuy, "1", "100"));
    EXPECT_EQ(w.text(v), "MAX_NOTIONAL order no_mark -");
    EXPECT_EQ(render_codes(v.failed), "MAX_NOTIONAL COLLAR OPEN_ORDERS POSITION LEVERAGE CASH");
}

TEST(GateUnknown, NoExchangeRateRefusesIncreasesButNotReductions) {
    GateWorld w;
    w.trade(0, "100");
    w.hold(3, "100", "10");  // 1,000 EUR, and no EURUSD
    ASSERT_FALSE(w.book().equity_known({0}));
    const VerdictData buy = w.judge(w.order(0, Side::kBuy, "1"));
    EXPECT_EQ(w.text(buy), "MAX_NOTIONAL order unknown_equity -");
    EXPECT_EQ(render_codes(buy.failed), "MAX_NOTIONAL OPEN_ORDERS POSITION LEVERAGE CASH");
    EXPECT_EQ(w.text(w.order(3, Side::kSell, "100")), "APPROVED");
    // With a rate of 1.25 the same purchase is judged: 2% of equity, and 200 x 10 EUR = 2,500 USD.
    w.trade(4, "1.25");
    ASSERT_TRUE(w.book().equity_known({0}));
    EXPECT_EQ(w.text(w.order(0, Side::kBuy, "1")), "APPROVED");
    EXPECT_EQ(w.text(w.limit(3, Side::kBuy, "160", "10")), "APPROVED");  // 2,000 USD
    EXPECT_EQ(w.text(w.limit(3, Side::kBuy, "161", "10")), "MAX_NOTIONAL order 2012.5 2000");
}

TEST(GateEquity, ZeroSupportsNothing) {
    GateWorld w;
    w.opening_cash = Money::zero();
    w.trade(0, "100");
    EXPECT_EQ(render_codes(w.judge(w.order(0, Side::kBuy, "1")).failed),
              "MAX_NOTIONAL OPEN_ORDERS POSITION LEVERAGE CASH");
}

TEST(GateEquity, NegativeLeavesTheWayOutOpen) {
    GateWorld w;
    w.opening_cash = money("1000");
    w.hold(0, "-100", "100", 1);
    w.trade(0, "120");  // cash 11,000, position -12,000
    ASSERT_EQ(w.book().equity({1}), money("-1000"));
    EXPECT_EQ(w.text(in_account(1, w.order(0, Side::kBuy, "100"))), "APPROVED");
    const VerdictData v = w.judge(in_account(1, w.order(0, Side::kSell, "1")));
    EXPECT_EQ(render_codes(v.failed), "MAX_NOTIONAL OPEN_ORDERS POSITION LEVERAGE");
    EXPECT_EQ(w.text(v), "MAX_NOTIONAL order 120 -20");
}

TEST(GateDrawdown, TripsOnceBeyondTheLimitAndHaltsTheFirm) {
    GateWorld w;
    w.trade(0, "100");
    Gate& gate = w.gate();
    EXPECT_TRUE(gate.watches_equity());
    EXPECT_FALSE(gate.on_equity({0}, money("100000"), w.now));
    EXPECT_FALSE(gate.on_equity({0}, money("120000"), w.now));
    EXPECT_FALSE(gate.on_equity({0}, money("102000"), w.now));  // 15% of 120,000: at the limit
    const auto tripped = gate.on_equity({0}, money("101999.999999"), w.now);
    ASSERT_TRUE(tripped);
    EXPECT_EQ(tripped->scope, ControlScope::kFirm);
    EXPECT_EQ(tripped->state, TradingState::kHalted);
    EXPECT_EQ(tripped->cancel_orders, 1);
    EXPECT_EQ(tripped->control, static_cast<std::uint8_t>(ControlId::kDrawdown));
    EXPECT_FALSE(gate.on_equity({0}, money("50000"), w.now)) << "once";
    EXPECT_EQ(render_codes(w.judge(w.order(0, Side::kBuy, "1")).failed), "STATE DRAWDOWN");
}

TEST(GateDrawdown, StartsAgainWhenAnOperatorReleasesTheFirm) {
    GateWorld w;
    w.trade(0, "100");
    Gate& gate = w.gate();
    (void)gate.on_equity({0}, money("100000"), w.now);
    ControlData c = gate.on_equity({0}, money("80000"), w.now).value();
    EXPECT_TRUE(gate.on_control(c));  // the owner hands its own halt back: no release
    EXPECT_EQ(gate.state(ControlScope::kFirm, 0), TradingState::kHalted);
    ControlData release;
    release.state = TradingState::kActive;
    EXPECT_TRUE(gate.on_control(release));
    EXPECT_EQ(w.text(w.order(0, Side::kBuy, "1")), "APPROVED");
    EXPECT_FALSE(gate.on_equity({0}, money("80000"), w.now)) << "the new high-water mark";
    EXPECT_FALSE(gate.on_equity({0}, money("68000"), w.now));
    EXPECT_TRUE(gate.on_equity({0}, money("67999.999999"), w.now));
}

TEST(GateDrawdown, TakesDepositsAndWithdrawalsOutOfTheAccount) {
    GateWorld w;
    Gate& gate = w.gate();
    (void)gate.on_equity({0}, money("100000"), w.now);
    gate.on_flow({0}, money("-50000"));  // equity 50,000 is no loss
    EXPECT_FALSE(gate.on_equity({0}, money("50000"), w.now));
    EXPECT_FALSE(gate.on_equity({0}, money("42500"), w.now));
    gate.on_flow({0}, money("100000"));  // the mark is 150,000 now
    EXPECT_FALSE(gate.on_equity({0}, money("142500"), w.now));
    EXPECT_TRUE(gate.on_equity({0}, money("127499"), w.now));
}

TEST(GateDrawdown, WatchesEachAccountAndNoneWithoutAPositiveMark) {
    RiskConfig config;
    ASSERT_TRUE(config.set_override(Scope::kAccount, 1, "drawdown", "0.3"));
    GateWorld w(config);
    Gate& gate = w.gate();
    EXPECT_FALSE(gate.on_equity({1}, money("-5"), w.now));
    EXPECT_FALSE(gate.on_equity({1}, money("-500"), w.now));
    EXPECT_FALSE(gate.on_equity({1}, money("100"), w.now));
    EXPECT_FALSE(gate.on_equity({1}, money("70"), w.now));
    EXPECT_TRUE(gate.on_equity({1}, money("69.9"), w.now));
    EXPECT_FALSE(GateWorld(only({})).gate().watches_equity());
}

TEST(Gate, SetsTheBitOfEveryControlThatRefuses) {
    GateWorld w;
    w.instrument(0).average_daily_volume = quantity("1000");
    w.hold(0, "1", "100");
    const OrderEvent used = w.order(0, Side::kBuy, "1");
    (void)w.judge(used);
    w.session(0, false);
    (void)w.gate().on_equity({0}, money("100"), w.now);
    ASSERT_TRUE(w.gate().on_equity({0}, money("1"), w.now));
    OrderEvent cancel = w.replace(Order{}, "1", "1");
    for (int i = 0; i < 200; ++i) w.gate().count_cancel(cancel);

    OrderEvent e = w.limit(0, Side::kBuy, "1000.5", "250.001");
    e.data.new_order.order_id = used.data.new_order.order_id;
    e.data.new_order.tif = TimeInForce::kGtd;
    e.data.new_order.expire_time = w.now;
    const VerdictData v = w.judge(e);
    EXPECT_EQ(render_codes(v.failed), render_codes(kBuiltControls));
    EXPECT_EQ(v.checked, kBuiltControls);
    EXPECT_EQ(v.approved, 0);
    EXPECT_EQ(render_verdict(v), "STATE firm HALTED ACTIVE 0123456789abcdef");
    for (const Control& c : kControls) {
        EXPECT_EQ(w.gate().counts().by_control[static_cast<std::size_t>(c.id)], c.built ? 1U : 0U)
            << c.code;
    }
}

TEST(Gate, AppliesOverridesOfStrategyInstrumentAndAccount) {
    RiskConfig config = only({{"position", "5%"}});
    ASSERT_TRUE(config.set_override(Scope::kInstrument, 1, "position", "10%"));
    ASSERT_TRUE(config.set_override(Scope::kStrategy, 1, "position", "1%"));
    GateWorld w(config);
    w.trade(0, "100");
    w.trade(1, "100");
    const auto by_strategy_1 = [&](const OrderEvent& order) {
        OrderEvent e = order;
        e.data.new_order.strategy = {1};
        e.data.new_order.tag = make_order_tag({1}, e.data.new_order.tag.value & 0xffff);
        return w.text(e);
    };
    EXPECT_EQ(w.text(w.order(0, Side::kBuy, "51")), "POSITION instrument 5100 5000");
    EXPECT_EQ(w.text(w.order(1, Side::kBuy, "100")), "APPROVED");
    EXPECT_EQ(w.text(w.order(1, Side::kBuy, "101")), "POSITION instrument 10100 10000");
    EXPECT_EQ(by_strategy_1(w.order(1, Side::kBuy, "10")), "APPROVED");
    EXPECT_EQ(by_strategy_1(w.order(1, Side::kBuy, "11")), "POSITION instrument 1100 1000");
}

TEST(GateReservePrice, IsWhatTheOrderManagerReserves) {
    RiskConfig config;
    ASSERT_TRUE(config.set_override(Scope::kInstrument, 1, "collar", "0.1"));
    GateWorld w(config);
    EXPECT_EQ(w.gate().reserve_price(w.order(0, Side::kBuy, "1")), Price{});
    w.trade(0, "100");
    w.trade(1, "100");
    EXPECT_EQ(w.gate().reserve_price(w.order(0, Side::kBuy, "1")), price("105"));
    EXPECT_EQ(w.gate().reserve_price(w.order(1, Side::kBuy, "1")), price("110"));
    const Order live = w.open(w.limit(0, Side::kBuy, "5", "99"));
    const OrderEvent lower = w.replace(live, "5", "98");
    (void)w.gate().check_replace(lower, live);
    EXPECT_EQ(w.gate().reserve_price(lower), price("99")) << "the old terms may still trade";
    const OrderEvent higher = w.replace(live, "5", "99.5");
    (void)w.gate().check_replace(higher, live);
    EXPECT_EQ(w.gate().reserve_price(higher), price("99.5"));
}

}  // namespace
}  // namespace fermata::testing

// OPEN_ORDERS, POSITION, LEVERAGE, CASH, and what happens when prices or equity are unknown or bad.
// Every account starts with 100,000.

#include <gtest/gtest.h>

#include "tests/risk/gate_fixture.hpp"

namespace fermata::testing {
namespace {

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
    w.close(live);
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

TEST(GateLeverage, AFillThatCrossesZeroDoesNotMakeRoom) {
    // 100 long with 200 for sale: at worst 100 in size. Once 100 are sold the account is flat, but
    // the other 100 may still make it 100 short.
    GateWorld w(only({{"leverage", "1"}}));
    w.trade(1, "100");
    w.hold(0, "100", "100", 1);
    Order live = w.open(in_account(1, w.limit(0, Side::kSell, "200", "100")));
    const auto buy = [&](const char* size) {
        return w.text(in_account(1, w.order(1, Side::kBuy, size)));
    };
    const OrderEvent sell_one_more = in_account(1, w.limit(0, Side::kSell, "1", "100"));
    EXPECT_EQ(w.text(sell_one_more), "APPROVED");  // the gate has seen the instrument's orders
    w.close(w.open(sell_one_more));
    EXPECT_EQ(buy("901"), "LEVERAGE account 100100 100000");
    w.fill(live, "100");
    EXPECT_EQ(buy("901"), "LEVERAGE account 100100 100000");
    EXPECT_EQ(buy("900"), "APPROVED");
}

TEST(GateLeverage, ValuesOpenOrdersOfOtherInstrumentsAnewAfterASecond) {
    GateWorld w(only({{"leverage", "1"}}));
    w.trade(0, "100");
    w.trade(1, "100");
    const OrderEvent first = in_account(1, w.limit(0, Side::kBuy, "400", "100"));
    EXPECT_EQ(w.text(first), "APPROVED");
    w.open(first);
    const auto buy = [&](const char* size) {
        return w.text(in_account(1, w.order(1, Side::kBuy, size)));
    };
    EXPECT_EQ(buy("600"), "APPROVED");
    w.trade(0, "150");  // the open order may come to 60,000 now
    w.now = w.now + GrossExposure::kRefreshEvery;
    EXPECT_EQ(buy("401"), "LEVERAGE account 100100 100000");
    EXPECT_EQ(buy("400"), "APPROVED");
}

TEST(GateReplaceWhilePending, CountsTheLargerOfAllTerms) {
    GateWorld w(only({{"position", "5%"}, {"max_notional", "5%"}}));  // 5,000
    w.trade(0, "100");
    Order live = w.open(w.limit(0, Side::kBuy, "20", "99"));
    live.replace_pending = true;  // to 45 at 99.5
    live.pending_quantity = quantity("45");
    live.pending_price = price("99.5");
    w.close(live);
    live.reserved_quantity = live.worst_leaves();
    live.reserved_value = money("4477.5");
    w.exposures().open(live, {live.reserved_quantity, live.reserved_value});
    const auto to = [&](const char* size, const char* at) {
        return w.text(w.gate().check_replace(w.replace(live, size, at), live));
    };
    EXPECT_EQ(to("50", "99"), "APPROVED");
    EXPECT_EQ(to("51", "98"), "POSITION instrument 5100 5000");
    // What the order may trade at already is no growth, whatever happened to the equity since.
    w.hold(1, "-1000", "10", 0);
    w.trade(1, "60");  // equity 50,000, of which 5% are 2,500
    EXPECT_EQ(to("45", "99.5"), "APPROVED");
    EXPECT_EQ(to("45", "99.51"), "MAX_NOTIONAL order 4477.95 2500");
}

TEST(GateOpenOrders, APassiveBreachLetsAReplaceToTheSameTermsThrough) {
    GateWorld w(only({{"open_orders_notional", "10%"}, {"cash", "50%"}}));
    w.trade(0, "100");
    const Order live = w.open(w.limit(0, Side::kBuy, "100", "100"));
    w.hold(1, "-1000", "10", 0);
    w.trade(1, "60");  // equity 50,000, of which 10% are 5,000
    const auto to = [&](const char* size, const char* at) {
        return render_codes(w.gate().check_replace(w.replace(live, size, at), live).failed);
    };
    EXPECT_EQ(to("100", "100"), "");
    EXPECT_EQ(to("90", "100"), "");
    EXPECT_EQ(to("100", "100.01"), "OPEN_ORDERS");
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
    EXPECT_EQ(render_codes(v.failed),
              "MAX_NOTIONAL COLLAR STALE CROSSED OPEN_ORDERS POSITION TURNOVER LEVERAGE CASH "
              "TRADE_LOSS VAR_PARAMETRIC VAR_HISTORICAL STRESS");
}

TEST(GateUnknown, NoExchangeRateRefusesIncreasesButNotReductions) {
    GateWorld w;
    w.trade(0, "100");
    w.hold(3, "100", "10");  // 1,000 EUR, and no EURUSD
    ASSERT_FALSE(w.book().equity_known({0}));
    const VerdictData buy = w.judge(w.order(0, Side::kBuy, "1"));
    EXPECT_EQ(w.text(buy), "MAX_NOTIONAL order unknown_equity -");
    EXPECT_EQ(render_codes(buy.failed),
              "MAX_NOTIONAL OPEN_ORDERS POSITION TURNOVER LEVERAGE CASH TRADE_LOSS "
              "VAR_PARAMETRIC VAR_HISTORICAL STRESS");
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
              "MAX_NOTIONAL OPEN_ORDERS POSITION TURNOVER LEVERAGE CASH TRADE_LOSS "
              "VAR_PARAMETRIC VAR_HISTORICAL STRESS");
}

TEST(GateEquity, NegativeLeavesTheWayOutOpen) {
    GateWorld w;
    w.opening_cash = money("1000");
    w.hold(0, "-100", "100", 1);
    w.trade(0, "120");  // cash 11,000, position -12,000
    w.trade(0, "120");  // and confirmed, see CROSSED
    ASSERT_EQ(w.book().equity({1}), money("-1000"));
    EXPECT_EQ(w.text(in_account(1, w.order(0, Side::kBuy, "100"))), "APPROVED");
    const VerdictData v = w.judge(in_account(1, w.order(0, Side::kSell, "1")));
    EXPECT_EQ(render_codes(v.failed),
              "MAX_NOTIONAL OPEN_ORDERS POSITION TURNOVER LEVERAGE TRADE_LOSS "
              "VAR_PARAMETRIC VAR_HISTORICAL STRESS");
    EXPECT_EQ(w.text(v), "MAX_NOTIONAL order 120 -20");
}

}  // namespace
}  // namespace fermata::testing

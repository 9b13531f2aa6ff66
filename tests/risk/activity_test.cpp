// ORDER_TO_TRADE, TURNOVER: what was done in a day.

#include "risk/activity.hpp"

#include <gtest/gtest.h>

#include "tests/risk/gate_fixture.hpp"

namespace fermata::testing {
namespace {

TEST(GateOrderToTrade, CountsApprovedOrdersForEachFill) {
    GateWorld w(only({{"order_to_trade", "2"}}));
    for (int i = 0; i < 3; ++i) ASSERT_EQ(w.text(w.order(0, Side::kBuy, "1")), "APPROVED") << i;
    EXPECT_EQ(w.text(w.order(0, Side::kBuy, "1")), "ORDER_TO_TRADE instrument 4 3");
    EXPECT_EQ(w.text(w.order(0, Side::kBuy, "1")), "ORDER_TO_TRADE instrument 4 3")
        << "a refused one was not sent";
    EXPECT_EQ(w.text(w.order(1, Side::kBuy, "1")), "APPROVED") << "another instrument";
    w.tell_fill(0, "1", "100");
    EXPECT_NE(w.text(w.order(0, Side::kBuy, "1")), "APPROVED") << "3 / 1 - 1 = 2 already";
    w.tell_fill(0, "1", "100", 1, 1);  // the firm's, whoever's it is
    for (int i = 0; i < 3; ++i) ASSERT_EQ(w.text(w.order(0, Side::kBuy, "1")), "APPROVED") << i;
    EXPECT_EQ(w.text(w.order(0, Side::kBuy, "1")), "ORDER_TO_TRADE instrument 7 6");
}

TEST(GateOrderToTrade, CountsReplacesAndBeginsAnewEachDay) {
    GateWorld w(only({{"order_to_trade", "1"}}));
    const Order live = w.open(w.limit(0, Side::kBuy, "5", "99"));
    EXPECT_EQ(w.text(w.judge(w.limit(0, Side::kBuy, "5", "99"))), "APPROVED");
    EXPECT_EQ(w.text(w.gate().check_replace(w.replace(live, "6", "99"), live)), "APPROVED");
    EXPECT_EQ(w.text(w.gate().check_replace(w.replace(live, "7", "99"), live)),
              "ORDER_TO_TRADE instrument 3 2");
    w.now = Timestamp{(w.now.ns / 86'400'000'000'000 + 1) * 86'400'000'000'000 - 1};
    EXPECT_NE(w.text(w.order(0, Side::kBuy, "1")), "APPROVED") << "the last nanosecond";
    w.now = w.now + Duration{1};
    EXPECT_EQ(w.text(w.order(0, Side::kBuy, "1")), "APPROVED");
}

TEST(GateTurnover, AddsWhatWasBoughtAndSoldToWhatTheOrderMayTrade) {
    GateWorld w(only({{"turnover", "50%"}}));  // 50,000
    w.trade(0, "100");
    EXPECT_EQ(w.text(w.limit(0, Side::kBuy, "500", "100")), "APPROVED");
    EXPECT_EQ(w.text(w.limit(0, Side::kBuy, "501", "100")), "TURNOVER instrument 50100 50000");
    w.tell_fill(0, "200", "100");
    w.tell_fill(0, "100", "100");
    EXPECT_EQ(w.text(w.limit(0, Side::kBuy, "200", "100")), "APPROVED");
    EXPECT_EQ(w.text(w.limit(0, Side::kSell, "201", "100")), "TURNOVER instrument 50100 50000");
    EXPECT_EQ(w.text(in_account(1, w.limit(0, Side::kBuy, "500", "100"))), "APPROVED");
    EXPECT_EQ(w.text(w.limit(1, Side::kBuy, "1", "100")), "TURNOVER instrument no_mark -");
    w.now = w.now + Duration::seconds(86'400);
    EXPECT_EQ(w.text(w.limit(0, Side::kBuy, "500", "100")), "APPROVED") << "another day";
}

TEST(GateTurnover, LetsThroughWhatReducesBeyondIt) {
    GateWorld w(only({{"turnover", "10%"}}));
    w.hold(0, "300", "100");
    w.tell_fill(0, "300", "100");
    EXPECT_EQ(w.text(w.limit(0, Side::kBuy, "1", "100")), "TURNOVER instrument 30100 10000");
    EXPECT_EQ(w.text(w.limit(0, Side::kSell, "300", "100")), "APPROVED");
    EXPECT_EQ(w.text(w.limit(0, Side::kSell, "301", "100")), "TURNOVER instrument 60100 10000");
}

TEST(GateTurnover, OfTheFirmIsThatOfAllAccountsAndInstruments) {
    GateWorld w(only({{"turnover_firm", "50%"}}));  // of 200,000
    w.trade(0, "100");
    w.trade(1, "100");
    w.tell_fill(0, "400", "100", 0, 0);
    w.tell_fill(1, "400", "100", 1, 1);
    EXPECT_EQ(w.text(w.limit(0, Side::kBuy, "200", "100")), "APPROVED");
    EXPECT_EQ(w.text(w.limit(1, Side::kBuy, "201", "100")), "TURNOVER firm 100100 100000");
}

TEST(GateTurnover, HasNoRoomWithoutEquityAndSaturatesRatherThanWraps) {
    GateWorld w(only({{"turnover", "50%"}}));
    w.opening_cash = Money::zero();
    w.trade(0, "100");
    EXPECT_EQ(w.text(w.limit(0, Side::kBuy, "1", "100")), "TURNOVER instrument 100 0");
    for (int i = 0; i < 8; ++i) w.tell_fill(0, "90000000000", "9000000000");
    EXPECT_EQ(w.text(w.limit(0, Side::kBuy, "1", "100")),
              "TURNOVER instrument 9223372036854.775807 0");
}

TEST(GateTurnover, CountsNegativePricesByTheirSize) {
    GateWorld w(only({{"turnover", "1%"}}));  // 1,000
    w.trade(0, "-40");
    w.tell_fill(0, "10", "-40");
    EXPECT_EQ(w.text(w.limit(0, Side::kBuy, "15", "-40")), "APPROVED");
    EXPECT_EQ(w.text(w.limit(0, Side::kBuy, "16", "-40")), "TURNOVER instrument 1040 1000");
}

}  // namespace
}  // namespace fermata::testing

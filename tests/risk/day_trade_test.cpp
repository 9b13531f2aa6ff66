// DAY_TRADE, the regime of the house.

#include "risk/day_trade.hpp"

#include <gtest/gtest.h>

#include "tests/risk/gate_fixture.hpp"

namespace fermata::testing {
namespace {

constexpr std::int64_t kDay = 86'400'000'000'000;
constexpr Timestamp kMonday{1'699'833'600'000'000'000};  // 2023-11-13

/// Account 1, a margin account, with 24,000 USD; the position follows what is told.
struct DayTrader : GateWorld {
    explicit DayTrader(const char* limit = "0") : GateWorld(only({{"day_trade", limit}})) {
        opening_cash = money("24000");
        now = kMonday;
    }
    void day(int n) { now = Timestamp{kMonday.ns + n * kDay}; }
    void fill(Side side, std::int64_t units, std::uint64_t order, std::uint16_t account = 1) {
        const Quantity q = Quantity::from_units(units);
        hold(0, (side == Side::kSell ? "-" : "") + to_string(q), "10", account);
        OrderEvent e = make_order_event(OrderEventType::kFill, now, {0});
        e.data.fill = FillData{};
        e.data.fill.account = {account};
        e.data.fill.order_id = {order};
        e.data.fill.side = side;
        e.data.fill.price = price("10");
        e.data.fill.quantity = q;
        e.data.fill.position_after = book().position({account}, {0});
        gate().on_order_event(e, nullptr);
    }
    std::string ask(Side side, std::string_view size, std::uint16_t account = 1) {
        return text(in_account(account, limit(0, side, size, "10")));
    }
};

TEST(GateDayTrade, RefusesToCloseTodayWhatWasOpenedToday) {
    DayTrader w;
    EXPECT_EQ(w.ask(Side::kBuy, "10"), "APPROVED") << "it opens";
    w.fill(Side::kBuy, 10, 1);
    EXPECT_EQ(w.ask(Side::kSell, "1"), "DAY_TRADE account 1 0");
    EXPECT_EQ(w.ask(Side::kBuy, "1"), "APPROVED");
    w.day(1);
    EXPECT_EQ(w.ask(Side::kSell, "10"), "APPROVED") << "it was held overnight";
    EXPECT_EQ(w.ask(Side::kSell, "11"), "APPROVED") << "to open a short position is none either";
}

TEST(GateDayTrade, ClosesFirstWhatWasHeldOvernight) {
    DayTrader w;
    w.fill(Side::kBuy, 10, 1);
    w.day(1);
    w.fill(Side::kBuy, 5, 2);
    EXPECT_EQ(w.ask(Side::kSell, "10"), "APPROVED");
    EXPECT_EQ(w.ask(Side::kSell, "11"), "DAY_TRADE account 1 0");
    w.fill(Side::kSell, 8, 3);
    EXPECT_EQ(w.ask(Side::kSell, "2"), "APPROVED");
    EXPECT_EQ(w.ask(Side::kSell, "3"), "DAY_TRADE account 1 0");
}

TEST(GateDayTrade, CountsShortSalesTheSameWay) {
    DayTrader w;
    w.fill(Side::kSell, 10, 1);
    EXPECT_EQ(w.ask(Side::kBuy, "1"), "DAY_TRADE account 1 0");
    w.day(1);
    EXPECT_EQ(w.ask(Side::kBuy, "10"), "APPROVED");
    w.fill(Side::kSell, 1, 2);
    EXPECT_EQ(w.ask(Side::kBuy, "11"), "DAY_TRADE account 1 0");
}

TEST(GateDayTrade, CountsAnOrderOnceHoweverManyFillsItHas) {
    DayTrader w("2");
    w.fill(Side::kBuy, 10, 1);
    for (int n = 0; n < 4; ++n) w.fill(Side::kSell, 1, 2);
    EXPECT_EQ(w.ask(Side::kSell, "1"), "APPROVED") << "one so far";
    w.fill(Side::kSell, 1, 3);
    w.fill(Side::kSell, 1, 2);  // both orders in turns
    w.fill(Side::kSell, 1, 3);
    EXPECT_EQ(w.ask(Side::kSell, "1"), "DAY_TRADE account 3 2");
}

TEST(GateDayTrade, ForgetsAfterFiveBusinessDays) {
    DayTrader w("1");
    const auto round_trip = [&](std::uint64_t order) {
        w.fill(Side::kBuy, 10, order);
        w.fill(Side::kSell, 5, order + 1);
    };
    w.day(2);  // Wednesday
    round_trip(1);
    for (const int day : {3, 4, 5, 6, 7, 8}) {  // Thursday to Tuesday
        w.day(day);
        w.fill(Side::kBuy, 1, static_cast<std::uint64_t>(100 + day));
        EXPECT_EQ(w.ask(Side::kSell, "1000"), "DAY_TRADE account 2 1") << day;
    }
    w.day(9);  // Wednesday again
    w.fill(Side::kBuy, 1, 109);
    EXPECT_EQ(w.ask(Side::kSell, "1000"), "APPROVED");
}

TEST(GateDayTrade, CountsAWeekendToItsFriday) {
    DayTrader w("1");
    w.day(5);  // Saturday
    w.fill(Side::kBuy, 10, 1);
    w.fill(Side::kSell, 1, 2);
    w.day(10);  // Thursday: Friday, Monday, Tuesday, Wednesday, Thursday
    w.fill(Side::kBuy, 1, 3);
    EXPECT_EQ(w.ask(Side::kSell, "1000"), "DAY_TRADE account 2 1");
    w.day(11);
    w.fill(Side::kBuy, 1, 4);
    EXPECT_EQ(w.ask(Side::kSell, "1000"), "APPROVED");
}

TEST(GateDayTrade, LooksAtOpenOrdersOfTheOtherSide) {
    DayTrader w;
    Order entry = w.open(in_account(1, w.limit(0, Side::kBuy, "10", "10")));
    EXPECT_EQ(w.ask(Side::kSell, "1"), "DAY_TRADE account 1 0") << "both could fill today";
    w.close(entry);
    EXPECT_EQ(w.ask(Side::kSell, "1"), "APPROVED");
}

TEST(GateDayTrade, BindsMarginAccountsBelowTheBound) {
    DayTrader w;
    w.fill(Side::kBuy, 10, 1, 0);
    EXPECT_EQ(w.ask(Side::kSell, "1", 0), "APPROVED") << "a cash account";
    DayTrader rich;
    rich.opening_cash = money("25000");
    DayTrader poor;
    poor.opening_cash = money("24999.999999");
    for (DayTrader* trader : {&rich, &poor}) trader->fill(Side::kBuy, 10, 1);
    EXPECT_EQ(rich.ask(Side::kSell, "1"), "APPROVED");
    EXPECT_EQ(poor.ask(Side::kSell, "1"), "DAY_TRADE account 1 0");
}

TEST(GateDayTrade, DoesNotKeepAReplaceFromItsOwnTermsAndBindsReduceOnlyOrders) {
    DayTrader w;
    w.fill(Side::kBuy, 10, 1);
    OrderEvent e = in_account(1, w.limit(0, Side::kSell, "1", "10"));
    e.data.new_order.flags = kOrderReduceOnly;
    EXPECT_EQ(w.text(e), "DAY_TRADE account 1 0");
    Order live = w.open(in_account(1, w.limit(0, Side::kSell, "5", "11")));
    EXPECT_EQ(w.text(w.gate().check_replace(w.replace(live, "5", "10.5"), live)), "APPROVED");
}

TEST(GateDayTrade, TakesWhatASplitMadeOfAPositionForHeldOvernight) {
    DayTrader w;
    w.fill(Side::kBuy, 10, 1);
    MarketEvent split = make_event(MarketEventType::kCorporateAction, w.now, {0}, {});
    split.data.corporate_action = CorporateActionData{};
    split.data.corporate_action.numerator = 2;
    w.market(split);
    EXPECT_EQ(w.ask(Side::kSell, "10"), "APPROVED");
}

}  // namespace
}  // namespace fermata::testing

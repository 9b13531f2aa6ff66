// DAY_TRADE: the regime of the house, and the legacy rules.

#include "risk/day_trade.hpp"

#include <gtest/gtest.h>

#include "tests/risk/gate_fixture.hpp"

namespace fermata::testing {
namespace {

constexpr std::int64_t kDay = 86'400'000'000'000;
constexpr Timestamp kMonday{1'699'833'600'000'000'000};  // 2023-11-13

/// Account 1, a margin account, with 24,000 USD; the position follows what is told.
struct DayTrader : GateWorld {
    explicit DayTrader(const char* limit = "0") : DayTrader(only({{"day_trade", limit}})) {}
    explicit DayTrader(const RiskConfig& config) : GateWorld(config) {
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
    /// What the gate says to such an order; one that it approves is over at once.
    std::string ask(Side side, std::string_view size, std::uint16_t account = 1) {
        const OrderEvent e = in_account(account, limit(0, side, size, "10"));
        const std::string said = text(e);
        over(e);
        return said;
    }
    /// The order manager does not know it any more.
    void over(const OrderEvent& order) {
        OrderEvent e = make_order_event(OrderEventType::kOrderUpdate, now, order.instrument);
        e.data.update = OrderUpdateData{};
        e.data.update.order_id = order.data.new_order.order_id;
        e.data.update.tag = order.data.new_order.tag;
        e.data.update.account = order.data.new_order.account;
        e.data.update.state = OrderState::kCanceled;
        gate().on_order_event(e, nullptr);
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

TEST(GateDayTrade, CountsOrdersThatCouldCompleteOneBeforeTheyDo) {
    DayTrader w("3");
    w.fill(Side::kBuy, 10, 1);
    const auto sale = [&] { return in_account(1, w.limit(0, Side::kSell, "1", "10")); };
    const OrderEvent first = sale();
    EXPECT_EQ(w.text(first), "APPROVED");
    EXPECT_EQ(w.text(sale()), "APPROVED");
    EXPECT_EQ(w.text(sale()), "APPROVED");
    EXPECT_EQ(w.text(sale()), "DAY_TRADE account 4 3") << "three could be made at one tick";
    w.over(first);
    const OrderEvent fourth = sale();
    EXPECT_EQ(w.text(fourth), "APPROVED") << "one of them never filled";
    w.fill(Side::kSell, 1, fourth.data.new_order.order_id.value);
    EXPECT_EQ(w.text(sale()), "DAY_TRADE account 4 3") << "it counts as before: one";
    w.over(fourth);
    EXPECT_EQ(w.text(sale()), "DAY_TRADE account 4 3") << "it was made";
}

TEST(GateDayTrade, CountsNoOrderThatCannotCompleteOne) {
    DayTrader w("1");
    for (int n = 0; n < 3; ++n) {
        EXPECT_EQ(w.text(in_account(1, w.limit(0, Side::kBuy, "1", "10"))), "APPROVED");
    }
    w.fill(Side::kBuy, 10, 1);
    EXPECT_EQ(w.text(in_account(1, w.limit(0, Side::kSell, "1", "10"))), "APPROVED");
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

TEST(GateDayTrade, CountsNoWeekdayOnWhichNoSessionOpened) {
    for (const bool knows_sessions : {false, true}) {
        DayTrader w("1");
        for (const int day : {-3, 0, 1, 2}) {  // Friday, Monday, Tuesday, Wednesday
            w.day(day);
            if (knows_sessions) w.session(0, true);
        }
        w.fill(Side::kBuy, 10, 1);
        w.fill(Side::kSell, 10, 2);           // on Wednesday
        for (const int day : {4, 7, 8, 9}) {  // Thursday is a holiday
            w.day(day);
            if (knows_sessions) w.session(0, true);
        }
        // Wednesday, Friday, Monday, Tuesday, Wednesday
        w.fill(Side::kBuy, 10, 3);
        EXPECT_EQ(w.ask(Side::kSell, "1"), knows_sessions ? "DAY_TRADE account 2 1" : "APPROVED");
        w.day(10);
        w.session(0, true);
        w.fill(Side::kBuy, 10, 4);
        EXPECT_EQ(w.ask(Side::kSell, "21"), "APPROVED") << "that Wednesday is over";
    }
}

TEST(GateDayTrade, CountsTheLegsOfOneExitOnceAndUntilTheDayEnds) {
    DayTrader w("1");
    w.fill(Side::kBuy, 20, 1);
    const auto leg = [&](std::uint32_t link) {
        OrderEvent e = in_account(1, w.limit(0, Side::kSell, "10", "10"));
        e.data.new_order.link = link;
        if (link != 0) e.data.new_order.link_role = LinkRole::kOuo;
        return w.text(e);
    };
    EXPECT_EQ(leg(7), "APPROVED");
    EXPECT_EQ(leg(7), "APPROVED") << "the same day trade";
    EXPECT_EQ(leg(8), "DAY_TRADE account 2 1");
    EXPECT_EQ(leg(0), "DAY_TRADE account 2 1");
    w.day(1);
    w.fill(Side::kBuy, 5, 2);
    EXPECT_EQ(w.ask(Side::kSell, "1000"), "APPROVED") << "those legs close what is held overnight";
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

// --- the legacy rules ---

RiskConfig legacy(std::initializer_list<DayTradeRegime> regimes = {
                      {Timestamp::min(), DayTradeMode::kLegacy, {}}}) {
    RiskConfig config = only({{"day_trade", "3"}, {"day_trade_equity", "25000"}});
    for (const DayTradeRegime& r : regimes) config.set_day_trade_regime(r);
    EXPECT_TRUE(config.validate().empty());
    return config;
}

struct LegacyTrader : DayTrader {
    explicit LegacyTrader(const RiskConfig& config = legacy()) : DayTrader(config) {}
    /// An order is filled, in one part.
    void order(Side side, std::int64_t units) {
        const Quantity q = Quantity::from_units(units);
        fill(side, units, ++orders);
        said(orders, q);
    }
    void said(std::uint64_t id, Quantity cumulative) {
        OrderEvent e = make_order_event(OrderEventType::kOrderUpdate, now, {0});
        e.data.update = OrderUpdateData{};
        e.data.update.order_id = {id};
        e.data.update.account = {1};
        e.data.update.state = OrderState::kPartiallyFilled;
        e.data.update.cumulative_quantity = cumulative;
        gate().on_order_event(e, nullptr);
    }
    void day_trades(int n) {
        for (; n > 0; --n) {
            order(Side::kBuy, 1);
            order(Side::kSell, 1);
        }
    }
    void equity(std::string_view amount) { (void)gate().on_equity({1}, money(amount), now); }
    std::uint64_t orders = 1'000;
};

TEST(GateLegacyDayTrade, AsksForEquityAtThePriorCloseFromTheFourthInFiveBusinessDaysOn) {
    for (const auto& [close, verdict] :
         {std::pair{"25000", "APPROVED"},
          {"24999.999999", "DAY_TRADE account 24999.999999 25000"}}) {
        LegacyTrader w;
        w.day(-3);  // the Friday before
        w.equity(close);
        w.day(0);
        w.equity("1");  // what it is today does not matter
        w.day_trades(3);
        w.order(Side::kBuy, 1);
        EXPECT_EQ(w.ask(Side::kSell, "1"), verdict) << close;
        EXPECT_EQ(w.ask(Side::kBuy, "1"), "APPROVED") << "it opens";
    }
    LegacyTrader w;
    w.equity("24000");
    w.day_trades(2);
    w.order(Side::kBuy, 1);
    EXPECT_EQ(w.ask(Side::kSell, "1"), "APPROVED") << "the third";
    LegacyTrader nothing;
    nothing.day_trades(3);
    nothing.order(Side::kBuy, 1);
    EXPECT_EQ(nothing.ask(Side::kSell, "1"), "DAY_TRADE account unknown_equity -");
}

TEST(GateLegacyDayTrade, LeavesWhoMakesNoMoreThanSixPercentOfHisTradesInADay) {
    // Beside the others: the order that closes them, six of three day trades, a purchase, and the
    // sale that is asked for: 9. 4 day trades of 66 are 6.06%, of 67 they are 5.97%.
    for (const auto& [others, verdict] :
         {std::pair{57, "DAY_TRADE account 24000 25000"}, {58, "APPROVED"}}) {
        LegacyTrader w;
        w.equity("24000");
        for (int n = 0; n < others; ++n) w.order(Side::kSell, 1);  // opens a short position
        w.day(1);
        w.fill(Side::kBuy, others - 1, 1);  // closes it, in two parts: one trade
        w.said(1, Quantity::from_units(others - 1));
        w.fill(Side::kBuy, 1, 1);
        w.said(1, Quantity::from_units(others));
        w.day_trades(3);
        w.order(Side::kBuy, 1);
        EXPECT_EQ(w.ask(Side::kSell, "1"), verdict) << others;
    }
}

TEST(GateLegacyDayTrade, CountsOrdersThatCouldCompleteADayTradeBeforeTheyDo) {
    LegacyTrader w;
    w.equity("24000");
    w.day_trades(2);
    w.order(Side::kBuy, 1);
    const auto sale = [&] { return in_account(1, w.limit(0, Side::kSell, "1", "10")); };
    const OrderEvent third = sale();
    EXPECT_EQ(w.text(third), "APPROVED");
    EXPECT_EQ(w.text(sale()), "DAY_TRADE account 24000 25000") << "it would be the fourth";
    w.over(third);
    EXPECT_EQ(w.text(sale()), "APPROVED");
}

TEST(GateLegacyDayTrade, KeepsAPatternDayTraderOneUntilAnOperatorReleasesTheAccount) {
    LegacyTrader w;
    w.equity("30000");
    w.day_trades(4);
    w.equity("24000");
    w.day(30);
    w.equity("24000");
    w.order(Side::kBuy, 1);
    EXPECT_EQ(w.ask(Side::kSell, "1"), "DAY_TRADE account 24000 25000") << "the first in weeks";
    w.day(31);
    w.equity("26000");
    EXPECT_EQ(w.ask(Side::kSell, "1"), "APPROVED") << "held overnight";
    w.order(Side::kSell, 1);
    w.order(Side::kBuy, 1);
    EXPECT_EQ(w.ask(Side::kSell, "1"), "DAY_TRADE account 24000 25000") << "today's does not count";
    ControlData release;
    release.scope = ControlScope::kAccount;
    release.target = 1;
    ASSERT_TRUE(w.gate().on_control(release));
    EXPECT_EQ(w.ask(Side::kSell, "1"), "APPROVED");
}

TEST(GateLegacyDayTrade, HoldsFromItsDateOnAndForItsAccount) {
    const Timestamp wednesday{kMonday.ns + 2 * kDay};
    LegacyTrader w(legacy({{wednesday, DayTradeMode::kLegacy, {}},
                           {Timestamp{kMonday.ns + 4 * kDay}, DayTradeMode::kHouse, 1}}));
    w.equity("30000");
    w.day_trades(4);
    w.order(Side::kBuy, 1);
    EXPECT_EQ(w.ask(Side::kSell, "1"), "DAY_TRADE account 5 3") << "of the house: equity 24,000";
    w.now = Timestamp{wednesday.ns - 1};
    w.order(Side::kBuy, 1);
    EXPECT_EQ(w.ask(Side::kSell, "2"), "DAY_TRADE account 5 3");
    w.now = wednesday;
    w.order(Side::kBuy, 1);
    EXPECT_EQ(w.ask(Side::kSell, "3"), "APPROVED") << "legacy: 30,000 at the prior close";
    w.day(4);
    w.order(Side::kBuy, 1);
    EXPECT_EQ(w.ask(Side::kSell, "4"), "DAY_TRADE account 5 3");
}

TEST(GateLegacyDayTrade, WantsTheLimitThatItIsAbout) {
    RiskConfig config(RiskProfile::kUnlimited);
    config.set_day_trade_regime({Timestamp::min(), DayTradeMode::kLegacy, {}});
    ASSERT_EQ(config.validate().size(), 1U);
    EXPECT_EQ(
        config.validate()[0],
        "day_trade_regime says how day trades are judged, and no limit day_trade is in force");
}

}  // namespace
}  // namespace fermata::testing

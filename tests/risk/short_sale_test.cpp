// SHORT.

#include "risk/short_sale.hpp"

#include <gtest/gtest.h>

#include "tests/risk/gate_fixture.hpp"
#include "tests/risk/gate_inputs.hpp"

namespace fermata::testing {
namespace {

/// A gate with that control alone; account 1 may sell short.
struct Shorts : GateWorld {
    Shorts() : GateWorld(only({{"short", "10%"}})) {}
    std::string sell(std::string_view size, std::string_view at) {
        return text(in_account(1, limit(0, Side::kSell, size, at)));
    }
    void end_session() {
        session(0, false);
        session(0, true);
    }
    /// Closed at 100, and a trade at 90: in force.
    void trigger() {
        trade(0, "100");
        end_session();
        trade(0, "90");
    }
};

TEST(GateShort, TripsTheCircuitBreakerAtTenPercentBelowThePriorClose) {
    Shorts w;
    w.trade(0, "100");
    w.trade(0, "50");  // no session has closed yet
    w.quote(0, "49", "51");
    EXPECT_EQ(w.sell("1", "40"), "APPROVED");
    w.trade(0, "100");
    w.end_session();
    w.trade(0, "90.01");
    EXPECT_EQ(w.sell("1", "40"), "APPROVED");
    w.trade(0, "90");
    w.trade(0, "95");  // it stays in force
    w.quote(0, "94", "96");
    EXPECT_EQ(w.sell("1", "94.01"), "APPROVED");
    EXPECT_EQ(w.sell("1", "94"), "SHORT order 94 94");
    EXPECT_EQ(w.text(in_account(1, w.order(0, Side::kSell, "1"))), "SHORT order circuit_breaker -");
    EXPECT_EQ(w.text(w.limit(0, Side::kBuy, "1", "94")), "APPROVED");
}

TEST(GateShort, KeepsItForTheRestOfTheSessionAndAllOfTheNext) {
    Shorts w;
    w.trigger();
    w.quote(0, "89", "91");
    EXPECT_EQ(w.sell("1", "89"), "SHORT order 89 89");
    w.end_session();
    w.trade(0, "90");
    EXPECT_EQ(w.sell("1", "89"), "SHORT order 89 89") << "the next one";
    w.end_session();
    w.trade(0, "90");
    EXPECT_EQ(w.sell("1", "89"), "APPROVED");
    w.trade(0, "81");  // 10% of 90
    EXPECT_EQ(w.sell("1", "89"), "SHORT order 89 89") << "again";
}

TEST(GateShort, LooksAtTheLowOfABar) {
    Shorts w;
    w.trade(0, "100");
    w.end_session();
    BarData bar;
    bar.low = price("89");
    bar.close = price("99");
    w.market(make_bar(w.now, {0}, {}, bar));
    EXPECT_EQ(w.sell("1", "200"), "SHORT order circuit_breaker -") << "no quote to be above of";
}

TEST(GateShort, BindsOnlyTheSalesThatCouldBeShort) {
    Shorts w;
    w.hold(0, "10", "100", 1);
    w.trigger();
    w.quote(0, "89", "91");
    EXPECT_EQ(w.sell("10", "80"), "APPROVED") << "long";
    EXPECT_EQ(w.sell("11", "80"), "SHORT order 80 89");
    Order open = w.open(in_account(1, w.limit(0, Side::kSell, "4", "95")));
    EXPECT_EQ(w.sell("6", "80"), "APPROVED");
    EXPECT_EQ(w.sell("7", "80"), "SHORT order 80 89") << "together they could";
    EXPECT_EQ(w.text(w.gate().check_replace(w.replace(open, "4", "80"), open)), "APPROVED");
    EXPECT_EQ(w.text(w.gate().check_replace(w.replace(open, "11", "90"), open)),
              "SHORT order marked_long -")
        << "it was sent as a long sale";
    open.flags = kOrderShort;
    EXPECT_EQ(w.text(w.gate().check_replace(w.replace(open, "11", "80"), open)),
              "SHORT order 80 89");
    EXPECT_EQ(w.text(w.gate().check_replace(w.replace(open, "11", "90"), open)), "APPROVED");
}

TEST(GateShort, TakesLocatesForWhatIsShort) {
    Shorts w;
    w.hold(0, "10", "100", 1);
    EXPECT_EQ(w.sell("1000", "100"), "APPROVED") << "none were given";
    tell_locate(w.gate(), {0}, quantity("50"));
    EXPECT_EQ(w.sell("61", "100"), "SHORT order 51 50");
    EXPECT_EQ(w.sell("40", "100"), "APPROVED") << "30 of it";
    EXPECT_EQ(w.sell("31", "100"), "SHORT order 21 20");
    EXPECT_EQ(w.sell("10", "100"), "APPROVED") << "long, as far as is known";
    EXPECT_EQ(w.sell("30", "100"), "APPROVED");
    EXPECT_EQ(w.sell("11", "100"), "SHORT order 1 0");
    tell_locate(w.gate(), {0}, quantity("1"));
    EXPECT_EQ(w.sell("11", "100"), "APPROVED");
    tell_locate(w.gate(), {0}, quantity("-5"));
    EXPECT_EQ(w.sell("11", "100"), "SHORT order 1 0");
}

TEST(GateShort, LetsAnExemptSaleThroughAtAnyPriceWhileTheCircuitBreakerIsInForce) {
    Shorts w;
    const auto exempt = [&](Side side, std::string_view at) {
        OrderEvent e = in_account(1, w.limit(0, side, "1", at));
        e.data.new_order.flags = kOrderShortExempt;
        return w.text(e);
    };
    w.trade(0, "100");
    EXPECT_EQ(exempt(Side::kSell, "100"), "SHORT order not_exempt -");
    w.trigger();
    w.quote(0, "89", "91");
    EXPECT_EQ(w.sell("1", "89"), "SHORT order 89 89");
    EXPECT_EQ(exempt(Side::kSell, "89"), "APPROVED");
    EXPECT_EQ(exempt(Side::kBuy, "89"), "SHORT order not_exempt -");
    w.end_session();
    w.end_session();
    EXPECT_EQ(exempt(Side::kSell, "89"), "SHORT order not_exempt -");
}

TEST(GateShort, GivesBackTheLocatesThatAnOrderDidNotUse) {
    Shorts w;
    w.hold(0, "10", "100", 1);
    tell_locate(w.gate(), {0}, quantity("50"));
    const auto left = [&] {  // an order that asks for more than anything says how much there is
        const VerdictData v = w.judge(in_account(1, w.limit(0, Side::kSell, "100000", "100")));
        return Quantity::from_raw(v.limit).raw() / Quantity::kOne;
    };
    const auto approve = [&](std::string_view size) {
        const OrderEvent e = in_account(1, w.limit(0, Side::kSell, size, "100"));
        EXPECT_EQ(w.text(e), "APPROVED");
        Order order = w.open(e);
        w.close(order);  // the books are not what this is about
        return order;
    };
    const auto end = [&](Order order, std::string_view filled, OrderState state) {
        order.state = state;
        order.cumulative_quantity = quantity(filled);
        w.tell(order, OrderState::kNew);
    };
    const Order first = approve("40");  // 30 of it short
    EXPECT_EQ(left(), 20);
    end(first, "0", OrderState::kCanceled);
    EXPECT_EQ(left(), 50);
    end(first, "0", OrderState::kCanceled);
    EXPECT_EQ(left(), 50) << "once";
    end(approve("40"), "10", OrderState::kExpired);
    EXPECT_EQ(left(), 50) << "only what was owned was sold";
    end(approve("40"), "17", OrderState::kCanceled);
    EXPECT_EQ(left(), 43);
    end(approve("40"), "40", OrderState::kFilled);
    EXPECT_EQ(left(), 13);
    const Order before = approve("20");
    tell_locate(w.gate(), {0}, quantity("5"));
    end(before, "0", OrderState::kRejected);
    EXPECT_EQ(left(), 5) << "it is not among the newer number";
}

MarketEvent corporate_action(Timestamp now, const CorporateActionData& action) {
    MarketEvent e = make_event(MarketEventType::kCorporateAction, now, {0}, {});
    e.data.corporate_action = action;
    return e;
}

TEST(GateShort, PutsTheCloseOnTheScaleOfASplit) {
    Shorts w;
    w.trade(0, "100");
    w.end_session();
    CorporateActionData two_for_one;
    two_for_one.numerator = 2;
    w.market(corporate_action(w.now, two_for_one));  // the close is 50 now
    w.trade(0, "45.01");
    w.quote(0, "44", "46");
    EXPECT_EQ(w.sell("1", "40"), "APPROVED");
    w.trade(0, "45");
    EXPECT_EQ(w.sell("1", "44"), "SHORT order 44 44");
}

TEST(GateShort, HoldsThePriorCloseOnTheDayOfADividend) {
    Shorts w;
    w.trade(0, "100");
    w.end_session();
    CorporateActionData dividend;
    dividend.kind = CorporateActionKind::kDividend;
    dividend.cash = price("0.5");
    w.market(corporate_action(w.now, dividend));
    w.quote(0, "89", "91");
    w.trade(0, "90.01");
    EXPECT_EQ(w.sell("1", "89"), "APPROVED");
    w.trade(0, "90");
    EXPECT_EQ(w.sell("1", "89"), "SHORT order 89 89");
}

TEST(GateShort, KeepsACloseOverSessionsWithoutATrade) {
    Shorts w;
    w.trade(0, "100");
    for (int n = 0; n < 3; ++n) w.end_session();
    w.trade(0, "90");
    w.quote(0, "89", "91");
    EXPECT_EQ(w.sell("1", "89"), "SHORT order 89 89");
}

TEST(GateShort, TakesADayWithATradeForASessionWithoutACalendar) {
    constexpr std::int64_t kDay = 86'400'000'000'000;
    Shorts w;
    const auto day = [&](std::int64_t n) { w.now = Timestamp{(20'000 + n) * kDay}; };
    day(0);
    w.trade(0, "100");
    w.trade(0, "50");
    w.trade(0, "100");
    w.quote(0, "89", "91");
    EXPECT_EQ(w.sell("1", "89"), "APPROVED") << "there is no close before";
    day(3);  // two days without a trade lie between
    w.trade(0, "90.01");
    EXPECT_EQ(w.sell("1", "89"), "APPROVED");
    w.trade(0, "90");
    EXPECT_EQ(w.sell("1", "89"), "SHORT order 89 89");
    day(6);
    EXPECT_EQ(w.sell("1", "89"), "SHORT order 89 89") << "its next session is not over";
    w.trade(0, "90");
    EXPECT_EQ(w.sell("1", "89"), "SHORT order 89 89") << "it is this one";
    day(7);
    w.trade(0, "90");
    EXPECT_EQ(w.sell("1", "89"), "APPROVED");
}

TEST(GateShort, TakesABarForTheDayThatItEnds) {
    constexpr std::int64_t kDay = 86'400'000'000'000;
    Shorts w;
    const auto bar = [&](std::int64_t ends, std::string_view low, std::string_view close) {
        w.now = Timestamp{ends * kDay};
        BarData data;
        data.low = price(low);
        data.close = price(close);
        w.market(make_bar(w.now, {0}, {}, data));
    };
    bar(20'001, "99", "100");
    w.trade(0, "95");  // at that midnight: of the next day
    bar(20'002, "90.01", "95");
    w.quote(0, "89", "91");
    EXPECT_EQ(w.sell("1", "89"), "APPROVED");
    bar(20'003, "85.5", "95");  // 10% below 95
    EXPECT_EQ(w.sell("1", "89"), "SHORT order 89 89");
}

TEST(GateShort, IsEndedByTheCalendarAloneWhereThereIsOne) {
    constexpr std::int64_t kDay = 86'400'000'000'000;
    Shorts w;
    w.instrument(0).calendar = "some";
    w.now = Timestamp{20'000 * kDay};
    w.trigger();
    w.quote(0, "89", "91");
    for (int n = 1; n < 4; ++n) {  // one session that lasts for days
        w.now = Timestamp{(20'000 + n) * kDay};
        w.trade(0, "90");
        EXPECT_EQ(w.sell("1", "89"), "SHORT order 89 89");
    }
}

TEST(GateShort, IsForSharesAndFunds) {
    Shorts w;
    w.instrument(0).asset_class = AssetClass::kFuture;
    w.trigger();
    EXPECT_EQ(w.sell("1", "40"), "APPROVED");
}

}  // namespace
}  // namespace fermata::testing

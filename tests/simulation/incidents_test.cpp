// Incidents of the markets, as far as they concern orders, re-enacted against the whole trading
// stage: what went wrong there must end differently here. Sources: docs/controls.md.

#include <gtest/gtest.h>

#include "tests/simulation/incident.hpp"

namespace fermata::test {
namespace {

// Mizuho / J-Com, 2005: "sell 1 at 610,000 yen" was keyed as "sell 610,000 at 1 yen".
TEST_F(HouseIncident, PriceAndQuantitySwappedIsRefusedByTheCollar) {
    // Meant: sell 20 at 100.00.
    submit(w_.limit(0, 0, Side::kSell, 100, 20'00));
    EXPECT_NE(refused_by() & bit(ControlId::kCollar), 0U);
    // The size of the real one is refused by its size alone, at whatever price.
    submit(w_.limit(0, 0, Side::kSell, 610'000, 100'00));
    EXPECT_NE(refused_by() & bit(ControlId::kMaxNotional), 0U);
    EXPECT_NE(refused_by() & bit(ControlId::kPosition), 0U);
    EXPECT_EQ(sent(), 0U);
    EXPECT_TRUE(reserved().sell.is_zero());
}

// Goldman Sachs, options, 2013: indications of interest went out as orders with the default
// price 1.
TEST_F(HouseIncident, ADefaultPriceOfOneIsRefusedByTheCollar) {
    for (const std::int64_t quantity : {1, 100, 1'000}) {
        submit(w_.limit(0, 0, Side::kSell, quantity, 1'00));
        EXPECT_NE(refused_by() & bit(ControlId::kCollar), 0U) << quantity;
    }
    EXPECT_EQ(sent(), 0U);
}

// HanMag Securities, 2013: the time to expiry was set to zero, and every price computed from it was
// wrong.
TEST_F(HouseIncident, ParametersOfZeroAreRefused) {
    OrderEvent e = w_.limit(0, 0, Side::kBuy, 10, 100'00);
    e.data.new_order.tif = TimeInForce::kGtd;  // until when: not set
    submit(e);
    EXPECT_EQ(refused_by(), bit(ControlId::kField));
    e = w_.limit(0, 0, Side::kBuy, 0, 100'00);
    submit(e);
    EXPECT_NE(refused_by() & bit(ControlId::kField), 0U);
    e = w_.limit(0, 0, Side::kSell, 10, 0);
    submit(e);
    EXPECT_NE(refused_by() & (bit(ControlId::kCollar) | bit(ControlId::kField)), 0U);
    EXPECT_EQ(sent(), 0U);
}

// Infinium Capital, 2010: a program bought and sold against itself, thousands of orders in seconds.
TEST_F(HouseIncident, ALoopThatTradesWithItselfIsStoppedAtOnce) {
    for (int n = 0; n < 1'000; ++n) {  // 2,000 orders in a second
        w_.tick(Duration::microseconds(1'000));
        for (const Side side : {Side::kBuy, Side::kSell}) {
            w_.submit(w_.limit(0, 0, side, 1, 100'00));
        }
        w_.settle();
    }
    // Equal orders of a strategy: 3 a second. Of the sales none: they would meet the purchases.
    EXPECT_EQ(sent(), 3U);
    EXPECT_NE(refused_by() & bit(ControlId::kSelfMatch), 0U);
    // Nor does it help to vary them: 50 open orders an instrument.
    for (int n = 0; n < 1'000; ++n) {
        w_.tick(Duration::microseconds(1'000));
        for (const Side side : {Side::kBuy, Side::kSell}) {
            w_.submit(w_.limit(0, 0, side, 1, 100'00 + n % 400));
        }
        w_.settle();
    }
    EXPECT_LE(sent(), 50U - 3U);
    // What it did send can still be canceled.
    w_.cancel(make_order_tag(kStrategy, 1));
    w_.settle();
    const auto sent = w_.sent(0);
    ASSERT_EQ(sent.size(), 1U);
    EXPECT_EQ(sent[0].type, OrderEventType::kSendCancel);
}

// Crude oil, 20 April 2020: WTI settled at -37.63.
TEST_F(Incident, NegativePricesAreBookedLikeAnyOther) {
    w_.quote(0, -37'64, -37'62);
    const OrderTag buy = live(Side::kBuy, 10, -37'60);
    EXPECT_EQ(state(buy), OrderState::kNew);
    EXPECT_EQ(reserved().buy, units(10));
    EXPECT_GE(reserved().buy_value, Money::from_units(376)) << "10 x 37.60 at least";
    w_.tell(trade(buy, 10, -37'63, ++execs_));
    EXPECT_EQ(state(buy), OrderState::kFilled);
    EXPECT_EQ(position(), units(10));
    EXPECT_EQ(paid(), Money::from_raw(-376'300'000)) << "who buys at -37.63 is paid";
    // Marked at -40.00: the position is worth -400.00, a loss of 23.70.
    w_.quote(0, -40'01, -39'99);
    w_.settle();
    EXPECT_EQ(w_.accounts.equity(kAccount),
              TradingWorld::opening_cash() - Money::from_raw(23'700'000));
    const OrderTag sell = live(Side::kSell, 10, -40'00);
    w_.tell(trade(sell, 10, -40'00, ++execs_));
    EXPECT_TRUE(position().is_zero());
    EXPECT_EQ(paid(), Money::from_raw(23'700'000));
    EXPECT_EQ(w_.accounts.realized(kAccount, kAaa, CostMethod::kAverage),
              Money::from_raw(-23'700'000));
}

// Facebook's first day, 2012: acknowledgements came more than two hours late, and orders that were
// sent again traded twice.
TEST_F(Incident, AnOrderWithoutAnAnswerIsUnknownAndNeverSentAgain) {
    const OrderTag tag = pending(Side::kBuy, 100, 100'00);
    EXPECT_EQ(sent(), 1U);
    EventBuffer answers(w_.orders.events_max());
    w_.orders.on_timeout(w_.order(tag).id, w_.tick(Duration::seconds(2)), answers);
    EXPECT_EQ(state(tag), OrderState::kUnknown);
    EXPECT_EQ(reserved().buy, units(100)) << "it may still trade";
    for (int minute = 0; minute < 130; ++minute) {
        w_.tick(Duration::minutes(1));
        w_.quote(0, 99'00 + minute, 101'00 + minute);
        w_.settle();
    }
    EXPECT_EQ(sent(), 0U);
    w_.tell(report(tag, ExecType::kNew, 1));
    EXPECT_EQ(state(tag), OrderState::kNew);
    w_.tell(trade(tag, 100, 99'50, 2));
    EXPECT_EQ(state(tag), OrderState::kFilled);
    EXPECT_EQ(position(), units(100));
    EXPECT_TRUE(reserved().buy.is_zero());
    EXPECT_EQ(sent(), 0U);
}

TEST_F(Incident, FillsRepeatedAfterAReconnectAreBookedOnce) {
    const OrderTag tag = live(Side::kBuy, 100, 100'00);
    const OrderEvent first = trade(tag, 30, 99'99, 1);
    const OrderEvent second = trade(tag, 30, 99'99, 2);  // equal but for its id: a fill of its own
    w_.tell(first);
    w_.tell(second);
    // The session comes up again, and the venue sends what it sent before, and one more.
    w_.tell(first);
    w_.tell(second);
    w_.tell(trade(tag, 40, 100'00, 3));
    w_.tell(second);
    EXPECT_EQ(position(), units(100));
    // 60 x 99.99 + 40 x 100.00
    EXPECT_EQ(paid(), Money::from_raw(9'999'400'000));
    EXPECT_EQ(w_.alerts(AlertCode::kDuplicateExecution), 3U);
    EXPECT_EQ(w_.on_record(OrderEventType::kFill).size(), 3U);
    EXPECT_EQ(state(tag), OrderState::kFilled);
}

TEST_F(Incident, PermutedReportsAndFillsBeforeTheAcknowledgementEndInTheSameState) {
    const OrderTag tag = pending(Side::kSell, 100, 99'00);
    w_.tell(trade(tag, 60, 99'10, 3));
    EXPECT_EQ(state(tag), OrderState::kPartiallyFilled);
    EXPECT_EQ(reserved().sell, units(40));
    w_.tell(report(tag, ExecType::kNew, 1));
    EXPECT_EQ(state(tag), OrderState::kPartiallyFilled);
    w_.tell(trade(tag, 10, 99'30, 4));
    w_.tell(trade(tag, 30, 99'20, 2));
    EXPECT_EQ(state(tag), OrderState::kFilled);
    EXPECT_EQ(position(), units(-100));
    // 60 x 99.10 + 10 x 99.30 + 30 x 99.20 = 5946 + 993 + 2976
    EXPECT_EQ(paid(), Money::from_units(-9'915));
    EXPECT_EQ(w_.alerts(AlertCode::kIllegalTransition), 0U);
}

TEST_F(Incident, AFillAfterTheCancelIsBooked) {
    const OrderTag tag = live(Side::kBuy, 100, 100'00);
    w_.cancel(tag);
    w_.settle();
    OrderEvent canceled = report(tag, ExecType::kCanceled, 5);
    canceled.data.execution.reason = OrderReason::kRequested;
    w_.tell(canceled);
    EXPECT_EQ(state(tag), OrderState::kCanceled);
    EXPECT_TRUE(reserved().buy.is_zero());
    w_.tell(trade(tag, 25, 100'00, 4));
    EXPECT_EQ(position(), units(25));
    EXPECT_EQ(paid(), Money::from_units(2'500));
    EXPECT_EQ(w_.order(tag).cumulative_quantity, units(25));
    EXPECT_TRUE(reserved().buy.is_zero());
}

TEST_F(Incident, AnOverfillIsBookedAndThenHalted) {
    const OrderTag tag = live(Side::kBuy, 100, 100'00);
    w_.tell(trade(tag, 100, 100'00, 1));
    EXPECT_EQ(w_.alerts(AlertCode::kOverfill), 0U);
    w_.tell(trade(tag, 50, 100'00, 2));
    EXPECT_EQ(position(), units(150)) << "the venue's word is the truth";
    EXPECT_EQ(paid(), Money::from_units(15'000));
    EXPECT_EQ(w_.alerts(AlertCode::kOverfill), 1U);
    EXPECT_EQ(w_.gate.state(ControlScope::kStrategy, 0), TradingState::kHalted);
    EXPECT_EQ(w_.gate.state(ControlScope::kInstrument, 0), TradingState::kHalted);
    sent();
    pending(Side::kBuy, 1, 100'00);
    EXPECT_NE(refused_by() & bit(ControlId::kState), 0U);
    EXPECT_EQ(sent(), 0U);
    // Others go on: another strategy in another instrument.
    w_.submit(w_.limit(1, 1, Side::kBuy, 1, 100'00));
    w_.settle();
    EXPECT_EQ(sent(), 1U);
}

// Knight Capital, 2012: a parent order's fills were not counted, so child orders went out without
// end: 397 million shares in 45 minutes.
TEST_F(Incident, ChildrenWithoutEndStopAtTheQuantityOfTheirParent) {
    OrderEvent parent = w_.limit(0, 0, Side::kBuy, 1'000, 100'00);
    parent.data.new_order.flags = kOrderParent;
    const OrderTag of = w_.submit(parent);
    w_.settle();
    EXPECT_EQ(sent(), 0U) << "a parent is never sent itself";
    std::int64_t out = 0;
    for (int n = 0; n < 500; ++n) {
        w_.tick();
        OrderEvent child = w_.limit(0, 0, Side::kBuy, 100, 100'00);
        child.data.new_order.parent = of;
        const OrderTag tag = w_.submit(child);
        w_.settle();
        for (const OrderEvent& e : w_.sent(0)) {
            ASSERT_EQ(e.type, OrderEventType::kSendNew);
            out += e.data.new_order.quantity.raw() / Quantity::kOne;
            if (n % 2 == 0)
                w_.tell(trade(tag, 100, 100'00, ++execs_));  // half of them fill at once
        }
    }
    EXPECT_EQ(out, 1'000);
    EXPECT_EQ(position(), units(500));
    EXPECT_EQ(reserved().buy, units(500));
    EXPECT_EQ(w_.alerts(AlertCode::kParentExceeded), 490U);
}

// Citigroup, 2022: a basket of 58 million dollars was entered as one of 444 billion, and a part of
// it was sold.
TEST_F(HouseIncident, ABasketWithAUnitErrorIsRefusedAsAWhole) {
    const auto basket = [this](std::int64_t last) {
        static std::uint32_t link = 0;
        OrderEvent announced =
            make_order_event(OrderEventType::kBasket, w_.tick(), InstrumentId{0});
        announced.data.basket = BasketData{};
        announced.data.basket.link = ++link;
        announced.data.basket.count = 3;
        w_.intend(announced);
        for (std::uint32_t i = 0; i < 3; ++i) {
            OrderEvent e = w_.limit(0, i, Side::kSell, i == 2 ? last : 10, 100'00);
            e.data.new_order.link = link;
            e.data.new_order.flags = kOrderBasket;
            w_.submit(e);
        }
        w_.settle();
    };
    basket(4'440'000);  // meant: 10
    EXPECT_EQ(sent(), 0U) << "not one of its orders";
    EXPECT_TRUE(reserved().sell.is_zero());
    EXPECT_EQ(w_.orders.open_count(), 0U);
    basket(10);
    EXPECT_EQ(sent(), 3U);
}

// Trades that venues take back (FIX ExecType H) or change (G), as after the flash crash of 2010.
TEST_F(Incident, BustedTradesRestorePositionCashAndProfit) {
    const OrderTag first = live(Side::kBuy, 100, 100'00);
    w_.tell(trade(first, 100, 100'00, 1));
    const OrderTag second = live(Side::kBuy, 50, 102'00);
    w_.tell(trade(second, 50, 102'00, 2));
    const OrderTag third = live(Side::kSell, 80, 103'00);
    w_.tell(trade(third, 80, 103'00, 3));
    EXPECT_EQ(position(), units(70));
    // 10000 + 5100 - 8240
    EXPECT_EQ(paid(), Money::from_units(6'860));
    // Average cost 15100 / 150 = 100.67: 8240 - 80 x 100.666667
    EXPECT_EQ(w_.accounts.realized(kAccount, kAaa, CostMethod::kAverage),
              Money::from_raw(186'666'667));

    OrderEvent e = make_order_event(OrderEventType::kCorrection, w_.tick(), kAaa);
    CorrectionData d;
    d.order_id = w_.order(second).id;
    d.exec_id = ExecId{4};
    d.ref_exec_id = ExecId{2};
    e.data.correction = d;
    w_.tell(e);
    // As if there had been 100 at 100.00 only: 20 are left, 80 x 3 was earned.
    EXPECT_EQ(position(), units(20));
    EXPECT_EQ(w_.accounts.strategy_position(kStrategy, kAaa), units(20));
    EXPECT_EQ(paid(), Money::from_units(1'760));
    EXPECT_EQ(w_.accounts.realized(kAccount, kAaa, CostMethod::kAverage), Money::from_units(240));
    EXPECT_EQ(state(second), OrderState::kCanceled) << "nothing is filled, nothing is open";
    w_.tell(e);  // the venue repeats itself
    EXPECT_EQ(position(), units(20));

    d.order_id = w_.order(third).id;
    d.exec_id = ExecId{5};
    d.ref_exec_id = ExecId{3};
    d.kind = CorrectionKind::kCorrect;
    d.price = cents(103'50);
    d.quantity = units(70);
    d.cumulative_quantity = units(70);
    e.data.correction = d;
    w_.tell(e);
    EXPECT_EQ(position(), units(30));
    // 10000 - 70 x 103.50
    EXPECT_EQ(paid(), Money::from_units(2'755));
    EXPECT_EQ(w_.accounts.realized(kAccount, kAaa, CostMethod::kAverage), Money::from_units(245));
}

TEST_F(Incident, OneDeadVenueDoesNotHoldUpTheHedgeAtTheOther) {
    const OrderTag stuck = pending(Side::kBuy, 100, 100'00);
    w_.sent(0);
    OrderEvent hedge = w_.limit(0, 1, Side::kSell, 100, 100'00);
    hedge.data.new_order.venue = VenueId{1};
    w_.submit(hedge);
    w_.settle();
    EXPECT_TRUE(w_.sent(0).empty());
    ASSERT_EQ(w_.sent(1).size(), 1U);
    const OrderTag tag = hedge.data.new_order.tag;
    w_.tell(report(tag, ExecType::kNew, 1));
    w_.tell(trade(tag, 100, 100'10, 2));
    EXPECT_EQ(state(tag), OrderState::kFilled);
    EXPECT_EQ(w_.accounts.position(kAccount, InstrumentId{1}), units(-100));
    EXPECT_EQ(state(stuck), OrderState::kPendingNew);
    EXPECT_EQ(reserved().buy, units(100));
    // An execution of the same number from the dead venue is another one.
    w_.tell(trade(stuck, 100, 100'00, 2));
    EXPECT_EQ(position(), units(100));
}

}  // namespace
}  // namespace fermata::test

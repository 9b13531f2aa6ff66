#include "core/order/order_manager.hpp"

#include <gtest/gtest.h>

#include "tests/core/order/order_world.hpp"

namespace fermata {
namespace {

using test::dollars;
using test::OrderWorld;
using test::price;
using test::units;
using W = OrderWorld;

// --- numbers ---

TEST(OrderManager, NumbersOrdersByDayEpochAndCounter) {
    W w;
    OrderEvent a = w.new_order(Side::kBuy, units(1), price(1));
    OrderEvent b = w.new_order(Side::kBuy, units(1), price(1));
    EXPECT_EQ(w.orders.number(a), make_client_order_id(19'000, 3, 1));
    EXPECT_EQ(w.orders.number(b), make_client_order_id(19'000, 3, 2));
    EXPECT_EQ(b.data.new_order.order_id, make_client_order_id(19'000, 3, 2));
}

TEST(OrderManager, GivesNoNumberToATagThatWasUsed) {
    W w;
    OrderEvent a = w.new_order(Side::kBuy, units(1), price(1));
    OrderEvent again = a;
    EXPECT_NE(w.orders.number(a).value, 0U);
    EXPECT_EQ(w.orders.number(again).value, 0U);
    EXPECT_EQ(again.data.new_order.order_id.value, 0U);
    OrderEvent stranger = w.new_order(Side::kBuy, units(1), price(1));
    stranger.data.new_order.strategy = StrategyId{0};  // not whose tag it is
    EXPECT_EQ(w.orders.number(stranger).value, 0U);
    OrderEvent nobody = w.new_order(Side::kBuy, units(1), price(1));
    nobody.data.new_order.strategy = StrategyId{999};
    nobody.data.new_order.tag = make_order_tag(StrategyId{999}, 1);
    EXPECT_EQ(w.orders.number(nobody).value, 0U);
}

// --- acceptance ---

TEST(OrderManager, AnnouncesAnAcceptedOrderAndSendsIt) {
    W w;
    const OrderTag tag = w.place(Side::kBuy, units(10), price(20));
    ASSERT_EQ(w.out.size(), 2U);
    EXPECT_EQ(w.out.span()[0].type, OrderEventType::kOrderUpdate);
    EXPECT_EQ(w.update().state, OrderState::kPendingNew);
    EXPECT_EQ(w.update().leaves_quantity, units(10));
    const OrderEvent& send = w.out.span()[1];
    EXPECT_EQ(send.type, OrderEventType::kSendNew);
    EXPECT_EQ(send.data.new_order.tag, tag);
    EXPECT_EQ(send.data.new_order.order_id, w.orders.find(tag)->id);
    EXPECT_EQ(send.ts, w.now);
    EXPECT_EQ(send.seq, 0U);
    EXPECT_EQ(w.exposure().buy, units(10));
    EXPECT_EQ(w.exposure().buy_value, dollars(200));
    EXPECT_EQ(w.orders.exposures().reserved_cash(W::kMain, w.usd), dollars(200));
    EXPECT_EQ(w.orders.exposures().open_orders(W::kStrategy), 1U);
}

TEST(OrderManager, AnswersADeniedOrderWithTheVerdictsBits) {
    W w;
    OrderEvent e = w.new_order(Side::kSell, units(10), price(20));
    w.orders.number(e);
    VerdictData verdict;
    verdict.failed = 0b1010;
    w.orders.deny(e, verdict, w.out);
    EXPECT_EQ(w.update().state, OrderState::kDenied);
    EXPECT_EQ(w.update().reason, OrderReason::kGate);
    EXPECT_EQ(w.update().failed, 0b1010U);
    EXPECT_EQ(w.update().leaves_quantity, Quantity::zero());
    EXPECT_EQ(w.orders.open_count(), 0U);
    EXPECT_EQ(w.orders.find(e.data.new_order.tag), nullptr);
}

TEST(OrderManager, DeniesWithAnAlertWhenItsTableIsFull) {
    W w({2, 16, 0, 0});
    w.place(Side::kBuy, units(1), price(1));
    w.place(Side::kBuy, units(1), price(1));
    w.place(Side::kBuy, units(1), price(1));
    EXPECT_EQ(w.update().state, OrderState::kDenied);
    EXPECT_EQ(w.alert(), AlertCode::kLaneFull);
    EXPECT_TRUE(w.emitted(OrderEventType::kSendNew).empty());
    EXPECT_EQ(w.exposure().buy, units(2));
}

TEST(OrderManager, DeniesWithAnAlertWhatNoExposureCanHold) {
    W w;
    w.place(Side::kBuy, units(10'000), Price::max());  // 9.2e13
    EXPECT_EQ(w.update().state, OrderState::kDenied);
    EXPECT_EQ(w.alert(), AlertCode::kNumberOverflow);
    w.place(Side::kBuy, units(900), Price::max());  // 8.3e12 fits
    EXPECT_EQ(w.alert(), AlertCode::kNone);
    w.place(Side::kSell, units(900), Price::max());  // the other side
    EXPECT_EQ(w.alert(), AlertCode::kNone);
    w.place(Side::kBuy, units(900), Price::max());  // the sum does not
    EXPECT_EQ(w.alert(), AlertCode::kNumberOverflow);
    EXPECT_EQ(w.exposure().open_orders(), 2U);
}

// --- fills ---

TEST(OrderManager, BooksAFillAndTellsEverythingAboutIt) {
    W w;
    const OrderTag tag = w.place(Side::kBuy, units(10), price(20));
    w.tell(tag, ExecType::kNew);
    EXPECT_EQ(w.update().state, OrderState::kNew);
    OrderEvent fill = w.trade(tag, units(4), price(19));
    fill.data.execution.fee = dollars(1);
    fill.data.execution.fee_currency = w.usd;
    fill.data.execution.liquidity = Liquidity::kMaker;
    w.tell(fill);
    const FillData d = w.emitted(OrderEventType::kFill).at(0).data.fill;
    EXPECT_EQ(d.tag, tag);
    EXPECT_EQ(d.quantity, units(4));
    EXPECT_EQ(d.cash_after, dollars(99'923));
    EXPECT_EQ(d.position_after, units(4));
    EXPECT_EQ(d.strategy_position_after, units(4));
    EXPECT_EQ(d.liquidity, Liquidity::kMaker);
    EXPECT_EQ(w.update().state, OrderState::kPartiallyFilled);
    EXPECT_EQ(w.update().cumulative_quantity, units(4));
    EXPECT_EQ(w.update().average_value, dollars(76));
    EXPECT_EQ(w.exposure().buy, units(6));
    EXPECT_EQ(w.exposure().buy_value, dollars(120));
    w.tell(w.trade(tag, units(6), price(20)));
    EXPECT_EQ(w.state(tag), OrderState::kFilled);
    EXPECT_EQ(w.exposure().buy, Quantity::zero());
    EXPECT_EQ(w.exposure().open_orders(), 0U);
    EXPECT_EQ(w.orders.exposures().reserved_cash(W::kMain, w.usd), Money::zero());
}

TEST(OrderManager, BooksAFillBeforeTheAcknowledgement) {
    W w;
    const OrderTag tag = w.place(Side::kBuy, units(10), price(20));
    w.tell(w.trade(tag, units(4), price(20)));
    EXPECT_EQ(w.state(tag), OrderState::kPartiallyFilled);
    w.tell(tag, ExecType::kNew);
    EXPECT_EQ(w.state(tag), OrderState::kPartiallyFilled);
    EXPECT_EQ(w.alert(), AlertCode::kNone);
}

TEST(OrderManager, BooksARepeatedExecutionOnce) {
    W w;
    const OrderTag tag = w.place(Side::kBuy, units(10), price(20));
    const OrderEvent fill = w.trade(tag, units(4), price(20));
    w.tell(fill);
    w.tell(fill);
    EXPECT_EQ(w.alert(), AlertCode::kDuplicateExecution);
    EXPECT_TRUE(w.emitted(OrderEventType::kFill).empty());
    EXPECT_EQ(w.accounts_book.position(W::kMain, W::kSpy), units(4));
    EXPECT_EQ(w.orders.find(tag)->cumulative_quantity, units(4));
}

TEST(OrderManager, RemembersTheNewestExecutionsOnly) {
    W w({8, 2, 0, 0});
    const OrderTag tag = w.place(Side::kBuy, units(10), price(20));
    const OrderEvent first = w.trade(tag, units(1), price(20));
    w.tell(first);
    w.tell(w.trade(tag, units(1), price(20)));
    w.tell(first);
    EXPECT_EQ(w.alert(), AlertCode::kDuplicateExecution);
    w.tell(w.trade(tag, units(1), price(20)));
    w.tell(first);  // two newer ones have pushed it out: the documented bound
    EXPECT_EQ(w.orders.find(tag)->cumulative_quantity, units(4));
}

TEST(OrderManager, BooksAFillThatArrivesAfterTheCancel) {
    W w;
    const OrderTag tag = w.place(Side::kBuy, units(10), price(20));
    w.cancel(tag);
    w.tell(tag, ExecType::kCanceled);
    EXPECT_EQ(w.state(tag), OrderState::kCanceled);
    w.tell(w.trade(tag, units(4), price(20)));
    EXPECT_EQ(w.state(tag), OrderState::kCanceled);
    EXPECT_EQ(w.accounts_book.position(W::kMain, W::kSpy), units(4));
    EXPECT_EQ(w.update().leaves_quantity, Quantity::zero());
    w.tell(w.trade(tag, units(6), price(20)));
    EXPECT_EQ(w.state(tag), OrderState::kFilled);
    EXPECT_EQ(w.exposure().open_orders(), 0U);
    EXPECT_EQ(w.exposure().buy, Quantity::zero());
}

TEST(OrderManager, BooksAnOverfillAndRaisesAnAlert) {
    W w;
    const OrderTag tag = w.place(Side::kBuy, units(10), price(20));
    w.tell(w.trade(tag, units(12), price(20)));
    EXPECT_EQ(w.state(tag), OrderState::kFilled);
    EXPECT_EQ(w.alert(), AlertCode::kOverfill);
    EXPECT_EQ(w.accounts_book.position(W::kMain, W::kSpy), units(12));
    w.tell(w.trade(tag, units(1), price(20)));
    EXPECT_EQ(w.alert(), AlertCode::kOverfill);
    EXPECT_EQ(w.accounts_book.position(W::kMain, W::kSpy), units(13));
    EXPECT_EQ(w.exposure().buy, Quantity::zero());
}

TEST(OrderManager, BooksTheFillOfARejectedOrderAndCountsItsExposureAgain) {
    W w;
    const OrderTag tag = w.place(Side::kBuy, units(10), price(20));
    w.tell(tag, ExecType::kRejected);
    EXPECT_EQ(w.exposure().buy, Quantity::zero());
    w.tell(w.trade(tag, units(4), price(20)));
    EXPECT_EQ(w.alert(), AlertCode::kIllegalTransition);
    EXPECT_EQ(w.state(tag), OrderState::kUnknown);
    EXPECT_EQ(w.exposure().buy, units(6));
    EXPECT_EQ(w.exposure().open_orders(), 1U);
    w.tell(tag, ExecType::kCanceled);
    EXPECT_EQ(w.exposure().open_orders(), 0U);
}

TEST(OrderManager, RaisesAnAlertForAFillThatNoNumberCanHold) {
    W w;
    const OrderTag tag = w.place(Side::kBuy, units(10'000), price(20));
    const OrderEvent fill = w.trade(tag, units(10'000), Price::max());
    w.tell(fill);
    EXPECT_EQ(w.alert(), AlertCode::kNumberOverflow);
    EXPECT_EQ(w.accounts_book.position(W::kMain, W::kSpy), Quantity::zero());
    EXPECT_EQ(w.state(tag), OrderState::kPendingNew);
    w.tell(fill);  // was not booked, so it is not a repetition
    EXPECT_EQ(w.alert(), AlertCode::kNumberOverflow);
}

TEST(OrderManager, RaisesAnAlertForAReportThatIsNotOurs) {
    W w;
    OrderEvent e = w.report(OrderTag{}, ExecType::kTrade);
    e.data.execution.order_id = ClientOrderId{12345};
    w.tell(e);
    EXPECT_EQ(w.alert(), AlertCode::kUnknownOrder);
    const OrderTag tag = w.place(Side::kBuy, units(1), price(20));
    e = w.trade(tag, units(1), price(20));
    e.data.execution.venue = VenueId{7};  // another venue knows nothing of this order
    w.tell(e);
    EXPECT_EQ(w.alert(), AlertCode::kUnknownOrder);
    EXPECT_EQ(w.accounts_book.position(W::kMain, W::kSpy), Quantity::zero());
}

TEST(OrderManager, RaisesAnAlertForNumbersThatMeanNothing) {
    W w;
    const OrderTag tag = w.place(Side::kBuy, units(1), price(20));
    w.tell(w.trade(tag, Quantity::zero(), price(20)));
    EXPECT_EQ(w.alert(), AlertCode::kIllegalTransition);
    w.tell(w.replaced(tag, Quantity::max(), Quantity::max(), price(20)));
    EXPECT_EQ(w.alert(), AlertCode::kIllegalTransition);
    EXPECT_EQ(w.state(tag), OrderState::kPendingNew);
}

TEST(OrderManager, RaisesAnAlertForWhatTheStateDoesNotAllow) {
    W w;
    const OrderTag tag = w.place(Side::kBuy, units(1), price(20));
    w.tell(w.trade(tag, units(1), price(20)));
    w.tell(tag, ExecType::kCanceled);
    EXPECT_EQ(w.alert(), AlertCode::kIllegalTransition);
    const AlertData d = w.emitted(OrderEventType::kAlert).at(0).data.alert;
    EXPECT_EQ(d.detail[0], static_cast<std::int64_t>(OrderState::kFilled));
    EXPECT_EQ(d.detail[1], static_cast<std::int64_t>(OrderInput::kCanceled));
    EXPECT_EQ(w.state(tag), OrderState::kFilled);
}

TEST(OrderManager, RemembersThatAStopWasTriggered) {
    W w;
    const OrderTag tag = w.place(Side::kBuy, units(1), price(20));
    w.tell(tag, ExecType::kTriggered);
    EXPECT_TRUE(w.orders.find(tag)->triggered);
    EXPECT_EQ(w.state(tag), OrderState::kTriggered);
}

// --- time ---

TEST(OrderManager, KeepsTheExposureOfAnOrderThatGetsNoAnswer) {
    W w;
    const OrderTag tag = w.place(Side::kBuy, units(10), price(20));
    w.out.clear();
    w.orders.on_timeout(w.orders.find(tag)->id, w.tick(), w.out);
    EXPECT_EQ(w.update().state, OrderState::kUnknown);
    EXPECT_EQ(w.exposure().buy, units(10));
    w.cancel(tag);
    EXPECT_EQ(w.emitted(OrderEventType::kSendCancel).size(), 1U);
    w.tell(tag, ExecType::kNew);  // late
    EXPECT_EQ(w.state(tag), OrderState::kPendingCancel);
    w.tell(tag, ExecType::kCanceled);
    EXPECT_EQ(w.exposure().buy, Quantity::zero());
}

TEST(OrderManager, IgnoresATimeoutThatTheAnswerOvertook) {
    W w;
    const OrderTag tag = w.place(Side::kBuy, units(10), price(20));
    w.tell(tag, ExecType::kNew);
    w.out.clear();
    w.orders.on_timeout(w.orders.find(tag)->id, w.tick(), w.out);
    EXPECT_TRUE(w.out.empty());
    EXPECT_EQ(w.state(tag), OrderState::kNew);
}

TEST(OrderManager, HashesEqualHistoriesEquallyAndOthersNot) {
    W a, b;
    for (W* w : {&a, &b}) {
        const OrderTag tag = w->place(Side::kBuy, units(10), price(20));
        w->tell(w->trade(tag, units(4), price(20)));
    }
    EXPECT_EQ(a.orders.state_hash(), b.orders.state_hash());
    b.tell(OrderTag{make_order_tag(W::kStrategy, 1)}, ExecType::kCanceled);
    EXPECT_NE(a.orders.state_hash(), b.orders.state_hash());
}

// The venue counts 60 filled when it cancels the rest; the report of the fills comes later.
TEST(OrderManager, KeepsAnOrderThatIsOverUntilItsFillsHaveCome) {
    W w;
    const OrderTag tag = w.place(Side::kBuy, units(100), price(20));
    OrderEvent end = w.report(tag, ExecType::kCanceled);
    end.data.execution.cumulative_quantity = units(60);
    w.tell(end);
    EXPECT_FALSE(is_terminal(w.state(tag)));
    EXPECT_EQ(w.exposure().buy, units(100));
    w.tell(w.trade(tag, units(25), price(20)));
    EXPECT_FALSE(is_terminal(w.state(tag)));
    w.tell(w.trade(tag, units(35), price(20)));
    EXPECT_EQ(w.state(tag), OrderState::kCanceled);
    EXPECT_EQ(w.exposure().buy, Quantity::zero());
    EXPECT_EQ(w.accounts_book.position(W::kMain, W::kSpy), units(60));
}

TEST(OrderManager, ReservesNothingForWhatCanOnlyReduce) {
    W w;
    OrderEvent e = w.new_order(Side::kSell, units(100), price(20));
    e.data.new_order.flags = kOrderReduceOnly;
    const OrderTag tag = w.submit(e);
    EXPECT_EQ(w.exposure().sell, Quantity::zero());
    EXPECT_EQ(w.exposure().open_orders(), 1U);
    w.cancel(tag);
    w.tell(w.report(tag, ExecType::kCanceled));
    EXPECT_EQ(w.exposure().open_orders(), 0U);
}

TEST(OrderManager, KeepsTheWorstPriceOfAPegThatItsVenueMoves) {
    OrderWorld w;
    OrderEvent e = w.new_order(Side::kBuy, units(10), price(105));
    e.data.new_order.type = OrderType::kPegged;
    e.data.new_order.offset_kind = OffsetKind::kPegPrimary;
    const OrderTag tag = w.submit(e);
    w.tell(tag, ExecType::kNew);
    OrderEvent moved = w.report(tag, ExecType::kRestated);
    moved.data.execution.price = price(99);
    moved.data.execution.leaves_quantity = units(10);
    w.tell(moved);
    EXPECT_EQ(w.orders.find(tag)->price, price(99)) << "where it stands";
    EXPECT_EQ(w.orders.find(tag)->bound, price(105)) << "how far it may follow";
    EXPECT_EQ(w.orders.find(tag)->named_price(), price(105));
    w.replace(tag, units(10), price(103));
    w.tell(w.replaced(tag, units(0), units(10), price(100)));
    EXPECT_EQ(w.orders.find(tag)->price, price(100));
    EXPECT_EQ(w.orders.find(tag)->bound, price(103));
}

}  // namespace
}  // namespace fermata

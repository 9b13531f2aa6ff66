#include <gtest/gtest.h>

#include "tests/core/order/order_world.hpp"
#include "tests/support/state_copy.hpp"

namespace fermata {
namespace {

using test::dollars;
using test::OrderWorld;
using test::price;
using test::units;
using W = OrderWorld;

/// A buy of 10 at 20 of which 4 are filled at 19 for a fee of 1: cash 100,000 - 76 - 1.
struct Filled : W {
    OrderTag tag = place(Side::kBuy, units(10), price(20));
    OrderEvent fill = trade(tag, units(4), price(19));
    Filled() {
        fill.data.execution.fee = dollars(1);
        fill.data.execution.fee_currency = usd;
        tell(fill);
    }
};

TEST(OrderCorrections, TakeAFillBackAsIfItHadNeverBeen) {
    Filled w;
    ASSERT_EQ(w.accounts_book.cash(W::kMain, w.usd), dollars(99'923));
    w.tell(w.bust(w.fill, units(10)));
    EXPECT_EQ(w.accounts_book.position(W::kMain, W::kSpy), Quantity::zero());
    EXPECT_EQ(w.accounts_book.strategy_position(W::kStrategy, W::kSpy), Quantity::zero());
    EXPECT_EQ(w.accounts_book.cash(W::kMain, w.usd), dollars(100'000));
    EXPECT_EQ(w.accounts_book.fees(W::kMain, w.usd), Money::zero());
    EXPECT_EQ(w.update().state, OrderState::kNew);
    EXPECT_EQ(w.update().previous, OrderState::kPartiallyFilled);
    EXPECT_EQ(w.update().reason, OrderReason::kTradeBusted);
    EXPECT_EQ(w.update().cumulative_quantity, Quantity::zero());
    EXPECT_EQ(w.update().average_value, Money::zero());
    EXPECT_EQ(w.exposure().buy, units(10)) << "it is open again";
    const auto positions = w.emitted(OrderEventType::kPosition);
    ASSERT_EQ(positions.size(), 2U);
    EXPECT_EQ(positions[0].data.position.strategy.value, 0xffff);
    EXPECT_EQ(positions[0].data.position.change, PositionChange::kCorrection);
    EXPECT_EQ(positions[0].data.position.amount, dollars(77));
    EXPECT_EQ(positions[0].data.position.cash, dollars(100'000));
    EXPECT_EQ(positions[1].data.position.strategy, W::kStrategy);
    EXPECT_EQ(positions[1].data.position.strategy_position, Quantity::zero());
}

// 10 of 25 are booked when the venue takes them back. It counts 8 more, whose report is on its way,
// and nothing open: the order was over before.
TEST(OrderCorrections, WaitForFillsThatTheVenueCountsAndHasNotReported) {
    W w;
    const OrderTag tag = w.place(Side::kBuy, units(25), price(8));
    const OrderEvent fill = w.trade(tag, units(10), price(8));
    w.tell(fill);
    OrderEvent bust = w.bust(fill, Quantity::zero());
    bust.data.correction.cumulative_quantity = units(8);
    w.tell(bust);
    EXPECT_EQ(w.state(tag), OrderState::kNew) << "nothing of it is booked";
    EXPECT_EQ(w.exposure().buy, units(25));
    w.tell(w.trade(tag, units(8), price(8)));
    EXPECT_EQ(w.state(tag), OrderState::kCanceled);
    EXPECT_EQ(w.orders.find(tag)->cumulative_quantity, units(8));
    EXPECT_EQ(w.exposure().buy, Quantity::zero());
    EXPECT_EQ(w.accounts_book.position(W::kMain, W::kSpy), units(8));
}

TEST(OrderCorrections, ChangeTheTermsOfAFill) {
    Filled w;
    OrderEvent c = w.correction(w.fill, CorrectionKind::kCorrect, units(7));
    c.data.correction.price = price(18);
    c.data.correction.quantity = units(3);
    c.data.correction.fee = dollars(2);
    w.tell(c);
    EXPECT_EQ(w.update().state, OrderState::kPartiallyFilled);
    EXPECT_EQ(w.update().reason, OrderReason::kTradeCorrected);
    EXPECT_EQ(w.update().cumulative_quantity, units(3));
    EXPECT_EQ(w.update().average_value, dollars(54));
    EXPECT_EQ(w.accounts_book.position(W::kMain, W::kSpy), units(3));
    EXPECT_EQ(w.accounts_book.cash(W::kMain, w.usd), dollars(99'944));  // 100,000 - 54 - 2
    EXPECT_EQ(w.exposure().buy, units(7));
    // A correction may be corrected, by the id of either, and taken back at last.
    OrderEvent again = w.correction(w.fill, CorrectionKind::kCorrect, units(5));
    again.data.correction.ref_exec_id = c.data.correction.exec_id;
    again.data.correction.price = price(19);
    again.data.correction.quantity = units(5);
    w.tell(again);
    EXPECT_EQ(w.accounts_book.position(W::kMain, W::kSpy), units(5));
    EXPECT_EQ(w.accounts_book.cash(W::kMain, w.usd), dollars(99'905));
    w.tell(w.bust(w.fill, units(10)));
    EXPECT_EQ(w.accounts_book.cash(W::kMain, w.usd), dollars(100'000));
    EXPECT_EQ(w.orders.find(w.tag)->filled_value, Money::zero());
}

TEST(OrderCorrections, LetTheReportDecideWhetherAFilledOrderLivesOn) {
    for (const bool lives : {true, false}) {
        Filled w;
        w.tell(w.trade(w.tag, units(6), price(20)));
        ASSERT_EQ(w.state(w.tag), OrderState::kFilled);
        w.tell(w.bust(w.fill, lives ? units(4) : Quantity::zero()));
        EXPECT_EQ(w.state(w.tag), lives ? OrderState::kPartiallyFilled : OrderState::kCanceled);
        EXPECT_EQ(w.exposure().buy, lives ? units(4) : Quantity::zero());
        EXPECT_EQ(w.orders.open_count(), lives ? 1U : 0U);
        EXPECT_EQ(w.alert(), AlertCode::kNone);
    }
}

TEST(OrderCorrections, EndALiveOrderThatHasNothingLeft) {
    Filled w;
    w.tell(w.bust(w.fill, Quantity::zero()));
    EXPECT_EQ(w.state(w.tag), OrderState::kCanceled);
    EXPECT_EQ(w.exposure().open_orders(), 0U);
}

TEST(OrderCorrections, LeaveACanceledOrderCanceledUnlessTheVenueSaysOtherwise) {
    Filled w;
    w.cancel(w.tag);
    w.tell(w.tag, ExecType::kCanceled);
    OrderEvent fill = w.trade(w.tag, units(2), price(20));  // late
    w.tell(fill);
    w.tell(w.bust(w.fill, Quantity::zero()));
    EXPECT_EQ(w.state(w.tag), OrderState::kCanceled);
    EXPECT_EQ(w.accounts_book.position(W::kMain, W::kSpy), units(2));
    EXPECT_EQ(w.alert(), AlertCode::kNone);
    w.tell(w.bust(fill, units(10)));
    EXPECT_EQ(w.state(w.tag), OrderState::kNew);
    EXPECT_EQ(w.alert(), AlertCode::kIllegalTransition) << "it should not come back to life";
    EXPECT_EQ(w.exposure().buy, units(10));
}

TEST(OrderCorrections, KeepARequestThatIsUnanswered) {
    Filled w;
    w.cancel(w.tag);
    w.tell(w.bust(w.fill, units(10)));
    EXPECT_EQ(w.state(w.tag), OrderState::kPendingCancel);
    w.tell(w.tag, ExecType::kCanceled);
    EXPECT_EQ(w.state(w.tag), OrderState::kCanceled);
}

TEST(OrderCorrections, AreTakenInOnce) {
    Filled w;
    const OrderEvent bust = w.bust(w.fill, units(10));
    w.tell(bust);
    w.tell(bust);
    EXPECT_EQ(w.alert(), AlertCode::kDuplicateExecution);
    w.tell(w.bust(w.fill, units(10)));  // another report, the same fill
    EXPECT_EQ(w.alert(), AlertCode::kDuplicateExecution);
    EXPECT_TRUE(w.emitted(OrderEventType::kOrderUpdate).empty());
    EXPECT_EQ(w.accounts_book.cash(W::kMain, w.usd), dollars(100'000));
    w.tell(w.fill);
    EXPECT_EQ(w.alert(), AlertCode::kDuplicateExecution) << "nor does the fill come back";
}

TEST(OrderCorrections, OfAFillThatIsNotKnownRaiseAnAlert) {
    Filled w;
    OrderEvent bust = w.bust(w.fill, units(10));
    bust.data.correction.ref_exec_id = ExecId{999};
    w.tell(bust);
    EXPECT_EQ(w.alert(), AlertCode::kUnknownExecution);
    const OrderEvent ack = w.report(w.tag, ExecType::kNew);
    w.tell(ack);
    w.tell(w.bust(ack, units(10)));
    EXPECT_EQ(w.alert(), AlertCode::kUnknownExecution) << "an acknowledgement is no fill";
    EXPECT_EQ(w.accounts_book.position(W::kMain, W::kSpy), units(4));
}

TEST(OrderCorrections, KeepAFillFromBeingBookedThatTheyOvertook) {
    Filled w;
    const OrderEvent fill = w.trade(w.tag, units(3), price(20));
    w.tell(w.bust(fill, units(6)));
    EXPECT_EQ(w.alert(), AlertCode::kUnknownExecution);
    w.tell(fill);
    EXPECT_EQ(w.alert(), AlertCode::kDuplicateExecution);
    EXPECT_TRUE(w.emitted(OrderEventType::kFill).empty());
    EXPECT_EQ(w.accounts_book.position(W::kMain, W::kSpy), units(4));
}

/// That fill would have ended it, and nothing else is ever said of it.
TEST(OrderCorrections, EndTheOrderWhoseLastFillTheyOvertook) {
    Filled w;  // 4 of 10
    const OrderEvent last = w.trade(w.tag, units(6), price(19));
    OrderEvent bust = w.bust(last, Quantity::zero());
    bust.data.correction.cumulative_quantity = units(4);
    w.tell(bust);
    EXPECT_EQ(w.alert(), AlertCode::kUnknownExecution);
    EXPECT_EQ(w.state(w.tag), OrderState::kCanceled);
    EXPECT_EQ(w.update().reason, OrderReason::kTradeBusted);
    EXPECT_EQ(w.exposure().buy, Quantity::zero());
    w.tell(last);
    EXPECT_EQ(w.accounts_book.position(W::kMain, W::kSpy), units(4)) << "it was taken back";
    EXPECT_EQ(w.state(w.tag), OrderState::kCanceled);
}

/// 4 of 10 are not reported yet; the last 6 were, and are taken back before they come.
TEST(OrderCorrections, ThatOvertakeTheLastFillWaitForTheOthers) {
    W w;
    const OrderTag tag = w.place(Side::kBuy, units(10), price(20));
    const OrderEvent first = w.trade(tag, units(4), price(19));
    OrderEvent bust = w.bust(w.trade(tag, units(6), price(19)), Quantity::zero());
    bust.data.correction.cumulative_quantity = units(4);
    w.tell(bust);
    EXPECT_EQ(w.state(tag), OrderState::kPendingNew);
    EXPECT_EQ(w.exposure().buy, units(10));
    w.tell(first);
    EXPECT_EQ(w.state(tag), OrderState::kCanceled);
    EXPECT_EQ(w.orders.find(tag)->cumulative_quantity, units(4));
    EXPECT_EQ(w.exposure().buy, Quantity::zero());
}

TEST(OrderCorrections, MakeNoSenseOfNonsense) {
    Filled w;
    OrderEvent c = w.correction(w.fill, CorrectionKind::kCorrect, units(7));
    w.tell(c);  // to a quantity of zero
    EXPECT_EQ(w.alert(), AlertCode::kCorrectionFailed);
    EXPECT_EQ(w.accounts_book.position(W::kMain, W::kSpy), units(4));
    EXPECT_EQ(w.orders.find(w.tag)->cumulative_quantity, units(4));
}

TEST(OrderCorrections, ReachAccountsWhoseOrderIsForgotten) {
    W w({1, 64, 0, 0});
    const OrderTag tag = w.place(Side::kBuy, units(4), price(20));
    const OrderEvent fill = w.trade(tag, units(4), price(20));
    w.tell(fill);
    w.place(Side::kBuy, units(1), price(20));
    ASSERT_EQ(w.orders.find(tag), nullptr);
    w.tell(w.bust(fill, Quantity::zero()));
    EXPECT_EQ(w.accounts_book.position(W::kMain, W::kSpy), Quantity::zero());
    EXPECT_EQ(w.emitted(OrderEventType::kPosition).size(), 2U);
    EXPECT_EQ(w.alert(), AlertCode::kNone);
}

TEST(OrderCorrections, AreKnownAfterARestart) {
    Filled w;
    OrderEvent c = w.correction(w.fill, CorrectionKind::kCorrect, units(7));
    c.data.correction.price = price(18);
    c.data.correction.quantity = units(3);
    w.tell(c);
    const std::uint64_t hash = w.orders.state_hash();
    test::restart(w.accounts_book, w.AccountWorld::book());
    test::restart(w.orders, OrderManagerConfig{64, 1'024, 19'000, 3}, w.instruments,
                  w.accounts_book);
    EXPECT_EQ(w.orders.state_hash(), hash);
    w.tell(c);
    EXPECT_EQ(w.alert(), AlertCode::kDuplicateExecution);
    OrderEvent bust = w.bust(w.fill, units(10));
    bust.data.correction.ref_exec_id = c.data.correction.exec_id;
    w.tell(bust);
    EXPECT_EQ(w.accounts_book.cash(W::kMain, w.usd), dollars(100'000));
    EXPECT_EQ(w.state(w.tag), OrderState::kNew);
}

/// The report of the fill is lost, then the venue changes it, then it takes back what it changed.
TEST(OrderCorrections, ThatWereNotAppliedMayBeNamedByALaterOne) {
    Filled w;  // 4 of 10
    const OrderEvent lost = w.trade(w.tag, units(3), price(20));
    OrderEvent c = w.correction(lost, CorrectionKind::kCorrect, units(4));
    c.data.correction.quantity = units(2);
    w.tell(c);
    EXPECT_EQ(w.alert(), AlertCode::kUnknownExecution);
    test::restart(w.accounts_book, w.AccountWorld::book());
    const std::uint64_t hash = w.orders.state_hash();
    test::restart(w.orders, OrderManagerConfig{64, 1'024, 19'000, 3}, w.instruments,
                  w.accounts_book);
    EXPECT_EQ(w.orders.state_hash(), hash);
    OrderEvent bust = w.bust(lost, units(6));
    bust.data.correction.ref_exec_id = c.data.correction.exec_id;
    w.tell(bust);
    EXPECT_EQ(w.alert(), AlertCode::kUnknownExecution);
    w.tell(lost);
    EXPECT_EQ(w.alert(), AlertCode::kDuplicateExecution);
    EXPECT_EQ(w.accounts_book.position(W::kMain, W::kSpy), units(4));
}

/// The bust comes before the correction that it names: with that, its fill is taken back.
TEST(OrderCorrections, AreTakenBackWithTheirFillWhenTheirBustCameFirst) {
    Filled w;
    OrderEvent c = w.correction(w.fill, CorrectionKind::kCorrect, units(7));
    c.data.correction.price = price(18);
    c.data.correction.quantity = units(3);
    OrderEvent bust = w.bust(w.fill, units(10));
    bust.data.correction.ref_exec_id = c.data.correction.exec_id;
    w.tell(bust);
    EXPECT_EQ(w.alert(), AlertCode::kUnknownExecution);
    EXPECT_EQ(w.accounts_book.position(W::kMain, W::kSpy), units(4));
    w.tell(c);
    EXPECT_EQ(w.accounts_book.position(W::kMain, W::kSpy), Quantity::zero());
    EXPECT_EQ(w.accounts_book.cash(W::kMain, w.usd), dollars(100'000));
    EXPECT_EQ(w.state(w.tag), OrderState::kNew);
    w.tell(c);
    EXPECT_EQ(w.alert(), AlertCode::kDuplicateExecution);
    EXPECT_EQ(w.accounts_book.position(W::kMain, W::kSpy), Quantity::zero());
}

TEST(OrderCorrections, OfAnOrderThatTheVenueSuspendsLeaveItSuspended) {
    Filled w;
    w.tell(w.tag, ExecType::kSuspended);
    EXPECT_EQ(w.state(w.tag), OrderState::kSuspended);
    w.tell(w.bust(w.fill, units(10)));
    EXPECT_EQ(w.state(w.tag), OrderState::kSuspended);
    w.tell(w.tag, ExecType::kDoneForDay);
    EXPECT_EQ(w.state(w.tag), OrderState::kSuspended);
    w.tell(w.tag, ExecType::kNew);
    EXPECT_EQ(w.state(w.tag), OrderState::kNew);
    w.tell(w.tag, ExecType::kDoneForDay);
    EXPECT_EQ(w.state(w.tag), OrderState::kDoneForDay);
    EXPECT_EQ(w.exposure().buy, units(10)) << "it may work again tomorrow";
    OrderEvent restated = w.replaced(w.tag, Quantity::zero(), units(10), price(21));
    restated.data.execution.exec_type = ExecType::kRestated;
    w.tell(restated);
    EXPECT_EQ(w.state(w.tag), OrderState::kNew);
    EXPECT_EQ(w.orders.find(w.tag)->price, price(21));
    EXPECT_EQ(w.alert(), AlertCode::kNone);
}

}  // namespace
}  // namespace fermata

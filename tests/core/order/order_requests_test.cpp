#include <gtest/gtest.h>

#include "core/order/order_manager.hpp"
#include "tests/core/order/order_world.hpp"

namespace fermata {
namespace {

using test::dollars;
using test::OrderWorld;
using test::price;
using test::units;
using W = OrderWorld;

/// A world with one acknowledged order to buy 100 at 20.
struct Working : W {
    OrderTag tag = place(Side::kBuy, units(100), price(20));
    Working() { tell(tag, ExecType::kNew); }
};

TEST(OrderRequests, SendsACancelAndSaysSo) {
    Working w;
    w.cancel(w.tag);
    EXPECT_EQ(w.update().state, OrderState::kPendingCancel);
    EXPECT_EQ(w.update().previous, OrderState::kNew);
    const auto sent = w.emitted(OrderEventType::kSendCancel);
    ASSERT_EQ(sent.size(), 1U);
    EXPECT_EQ(sent[0].data.change.order_id, w.orders.find(w.tag)->id);
    EXPECT_EQ(sent[0].data.change.change_id, 1U);
    EXPECT_EQ(sent[0].data.change.venue, W::kVenue);
    EXPECT_EQ(w.exposure().buy, units(100)) << "until the venue confirms";
}

TEST(OrderRequests, AnswersASecondCancelWithoutSendingIt) {
    Working w;
    w.cancel(w.tag);
    w.cancel(w.tag);
    EXPECT_EQ(w.update().state, OrderState::kPendingCancel);
    EXPECT_TRUE(w.emitted(OrderEventType::kSendCancel).empty());
}

TEST(OrderRequests, AnswersACancelOfAnUnknownOrAnothersOrder) {
    Working w;
    w.cancel(make_order_tag(W::kStrategy, 999));
    EXPECT_EQ(w.update().reason, OrderReason::kUnknownOrder);
    EXPECT_EQ(w.update().state, OrderState::kDenied);
    OrderEvent e = w.change(OrderEventType::kCancel, w.tag);
    e.data.change.strategy = StrategyId{0};
    w.out.clear();
    w.orders.request_cancel(e, w.out);
    EXPECT_EQ(w.update().reason, OrderReason::kUnknownOrder);
    EXPECT_EQ(w.state(w.tag), OrderState::kNew);
}

TEST(OrderRequests, AnswersACancelOfATerminalOrder) {
    Working w;
    w.tell(w.trade(w.tag, units(100), price(20)));
    w.cancel(w.tag);
    EXPECT_EQ(w.update().reason, OrderReason::kTooLateToCancel);
    EXPECT_EQ(w.update().state, OrderState::kFilled);
    EXPECT_TRUE(w.emitted(OrderEventType::kSendCancel).empty());
}

TEST(OrderRequests, GoesBackWhereItWasWhenACancelIsRejected) {
    Working w;
    w.tell(w.trade(w.tag, units(10), price(20)));
    w.cancel(w.tag);
    w.tell(w.tag, ExecType::kCancelRejected);
    EXPECT_EQ(w.state(w.tag), OrderState::kPartiallyFilled);
    EXPECT_EQ(w.exposure().buy, units(90));
}

TEST(OrderRequests, CancelsBeforeTheAcknowledgement) {
    W w;
    const OrderTag tag = w.place(Side::kBuy, units(1), price(1));
    w.cancel(tag);
    w.tell(tag, ExecType::kNew);
    EXPECT_EQ(w.state(tag), OrderState::kPendingCancel);
    w.tell(tag, ExecType::kCancelRejected);
    EXPECT_EQ(w.state(tag), OrderState::kNew);
}

TEST(OrderRequests, TakesTheLateAnswerToACancelThatAFillOvertook) {
    Working w;
    w.cancel(w.tag);
    w.tell(w.trade(w.tag, units(100), price(20)));
    EXPECT_EQ(w.state(w.tag), OrderState::kFilled);
    w.tell(w.tag, ExecType::kCancelRejected);
    EXPECT_EQ(w.state(w.tag), OrderState::kFilled);
    EXPECT_EQ(w.alert(), AlertCode::kNone);
}

TEST(OrderRequests, ReservesTheWorseTermsWhileAReplaceIsPending) {
    Working w;
    w.replace(w.tag, units(50), price(30));
    EXPECT_EQ(w.update().state, OrderState::kPendingReplace);
    EXPECT_EQ(w.exposure().buy, units(100));
    EXPECT_EQ(w.exposure().buy_value, dollars(3'000)) << "the larger quantity at the higher price";
    const auto sent = w.emitted(OrderEventType::kSendReplace);
    ASSERT_EQ(sent.size(), 1U);
    EXPECT_EQ(sent[0].data.change.quantity, units(50));
    EXPECT_EQ(sent[0].data.change.price, price(30));
    w.tell(w.replaced(w.tag, Quantity::zero(), units(50), price(30)));
    EXPECT_EQ(w.state(w.tag), OrderState::kReplaced);
    EXPECT_EQ(w.exposure().buy, units(50));
    EXPECT_EQ(w.exposure().buy_value, dollars(1'500));
    EXPECT_EQ(w.orders.find(w.tag)->price, price(30));
}

TEST(OrderRequests, KeepsTheOldTermsWhenAReplaceIsRejected) {
    Working w;
    w.replace(w.tag, units(150), price(30));
    EXPECT_EQ(w.exposure().buy, units(150));
    w.tell(w.tag, ExecType::kReplaceRejected);
    EXPECT_EQ(w.state(w.tag), OrderState::kNew);
    EXPECT_EQ(w.exposure().buy, units(100));
    EXPECT_EQ(w.exposure().buy_value, dollars(2'000));
}

TEST(OrderRequests, RefusesAReplaceToWhatIsFilledAlready) {
    Working w;
    w.tell(w.trade(w.tag, units(40), price(20)));
    for (const std::int64_t quantity : {0, 39, 40}) {
        w.replace(w.tag, units(quantity), price(20));
        EXPECT_EQ(w.update().reason, OrderReason::kInvalidQuantity);
        EXPECT_EQ(w.update().state, OrderState::kPartiallyFilled);
        EXPECT_TRUE(w.emitted(OrderEventType::kSendReplace).empty());
    }
    w.replace(w.tag, units(41), price(20));
    EXPECT_EQ(w.emitted(OrderEventType::kSendReplace).size(), 1U);
}

TEST(OrderRequests, AllowsOneReplaceAtATime) {
    Working w;
    w.replace(w.tag, units(50), price(20));
    w.replace(w.tag, units(60), price(20));
    EXPECT_EQ(w.update().reason, OrderReason::kUnsupported);
    EXPECT_EQ(w.orders.find(w.tag)->pending_quantity, units(50));
}

TEST(OrderRequests, RefusesAReplaceWhileACancelIsPendingOrAfterTheEnd) {
    Working w;
    w.cancel(w.tag);
    w.replace(w.tag, units(50), price(20));
    EXPECT_EQ(w.update().reason, OrderReason::kTooLateToCancel);
    w.tell(w.tag, ExecType::kCanceled);
    w.replace(w.tag, units(50), price(20));
    EXPECT_EQ(w.update().reason, OrderReason::kTooLateToCancel);
    EXPECT_EQ(w.update().state, OrderState::kCanceled);
    w.replace(make_order_tag(W::kStrategy, 999), units(1), price(1));
    EXPECT_EQ(w.update().reason, OrderReason::kUnknownOrder);
}

TEST(OrderRequests, CancelsWhileAReplaceIsPendingAndKeepsBothOutstanding) {
    Working w;
    w.replace(w.tag, units(150), price(20));
    w.cancel(w.tag);
    EXPECT_EQ(w.update().state, OrderState::kPendingCancel);
    EXPECT_EQ(w.exposure().buy, units(150)) << "the replace may still come into force";
    w.tell(w.replaced(w.tag, Quantity::zero(), units(150), price(20)));
    EXPECT_EQ(w.state(w.tag), OrderState::kPendingCancel);
    EXPECT_EQ(w.orders.find(w.tag)->quantity, units(150));
    w.tell(w.tag, ExecType::kCanceled);
    EXPECT_EQ(w.exposure().buy, Quantity::zero());
}

TEST(OrderRequests, WaitsForTheReplaceWhenTheCancelIsRejected) {
    Working w;
    w.replace(w.tag, units(150), price(20));
    w.cancel(w.tag);
    w.tell(w.tag, ExecType::kCancelRejected);
    EXPECT_EQ(w.state(w.tag), OrderState::kPendingReplace);
    w.tell(w.tag, ExecType::kReplaceRejected);
    EXPECT_EQ(w.state(w.tag), OrderState::kNew);
}

TEST(OrderRequests, DoesNotCallAnOrderFilledWhileALargerQuantityMayBeInForce) {
    Working w;
    w.replace(w.tag, units(150), price(20));
    w.tell(w.trade(w.tag, units(100), price(20)));
    EXPECT_EQ(w.state(w.tag), OrderState::kPendingReplace);
    EXPECT_EQ(w.exposure().buy, units(50));
    w.tell(w.tag, ExecType::kReplaceRejected);  // the fill came first at the venue
    EXPECT_EQ(w.state(w.tag), OrderState::kFilled);
    EXPECT_EQ(w.exposure().open_orders(), 0U);
    EXPECT_EQ(w.alert(), AlertCode::kNone);
}

TEST(OrderRequests, TakesAFillBeyondTheOldQuantityThatOvertookTheReplace) {
    Working w;
    w.replace(w.tag, units(150), price(20));
    w.tell(w.trade(w.tag, units(120), price(20)));
    EXPECT_EQ(w.alert(), AlertCode::kNone) << "not an overfill of 150";
    w.tell(w.replaced(w.tag, Quantity::zero(), units(150), price(20)));
    EXPECT_EQ(w.state(w.tag), OrderState::kPartiallyFilled);
    EXPECT_EQ(w.exposure().buy, units(30));
}

TEST(OrderRequests, IsFilledWhenTheVenueReplacesToLessThanIsFilled) {
    Working w;
    w.replace(w.tag, units(50), price(20));
    w.tell(w.trade(w.tag, units(60), price(20)));
    EXPECT_EQ(w.state(w.tag), OrderState::kPendingReplace);
    w.tell(w.replaced(w.tag, units(60), Quantity::zero(), price(20)));
    EXPECT_EQ(w.state(w.tag), OrderState::kFilled);
    EXPECT_EQ(w.exposure().buy, Quantity::zero());
}

TEST(OrderRequests, AdoptsTermsThatTheVenueSetUnasked) {
    Working w;
    w.tell(w.replaced(w.tag, Quantity::zero(), units(80), price(21)));
    EXPECT_EQ(w.alert(), AlertCode::kIllegalTransition);
    EXPECT_EQ(w.state(w.tag), OrderState::kReplaced);
    EXPECT_EQ(w.exposure().buy, units(80));
}

TEST(OrderRequests, AnswersADeniedReplaceWithTheStateAsItIs) {
    Working w;
    VerdictData verdict;
    verdict.failed = 4;
    w.out.clear();
    w.orders.deny_replace(w.change(OrderEventType::kReplace, w.tag), verdict, w.out);
    EXPECT_EQ(w.update().state, OrderState::kNew);
    EXPECT_EQ(w.update().reason, OrderReason::kGate);
    EXPECT_EQ(w.update().failed, 4U);
}

TEST(OrderRequests, CancelsEverythingWithinAScope) {
    Working w;
    const OrderTag es = w.place(Side::kSell, units(1), price(5'000), W::kEs);
    const OrderTag second = w.place(Side::kBuy, units(1), price(19));
    w.cancel(second);
    w.out.clear();
    w.orders.cancel_all(ControlScope::kInstrument, W::kSpy.value, w.tick(), w.out);
    EXPECT_EQ(w.emitted(OrderEventType::kSendCancel).size(), 1U) << "the second is on its way";
    EXPECT_EQ(w.state(w.tag), OrderState::kPendingCancel);
    EXPECT_EQ(w.state(es), OrderState::kPendingNew);
    w.out.clear();
    w.orders.cancel_all(ControlScope::kAccount, 1, w.tick(), w.out);
    EXPECT_TRUE(w.out.empty());
    ControlData firm;
    w.orders.cancel_all(firm, w.tick(), w.out);
    EXPECT_EQ(w.state(es), OrderState::kPendingCancel);
}

TEST(OrderRequests, CancelsOnlyWhatIncreasesWhenAskedTo) {
    Working w;  // buys 100 at 20
    w.tell(w.trade(w.tag, units(40), price(20)));
    const OrderTag first = w.place(Side::kSell, units(30), price(22));
    ControlData increasing;
    increasing.scope = ControlScope::kAccount;
    increasing.cancel_orders = static_cast<std::uint8_t>(CancelOrders::kIncreasing);
    w.out.clear();
    w.orders.cancel_all(increasing, w.tick(), w.out);
    EXPECT_EQ(w.state(w.tag), OrderState::kPendingCancel) << "60 more to buy";
    EXPECT_EQ(w.state(first), OrderState::kPendingNew) << "30 of 40 to sell";
    // Together with another sale of 11 it could turn the position.
    const OrderTag second = w.place(Side::kSell, units(11), price(23));
    w.out.clear();
    w.orders.cancel_all(increasing, w.tick(), w.out);
    EXPECT_EQ(w.state(first), OrderState::kPendingCancel);
    EXPECT_EQ(w.state(second), OrderState::kPendingCancel);
}

TEST(OrderRequests, CancelsOneOrderForTheFirmOnce) {
    Working w;
    const ClientOrderId id = w.orders.find(w.tag)->id;
    w.out.clear();
    w.orders.cancel(id, w.tick(), w.out);
    EXPECT_EQ(w.emitted(OrderEventType::kSendCancel).size(), 1U);
    w.out.clear();
    w.orders.cancel(id, w.tick(), w.out);
    w.orders.cancel(ClientOrderId{1}, w.tick(), w.out);
    EXPECT_TRUE(w.out.empty()) << "under way; and one that is not known";
}

TEST(OrderRequests, SplitsOpenOrdersWithTheirExposure) {
    Working w;
    w.tell(w.trade(w.tag, units(40), price(20)));
    MarketEvent e = make_event(MarketEventType::kCorporateAction, w.tick(), W::kSpy, StreamId{0});
    e.data.corporate_action = CorporateActionData{};
    e.data.corporate_action.numerator = 4;
    e.data.corporate_action.denominator = 1;
    w.out.clear();
    w.orders.on_corporate_action(e, w.out);
    const auto positions = w.emitted(OrderEventType::kPosition);
    ASSERT_EQ(positions.size(), 2U);  // the account, then the strategy
    EXPECT_EQ(positions[0].data.position.strategy.value, 0xffff);
    EXPECT_EQ(positions[0].data.position.position, units(160));
    EXPECT_EQ(positions[1].data.position.strategy, W::kStrategy);
    EXPECT_EQ(positions[1].data.position.strategy_position, units(160));
    EXPECT_EQ(w.update().reason, OrderReason::kCorporateAction);
    EXPECT_EQ(w.update().quantity, units(280)) << "40 were filled before, 60 x 4 are open";
    EXPECT_EQ(w.update().leaves_quantity, units(240));
    EXPECT_EQ(w.update().price, price(5));
    EXPECT_EQ(w.exposure().buy, units(240));
    EXPECT_EQ(w.exposure().buy_value, dollars(1'200));
}

TEST(OrderRequests, AnnouncesADividendToEveryHolder) {
    Working w;
    w.tell(w.trade(w.tag, units(40), price(20)));
    MarketEvent e = make_event(MarketEventType::kCorporateAction, w.tick(), W::kSpy, StreamId{0});
    e.data.corporate_action = CorporateActionData{};
    e.data.corporate_action.kind = CorporateActionKind::kDividend;
    e.data.corporate_action.cash = price(0, 500);
    w.out.clear();
    w.orders.on_corporate_action(e, w.out);
    const auto positions = w.emitted(OrderEventType::kPosition);
    ASSERT_EQ(positions.size(), 2U);
    EXPECT_EQ(positions[0].data.position.amount, dollars(20));
    EXPECT_EQ(positions[0].data.position.cash, dollars(99'220));
    EXPECT_EQ(positions[1].data.position.amount, Money::zero()) << "the cash moved once";
}

TEST(OrderRequests, LowersBuyLimitsByADividendButNotSellLimits) {
    Working w;
    const OrderTag sell = w.place(Side::kSell, units(10), price(30));
    MarketEvent e = make_event(MarketEventType::kCorporateAction, w.tick(), W::kSpy, StreamId{0});
    e.data.corporate_action = make_dividend(price(0, 500));
    w.out.clear();
    w.orders.on_corporate_action(e, w.out);
    EXPECT_EQ(w.update().tag, w.tag);
    EXPECT_EQ(w.update().price, price(19, 500));
    EXPECT_EQ(w.update().reason, OrderReason::kCorporateAction);
    EXPECT_EQ(w.orders.find(sell)->price, price(30));
}

TEST(OrderRequests, CancelsOpenOrdersAtAReverseSplit) {
    Working w;
    MarketEvent e = make_event(MarketEventType::kCorporateAction, w.tick(), W::kSpy, StreamId{0});
    e.data.corporate_action = CorporateActionData{};
    e.data.corporate_action.denominator = 10;
    w.out.clear();
    w.orders.on_corporate_action(e, w.out);
    EXPECT_EQ(w.state(w.tag), OrderState::kPendingCancel);
    EXPECT_EQ(w.update().reason, OrderReason::kCorporateAction);
    EXPECT_EQ(w.emitted(OrderEventType::kSendCancel).size(), 1U);
    w.tell(w.tag, ExecType::kCanceled);  // the venue does the same by itself
    w.tell(w.tag, ExecType::kCancelRejected);
    EXPECT_EQ(w.alert(), AlertCode::kNone);
    EXPECT_EQ(w.exposure().open_orders(), 0U);
}

TEST(OrderRequests, SplitsTheTermsOfAPendingReplaceToo) {
    Working w;
    w.replace(w.tag, units(150), price(30));
    MarketEvent e = make_event(MarketEventType::kCorporateAction, w.tick(), W::kSpy, StreamId{0});
    e.data.corporate_action = CorporateActionData{};
    e.data.corporate_action.numerator = 2;
    w.out.clear();
    w.orders.on_corporate_action(e, w.out);
    EXPECT_EQ(w.exposure().buy, units(300));
    EXPECT_EQ(w.exposure().buy_value, dollars(4'500));
    w.tell(w.replaced(w.tag, Quantity::zero(), units(300), price(15)));
    EXPECT_EQ(w.exposure().buy, units(300));
    EXPECT_EQ(w.exposure().buy_value, dollars(4'500));
    EXPECT_EQ(w.state(w.tag), OrderState::kReplaced);
}

}  // namespace
}  // namespace fermata

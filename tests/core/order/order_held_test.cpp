// Icebergs, flags, times in force and requests of orders that the venue lacks.

#include <gtest/gtest.h>

#include "tests/core/order/plain_venue_world.hpp"

namespace fermata {
namespace {

using test::OrderWorld;
using test::price;
using test::units;
using Plain = test::PlainVenueWorld;
using W = OrderWorld;

// --- icebergs ---

TEST(OrderEmulation, SendsAnIcebergSliceBySlice) {
    Plain w;
    OrderEvent e = w.new_order(Side::kBuy, units(25), price(20));
    e.data.new_order.display_quantity = units(10);
    const OrderTag tag = w.submit(e);
    const ClientOrderId first = w.sent().order_id;
    EXPECT_EQ(w.sent().quantity, units(10));
    EXPECT_EQ(w.sent().display_quantity, Quantity::zero());
    EXPECT_EQ(first, w.orders.find(tag)->id);
    EXPECT_EQ(w.exposure().buy, units(25));
    OrderEvent fill = w.trade(tag, units(4), price(20));
    w.tell(fill);
    EXPECT_EQ(w.sends(), 0U);
    const OrderEvent rest = w.trade(tag, units(6), price(20));
    w.tell(rest);
    EXPECT_EQ(w.sent().quantity, units(10));
    const ClientOrderId second = w.sent().order_id;
    EXPECT_GT(second, first);
    EXPECT_EQ(w.state(tag), OrderState::kPartiallyFilled);
    fill = w.trade(tag, units(10), price(20));
    fill.data.execution.order_id = second;  // the venue knows it by that
    w.tell(fill);
    EXPECT_EQ(w.sent().quantity, units(5));
    fill = w.trade(tag, units(5), price(20));
    fill.data.execution.order_id = w.sent().order_id;
    w.tell(fill);
    EXPECT_EQ(w.state(tag), OrderState::kFilled);
    EXPECT_EQ(w.accounts_book.position(W::kMain, W::kSpy), units(25));
    EXPECT_EQ(w.exposure().open_orders(), 0U);
    // The first slice, long over: its fills are still this order's.
    w.tell(w.bust(rest, units(6)));
    EXPECT_EQ(w.orders.find(tag)->cumulative_quantity, units(19));
}

// 10 of 25 are filled, the second slice of 10 is at work, and the fill of the first is taken back.
TEST(OrderEmulation, KeepsTheSliceAtWorkWhenAFillOfAnEarlierOneIsTakenBack) {
    Plain w;
    OrderEvent e = w.new_order(Side::kBuy, units(25), price(20));
    e.data.new_order.display_quantity = units(10);
    const OrderTag tag = w.submit(e);
    const OrderEvent first = w.trade(tag, units(10), price(20));
    w.tell(first);
    const ClientOrderId second = w.sent().order_id;
    w.tell(w.bust(first, Quantity::zero()));
    EXPECT_FALSE(is_terminal(w.state(tag)));
    EXPECT_EQ(w.exposure().buy, units(25));
    EXPECT_EQ(w.sends(), 0U);
    OrderEvent fill = w.trade(tag, units(10), price(20));
    fill.data.execution.order_id = second;
    w.tell(fill);
    EXPECT_EQ(w.sent().quantity, units(10)) << "15 are left of 25";
    EXPECT_EQ(w.exposure().buy, units(15));
    EXPECT_EQ(w.accounts_book.position(W::kMain, W::kSpy), units(10));
}

TEST(OrderEmulation, ReservesForReduceOnlyOrdersThatTheVenueDoesNotKnow) {
    Plain w;
    w.tell(w.trade(w.place(Side::kBuy, units(100), price(20)), units(100), price(20)));
    OrderEvent e = w.new_order(Side::kSell, units(100), price(30));
    e.data.new_order.flags = kOrderReduceOnly;
    w.submit(e);
    EXPECT_EQ(w.exposure().sell, units(100)) << "until its cancel arrives it may open a position";
}

// The second slice of 10 expires with 6 filled, and the report of the 6 comes after that of the
// end.
TEST(OrderEmulation, EndsWithASliceWhenTheFillsThatItsEndOvertookHaveCome) {
    Plain w;
    OrderEvent e = w.new_order(Side::kBuy, units(25), price(20));
    e.data.new_order.display_quantity = units(10);
    const OrderTag tag = w.submit(e);
    w.tell(w.trade(tag, units(10), price(20)));
    const ClientOrderId second = w.sent().order_id;
    OrderEvent end = w.report(tag, ExecType::kExpired);
    end.data.execution.order_id = second;
    end.data.execution.cumulative_quantity = units(6);
    w.tell(end);
    EXPECT_FALSE(is_terminal(w.state(tag)));
    EXPECT_GE(w.exposure().buy, units(6));
    OrderEvent fill = w.trade(tag, units(6), price(20));
    fill.data.execution.order_id = second;
    w.tell(fill);
    EXPECT_EQ(w.sends(), 0U) << "no third slice";
    EXPECT_EQ(w.state(tag), OrderState::kExpired);
    EXPECT_EQ(w.exposure().buy, Quantity::zero());
    EXPECT_EQ(w.accounts_book.position(W::kMain, W::kSpy), units(16));
}

TEST(OrderEmulation, CancelsAndAmendsTheSliceThatIsOut) {
    Plain w;
    OrderEvent e = w.new_order(Side::kBuy, units(25), price(20));
    e.data.new_order.display_quantity = units(10);
    const OrderTag tag = w.submit(e);
    w.tell(w.trade(tag, units(10), price(20)));
    const ClientOrderId second = w.sent().order_id;
    w.replace(tag, units(40), price(21));
    ChangeOrderData d = w.emitted(OrderEventType::kSendReplace).at(0).data.change;
    EXPECT_EQ(d.order_id, second);
    EXPECT_EQ(d.quantity, units(10)) << "as much of it as is shown";
    EXPECT_EQ(d.price, price(21));
    OrderEvent done = w.replaced(tag, Quantity::zero(), units(10), price(21));
    done.data.execution.order_id = second;
    w.tell(done);
    EXPECT_EQ(w.orders.find(tag)->quantity, units(40));
    EXPECT_EQ(w.exposure().buy, units(30));
    w.cancel(tag);
    EXPECT_EQ(w.emitted(OrderEventType::kSendCancel).at(0).data.change.order_id, second);
    OrderEvent canceled = w.report(tag, ExecType::kCanceled);
    canceled.data.execution.order_id = second;
    w.tell(canceled);
    EXPECT_EQ(w.state(tag), OrderState::kCanceled);
    EXPECT_EQ(w.exposure().buy, Quantity::zero());
}

// --- flags and times in force ---

TEST(OrderEmulation, RefusesAPostOnlyOrderThatWouldTake) {
    Plain w;
    w.quote(price(99), price(101));
    OrderEvent e = w.new_order(Side::kBuy, units(1), price(101));
    e.data.new_order.flags = kOrderPostOnly;
    const OrderTag taker = w.submit(e);
    EXPECT_EQ(w.state(taker), OrderState::kRejected);
    EXPECT_EQ(w.last_update(taker).reason, OrderReason::kPostOnly);
    EXPECT_EQ(w.sends(), 0U);
    e = w.new_order(Side::kBuy, units(1), price(100));
    e.data.new_order.flags = kOrderPostOnly;
    w.submit(e);
    EXPECT_EQ(w.sends(), 1U);
    EXPECT_EQ(w.sent().flags, 0);
    EXPECT_EQ(w.exposure().buy, units(1));
}

TEST(OrderEmulation, KeepsAReduceOnlyOrderFromOpeningAPosition) {
    Plain w;
    const auto reduce = [&](std::int64_t quantity) {
        OrderEvent e = w.new_order(Side::kSell, units(quantity), price(30));
        e.data.new_order.flags = kOrderReduceOnly;
        return w.submit(e);
    };
    EXPECT_EQ(w.last_update(reduce(1)).reason, OrderReason::kReduceOnly) << "there is nothing";
    const OrderTag buy = w.place(Side::kBuy, units(10), price(20));
    w.tell(w.trade(buy, units(10), price(20)));
    EXPECT_EQ(w.last_update(reduce(11)).state, OrderState::kRejected);
    const OrderTag exit = reduce(10);
    EXPECT_EQ(w.sends(), 1U);
    // Another sale takes 4 of the position: only 6 are left to reduce, then none.
    const OrderTag sale = w.place(Side::kSell, units(10), price(25));
    w.tell(w.trade(sale, units(4), price(25)));
    EXPECT_EQ(w.last_update(exit).reason, OrderReason::kReduceOnly);
    EXPECT_EQ(w.emitted(OrderEventType::kSendReplace).at(0).data.change.quantity, units(6));
    w.tell(w.replaced(exit, Quantity::zero(), units(6), price(30)));
    w.tell(w.trade(sale, units(6), price(25)));
    EXPECT_EQ(w.emitted(OrderEventType::kSendCancel).size(), 1U);
    EXPECT_EQ(w.state(exit), OrderState::kPendingCancel);
}

TEST(OrderEmulation, SendsAnOrderForTheOpeningWhenTheSessionOpens) {
    Plain w;
    OrderEvent e = w.order(Side::kBuy, OrderType::kMarket);
    e.data.new_order.tif = TimeInForce::kAto;
    const OrderTag tag = w.submit(e);
    w.print(price(100));
    EXPECT_FALSE(w.is_sent(tag));
    w.session(true);
    EXPECT_EQ(w.sent().tif, TimeInForce::kDay);
    EXPECT_EQ(w.last_update(tag).reason, OrderReason::kConditionMet);
}

TEST(OrderEmulation, RefusesWhatNothingCanStandFor) {
    Plain w;
    OrderEvent e = w.order(Side::kBuy, OrderType::kMarket);
    e.data.new_order.tif = TimeInForce::kAtc;  // nobody knows the close before it has come
    w.submit(e);
    EXPECT_EQ(w.update().state, OrderState::kDenied);
    EXPECT_EQ(w.update().reason, OrderReason::kUnsupported);
    EXPECT_EQ(w.orders.open_count(), 0U);
}

TEST(OrderEmulation, EndsHeldOrdersAtTheirTime) {
    Plain w;
    w.print(price(100));
    OrderEvent e = w.order(Side::kBuy, OrderType::kStop);
    e.data.new_order.stop_price = price(110);
    e.data.new_order.tif = TimeInForce::kDay;
    const OrderTag day = w.submit(e);
    e = w.order(Side::kBuy, OrderType::kStop);
    e.data.new_order.stop_price = price(110);
    e.data.new_order.tif = TimeInForce::kGtd;
    e.data.new_order.expire_time = w.now + Duration::seconds(60);
    const OrderTag until = w.submit(e);
    e = w.new_order(Side::kBuy, units(1), price(90));
    e.data.new_order.tif = TimeInForce::kGtd;
    e.data.new_order.expire_time = w.now + Duration::seconds(60);
    const OrderTag resting = w.submit(e);
    EXPECT_EQ(w.sent().tif, TimeInForce::kGtc);
    w.session(false);
    EXPECT_EQ(w.update().tag, day);
    EXPECT_EQ(w.update().state, OrderState::kExpired);
    EXPECT_EQ(w.update().reason, OrderReason::kSessionEnd);
    w.now = w.now + Duration::seconds(61);
    w.quote(price(1), price(2), W::kSap);  // time passes, wherever
    EXPECT_EQ(w.last_update(until).state, OrderState::kExpired);
    EXPECT_EQ(w.last_update(until).reason, OrderReason::kExpireTime);
    EXPECT_EQ(w.last_update(resting).state, OrderState::kPendingCancel);
    w.tell(resting, ExecType::kCanceled);
    EXPECT_EQ(w.exposure().open_orders(), 0U);
}

// --- requests and restarts ---

TEST(OrderEmulation, CancelsAndAmendsHeldOrdersAtOnce) {
    Plain w;
    w.print(price(100));
    const OrderTag tag = w.stop(Side::kBuy, price(110));
    OrderEvent e = w.change(OrderEventType::kReplace, tag);
    e.data.change.quantity = units(15);
    e.data.change.stop_price = price(105);
    w.out.clear();
    w.orders.accept_replace(e, price(120), w.out);
    EXPECT_EQ(w.update().state, OrderState::kSuspended);
    EXPECT_EQ(w.update().stop_price, price(105));
    EXPECT_EQ(w.exposure().buy, units(15));
    EXPECT_EQ(w.exposure().buy_value, test::dollars(1'800));
    w.cancel(w.stop(Side::kBuy, price(105)));
    EXPECT_EQ(w.update().state, OrderState::kCanceled);
    EXPECT_EQ(w.update().reason, OrderReason::kRequested);
    w.print(price(105));
    EXPECT_EQ(w.emitted(OrderEventType::kSendNew).size(), 1U) << "the canceled one is gone";
    EXPECT_EQ(w.sent().quantity, units(15));
}

TEST(OrderEmulation, CancelsHeldOrdersWithEverythingElse) {
    Plain w;
    w.stop(Side::kBuy, price(110));
    const OrderTag resting = w.place(Side::kBuy, units(1), price(90));
    w.stop(Side::kSell, price(10));
    w.out.clear();
    w.orders.cancel_all(ControlScope::kFirm, 0, w.tick(), w.out);
    EXPECT_EQ(w.emitted(OrderEventType::kSendCancel).size(), 1U);
    w.tell(resting, ExecType::kCanceled);
    EXPECT_EQ(w.orders.open_count(), 0U);
    EXPECT_EQ(w.exposure().open_orders(), 0U);
}

TEST(OrderEmulation, BelievesNoReportAboutAnOrderThatWasNotSent) {
    Plain w;
    const OrderTag tag = w.stop(Side::kBuy, price(110));
    w.tell(tag, ExecType::kCanceled);
    EXPECT_EQ(w.alert(), AlertCode::kIllegalTransition);
    EXPECT_EQ(w.state(tag), OrderState::kSuspended);
}

TEST(OrderEmulation, SurvivesARestart) {
    Plain w;
    w.print(price(100));
    const OrderTag stop = w.stop(Side::kBuy, price(110));
    const OrderTag trail = w.trailing(Side::kSell, price(5));
    w.quote(price(99), price(101), W::kSap);
    OrderEvent e = w.order(Side::kBuy, OrderType::kPegged);
    e.instrument = W::kSap;
    e.data.new_order.offset_kind = OffsetKind::kPegPrimary;
    const OrderTag peg = w.submit(e);
    w.tell(peg, ExecType::kNew);
    e = w.new_order(Side::kBuy, units(25), price(20));
    e.data.new_order.display_quantity = units(10);
    const OrderTag iceberg = w.submit(e);
    w.tell(w.trade(iceberg, units(10), price(20)));
    const ClientOrderId slice = w.sent().order_id;
    w.restart_all();
    w.print(price(112));
    EXPECT_TRUE(w.is_sent(stop));
    EXPECT_EQ(w.orders.find(trail)->stop_price, price(107));
    w.print(price(107));
    EXPECT_TRUE(w.is_sent(trail));
    w.now = w.now + Duration::seconds(1);
    w.quote(price(100), price(101), W::kSap);
    EXPECT_EQ(w.emitted(OrderEventType::kSendReplace).size(), 1U);
    OrderEvent fill = w.trade(iceberg, units(10), price(20));
    fill.data.execution.order_id = slice;
    w.tell(fill);
    EXPECT_EQ(w.sent().quantity, units(5));
    EXPECT_GT(w.sent().order_id, slice);
}

TEST(OrderEmulation, SplitsTheTriggerOfAHeldStop) {
    Plain w;
    w.print(price(100));
    const OrderTag tag = w.stop(Side::kBuy, price(110));
    MarketEvent e = make_event(MarketEventType::kCorporateAction, w.tick(), W::kSpy, StreamId{0});
    e.data.corporate_action = CorporateActionData{};
    e.data.corporate_action.numerator = 2;
    w.marks.update(e);
    w.out.clear();
    w.orders.on_corporate_action(e, w.out);
    EXPECT_EQ(w.update().stop_price, price(55));
    EXPECT_EQ(w.update().quantity, units(20));
    w.print(price(55));
    EXPECT_TRUE(w.is_sent(tag));
    EXPECT_EQ(w.sent().quantity, units(20));
}

TEST(OrderEmulation, SendsWhatTheVenueKnowsAsItIs) {
    W w;  // a venue that knows everything
    OrderEvent e = w.new_order(Side::kBuy, units(10), Price{});
    e.data.new_order.type = OrderType::kTrailingStop;
    e.data.new_order.offset = price(5).raw();
    e.data.new_order.offset_kind = OffsetKind::kTrailPrice;
    e.data.new_order.flags = kOrderReduceOnly;
    const OrderTag tag = w.submit(e);
    EXPECT_EQ(w.sent().type, OrderType::kTrailingStop);
    EXPECT_EQ(w.sent().offset, price(5).raw());
    EXPECT_EQ(w.sent().flags, kOrderReduceOnly);
    EXPECT_EQ(w.state(tag), OrderState::kPendingNew);
    EXPECT_FALSE(
        w.orders.watches(make_event(MarketEventType::kQuote, w.now, W::kSpy, StreamId{0})));
}

}  // namespace
}  // namespace fermata

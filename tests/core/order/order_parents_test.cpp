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

/// A parent that buys 100, held since its acceptance.
struct Parent : W {
    OrderTag parent;
    Parent() {
        OrderEvent e = new_order(Side::kBuy, units(100), price(20));
        e.data.new_order.flags = kOrderParent;
        parent = submit(e);
    }
    OrderEvent child(std::int64_t quantity) {
        OrderEvent e = new_order(Side::kBuy, units(quantity), price(20));
        e.data.new_order.parent = parent;
        return e;
    }
    const Order& order() const { return *orders.find(parent); }
};

TEST(OrderParents, AreNewAtOnceAndNeverSent) {
    Parent w;
    EXPECT_EQ(w.sends(), 0U);
    EXPECT_EQ(w.state(w.parent), OrderState::kNew);
    EXPECT_EQ(w.exposure().buy, Quantity::zero()) << "its children reserve";
    EXPECT_EQ(w.exposure().buy_value, Money::zero());
}

TEST(OrderParents, CountTheFillsOfTheirChildren) {
    Parent w;
    const OrderTag a = w.submit(w.child(60));
    EXPECT_EQ(w.exposure().buy, units(60));
    EXPECT_EQ(w.order().children, units(60));
    w.tell(w.trade(a, units(25), price(19)));
    EXPECT_EQ(w.last_update(w.parent).state, OrderState::kPartiallyFilled);
    EXPECT_EQ(w.last_update(w.parent).cumulative_quantity, units(25));
    EXPECT_EQ(w.last_update(w.parent).average_value, dollars(475));
    EXPECT_EQ(w.order().children, units(35));
    w.tell(w.trade(a, units(35), price(20)));
    const OrderTag b = w.submit(w.child(40));
    w.tell(w.trade(b, units(40), price(20)));
    EXPECT_EQ(w.last_update(w.parent).state, OrderState::kFilled);
    EXPECT_EQ(w.last_update(w.parent).average_value, dollars(475 + 700 + 800));
    EXPECT_EQ(w.order().children, Quantity::zero());
    EXPECT_EQ(w.orders.open_count(), 0U);
    EXPECT_EQ(w.accounts_book.position(W::kMain, W::kSpy), units(100)) << "booked once";
}

TEST(OrderParents, RefuseAChildBeyondTheirQuantity) {
    Parent w;
    const OrderTag a = w.submit(w.child(60));
    w.tell(w.trade(a, units(10), price(20)));
    w.submit(w.child(41));  // 10 filled, 50 at work
    EXPECT_EQ(w.update().state, OrderState::kDenied);
    EXPECT_EQ(w.update().reason, OrderReason::kParent);
    EXPECT_EQ(w.alert(), AlertCode::kParentExceeded);
    EXPECT_EQ(w.sends(), 0U);
    w.submit(w.child(40));
    EXPECT_EQ(w.sends(), 1U);
    EXPECT_EQ(w.order().children, units(90));
}

TEST(OrderParents, HaveRoomAgainWhenAChildEnds) {
    Parent w;
    const OrderTag a = w.submit(w.child(100));
    w.tell(w.trade(a, units(30), price(20)));
    w.cancel(a);
    EXPECT_EQ(w.order().children, units(70)) << "it may fill until the cancel is confirmed";
    w.tell(a, ExecType::kCanceled);
    EXPECT_EQ(w.order().children, Quantity::zero());
    w.submit(w.child(71));
    EXPECT_EQ(w.update().state, OrderState::kDenied);
    w.submit(w.child(70));
    EXPECT_EQ(w.sends(), 1U);
}

TEST(OrderParents, RefuseAChildThatIsNotTheirs) {
    Parent w;
    OrderEvent other_side = w.child(1);
    other_side.data.new_order.side = Side::kSell;
    OrderEvent other_instrument = w.child(1);
    other_instrument.instrument = W::kSap;
    OrderEvent no_parent = w.child(1);
    no_parent.data.new_order.parent = make_order_tag(W::kStrategy, 999);
    OrderEvent grandchild = w.child(1);
    grandchild.data.new_order.flags = kOrderParent;
    for (const OrderEvent& e : {other_side, other_instrument, no_parent, grandchild}) {
        w.submit(e);
        EXPECT_EQ(w.update().state, OrderState::kDenied);
        EXPECT_EQ(w.update().reason, OrderReason::kParent);
    }
    const OrderTag plain = w.place(Side::kBuy, units(10), price(20));
    OrderEvent of_plain = w.child(1);
    of_plain.data.new_order.parent = plain;
    w.submit(of_plain);
    EXPECT_EQ(w.update().reason, OrderReason::kParent);
    EXPECT_EQ(w.order().children, Quantity::zero());
}

TEST(OrderParents, EndWhenTheLastChildHas) {
    Parent w;
    const OrderTag a = w.submit(w.child(40));
    const OrderTag b = w.submit(w.child(30));
    w.cancel(w.parent);
    EXPECT_EQ(w.state(w.parent), OrderState::kPendingCancel);
    EXPECT_EQ(w.emitted(OrderEventType::kSendCancel).size(), 2U);
    EXPECT_EQ(w.last_update(a).reason, OrderReason::kParent);
    w.submit(w.child(1));
    EXPECT_EQ(w.update().reason, OrderReason::kParent) << "nothing new comes to what is ending";
    w.tell(a, ExecType::kCanceled);
    EXPECT_EQ(w.state(w.parent), OrderState::kPendingCancel);
    w.tell(w.trade(b, units(5), price(20)));
    w.tell(b, ExecType::kCanceled);
    EXPECT_EQ(w.last_update(w.parent).state, OrderState::kCanceled);
    EXPECT_EQ(w.last_update(w.parent).reason, OrderReason::kRequested);
    EXPECT_EQ(w.order().cumulative_quantity, units(5));
    EXPECT_EQ(w.orders.open_count(), 0U);
}

TEST(OrderParents, EndAtOnceWithoutChildren) {
    Parent w;
    w.cancel(w.parent);
    EXPECT_EQ(w.update().state, OrderState::kCanceled);
    EXPECT_EQ(w.sends(), 0U);
}

TEST(OrderParents, AreAmendedAtOnceButNotBelowWhatIsOut) {
    Parent w;
    const OrderTag a = w.submit(w.child(40));
    w.tell(w.trade(a, units(10), price(20)));
    w.replace(w.parent, units(39), price(20));
    EXPECT_EQ(w.update().reason, OrderReason::kParent);
    w.replace(w.parent, units(40), price(20));
    EXPECT_EQ(w.update().quantity, units(40));
    EXPECT_EQ(w.sends(), 0U);
    w.submit(w.child(1));
    EXPECT_EQ(w.update().state, OrderState::kDenied);
    w.replace(w.parent, units(200), price(20));
    w.submit(w.child(160));
    EXPECT_EQ(w.sends(), 1U);
}

TEST(OrderParents, DoNotLetAChildGrowBeyondThem) {
    Parent w;
    const OrderTag a = w.submit(w.child(40));
    w.submit(w.child(50));
    w.replace(a, units(51), price(20));
    EXPECT_EQ(w.update().reason, OrderReason::kParent);
    EXPECT_EQ(w.alert(), AlertCode::kParentExceeded);
    w.replace(a, units(50), price(20));
    EXPECT_EQ(w.state(a), OrderState::kPendingReplace);
    EXPECT_EQ(w.order().children, units(100)) << "the larger quantity counts until it is answered";
    w.tell(a, ExecType::kReplaceRejected);
    EXPECT_EQ(w.order().children, units(90));
}

TEST(OrderParents, TellWhenAVenueFilledTooMuch) {
    Parent w;
    const OrderTag a = w.submit(w.child(100));
    w.tell(w.trade(a, units(110), price(20)));
    const auto alerts = w.emitted(OrderEventType::kAlert);
    ASSERT_EQ(alerts.size(), 2U);
    EXPECT_EQ(alerts[0].data.alert.code, AlertCode::kOverfill);
    EXPECT_EQ(alerts[1].data.alert.code, AlertCode::kParentExceeded);
    EXPECT_EQ(w.order().cumulative_quantity, units(110));
    EXPECT_EQ(w.state(w.parent), OrderState::kFilled);
}

TEST(OrderParents, AreOverThoughTheFillThatFilledThemIsTakenBack) {
    Parent w;
    const OrderTag a = w.submit(w.child(100));
    const OrderEvent fill = w.trade(a, units(100), price(20));
    w.tell(fill);
    ASSERT_EQ(w.state(w.parent), OrderState::kFilled);
    w.tell(w.bust(fill, Quantity::zero()));
    EXPECT_EQ(w.state(a), OrderState::kCanceled);
    EXPECT_EQ(w.last_update(w.parent).state, OrderState::kCanceled);
    EXPECT_EQ(w.last_update(w.parent).reason, OrderReason::kTradeBusted);
    EXPECT_EQ(w.order().cumulative_quantity, Quantity::zero());
    w.submit(w.child(100));
    EXPECT_EQ(w.sends(), 0U);
}

TEST(OrderParents, HaveWhatIsTakenBackToWorkAgainWhileTheyLive) {
    Parent w;
    const OrderEvent fill = w.trade(w.submit(w.child(60)), units(60), price(20));
    w.tell(fill);
    w.tell(w.bust(fill, Quantity::zero()));
    EXPECT_EQ(w.last_update(w.parent).state, OrderState::kNew);
    w.submit(w.child(100));
    EXPECT_EQ(w.sends(), 1U);
}

TEST(OrderParents, AreKnownAfterARestart) {
    Parent w;
    const OrderTag a = w.submit(w.child(40));
    const std::uint64_t hash = w.orders.state_hash();
    test::restart(w.accounts_book, w.AccountWorld::book());
    test::restart(w.orders, OrderManagerConfig{64, 1'024, 19'000, 3}, w.instruments,
                  w.accounts_book);
    EXPECT_EQ(w.orders.state_hash(), hash);
    w.submit(w.child(61));
    EXPECT_EQ(w.update().state, OrderState::kDenied);
    w.cancel(w.parent);
    EXPECT_EQ(w.last_update(a).state, OrderState::kPendingCancel);
}

}  // namespace
}  // namespace fermata

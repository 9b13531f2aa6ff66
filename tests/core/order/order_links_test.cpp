// Linked orders at a venue that knows nothing of links, unless a test says otherwise.

#include <gtest/gtest.h>

#include "tests/core/order/linked_world.hpp"
#include "tests/support/state_copy.hpp"

namespace fermata {
namespace {

using test::Bracket;
using test::Linked;
using test::OrderWorld;
using test::price;
using test::units;
using test::without_links;
using W = OrderWorld;

// --- one cancels the others, one updates the others ---

TEST(OrderLinks, CancelTheOthersAtTheFirstFillOfOne) {
    Linked w;
    const OrderTag a = w.link(LinkRole::kOco, Side::kBuy, 10, price(19));
    const OrderTag b = w.link(LinkRole::kOco, Side::kBuy, 10, price(18));
    const OrderTag c = w.link(LinkRole::kOco, Side::kBuy, 10, price(17));
    EXPECT_EQ(w.sent().link, 0U) << "the venue knows nothing of links";
    const OrderTag stranger = w.place(Side::kBuy, units(10), price(16));
    w.fill(a, 1);
    EXPECT_EQ(w.emitted(OrderEventType::kSendCancel).size(), 2U);
    EXPECT_EQ(w.last_update(b).reason, OrderReason::kLinked);
    EXPECT_EQ(w.state(c), OrderState::kPendingCancel);
    EXPECT_EQ(w.state(stranger), OrderState::kPendingNew);
    w.fill(a, 9);
    EXPECT_EQ(w.sends(), 0U) << "asked once";
}

TEST(OrderLinks, DoNotEndAPlainOcoWithTheCancelOfAnother) {
    Linked w;
    const OrderTag a = w.link(LinkRole::kOco, Side::kBuy, 10, price(19));
    const OrderTag b = w.link(LinkRole::kOco, Side::kBuy, 10, price(18));
    w.cancel(a);
    w.canceled(a);
    EXPECT_EQ(w.state(b), OrderState::kPendingNew);
}

TEST(OrderLinks, ReduceTheOthersByAsMuchAsOneFills) {
    Linked w;
    const OrderTag a = w.link(LinkRole::kOuo, Side::kBuy, 100, price(19));
    const OrderTag b = w.link(LinkRole::kOuo, Side::kBuy, 100, price(18));
    w.fill(a, 30);
    ASSERT_EQ(w.emitted(OrderEventType::kSendReplace).size(), 1U);
    EXPECT_EQ(w.emitted(OrderEventType::kSendReplace)[0].data.change.quantity, units(70));
    EXPECT_EQ(w.orders.find(b)->worst_leaves(), units(100)) << "until the venue agrees";
    w.fill(a, 20);  // while the first replace is unanswered
    EXPECT_EQ(w.sends(), 0U);
    w.confirm_replace(b, 0, 70);
    ASSERT_EQ(w.emitted(OrderEventType::kSendReplace).size(), 1U);
    EXPECT_EQ(w.emitted(OrderEventType::kSendReplace)[0].data.change.quantity, units(50));
    w.confirm_replace(b, 0, 50);
    EXPECT_EQ(w.orders.find(b)->worst_leaves(), units(50));
    w.fill(b, 10);
    EXPECT_EQ(w.emitted(OrderEventType::kSendReplace)[0].data.change.quantity, units(90));
    w.confirm_replace(a, 50, 40);
    w.fill(a, 40);
    EXPECT_EQ(w.state(a), OrderState::kFilled);
    EXPECT_EQ(w.state(b), OrderState::kPendingCancel) << "90 + 10 are filled";
    w.canceled(b);
    EXPECT_EQ(w.exposure().open_orders(), 0U);
    EXPECT_EQ(w.accounts_book.position(W::kMain, W::kSpy), units(100));
}

TEST(OrderLinks, BelongToOneStrategyAndOneLink) {
    Linked w;
    const OrderTag a = w.link(LinkRole::kOco, Side::kBuy, 10, price(19));
    OrderEvent e = w.new_order(Side::kBuy, units(10), price(18));
    e.data.new_order.strategy = StrategyId{2};
    e.data.new_order.tag = make_order_tag(StrategyId{2}, 1);
    e.data.new_order.link = Linked::kLink;
    e.data.new_order.link_role = LinkRole::kOco;
    const OrderTag other = w.submit(e);
    w.fill(a, 10);
    EXPECT_EQ(w.state(other), OrderState::kPendingNew);
}

TEST(OrderLinks, LeaveToTheVenueWhatItDoesItself) {
    Linked w(OrderManagerConfig{64, 1'024, 19'000, 3});
    const OrderTag a = w.link(LinkRole::kOco, Side::kBuy, 10, price(19));
    const OrderTag b = w.link(LinkRole::kOco, Side::kBuy, 10, price(18));
    EXPECT_EQ(w.sent().link, Linked::kLink);
    EXPECT_EQ(w.sent().link_role, LinkRole::kOco);
    w.fill(a, 10);
    EXPECT_EQ(w.sends(), 0U);
    w.canceled(b, OrderReason::kLinked);
    EXPECT_EQ(w.state(b), OrderState::kCanceled);
    EXPECT_EQ(w.alert(), AlertCode::kNone);
}

// --- brackets ---

TEST(OrderLinks, HoldTheLegsOfABracketUntilItsEntryFills) {
    Bracket w;
    EXPECT_EQ(w.sends(), 0U);
    EXPECT_EQ(w.state(w.stop), OrderState::kSuspended);
    EXPECT_EQ(w.last_update(w.target).reason, OrderReason::kLinked);
    EXPECT_EQ(w.exposure().sell, units(200)) << "reserved all along";
    w.fill(w.entry, 40);
    const auto sent = w.emitted(OrderEventType::kSendNew);
    ASSERT_EQ(sent.size(), 2U);
    for (const OrderEvent& e : sent) EXPECT_EQ(e.data.new_order.quantity, units(40));
    EXPECT_EQ(w.last_update(w.stop).state, OrderState::kPendingNew);
    EXPECT_EQ(w.last_update(w.stop).reason, OrderReason::kLinked);
    w.fill(w.entry, 60);
    const auto grown = w.emitted(OrderEventType::kSendReplace);
    ASSERT_EQ(grown.size(), 2U);
    for (const OrderEvent& e : grown) EXPECT_EQ(e.data.change.quantity, units(100));
    EXPECT_EQ(w.exposure().sell, units(200));
}

TEST(OrderLinks, ReduceTheStopOfABracketAsTheTargetFills) {
    Bracket w;
    w.fill(w.entry, 100);
    w.fill(w.target, 30);
    const auto reduced = w.emitted(OrderEventType::kSendReplace);
    ASSERT_EQ(reduced.size(), 1U);
    EXPECT_EQ(reduced[0].data.change.tag, w.stop);
    EXPECT_EQ(reduced[0].data.change.quantity, units(70));
    w.confirm_replace(w.stop, 0, 70);
    w.fill(w.target, 70);
    EXPECT_EQ(w.state(w.target), OrderState::kFilled);
    EXPECT_EQ(w.state(w.stop), OrderState::kPendingCancel);
    w.canceled(w.stop);
    EXPECT_EQ(w.exposure().open_orders(), 0U);
    EXPECT_EQ(w.accounts_book.position(W::kMain, W::kSpy), Quantity::zero());
}

TEST(OrderLinks, EndALegThatWasCanceledWhenWhatIsAtItsVenueFillsFirst) {
    Bracket w;
    w.fill(w.entry, 40);
    w.cancel(w.stop);
    EXPECT_EQ(w.state(w.stop), OrderState::kPendingCancel);
    w.fill(w.stop, 40);
    EXPECT_EQ(w.state(w.stop), OrderState::kCanceled);
    EXPECT_EQ(w.orders.find(w.stop)->cumulative_quantity, units(40));
}

// 40 of the leg are at the venue. Its cancel is refused because they are filled, which the report
// of the second half says later.
TEST(OrderLinks, EndALegWhoseCancelCameTooLateWhenItsFillsHaveCome) {
    Bracket w;
    w.fill(w.entry, 40);
    w.cancel(w.stop);
    w.fill(w.stop, 20);
    OrderEvent refusal = w.current(w.report(w.stop, ExecType::kCancelRejected), w.stop);
    refusal.data.execution.reason = OrderReason::kTooLateToCancel;
    refusal.data.execution.cumulative_quantity = units(40);
    w.tell(refusal);
    EXPECT_EQ(w.state(w.stop), OrderState::kPendingCancel);
    w.fill(w.stop, 20);
    EXPECT_EQ(w.state(w.stop), OrderState::kCanceled);
    EXPECT_EQ(w.orders.find(w.stop)->cumulative_quantity, units(40));
    EXPECT_EQ(w.accounts_book.position(W::kMain, W::kSpy), Quantity::zero());
}

// Both legs are at a venue that reduces linked orders itself. While the stop is being replaced to
// 140 the target fills 60, which the venue takes from the old 100 before it takes the replace in:
// 140 of the stop are open then, and the 60 must be asked back.
TEST(OrderLinks, AskBackWhatAReplacePutInForceAfterTheVenueHadReduced) {
    Linked w(OrderManagerConfig{64, 1'024, 19'000, 3});
    const OrderTag stop = w.link(LinkRole::kOuo, Side::kSell, 100, price(18));
    const OrderTag target = w.link(LinkRole::kOuo, Side::kSell, 100, price(25));
    w.tell(w.report(stop, ExecType::kNew));
    w.tell(w.report(target, ExecType::kNew));
    w.replace(stop, units(140), price(18));
    w.fill(target, 60);
    EXPECT_EQ(w.emitted(OrderEventType::kSendReplace).size(), 0U) << "one request at a time";
    w.confirm_replace(stop, 0, 140);
    const auto asked = w.emitted(OrderEventType::kSendReplace);
    ASSERT_EQ(asked.size(), 1U);
    EXPECT_EQ(asked[0].data.change.quantity, units(80)) << "140 less 60";
    EXPECT_GE(w.exposure().sell, units(140)) << "until the venue has taken it in";
}

// The venue cuts the stop down to a position of 120, as it does with reduce-only orders, whatever
// it is asked for.
TEST(OrderLinks, AskNotAgainForWhatTheVenueDidNotGrant) {
    Linked w;
    const OrderTag stop = w.link(LinkRole::kOuo, Side::kSell, 100, price(18));
    w.link(LinkRole::kOuo, Side::kSell, 150, price(25));
    w.tell(w.report(stop, ExecType::kNew));
    w.replace(stop, units(150), price(18));
    w.confirm_replace(stop, 0, 120);
    EXPECT_EQ(w.sends(), 0U);
    EXPECT_EQ(w.quantity(stop), units(120));
    EXPECT_EQ(w.exposure().sell, units(120 + 150));
}

TEST(OrderLinks, KeepProtectingWhatTheEntryFillsAfterALegTookItsPart) {
    Bracket w;
    w.fill(w.entry, 40);
    w.fill(w.target, 40);  // all that was bought is sold again
    EXPECT_EQ(w.state(w.target), OrderState::kPartiallyFilled);
    ASSERT_EQ(w.emitted(OrderEventType::kSendCancel).size(), 1U) << "the stop's 40 must go";
    EXPECT_EQ(w.emitted(OrderEventType::kSendCancel)[0].data.change.tag, w.stop);
    EXPECT_NE(w.state(w.stop), OrderState::kPendingCancel) << "but not the stop";
    w.fill(w.entry, 60);  // the cancel is still under way
    ASSERT_EQ(w.emitted(OrderEventType::kSendNew).size(), 1U);
    EXPECT_EQ(w.sent().tag, w.target);
    EXPECT_EQ(w.sent().quantity, units(60));
    w.canceled(w.stop);
    EXPECT_EQ(w.sent().tag, w.stop);
    EXPECT_EQ(w.sent().quantity, units(60));
    EXPECT_GT(w.sent().order_id, w.orders.find(w.stop)->id) << "under a new id";
    EXPECT_EQ(w.quantity(w.stop), units(60));
    w.fill(w.stop, 60);
    EXPECT_EQ(w.state(w.stop), OrderState::kFilled);
    EXPECT_EQ(w.state(w.target), OrderState::kPendingCancel);
    w.canceled(w.target);
    EXPECT_EQ(w.accounts_book.position(W::kMain, W::kSpy), Quantity::zero());
    EXPECT_EQ(w.exposure().open_orders(), 0U);
}

TEST(OrderLinks, EndTheLegsWithAnEntryThatNeverFilled) {
    Bracket w;
    w.cancel(w.entry);
    EXPECT_EQ(w.state(w.stop), OrderState::kSuspended) << "it may fill yet";
    w.canceled(w.entry);
    EXPECT_EQ(w.last_update(w.stop).state, OrderState::kCanceled);
    EXPECT_EQ(w.last_update(w.target).reason, OrderReason::kLinked);
    EXPECT_EQ(w.exposure().open_orders(), 0U);
}

TEST(OrderLinks, CutTheLegsToWhatAnEntryFilledBeforeItEnded) {
    Bracket w;
    w.fill(w.entry, 40);
    w.cancel(w.entry);
    w.canceled(w.entry);
    EXPECT_EQ(w.quantity(w.stop), units(40));
    EXPECT_EQ(w.exposure().sell, units(80));
    w.fill(w.entry, 10);  // late
    EXPECT_EQ(w.quantity(w.stop), units(50));
    EXPECT_EQ(w.emitted(OrderEventType::kSendReplace).size(), 2U);
}

TEST(OrderLinks, EndALegWithTheOther) {
    Bracket w;
    w.fill(w.entry, 100);
    w.cancel(w.target);
    w.canceled(w.target);
    EXPECT_EQ(w.last_update(w.stop).state, OrderState::kPendingCancel);
    EXPECT_EQ(w.last_update(w.stop).reason, OrderReason::kLinked);
}

TEST(OrderLinks, SendALateLegAtOnce) {
    Linked w;
    const OrderTag entry = w.link(LinkRole::kPrimary, Side::kBuy, 100, price(20));
    w.fill(entry, 100);
    const OrderTag late = w.link(LinkRole::kSecondary, Side::kSell, 100, price(18));
    EXPECT_FALSE(w.held(late));
    EXPECT_EQ(w.sent().quantity, units(100));
}

TEST(OrderLinks, EndALegWhoseEntryIsOverWithoutAFill) {
    Linked w;
    const OrderTag entry = w.link(LinkRole::kPrimary, Side::kBuy, 100, price(20));
    w.tell(entry, ExecType::kRejected);
    const OrderTag late = w.link(LinkRole::kSecondary, Side::kSell, 100, price(18));
    EXPECT_EQ(w.last_update(late).state, OrderState::kCanceled);
    EXPECT_EQ(w.sends(), 0U);
}

TEST(OrderLinks, TakeBackWhatABustedEntryHadSetFree) {
    Bracket w;
    OrderEvent first = w.current(w.trade(w.entry, units(40), price(20)), w.entry);
    w.tell(first);
    w.fill(w.entry, 20);
    w.confirm_replace(w.stop, 0, 60);
    w.confirm_replace(w.target, 0, 60);
    w.tell(w.bust(first, units(80)));
    const auto cut = w.emitted(OrderEventType::kSendReplace);
    ASSERT_EQ(cut.size(), 2U);
    for (const OrderEvent& e : cut) EXPECT_EQ(e.data.change.quantity, units(20));
}

TEST(OrderLinks, AmendALegThatIsHeldAndOneThatIsSent) {
    Bracket w;
    w.replace(w.stop, units(100), price(17));
    EXPECT_EQ(w.update().state, OrderState::kSuspended);
    EXPECT_EQ(w.sends(), 0U);
    w.fill(w.entry, 40);
    EXPECT_EQ(w.emitted(OrderEventType::kSendNew)[0].data.new_order.price, price(17));
    w.replace(w.stop, units(100), price(16));
    const ChangeOrderData d = w.emitted(OrderEventType::kSendReplace).at(0).data.change;
    EXPECT_EQ(d.price, price(16));
    EXPECT_EQ(d.quantity, units(40)) << "no more than the entry has filled";
}

TEST(OrderLinks, HoldAnEmulatedStopOfABracketUntilItsTrigger) {
    OrderManagerConfig config = without_links();
    config.venues[0].drop(OrderType::kStop);
    Linked w(config);
    const OrderTag entry = w.link(LinkRole::kPrimary, Side::kBuy, 100, price(20));
    OrderEvent e = w.new_order(Side::kSell, units(100), Price{});
    e.data.new_order.type = OrderType::kStop;
    e.data.new_order.stop_price = price(18);
    e.data.new_order.link = Linked::kLink;
    e.data.new_order.link_role = LinkRole::kSecondaryOuo;
    const OrderTag stop = w.submit(e);
    const OrderTag target = w.link(LinkRole::kSecondaryOuo, Side::kSell, 100, price(25));
    w.print(price(17));
    EXPECT_TRUE(w.held(stop)) << "there is nothing to protect yet";
    w.print(price(20));
    w.fill(entry, 100);
    EXPECT_TRUE(w.held(stop));
    EXPECT_FALSE(w.held(target));
    w.fill(target, 30);
    EXPECT_EQ(w.quantity(stop), units(70));
    w.print(price(18));
    EXPECT_EQ(w.sent().type, OrderType::kMarket);
    EXPECT_EQ(w.sent().quantity, units(70));
}

TEST(OrderLinks, KeepALegWhosePlacementTheVenueCanceledByItself) {
    Bracket w(OrderManagerConfig{64, 1'024, 19'000, 3});
    w.fill(w.entry, 40);
    w.fill(w.target, 40);
    EXPECT_EQ(w.sends(), 0U);
    w.canceled(w.stop, OrderReason::kLinked);
    EXPECT_FALSE(is_terminal(w.state(w.stop))) << "the entry may still fill";
    w.fill(w.entry, 60);
    EXPECT_EQ(w.emitted(OrderEventType::kSendNew).size(), 2U);
    EXPECT_EQ(w.quantity(w.stop), units(60));
}

TEST(OrderLinks, SurviveARestart) {
    Bracket w;
    w.fill(w.entry, 40);
    w.fill(w.target, 40);
    const std::uint64_t hash = w.orders.state_hash();
    test::restart(w.accounts_book, w.AccountWorld::book());
    test::restart(w.orders, without_links(), w.instruments, w.accounts_book);
    w.orders.use_marks(w.marks);
    EXPECT_EQ(w.orders.state_hash(), hash);
    w.canceled(w.stop);
    w.fill(w.entry, 60);
    EXPECT_EQ(w.emitted(OrderEventType::kSendNew).size(), 2U);
}

}  // namespace
}  // namespace fermata

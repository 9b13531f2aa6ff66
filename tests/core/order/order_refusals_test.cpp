// What a venue refuses is not asked of it again with every refusal.

#include <gtest/gtest.h>

#include "tests/core/order/linked_world.hpp"
#include "tests/support/state_copy.hpp"

namespace fermata {
namespace {

using test::Bracket;
using test::Linked;
using test::price;
using test::units;
using test::without_links;
using W = test::OrderWorld;

/// A refusal by a venue at which so much of the order stays open.
template <class World>
void refuse(World& w, OrderTag tag, ExecType type, std::int64_t leaves) {
    OrderEvent e = w.current(w.report(tag, type), tag);
    e.data.execution.leaves_quantity = units(leaves);
    e.data.execution.cumulative_quantity = w.orders.find(tag)->cumulative_quantity;
    w.tell(e);
}
/// Time goes on, with a quote.
template <class World>
void after(World& w, Duration time) {
    w.now = w.now + time;
    w.quote(price(19), price(21));
}
constexpr auto kAlmost = Duration::milliseconds(990);
constexpr auto kRest = Duration::milliseconds(20);

TEST(OrderRefusals, ALegThatMayNotBeReducedIsAskedForOnceASecond) {
    Bracket w;
    w.fill(w.entry, 100);
    w.tell(w.current(w.report(w.stop, ExecType::kNew), w.stop));
    w.tell(w.current(w.report(w.target, ExecType::kNew), w.target));
    w.fill(w.target, 40);
    EXPECT_EQ(w.emitted(OrderEventType::kSendReplace).size(), 1U);
    refuse(w, w.stop, ExecType::kReplaceRejected, 100);
    EXPECT_EQ(w.sends(), 0U) << "it would be refused again, without end";
    w.fill(w.target, 10);
    EXPECT_EQ(w.sends(), 0U);
    after(w, kAlmost);
    EXPECT_EQ(w.sends(), 0U);
    for (int n = 0; n < 3; ++n) {
        after(w, kRest);
        const auto asked = w.emitted(OrderEventType::kSendReplace);
        ASSERT_EQ(asked.size(), 1U);
        EXPECT_EQ(asked[0].data.change.quantity, units(50)) << "what is left by now";
        after(w, Duration::seconds(5));
        EXPECT_EQ(w.sends(), 0U) << "one request at a time";
        refuse(w, w.stop, ExecType::kReplaceRejected, 100);
        EXPECT_EQ(w.sends(), 0U);
        EXPECT_GE(w.exposure().sell, units(100)) << "what the venue works";
        after(w, kAlmost);
    }
    after(w, kRest);
    w.confirm_replace(w.stop, 0, 50);
    after(w, Duration::seconds(5));
    EXPECT_EQ(w.sends(), 0U);
}

TEST(OrderRefusals, ALegWhoseOtherOneFilledIsCanceledAgainAlsoAfterARestart) {
    for (const LinkRole role : {LinkRole::kOuo, LinkRole::kOco}) {
        Linked w;
        const OrderTag stop = w.link(role, Side::kSell, 100, price(18));
        const OrderTag target = w.link(role, Side::kSell, 100, price(25));
        w.tell(stop, ExecType::kNew);
        w.tell(target, ExecType::kNew);
        w.fill(target, 100);
        EXPECT_EQ(w.emitted(OrderEventType::kSendCancel).size(), 1U);
        for (int n = 0; n < 3; ++n) {
            refuse(w, stop, ExecType::kCancelRejected, 100);
            EXPECT_EQ(w.sends(), 0U);
            test::restart(w.accounts_book, w.AccountWorld::book());
            test::restart(w.orders, without_links(), w.instruments, w.accounts_book);
            w.orders.use_marks(w.marks);
            after(w, kAlmost);
            EXPECT_EQ(w.sends(), 0U);
            after(w, kRest);
            EXPECT_EQ(w.emitted(OrderEventType::kSendCancel).size(), 1U);
        }
        w.tell(stop, ExecType::kCanceled);
        after(w, Duration::seconds(5));
        EXPECT_EQ(w.sends(), 0U);
    }
}

TEST(OrderRefusals, APlacementThatMayNotBePulledIsAskedForOnceASecond) {
    Bracket w;
    w.fill(w.entry, 40);  // 40 of each leg, and more to come
    w.tell(w.current(w.report(w.stop, ExecType::kNew), w.stop));
    w.fill(w.target, 40);
    EXPECT_EQ(w.emitted(OrderEventType::kSendCancel).size(), 1U);
    refuse(w, w.stop, ExecType::kCancelRejected, 40);
    EXPECT_EQ(w.sends(), 0U);
    after(w, kAlmost);
    EXPECT_EQ(w.sends(), 0U);
    after(w, kRest);
    EXPECT_EQ(w.emitted(OrderEventType::kSendCancel).size(), 1U);
    refuse(w, w.stop, ExecType::kCancelRejected, 0);
    after(w, Duration::seconds(5));
    EXPECT_EQ(w.sends(), 0U) << "nothing of it is open: its fill is on the way";
}

TEST(OrderRefusals, AReplaceThatWasLostEndsWithTheOrderThatItsVenueFilled) {
    for (const LinkRole role : {LinkRole::kNone, LinkRole::kOuo}) {
        Linked w;
        const OrderTag tag = w.link(role, Side::kBuy, 100, price(20));
        w.tell(tag, ExecType::kNew);
        w.replace(tag, units(150), price(20));
        w.fill(tag, 100);
        EXPECT_FALSE(is_terminal(w.state(tag))) << "the new terms may come into force yet";
        EXPECT_EQ(w.exposure().buy, units(50));
        w.cancel(tag);
        refuse(w, tag, ExecType::kCancelRejected, 0);
        EXPECT_TRUE(is_terminal(w.state(tag)));
        EXPECT_EQ(w.orders.find(tag)->cumulative_quantity, units(100));
        EXPECT_EQ(w.exposure().open_orders(), 0U);
        EXPECT_EQ(w.alert(), AlertCode::kNone);
    }
}

TEST(OrderRefusals, AFillThatIsStillOnTheWayIsWaitedFor) {
    Linked w;
    const OrderTag tag = w.link(LinkRole::kNone, Side::kBuy, 100, price(20));
    w.tell(tag, ExecType::kNew);
    w.replace(tag, units(150), price(20));
    w.fill(tag, 100);
    w.cancel(tag);
    OrderEvent e = w.report(tag, ExecType::kCancelRejected);  // 150 are filled there
    e.data.execution.cumulative_quantity = units(150);
    w.tell(e);
    EXPECT_FALSE(is_terminal(w.state(tag)));
    w.fill(tag, 50);
    EXPECT_EQ(w.state(tag), OrderState::kFilled);
}

}  // namespace
}  // namespace fermata

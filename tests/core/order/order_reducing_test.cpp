// What only reduces a position: reduce-only orders at a venue that knows none, and linked orders
// that share a quantity when the orders that increase are canceled.

#include <gtest/gtest.h>

#include "tests/core/order/plain_venue_world.hpp"

namespace fermata::test {
namespace {

struct Reducing : PlainVenueWorld {
    /// Bought 100 at 20.
    Reducing() {
        const OrderTag entry = place(Side::kBuy, units(100), price(20));
        tell(entry, ExecType::kNew);
        tell(trade(entry, units(100), price(20)));
    }
    OrderTag sell(std::int64_t quantity, Price limit, LinkRole role = LinkRole::kNone,
                  std::uint8_t flags = kOrderReduceOnly) {
        OrderEvent e = new_order(Side::kSell, units(quantity), limit);
        e.data.new_order.flags = flags;
        e.data.new_order.link_role = role;
        e.data.new_order.link = role == LinkRole::kNone ? 0 : 5;
        return submit(e);
    }
    void fill(OrderTag tag, std::int64_t quantity) {
        OrderEvent e = trade(tag, units(quantity), price(20));
        e.data.execution.order_id = orders.find(tag)->sent_id;
        tell(e);
    }
    void cancel_increasing() {
        out.clear();
        orders.cancel_all(ControlScope::kFirm, 0, tick(), out, CancelOrders::kIncreasing);
    }
    std::size_t cancels() const { return emitted(OrderEventType::kSendCancel).size(); }
};

TEST(OrderReducing, SendsNoMoreThanThePositionInAllOrdersTogether) {
    Reducing w;
    const OrderTag first = w.sell(60, price(25));
    EXPECT_TRUE(w.is_sent(first));
    const OrderTag second = w.sell(41, price(26));  // 60 + 41 > 100: one bar could fill both
    EXPECT_EQ(w.state(second), OrderState::kRejected);
    EXPECT_EQ(w.last_update(second).reason, OrderReason::kReduceOnly);
    const OrderTag third = w.sell(40, price(26));
    EXPECT_TRUE(w.is_sent(third)) << "60 + 40 are what is held";
    w.tell(first, ExecType::kNew);
    w.cancel(first);
    const OrderTag fourth = w.sell(1, price(26));
    EXPECT_EQ(w.state(fourth), OrderState::kRejected) << "the cancel may come too late";
    w.tell(first, ExecType::kCanceled);
    const OrderTag fifth = w.sell(60, price(26));
    EXPECT_TRUE(w.is_sent(fifth));
}

TEST(OrderReducing, CountsLegsThatShareAQuantityOnce) {
    Reducing w;
    const OrderTag stop = w.sell(70, price(15), LinkRole::kOuo);
    const OrderTag target = w.sell(70, price(25), LinkRole::kOuo);
    EXPECT_TRUE(w.is_sent(stop) && w.is_sent(target));
    const OrderTag more = w.sell(31, price(26));
    EXPECT_EQ(w.state(more), OrderState::kRejected);
    const OrderTag rest = w.sell(30, price(26));
    EXPECT_TRUE(w.is_sent(rest));
}

TEST(OrderReducing, LeavesTheOldestOrdersWhenThePositionShrinks) {
    Reducing w;
    const OrderTag first = w.sell(60, price(25));
    const OrderTag second = w.sell(40, price(26));
    w.tell(first, ExecType::kNew);
    w.tell(second, ExecType::kNew);
    const OrderTag plain = w.sell(30, price(20), LinkRole::kNone, 0);
    w.tell(plain, ExecType::kNew);
    w.fill(plain, 30);  // 70 are left: 60 for the first, 10 for the second
    EXPECT_EQ(w.state(first), OrderState::kNew);
    const auto sent = w.emitted(OrderEventType::kSendReplace);
    ASSERT_EQ(sent.size(), 1U);
    EXPECT_EQ(sent[0].data.change.tag, second);
    EXPECT_EQ(sent[0].data.change.quantity, units(10));
}

TEST(OrderReducing, KeepsBothLegsOfAnExitWhenWhatIncreasesIsCanceled) {
    for (const LinkRole role : {LinkRole::kOco, LinkRole::kOuo}) {
        Reducing w;
        const OrderTag stop = w.sell(100, price(15), role, 0);
        const OrderTag target = w.sell(100, price(25), role, 0);
        w.tell(stop, ExecType::kNew);
        w.tell(target, ExecType::kNew);
        EXPECT_EQ(w.exposure().sell, units(200)) << "what may come at worst";
        EXPECT_EQ(w.exposure().sell_shared, units(100));
        w.cancel_increasing();
        EXPECT_EQ(w.cancels(), 0U);
        const OrderTag more = w.sell(1, price(25), LinkRole::kNone, 0);
        w.tell(more, ExecType::kNew);
        w.cancel_increasing();
        EXPECT_EQ(w.cancels(), 3U) << "101 could be sold of 100";
    }
}

TEST(OrderReducing, KeepsTheRestOfAnExitThatIsBeingFilled) {
    for (const LinkRole role : {LinkRole::kOco, LinkRole::kOuo}) {
        Reducing w;
        const OrderTag stop = w.sell(100, price(15), role, 0);
        const OrderTag target = w.sell(100, price(25), role, 0);
        w.tell(stop, ExecType::kNew);
        w.tell(target, ExecType::kNew);
        w.fill(stop,
               50);  // the target is canceled, or reduced to 50, and its venue has not said so
        EXPECT_EQ(w.exposure().sell, units(150));
        EXPECT_EQ(w.exposure().sell_shared, units(100));
        w.cancel_increasing();
        EXPECT_EQ(w.cancels(), 0U);
    }
}

TEST(OrderReducing, CountsNothingTwiceAfterARestartOrTheEndOfAGroup) {
    Reducing w;
    const OrderTag stop = w.sell(100, price(15), LinkRole::kOuo, 0);
    const OrderTag target = w.sell(80, price(25), LinkRole::kOuo, 0);
    w.tell(stop, ExecType::kNew);
    w.tell(target, ExecType::kNew);
    EXPECT_EQ(w.exposure().sell_shared, units(80));
    w.restart_all();
    EXPECT_EQ(w.exposure().sell_shared, units(80));
    w.cancel(stop);
    w.tell(stop, ExecType::kCanceled);
    EXPECT_EQ(w.exposure().sell, units(80));
    EXPECT_EQ(w.exposure().sell_shared, Quantity::zero());
    w.cancel(target);
    w.tell(target, ExecType::kCanceled);
    EXPECT_EQ(w.exposure().sell, Quantity::zero());
    EXPECT_EQ(w.exposure().sell_shared, Quantity::zero());
}

}  // namespace
}  // namespace fermata::test

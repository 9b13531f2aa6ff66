// How sales are marked: long, short, short exempt (Regulation SHO, 17 CFR 242.200(g)).

#include <gtest/gtest.h>

#include <memory>
#include <new>

#include "tests/core/order/plain_venue_world.hpp"

namespace fermata::test {
namespace {

constexpr int kMarks = kOrderShort | kOrderShortExempt;

/// The main account may sell short.
struct Marks : OrderWorld {
    explicit Marks(const OrderManagerConfig& config = {64, 1'024, 19'000, 3}) : OrderWorld(config) {
        accounts[0].type = AccountConfig::Type::kMargin;
        std::destroy_at(&orders);
        std::destroy_at(&accounts_book);
        new (&accounts_book) AccountBook(AccountWorld::book());
        new (&orders) OrderManager(config, instruments, accounts_book);
        orders.use_marks(marks);
    }
    void hold(std::int64_t quantity, InstrumentId i = kSpy) {
        const OrderTag tag = place(Side::kBuy, units(quantity), price(20), i);
        OrderEvent fill = trade(tag, units(quantity), price(20));
        fill.instrument = i;
        tell(fill);
    }
    OrderTag sell(std::int64_t quantity, std::uint8_t flags = 0, InstrumentId i = kSpy) {
        OrderEvent e = new_order(Side::kSell, units(quantity), price(30), i);
        e.data.new_order.flags = flags;
        return submit(e);
    }
    int mark(OrderTag tag) const {
        const int flags = orders.find(tag)->flags & kMarks;
        EXPECT_EQ(last_update(tag).flags & kMarks, flags) << "its strategy is told";
        EXPECT_EQ(sent().flags & kMarks, flags) << "and the venue";
        return flags;
    }
};

TEST(OrderMarks, AreLongOnlyIfAllOfTheSaleIsHeldBesideWhatIsOpen) {
    Marks w;
    w.hold(10);
    EXPECT_EQ(w.mark(w.sell(6)), 0);
    EXPECT_EQ(w.mark(w.sell(4)), 0) << "all that is held";
    EXPECT_EQ(w.mark(w.sell(1)), kOrderShort);
    Marks partly;
    partly.hold(10);
    EXPECT_EQ(partly.mark(partly.sell(11)), kOrderShort) << "one order, one mark";
}

TEST(OrderMarks, FollowWhatBecameOfEarlierSales) {
    Marks w;
    w.hold(10);
    const OrderTag first = w.sell(10);
    w.tell(first, ExecType::kNew);
    EXPECT_EQ(w.mark(w.sell(5)), kOrderShort);
    w.tell(first, ExecType::kCanceled);
    EXPECT_EQ(w.mark(w.sell(5)), 0) << "5 of 10 are open to be sold, short or not";
    EXPECT_EQ(w.mark(w.sell(1)), kOrderShort);
}

TEST(OrderMarks, SayExemptOnlyOfAShortSaleThatAskedForIt) {
    Marks w;
    w.hold(10);
    EXPECT_EQ(w.mark(w.sell(10, kOrderShortExempt)), 0);
    EXPECT_EQ(w.mark(w.sell(1, kOrderShortExempt)), kOrderShortExempt);
    Marks other;
    other.hold(10);
    EXPECT_EQ(other.mark(other.sell(10, kOrderShort)), 0) << "no strategy marks its own orders";
    OrderEvent buy = other.new_order(Side::kBuy, units(1), price(20));
    buy.data.new_order.flags = kMarks;
    EXPECT_EQ(other.mark(other.submit(buy)), 0);
}

TEST(OrderMarks, AreForSharesInMarginAccountsThatAreNotSoldToReduceAlone) {
    Marks w;
    EXPECT_EQ(w.mark(w.sell(1, 0, OrderWorld::kEs)), 0) << "a future";
    w.hold(1);
    EXPECT_EQ(w.mark(w.sell(2, kOrderReduceOnly)), 0);
    OrderWorld cash;
    OrderEvent e = cash.new_order(Side::kSell, units(1), price(30));
    EXPECT_EQ(cash.orders.find(cash.submit(e))->flags, 0);
}

TEST(OrderMarks, AreMadeWhenAHeldOrderIsSent) {
    Marks w(plain_venue());
    w.hold(10);
    w.quote(price(99), price(101));
    OrderEvent e = w.new_order(Side::kSell, units(10), Price{});
    e.data.new_order.type = OrderType::kStop;
    e.data.new_order.stop_price = price(90);
    const OrderTag stop = w.submit(e);
    ASSERT_TRUE(w.orders.find(stop)->held);
    const OrderTag sale = w.sell(10);  // beside the stop that may come
    EXPECT_EQ(w.orders.find(sale)->flags & kMarks, kOrderShort);
    w.tell(w.trade(sale, units(10), price(100)));
    w.quote(price(89), price(91));
    ASSERT_FALSE(w.orders.find(stop)->held);
    EXPECT_EQ(w.mark(stop), kOrderShort) << "what it was to sell is sold";
}

}  // namespace
}  // namespace fermata::test

#include "core/sim/resting_book.hpp"

#include <gtest/gtest.h>

#include "tests/core/sim/exchange_fixture.hpp"

namespace fermata {
namespace {

struct Book {
    MarketStates markets{2, FillConfig{}};
    RestingBook book{markets, 8};
    std::uint64_t ids = 0;

    SimSlot add(const Ticket& ticket) {
        SimOrder order;
        order.id = ClientOrderId{++ids};
        order.side = ticket.data.side;
        order.type = ticket.data.type;
        order.price = ticket.data.price;
        order.stop_price = ticket.data.stop_price;
        order.quantity = ticket.data.quantity;
        const SimSlot slot = book.add(order);
        book.enter(slot);
        return slot;
    }
    std::vector<std::uint64_t> queue(Side side, OrderQueue which) const {
        std::vector<std::uint64_t> ids_seen;
        for (SimSlot s = book.first(InstrumentId{0}, side, which); s != kNoOrder;
             s = book.next(s)) {
            ids_seen.push_back(book[s].id.value);
        }
        return ids_seen;
    }
};
using Ids = std::vector<std::uint64_t>;

TEST(RestingBook, SortsActiveOrdersByPriceThenArrivalWithMarketOrdersInFront) {
    Book b;
    b.add(Ticket::buy("1").limit("99"));
    b.add(Ticket::buy("1").limit("100"));
    b.add(Ticket::buy("1").limit("99"));
    b.add(Ticket::buy("1"));
    b.add(Ticket::sell("1").limit("102"));
    b.add(Ticket::sell("1").limit("101"));
    EXPECT_EQ(b.queue(Side::kBuy, OrderQueue::kActive), (Ids{4, 2, 1, 3}));
    EXPECT_EQ(b.queue(Side::kSell, OrderQueue::kActive), (Ids{6, 5}));
    EXPECT_EQ(b.book.head_price(InstrumentId{0}, Side::kBuy, OrderQueue::kActive), Price::max());
    EXPECT_EQ(b.book.head_price(InstrumentId{0}, Side::kSell, OrderQueue::kActive), px("101"));
    EXPECT_EQ(b.markets[InstrumentId{0}].live, 6U);
    EXPECT_EQ(b.markets[InstrumentId{1}].live, 0U);
}

TEST(RestingBook, SortsDormantOrdersByWhatTheMarketReachesFirst) {
    Book b;
    b.add(Ticket::buy("1").stop("103"));
    b.add(Ticket::buy("1").stop("102"));
    b.add(Ticket::sell("1").stop("97"));
    b.add(Ticket::sell("1").stop("98").limit("90"));
    EXPECT_EQ(b.queue(Side::kBuy, OrderQueue::kDormant), (Ids{2, 1}));
    EXPECT_EQ(b.queue(Side::kSell, OrderQueue::kDormant), (Ids{4, 3}));
}

TEST(RestingBook, PutsATriggeredOrderBehindThoseOfItsPrice) {
    Book b;
    const SimSlot stop = b.add(Ticket::buy("1").stop("100").limit("101"));
    b.add(Ticket::buy("1").limit("101"));
    b.book.trigger(stop);
    EXPECT_EQ(b.queue(Side::kBuy, OrderQueue::kDormant), Ids{});
    EXPECT_EQ(b.queue(Side::kBuy, OrderQueue::kActive), (Ids{2, 1}));
}

TEST(RestingBook, FindsOrdersByIdUntilTheyAreReleased) {
    Book b;
    const SimSlot slot = b.add(Ticket::buy("1").limit("99"));
    EXPECT_EQ(b.book.find(ClientOrderId{1}), slot);
    b.book.leave(slot);
    b.book.release(slot);
    EXPECT_EQ(b.book.find(ClientOrderId{1}), kNoOrder);
    EXPECT_FALSE(b.book.is_live(slot));
    EXPECT_EQ(b.book.head_price(InstrumentId{0}, Side::kBuy, OrderQueue::kActive), Price::min());
}

TEST(RestingBook, SaysWhenItIsFull) {
    Book b;
    for (int i = 0; i < 8; ++i) b.add(Ticket::buy("1").limit("99"));
    SimOrder order;
    order.id = ClientOrderId{99};
    EXPECT_EQ(b.book.add(order), kNoOrder);
    EXPECT_EQ(b.book.size(), 8U);
}

}  // namespace
}  // namespace fermata

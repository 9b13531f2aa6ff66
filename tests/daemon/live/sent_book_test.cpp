#include "daemon/live/sent_book.hpp"

#include <gtest/gtest.h>

namespace fermata {
namespace {

constexpr VenueId kVenue{1};
constexpr VenueId kOther{0};

Quantity units(int n) { return Quantity::from_units(n); }

class SentBookTest : public ::testing::Test {
protected:
    void send(std::uint64_t id, int quantity, VenueId venue = kVenue) {
        OrderEvent e = make_order_event(OrderEventType::kSendNew, Timestamp{1}, InstrumentId{3});
        e.data.new_order = NewOrderData{};
        e.data.new_order.order_id = ClientOrderId{id};
        e.data.new_order.venue = venue;
        e.data.new_order.quantity = units(quantity);
        e.data.new_order.side = Side::kSell;
        book.on_record(e);
    }
    void change(OrderEventType type, std::uint64_t id, std::uint64_t number) {
        OrderEvent e = make_order_event(type, Timestamp{1}, InstrumentId{3});
        e.data.change = ChangeOrderData{};
        e.data.change.order_id = ClientOrderId{id};
        e.data.change.venue = kVenue;
        e.data.change.change_id = number;
        book.on_record(e);
    }
    void report(ExecType type, std::uint64_t id, int filled, int leaves, std::uint64_t message = 0,
                VenueId venue = kVenue) {
        OrderEvent e = make_order_event(OrderEventType::kExecution, Timestamp{2}, InstrumentId{3});
        if (message != 0) e.cause = make_cause(CauseKind::kMessage, message);
        e.data.execution = ExecutionData{};
        e.data.execution.order_id = ClientOrderId{id};
        e.data.execution.venue = venue;
        e.data.execution.exec_type = type;
        e.data.execution.cumulative_quantity = units(filled);
        e.data.execution.leaves_quantity = units(leaves);
        book.on_record(e);
    }
    /// Filled quantity and total by id.
    std::vector<std::tuple<std::uint64_t, Quantity, Quantity>> open(VenueId venue = kVenue) {
        std::vector<std::tuple<std::uint64_t, Quantity, Quantity>> open;
        for (const KnownOrder& o : book.open(venue)) {
            open.emplace_back(o.id.value, o.cumulative_quantity, o.quantity);
        }
        return open;
    }
    using Open = std::vector<std::tuple<std::uint64_t, Quantity, Quantity>>;

    SentBook book{2};
};

TEST_F(SentBookTest, HasWhatWasSentUntilItsVenueSaysThatItIsOver) {
    send(1, 10);
    send(2, 10);
    send(3, 10, kOther);
    EXPECT_EQ(open(), (Open{{1, units(0), units(10)}, {2, units(0), units(10)}}));
    EXPECT_EQ(open(kOther), (Open{{3, units(0), units(10)}}));
    report(ExecType::kNew, 1, 0, 10);
    EXPECT_TRUE(book.find(kVenue, ClientOrderId{1})->acknowledged);
    EXPECT_FALSE(book.find(kVenue, ClientOrderId{2})->acknowledged);
    report(ExecType::kTrade, 1, 4, 6);
    EXPECT_EQ(open()[0], std::tuple(std::uint64_t{1}, units(4), units(10)));
    report(ExecType::kTrade, 1, 10, 0);
    report(ExecType::kRejected, 2, 0, 0);
    EXPECT_TRUE(open().empty());
    report(ExecType::kExpired, 3, 0, 0, 0, kOther);
    EXPECT_TRUE(open(kOther).empty());
    EXPECT_EQ(book.find(kVenue, ClientOrderId{1})->cumulative_quantity, units(10));
}

TEST_F(SentBookTest, KeepsAnOrderWhoseCancelWasRefusedUnlessNothingIsOpen) {
    send(1, 10);
    change(OrderEventType::kSendCancel, 1, 1);
    report(ExecType::kCancelRejected, 1, 0, 10);
    EXPECT_EQ(open().size(), 1U);
    report(ExecType::kCancelRejected, 1, 0, 0);
    EXPECT_TRUE(open().empty());
}

TEST_F(SentBookTest, KnowsTheTermsAndTheRequestThatAreInForce) {
    send(1, 10);
    change(OrderEventType::kSendReplace, 1, 1);
    change(OrderEventType::kSendCancel, 1, 2);
    EXPECT_EQ(book.find(kVenue, ClientOrderId{1})->accepted, 0U);
    report(ExecType::kReplaced, 1, 3, 9);
    const KnownOrder order = *book.find(kVenue, ClientOrderId{1});
    EXPECT_EQ(order.quantity, units(12));
    EXPECT_EQ(order.cumulative_quantity, units(3));
    EXPECT_EQ(order.accepted, 1U);
    EXPECT_EQ(order.requests, 2U);
    EXPECT_EQ(order.side, Side::kSell);
}

TEST_F(SentBookTest, OpensAgainWhatACorrectionOpens) {
    send(1, 10);
    report(ExecType::kTrade, 1, 10, 0);
    OrderEvent e = make_order_event(OrderEventType::kCorrection, Timestamp{3}, InstrumentId{3});
    e.data.correction = CorrectionData{};
    e.data.correction.order_id = ClientOrderId{1};
    e.data.correction.venue = kVenue;
    e.data.correction.cumulative_quantity = units(4);
    e.data.correction.leaves_quantity = units(6);
    book.on_record(e);
    EXPECT_EQ(open(), (Open{{1, units(4), units(10)}}));
}

TEST_F(SentBookTest, RemembersTheNewestMessageOfEachSession) {
    EXPECT_EQ(book.newest_message(kVenue), 0U);
    send(1, 10);
    report(ExecType::kNew, 1, 0, 10, 7);
    report(ExecType::kNew, 99, 0, 10, 9);  // also of an order that is not ours
    EXPECT_EQ(book.newest_message(kVenue), 9U);
    EXPECT_EQ(book.newest_message(kOther), 0U);
    report(ExecType::kTrade, 1, 10, 0);  // made here: it was no message
    EXPECT_EQ(book.newest_message(kVenue), 9U);
    report(ExecType::kNew, 2, 0, 10, 2);  // the next day begins with 1 again
    EXPECT_EQ(book.newest_message(kVenue), 2U);
}

}  // namespace
}  // namespace fermata

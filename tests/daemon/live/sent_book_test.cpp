#include "daemon/live/sent_book.hpp"

#include <gtest/gtest.h>

#include <tuple>
#include <vector>

#include "daemon/live/reconciliation.hpp"

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
        book.on_record(execution(type, id, filled, leaves, message, venue));
    }
    static OrderEvent execution(ExecType type, std::uint64_t id, int filled, int leaves,
                                std::uint64_t message = 0, VenueId venue = kVenue) {
        OrderEvent e = make_order_event(OrderEventType::kExecution, Timestamp{2}, InstrumentId{3});
        if (message != 0) e.cause = make_cause(CauseKind::kMessage, message);
        e.data.execution = ExecutionData{};
        e.data.execution.order_id = ClientOrderId{id};
        e.data.execution.venue = venue;
        e.data.execution.exec_type = type;
        e.data.execution.cumulative_quantity = units(filled);
        e.data.execution.leaves_quantity = units(leaves);
        return e;
    }
    /// A fill as the venue reports it. `booked`: the order manager books it, else it knows it.
    void fill(std::uint64_t id, std::uint64_t exec, int last, int filled, int leaves,
              bool booked = true) {
        OrderEvent e = execution(ExecType::kTrade, id, filled, leaves);
        e.data.execution.exec_id = ExecId{exec};
        e.data.execution.last_quantity = units(last);
        book.on_record(e);
        if (!booked) return alert(AlertCode::kDuplicateExecution, id, 1, exec);
        OrderEvent f = make_order_event(OrderEventType::kFill, Timestamp{2}, InstrumentId{3});
        f.data.fill = FillData{};
        f.data.fill.order_id = ClientOrderId{id};
        f.data.fill.exec_id = ExecId{exec};
        f.data.fill.quantity = units(last);
        book.on_record(f);
    }
    /// A bust of `of`, or with `quantity` a correction of it.
    void correct(std::uint64_t id, std::uint64_t exec, std::uint64_t of, int filled, int leaves,
                 int quantity = 0) {
        OrderEvent e = make_order_event(OrderEventType::kCorrection, Timestamp{3}, InstrumentId{3});
        e.data.correction = CorrectionData{};
        CorrectionData& c = e.data.correction;
        c.order_id = ClientOrderId{id};
        c.venue = kVenue;
        c.exec_id = ExecId{exec};
        c.ref_exec_id = ExecId{of};
        c.kind = quantity == 0 ? CorrectionKind::kBust : CorrectionKind::kCorrect;
        c.quantity = units(quantity);
        c.cumulative_quantity = units(filled);
        c.leaves_quantity = units(leaves);
        book.on_record(e);
    }
    void alert(AlertCode code, std::uint64_t id, std::int64_t first, std::uint64_t second) {
        OrderEvent e = make_order_event(OrderEventType::kAlert, Timestamp{4}, InstrumentId{3});
        e.data.alert = AlertData{};
        e.data.alert.code = code;
        e.data.alert.order_id = ClientOrderId{id};
        e.data.alert.detail[0] = first;
        e.data.alert.detail[1] = static_cast<std::int64_t>(second);
        book.on_record(e);
    }
    void differs(DifferenceKind kind, std::uint64_t id, int theirs) {
        alert(AlertCode::kVenueDiffers, id, static_cast<std::int64_t>(kind),
              static_cast<std::uint64_t>(units(theirs).raw()));
    }
    void update(std::uint64_t id, OrderState state) {
        OrderEvent e =
            make_order_event(OrderEventType::kOrderUpdate, Timestamp{4}, InstrumentId{3});
        e.data.update = OrderUpdateData{};
        e.data.update.order_id = ClientOrderId{id};
        e.data.update.state = state;
        book.on_record(e);
    }
    /// Filled quantity and total by id, of those whose venue has something open.
    std::vector<std::tuple<std::uint64_t, Quantity, Quantity>> open(VenueId venue = kVenue) {
        std::vector<std::tuple<std::uint64_t, Quantity, Quantity>> open;
        for (const BookedOrder& o : book.outstanding(venue)) {
            if (!o.over) open.emplace_back(o.order.id.value, o.filled(), o.order.quantity);
        }
        return open;
    }
    using Open = std::vector<std::tuple<std::uint64_t, Quantity, Quantity>>;
    /// What is missing of an order; the lists of the book must say the same.
    [[nodiscard]] Quantity missing(std::uint64_t id) const {
        const Quantity missing = book.find(kVenue, ClientOrderId{id})->missing();
        bool listed = false;
        for (const BookedOrder& o : book.unreported(kVenue)) {
            if (o.order.id.value != id) continue;
            listed = true;
            EXPECT_EQ(o.missing(), missing);
            EXPECT_NE(o.since.ns, 0);
        }
        EXPECT_EQ(listed, !missing.is_zero());
        return missing;
    }

    SentBook book{2};
};

TEST_F(SentBookTest, HasWhatWasSentUntilItsVenueSaysThatItIsOver) {
    send(1, 10);
    send(2, 10);
    send(3, 10, kOther);
    EXPECT_EQ(open(), (Open{{1, units(0), units(10)}, {2, units(0), units(10)}}));
    EXPECT_EQ(open(kOther), (Open{{3, units(0), units(10)}}));
    report(ExecType::kNew, 1, 0, 10);
    EXPECT_TRUE(book.find(kVenue, ClientOrderId{1})->order.acknowledged);
    EXPECT_FALSE(book.find(kVenue, ClientOrderId{2})->order.acknowledged);
    fill(1, 101, 4, 4, 6);
    EXPECT_EQ(open()[0], std::tuple(std::uint64_t{1}, units(4), units(10)));
    fill(1, 102, 6, 10, 0);
    report(ExecType::kRejected, 2, 0, 0);
    EXPECT_TRUE(open().empty());
    report(ExecType::kExpired, 3, 0, 0, 0, kOther);
    EXPECT_TRUE(open(kOther).empty());
    EXPECT_EQ(book.find(kVenue, ClientOrderId{1})->filled(), units(10));
}

TEST_F(SentBookTest, DoesNotTakeARefusalForTheEndOfAnOrder) {
    send(1, 10);
    change(OrderEventType::kSendCancel, 1, 1);
    report(ExecType::kCancelRejected, 1, 0, 10);
    EXPECT_EQ(open().size(), 1U);
    EXPECT_TRUE(book.unreported(kVenue).empty());
    report(ExecType::kCancelRejected, 1, 0, 0);  // nothing is open, and nobody said how it ended
    EXPECT_EQ(open().size(), 1U);
    EXPECT_EQ(book.unreported(kVenue).size(), 1U);
    fill(1, 101, 10, 10, 0);  // so
    EXPECT_TRUE(open().empty());
    EXPECT_TRUE(book.unreported(kVenue).empty());
    send(2, 10);
    fill(2, 102, 10, 10, 0);
    report(ExecType::kCancelRejected, 2, 10, 0);
    EXPECT_TRUE(book.unreported(kVenue).empty()) << "it was said before";
}

TEST_F(SentBookTest, KnowsTheTermsAndTheRequestThatAreInForce) {
    send(1, 10);
    change(OrderEventType::kSendReplace, 1, 1);
    change(OrderEventType::kSendCancel, 1, 2);
    EXPECT_EQ(book.find(kVenue, ClientOrderId{1})->order.accepted, 0U);
    fill(1, 101, 3, 3, 7);
    report(ExecType::kReplaced, 1, 3, 9);
    const KnownOrder order = book.find(kVenue, ClientOrderId{1})->order;
    EXPECT_EQ(order.quantity, units(12));
    EXPECT_EQ(order.cumulative_quantity, units(3));
    EXPECT_EQ(order.accepted, 1U);
    EXPECT_EQ(order.requests, 2U);
    EXPECT_EQ(order.side, Side::kSell);
}

TEST_F(SentBookTest, OpensAgainWhatACorrectionOpens) {
    send(1, 10);
    fill(1, 101, 4, 4, 6);
    fill(1, 102, 6, 10, 0);
    EXPECT_TRUE(open().empty());
    correct(1, 103, 102, 4, 6);
    EXPECT_EQ(open(), (Open{{1, units(4), units(10)}}));
    EXPECT_EQ(missing(1), units(0));
}

TEST_F(SentBookTest, MissesAFillThatTheNextReportCounts) {
    send(1, 100);
    report(ExecType::kNew, 1, 0, 100);
    fill(1, 102, 60, 100, 0);  // 101, of 40, never came
    EXPECT_EQ(missing(1), units(40));
    EXPECT_TRUE(book.find(kVenue, ClientOrderId{1})->over);
    ASSERT_EQ(book.outstanding(kVenue).size(), 1U) << "over, and not done with";
    EXPECT_TRUE(book.unreported(kOther).empty());
    fill(1, 101, 40, 40, 60);  // late
    EXPECT_EQ(missing(1), units(0));
    EXPECT_EQ(book.find(kVenue, ClientOrderId{1})->filled(), units(100));
    EXPECT_TRUE(book.outstanding(kVenue).empty());
}

TEST_F(SentBookTest, MissesAFillThatAnyOtherReportCounts) {
    for (const ExecType type : {ExecType::kCanceled, ExecType::kExpired, ExecType::kReplaced,
                                ExecType::kRestated, ExecType::kSuspended, ExecType::kDoneForDay}) {
        const std::uint64_t id = 10 + static_cast<std::uint64_t>(type);
        send(id, 100);
        report(type, id, 40, type == ExecType::kCanceled || type == ExecType::kExpired ? 0 : 60);
        EXPECT_EQ(missing(id), units(40)) << static_cast<int>(type);
    }
    send(1, 100);
    report(ExecType::kCancelRejected, 1, 40, 60);  // what the link knew, not what the venue said
    EXPECT_EQ(missing(1), units(0));
}

TEST_F(SentBookTest, MissesNothingOfAVenueThatCountsLate) {
    send(1, 100);
    fill(1, 101, 40, 0, 100);
    fill(1, 102, 60, 40, 0);
    EXPECT_EQ(missing(1), units(0));
    EXPECT_EQ(book.find(kVenue, ClientOrderId{1})->filled(), units(100));
}

TEST_F(SentBookTest, CountsAFillOnceAndAsItWasBooked) {
    send(1, 100);
    fill(1, 101, 40, 40, 60);
    fill(1, 101, 40, 40, 60, false);
    EXPECT_EQ(book.find(kVenue, ClientOrderId{1})->filled(), units(40));
    // Reported, and not booked: an alert of another kind says why.
    OrderEvent e = execution(ExecType::kTrade, 1, 70, 30);
    e.data.execution.exec_id = ExecId{102};
    book.on_record(e);
    alert(AlertCode::kNumberOverflow, 1, 0, 0);
    EXPECT_EQ(missing(1), units(30));
}

TEST_F(SentBookTest, FollowsBustsAndCorrections) {
    send(1, 100);
    fill(1, 101, 40, 40, 60);
    fill(1, 102, 60, 100, 0);
    correct(1, 103, 101, 75, 0, 15);
    EXPECT_EQ(book.find(kVenue, ClientOrderId{1})->filled(), units(75));
    correct(1, 104, 103, 60, 0);  // of the correction: the fill is taken back
    EXPECT_EQ(book.find(kVenue, ClientOrderId{1})->filled(), units(60));
    EXPECT_EQ(missing(1), units(0));
    // Said again, by each of its names: nothing changes.
    correct(1, 104, 103, 60, 0);
    alert(AlertCode::kDuplicateExecution, 1, 103, 104);
    correct(1, 105, 101, 60, 0);
    alert(AlertCode::kDuplicateExecution, 1, 101, 105);
    EXPECT_EQ(book.find(kVenue, ClientOrderId{1})->filled(), units(60));
    // An old report that comes again does not count what was taken back since.
    fill(1, 102, 60, 100, 0, false);
    EXPECT_EQ(missing(1), units(0));
}

TEST_F(SentBookTest, MissesNoFillThatTheVenueTookBack) {
    send(1, 100);
    fill(1, 102, 60, 100, 0);
    ASSERT_EQ(missing(1), units(40));
    correct(1, 103, 101, 60, 0);  // of the one that never came
    alert(AlertCode::kUnknownExecution, 1, 101, 103);
    EXPECT_EQ(missing(1), units(0));
    EXPECT_EQ(book.find(kVenue, ClientOrderId{1})->filled(), units(60));
}

TEST_F(SentBookTest, KeepsAFillWhoseBustCouldNotBeApplied) {
    send(1, 100);
    fill(1, 101, 40, 40, 60);
    correct(1, 102, 101, 0, 100);
    alert(AlertCode::kCorrectionFailed, 1, 101, 102);
    EXPECT_EQ(book.find(kVenue, ClientOrderId{1})->filled(), units(40));
    EXPECT_EQ(missing(1), units(0));
}

TEST_F(SentBookTest, CountsFillsOfAPlacementUnderItsOwnId) {
    send(1, 10);
    fill(1, 101, 10, 10, 0);
    send(2, 10);  // the next part of the same order: its fills are booked under the order's id
    OrderEvent e = execution(ExecType::kTrade, 2, 10, 0);
    e.data.execution.exec_id = ExecId{102};
    book.on_record(e);
    EXPECT_EQ(missing(2), units(10));
    OrderEvent f = make_order_event(OrderEventType::kFill, Timestamp{2}, InstrumentId{3});
    f.data.fill = FillData{};
    f.data.fill.order_id = ClientOrderId{1};
    f.data.fill.exec_id = ExecId{102};
    f.data.fill.quantity = units(10);
    book.on_record(f);
    EXPECT_EQ(missing(2), units(0));
    EXPECT_EQ(book.find(kVenue, ClientOrderId{1})->filled(), units(10));
    EXPECT_TRUE(book.outstanding(kVenue).empty());
}

TEST_F(SentBookTest, MissesNothingThatPeopleAccepted) {
    send(1, 100);
    fill(1, 102, 10, 50, 50);
    ASSERT_EQ(missing(1), units(40));
    differs(DifferenceKind::kFilledMore, 1, 50);
    EXPECT_EQ(missing(1), units(40)) << "telling it is not accepting it";
    differs(DifferenceKind::kAccepted, 1, 50);
    EXPECT_EQ(missing(1), units(0));
    EXPECT_TRUE(book.to_end(kVenue).empty()) << "it is open there";
    // What is missing beyond that counts.
    fill(1, 104, 10, 70, 30);
    EXPECT_EQ(missing(1), units(10));
    fill(1, 103, 10, 60, 40);
    EXPECT_EQ(missing(1), units(0));
    fill(1, 105, 30, 100, 0);
    EXPECT_EQ(missing(1), units(0));
    ASSERT_EQ(book.to_end(kVenue).size(), 1U);
    EXPECT_EQ(book.to_end(kVenue)[0].filled(), units(60));
    report(ExecType::kCanceled, 1, 60, 0);  // made here: the order manager is through with it
    update(1, OrderState::kCanceled);
    EXPECT_TRUE(book.to_end(kVenue).empty());
    fill(1, 101, 40, 40, 60);  // it comes after all
    const BookedOrder late = *book.find(kVenue, ClientOrderId{1});
    EXPECT_EQ(late.filled(), units(100));
    EXPECT_EQ(late.excused, units(0));
    EXPECT_EQ(missing(1), units(0));
}

TEST_F(SentBookTest, EndsWhatAnAnswerAloneCountedAndPeopleAccepted) {
    send(1, 100);
    fill(1, 101, 60, 60, 40);
    differs(DifferenceKind::kAccepted, 1, 100);
    EXPECT_EQ(missing(1), units(0));
    report(ExecType::kCanceled, 1, 100, 0);
    EXPECT_EQ(missing(1), units(0));
    ASSERT_EQ(book.to_end(kVenue).size(), 1U);
    EXPECT_EQ(book.to_end(kVenue)[0].filled(), units(60));
}

TEST_F(SentBookTest, MissesNothingThatTheVenueWithdrew) {
    send(1, 100);
    fill(1, 102, 10, 50, 50);
    differs(DifferenceKind::kWithdrawn, 1, 40);
    EXPECT_EQ(missing(1), units(40)) << "it said more since";
    differs(DifferenceKind::kWithdrawn, 1, 50);
    EXPECT_EQ(missing(1), units(0));
    fill(1, 104, 10, 30, 70);
    EXPECT_EQ(missing(1), units(10)) << "from here on it counts again";
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

#include "risk/surveillance/order_activity.hpp"

#include <gtest/gtest.h>

#include "tests/risk/surveillance/story.hpp"

namespace fermata::surveillance {
namespace {

using Kind = Activity::Kind;

class OrderActivity : public testing::Test {
protected:
    OrderEvent placed(std::uint64_t id, std::int64_t units, Side side = Side::kBuy,
                      std::uint64_t tag = 0) {
        OrderEvent e = event(OrderEventType::kSendNew);
        NewOrderData d;
        d.tag = Story::tag_of(tag == 0 ? id : tag);
        d.order_id = {id};
        d.price = Story::cents(10'000);
        d.quantity = Quantity::from_units(units);
        d.side = side;
        d.type = OrderType::kLimit;
        e.data.new_order = d;
        return e;
    }
    OrderEvent report(std::uint64_t id, ExecType type, std::int64_t leaves = 0,
                      std::int64_t cents = 10'000, OrderReason reason = OrderReason::kNone) {
        OrderEvent e = event(OrderEventType::kExecution);
        ExecutionData d;
        d.order_id = {id};
        d.exec_type = type;
        d.leaves_quantity = Quantity::from_units(leaves);
        d.price = Story::cents(cents);
        d.reason = reason;
        e.data.execution = d;
        return e;
    }
    OrderEvent fill(std::uint64_t id, std::int64_t units, std::uint64_t tag = 0) {
        OrderEvent e = event(OrderEventType::kFill);
        FillData d;
        d.tag = Story::tag_of(tag == 0 ? id : tag);
        d.order_id = {id};
        d.exec_id = {id};
        d.price = Story::cents(10'000);
        d.quantity = Quantity::from_units(units);
        e.data.fill = d;
        return e;
    }
    /// The venue takes the order's fill back, and says what is open from now on.
    OrderEvent bust(std::uint64_t id, std::int64_t leaves) {
        OrderEvent e = event(OrderEventType::kCorrection);
        CorrectionData d;
        d.order_id = {id};
        d.exec_id = {1'000'000 + id};
        d.ref_exec_id = {id};
        d.leaves_quantity = Quantity::from_units(leaves);
        e.data.correction = d;
        return e;
    }
    OrderEvent cancel(std::uint64_t id) {
        OrderEvent e = event(OrderEventType::kSendCancel);
        ChangeOrderData d;
        d.tag = Story::tag_of(id);
        d.order_id = {id};
        e.data.change = d;
        return e;
    }
    OrderEvent event(OrderEventType type) {
        OrderEvent e = make_order_event(type, Timestamp{1'000}, Story::kInstrument);
        e.seq = ++seq_;
        return e;
    }
    std::optional<Activity> take(const OrderEvent& e) { return tracker_.take(e, market_); }
    std::size_t live(Side side) {
        std::size_t n = 0;
        tracker_.for_each_live({0, Story::kInstrument}, side, [&n](const PlacedOrder&) { ++n; });
        return n;
    }

    MarketView market_{1};
    OrderTracker tracker_{{}};
    std::uint64_t seq_ = 0;
};

TEST_F(OrderActivity, ShowsAnOrderOnceTheVenueHasIt) {
    EXPECT_EQ(take(placed(1, 100))->kind, Kind::kSent);
    EXPECT_EQ(live(Side::kBuy), 0U);
    EXPECT_EQ(take(report(1, ExecType::kNew, 100))->kind, Kind::kShown);
    EXPECT_EQ(live(Side::kBuy), 1U);
    EXPECT_EQ(live(Side::kSell), 0U);
}

TEST_F(OrderActivity, CountsAFillWhenItIsBookedAndNotWhenItIsReported) {
    (void)take(placed(1, 100));
    (void)take(report(1, ExecType::kNew, 100));
    EXPECT_FALSE(take(report(1, ExecType::kTrade, 40)));
    const auto a = take(fill(1, 60));
    ASSERT_TRUE(a);
    EXPECT_EQ(a->kind, Kind::kFilled);
    EXPECT_EQ(a->order.open, Quantity::from_units(40));
    (void)take(fill(1, 40));
    EXPECT_EQ(live(Side::kBuy), 0U);
}

TEST_F(OrderActivity, TellsTheOwnersCancelFromTheVenues) {
    for (std::uint64_t id = 1; id <= 3; ++id) {
        (void)take(placed(id, 100));
        (void)take(report(id, ExecType::kNew, 100));
    }
    EXPECT_EQ(take(cancel(1))->kind, Kind::kCancelRequested);
    // A broker gives no reason.
    const auto own = take(report(1, ExecType::kCanceled));
    EXPECT_EQ(own->kind, Kind::kWithdrawn);
    EXPECT_EQ(own->withdrawn, Quantity::from_units(100));
    EXPECT_EQ(take(report(2, ExecType::kCanceled, 0, 0, OrderReason::kSessionEnd))->kind,
              Kind::kOver);
    EXPECT_EQ(take(report(3, ExecType::kExpired))->kind, Kind::kOver);
    EXPECT_EQ(live(Side::kBuy), 0U);
}

TEST_F(OrderActivity, ForgetsARequestToCancelThatWasRefused) {
    (void)take(placed(1, 100));
    (void)take(report(1, ExecType::kNew, 100));
    (void)take(cancel(1));
    (void)take(report(1, ExecType::kCancelRejected, 100));
    EXPECT_EQ(take(report(1, ExecType::kCanceled, 0, 0, OrderReason::kSessionEnd))->kind,
              Kind::kOver);
}

TEST_F(OrderActivity, SaysWhatAChangeTakesBack) {
    (void)take(placed(1, 100));
    (void)take(report(1, ExecType::kNew, 100));
    // Smaller at the same price: the difference.
    EXPECT_EQ(take(report(1, ExecType::kReplaced, 70))->withdrawn, Quantity::from_units(30));
    // Towards the market: nothing.
    EXPECT_EQ(take(report(1, ExecType::kReplaced, 70, 10'001))->withdrawn, Quantity::zero());
    // Away from it: all.
    EXPECT_EQ(take(report(1, ExecType::kReplaced, 70, 9'000))->withdrawn, Quantity::from_units(70));
    // A sale moves away upwards.
    (void)take(placed(2, 50, Side::kSell));
    (void)take(report(2, ExecType::kNew, 50));
    EXPECT_EQ(take(report(2, ExecType::kReplaced, 50, 9'000))->withdrawn, Quantity::zero());
    EXPECT_EQ(take(report(2, ExecType::kReplaced, 50, 9'500))->withdrawn, Quantity::from_units(50));
}

TEST_F(OrderActivity, TakesAVenuesOwnChangeForNoWithdrawal) {
    (void)take(placed(1, 100));
    (void)take(report(1, ExecType::kNew, 100));
    EXPECT_FALSE(take(report(1, ExecType::kRestated, 100, 9'000)));
}

TEST_F(OrderActivity, BooksAFillOfALaterPlacementUnderTheFirstId) {
    // An emulated iceberg: its second slice has an id of its own, the fill has the order's.
    (void)take(placed(1, 100, Side::kBuy, 9));
    (void)take(report(1, ExecType::kNew, 100));
    (void)take(fill(1, 100, 9));
    (void)take(placed(2, 100, Side::kBuy, 9));
    (void)take(report(2, ExecType::kNew, 100));
    const auto a = take(fill(1, 30, 9));
    EXPECT_EQ(a->order.id.value, 2U);
    EXPECT_EQ(a->order.open, Quantity::from_units(70));
}

TEST_F(OrderActivity, ReportsFillsOfOrdersThatItNeverSaw) {
    // Segments before were removed.
    const auto a = take(fill(77, 10));
    ASSERT_TRUE(a);
    EXPECT_EQ(a->order.id.value, 77U);
    EXPECT_EQ(a->fill_quantity, Quantity::from_units(10));
    EXPECT_FALSE(take(cancel(77)));
    EXPECT_FALSE(take(report(77, ExecType::kCanceled)));
}

TEST_F(OrderActivity, CountsNoFillThatWillBeTakenBackButThatItsOrderIsOver) {
    Corrections corrections;
    corrections.take(bust(1, 0));
    tracker_ = OrderTracker({}, corrections);
    (void)take(placed(1, 100));
    (void)take(report(1, ExecType::kNew, 100));
    EXPECT_FALSE(take(fill(1, 30)));
    EXPECT_EQ(live(Side::kBuy), 1U);
    const auto over = take(fill(1, 70));
    ASSERT_TRUE(over);
    EXPECT_EQ(over->kind, Kind::kOver);
    EXPECT_EQ(over->order.filled, 0);
    EXPECT_EQ(live(Side::kBuy), 0U);
}

TEST_F(OrderActivity, FindsATradesVenueInTheReportBeforeTheFill) {
    // The order was sent before this journal begins; venue 3 reports its fill, which is busted.
    OrderEvent taken_back = bust(77, 0);
    taken_back.data.correction.venue = {3};
    Corrections corrections;
    corrections.take(taken_back);
    tracker_ = OrderTracker({}, corrections);
    OrderEvent trade = report(77, ExecType::kTrade);
    trade.data.execution.venue = {3};
    trade.data.execution.exec_id = {77};
    (void)take(trade);
    EXPECT_FALSE(take(fill(77, 10)));
    trade.data.execution.venue = {2};
    (void)take(trade);
    EXPECT_TRUE(take(fill(77, 10)));
}

TEST_F(OrderActivity, OffersWhatTheVenueSaysAfterAFillIsTakenBack) {
    (void)take(placed(1, 100));
    (void)take(report(1, ExecType::kNew, 100));
    (void)take(fill(1, 40));
    EXPECT_FALSE(take(bust(1, 90)));
    EXPECT_FALSE(take(bust(1, 20))) << "the venue repeats itself";
    (void)take(cancel(1));
    EXPECT_EQ(take(report(1, ExecType::kCanceled))->withdrawn, Quantity::from_units(90));
    // One that was over lives again, and is remembered like any other that is open.
    (void)take(placed(2, 100));
    (void)take(report(2, ExecType::kNew, 100));
    (void)take(fill(2, 100));
    EXPECT_EQ(live(Side::kBuy), 0U);
    const auto again = take(bust(2, 100));
    ASSERT_TRUE(again);
    EXPECT_EQ(again->kind, Kind::kShown);
    EXPECT_EQ(again->order.open, Quantity::from_units(100));
    for (std::uint64_t id = 3; id < 2 * OrderTracker::kEndedMax; ++id) {
        (void)take(placed(id, 1));
        (void)take(report(id, ExecType::kRejected));
    }
    EXPECT_EQ(live(Side::kBuy), 1U);
    EXPECT_EQ(take(fill(2, 100))->order.id.value, 2U);
    EXPECT_EQ(live(Side::kBuy), 0U);
    // One that is open and ends by it.
    (void)take(placed(900'000, 100));
    (void)take(report(900'000, ExecType::kNew, 100));
    EXPECT_EQ(take(bust(900'000, 0))->kind, Kind::kOver);
    EXPECT_EQ(live(Side::kBuy), 0U);
}

TEST_F(OrderActivity, RemembersNoMoreThanWhatIsOpenAndTheLastThatEnded) {
    (void)take(placed(1, 1));
    (void)take(report(1, ExecType::kNew, 1));
    for (std::uint64_t id = 2; id < 3 * OrderTracker::kEndedMax; ++id) {
        (void)take(placed(id, 1));
        (void)take(report(id, ExecType::kRejected));
    }
    EXPECT_EQ(tracker_.remembered(), OrderTracker::kEndedMax + 1);
    EXPECT_EQ(live(Side::kBuy), 1U);
}

}  // namespace
}  // namespace fermata::surveillance

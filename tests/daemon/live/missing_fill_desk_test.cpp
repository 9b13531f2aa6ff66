// Fills that a venue counts and did not report.

#include "tests/daemon/live/venue_desk_fixture.hpp"

namespace fermata::test {
namespace {

using MissingFillDesk = VenueDeskTest;

TEST_F(MissingFillDesk, TellsOfAFillThatWasNotReportedUntilItComes) {
    reconcile(0);
    desk.on_record(sent(1, 100));
    filled(1, 102, 60, 100, 0, 1'000);  // 101, of 40, was lost
    EXPECT_TRUE(work(1'400).empty()) << "it may be under way";
    EXPECT_TRUE(passes_new_orders());
    const auto due = work(1'500);
    ASSERT_EQ(count(due, AlertCode::kVenueDiffers), 1U);
    EXPECT_EQ(due[0].data.alert.order_id, ClientOrderId{1});
    EXPECT_EQ(due[0].data.alert.detail[0], 3);
    EXPECT_EQ(due[0].data.alert.detail[1], units(100).raw());
    EXPECT_FALSE(passes_new_orders());
    EXPECT_EQ(desk.standing(kVenue), VenueStanding::kDiffers);
    ASSERT_EQ(desk.reports().at(0).differences.size(), 1U);
    EXPECT_NE(desk.reports()[0].differences[0].find("filled with 100 at the venue, and 60 is on"),
              std::string::npos)
        << desk.reports()[0].differences[0];
    // It is asked again and again, and told once.
    int answered = 1;
    for (std::int64_t ms = 1'600; ms < 20'000; ms += 100) {
        const auto more = work(ms);
        EXPECT_EQ(count(more, AlertCode::kVenueDiffers), 0U) << ms;
        EXPECT_EQ(count(more, AlertCode::kVenueAgrees), 0U) << ms;
        if (report_in_its_place()) ADD_FAILURE() << "nothing is made of what it tells";
        if (asked_all > answered) link_says(LinkEventKind::kStatusEnd, ms);
        answered = asked_all;
        for (; !asked.empty(); asked.clear()) venue_says(1, 100, 0, OrderState::kFilled);
    }
    EXPECT_GE(asked_all, 3);
    filled(1, 101, 40, 40, 60, 20'000);
    for (const std::int64_t ms : {20'000, 20'001}) {
        if (count(work(ms), AlertCode::kVenueAgrees) == 1) break;
        link_says(LinkEventKind::kStatusEnd, ms);
    }
    EXPECT_EQ(desk.standing(kVenue), VenueStanding::kReconciled);
    EXPECT_TRUE(passes_new_orders());
}

// The report of its only fill was lost, and somebody asks again and again to cancel it.
TEST_F(MissingFillDesk, IsNotHiddenByCancelsThatTheVenueRefusesAllTheWhile) {
    reconcile_with_an_order(100);
    std::size_t told = 0;
    int answered = asked_all;
    for (std::int64_t ms = 1'000; ms < 12'000; ms += 100) {
        if (ms % 500 == 0) {
            desk.on_record(cancel_sent(1, static_cast<std::uint64_t>(ms)));
            OrderEvent refusal = report(ExecType::kCancelRejected, 1, 0, 0, 4);
            refusal.ts = at_ms(ms);
            desk.on_record(refusal);
        }
        told += count(work_on_record(ms), AlertCode::kVenueDiffers);
        (void)report_in_its_place();  // questions go out
        if (asked_all > answered) link_says(LinkEventKind::kStatusEnd, ms);
        answered = asked_all;
        for (; !asked.empty(); asked.clear()) venue_says(1, 100, 0, OrderState::kFilled);
    }
    EXPECT_EQ(told, 1U);
    EXPECT_EQ(desk.standing(kVenue), VenueStanding::kDiffers);
    ASSERT_EQ(desk.reports().at(0).differences.size(), 1U);
    EXPECT_EQ(accept(7), Outcome::kAccepted);
}

TEST_F(MissingFillDesk, SaysNothingOfAFillThatTheNextMessageBrings) {
    reconcile(0);
    desk.on_record(sent(1, 100));
    for (int n = 0; n < 5; ++n) {  // each pair in the wrong order
        const std::int64_t ms = 1'000 + n * 450;
        filled(1, 200 + static_cast<std::uint64_t>(n), 10, 20 * n + 20, 80 - 20 * n, ms);
        EXPECT_TRUE(work(ms + 400).empty()) << n;
        filled(1, 300 + static_cast<std::uint64_t>(n), 10, 20 * n + 10, 90 - 20 * n, ms + 410);
        EXPECT_TRUE(work(ms + 420).empty()) << n;
    }
    EXPECT_TRUE(work(9'000).empty());
    EXPECT_TRUE(passes_new_orders());
}

TEST_F(MissingFillDesk, LetsPeopleAcceptAFillThatWasNeverReportedAndEndsItsOrder) {
    reconcile(0);
    desk.on_record(sent(1, 100));
    filled(1, 102, 60, 100, 0, 1'000);
    work_on_record(1'500);
    ASSERT_FALSE(passes_new_orders());
    const DeskAcceptance accepted = desk.accept(4100, 4200);
    ASSERT_EQ(accepted.venues.at(0).outcome, Outcome::kAccepted);
    EXPECT_NE(accepted.venues[0].said.find("order 0-0-1 (SPY) counts here as filled with 60"),
              std::string::npos)
        << accepted.venues[0].said;
    EXPECT_NE(accepted.venues[0].said.find("without the 40 "), std::string::npos);
    EXPECT_TRUE(passes_new_orders());
    EXPECT_EQ(report_in_its_place(), std::nullopt) << "not before that is on record";
    const auto due = work_on_record(1'501);
    ASSERT_EQ(count(due, AlertCode::kVenueDiffers), 1U);
    EXPECT_EQ(due[0].data.alert.detail[0], static_cast<int>(DifferenceKind::kAccepted));
    work_on_record(1'502);
    const auto end = report_in_its_place();
    ASSERT_TRUE(end.has_value());
    EXPECT_EQ(end->data.execution.exec_type, ExecType::kCanceled);
    EXPECT_EQ(end->data.execution.cumulative_quantity, units(60));
    EXPECT_EQ(end->data.execution.order_id, ClientOrderId{1});
    desk.on_record(*end);
    link_says(LinkEventKind::kStatusEnd, 1'503);
    work_on_record(1'504);
    EXPECT_EQ(desk.standing(kVenue), VenueStanding::kReconciled);
    EXPECT_EQ(report_in_its_place(), std::nullopt) << "once";
    // Another one is told of like the first.
    desk.on_record(sent(2, 10));
    filled(2, 202, 5, 10, 0, 3'000);
    EXPECT_EQ(count(work_on_record(3'500), AlertCode::kVenueDiffers), 1U);
    EXPECT_FALSE(passes_new_orders());
}

TEST_F(MissingFillDesk, NoticesAMissingFillOfAVenueThatWasAcceptedForAnotherReason) {
    link_says(LinkEventKind::kUp, 0);
    work(0);
    venue_says(7, 0, 5);  // not ours
    link_says(LinkEventKind::kStatusEnd, 1);
    work(6'000);
    ASSERT_EQ(accept(4100), Outcome::kAccepted);
    desk.on_record(sent(1, 100));
    filled(1, 102, 60, 100, 0, 7'000);
    ASSERT_TRUE(passes_new_orders());
    EXPECT_EQ(count(work(7'500), AlertCode::kVenueDiffers), 1U);
    EXPECT_FALSE(passes_new_orders());
}

TEST_F(MissingFillDesk, KnowsAfterARestartWhatIsMissingAndWhatWasAccepted) {
    desk.on_record(sent(1, 100));
    filled(1, 102, 60, 100, 0, -9'000);
    desk.on_record(sent(2, 100));
    filled(2, 202, 50, 90, 10, -9'000);
    OrderEvent accepted = make_order_event(OrderEventType::kAlert, at_ms(-8'000), kSpy);
    accepted.data.alert = AlertData{};
    accepted.data.alert.code = AlertCode::kVenueDiffers;
    accepted.data.alert.order_id = ClientOrderId{2};
    accepted.data.alert.detail[0] = static_cast<std::int64_t>(DifferenceKind::kAccepted);
    accepted.data.alert.detail[1] = units(90).raw();
    desk.on_record(accepted);
    desk.begin(true);
    ASSERT_EQ(wire.adopted.size(), 2U);
    EXPECT_EQ(wire.adopted[0].cumulative_quantity, units(100)) << "as its venue counts";
    link_says(LinkEventKind::kUp, 0);
    work(0);
    venue_says(2, 90, 10, OrderState::kPartiallyFilled);
    link_says(LinkEventKind::kStatusEnd, 1);
    for (std::int64_t ms = 100; ms < 6'000; ms += 100) {
        work(ms);
        (void)report_in_its_place();
        for (; !asked.empty(); asked.clear()) venue_says(1, 100, 0, OrderState::kFilled);
    }
    EXPECT_EQ(desk.standing(kVenue), VenueStanding::kDiffers);
    ASSERT_EQ(desk.differences().size(), 1U);
    EXPECT_EQ(desk.differences()[0].order_id, ClientOrderId{1});
}

TEST_F(MissingFillDesk, BelievesAVenueThatDoesNotCountAnymoreWhatItReported) {
    reconcile(0);
    desk.on_record(sent(1, 100));
    desk.on_record(sent(2, 100));
    filled(1, 102, 60, 100, 0, 1'000);
    filled(2, 202, 10, 50, 50, 1'000);
    EXPECT_EQ(count(work_on_record(1'500), AlertCode::kVenueDiffers), 2U);
    work(1'501);
    venue_says(2, 10, 90, OrderState::kPartiallyFilled);
    link_says(LinkEventKind::kStatusEnd, 1'502);
    work_on_record(2'100);
    (void)report_in_its_place();
    ASSERT_EQ(asked, std::vector{ClientOrderId{1}}) << "the other one was told of";
    EXPECT_FALSE(passes_new_orders());
    // Not to know an order is no answer, nor is one that is older than a report.
    venue_says(1, 60, 0, OrderState::kCanceled);
    work_on_record(2'700);
    const auto end = report_in_its_place();
    ASSERT_TRUE(end.has_value());
    EXPECT_EQ(end->data.execution.order_id, ClientOrderId{1});
    EXPECT_EQ(end->data.execution.cumulative_quantity, units(60));
    desk.on_record(*end);
    EXPECT_EQ(count(work_on_record(2'701), AlertCode::kVenueAgrees), 1U);
    EXPECT_TRUE(passes_new_orders());
}

TEST_F(MissingFillDesk, TakesNoAnswerThatKnowsNothingForAWithdrawal) {
    reconcile(0);
    desk.on_record(sent(1, 100));
    OrderEvent canceled = report(ExecType::kCanceled, 1, 40, 0, 6);
    canceled.ts = at_ms(1'000);
    desk.on_record(canceled);  // and the fill of 40 never came
    EXPECT_EQ(count(work_on_record(1'500), AlertCode::kVenueDiffers), 1U);
    work(1'501);
    link_says(LinkEventKind::kStatusEnd, 1'502);
    work(2'100);
    (void)report_in_its_place();
    ASSERT_EQ(asked, std::vector{ClientOrderId{1}});
    venue_says(1, 0, 0, OrderState::kRejected);
    for (std::int64_t ms = 2'700; ms < 6'400; ms += 100) {
        for (const OrderEvent& e : work_on_record(ms)) {
            EXPECT_NE(e.data.alert.code, AlertCode::kVenueAgrees);
        }
        EXPECT_EQ(report_in_its_place(), std::nullopt);
    }
    EXPECT_EQ(desk.standing(kVenue), VenueStanding::kDiffers);
}

TEST_F(MissingFillDesk, DoesNotTakeAnOrderThatWentOnSinceItWasAskedForADifference) {
    desk.on_record(sent(1, 100));
    link_says(LinkEventKind::kUp, 0);
    work(0);
    venue_says(1, 0, 100);
    link_says(LinkEventKind::kStatusEnd, 1);
    filled(1, 101, 10, 10, 90, 2);
    for (std::int64_t ms = 3; ms < 500; ms += 50) EXPECT_TRUE(work(ms).empty());
    work(502);
    work(503);
    EXPECT_EQ(asked_all, 2) << "at once, for it cannot have told of that";
    venue_says(1, 10, 90, OrderState::kPartiallyFilled);
    link_says(LinkEventKind::kStatusEnd, 504);
    EXPECT_EQ(count(work(505), AlertCode::kVenueAgrees), 1U);
}

TEST_F(MissingFillDesk, AsksHowAnOrderEndedWhoseCancelFoundNothingOpen) {
    reconcile(0);
    desk.on_record(sent(1, 100));
    desk.on_record(sent(2, 100));
    for (const std::uint64_t id : {1U, 2U}) {
        OrderEvent refused = report(ExecType::kCancelRejected, id, 0, 0, 5 + id);
        refused.ts = at_ms(1'000);
        desk.on_record(refused);
    }
    EXPECT_TRUE(work(1'400).empty());
    EXPECT_TRUE(passes_new_orders()) << "the report of its end may be under way";
    work(1'500);
    EXPECT_FALSE(passes_new_orders());
    work(1'501);
    link_says(LinkEventKind::kStatusEnd, 1'502);
    work(2'100);
    (void)report_in_its_place();
    ASSERT_EQ(asked, (std::vector{ClientOrderId{1}, ClientOrderId{2}}));
    venue_says(1, 0, 0, OrderState::kCanceled);
    venue_says(2, 100, 0, OrderState::kFilled);  // and its fill was lost
    work(2'101);
    const auto end = report_in_its_place();
    ASSERT_TRUE(end.has_value());
    EXPECT_EQ(end->data.execution.order_id, ClientOrderId{1});
    desk.on_record(*end);
    EXPECT_EQ(report_in_its_place(), std::nullopt);
    std::size_t told = 0;
    for (std::int64_t ms = 2'200; ms < 8'000; ms += 100) {
        told += count(work(ms), AlertCode::kVenueDiffers);
    }
    EXPECT_EQ(told, 1U);
    ASSERT_EQ(desk.differences().size(), 1U);
    EXPECT_EQ(desk.differences()[0].order_id, ClientOrderId{2});
    EXPECT_EQ(desk.differences()[0].theirs, units(100));
}

}  // namespace
}  // namespace fermata::test

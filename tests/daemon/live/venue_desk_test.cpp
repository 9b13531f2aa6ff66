#include "daemon/live/venue_desk.hpp"

#include "daemon/cli/alert_text.hpp"
#include "risk/controls.hpp"
#include "tests/daemon/live/venue_desk_fixture.hpp"

namespace fermata::test {
namespace {

TEST_F(VenueDeskTest, LetsNothingNewPassBeforeTheVenueIsReconciled) {
    EXPECT_TRUE(work(0).empty());
    EXPECT_FALSE(passes_new_orders());
    link_says(LinkEventKind::kUp, 1);
    EXPECT_TRUE(work(2).empty());
    EXPECT_EQ(asked_all, 1);
    EXPECT_FALSE(passes_new_orders());
    OrderEvent cancel = make_order_event(OrderEventType::kSendCancel, at_ms(2), kSpy);
    EXPECT_EQ(link.send(cancel), OrderReason::kNone) << "a cancel always passes";
    link_says(LinkEventKind::kStatusEnd, 3);
    const auto due = work(4);
    EXPECT_EQ(count(due, AlertCode::kVenueAgrees), 1U);
    EXPECT_TRUE(releases(due));
    EXPECT_TRUE(passes_new_orders());
    EXPECT_TRUE(desk.recovered());
    EXPECT_EQ(desk.standing(kVenue), VenueStanding::kReconciled);
}

TEST_F(VenueDeskTest, WaitsUntilWhatTheVenueReportedBeforeIsOnRecord) {
    desk.on_record(sent(1, 10));
    link_says(LinkEventKind::kUp, 0);
    work(0);
    venue_says(1, 4, 6);
    link_says(LinkEventKind::kStatusEnd, 1);
    EXPECT_TRUE(work(300).empty());
    EXPECT_NE(desk.standing(kVenue), VenueStanding::kReconciled);
    filled(1, 101, 4, 4, 6, 300);
    EXPECT_EQ(count(work(301), AlertCode::kVenueAgrees), 1U);
}

TEST_F(VenueDeskTest, AsksForAnOrderThatTheVenueDoesNotHaveAndBelievesItsAnswer) {
    desk.on_record(sent(1, 10));
    desk.on_record(sent(2, 10));
    filled(2, 101, 3, 3, 7, 0);
    desk.begin(true);
    ASSERT_EQ(wire.adopted.size(), 2U);
    EXPECT_EQ(wire.resumed_after, 5U);
    link_says(LinkEventKind::kUp, 0);
    work(0);
    link_says(LinkEventKind::kStatusEnd, 1);
    work(300);
    EXPECT_EQ(report_in_its_place(), std::nullopt);
    EXPECT_TRUE(asked.empty()) << "its reports may be under way";
    work(600);
    EXPECT_EQ(report_in_its_place(), std::nullopt);
    EXPECT_EQ(asked, (std::vector{ClientOrderId{1}, ClientOrderId{2}}));
    // It never got the first one, and the second one is over.
    venue_says(1, 0, 0, OrderState::kRejected);
    venue_says(2, 3, 0, OrderState::kCanceled);
    EXPECT_EQ(count(work(601), AlertCode::kVenueAgrees), 0U);
    const auto first = report_in_its_place();
    ASSERT_TRUE(first.has_value());
    EXPECT_EQ(first->data.execution.order_id, ClientOrderId{1});
    EXPECT_EQ(first->data.execution.exec_type, ExecType::kRejected);
    const auto second = report_in_its_place();
    ASSERT_TRUE(second.has_value());
    EXPECT_EQ(second->data.execution.exec_type, ExecType::kCanceled);
    EXPECT_EQ(second->data.execution.cumulative_quantity, units(3));
    EXPECT_EQ(report_in_its_place(), std::nullopt);
    EXPECT_TRUE(work(700).empty());
    desk.on_record(*first);
    desk.on_record(*second);
    EXPECT_EQ(count(work(701), AlertCode::kVenueAgrees), 1U);
}

/// The cancel was on record when the process died, and was never sent. The id is that of what was
/// sent, which of an order in slices is not the order's.
TEST_F(VenueDeskTest, AnswersACancelThatTheVenueNeverGotAndThenRepeatsTheHalt) {
    desk.on_record(sent(1, 10));
    filled(1, 101, 4, 4, 6, 0);
    OrderEvent halt = make_order_event(OrderEventType::kControl, at_ms(0), kSpy);
    halt.data.control = ControlData{};
    halt.data.control.state = TradingState::kHalted;
    halt.data.control.cancel_orders = static_cast<std::uint8_t>(CancelOrders::kAll);
    desk.on_record(halt);
    desk.on_record(cancel_sent(1, 1));
    desk.begin(true);
    link_says(LinkEventKind::kUp, 0);
    work(0);
    venue_says(1, 4, 6, OrderState::kPartiallyFilled);
    link_says(LinkEventKind::kStatusEnd, 1);
    EXPECT_TRUE(work(400).empty()) << "an answer may be under way";
    EXPECT_EQ(report_in_its_place(), std::nullopt);
    EXPECT_TRUE(work(600).empty());
    const auto answer = report_in_its_place();
    ASSERT_TRUE(answer.has_value());
    EXPECT_EQ(answer->data.execution.exec_type, ExecType::kCancelRejected);
    EXPECT_EQ(answer->data.execution.order_id, ClientOrderId{1});
    EXPECT_EQ(answer->data.execution.leaves_quantity, units(6));
    EXPECT_TRUE(work(700).empty()) << "it is not on record yet";
    EXPECT_EQ(report_in_its_place(), std::nullopt) << "once";
    desk.on_record(*answer);
    const auto due = work(800);
    EXPECT_EQ(count(due, AlertCode::kVenueAgrees), 1U);
    EXPECT_TRUE(std::any_of(due.begin(), due.end(), [](const OrderEvent& e) {
        return e.type == OrderEventType::kControl &&
               e.data.control.cancel_orders == static_cast<std::uint8_t>(CancelOrders::kAll);
    }));
}

TEST_F(VenueDeskTest, RepeatsAHaltASecondAfterTheVenueRefusedItsCancel) {
    reconcile_with_an_order(10);
    OrderEvent halt = make_order_event(OrderEventType::kControl, at_ms(0), kSpy);
    halt.data.control = ControlData{};
    halt.data.control.scope = ControlScope::kFirm;
    halt.data.control.state = TradingState::kHalted;
    halt.data.control.cancel_orders = static_cast<std::uint8_t>(CancelOrders::kAll);
    halt.data.control.control = 0xff;
    const auto repeats = [&](std::int64_t ms) {
        const auto due = work_on_record(ms);
        return std::count_if(due.begin(), due.end(), [](const OrderEvent& e) {
            return e.type == OrderEventType::kControl;
        });
    };
    OrderEvent refusal = report(ExecType::kCancelRejected, 1, 0, 10, 4);
    refusal.ts = at_ms(1'000);
    desk.on_record(refusal);
    EXPECT_EQ(repeats(5'000), 0) << "no halt stands";
    desk.on_record(halt);
    for (std::uint64_t n = 1; n <= 3; ++n) {
        const auto at = static_cast<std::int64_t>(10'000 * n);
        desk.on_record(cancel_sent(1, n));
        EXPECT_EQ(repeats(at), 0);
        refusal = report(ExecType::kCancelRejected, 1, 0, 10, 4 + n);
        refusal.ts = at_ms(at);
        desk.on_record(refusal);
        EXPECT_EQ(repeats(at + 900), 0);
        EXPECT_EQ(repeats(at + 1'100), 1);
        EXPECT_EQ(repeats(at + 9'000), 0);
    }
    refusal = report(ExecType::kCancelRejected, 1, 0, 0, 9);  // it is over there
    refusal.ts = at_ms(50'000);
    desk.on_record(refusal);
    EXPECT_EQ(repeats(55'000), 0);
}

TEST_F(VenueDeskTest, LeavesACancelToTheVenueThatTellsOfIt) {
    desk.on_record(sent(1, 10));
    desk.on_record(cancel_sent(1, 1));
    desk.begin(true);
    link_says(LinkEventKind::kUp, 0);
    work(0);
    venue_says(1, 0, 10, OrderState::kPendingCancel);
    link_says(LinkEventKind::kStatusEnd, 1);
    EXPECT_EQ(count(work(2), AlertCode::kVenueAgrees), 1U);
    EXPECT_EQ(report_in_its_place(), std::nullopt);
}

TEST_F(VenueDeskTest, NeverMakesAFillOfAnAnswer) {
    desk.on_record(sent(1, 10));
    link_says(LinkEventKind::kUp, 0);
    work(0);
    venue_says(1, 10, 0, OrderState::kFilled);
    link_says(LinkEventKind::kStatusEnd, 1);
    for (std::int64_t ms = 100; ms < 5'000; ms += 100) work(ms);
    EXPECT_EQ(report_in_its_place(), std::nullopt);
    const auto due = work(5'200);
    EXPECT_EQ(count(due, AlertCode::kVenueDiffers), 1U);
    EXPECT_EQ(desk.standing(kVenue), VenueStanding::kDiffers);
    EXPECT_FALSE(passes_new_orders());
    ASSERT_EQ(desk.differences().size(), 1U);
    EXPECT_EQ(desk.differences()[0].kind, DifferenceKind::kFilledMore);
    // It is asked again, told once, and ends when the fill comes after all.
    work(5'300);
    EXPECT_EQ(asked_all, 2);
    venue_says(1, 10, 0, OrderState::kFilled);
    link_says(LinkEventKind::kStatusEnd, 5'301);
    EXPECT_EQ(count(work(10'500), AlertCode::kVenueDiffers), 0U);
    filled(1, 101, 10, 10, 0, 10'501);
    work(10'600);
    link_says(LinkEventKind::kStatusEnd, 10'601);
    EXPECT_EQ(count(work(10'700), AlertCode::kVenueAgrees), 1U);
    EXPECT_TRUE(passes_new_orders());
}

TEST_F(VenueDeskTest, LetsAnOperatorAcceptWhatDiffers) {
    link_says(LinkEventKind::kUp, 0);
    work(0);
    venue_says(7, 0, 5);
    link_says(LinkEventKind::kStatusEnd, 1);
    EXPECT_EQ(count(work(6'000), AlertCode::kVenueDiffers), 1U);
    EXPECT_EQ(desk.differences()[0].kind, DifferenceKind::kNotOurs);
    EXPECT_FALSE(desk.recovered());
    EXPECT_EQ(accept(4100), Outcome::kAccepted);
    const auto due = work(6'001);
    EXPECT_TRUE(releases(due));
    EXPECT_EQ(due.back().data.risk_input.actors[0], 4100U);
    EXPECT_TRUE(passes_new_orders());
    EXPECT_EQ(accept(4100), Outcome::kNothing) << "there is nothing more to accept";
}

TEST_F(VenueDeskTest, LetsTheOthersTradeWhenAVenueThatIsDownIsAccepted) {
    EXPECT_TRUE(work(0).empty());
    EXPECT_EQ(accept(4100), Outcome::kAccepted);
    EXPECT_TRUE(releases(work(1)));
    EXPECT_FALSE(passes_new_orders()) << "not to a venue without a session";
    link_says(LinkEventKind::kUp, 2);
    work(3);
    EXPECT_EQ(accept(4100), Outcome::kNot) << "it is being asked";
    EXPECT_FALSE(passes_new_orders());
}

TEST_F(VenueDeskTest, ReconcilesAgainAfterEveryLogonAndCancelsWhatAHaltWasToCancel) {
    link_says(LinkEventKind::kUp, 0);
    work(0);
    link_says(LinkEventKind::kStatusEnd, 1);
    work(2);
    ASSERT_TRUE(passes_new_orders());
    link_says(LinkEventKind::kDown, 10, "broken pipe");
    EXPECT_FALSE(passes_new_orders());
    EXPECT_NE(said.back().find("broken pipe"), std::string::npos);
    OrderEvent halt = make_order_event(OrderEventType::kControl, at_ms(11), InstrumentId{0});
    halt.data.control = ControlData{};
    halt.data.control.state = TradingState::kHalted;
    halt.data.control.cancel_orders = static_cast<std::uint8_t>(CancelOrders::kAll);
    desk.on_record(halt);
    link_says(LinkEventKind::kUp, 20);
    work(21);
    EXPECT_EQ(asked_all, 2);
    link_says(LinkEventKind::kStatusEnd, 22);
    const auto due = work(23);
    ASSERT_EQ(due.size(), 2U);
    EXPECT_EQ(due[0].type, OrderEventType::kControl);
    EXPECT_EQ(due[0].data.control.state, TradingState::kHalted);
    EXPECT_EQ(due[1].data.alert.code, AlertCode::kVenueAgrees);
    EXPECT_FALSE(releases(due)) << "RECOVERING ends once a process";
    halt.data.control.state = TradingState::kActive;
    desk.on_record(halt);
    link_says(LinkEventKind::kDown, 30);
    link_says(LinkEventKind::kUp, 40);
    work(41);
    link_says(LinkEventKind::kStatusEnd, 42);
    EXPECT_EQ(work(43).size(), 1U);
}

TEST_F(VenueDeskTest, HaltsAVenueThatCannotBeReliedOn) {
    for (const LinkEventKind kind : {LinkEventKind::kSequenceReset, LinkEventKind::kUnreadable}) {
        link_says(LinkEventKind::kUp, 0);
        link_says(kind, 1, "because");
        const auto due = work(2);
        ASSERT_EQ(due.size(), 2U);
        EXPECT_EQ(due[0].data.control.scope, ControlScope::kVenue);
        EXPECT_EQ(due[0].data.control.target, kVenue.value);
        EXPECT_EQ(due[0].data.control.state, TradingState::kHalted);
        ASSERT_EQ(due[1].type, OrderEventType::kAlert);
        EXPECT_EQ(alert_text(due[1].data.alert),
                  "halt: RECOVERING, what a venue says cannot be relied on: fermata sessions "
                  "names it");
        EXPECT_EQ(desk.standing(kVenue), VenueStanding::kEnded);
        EXPECT_FALSE(passes_new_orders());
    }
    link_says(LinkEventKind::kUp, 3);
    EXPECT_EQ(desk.standing(kVenue), VenueStanding::kEnded);
}

TEST_F(VenueDeskTest, AsksAgainWhenNoAnswerComes) {
    link_says(LinkEventKind::kUp, 0);
    work(0);
    work(4'900);
    EXPECT_EQ(asked_all, 1);
    work(5'100);
    EXPECT_EQ(asked_all, 2);
    EXPECT_FALSE(passes_new_orders());
}

TEST_F(VenueDeskTest, LetsAnOperatorGoOnWithoutAVenueThatDoesNotAnswer) {
    link_says(LinkEventKind::kUp, 0);
    work(0);
    work(5'100);
    EXPECT_EQ(accept(7), Outcome::kNot) << "it may answer yet";
    EXPECT_TRUE(desk.accept(7).waits) << "RECOVERING goes on";
    EXPECT_FALSE(releases(work(5'101)));
    work(10'300);
    work(15'500);
    EXPECT_NE(said.back().find("fermata accept"), std::string::npos);
    EXPECT_EQ(accept(7), Outcome::kAccepted);
    EXPECT_FALSE(passes_new_orders()) << "what is open there is not known";
    link_says(LinkEventKind::kUp, 16'000);
    work(16'000);
    EXPECT_EQ(accept(7), Outcome::kNot) << "after a logon it is asked anew";
}

TEST_F(VenueDeskTest, DoesNotRepeatTheCancelsByWhichAnEarlierProcessStopped) {
    OrderEvent stop = make_order_event(OrderEventType::kControl, at_ms(0), InstrumentId{0});
    stop.data.control = ControlData{};
    stop.data.control.state = TradingState::kHalted;
    stop.data.control.cancel_orders = static_cast<std::uint8_t>(CancelOrders::kAll);
    stop.data.control.control = static_cast<std::uint8_t>(ControlId::kRecovering);
    desk.on_record(stop);
    link_says(LinkEventKind::kUp, 1);
    work(2);
    link_says(LinkEventKind::kStatusEnd, 3);
    for (const OrderEvent& e : work(4)) EXPECT_NE(e.type, OrderEventType::kControl);
    EXPECT_TRUE(passes_new_orders());
}

OrderEvent command(ControlScope scope, TradingState state) {
    OrderEvent e = make_order_event(OrderEventType::kControl, at_ms(0), InstrumentId{0});
    e.data.control = ControlData{};
    e.data.control.scope = scope;
    e.data.control.state = state;
    return e;
}

TEST_F(VenueDeskTest, DoesNotSayThatOrdersAreAcceptedWhileTheFirmIsHalted) {
    desk.on_record(command(ControlScope::kFirm, TradingState::kHalted));
    reconcile(0);
    EXPECT_EQ(said.back(),
              "reconciled with every venue; the firm stands HALTED: no new order passes until "
              "people release it (fermata release)");
}

TEST_F(VenueDeskTest, SaysThatAFirmThatIsReducingTakesWhatReduces) {
    desk.on_record(command(ControlScope::kFirm, TradingState::kReducing));
    reconcile(0);
    EXPECT_EQ(said.back(),
              "reconciled with every venue; the firm stands REDUCING: new orders pass if they "
              "reduce");
}

TEST_F(VenueDeskTest, SaysThatOrdersAreAcceptedAsFarAsNothingElseIsStopped) {
    desk.on_record(command(ControlScope::kFirm, TradingState::kHalted));
    desk.on_record(command(ControlScope::kFirm, TradingState::kActive));
    desk.on_record(command(ControlScope::kStrategy, TradingState::kHalted));
    reconcile(0);
    EXPECT_EQ(said.back(), "new orders are accepted where trading is not stopped (fermata status)");
}

TEST_F(VenueDeskTest, SaysThatOrdersAreAcceptedWhenNothingIsStopped) {
    desk.on_record(command(ControlScope::kFirm, TradingState::kHalted));
    desk.on_record(command(ControlScope::kFirm, TradingState::kActive));
    reconcile(0);
    EXPECT_EQ(said.back(), "new orders are accepted");
}

class AskedDesk : public VenueDeskTest {
protected:
    AskedDesk() : VenueDeskTest(false) {}
};
TEST_F(AskedDesk, LeavesTheEndOfRecoveringToAnOperator) {
    link_says(LinkEventKind::kUp, 0);
    work(0);
    link_says(LinkEventKind::kStatusEnd, 1);
    EXPECT_FALSE(releases(work(2)));
    EXPECT_TRUE(desk.recovered());
    EXPECT_NE(said.back().find("fermata accept"), std::string::npos);
    EXPECT_TRUE(desk.accept(7).ends_recovering);
    EXPECT_TRUE(releases(work(3)));
    EXPECT_FALSE(releases(work(4))) << "once";
}

class DeskWithoutMassStatus : public VenueDeskTest {
protected:
    DeskWithoutMassStatus() : VenueDeskTest(true, false) {}
};
TEST_F(DeskWithoutMassStatus, AsksForEveryOrderByItself) {
    desk.on_record(sent(1, 10));
    link_says(LinkEventKind::kUp, 0);
    for (const std::int64_t ms : {0, 600, 601}) work(ms);
    (void)report_in_its_place();
    EXPECT_EQ(asked_all, 0);
    EXPECT_EQ(asked, std::vector{ClientOrderId{1}});
    EXPECT_FALSE(passes_new_orders());
    venue_says(1, 0, 10);
    EXPECT_EQ(count(work(700), AlertCode::kVenueAgrees), 1U);
    EXPECT_TRUE(passes_new_orders());
}

}  // namespace
}  // namespace fermata::test

// Orders that are open at a venue and are not ours, and fills of such orders.

#include <algorithm>
#include <initializer_list>
#include <utility>

#include "tests/daemon/live/venue_desk_fixture.hpp"

namespace fermata::test {
namespace {

class StrangersDesk : public VenueDeskTest {
protected:
    static OrderEvent halt(ControlScope scope, std::uint64_t target = 0,
                           CancelOrders cancels = CancelOrders::kAll) {
        OrderEvent e = make_order_event(OrderEventType::kControl, at_ms(0), kSpy);
        e.data.control = ControlData{};
        e.data.control.scope = scope;
        e.data.control.target = target;
        e.data.control.state = TradingState::kHalted;
        e.data.control.cancel_orders = static_cast<std::uint8_t>(cancels);
        e.data.control.control = 0xff;
        return e;
    }
    /// It differs by an order that is open there, of this id, and says so.
    void differs(std::uint64_t id) {
        link_says(LinkEventKind::kUp, 0);
        work(0);
        tells(id, 1);
        work(600);
        work(5'100);
        ASSERT_EQ(desk.standing(kVenue), VenueStanding::kDiffers);
        ASSERT_EQ(desk.open_elsewhere(ControlScope::kFirm, 0).not_ours, 1U);
    }
    void tells(std::uint64_t id, std::int64_t ms) {
        venue_says(id, 0, 10);
        link_says(LinkEventKind::kStatusEnd, ms);
    }
    /// What went to the venue by now.
    std::vector<OrderEvent> canceled() {
        OrderEvent none;
        EXPECT_FALSE(link.poll(none));
        return std::exchange(wire.sent, {});
    }
    /// A fill of an order that is unknown, as the trading stage takes it.
    void foreign_fill(std::uint64_t id, std::uint64_t exec, int quantity, std::int64_t ms) {
        OrderEvent e = report(ExecType::kTrade, id, quantity, 0, 5);
        e.ts = at_ms(ms);
        e.data.execution.exec_id = ExecId{exec};
        e.data.execution.last_quantity = units(quantity);
        desk.on_record(e);
        OrderEvent a = make_order_event(OrderEventType::kAlert, at_ms(ms), kSpy);
        a.data.alert = AlertData{};
        a.data.alert.code = AlertCode::kUnknownOrder;
        a.data.alert.order_id = ClientOrderId{id};
        a.data.alert.detail[1] = static_cast<std::int64_t>(exec);
        desk.on_record(a);
    }
};

TEST_F(StrangersDesk, AreCanceledByNameByAHaltThatCancelsEverything) {
    differs(77);
    EXPECT_TRUE(canceled().empty()) << "only people end what is not ours";
    desk.on_record(halt(ControlScope::kFirm));
    work(5'200);
    const auto first = canceled();
    ASSERT_EQ(first.size(), 1U);
    EXPECT_EQ(first[0].type, OrderEventType::kSendCancel);
    EXPECT_EQ(first[0].data.change.order_id, ClientOrderId{77});
    EXPECT_EQ(canceled_all, 0);
    work(5'300);
    EXPECT_TRUE(canceled().empty()) << "its answer is under way";
    // Still there a second later: again, under another number.
    tells(77, 5'300);
    work(6'300);
    const auto again = canceled();
    ASSERT_EQ(again.size(), 1U);
    EXPECT_NE(again[0].data.change.change_id, first[0].data.change.change_id);
    EXPECT_EQ(desk.open_elsewhere(ControlScope::kFirm, 0).not_ours, 1U);
    // It is looked at often, and not only when patience ends.
    const int before = asked_all;
    tells(77, 6'400);
    work(7'000);
    work(7'001);
    EXPECT_GT(asked_all, before);
    link_says(LinkEventKind::kStatusEnd, 7'100);
    work(7'200);
    EXPECT_EQ(desk.standing(kVenue), VenueStanding::kReconciled);
    EXPECT_EQ(desk.open_elsewhere(ControlScope::kFirm, 0).not_ours, 0U);
}

TEST_F(StrangersDesk, ThatCannotBeCanceledAreNotAskedForAllTheTime) {
    differs(77);
    desk.on_record(halt(ControlScope::kFirm));
    std::size_t cancels = 0;
    const int before = asked_all;
    int answered = asked_all;
    for (std::int64_t ms = 5'200; ms < 65'200; ms += 100) {
        work(ms);
        cancels += canceled().size();
        if (std::exchange(answered, asked_all) != asked_all) tells(77, ms);
    }
    EXPECT_LE(asked_all - before, 45) << "often at first, then with patience";
    EXPECT_GE(cancels, 10U);
    EXPECT_LE(cancels, 16U) << "three soon, then one in five seconds";
}

TEST_F(StrangersDesk, WithoutANameOfOursAreCanceledWithAllThatOurSessionHasThere) {
    differs(0);
    desk.on_record(halt(ControlScope::kInstrument, kSpy.value));
    work(5'200);
    EXPECT_EQ(canceled_all, 0) << "that would be more than was halted";
    ASSERT_FALSE(said.empty());
    EXPECT_NE(said.back().find("cancel it there"), std::string::npos) << said.back();
    desk.on_record(halt(ControlScope::kVenue, kVenue.value));
    work(11'200);
    EXPECT_EQ(canceled_all, 1);
    EXPECT_TRUE(canceled().empty());
}

TEST_F(StrangersDesk, AreLeftAloneByHaltsThatDoNotMeanThem) {
    differs(77);
    desk.on_record(halt(ControlScope::kStrategy));
    desk.on_record(halt(ControlScope::kAccount));
    desk.on_record(halt(ControlScope::kInstrument, 1));
    desk.on_record(halt(ControlScope::kVenue, 1));
    desk.on_record(halt(ControlScope::kFirm, 0, CancelOrders::kIncreasing));
    work(5'200);
    EXPECT_TRUE(canceled().empty());
    EXPECT_EQ(canceled_all, 0);
    EXPECT_EQ(desk.open_elsewhere(ControlScope::kStrategy, 0).not_ours, 0U);
    EXPECT_EQ(desk.open_elsewhere(ControlScope::kVenue, 1).not_ours, 0U);
    EXPECT_EQ(desk.open_elsewhere(ControlScope::kInstrument, kSpy.value).not_ours, 1U);
}

TEST_F(StrangersDesk, OfAVenueThatWasNotAskedAreNotKnown) {
    EXPECT_EQ(desk.open_elsewhere(ControlScope::kFirm, 0).not_compared,
              std::vector<std::string>{"NYSE"});
    reconcile(0);
    EXPECT_TRUE(desk.open_elsewhere(ControlScope::kFirm, 0).not_compared.empty());
    // Nor while it is down: somebody may use our session elsewhere. That it is accepted says
    // nothing.
    link_says(LinkEventKind::kDown, 100);
    EXPECT_EQ(desk.open_elsewhere(ControlScope::kVenue, kVenue.value).not_compared.size(), 1U);
    EXPECT_EQ(accept(1'000), Outcome::kAccepted);
    EXPECT_EQ(desk.open_elsewhere(ControlScope::kInstrument, 0).not_compared.size(), 1U);
    EXPECT_TRUE(desk.open_elsewhere(ControlScope::kStrategy, 0).not_compared.empty());
}

/// It is reconciled, and a report comes of an order that nobody here knows.
TEST_F(StrangersDesk, ThatComeLaterAreAskedForOnce) {
    reconcile(0);
    const int before = asked_all;
    OrderEvent e = report(ExecType::kNew, 77, 0, 10, 5);
    desk.on_record(e);
    work(1'000);
    work(1'001);
    EXPECT_EQ(asked_all, before + 1);
    EXPECT_FALSE(passes_new_orders());
    tells(77, 1'100);
    work(1'700);
    work(6'100);
    EXPECT_EQ(desk.standing(kVenue), VenueStanding::kDiffers);
    EXPECT_EQ(desk.open_elsewhere(ControlScope::kFirm, 0).not_ours, 1U);
}

/// Ours, and over as far as anybody said, until its venue takes it after all.
TEST_F(StrangersDesk, MayBeOrdersOfOursThatWereOver) {
    desk.on_record(sent(1, 10));
    desk.on_record(report(ExecType::kCanceled, 1, 0, 0, 5));
    reconcile(0);
    const int before = asked_all;
    desk.on_record(report(ExecType::kNew, 1, 0, 10, 6));
    work(1'000);
    work(1'001);
    EXPECT_EQ(asked_all, before + 1);
    // The venue says that it is over indeed: a late report.
    link_says(LinkEventKind::kStatusEnd, 1'100);
    work(1'200);
    EXPECT_TRUE(passes_new_orders());
    desk.on_record(report(ExecType::kNew, 1, 0, 10, 6));
    work(1'300);
    work(1'301);
    EXPECT_EQ(asked_all, before + 1) << "once";
}

/// What people accepted is what they saw.
TEST_F(StrangersDesk, ThatComeAfterAVenueWasAcceptedAreADifferenceAgain) {
    differs(77);
    EXPECT_EQ(accept(1'000), Outcome::kAccepted);
    EXPECT_TRUE(passes_new_orders());
    int answered = asked_all;
    const auto round = [&](std::int64_t from, std::initializer_list<std::uint64_t> open) {
        std::vector<OrderEvent> all;
        for (std::int64_t ms = from; ms < from + 12'000; ms += 100) {
            for (const OrderEvent& e : work(ms)) all.push_back(e);
            if (std::exchange(answered, asked_all) == asked_all) continue;
            for (const std::uint64_t id : open) venue_says(id, 0, 10);
            link_says(LinkEventKind::kStatusEnd, ms);
        }
        return all;
    };
    EXPECT_EQ(count(round(6'000, {77}), AlertCode::kVenueDiffers), 0U);
    EXPECT_TRUE(passes_new_orders());
    EXPECT_EQ(count(round(20'000, {77, 78}), AlertCode::kVenueDiffers), 1U);
    EXPECT_FALSE(passes_new_orders());
    EXPECT_EQ(desk.open_elsewhere(ControlScope::kFirm, 0).not_ours, 2U);
}

/// It is logged on, and says nothing of what is open.
TEST_F(StrangersDesk, OfAVenueThatDoesNotTellAreCanceledWithEverything) {
    link_says(LinkEventKind::kUp, 0);
    work(0);
    desk.on_record(halt(ControlScope::kInstrument, kSpy.value));
    work(5'100);
    EXPECT_EQ(canceled_all, 0) << "that would be more than was halted";
    desk.on_record(halt(ControlScope::kFirm));
    work(5'200);
    EXPECT_EQ(canceled_all, 1);
    work(5'300);
    EXPECT_EQ(canceled_all, 1);
    work(10'300);
    EXPECT_EQ(canceled_all, 2) << "nobody said that it was done";
    link_says(LinkEventKind::kMassCanceled, 10'400);
    work(20'000);
    EXPECT_EQ(canceled_all, 2);
    EXPECT_EQ(desk.open_elsewhere(ControlScope::kFirm, 0).not_compared.size(), 1U);
}

/// One is open there while a cancel of ours was lost: that it differs must not keep ours open.
TEST_F(StrangersDesk, DoNotKeepOursFromBeingCanceled) {
    desk.on_record(sent(1, 10));
    desk.on_record(halt(ControlScope::kFirm));
    desk.on_record(cancel_sent(1, 1));
    link_says(LinkEventKind::kUp, 0);
    work(0);
    const auto all_told = [&](std::int64_t ms) {
        venue_says(1, 0, 10);
        tells(0, ms);
    };
    all_told(1);
    std::vector<OrderEvent> due = work(600);
    const auto answer = report_in_its_place();
    ASSERT_TRUE(answer.has_value());
    EXPECT_EQ(answer->data.execution.exec_type, ExecType::kCancelRejected);
    desk.on_record(*answer);
    due = work(700);
    EXPECT_GE(std::ranges::count(due, OrderEventType::kControl, &OrderEvent::type), 1)
        << "the halt is carried out again";
}

/// A halt is repeated at every reconciliation: that asks for nothing again by itself.
TEST_F(StrangersDesk, ACancelThatStaysPendingThereIsNotAskedForAllTheTime) {
    desk.on_record(sent(1, 10));
    desk.on_record(halt(ControlScope::kFirm));
    desk.on_record(cancel_sent(1, 1));
    link_says(LinkEventKind::kUp, 0);
    int answered = asked_all;
    const auto until = [&](std::int64_t from, std::int64_t to) {
        for (std::int64_t ms = from; ms < to; ms += 100) {
            work_on_record(ms);
            if (std::exchange(answered, asked_all) == asked_all) continue;
            venue_says(1, 0, 10, OrderState::kPendingCancel);
            link_says(LinkEventKind::kStatusEnd, ms);
        }
    };
    until(0, 60'000);
    EXPECT_EQ(desk.standing(kVenue), VenueStanding::kReconciled);
    EXPECT_LE(asked_all, 2);
    const int before = asked_all;
    desk.on_record(halt(ControlScope::kFirm));  // somebody kills again
    until(60'000, 120'000);
    EXPECT_EQ(asked_all, before + 1);
}

TEST_F(StrangersDesk, FillsOfThemFollowWhatTheVenueCorrectsAlsoOnceAccepted) {
    reconcile(0);
    const auto correct = [&](std::uint64_t exec, std::uint64_t of, int quantity) {
        OrderEvent e = make_order_event(OrderEventType::kCorrection, at_ms(0), kSpy);
        e.data.correction = CorrectionData{};
        CorrectionData& c = e.data.correction;
        c.order_id = ClientOrderId{77};
        c.exec_id = ExecId{exec};
        c.ref_exec_id = ExecId{of};
        c.kind = quantity == 0 ? CorrectionKind::kBust : CorrectionKind::kCorrect;
        c.quantity = units(quantity);
        desk.on_record(e);
    };
    const auto told = [&](std::int64_t ms) {
        work_on_record(ms);
        link_says(LinkEventKind::kStatusEnd, ms);
        work_on_record(ms + 600);
        link_says(LinkEventKind::kStatusEnd, ms + 700);
        work_on_record(ms + 6'000);
        const auto reports = desk.reports();
        return reports[0].differences.empty() ? std::string() : reports[0].differences[0];
    };
    foreign_fill(77, 501, 7, 1'000);
    correct(502, 501, 20);
    correct(502, 501, 20);  // again
    EXPECT_NE(told(1'100).find("filled 20 of it"), std::string::npos) << told(1'200);
    EXPECT_EQ(accept(1'000), Outcome::kAccepted);
    EXPECT_EQ(told(20'000), "");
    correct(503, 502, 40);
    EXPECT_NE(told(30'000).find("filled 20 of it"), std::string::npos) << "20 more than accepted";
    EXPECT_EQ(accept(1'000), Outcome::kAccepted);
    EXPECT_EQ(told(50'000), "");
    correct(504, 503, 0);
    EXPECT_NE(told(60'000).find("took back 40"), std::string::npos) << told(70'000);
    foreign_fill(77, 505, 40, 80'000);
    EXPECT_EQ(told(81'000), "") << "what was accepted is true again";
}

TEST_F(StrangersDesk, FillsOfThemAreADifferenceUntilPeopleAcceptThem) {
    reconcile(0);
    foreign_fill(77, 501, 4, 1'000);
    foreign_fill(77, 501, 4, 1'001);  // told again
    const auto due = work_on_record(1'100);
    ASSERT_EQ(count(due, AlertCode::kVenueDiffers), 1U);
    EXPECT_EQ(due[0].data.alert.detail[0], static_cast<int>(DifferenceKind::kFillNotOurs));
    EXPECT_EQ(due[0].data.alert.detail[1], units(4).raw());
    EXPECT_FALSE(passes_new_orders());
    // The order is over, and nothing of it is told any more: the positions lack its fill still.
    for (std::int64_t ms = 1'200; ms < 20'000; ms += 100) {
        link_says(LinkEventKind::kStatusEnd, ms);
        EXPECT_EQ(count(work_on_record(ms), AlertCode::kVenueAgrees), 0U) << ms;
    }
    ASSERT_EQ(desk.reports().at(0).differences.size(), 1U);
    EXPECT_NE(desk.reports()[0].differences[0].find("unknown here, and the venue filled 4 of it"),
              std::string::npos)
        << desk.reports()[0].differences[0];
    EXPECT_EQ(accept(1'000), Outcome::kAccepted);
    EXPECT_TRUE(passes_new_orders());
    link_says(LinkEventKind::kStatusEnd, 20'000);
    EXPECT_EQ(count(work_on_record(20'100), AlertCode::kVenueDiffers), 1U) << "that is on record";
    link_says(LinkEventKind::kStatusEnd, 20'200);
    work_on_record(20'300);
    EXPECT_TRUE(passes_new_orders());
    EXPECT_TRUE(desk.reports()[0].differences.empty());
    // Another one is another difference.
    foreign_fill(77, 502, 1, 21'000);
    EXPECT_EQ(count(work_on_record(21'100), AlertCode::kVenueDiffers), 1U);
    EXPECT_FALSE(passes_new_orders());
}

/// Their fills are a difference still, but nothing of them is open.
TEST_F(StrangersDesk, ThatAreOverAreForgottenBesideWhatElseDiffers) {
    foreign_fill(78, 501, 4, 0);
    differs(77);
    ASSERT_EQ(desk.reports()[0].differences.size(), 2U);
    EXPECT_TRUE(desk.open_elsewhere(ControlScope::kFirm, 0).not_compared.empty());
    desk.on_record(halt(ControlScope::kFirm));
    work(5'200);
    EXPECT_EQ(canceled().size(), 1U);
    work(5'205);
    link_says(LinkEventKind::kStatusEnd, 5'210);
    EXPECT_EQ(count(work(5'220), AlertCode::kVenueDiffers), 0U) << "nothing else came";
    EXPECT_EQ(desk.open_elsewhere(ControlScope::kFirm, 0).not_ours, 0U);
    EXPECT_EQ(desk.reports()[0].differences.size(), 1U);
    EXPECT_EQ(desk.standing(kVenue), VenueStanding::kDiffers);
}

/// What earlier records say of such a fill is known to the next process.
TEST_F(StrangersDesk, FillsOfThemAreStillADifferenceAfterARestart) {
    foreign_fill(77, 501, 4, 0);
    link_says(LinkEventKind::kUp, 0);
    work(0);
    link_says(LinkEventKind::kStatusEnd, 1);
    work(600);
    EXPECT_EQ(count(work(5'100), AlertCode::kVenueDiffers), 1U);
    EXPECT_EQ(desk.standing(kVenue), VenueStanding::kDiffers);
    EXPECT_FALSE(passes_new_orders());
}

}  // namespace
}  // namespace fermata::test

// Orders that are open at a venue and are not ours, and fills of such orders.

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
    for (std::int64_t ms = 5'200; ms < 65'200; ms += 100) {
        work(ms);
        cancels += canceled().size();
        tells(77, ms);
    }
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
    link_says(LinkEventKind::kDown, 100);
    EXPECT_TRUE(desk.open_elsewhere(ControlScope::kFirm, 0).not_compared.empty())
        << "what is open there is known";
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

// Replaces that a venue does not answer.

#include <optional>

#include "tests/daemon/live/venue_desk_fixture.hpp"

namespace fermata::test {
namespace {

constexpr std::uint64_t kOrder = 1;

class ReplacesDesk : public VenueDeskTest {
protected:
    explicit ReplacesDesk(bool tells_all = true) : VenueDeskTest(true, tells_all) {}

    /// An order of 10 at 7 is reconciled; at 100 ms its venue is asked for `quantity` at `price`.
    void asks_for(int quantity, int price) {
        OrderEvent order = sent(kOrder, 10);
        order.data.new_order.price = at_price(7);
        desk.on_record(order);
        desk.on_record(report(ExecType::kNew, kOrder, 0, 10, 3));
        link_says(LinkEventKind::kUp, 0);
        work(0);
        tells("0-0-1", 0, 10, 7, 0);
        work(600);
        ASSERT_EQ(desk.standing(kVenue), VenueStanding::kReconciled);
        OrderEvent e = make_order_event(OrderEventType::kSendReplace, at_ms(1'000), kSpy);
        e.data.change = ChangeOrderData{};
        e.data.change.order_id = ClientOrderId{kOrder};
        e.data.change.change_id = 1;
        e.data.change.quantity = units(quantity);
        e.data.change.price = at_price(price);
        desk.on_record(e);
    }
    static Price at_price(int p) { return Price::from_units(p); }
    /// All that it has open: this one, by that name.
    void tells(std::string_view name, int filled, int leaves, int price, std::int64_t ms,
               OrderState state = OrderState::kNew) {
        LinkOrderStatus s;
        s.order_id = ClientOrderId{kOrder};
        s.instrument = kSpy;
        s.venue = kVenue;
        s.cumulative_quantity = units(filled);
        s.leaves_quantity = units(leaves);
        s.price = at_price(price);
        s.state = state;
        s.client_text = name;
        desk.on_status(s);
        link_says(LinkEventKind::kStatusEnd, ms);
    }
    /// It waits as long as it says, asks, and goes on as `told` makes it; what it answers in the
    /// venue's place.
    template <class F>
    std::optional<OrderEvent> after_its_patience(F told) {
        const int before = asked_all;
        work(5'900);
        EXPECT_EQ(asked_all, before) << "the answer may still come";
        work(6'100);
        EXPECT_EQ(asked_all, before + 1);
        EXPECT_FALSE(passes_new_orders());
        told();
        work(6'200);
        OrderEvent answer;
        EXPECT_FALSE(link.poll(answer)) << "what it said before may be on its way to the record";
        work(6'800);
        if (!link.poll(answer)) return std::nullopt;
        desk.on_record(answer);
        return answer;
    }
};

TEST_F(ReplacesDesk, AreInForceWhereTheVenueCallsTheOrderByThem) {
    asks_for(20, 8);
    const auto answer = after_its_patience([&] { tells("0-0-1-1", 0, 20, 8, 6'100); });
    ASSERT_TRUE(answer);
    const ExecutionData& x = answer->data.execution;
    EXPECT_EQ(x.exec_type, ExecType::kReplaced);
    EXPECT_EQ(x.order_id, ClientOrderId{kOrder});
    EXPECT_EQ(x.price, at_price(8));
    EXPECT_EQ(x.leaves_quantity, units(20));
    EXPECT_TRUE(x.cumulative_quantity.is_zero());
    work(6'900);
    EXPECT_EQ(desk.standing(kVenue), VenueStanding::kReconciled) << "the size is ours now";
}

TEST_F(ReplacesDesk, WereNotReceivedWhereTheTermsAreThoseOfBefore) {
    asks_for(20, 8);
    const auto answer = after_its_patience([&] { tells("0-0-1", 0, 10, 7, 6'100); });
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->data.execution.exec_type, ExecType::kReplaceRejected);
    EXPECT_EQ(answer->data.execution.leaves_quantity, units(10));
    work(6'900);
    EXPECT_EQ(desk.standing(kVenue), VenueStanding::kReconciled);
}

TEST_F(ReplacesDesk, CameTooLateForAnOrderThatWasFilledAndIsNotOpenAnyMore) {
    asks_for(20, 8);
    filled(kOrder, 101, 10, 10, 0, 1'100);
    const auto answer = after_its_patience([&] { link_says(LinkEventKind::kStatusEnd, 6'100); });
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->data.execution.exec_type, ExecType::kReplaceRejected);
    EXPECT_EQ(answer->data.execution.cumulative_quantity, units(10));
    work(6'900);
    EXPECT_EQ(desk.standing(kVenue), VenueStanding::kReconciled);
}

TEST_F(ReplacesDesk, AreInForceWhereTheVenueOpenedAFilledOrderAgain) {
    asks_for(20, 8);
    filled(kOrder, 101, 10, 10, 0, 1'100);
    const auto answer = after_its_patience([&] { tells("0-0-1-1", 10, 10, 8, 6'100); });
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->data.execution.exec_type, ExecType::kReplaced);
    EXPECT_EQ(answer->data.execution.leaves_quantity, units(10));
    work(6'900);
    EXPECT_EQ(desk.standing(kVenue), VenueStanding::kReconciled) << "the order is ours again";
}

TEST_F(ReplacesDesk, AreLeftToAVenueThatIsStillAtThem) {
    asks_for(20, 8);
    EXPECT_FALSE(
        after_its_patience([&] { tells("0-0-1", 0, 10, 7, 6'100, OrderState::kPendingReplace); }));
    EXPECT_EQ(desk.standing(kVenue), VenueStanding::kReconciled);
}

TEST_F(ReplacesDesk, AreNotAskedAboutForEver) {
    asks_for(20, 8);
    const int before = asked_all;
    for (std::int64_t ms = 6'100; ms < 120'000; ms += 100) {
        if (desk.standing(kVenue) == VenueStanding::kAsking) {
            tells("0-0-1", 0, 10, 7, ms, OrderState::kPendingReplace);
        }
        work(ms);
    }
    EXPECT_EQ(asked_all, before + 3);
}

TEST_F(ReplacesDesk, AreAnsweredByTheVenueInTheEnd) {
    asks_for(20, 8);
    OrderEvent late = report(ExecType::kReplaced, kOrder, 0, 20, 6);
    late.data.execution.price = at_price(8);
    desk.on_record(late);
    const int before = asked_all;
    work(60'000);
    EXPECT_EQ(asked_all, before);
}

class ReplacesOfAVenueThatTellsOfOne : public ReplacesDesk {
protected:
    ReplacesOfAVenueThatTellsOfOne() : ReplacesDesk(false) {}
};

TEST_F(ReplacesOfAVenueThatTellsOfOne, AreAskedForByThemselves) {
    asks_for(20, 8);
    (void)report_in_its_place();
    asked.clear();
    work(6'100);
    (void)report_in_its_place();
    EXPECT_EQ(asked, std::vector{ClientOrderId{kOrder}});
    tells("0-0-1-1", 0, 20, 8, 6'200);
    work(6'200);
    work(6'800);
    OrderEvent answer;
    ASSERT_TRUE(link.poll(answer));
    EXPECT_EQ(answer.data.execution.exec_type, ExecType::kReplaced);
}

}  // namespace
}  // namespace fermata::test

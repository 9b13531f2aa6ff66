// What the gate says to a question about an order. That it is what it then says to the order, and
// that nothing changes, is shown over random flow by gate_flow.hpp.

#include <gtest/gtest.h>

#include "core/types/decimal.hpp"
#include "tests/risk/gate_fixture.hpp"
#include "tests/risk/preview_check.hpp"

namespace fermata::testing {
namespace {

/// The numbers of a control's first comparison, as "passes 1050 2000" or "refuses 2100 2000".
std::string numbers_of(const Explanation& explanation, ControlId id) {
    for (const Comparison& f : explanation.comparisons()) {
        if (f.control != id) continue;
        return (f.failed ? "refuses " : "passes ") + format_limit(f.unit, f.observed) + " " +
               format_limit(f.unit, f.limit);
    }
    return "nothing";
}

class GatePreview : public ::testing::Test {
protected:
    Explanation ask(const OrderEvent& order) {
        Explanation explanation;
        verdict_ = world_.gate().preview(question_about(order), &explanation);
        return explanation;
    }
    std::string text(const OrderEvent& order) {
        return world_.text(world_.gate().preview(question_about(order)));
    }

    GateWorld world_;
    VerdictData verdict_;
};

TEST_F(GatePreview, SaysOfEveryControlHowNearTheOrderIsToItsLimit) {
    world_.trade(0, "100");
    // Of 100,000: an order at most 2,000, a position 5,000, open orders 10,000; 10,000 stay cash.
    const Explanation e = ask(world_.limit(0, Side::kBuy, "15", "98"));
    EXPECT_EQ(verdict_.approved, 1);
    EXPECT_EQ(numbers_of(e, ControlId::kMaxNotional), "passes 1470 2000");
    EXPECT_EQ(numbers_of(e, ControlId::kPosition), "passes 1500 5000");  // at the mark
    EXPECT_EQ(numbers_of(e, ControlId::kOpenOrders), "passes 1 50");     // the number
    EXPECT_EQ(numbers_of(e, ControlId::kLeverage), "passes 1500 100000");
    EXPECT_EQ(numbers_of(e, ControlId::kCash), "passes 98530 10000");       // 100,000 - 1,470
    EXPECT_EQ(numbers_of(e, ControlId::kTradeLoss), "passes 295.47 2000");  // 20.1% of 1,470
    EXPECT_EQ(numbers_of(e, ControlId::kCollar), "passes 98 105");
    EXPECT_EQ(numbers_of(e, ControlId::kMaxQuantity), "passes 15 1000000");
    EXPECT_EQ(numbers_of(e, ControlId::kDuplicate), "passes 1 3");
    EXPECT_EQ(numbers_of(e, ControlId::kMessageRate), "passes 1 90");  // a tenth is for cancels
    EXPECT_EQ(numbers_of(e, ControlId::kStale), "passes 0s 500ms");
    EXPECT_EQ(numbers_of(e, ControlId::kTurnover), "passes 1470 50000");
    EXPECT_EQ(numbers_of(e, ControlId::kOrderToTrade), "passes 1 101");
    EXPECT_EQ(numbers_of(e, ControlId::kBestExecution), "nothing") << "there is no quote";
    EXPECT_EQ(numbers_of(e, ControlId::kSector), "nothing") << "it is in no sector";
}

TEST(GatePreviewOfTrips, SaysHowNearTheyAre) {
    GateWorld w(only({{"repeat", "5"},
                      {"reject_rate", "4"},
                      {"parent", "3"},
                      {"drawdown", "20%"},
                      {"collar_time", "10%"}}));
    w.trade(0, "100");
    const auto numbers = [&](ControlId id) {
        Explanation e;
        (void)w.gate().preview(question_about(w.limit(0, Side::kBuy, "1", "98")), &e);
        return numbers_of(e, id);
    };
    EXPECT_EQ(numbers(ControlId::kRepeat), "passes 0 5");
    EXPECT_EQ(numbers(ControlId::kRejectRate), "passes 0 4");
    EXPECT_EQ(numbers(ControlId::kParent), "passes 0 3");
    EXPECT_EQ(numbers(ControlId::kCollarTime), "passes 0 0.1");
    EXPECT_EQ(numbers(ControlId::kDrawdown), "nothing") << "there is no mark yet";
    w.tell_fill(0, "1", "100");
    w.tell_fill(0, "1", "104");
    EXPECT_EQ(numbers(ControlId::kRepeat), "passes 2 5");
    EXPECT_EQ(numbers(ControlId::kCollarTime), "passes 0.04 0.1");
    EXPECT_EQ(w.gate().on_equity({0}, money("125000"), w.now), std::nullopt);
    EXPECT_EQ(numbers(ControlId::kDrawdown), "passes 0.2 0.2");  // 100,000 of 125,000
}

TEST_F(GatePreview, KeepsTheNumbersOfEveryRefusalAndNotOnlyOfTheFirst) {
    world_.trade(0, "100");
    const Explanation e = ask(world_.limit(0, Side::kBuy, "200", "106"));
    // 200 x 106 = 21,200; at the mark 20,000.
    EXPECT_EQ(render_codes(verdict_.failed), "MAX_NOTIONAL COLLAR OPEN_ORDERS POSITION TRADE_LOSS");
    EXPECT_EQ(numbers_of(e, ControlId::kMaxNotional), "refuses 21200 2000");
    EXPECT_EQ(numbers_of(e, ControlId::kCollar), "refuses 106 105");
    EXPECT_EQ(numbers_of(e, ControlId::kPosition), "refuses 20000 5000");
    EXPECT_EQ(numbers_of(e, ControlId::kTradeLoss), "refuses 4261.2 2000");  // 20.1%
    EXPECT_EQ(numbers_of(e, ControlId::kCash), "passes 78800 10000");
}

TEST_F(GatePreview, CountsNoAttemptOfADuplicateHoweverOftenItAsks) {
    world_.trade(0, "100");
    const auto same = [&] { return world_.limit(0, Side::kBuy, "1", "99"); };
    for (int n = 0; n < 20; ++n) EXPECT_EQ(text(same()), "APPROVED");
    for (int n = 0; n < 3; ++n) EXPECT_EQ(world_.text(same()), "APPROVED");
    EXPECT_EQ(text(same()), "DUPLICATE order 4 3") << "the fourth within a second";
    EXPECT_EQ(world_.text(same()), "DUPLICATE order 4 3");
    world_.now = world_.now + Duration::milliseconds(500);
    world_.trade(0, "100");
    EXPECT_EQ(text(same()), "DUPLICATE order 4 3");
    world_.now = world_.now + Duration::milliseconds(500);
    world_.trade(0, "100");
    EXPECT_EQ(text(same()), "APPROVED") << "all attempts are a second old";
}

TEST_F(GatePreview, NeedsNoOrderIdButATagThatWasNotUsed) {
    world_.trade(0, "100");
    OrderEvent order = world_.limit(0, Side::kBuy, "1", "99");
    const OrderEvent first = order;
    EXPECT_EQ(world_.text(order), "APPROVED");
    EXPECT_EQ(text(first).substr(0, 15), "DUPLICATE order") << "its id and tag were used";
    order.data.new_order.order_id = ClientOrderId{};
    order.data.new_order.tag = make_order_tag({0}, 77);
    EXPECT_EQ(text(order), "APPROVED");
    EXPECT_EQ(world_.judge(order).first_failed, static_cast<std::uint8_t>(ControlId::kDuplicate))
        << "an order without an id is none";
}

TEST_F(GatePreview, UsesUpNoMessageRate) {
    world_.trade(0, "100");
    for (int n = 0; n < 200; ++n) {
        EXPECT_EQ(text(world_.limit(0, Side::kBuy, "1", "99")), "APPROVED");
    }
    // 90 at one instant after a pause; prices differ, so that none is a duplicate.
    for (int n = 0; n < 90; ++n) {
        OrderEvent order = world_.limit(0, Side::kBuy, "1", "90");
        order.data.new_order.price = Price::from_raw((9'000 + n) * 10'000'000LL);
        EXPECT_EQ(world_.judge(order).failed & bit(ControlId::kMessageRate), 0U) << n;
    }
    EXPECT_EQ(text(world_.limit(0, Side::kBuy, "1", "99")), "MESSAGE_RATE strategy 91 90");
}

TEST_F(GatePreview, AsksAboutABasketsMembersAsTheyWouldCome) {
    world_.trade(0, "100");
    const auto member = [&](const char* size) {
        OrderEvent e = world_.limit(0, Side::kBuy, size, "100");
        e.data.new_order.flags = kOrderBasket;
        e.data.new_order.link = 1;
        return e;
    };
    world_.gate().begin_basket({0});
    // A basket is at most 10,000: six orders of 1,900, not seven... and no order above 2,000.
    for (int n = 0; n < 5; ++n) {
        const OrderEvent e = member("19");
        const Explanation asked = ask(e);
        EXPECT_EQ(numbers_of(asked, ControlId::kBasket),
                  "passes " + std::to_string(1'900 * (n + 1)) + " 10000");
        (void)world_.judge(e);  // the books do not know it: only the basket's sum grows
    }
    EXPECT_EQ(numbers_of(ask(member("19")), ControlId::kBasket), "refuses 11400 10000");
    EXPECT_EQ(numbers_of(ask(member("5")), ControlId::kBasket), "passes 10000 10000")
        << "the question before added nothing";
}

TEST_F(GatePreview, KnowsThatADayThatIsOverNoLongerBinds) {
    world_.trade(0, "100");
    world_.hold(0, "10", "100");
    Gate& gate = world_.gate();
    (void)gate.on_equity({0}, Money::from_units(100'000), world_.now);
    ASSERT_TRUE(gate.on_equity({0}, Money::from_units(97'999), world_.now).has_value());
    const auto buy = [&] { return world_.limit(0, Side::kBuy, "1", "99"); };
    EXPECT_EQ(text(buy()), "DAY_LOSS account tripped -");
    EXPECT_EQ(numbers_of(ask(buy()), ControlId::kWeekLoss), "passes 2001 5000") << "of 100,000";
    world_.now = world_.now + Duration::seconds(86'400);
    world_.trade(0, "100");
    const std::vector<std::byte> before = test::state_of(gate);
    EXPECT_EQ(text(buy()), "APPROVED");
    EXPECT_EQ(numbers_of(ask(buy()), ControlId::kDayLoss), "passes 0 1959.98") << "of 97,999";
    EXPECT_TRUE(test::state_of(gate) == before) << "the new day begins with an order, not with it";
    EXPECT_EQ(world_.text(buy()), "APPROVED");
}

}  // namespace
}  // namespace fermata::testing

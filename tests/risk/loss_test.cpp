// DAY_LOSS, WEEK_LOSS.

#include "risk/loss.hpp"

#include <gtest/gtest.h>

#include "tests/risk/gate_fixture.hpp"

namespace fermata::testing {
namespace {

constexpr std::int64_t kDay = 86'400'000'000'000;
/// Midnight of 2023-11-13, a Monday: 1,699,833,600 s.
constexpr Timestamp kMonday{1'699'833'600'000'000'000};
static_assert(kMonday.ns % kDay == 0);

Timestamp on(int day, std::int64_t seconds = 0) {
    return Timestamp{kMonday.ns + day * kDay + seconds * 1'000'000'000};
}
std::string codes(const std::optional<ControlData>& trip) {
    return trip ? std::string(control(static_cast<ControlId>(trip->control)).code) : "-";
}

TEST(DayClock, KnowsDaysAndWeeks) {
    DayClock clock;
    EXPECT_TRUE(clock.advance(on(0)));
    const std::int32_t monday = clock.week();
    EXPECT_FALSE(clock.advance(Timestamp{on(1).ns - 1}));
    EXPECT_TRUE(clock.advance(on(1)));
    EXPECT_FALSE(clock.advance(on(0))) << "it does not go back";
    EXPECT_EQ(clock.day(), 19'675);  // 1,699,920,000 / 86,400
    EXPECT_TRUE(clock.advance(Timestamp{on(7).ns - 1}));
    EXPECT_EQ(clock.week(), monday) << "Sunday";
    EXPECT_TRUE(clock.advance(on(7)));
    EXPECT_EQ(clock.week(), monday + 1);
    DayClock early;
    EXPECT_TRUE(early.advance(Timestamp{-1}));
    EXPECT_EQ(early.day(), -1);
    EXPECT_EQ(early.week(), 0) << "Wednesday, 1969-12-31";
    DayClock sunday;
    EXPECT_TRUE(sunday.advance(Timestamp{-4 * kDay}));
    EXPECT_EQ(sunday.week(), -1) << "1969-12-28";
}

TEST(GateDayLoss, TripsAtTheLimitAndLetsReductionsThrough) {
    GateWorld w(only({{"day_loss", "2%"}}));
    w.now = on(0, 3'600);
    w.hold(0, "10", "100");
    EXPECT_TRUE(w.gate().watches_equity());
    EXPECT_EQ(codes(w.gate().on_equity({0}, money("100000"), w.now)), "-");
    EXPECT_EQ(codes(w.gate().on_equity({0}, money("98000.000001"), w.now)), "-");
    const auto trip = w.gate().on_equity({0}, money("98000"), w.now);
    ASSERT_TRUE(trip);
    EXPECT_EQ(codes(trip), "DAY_LOSS");
    EXPECT_EQ(trip->scope, ControlScope::kAccount);
    EXPECT_EQ(trip->state, TradingState::kReducing);
    EXPECT_EQ(trip->cancel_orders, static_cast<std::uint8_t>(CancelOrders::kIncreasing));
    EXPECT_EQ(codes(w.gate().on_equity({0}, money("90000"), w.now)), "-") << "once";
    EXPECT_TRUE(w.gate().on_control(*trip)) << "its owner hands it back";
    EXPECT_EQ(w.text(w.order(0, Side::kBuy, "1")), "DAY_LOSS account tripped -");
    EXPECT_EQ(w.text(w.order(0, Side::kSell, "10")), "APPROVED");
    EXPECT_EQ(w.text(w.order(0, Side::kSell, "11")), "DAY_LOSS account tripped -");
    EXPECT_EQ(w.text(in_account(1, w.order(0, Side::kBuy, "1"))), "APPROVED");
    Order live = w.open(w.limit(0, Side::kBuy, "5", "99"));
    EXPECT_EQ(w.text(w.gate().check_replace(w.replace(live, "4", "99"), live)), "APPROVED");
    EXPECT_EQ(w.text(w.gate().check_replace(w.replace(live, "5", "98"), live)),
              "DAY_LOSS account tripped -");
}

TEST(GateDayLoss, EndsWithTheDayAndStartsFromTheEquityBeforeTheNext) {
    GateWorld w(only({{"day_loss", "2%"}}));
    (void)w.gate().on_equity({0}, money("100000"), on(0, 10));
    EXPECT_EQ(codes(w.gate().on_equity({0}, money("97000"), on(0, 20))), "DAY_LOSS");
    w.now = Timestamp{on(1).ns - 1};
    EXPECT_EQ(w.text(w.order(0, Side::kBuy, "1")), "DAY_LOSS account tripped -");
    w.now = on(1);
    EXPECT_EQ(w.text(w.order(0, Side::kBuy, "1")), "APPROVED") << "no equity was needed for it";
    EXPECT_EQ(codes(w.gate().on_equity({0}, money("95060.01"), on(1, 1))), "-");
    EXPECT_EQ(codes(w.gate().on_equity({0}, money("95060"), on(1, 1))), "DAY_LOSS")
        << "2% of 97,000, lost overnight or not";
}

TEST(GateDayLoss, DoesNotTouchTheStateThatAnOperatorSet) {
    GateWorld w(only({{"day_loss", "2%"}}));
    ControlData halt;
    halt.scope = ControlScope::kAccount;
    halt.state = TradingState::kHalted;
    ASSERT_TRUE(w.gate().on_control(halt));
    (void)w.gate().on_equity({0}, money("100000"), on(0));
    const auto trip = w.gate().on_equity({0}, money("1"), on(0));
    ASSERT_TRUE(trip);
    EXPECT_TRUE(w.gate().on_control(*trip));
    EXPECT_EQ(w.gate().state(ControlScope::kAccount, 0), TradingState::kHalted);
}

TEST(GateDayLoss, IsReleasedWithTheAccountOrTheFirm) {
    for (const ControlScope scope : {ControlScope::kAccount, ControlScope::kFirm}) {
        GateWorld w(only({{"day_loss", "2%"}}));
        w.now = on(0);
        (void)w.gate().on_equity({0}, money("100000"), w.now);
        ASSERT_TRUE(w.gate().on_equity({0}, money("90000"), w.now));
        ControlData active;
        active.scope = scope;
        EXPECT_TRUE(w.gate().on_control(active));
        EXPECT_EQ(w.text(w.order(0, Side::kBuy, "1")), "APPROVED");
        EXPECT_EQ(codes(w.gate().on_equity({0}, money("88200.01"), w.now)), "-");
        EXPECT_EQ(codes(w.gate().on_equity({0}, money("88200"), w.now)), "DAY_LOSS");
    }
}

TEST(GateDayLoss, TakesDepositsAndWithdrawalsOutOfTheAccount) {
    GateWorld w(only({{"day_loss", "2%"}}));
    (void)w.gate().on_equity({0}, money("100000"), on(0));
    w.gate().on_flow({0}, money("-50000"));
    EXPECT_EQ(codes(w.gate().on_equity({0}, money("49000.01"), on(0))), "-");
    w.gate().on_flow({0}, money("50000"));
    EXPECT_EQ(codes(w.gate().on_equity({0}, money("98000.01"), on(0))), "-");
    EXPECT_EQ(codes(w.gate().on_equity({0}, money("98000"), on(0))), "DAY_LOSS");
}

TEST(GateWeekLoss, AddsUpOverTheDaysOfTheWeek) {
    GateWorld w(only({{"day_loss", "2%"}, {"week_loss", "5%"}}));
    (void)w.gate().on_equity({0}, money("100000"), on(0));
    EXPECT_EQ(codes(w.gate().on_equity({0}, money("98500"), on(0))), "-");
    EXPECT_EQ(codes(w.gate().on_equity({0}, money("97000"), on(1))), "-");
    EXPECT_EQ(codes(w.gate().on_equity({0}, money("95500"), on(2))), "-");
    EXPECT_EQ(codes(w.gate().on_equity({0}, money("95000"), on(3))), "WEEK_LOSS");
    w.now = Timestamp{on(7).ns - 1};
    EXPECT_EQ(w.text(w.order(0, Side::kBuy, "1")), "WEEK_LOSS account tripped -") << "Sunday";
    w.now = on(7);
    EXPECT_EQ(w.text(w.order(0, Side::kBuy, "1")), "APPROVED");
}

TEST(GateWeekLoss, TripsTogetherWithTheDayAndTheDrawdown) {
    GateWorld w(only({{"day_loss", "2%"}, {"week_loss", "5%"}, {"drawdown", "15%"}}));
    (void)w.gate().on_equity({0}, money("100000"), on(0));
    EXPECT_EQ(codes(w.gate().on_equity({0}, money("84999"), on(0))), "DRAWDOWN");
    EXPECT_EQ(codes(w.gate().next_trip()), "DAY_LOSS");
    EXPECT_EQ(codes(w.gate().next_trip()), "WEEK_LOSS");
    EXPECT_EQ(codes(w.gate().next_trip()), "-");
}

TEST(GateLosses, NeedAPositiveEquityToLoseAShareOf) {
    GateWorld w(only({{"day_loss", "2%"}, {"week_loss", "5%"}}));
    for (const char* start : {"0", "-100000"}) {
        EXPECT_EQ(codes(w.gate().on_equity({0}, money(start), on(0))), "-");
        EXPECT_EQ(codes(w.gate().on_equity({0}, money("-9000000000"), on(0))), "-");
    }
    (void)w.gate().on_equity({1}, Money::max(), on(0));
    EXPECT_EQ(codes(w.gate().on_equity({1}, Money::min(), on(0))), "DAY_LOSS") << "no overflow";
    EXPECT_EQ(codes(w.gate().next_trip()), "WEEK_LOSS");
    w.gate().on_flow({1}, Money::min());
    w.gate().on_flow({1}, Money::min());
    EXPECT_EQ(codes(w.gate().on_equity({1}, Money::min(), on(1))), "-");
}

}  // namespace
}  // namespace fermata::testing

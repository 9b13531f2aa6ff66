// RECOVERING, BUILD, JOURNAL, DROP_COPY: what the run is told of its own state.

#include "risk/run_health.hpp"

#include <gtest/gtest.h>

#include <limits>
#include <string>
#include <tuple>

#include "risk/input_refusal.hpp"
#include "tests/risk/gate_fixture.hpp"
#include "tests/risk/gate_inputs.hpp"
#include "tests/support/state_copy.hpp"

namespace fermata::testing {
namespace {

using enum RiskInputKind;
constexpr std::int64_t kLargest = std::numeric_limits<std::int64_t>::max();

std::string refusals(GateWorld& w) {
    return render_codes(w.judge(w.order(0, Side::kBuy, "1")).failed);
}
RiskConfig journal_and_drop_copy() {
    return only({{"journal", "30s"}, {"journal_bytes", "1000"}, {"drop_copy", "5s"}});
}

TEST(GateRunHealth, AsksNothingBeforeItWasTold) {
    GateWorld w;
    w.trade(0, "100");
    EXPECT_EQ(w.judge(w.order(0, Side::kBuy, "1")).checked & kNotTold, 0U);
    (void)tell(w.gate(), kRecovering, {}, 0);
    (void)tell(w.gate(), kBuild, {}, 7, 7);
    (void)tell(w.gate(), kJournalLag, {}, 0, 0);
    (void)tell(w.gate(), kDropCopy, {}, 0);
    const std::uint64_t told = kNotTold & ~bit(ControlId::kCredit);
    const VerdictData v = w.judge(w.order(0, Side::kBuy, "1"));
    EXPECT_EQ(v.checked & kNotTold, told);
    EXPECT_EQ(v.failed, 0U);
    EXPECT_EQ(w.gate().next_trip(), std::nullopt);
}

TEST(GateRecovering, RefusesEverythingNewAndNoCancelUntilReconciled) {
    GateWorld w(only({}));
    w.trade(0, "100");
    w.hold(0, "10", "100");
    EXPECT_FALSE(tell(w.gate(), kRecovering, {}, 1));
    EXPECT_EQ(w.text(w.order(0, Side::kBuy, "1")), "RECOVERING firm not_reconciled -");
    EXPECT_EQ(w.text(w.order(0, Side::kSell, "10")), "RECOVERING firm not_reconciled -")
        << "what is held may be another quantity";
    w.gate().count_cancel(w.replace(Order{}, "1", "1"));
    EXPECT_EQ(w.gate().counts().cancels, 1U);
    EXPECT_EQ(w.gate().next_trip(), std::nullopt) << "a state that ends by itself, no halt";
    EXPECT_TRUE(w.gate().on_control(ControlData{}));
    EXPECT_EQ(refusals(w), "RECOVERING") << "no operator's release makes it known";
    (void)tell(w.gate(), kRecovering, {}, 0);
    EXPECT_EQ(refusals(w), "");
}

TEST(GateBuild, HaltsTheFirmUnlessTheApprovedBuildRuns) {
    GateWorld w(only({}));
    w.trade(0, "100");
    (void)tell(w.gate(), kBuild, {}, -1, -1);  // hashes are bits
    EXPECT_EQ(refusals(w), "");
    (void)tell(w.gate(), kBuild, {}, -1, kLargest);
    const auto trip = w.gate().next_trip();
    ASSERT_TRUE(trip);
    EXPECT_EQ(trip->scope, ControlScope::kFirm);
    EXPECT_EQ(trip->state, TradingState::kHalted);
    EXPECT_EQ(trip->control, static_cast<std::uint8_t>(ControlId::kBuild));
    EXPECT_EQ(refusals(w), "STATE BUILD");
    (void)tell(w.gate(), kBuild, {}, -1, kLargest);
    EXPECT_EQ(w.gate().next_trip(), std::nullopt) << "once";
    EXPECT_TRUE(w.gate().on_control(ControlData{}));
    EXPECT_EQ(w.text(w.order(0, Side::kBuy, "1")), "BUILD firm not_approved -")
        << "a release approves no build";
    (void)tell(w.gate(), kBuild, {}, kLargest, kLargest);
    EXPECT_EQ(refusals(w), "");
    (void)tell(w.gate(), kBuild, {}, 1, 2);
    EXPECT_TRUE(w.gate().next_trip()) << "again after they were equal";
}

struct Case {
    RiskInputKind kind;
    std::int64_t first, second;
    bool trips;
};

TEST(GateRunHealth, TripsBeyondTheLimitAndNotAtIt) {
    const std::int64_t s = 1'000'000'000;
    for (const Case& c : {Case{kJournalLag, 30 * s, 1'000, false},
                          {kJournalLag, 30 * s + 1, 0, true},
                          {kJournalLag, 0, 1'001, true},
                          {kJournalLag, kLargest, kLargest, true},
                          {kDropCopy, 5 * s, 0, false},
                          {kDropCopy, 5 * s + 1, 0, true},
                          {kDropCopy, kLargest, 0, true}}) {
        GateWorld w(journal_and_drop_copy());
        w.trade(0, "100");
        EXPECT_FALSE(tell(w.gate(), c.kind, {}, c.first, c.second));
        const auto trip = w.gate().next_trip();
        ASSERT_EQ(trip.has_value(), c.trips) << c.first << " " << c.second;
        EXPECT_EQ(refusals(w), !c.trips              ? ""
                               : c.kind == kDropCopy ? "STATE DROP_COPY"
                                                     : "STATE JOURNAL");
        if (!c.trips) continue;
        EXPECT_EQ(trip->scope, ControlScope::kFirm);
        EXPECT_EQ(trip->state, TradingState::kHalted);
        EXPECT_EQ(static_cast<CancelOrders>(trip->cancel_orders),
                  c.kind == kDropCopy ? CancelOrders::kNone : CancelOrders::kAll);
        (void)tell(w.gate(), c.kind, {}, c.first, c.second);
        EXPECT_EQ(w.gate().next_trip(), std::nullopt) << "once";
        (void)tell(w.gate(), c.kind, {}, 0, 0);
        EXPECT_NE(refusals(w), "") << "what is right again releases nothing";
        EXPECT_TRUE(w.gate().on_control(ControlData{}));
        EXPECT_EQ(refusals(w), "");
        (void)tell(w.gate(), c.kind, {}, c.first, c.second);
        EXPECT_TRUE(w.gate().next_trip()) << "and again after the release";
    }
}

TEST(GateRunHealth, TakesNoNegativeLagForNone) {
    GateWorld w(journal_and_drop_copy());
    for (const auto& [kind, first, second] :
         {std::tuple{kJournalLag, -1L, 0L}, std::tuple{kJournalLag, 0L, -1L},
          std::tuple{kDropCopy, std::numeric_limits<std::int64_t>::min(), 0L}}) {
        const auto alert = tell(w.gate(), kind, {}, first, second);
        ASSERT_TRUE(alert);
        EXPECT_EQ(alert->code, AlertCode::kInputRefused);
        EXPECT_EQ(alert->detail[0], static_cast<std::int64_t>(kind));
        EXPECT_EQ(alert->detail[1], static_cast<std::int64_t>(InputRefusal::kOutOfRange));
    }
    EXPECT_EQ(w.judge(w.order(0, Side::kBuy, "1")).checked & kNotTold, 0U);
}

TEST(GateRunHealth, IsOffWhereNoLimitIsInForce) {
    GateWorld w(only({}));
    (void)tell(w.gate(), kJournalLag, {}, kLargest, kLargest);
    (void)tell(w.gate(), kDropCopy, {}, kLargest);
    EXPECT_EQ(w.gate().next_trip(), std::nullopt);
    EXPECT_EQ(w.text(w.order(0, Side::kBuy, "1")), "APPROVED");
    GateWorld bytes(only({{"journal_bytes", "1000"}}));
    (void)tell(bytes.gate(), kJournalLag, {}, kLargest, 1'000);
    EXPECT_EQ(bytes.gate().next_trip(), std::nullopt) << "no limit on the time";
}

TEST(GateRunHealth, OutlivesARestart) {
    GateWorld w(journal_and_drop_copy());
    w.trade(0, "100");
    (void)tell(w.gate(), kRecovering, {}, 1);
    (void)tell(w.gate(), kBuild, {}, 1, 2);
    (void)tell(w.gate(), kDropCopy, {}, kLargest);
    while (w.gate().next_trip()) {
    }
    test::restart(w.gate(), journal_and_drop_copy(), w.instruments, w.marks(), w.book(),
                  w.exposures(), kConfigHash);
    EXPECT_EQ(refusals(w), "STATE RECOVERING BUILD DROP_COPY");
}

TEST(GateClock, SaysOnceThatTheClockIsOffUntilItIsRightAgain) {
    GateWorld w(only({{"clock_alert", "0.1ms"}}));
    EXPECT_FALSE(tell(w.gate(), kClockOffset, {}, 100'000)) << "exactly at it";
    EXPECT_FALSE(tell(w.gate(), kClockOffset, {}, -100'000));
    const auto alert = tell(w.gate(), kClockOffset, {}, -100'001);
    ASSERT_TRUE(alert);
    EXPECT_EQ(alert->code, AlertCode::kClockOffset);
    EXPECT_EQ(alert->detail[0], -100'001);
    EXPECT_EQ(alert->detail[1], 100'000);
    EXPECT_FALSE(tell(w.gate(), kClockOffset, {}, 200'000)) << "the same excursion";
    EXPECT_FALSE(tell(w.gate(), kClockOffset, {}, 0));
    EXPECT_TRUE(tell(w.gate(), kClockOffset, {}, std::numeric_limits<std::int64_t>::min()));
    EXPECT_EQ(w.gate().next_trip(), std::nullopt) << "there is no limit that halts";
}

}  // namespace
}  // namespace fermata::testing

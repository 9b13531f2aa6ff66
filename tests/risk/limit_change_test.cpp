// Limits that change while the gate runs.

#include "risk/limit_change.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/risk/gate_fixture.hpp"
#include "tests/risk/gate_inputs.hpp"
#include "tests/support/state_copy.hpp"

namespace fermata::testing {
namespace {

constexpr std::uint32_t kAda = 1001, kBob = 1002;

RiskInputData wanted(LimitId limit, std::int64_t value, std::uint32_t first = kAda,
                     std::uint32_t second = kNoActor) {
    RiskInputData input;
    input.kind = RiskInputKind::kLimit;
    input.limit = static_cast<std::uint8_t>(limit);
    input.values[0] = value;
    input.actors[0] = first;
    input.actors[1] = second;
    return input;
}

RiskInputData wanted_of(ControlScope scope, std::uint64_t target, RiskInputData input) {
    input.scope = scope;
    input.target = target;
    return input;
}

/// "changed", or why not.
std::string change(GateWorld& w, const RiskInputData& input) {
    const auto alert = tell(w.gate(), input, {}, w.now);
    if (!alert) return "nothing said";
    if (alert->code == AlertCode::kLimitChanged) {
        EXPECT_EQ(alert->detail[0], input.limit);
        EXPECT_EQ(alert->detail[1], input.values[0]);
        return "changed";
    }
    EXPECT_EQ(alert->code, AlertCode::kLimitRefused);
    EXPECT_EQ(alert->detail[0], input.limit);
    return std::string(name(static_cast<LimitRefusal>(alert->detail[1])));
}

std::int64_t units(std::int64_t n) { return Quantity::from_units(n).raw(); }

TEST(LimitChange, TightensAtOnceForOnePerson) {
    GateWorld w(only({{"max_quantity", "100"}}));
    w.trade(0, "10");
    EXPECT_EQ(w.text(w.order(0, Side::kBuy, "100")), "APPROVED");
    EXPECT_EQ(change(w, wanted(LimitId::kMaxQuantity, units(50))), "changed");
    EXPECT_EQ(w.text(w.order(0, Side::kBuy, "50")), "APPROVED") << "exactly at it";
    EXPECT_EQ(w.text(w.order(0, Side::kBuy, "51")), "MAX_QUANTITY order 51 50");
}

TEST(LimitChange, LoosensForTwoDifferentPeopleOnly) {
    GateWorld w(only({{"max_quantity", "100"}}));
    w.trade(0, "10");
    constexpr LimitId kId = LimitId::kMaxQuantity;
    EXPECT_EQ(change(w, wanted(kId, units(100) + 1)), "needs_two");
    EXPECT_EQ(change(w, wanted(kId, units(101), kAda, kAda)), "needs_two");
    EXPECT_EQ(w.text(w.order(0, Side::kBuy, "101")), "MAX_QUANTITY order 101 100");
    EXPECT_EQ(change(w, wanted(kId, units(101), kAda, kBob)), "changed");
    EXPECT_EQ(w.text(w.order(0, Side::kBuy, "101")), "APPROVED");
    // Back again is tighter, and to the same value is nothing.
    EXPECT_EQ(change(w, wanted(kId, units(101))), "changed");
    EXPECT_EQ(change(w, wanted(kId, units(100))), "changed");
}

TEST(LimitChange, KnowsThatSomeLimitsAreLooserWhenTheyAreLower) {
    GateWorld w(only({{"cash", "10%"}}));
    constexpr std::int64_t kPercent = Ratio::kOne / 100;
    EXPECT_EQ(change(w, wanted(LimitId::kCash, 9 * kPercent)), "needs_two");
    EXPECT_EQ(change(w, wanted(LimitId::kCash, 11 * kPercent)), "changed");
}

TEST(LimitChange, NeverGoesBeyondTheHardLimitWhoeverAsks) {
    RiskConfig config = only({{"max_quantity", "100"}});
    ASSERT_TRUE(config.set_hard_limit("max_quantity", "1000").ok());
    GateWorld w(config);
    EXPECT_EQ(change(w, wanted(LimitId::kMaxQuantity, units(1'000) + 1, kAda, kBob)),
              "beyond_hard");
    EXPECT_EQ(change(w, wanted(LimitId::kMaxQuantity, units(1'000), kAda, kBob)), "changed");
}

TEST(LimitChange, TightensByAnyValueWhereTheLimitIsOff) {
    GateWorld w(only({}));
    w.trade(0, "10");
    EXPECT_EQ(w.text(w.order(0, Side::kBuy, "2000000")), "APPROVED");
    EXPECT_EQ(change(w, wanted(LimitId::kMaxQuantity, units(1'000'000))), "changed");
    EXPECT_EQ(w.text(w.order(0, Side::kBuy, "2000000")), "MAX_QUANTITY order 2000000 1000000");
}

TEST(LimitChange, GivesATargetAValueOfItsOwn) {
    GateWorld w(only({{"max_quantity", "100"}}));
    w.trade(0, "10");
    w.trade(1, "10");
    const RiskInputData half = wanted(LimitId::kMaxQuantity, units(50));
    EXPECT_EQ(change(w, wanted_of(ControlScope::kInstrument, 1, half)), "changed");
    EXPECT_EQ(w.text(w.order(0, Side::kBuy, "51")), "APPROVED");
    EXPECT_EQ(w.text(w.order(1, Side::kBuy, "51")), "MAX_QUANTITY order 51 50");
    // The common value is not that of the instrument any more.
    EXPECT_EQ(change(w, wanted(LimitId::kMaxQuantity, units(200), kAda, kBob)), "changed");
    EXPECT_EQ(w.text(w.order(0, Side::kBuy, "200")), "APPROVED");
    EXPECT_EQ(w.text(w.order(1, Side::kBuy, "51")), "MAX_QUANTITY order 51 50");
    // Of several values the tightest applies.
    const RiskInputData third = wanted(LimitId::kMaxQuantity, units(30));
    EXPECT_EQ(change(w, wanted_of(ControlScope::kStrategy, 0, third)), "changed");
    EXPECT_EQ(w.text(w.order(1, Side::kBuy, "31")), "MAX_QUANTITY order 31 30");
}

TEST(LimitChange, SaysWhyItRefuses) {
    GateWorld w;
    RiskInputData unknown = wanted(LimitId::kCash, 1);
    unknown.limit = kLimitCount;
    const RiskInputData lower = wanted(LimitId::kMaxQuantity, units(1));
    const std::vector<std::pair<RiskInputData, std::string>> cases = {
        {unknown, "unknown_limit"},
        {wanted_of(ControlScope::kVenue, 0, lower), "scope"},
        {wanted_of(ControlScope::kStrategy, 0, wanted(LimitId::kMessageRateFirm, 1)), "scope"},
        {wanted_of(ControlScope::kStrategy, 2, lower), "unknown_target"},
        {wanted_of(ControlScope::kAccount, 2, lower), "unknown_target"},
        {wanted_of(ControlScope::kInstrument, 5, lower), "unknown_target"},
        {wanted_of(ControlScope::kInstrument, ~std::uint64_t{0}, lower), "unknown_target"},
        {wanted(LimitId::kMaxQuantity, 0), "out_of_range"},
        {wanted(LimitId::kMaxQuantity, units(90'000'000'001), kAda, kBob), "out_of_range"},
        {wanted(LimitId::kMaxQuantity, units(10'000'000'001), kAda, kBob), "beyond_hard"},
        {wanted(LimitId::kMaxQuantity, units(1), kNoActor, kBob), "unnamed"},
    };
    for (const auto& [input, why] : cases) EXPECT_EQ(change(w, input), why);
}

TEST(LimitChange, DoesNotSwitchOnWhatNeedsItsHistory) {
    GateWorld w(only({{"max_quantity", "100"}}));
    int refused = 0;
    for (const LimitDefinition& l : kLimits) {
        const std::string said = change(w, wanted(l.id, l.house));
        if (limit_change(l.id) == LimitChange::kAtOnce) {
            // max_quantity is in force at less than its default.
            EXPECT_EQ(said, l.id == LimitId::kMaxQuantity ? "needs_two" : "changed")
                << limit_key(l.id);
        } else {
            EXPECT_EQ(said, limit_change(l.id) == LimitChange::kInForce ? "no_history" : "fixed")
                << limit_key(l.id);
            ++refused;
        }
    }
    EXPECT_GE(refused, 13);
}

/// A tighter value halfway to the tightest.
std::int64_t tighter(const LimitDefinition& l) {
    const std::int64_t end = l.higher_is_looser ? l.minimum : l.maximum;
    std::int64_t value = l.house + (end - l.house) / 2;
    if (l.unit == LimitUnit::kDuration && value > 1'000'000) value -= value % 1'000'000;
    return value;
}

/// What the gate says to a small story in which every control has something to look at.
std::vector<std::string> story(GateWorld& w) {
    std::vector<std::string> said;
    const auto note = [&](const OrderEvent& e) { said.push_back(w.text(e)); };
    const auto trips = [&] {
        for (auto t = w.gate().next_trip(); t; t = w.gate().next_trip()) {
            said.push_back("trip " + std::to_string(t->control) + " " + std::to_string(t->target) +
                           " " + std::to_string(t->observed) + " of " + std::to_string(t->limit));
            ControlData release = *t;  // so that the next one can trip, too
            release.control = 0xff;
            release.state = TradingState::kActive;
            release.cancel_orders = 0;
            (void)w.gate().on_control(release);
        }
    };
    const auto wait = [&](Duration d) { w.now = w.now + d; };
    w.quote(0, "99.98", "100.02");
    w.quote(1, "49.9", "50.1");
    w.trade(2, "2000");
    for (int n = 1; n <= 24; ++n) {
        note(w.order(0, Side::kBuy, std::to_string(n)));
        note(w.limit(1, Side::kSell, std::to_string(2 * n), "50." + std::to_string(10 + n)));
        note(in_account(1, w.order(2, Side::kBuy, std::to_string(n % 3 + 1))));
        note(w.limit(0, Side::kBuy, "1", std::to_string(100 + n) + ".00"));
        note(in_account(1, w.limit(1, Side::kSell, "3", "49.00")));
        wait(Duration::milliseconds(5));
    }
    for (int n = 0; n < 4; ++n) note(w.limit(0, Side::kBuy, "7", "99.00"));
    wait(Duration::milliseconds(300));
    note(w.order(0, Side::kBuy, "1"));  // how old is the quote?
    w.quote(0, "96", "104");
    note(w.order(0, Side::kBuy, "1"));  // and how wide?
    w.trade(0, "107");
    w.quote(0, "106.9", "107.1");
    w.trade(0, "114");
    note(w.limit(0, Side::kBuy, "1", "107.00"));  // how far did it jump?
    for (int n = 0; n < 120; ++n) {
        wait(Duration::milliseconds(2));
        note(w.order(3, Side::kBuy, "1"));
    }
    for (int n = 0; n < 40; ++n) {
        wait(Duration::milliseconds(700));
        w.tell_fill(0, "100", n % 2 == 0 ? "100" : "102");
    }
    trips();
    Order rejected;
    rejected.state = OrderState::kRejected;
    for (int n = 0; n < 8; ++n) {
        rejected.id = make_client_order_id(20'000, 2, static_cast<std::uint32_t>(n));
        w.tell(rejected);
    }
    trips();
    tell_clock_offset(w.gate(), Duration::milliseconds(40));
    trips();
    for (const char* equity : {"100000", "98800", "97000", "95500", "91500", "88000"}) {
        const auto first = w.gate().on_equity({0}, money(equity), w.now);
        if (first) said.push_back("trip " + std::to_string(first->control));
        trips();
        note(w.order(1, Side::kBuy, "1"));
    }
    return said;
}

/// The plain meaning of it all: nothing is left of the value from before.
TEST(LimitChange, LeavesAGateThatJudgesAsOneThatBeganWithTheNewValue) {
    GateWorld plain;
    const std::vector<std::string> before = story(plain);
    std::vector<std::string> seen;
    for (const LimitDefinition& l : kLimits) {
        if (limit_change(l.id) == LimitChange::kFixed) continue;
        const std::int64_t value = tighter(l);
        RiskConfig config;
        const auto set = config.set_limit(limit_key(l.id), format_limit(l.unit, value));
        ASSERT_TRUE(set.ok()) << limit_key(l.id) << ": " << set.error();
        GateWorld configured(config);
        GateWorld changed;
        ASSERT_EQ(change(changed, wanted(l.id, value)), "changed") << limit_key(l.id);
        const std::vector<std::string> expected = story(configured);
        EXPECT_EQ(story(changed), expected) << limit_key(l.id);
        if (expected != before) seen.push_back(limit_key(l.id));
    }
    // What the story shows first of each order; the flow against the reference has the others.
    std::string all;
    for (const std::string& key : seen) all += key + " ";
    EXPECT_GE(seen.size(), 12U) << all;
    for (const char* key : {"duplicate", "repeat", "reject_rate", "collar_time", "clock",
                            "drawdown", "day_loss", "week_loss", "stale", "max_notional"}) {
        EXPECT_NE((" " + all).find(" " + std::string(key) + " "), std::string::npos) << key;
    }
}

TEST(LimitChange, CountsWhatHappenedBeforeIt) {
    GateWorld w(only({{"repeat", "10"}, {"repeat_window", "60s"}, {"message_rate", "100"}}));
    for (int n = 0; n < 5; ++n) w.tell_fill(0, "1", "100");
    EXPECT_EQ(change(w, wanted(LimitId::kRepeat, 5)), "changed");
    EXPECT_FALSE(w.gate().next_trip()) << "five are allowed";
    w.tell_fill(0, "1", "100");
    const auto trip = w.gate().next_trip();
    ASSERT_TRUE(trip);
    EXPECT_EQ(trip->observed, 6);
    EXPECT_EQ(trip->limit, 5);
}

TEST(LimitChange, KeepsTheTimeThatMessagesHaveTaken) {
    // 10 a second with a burst of one second and no reserve to speak of: nine at once of ten.
    MessageRate rate(10, Duration::seconds(1), Ratio::from_raw(Ratio::kOne / 10));
    const Timestamp now{1'700'000'000'000'000'000};
    for (int n = 0; n < 9; ++n) {
        ASSERT_TRUE(rate.allows(now));
        rate.count(now);
    }
    ASSERT_FALSE(rate.allows(now));
    // Nine messages stand for 900 ms. At 5 a second that is a debt of 4.5 messages of at most 4.5
    // (5, less the reserve of a tenth): room again when one message (200 ms) less is owed, that is
    // when 900 ms - t <= 700 ms.
    rate.change(5, Duration::seconds(1), Ratio::from_raw(Ratio::kOne / 10));
    EXPECT_FALSE(rate.allows(now + Duration::nanoseconds(199'999'999)));
    EXPECT_TRUE(rate.allows(now + Duration::milliseconds(200)));
}

TEST(LimitChange, SurvivesARestart) {
    GateWorld w;
    ASSERT_EQ(change(w, wanted(LimitId::kMaxQuantity, units(50))), "changed");
    ASSERT_EQ(change(w, wanted(LimitId::kMaxQuantity, units(60), kAda, kBob)), "changed");
    const RiskInputData own = wanted(LimitId::kRepeat, 3);
    ASSERT_EQ(change(w, wanted_of(ControlScope::kStrategy, 1, own)), "changed");
    GateWorld again;
    ASSERT_EQ(test::load_state(again.gate(), test::state_of(w.gate())), "");
    again.trade(0, "1");
    EXPECT_EQ(again.text(again.order(0, Side::kBuy, "60")), "APPROVED");
    EXPECT_EQ(again.text(again.order(0, Side::kBuy, "61")), "MAX_QUANTITY order 61 60");
    for (int n = 0; n < 4; ++n) again.tell_fill(0, "1", "1", 1);
    EXPECT_TRUE(again.gate().next_trip());
}

// --- an acknowledgement ---

RiskInputData acknowledge(std::uint64_t strategy, std::uint32_t actor) {
    RiskInputData input;
    input.kind = RiskInputKind::kAcknowledge;
    input.target = strategy;
    input.actors[0] = actor;
    return input;
}

TEST(GateAcknowledge, LetsTheFillsOfAStrategyCountNoMore) {
    GateWorld w(only({{"repeat", "3"}, {"repeat_window", "60s"}}));
    for (int n = 0; n < 3; ++n) w.tell_fill(0, "1", "100");
    EXPECT_FALSE(tell(w.gate(), acknowledge(0, kAda), {}, w.now));
    for (int n = 0; n < 3; ++n) w.tell_fill(0, "1", "100");
    EXPECT_FALSE(w.gate().next_trip());
    w.tell_fill(0, "1", "100");
    EXPECT_TRUE(w.gate().next_trip());
    // One that tripped stays halted until it is released.
    EXPECT_FALSE(tell(w.gate(), acknowledge(0, kAda), {}, w.now));
    EXPECT_EQ(w.text(w.order(0, Side::kBuy, "1")), "STATE strategy HALTED ACTIVE");
    EXPECT_EQ(render_codes(w.judge(w.order(0, Side::kBuy, "1")).failed), "STATE");
}

TEST(GateAcknowledge, NeedsANameAndAStrategy) {
    GateWorld w;
    const auto nameless = tell(w.gate(), acknowledge(0, kNoActor), {}, w.now);
    ASSERT_TRUE(nameless);
    EXPECT_EQ(nameless->code, AlertCode::kInputRefused);
    EXPECT_EQ(nameless->detail[0], static_cast<std::int64_t>(RiskInputKind::kAcknowledge));
    EXPECT_EQ(nameless->detail[1], 4);
    const auto unknown = tell(w.gate(), acknowledge(2, kAda), {}, w.now);
    ASSERT_TRUE(unknown);
    EXPECT_EQ(unknown->detail[1], 1);
}

// --- what a control says when it trips ---

TEST(GateTrips, SayWhatWasObservedAndTheLimit) {
    GateWorld w(
        only({{"drawdown", "15%"}, {"day_loss", "2%"}, {"clock", "50ms"}, {"collar_time", "3%"}}));
    (void)w.gate().on_equity({0}, money("100000"), w.now);
    auto trip = w.gate().on_equity({0}, money("84000"), w.now);
    ASSERT_TRUE(trip);
    EXPECT_EQ(trip->control, static_cast<std::uint8_t>(ControlId::kDrawdown));
    EXPECT_EQ(format_limit(static_cast<LimitUnit>(trip->unit), trip->observed), "0.16");
    EXPECT_EQ(format_limit(static_cast<LimitUnit>(trip->unit), trip->limit), "0.15");
    trip = w.gate().next_trip();
    ASSERT_TRUE(trip);
    EXPECT_EQ(trip->control, static_cast<std::uint8_t>(ControlId::kDayLoss));
    EXPECT_EQ(format_limit(static_cast<LimitUnit>(trip->unit), trip->observed), "0.16");
    EXPECT_EQ(format_limit(static_cast<LimitUnit>(trip->unit), trip->limit), "0.02");
    tell_clock_offset(w.gate(), Duration::milliseconds(-60));
    trip = w.gate().next_trip();
    ASSERT_TRUE(trip);
    EXPECT_EQ(trip->observed, -60'000'000);
    EXPECT_EQ(trip->limit, 50'000'000);
    w.tell_fill(0, "1", "100");
    w.tell_fill(0, "1", "104");
    trip = w.gate().next_trip();
    ASSERT_TRUE(trip);
    EXPECT_EQ(format_limit(static_cast<LimitUnit>(trip->unit), trip->observed), "0.04");
    EXPECT_EQ(format_limit(static_cast<LimitUnit>(trip->unit), trip->limit), "0.03");
}

}  // namespace
}  // namespace fermata::testing

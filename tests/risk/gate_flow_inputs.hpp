#pragma once

#include <gtest/gtest.h>

#include <optional>
#include <random>
#include <vector>

#include "core/order/order_manager.hpp"
#include "tests/risk/gate_inputs.hpp"
#include "tests/risk/reference_gate.hpp"
#include "tests/risk/release_flow.hpp"

namespace fermata::testing {

/// What the firm's own systems say, mostly that all is well. What is to trip by it.
inline std::vector<ReferenceGate::Trip> tell_health(Gate& gate, ReferenceGate& reference,
                                                    std::mt19937_64& random) {
    const auto pick = [&](int n) {
        return static_cast<std::int64_t>(random() % static_cast<unsigned>(n));
    };
    std::vector<ReferenceGate::Trip> trips;
    const auto tell_and_note = [&](RiskInputKind kind, std::int64_t first, std::int64_t second,
                                   const std::vector<ReferenceGate::Trip>& expected) {
        EXPECT_FALSE(tell(gate, kind, {}, first, second));
        for (const auto& t : expected) trips.push_back(t);
    };
    const bool recovering = pick(10) == 0;
    reference.recovering.push_back(recovering);
    tell_and_note(RiskInputKind::kRecovering, recovering ? 1 : 0, 0, {});
    const std::int64_t build = pick(20) == 0 ? 2 : 1;
    tell_and_note(RiskInputKind::kBuild, build, 1, reference.after_build(build, 1));
    const std::int64_t age = pick(10'800) * 1'000'000, bytes = pick(1'060);
    tell_and_note(RiskInputKind::kJournalLag, age, bytes, reference.after_lag(age, bytes));
    const AccountId account{static_cast<std::uint16_t>(pick(2))};
    const std::int64_t granted = (pick(400'000) - 4'000) * Money::kOne, asked_ago = pick(3'000);
    reference.polled(account, granted, reference.time() - asked_ago * 1'000'000);
    OrderEvent poll = make_order_event(OrderEventType::kRiskInput, Timestamp{reference.time()}, {});
    poll.data.risk_input = RiskInputData{};
    poll.data.risk_input.kind = RiskInputKind::kBuyingPower;
    poll.data.risk_input.target = account.value;
    poll.data.risk_input.values[0] = granted;
    poll.data.risk_input.values[1] = asked_ago * 1'000'000;
    EXPECT_FALSE(gate.on_input(poll));
    const std::int64_t differs = pick(5'500) * 1'000'000;
    tell_and_note(RiskInputKind::kDropCopy, differs, 0, reference.after_drop_copy(differs));
    return trips;
}

/// Locates, and bands around a price.
inline void tell_market_inputs(Gate& gate, ReferenceGate& reference, std::mt19937_64& random,
                               std::uint32_t i, std::int64_t middle) {
    const Quantity borrowed = Quantity::from_units(static_cast<std::int64_t>(random() % 500));
    reference.locates.give(i, borrowed);
    tell_locate(gate, {i}, borrowed);
    const std::int64_t width = middle / 20;
    reference.bands[i] = {Price::from_raw(middle - width), Price::from_raw(middle + width)};
    tell_band(gate, {i}, reference.bands[i].first, reference.bands[i].second);
    if (random() % 100 >= 30) return;
    tell_no_band(gate, {i});
    reference.bands.erase(i);
}

/// How far the clock is off: milliseconds, or microseconds.
inline std::vector<ReferenceGate::Trip> tell_clock(Gate& gate, ReferenceGate& reference,
                                                   std::mt19937_64& random) {
    const std::int64_t unit = random() % 2 == 0 ? 1'000'000 : 1'000;
    const std::int64_t offset = (static_cast<std::int64_t>(random() % 600) - 300) * unit;
    reference.offsets.push_back(offset);
    EXPECT_EQ(tell(gate, RiskInputKind::kClockOffset, {}, offset).has_value(),
              reference.says_offset());
    return reference.after_clock(Duration{offset});
}

/// A child order asked for more than its parent has left, as the order manager says it.
inline std::vector<ReferenceGate::Trip> ask_too_much(Gate& gate, ReferenceGate& reference,
                                                     std::mt19937_64& random, Timestamp now) {
    OrderEvent e = make_order_event(OrderEventType::kAlert, now, InstrumentId{0});
    e.data.alert = AlertData{};
    e.data.alert.code = AlertCode::kParentExceeded;
    e.data.alert.strategy = {static_cast<std::uint16_t>(random() % 2)};
    gate.on_order_event(e, nullptr);
    return reference.after_excess(e.data.alert.strategy, now);
}

/// What no venue answered in time: the gate says the same as the reference, one by one, and
/// `happened` is told what is to trip by it.
template <class Happened>
void give_up_waiting(Gate& gate, OrderManager& orders, EventBuffer& out, ReferenceGate& reference,
                     Timestamp now, Happened happened) {
    while (gate.answers_overdue(now)) {
        const OrderEvent e = gate.next_unanswered(now);
        const auto late = reference.next_late(now);
        ASSERT_TRUE(late);
        ASSERT_EQ(e.data.alert.order_id, late->id);
        ASSERT_EQ(e.instrument, late->instrument);
        ASSERT_EQ(e.data.alert.detail[0] == 0, late->type == OrderEventType::kSendNew);
        orders.on_timeout(late->id, now, out);
        happened(reference.after_late(*late));
    }
    ASSERT_FALSE(reference.next_late(now));
}

/// Whether both say that a loss may be disallowed; amounts to a ten-thousandth.
inline bool compare_tags(const std::optional<AlertData>& said,
                         const std::optional<ReferenceGate::Washed>& expected) {
    if (!said || !expected) {
        EXPECT_EQ(said.has_value(), expected.has_value());
        return false;
    }
    EXPECT_EQ(said->code, AlertCode::kWashSale);
    EXPECT_NEAR(static_cast<double>(said->detail[0]) / 1e8, expected->units, 1e-6);
    EXPECT_NEAR(static_cast<double>(said->detail[1]) / 1e6, expected->amount, 1e-4);
    return true;
}

/// What controls did by themselves, handed back as their owner does.
inline std::vector<ReferenceGate::Trip> take_trips(Gate& gate, std::optional<ControlData> trip) {
    std::vector<ReferenceGate::Trip> found;
    for (; trip; trip = gate.next_trip()) {
        found.push_back(
            {static_cast<ControlId>(trip->control), static_cast<std::uint16_t>(trip->target)});
        EXPECT_TRUE(gate.on_control(*trip));
        EXPECT_EQ(trip->state, trip->scope == ControlScope::kAccount ? TradingState::kReducing
                                                                     : TradingState::kHalted);
    }
    return found;
}

}  // namespace fermata::testing

#pragma once

#include <gtest/gtest.h>

#include <random>
#include <vector>

#include "tests/risk/gate_inputs.hpp"
#include "tests/risk/reference_gate.hpp"

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
    const std::int64_t differs = pick(5'800) * 1'000'000;
    tell_and_note(RiskInputKind::kDropCopy, differs, 0, reference.after_drop_copy(differs));
    return trips;
}

/// Locates, and bands around a price.
inline void tell_market_inputs(Gate& gate, ReferenceGate& reference, std::mt19937_64& random,
                               std::uint32_t i, std::int64_t middle) {
    reference.locates[i] = static_cast<std::int64_t>(random() % 500) * Quantity::kOne;
    tell_locate(gate, {i}, Quantity::from_raw(reference.locates[i]));
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

}  // namespace fermata::testing

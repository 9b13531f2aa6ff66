#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "risk/controls.hpp"

namespace fermata::testing {

/// What refuses beside a control whenever it refuses, by construction: one that halts sets the
/// state of its scope, and both are released together, by an operator. So no request is ever
/// refused by such a control alone. All others can be alone.
///
///   REPEAT, REJECT_RATE, PARENT         the strategy is HALTED: STATE
///   COLLAR_TIME, IN_FLIGHT              the instrument is HALTED: STATE and INSTRUMENT
///   CLOCK, JOURNAL, DROP_COPY, DRAWDOWN the firm is HALTED: STATE
[[nodiscard]] constexpr std::uint64_t always_beside(ControlId id) noexcept {
    switch (id) {
        case ControlId::kRepeat:
        case ControlId::kRejectRate:
        case ControlId::kParent:
        case ControlId::kClock:
        case ControlId::kJournal:
        case ControlId::kDropCopy:
        case ControlId::kDrawdown:
            return bit(ControlId::kState);
        case ControlId::kCollarTime:
        case ControlId::kInFlight:
            return bit(ControlId::kState) | bit(ControlId::kInstrument);
        default:
            return 0;
    }
}

/// Controls that act by themselves.
[[nodiscard]] constexpr bool trips_by_itself(ControlId id) noexcept {
    return always_beside(id) != 0 || id == ControlId::kDayLoss || id == ControlId::kWeekLoss ||
           id == ControlId::kBuild;
}

/// What a flow was made of, so that a test can tell that it went everywhere.
struct FlowCounts {
    int requests = 0, approved = 0, replaces = 0, tags = 0;
    std::array<int, kControlCount> refusals{};  ///< Requests that a control refused.
    std::array<int, kControlCount> alone{};     ///< With nothing but what is always beside it.
    std::array<int, kControlCount> trips{};

    void count(std::uint64_t failed) {
        ++requests;
        approved += failed == 0 ? 1 : 0;
        for (const Control& c : kControls) {
            if ((failed & bit(c.id)) == 0) continue;
            const auto n = static_cast<std::size_t>(c.id);
            ++refusals[n];
            alone[n] += failed == (bit(c.id) | always_beside(c.id)) ? 1 : 0;
        }
    }
    void add(const FlowCounts& other) {
        requests += other.requests;
        approved += other.approved;
        replaces += other.replaces;
        tags += other.tags;
        for (std::size_t n = 0; n < refusals.size(); ++n) {
            refusals[n] += other.refusals[n];
            alone[n] += other.alone[n];
            trips[n] += other.trips[n];
        }
    }
};

}  // namespace fermata::testing

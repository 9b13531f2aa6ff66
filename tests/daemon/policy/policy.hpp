#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

#include "core/types/time.hpp"
#include "risk/controls.hpp"

namespace fermata::test {

/// The policy, in shares of equity.
struct Policy {
    double position = 0.05;
    double sector = 0.25;
    double cash = 0.10;
    double trade = 0.02;
    double day = 0.02;
    double week = 0.05;
    double drawdown = 0.15;
    double leverage = 1.0;
    double stressed_move = 0.201;  ///< With slippage: what a trade may lose.
    double basket = 0.10;
    std::uint64_t alike = 5;  ///< Names that are correlated with each other.
};

/// What was seen, so that a test can tell that the limits were reached at all.
struct PolicySeen {
    std::uint64_t approved = 0, refused = 0, fills = 0;
    std::array<std::uint64_t, kControlCount> by{};               ///< Refusals with this bit.
    std::array<std::uint64_t, kControlCount> alone{};            ///< Refusals with this bit alone.
    std::uint64_t day_trips = 0, week_trips = 0, drawdowns = 0;  ///< While trading goes on.
    std::uint64_t canceled_by_trips = 0;
    std::uint64_t reductions_while_tripped = 0;
    std::uint64_t refused_after_halt = 0;
    std::uint64_t passive_breaches = 0;  ///< Fills after which a position is worth more than 5%.
    double position = 0, sector = 0, leverage = 0, trade = 0;  ///< Largest shares at an approval.
    double cash = 1;                                           ///< Smallest.
    std::uint64_t alike = 0;  ///< Most names of those that are correlated, held or ordered.
    Timestamp halted{0};      ///< By the last drawdown.

    void add(const PolicySeen& other) {
        approved += other.approved;
        refused += other.refused;
        fills += other.fills;
        for (std::size_t c = 0; c < kControlCount; ++c) {
            by[c] += other.by[c];
            alone[c] += other.alone[c];
        }
        day_trips += other.day_trips;
        week_trips += other.week_trips;
        drawdowns += other.drawdowns;
        canceled_by_trips += other.canceled_by_trips;
        reductions_while_tripped += other.reductions_while_tripped;
        refused_after_halt += other.refused_after_halt;
        passive_breaches += other.passive_breaches;
        position = std::max(position, other.position);
        sector = std::max(sector, other.sector);
        leverage = std::max(leverage, other.leverage);
        trade = std::max(trade, other.trade);
        cash = std::min(cash, other.cash);
        alike = std::max(alike, other.alike);
        halted = std::max(halted, other.halted);
    }
};

}  // namespace fermata::test

#pragma once

#include <cstdint>
#include <vector>

#include "core/event/market_event.hpp"
#include "core/market/stream.hpp"
#include "core/sim/executor.hpp"
#include "core/sim/followers.hpp"
#include "core/sim/market_state.hpp"
#include "core/sim/resting_book.hpp"
#include "core/sim/sim_config.hpp"
#include "core/sim/supply.hpp"
#include "core/types/ids.hpp"

namespace fermata {

class StateArchive;

/// Matches the orders of instruments that have bars only. A bar comes as two events:
///
///   on_open  At the bar's start. Everything that waits meets the open: stops through which it
///            gapped are triggered, market orders and limit orders that it reaches are filled at
///            it.
///   on_bar   At the bar's end, when its path is known. Orders that arrived before the end meet the
///            path from the open through high and low to the close (core/sim/bar_walk.hpp).
///
/// Both events of a bar share one volume cap. Of several bar streams of one instrument the one with
/// the shortest interval counts, from its first event on.
///
/// Owner: the simulated exchange.
class BarMatcher {
public:
    BarMatcher(const SimConfig& config, const StreamTable& streams, std::size_t instruments,
               RestingBook& book, Executor& executor, Followers& followers)
        : config_(config),
          streams_(streams),
          bars_(instruments),
          book_(book),
          executor_(executor),
          followers_(followers) {}

    /// False when another stream of the instrument counts: nothing was done.
    bool on_open(const MarketEvent& e);
    bool on_bar(const MarketEvent& e);

    /// What is left of the last bar's volume, for the closing auction.
    [[nodiscard]] Supply closing_supply(InstrumentId i) const {
        const BarState& bar = bars_[i.value];
        const Ratio participation = config_.fill.participation;
        return participation.is_zero() ? Supply::unlimited(bar.volume)
                                       : Supply::limited(bar.volume, participation, bar.taken_last);
    }
    /// When the last bar began.
    [[nodiscard]] Timestamp opened(InstrumentId i) const { return bars_[i.value].opened; }

    /// See core/base/state_archive.hpp.
    void persist(StateArchive& a);

private:
    struct BarState {
        Quantity taken;                       ///< Of the current bar's volume by own orders.
        Quantity taken_last;                  ///< Of the volume of the bar that ended last.
        Quantity volume;                      ///< Of the bar that ended last.
        Timestamp opened = Timestamp::min();  ///< When the current bar began.
        StreamId stream;
        bool has_stream = false;
        void persist(StateArchive& a);
    };

    [[nodiscard]] bool follows(BarState& bar, StreamId stream) const;
    [[nodiscard]] Supply supply(const BarState& bar, Quantity volume) const;
    /// Fills at `price` all market orders, and all limit orders that it reaches, that arrived
    /// before `end`; immediate orders that are not filled are canceled. With `immediate_only`
    /// limit orders that can wait are left alone.
    void match_at(InstrumentId i, Price price, Timestamp end, bool immediate_only, Supply& supply);
    [[nodiscard]] SimSlot next_match(SimSlot from, Price price, Timestamp end,
                                     bool immediate_only) const;
    void cancel_immediate(InstrumentId i, Timestamp end);

    const SimConfig& config_;
    const StreamTable& streams_;
    std::vector<BarState> bars_;  // by InstrumentId
    RestingBook& book_;
    Executor& executor_;
    Followers& followers_;
};

}  // namespace fermata

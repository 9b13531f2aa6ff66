#pragma once

#include <cstdint>
#include <numeric>
#include <vector>

#include "core/event/market_event.hpp"
#include "core/sim/sim_config.hpp"
#include "core/types/ids.hpp"
#include "core/types/instrument.hpp"
#include "core/types/number.hpp"

namespace fermata {

class StateArchive;

/// What the simulated exchange knows of one instrument's market: one cache line, written by every
/// quote and trade, read further only while orders wait.
struct alignas(64) MarketState {
    Price bid, ask;  ///< Meaningful with has_bid(), has_ask().
    Quantity bid_size, ask_size;
    Price last;  ///< Of the last trade, open or close of a bar; meaningful with has_last.
    std::uint32_t live = 0;  ///< Orders in the book.
    std::uint32_t aggressive =
        0;                     ///< Of these, limit orders that still take (SimOrder::aggressive).
    std::uint32_t moving = 0;  ///< Of these, trailing and pegged orders (SimOrder::is_moving).
    bool has_quote = false;    ///< A quote stands.
    bool size_unknown = false;
    bool has_last = false;
    bool quoted = false;   ///< Has shown quotes; for ever.
    bool traded = false;   ///< Has shown trades; for ever.
    bool taken = false;    ///< Own orders consumed a part of the standing quote.
    bool closed = false;   ///< Between the close and the open of its sessions.
    bool crossed = false;  ///< bid > ask: nothing can be matched.
    bool fresh = false;    ///< Has shown a price since its session opened.
    bool opened = false;   ///< Its sessions are announced; for ever.
    bool halted = false;   ///< Trading is halted: nothing is matched, and nothing new accepted.

    /// What a unit is worth: the mid of the last quote, where there are quotes, else the last
    /// price.
    [[nodiscard]] Price mark() const noexcept {
        return quoted ? Price::from_raw(std::midpoint(bid.raw(), ask.raw())) : last;
    }
    [[nodiscard]] bool has_bid() const noexcept { return size_unknown || bid_size.is_positive(); }
    [[nodiscard]] bool has_ask() const noexcept { return size_unknown || ask_size.is_positive(); }
    void persist(StateArchive& a);
};
static_assert(sizeof(MarketState) == 64);

/// The market states of all instruments by dense id.
///
/// Owner: the simulated exchange.
class MarketStates {
public:
    MarketStates(std::size_t instruments, const FillConfig& fill)
        : states_(instruments), fill_(fill) {}

    [[nodiscard]] MarketState& operator[](InstrumentId id) noexcept { return states_[id.value]; }
    [[nodiscard]] const MarketState& operator[](InstrumentId id) const noexcept {
        return states_[id.value];
    }
    [[nodiscard]] std::size_t size() const noexcept { return states_.size(); }
    /// See core/base/state_archive.hpp. The counts of orders are the book's to restore.
    void persist(StateArchive& a);

    /// The instrument's orders meet quotes and trades, not bars.
    [[nodiscard]] bool on_ticks(const MarketState& m) const noexcept {
        switch (fill_.source) {
            case MatchSource::kBars:
                return false;
            case MatchSource::kTicks:
                return true;
            case MatchSource::kAuto:
                break;
        }
        return m.quoted || m.traded;
    }
    /// Quotes and trades may be matched now.
    [[nodiscard]] bool in_session(const MarketState& m) const noexcept {
        return !m.halted && (!m.closed || fill_.outside_session);
    }
    /// A standing quote can be matched now.
    [[nodiscard]] bool quote_stands(const MarketState& m) const noexcept {
        return m.has_quote && !m.crossed && in_session(m) && fill_.source != MatchSource::kBars;
    }

private:
    std::vector<MarketState> states_;
    FillConfig fill_;
};

}  // namespace fermata

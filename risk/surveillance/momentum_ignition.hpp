#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <vector>

#include "risk/surveillance/episodes.hpp"
#include "risk/surveillance/market_view.hpp"
#include "risk/surveillance/order_activity.hpp"

namespace fermata::surveillance {

/// A burst of trades that starts a move of the price, and is closed into the move.
///
/// The burst: the fills of one party that took liquidity in one direction within `burst` of the
/// last of them. The turn: its fills in the other direction within `reverse_within` of that. It is
/// an episode when enough of the burst was closed at better prices than its average, the burst
/// was a large part of the market's volume until the turn, and the price had moved its way by
/// then.
///
/// Memory: the fills of the last `burst` + `reverse_within`.
class MomentumIgnition {
public:
    MomentumIgnition(const Settings& settings, FindingSink sink);
    void take(const Activity& a, const MarketView& market);
    void finish() { collector_.finish(); }

    /// Bursts that could not be judged, because price or volume was not known.
    [[nodiscard]] std::uint64_t not_judged() const noexcept { return not_judged_; }

private:
    struct Fill {
        Evidence row;
        std::optional<Price> price_before;
        std::optional<Wide> volume_before;
    };
    /// A burst that its owner has begun to close.
    struct Turn {
        std::vector<Fill> burst;
        Timestamp last;
        Wide quantity = 0;
        Wide value = 0;  // sum of price x quantity, raw
        std::optional<Price> price_at_turn;
        std::optional<Wide> volume_at_turn;
        Wide closed = 0;
        std::vector<Evidence> closing;
    };
    struct State {
        std::array<std::deque<Fill>, 2> took;      // by side
        std::array<std::optional<Turn>, 2> turns;  // by the burst's side
    };
    void forget(State& state, Timestamp now) const;
    void turn(const Activity& a, const MarketView& market, State& state);
    void judge(const Party& party, Side side, const Turn& turn, Timestamp end);

    std::int64_t fills_min_;
    Duration burst_, reverse_within_;
    Ratio share_min_, move_min_, reversal_min_;
    EpisodeCollector collector_;
    std::map<Party, State> states_;
    std::uint64_t not_judged_ = 0;
};

}  // namespace fermata::surveillance

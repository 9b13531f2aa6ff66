#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <vector>

#include "risk/surveillance/episodes.hpp"
#include "risk/surveillance/market_view.hpp"
#include "risk/surveillance/order_activity.hpp"

namespace fermata::surveillance {

/// Trading at the end of a session that moves its closing price.
///
/// At the close, the fills of each party in the last `window` are judged: nearly all on one side,
/// a large part of the market's volume since the first of them, and the price moved their way from
/// what it was before the first of them. What comes until `after` the close belongs to it. A fill
/// of before a close that was judged already is counted as not judged.
///
/// Memory: the fills of the last `window`.
class MarkingTheClose {
public:
    MarkingTheClose(const Settings& settings, FindingSink sink);

    void take(const Activity& a, const MarketView& market);
    /// The session of an instrument closes.
    void close(InstrumentId instrument, Timestamp ts);
    /// Time has come to `now`: judges the closes before it. Call it before the market is updated.
    void advance(Timestamp now, const MarketView& market);
    void finish(const MarketView& market);

    /// Fills that could not be judged, because price or volume was not known, or they came too
    /// late.
    [[nodiscard]] std::uint64_t not_judged() const noexcept { return not_judged_; }
    [[nodiscard]] std::uint64_t closes() const noexcept { return closes_; }

private:
    struct Fill {
        Evidence row;
        std::optional<Price> price_before;
        std::optional<Wide> volume_before;
    };
    struct Close {
        InstrumentId instrument;
        Timestamp ts;
    };
    void judge(const Close& close, const MarketView& market);
    void judge(const Party& party, const std::deque<Fill>& fills, const Close& close,
               const MarketView& market);

    Duration window_, after_;
    Ratio share_min_, move_min_, one_sided_min_;
    EpisodeCollector collector_;
    std::map<InstrumentId, std::map<std::uint16_t, std::deque<Fill>>> recent_;  // by owner
    std::map<InstrumentId, Timestamp> judged_;                                  // last close
    std::vector<Close> pending_;
    std::uint64_t not_judged_ = 0;
    std::uint64_t closes_ = 0;
};

}  // namespace fermata::surveillance

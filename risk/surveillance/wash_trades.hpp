#pragma once

#include <deque>
#include <map>

#include "risk/surveillance/episodes.hpp"
#include "risk/surveillance/order_activity.hpp"

namespace fermata::surveillance {

/// Trades without a change of beneficial owner: a fill that bought and a fill that sold, of one
/// owner, at one venue, at one price and time, that can have been each other's other side.
///
/// They can when both orders were sent with their terms before either fill (who sells again what
/// it has just bought, has traded with others) and not both took or both gave liquidity.
/// Partial fills are matched first in, first out. Grade: one strategy trades with itself: high;
/// one account: medium; several accounts of one owner: low.
///
/// Memory: the fills of the last `time_max`.
class WashTrades {
public:
    WashTrades(const Settings& settings, FindingSink sink);
    void take(const Activity& a);
    void finish() { collector_.finish(); }

private:
    struct Fill {
        Activity what;
        Wide left = 0;
    };
    [[nodiscard]] bool match(const Activity& a, const Activity& b) const;
    void add(const Activity& earlier, const Activity& later, Wide quantity);

    Duration time_max_;
    Ratio price_max_;
    EpisodeCollector collector_;
    std::map<Party, std::deque<Fill>> recent_;
};

}  // namespace fermata::surveillance

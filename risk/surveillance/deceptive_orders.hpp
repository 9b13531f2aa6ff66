#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <vector>

#include "risk/surveillance/episodes.hpp"
#include "risk/surveillance/order_activity.hpp"

namespace fermata::surveillance {

/// Spoofing and layering: orders that stand on one side while the same owner trades on the other,
/// and are gone as soon as that is done.
///
/// At a fill the orders that its party shows on the other side are noted, if they are large enough
/// (spoofing: each alone; layering: together, at several prices) against what the party wants on
/// the fill's own side: what is open there, and what was filled since the oldest of the noted
/// orders stood. It is an episode when most of them is
/// then withdrawn in time, hardly any of it was filled, and what the party shows on that side
/// stays down. A market maker does not match: it wants both sides alike, and shows again what it
/// takes away. An order that is moved away from the market is withdrawn; a new order is shown
/// wherever it stands.
///
/// Memory: the fills of the last `lifetime_max`, and those of the last `cancel_within` with the
/// orders that stood against them.
class DeceptiveOrders {
public:
    struct Thresholds {
        RuleId rule = RuleId::kSpoofing;
        std::int64_t levels_min = 1;  ///< Spoofing: 1, and then each order counts by itself.
        Ratio size_min, filled_max, withdrawn_min;
        Duration cancel_within, requote, lifetime_max;
        std::int64_t count_min = 1;
        Duration within;
    };
    [[nodiscard]] static Thresholds spoofing(const Settings& settings);
    [[nodiscard]] static Thresholds layering(const Settings& settings);

    DeceptiveOrders(const Thresholds& thresholds, FindingSink sink)
        : limits_(thresholds),
          collector_(thresholds.rule, thresholds.count_min, thresholds.within, std::move(sink)) {}

    /// `orders` as they are after the activity.
    void take(const Activity& a, const OrderTracker& orders);
    void finish();

private:
    struct Standing {
        PlacedOrder order;  // as it stood at the fill
        Quantity noted;     // what it showed then
        Wide withdrawn = 0;
        Wide filled = 0;  // before the fill and since
    };
    struct Suspicion {
        Side side = Side::kBuy;  // of the orders that stand
        Timestamp first_fill, last_fill;
        Timestamp oldest;  // of the standing orders
        Wide wanted = 0;   // on the fill's side
        Wide noted = 0;    // what the standing orders showed
        Wide shown = 0;    // what the party showed on that side altogether
        std::vector<Standing> standing;
        std::vector<Evidence> fills;
        std::vector<Evidence> withdrawals;
        std::optional<Timestamp> down_since;
        Timestamp last_withdrawal;
    };

    struct Fill {
        Timestamp ts;
        Side side = Side::kBuy;
        Wide quantity = 0;
    };
    struct State {
        std::deque<Fill> fills;
        std::deque<Suspicion> open;
    };

    void advance(const Party& party, State& state, std::optional<Timestamp> now);
    [[nodiscard]] static Wide wanted_since(Timestamp since, Side side, Wide open,
                                           const State& state);
    void suspect(const Activity& fill, const OrderTracker& orders, State& state);
    static void note(const Activity& a, Suspicion& s);
    void watch(const Activity& a, const OrderTracker& orders, Suspicion& s) const;
    [[nodiscard]] bool confirmed(const Suspicion& s) const;
    [[nodiscard]] Episode episode_of(const Suspicion& s) const;

    Thresholds limits_;
    EpisodeCollector collector_;
    std::map<Party, State> states_;
};

}  // namespace fermata::surveillance

#include "risk/surveillance/deceptive_orders.hpp"

#include <algorithm>
#include <set>
#include <utility>

namespace fermata::surveillance {
namespace {

std::int64_t levels_of(const std::vector<const PlacedOrder*>& orders) {
    std::set<Price> prices;
    for (const PlacedOrder* order : orders) prices.insert(order->price);
    return static_cast<std::int64_t>(prices.size());
}

}  // namespace

DeceptiveOrders::Thresholds DeceptiveOrders::spoofing(const Settings& s) {
    using P = Parameter;
    return {RuleId::kSpoofing,
            1,
            s.ratio(P::kSpoofingSize),
            s.ratio(P::kSpoofingFilled),
            s.ratio(P::kSpoofingWithdrawn),
            s.duration(P::kSpoofingCancelWithin),
            s.duration(P::kSpoofingRequote),
            s.duration(P::kSpoofingLifetime),
            s.count(P::kSpoofingCount),
            s.duration(P::kSpoofingWithin)};
}

DeceptiveOrders::Thresholds DeceptiveOrders::layering(const Settings& s) {
    using P = Parameter;
    return {RuleId::kLayering,
            s.count(P::kLayeringLevels),
            s.ratio(P::kLayeringSize),
            s.ratio(P::kLayeringFilled),
            s.ratio(P::kLayeringWithdrawn),
            s.duration(P::kLayeringCancelWithin),
            s.duration(P::kLayeringRequote),
            s.duration(P::kLayeringLifetime),
            s.count(P::kLayeringCount),
            s.duration(P::kLayeringWithin)};
}

void DeceptiveOrders::take(const Activity& a, const OrderTracker& orders) {
    const bool fills = a.kind == Activity::Kind::kFilled;
    const auto found = states_.find(a.order.party);
    if (found == states_.end() && !fills) return;
    State& state = fills ? states_[a.order.party] : found->second;
    advance(a.order.party, state, a.ts);
    for (Suspicion& s : state.open) {
        note(a, s);
        watch(a, orders, s);
    }
    if (fills) {
        state.fills.push_back({a.ts, a.order.side, a.fill_quantity.raw()});
        suspect(a, orders, state);
    }
    if (state.open.empty() && state.fills.empty()) states_.erase(a.order.party);
}

/// Decides what time alone decides, before anything happens at `now`; without it, at the end.
void DeceptiveOrders::advance(const Party& party, State& state, std::optional<Timestamp> now) {
    std::vector<const Suspicion*> due;
    for (const Suspicion& s : state.open) {
        const bool stayed_down = s.down_since && (!now || *now - *s.down_since >= limits_.requote);
        if (stayed_down && confirmed(s)) due.push_back(&s);
    }
    // One withdrawal is one episode, however many fills it was noted at: the largest counts.
    std::stable_sort(due.begin(), due.end(),
                     [](const auto* x, const auto* y) { return x->noted > y->noted; });
    std::set<std::uint64_t> withdrawn;  // orders of the episodes
    std::vector<Episode> episodes;
    const auto seen = [&withdrawn](const Suspicion& s) {
        return std::any_of(s.standing.begin(), s.standing.end(),
                           [&](const Standing& n) { return withdrawn.contains(n.order.id.value); });
    };
    for (const Suspicion* s : due) {
        if (seen(*s)) continue;
        for (const Standing& n : s->standing) withdrawn.insert(n.order.id.value);
        episodes.push_back(episode_of(*s));
    }
    std::erase_if(state.open, [&](const Suspicion& s) {
        if (!now || seen(s)) return true;
        if (s.down_since) return *now - *s.down_since >= limits_.requote;
        return *now - s.last_fill > limits_.cancel_within;
    });
    std::stable_sort(episodes.begin(), episodes.end(),
                     [](const Episode& x, const Episode& y) { return x.end < y.end; });
    for (Episode& episode : episodes) collector_.add(party, std::move(episode));
    while (now && !state.fills.empty() && *now - state.fills.front().ts > limits_.lifetime_max) {
        state.fills.pop_front();
    }
}

void DeceptiveOrders::note(const Activity& a, Suspicion& s) {
    if (a.order.side != s.side) return;
    for (Standing& standing : s.standing) {
        if (standing.order.id != a.order.id) continue;
        if (a.kind == Activity::Kind::kFilled) standing.filled += a.fill_quantity.raw();
        if (a.withdrawn.is_zero()) return;
        // Not more than what was noted of it, however often it is moved.
        const Wide left = standing.noted.raw() - standing.withdrawn;
        standing.withdrawn += std::min<Wide>(left, a.withdrawn.raw());
        s.last_withdrawal = a.ts;
        s.withdrawals.push_back(row_of(Deed::kWithdrawn, a.ts, a.position, standing.order,
                                       standing.order.price, a.withdrawn));
        return;
    }
}

/// Whether what the party shows on the side of the standing orders is down by what they were.
void DeceptiveOrders::watch(const Activity& a, const OrderTracker& orders, Suspicion& s) const {
    if (a.order.side != s.side) return;
    const auto moved_away = [&](const PlacedOrder& o) {
        return std::any_of(s.standing.begin(), s.standing.end(), [&](const Standing& n) {
            return n.order.id == o.id &&
                   (s.side == Side::kBuy ? o.price < n.order.price : o.price > n.order.price);
        });
    };
    Wide shown = 0;
    orders.for_each_live(a.order.party, s.side, [&](const PlacedOrder& o) {
        if (!moved_away(o)) shown += o.shown().raw();
    });
    const bool down = (s.shown - shown) * Ratio::kOne >= s.noted * limits_.withdrawn_min.raw();
    if (!down) {
        s.down_since.reset();
    } else if (!s.down_since && a.ts - s.last_fill <= limits_.cancel_within) {
        s.down_since = a.ts;
    }
}

/// `open` is what the party has open on that side now.
Wide DeceptiveOrders::wanted_since(Timestamp since, Side side, Wide open, const State& state) {
    for (const Fill& fill : state.fills) {
        if (fill.side == side && fill.ts >= since) open += fill.quantity;
    }
    return open;
}

void DeceptiveOrders::suspect(const Activity& fill, const OrderTracker& orders, State& state) {
    const Party& party = fill.order.party;
    const Side other = opposite(fill.order.side);
    Wide open = 0;
    orders.for_each_live(party, fill.order.side, [&](const PlacedOrder& o) {
        if (o.at_work()) open += o.open.raw();
    });
    // Who goes on to trade as much as it showed did not mislead about what it wants.
    for (Suspicion& s : state.open) {
        if (s.side != other) continue;
        s.wanted = std::max(s.wanted, wanted_since(s.oldest, fill.order.side, open, state));
    }
    Wide shown = 0;
    Wide noted = 0;
    std::vector<const PlacedOrder*> standing;
    Timestamp oldest = fill.ts;
    orders.for_each_live(party, other, [&](const PlacedOrder& o) {
        const Wide quantity = o.shown().raw();
        if (quantity == 0) return;
        shown += quantity;
        if (fill.ts - o.since > limits_.lifetime_max) return;
        const bool alone = limits_.rule == RuleId::kSpoofing;
        if (alone && !at_least(quantity, limits_.size_min, open + fill.fill_quantity.raw())) {
            return;
        }
        noted += quantity;
        oldest = std::min(oldest, o.since);
        standing.push_back(&o);
    });
    const Wide wanted = wanted_since(oldest, fill.order.side, open, state);
    if (standing.empty() || levels_of(standing) < limits_.levels_min ||
        !at_least(noted, limits_.size_min, wanted)) {
        return;
    }
    const Evidence row = fill_row(fill);
    // Further fills against the same orders are the same episode.
    for (Suspicion& s : state.open) {
        const bool same =
            s.side == other && std::all_of(standing.begin(), standing.end(), [&](const auto* o) {
                return std::any_of(s.standing.begin(), s.standing.end(), [&](const Standing& n) {
                    return n.order.id == o->id && n.order.since == o->since;
                });
            });
        if (!same) continue;
        s.last_fill = fill.ts;
        if (s.fills.size() < kEvidenceMax) s.fills.push_back(row);
        return;
    }
    Suspicion s;
    s.side = other;
    s.first_fill = s.last_fill = s.last_withdrawal = fill.ts;
    s.oldest = oldest;
    s.wanted = wanted;
    s.noted = noted;
    s.shown = shown;
    for (const PlacedOrder* o : standing) {
        s.standing.push_back({*o, o->shown(), 0, o->filled});
    }
    s.fills.push_back(row);
    state.open.push_back(std::move(s));
}

bool DeceptiveOrders::confirmed(const Suspicion& s) const {
    Wide withdrawn = 0;
    Wide filled = 0;
    for (const Standing& standing : s.standing) {
        withdrawn += standing.withdrawn;
        filled += standing.filled;
    }
    return at_least(withdrawn, limits_.withdrawn_min, s.noted) &&
           at_least(s.noted, limits_.size_min, s.wanted) &&
           filled * Ratio::kOne <= (s.noted + filled) * limits_.filled_max.raw();
}

Episode DeceptiveOrders::episode_of(const Suspicion& s) const {
    Wide withdrawn = 0;
    Wide filled = 0;
    Episode episode;
    episode.begin = s.first_fill;
    for (const Standing& standing : s.standing) {
        withdrawn += standing.withdrawn;
        filled += standing.filled;
        const PlacedOrder& o = standing.order;
        episode.begin = std::min(episode.begin, o.since);
        episode.evidence.push_back(
            row_of(Deed::kShown, o.since, o.shown_position, o, o.price, standing.noted));
    }
    episode.end = s.last_withdrawal;
    episode.evidence.insert(episode.evidence.end(), s.fills.begin(), s.fills.end());
    episode.evidence.insert(episode.evidence.end(), s.withdrawals.begin(), s.withdrawals.end());
    std::stable_sort(episode.evidence.begin(), episode.evidence.end(),
                     [](const Evidence& x, const Evidence& y) { return x.position < y.position; });
    if (limits_.rule == RuleId::kLayering) {
        std::vector<const PlacedOrder*> standing;
        standing.reserve(s.standing.size());
        for (const Standing& each : s.standing) standing.push_back(&each.order);
        episode.measures.push_back(
            {"levels_min", Unit::kCount, levels_of(standing), limits_.levels_min, Asked::kAtLeast});
    }
    episode.measures.push_back({"size_min", Unit::kRatio, ratio_of(s.noted, s.wanted),
                                limits_.size_min.raw(), Asked::kAtLeast});
    episode.measures.push_back({"filled_max", Unit::kRatio, ratio_of(filled, s.noted + filled),
                                limits_.filled_max.raw(), Asked::kAtMost});
    episode.measures.push_back({"withdrawn_min", Unit::kRatio, ratio_of(withdrawn, s.noted),
                                limits_.withdrawn_min.raw(), Asked::kAtLeast});
    episode.measures.push_back(
        {"cancel_within", Unit::kDuration,
         std::max<std::int64_t>(0, (s.down_since.value_or(s.last_withdrawal) - s.last_fill).ns),
         limits_.cancel_within.ns, Asked::kAtMost});
    episode.severity = grade(s.noted * Ratio::kOne, s.wanted * limits_.size_min.raw());
    return episode;
}

void DeceptiveOrders::finish() {
    for (auto& [party, state] : states_) advance(party, state, std::nullopt);
    states_.clear();
    collector_.finish();
}

}  // namespace fermata::surveillance

#include "risk/surveillance/momentum_ignition.hpp"

#include <utility>

namespace fermata::surveillance {
namespace {

constexpr std::size_t index_of(Side side) noexcept { return static_cast<std::size_t>(side); }

}  // namespace

MomentumIgnition::MomentumIgnition(const Settings& s, FindingSink sink)
    : fills_min_(s.count(Parameter::kMomentumFills)),
      burst_(s.duration(Parameter::kMomentumBurst)),
      reverse_within_(s.duration(Parameter::kMomentumReverseWithin)),
      share_min_(s.ratio(Parameter::kMomentumShare)),
      move_min_(s.ratio(Parameter::kMomentumMove)),
      reversal_min_(s.ratio(Parameter::kMomentumReversal)),
      collector_(RuleId::kMomentumIgnition, s.count(Parameter::kMomentumCount),
                 s.duration(Parameter::kMomentumWithin), std::move(sink)) {}

void MomentumIgnition::take(const Activity& a, const MarketView& market) {
    if (a.kind != Activity::Kind::kFilled) return;
    State& state = states_[a.order.party];
    forget(state, a.ts);
    turn(a, market, state);
    if (a.liquidity == Liquidity::kMaker) return;
    state.turns[index_of(a.order.side)].reset();  // the burst goes on
    Fill fill{fill_row(a), a.order.entry_mark, market.volume(a.order.party.instrument)};
    if (!fill.price_before) fill.price_before = market.price(a.order.party.instrument);
    state.took[index_of(a.order.side)].push_back(fill);
}

void MomentumIgnition::forget(State& state, Timestamp now) const {
    for (std::size_t side = 0; side < 2; ++side) {
        auto& took = state.took[side];
        while (!took.empty() && now - took.front().row.ts > burst_ + reverse_within_) {
            took.pop_front();
        }
        auto& turn = state.turns[side];
        if (turn && now - turn->last > reverse_within_) turn.reset();
    }
}

/// `a` trades against the direction of an earlier burst, if there is one.
void MomentumIgnition::turn(const Activity& a, const MarketView& market, State& state) {
    const Side side = opposite(a.order.side);
    auto& took = state.took[index_of(side)];
    auto& turn = state.turns[index_of(side)];
    if (!turn) {
        if (took.empty() || a.ts - took.back().row.ts > reverse_within_) return;
        Turn begun;
        begun.last = took.back().row.ts;
        for (const Fill& fill : took) {
            if (begun.last - fill.row.ts > burst_) continue;
            begun.quantity += fill.row.quantity.raw();
            begun.value += static_cast<Wide>(fill.row.price.raw()) * fill.row.quantity.raw();
            begun.burst.push_back(fill);
        }
        if (static_cast<std::int64_t>(begun.burst.size()) < fills_min_) return;
        begun.price_at_turn = market.price(a.order.party.instrument);
        begun.volume_at_turn = market.volume(a.order.party.instrument);
        turn = std::move(begun);
    }
    const Wide worth = static_cast<Wide>(a.fill_price.raw()) * turn->quantity;
    const bool better = side == Side::kBuy ? worth > turn->value : worth < turn->value;
    if (!better) return;
    turn->closed += a.fill_quantity.raw();
    turn->closing.push_back(fill_row(a));
    if (!at_least(turn->closed, reversal_min_, turn->quantity)) return;
    judge(a.order.party, side, *turn, a.ts);
    turn.reset();
    took.clear();  // one burst is one episode
}

void MomentumIgnition::judge(const Party& party, Side side, const Turn& turn, Timestamp end) {
    const Fill& first = turn.burst.front();
    if (!first.price_before || !turn.price_at_turn || !turn.volume_at_turn ||
        !first.price_before->is_positive()) {
        ++not_judged_;
        return;
    }
    const Wide before = first.price_before->raw();
    const Wide at_turn = turn.price_at_turn->raw();
    const Wide move = side == Side::kBuy ? at_turn - before : before - at_turn;
    const Wide traded = *turn.volume_at_turn - first.volume_before.value_or(0);
    if (move <= 0 || !at_least(move, move_min_, before) ||
        !at_least(turn.quantity, share_min_, traded)) {
        return;
    }
    Episode episode;
    episode.begin = first.row.ts;
    episode.end = end;
    episode.severity = grade(move * Ratio::kOne, before * move_min_.raw());
    episode.measures = {
        {"fills_min", Unit::kCount, static_cast<std::int64_t>(turn.burst.size()), fills_min_,
         Asked::kAtLeast},
        {"burst", Unit::kDuration, (turn.last - first.row.ts).ns, burst_.ns, Asked::kAtMost},
        {"share_min", Unit::kRatio, ratio_of(turn.quantity, traded), share_min_.raw(),
         Asked::kAtLeast},
        {"move_min", Unit::kRatio, ratio_of(move, before), move_min_.raw(), Asked::kAtLeast},
        {"reversal_min", Unit::kRatio, ratio_of(turn.closed, turn.quantity), reversal_min_.raw(),
         Asked::kAtLeast}};
    Evidence market_row;
    market_row.deed = Deed::kMarket;
    market_row.side = side;
    market_row.ts = first.row.ts;
    market_row.price = *first.price_before;
    episode.evidence.push_back(market_row);
    for (const Fill& fill : turn.burst) episode.evidence.push_back(fill.row);
    market_row.ts = turn.closing.front().ts;
    market_row.price = *turn.price_at_turn;
    episode.evidence.push_back(market_row);
    episode.evidence.insert(episode.evidence.end(), turn.closing.begin(), turn.closing.end());
    collector_.add(party, std::move(episode));
}

}  // namespace fermata::surveillance

#include "risk/surveillance/quote_stuffing.hpp"

#include <algorithm>
#include <utility>

namespace fermata::surveillance {

QuoteStuffing::QuoteStuffing(const Settings& s, FindingSink sink)
    : messages_min_(static_cast<std::size_t>(s.count(Parameter::kStuffingMessages))),
      time_max_(s.duration(Parameter::kStuffingTime)),
      fills_max_(s.ratio(Parameter::kStuffingFills)),
      collector_(RuleId::kQuoteStuffing, s.count(Parameter::kStuffingCount),
                 s.duration(Parameter::kStuffingWithin), std::move(sink)) {}

void QuoteStuffing::take(const Activity& a) {
    switch (a.kind) {
        case Activity::Kind::kSent:
        case Activity::Kind::kCancelRequested:
        case Activity::Kind::kReplaceRequested:
            message(a, states_[a.order.party]);
            return;
        case Activity::Kind::kFilled: {
            State& state = states_[a.order.party];
            while (!state.fills.empty() && a.ts - state.fills.front() > time_max_) {
                state.fills.pop_front();
            }
            state.fills.push_back(a.ts);
            if (state.flood && a.ts - state.flood->end <= time_max_) ++state.flood->fills;
            return;
        }
        default:
            return;
    }
}

void QuoteStuffing::message(const Activity& a, State& state) {
    const Source source{a.order.strategy, a.order.account};
    state.messages.push_back({a.ts, message_row(a)});
    while (state.messages.size() > messages_min_ || a.ts - state.messages.front().ts > time_max_) {
        state.messages.pop_front();
    }
    if (state.messages.size() < messages_min_) {
        end_flood(a.order.party, state);
        return;
    }
    if (!state.flood) {
        Flood flood;
        flood.begin = state.messages.front().ts;
        for (const Message& m : state.messages) {
            ++flood.by_source[{m.row.strategy, m.row.account}];
        }
        flood.first_message = state.messages.front().row;
        flood.last_message = state.messages.back().row;
        flood.messages = state.messages.size();
        flood.fills = static_cast<std::uint64_t>(
            std::count_if(state.fills.begin(), state.fills.end(),
                          [&](Timestamp ts) { return ts >= flood.begin; }));
        flood.end = a.ts;
        state.flood = std::move(flood);
        return;
    }
    ++state.flood->messages;
    ++state.flood->by_source[source];
    state.flood->end = a.ts;
    state.flood->last_message = state.messages.back().row;
}

void QuoteStuffing::end_flood(const Party& party, State& state) {
    if (!state.flood) return;
    const Flood flood = std::move(*state.flood);
    state.flood.reset();
    const auto messages = static_cast<Wide>(flood.messages);
    const auto fills = static_cast<Wide>(flood.fills);
    if (fills * Ratio::kOne > messages * fills_max_.raw()) return;
    Episode episode;
    episode.begin = flood.begin;
    episode.end = flood.end;
    episode.severity = grade(messages, static_cast<Wide>(messages_min_));
    episode.measures = {
        {"messages_min", Unit::kCount, static_cast<std::int64_t>(flood.messages),
         static_cast<std::int64_t>(messages_min_), Asked::kAtLeast},
        {"fills_max", Unit::kRatio, ratio_of(fills, messages), fills_max_.raw(), Asked::kAtMost}};
    for (const auto& [source, count] : flood.by_source) {
        Evidence row;
        row.ts = flood.begin;
        row.deed = Deed::kMessages;
        row.strategy = source.first;
        row.account = source.second;
        row.count = count;
        episode.evidence.push_back(row);
    }
    episode.evidence.push_back(flood.first_message);
    episode.evidence.push_back(flood.last_message);
    Evidence trades;
    trades.ts = flood.end;
    trades.deed = Deed::kTrades;
    trades.count = flood.fills;
    episode.evidence.push_back(trades);
    collector_.add(party, std::move(episode));
}

void QuoteStuffing::finish() {
    for (auto& [party, state] : states_) end_flood(party, state);
    states_.clear();
    collector_.finish();
}

}  // namespace fermata::surveillance

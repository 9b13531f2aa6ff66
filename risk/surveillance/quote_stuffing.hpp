#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <utility>

#include "risk/surveillance/episodes.hpp"
#include "risk/surveillance/order_activity.hpp"

namespace fermata::surveillance {

/// A flood of orders, changes and cancellations of one party in one instrument: as long as the
/// last `messages_min` of them lie within `time_max`. A flood that trades is none.
///
/// Memory: the last messages, at most `messages_min`, and fills of `time_max`, by party.
class QuoteStuffing {
public:
    QuoteStuffing(const Settings& settings, FindingSink sink);
    void take(const Activity& a);
    void finish();

private:
    using Source = std::pair<StrategyId, AccountId>;
    struct Message {
        Timestamp ts;
        Evidence row;
    };
    struct Flood {
        Timestamp begin, end;
        std::uint64_t messages = 0;
        std::uint64_t fills = 0;
        std::map<Source, std::uint64_t> by_source;
        Evidence first_message, last_message;
    };
    struct State {
        std::deque<Message> messages;
        std::deque<Timestamp> fills;
        std::optional<Flood> flood;
    };
    void message(const Activity& a, State& state);
    void end_flood(const Party& party, State& state);

    std::size_t messages_min_;
    Duration time_max_;
    Ratio fills_max_;
    EpisodeCollector collector_;
    std::map<Party, State> states_;
};

}  // namespace fermata::surveillance

#pragma once

#include <cstdint>
#include <map>
#include <utility>

#include "core/market/date.hpp"
#include "risk/surveillance/finding.hpp"
#include "risk/surveillance/order_activity.hpp"

namespace fermata::surveillance {

/// The ratio of orders to trades of a party on one UTC day, by number and by quantity, as RTS 9
/// (Delegated Regulation (EU) 2017/566) defines it: orders / trades - 1.
///
/// Orders are counted as its annex counts limit orders: an entry is one, a deletion one, a change
/// both. What the venue, the session or the run ends does not count. A day without a trade is
/// judged as one with one trade, and by number alone.
///
/// Memory: one day's counts by party, strategy and account.
class OrderToTrade {
public:
    OrderToTrade(const Settings& settings, FindingSink sink);
    void take(const Activity& a);
    void finish();

private:
    struct Counts {
        std::uint64_t orders = 0;
        std::uint64_t trades = 0;
        Wide ordered = 0;  // raw Quantity
        Wide traded = 0;
    };
    struct Day {
        Date date;
        Timestamp first, last;
        Evidence first_message, last_message;
        std::map<std::pair<StrategyId, AccountId>, Counts> by_source;
    };
    void judge(const Party& party, const Day& day) const;

    Ratio number_max_, volume_max_;
    std::int64_t orders_min_;
    FindingSink sink_;
    std::map<Party, Day> days_;
};

}  // namespace fermata::surveillance

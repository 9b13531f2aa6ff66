#pragma once

#include <algorithm>
#include <cstdint>
#include <deque>
#include <set>
#include <utility>

#include "tests/risk/reference_wash_sales.hpp"

namespace fermata::testing {

/// DAY_TRADE by lots: what is closed is the oldest, and an order that closes a lot of its own day
/// makes a day trade. Account 1 is the margin account.
class ReferenceDayTrades : public ReferenceWashSales {
public:
    using ReferenceWashSales::ReferenceWashSales;

protected:
    struct Lot {
        std::int64_t day;
        std::int64_t quantity;  // signed
    };
    struct Traded {
        std::deque<Lot> lots;
        std::set<std::pair<std::int64_t, std::uint64_t>> day_trades;  // day, order
    };
    Traded traded(AccountId a, InstrumentId i) const {
        Traded t;
        for (const Fill& f : fills) {
            if (f.account != a || f.instrument != i) continue;
            const std::int64_t day = f.ns / kDay;
            std::int64_t rest = f.signed_quantity;
            while (rest != 0 && !t.lots.empty() && (t.lots.front().quantity > 0) != (rest > 0)) {
                Lot& oldest = t.lots.front();
                const std::int64_t taken = std::min(size(rest), size(oldest.quantity));
                if (oldest.day == day) t.day_trades.insert({day, f.order});
                oldest.quantity += rest > 0 ? taken : -taken;
                rest -= rest > 0 ? taken : -taken;
                if (oldest.quantity == 0) t.lots.pop_front();
            }
            if (rest != 0) t.lots.push_back({day, rest});
        }
        return t;
    }
    /// The first day of the five business days that end with `day`; 1970-01-01 was a Thursday.
    static std::int64_t first_of_five(std::int64_t day) {
        const auto weekend = [](std::int64_t d) { return (d + 3) % 7 >= 5; };
        while (weekend(day)) --day;
        for (int before = 0; before < 4;) {
            --day;
            if (!weekend(day)) ++before;
        }
        return day;
    }
    bool one_day_trade_too_many(const Case& c) const {
        if (c.account.value != 1) return false;
        const std::int64_t today = c.now.ns / kDay;
        std::int64_t done = 0;
        for (const Instrument& i : instruments_.all()) {
            for (const auto& [day, order] : traded(c.account, i.id).day_trades) {
                done += day >= first_of_five(today) ? 1 : 0;
            }
        }
        if (done < limits_.raw(LimitId::kDayTrade)) return false;
        if (equity(c.account) >= limits_.raw(LimitId::kDayTradeEquity)) return false;
        std::int64_t overnight_long = 0, overnight_short = 0, today_long = 0, today_short = 0;
        for (const Lot& lot : traded(c.account, c.instrument).lots) {
            std::int64_t& sum = lot.day == today
                                    ? (lot.quantity > 0 ? today_long : today_short)
                                    : (lot.quantity > 0 ? overnight_long : overnight_short);
            sum += size(lot.quantity);
        }
        const Sums s = open(c.account, c.instrument);
        const bool buys = c.side == Side::kBuy;
        const std::int64_t room = buys ? overnight_short : overnight_long;
        const std::int64_t opened = buys ? today_short : today_long;
        const std::int64_t other = buys ? s.sells : s.buys;
        const std::int64_t others_room = buys ? overnight_long : overnight_short;
        const std::int64_t own_side = (buys ? s.buys : s.sells) - c.before;
        const bool something = opened + std::max<std::int64_t>(other - others_room, 0) > 0;
        const bool before = c.replace && own_side + c.before > room;
        return something && own_side + c.after > room && !before;
    }
};

}  // namespace fermata::testing

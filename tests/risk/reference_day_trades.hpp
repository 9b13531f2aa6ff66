#pragma once

#include <algorithm>
#include <cstdint>
#include <deque>
#include <set>
#include <utility>
#include <vector>

#include "tests/risk/reference_wash_sales.hpp"

namespace fermata::testing {

/// DAY_TRADE by lots: what is closed is the oldest, and an order that closes a lot of its own day
/// makes a day trade. Account 1 is the margin account.
class ReferenceDayTrades : public ReferenceWashSales {
public:
    using ReferenceWashSales::ReferenceWashSales;

    std::vector<DayTradeRegime> regimes;

    /// After a fill: four day trades in five business days, and more than 6% of all that was
    /// traded, make the margin account a pattern day trader's while the legacy rules hold.
    void note_pattern(Timestamp now) {
        if (mode(now) != DayTradeMode::kLegacy) return;
        const Recent recent = last_five_days(now.ns / kDay);
        pattern_ = pattern_ || is_pattern(recent.day_trades, recent.trades);
    }
    void session_opens(Timestamp now) { session_days_.insert(weekday_of(now.ns / kDay)); }
    void release_pattern(std::uint16_t account) { pattern_ = pattern_ && account != 1; }

protected:
    DayTradeMode mode(Timestamp now) const {
        DayTradeMode mode = DayTradeMode::kHouse;
        Timestamp newest = Timestamp::min();
        for (const DayTradeRegime& r : regimes) {  // of account 1, or of all
            if ((r.account && *r.account != 1) || r.from > now || r.from < newest) continue;
            newest = r.from;
            mode = r.mode;
        }
        return mode;
    }
    struct Recent {
        std::int64_t day_trades = 0, trades = 0;
    };
    /// Of account 1. An order is traded on the day of its first fill.
    Recent last_five_days(std::int64_t today) const {
        Recent recent;
        const std::int64_t first = first_of_five(today);
        for (const Instrument& i : instruments_.all()) {
            for (const auto& [day, order] : traded(AccountId{1}, i.id).day_trades) {
                recent.day_trades += day >= first ? 1 : 0;
            }
        }
        std::set<std::uint64_t> orders;
        for (const Fill& f : fills) {
            if (f.account.value != 1 || !orders.insert(f.order).second) continue;
            recent.trades += f.ns / kDay >= first ? 1 : 0;
        }
        return recent;
    }
    bool is_pattern(std::int64_t day_trades, std::int64_t trades) const {
        return day_trades >= limits_.raw(LimitId::kDayTrade) + 1 && 50 * day_trades > 3 * trades;
    }
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
    /// From the first day of a session on, a weekday without one is none; a weekend is its Friday.
    /// No further back than fifteen weekdays.
    std::int64_t first_of_five(std::int64_t day) const {
        day = weekday_of(day);
        int weekdays = 1;
        for (int before = 0; before < 4 && weekdays < 16; ++weekdays) {
            day = weekday_of(day - 1);
            const bool holiday = !session_days_.empty() && day > *session_days_.begin() &&
                                 !session_days_.contains(day);
            if (!holiday) ++before;
        }
        return day;
    }
    static std::int64_t weekday_of(std::int64_t day) {
        while ((day + 3) % 7 >= 5) --day;
        return day;
    }
    bool one_day_trade_too_many(const Case& c) const {
        if (c.account.value != 1) return false;
        const std::int64_t today = c.now.ns / kDay;
        const Recent recent = last_five_days(today);
        const std::int64_t bound = limits_.raw(LimitId::kDayTradeEquity);
        const std::int64_t to_come = day_trades_to_come(today);
        if (mode(c.now) == DayTradeMode::kLegacy) {
            if (!pattern_ &&
                !is_pattern(recent.day_trades + to_come + 1, recent.trades + to_come + 1))
                return false;
            if (prior_close(1, c.now.ns) >= bound) return false;
        } else {
            if (recent.day_trades + to_come < limits_.raw(LimitId::kDayTrade)) return false;
            if (equity(c.account) >= bound) return false;
        }
        return could_complete(c);
    }
    /// An approved order: one that could make a day trade stands for one until it did, or it or the
    /// day is over.
    void note_day_trader(const Case& c, std::uint64_t order) {
        if (c.account.value != 1 || !could_complete(c)) return;
        std::erase_if(day_traders_,
                      [&](const DayTrader& d) { return !to_come(d) || d.order == order; });
        day_traders_.push_back(
            {order, c.instrument, day_trades_of(c.instrument, order), c.now.ns / kDay});
    }

private:
    struct DayTrader {
        std::uint64_t order;
        InstrumentId instrument;
        std::int64_t had;  // day trades when it was approved
        std::int64_t day;  // then
    };
    std::int64_t day_trades_of(InstrumentId i, std::uint64_t order) const {
        std::int64_t count = 0;
        for (const auto& [day, of] : traded(AccountId{1}, i).day_trades)
            count += of == order ? 1 : 0;
        return count;
    }
    bool to_come(const DayTrader& d) const {
        return std::any_of(live.begin(), live.end(),
                           [&](const Order& l) { return l.id.value == d.order; }) &&
               day_trades_of(d.instrument, d.order) == d.had;
    }
    std::int64_t day_trades_to_come(std::int64_t today) const {
        return std::count_if(day_traders_.begin(), day_traders_.end(),
                             [&](const DayTrader& d) { return d.day == today && to_come(d); });
    }
    bool could_complete(const Case& c) const {
        const std::int64_t today = c.now.ns / kDay;
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

    std::vector<DayTrader> day_traders_;
    std::set<std::int64_t> session_days_;
    bool pattern_ = false;
};

}  // namespace fermata::testing

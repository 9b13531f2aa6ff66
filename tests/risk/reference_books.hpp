#pragma once

#include <algorithm>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/event/order_event.hpp"
#include "core/order/order.hpp"
#include "core/types/instrument.hpp"
#include "risk/controls.hpp"
#include "risk/risk_config.hpp"
#include "tests/risk/reference_locates.hpp"

namespace fermata::testing {

/// What the reference gate knows of prices, orders, fills and accounts: everything that ever
/// happened, added up again for every question.
class ReferenceBooks {
public:
    struct Fill {
        InstrumentId instrument;
        AccountId account;
        std::int64_t signed_quantity;
        Money cash;  // that the fill moved
        StrategyId strategy;
        std::int64_t ns;
        Price price;
        std::uint64_t order;
    };
    struct Quote {
        Price bid, ask;
    };

    struct Message {
        StrategyId strategy;
        std::int64_t ns;
    };

    ReferenceBooks(const Limits& limits, const InstrumentTable& instruments)
        : limits_(limits), instruments_(instruments) {}
    /// Those in force, for whoever changes them.
    Limits& limits() { return limits_; }

    std::map<std::uint32_t, Price> marks;
    std::map<std::uint32_t, bool> closed;
    std::map<std::uint32_t, bool> halted_there;  ///< By the venue.
    /// A halt ends, or one may begin.
    bool halts(std::uint32_t i, bool begins) {
        return halted_there[i] = !halted_there[i] && begins;
    }
    /// Trades and bars; nullopt: a session ended.
    std::map<std::uint32_t, std::vector<std::optional<Price>>> prints;
    ReferenceLocates locates;
    std::map<std::uint32_t, std::pair<Price, Price>> bands;
    std::map<std::uint32_t, Quote> quotes;
    std::map<std::uint32_t, std::vector<Price>> price_history;  // after each event that has one
    std::map<std::uint32_t, std::int64_t> ticked;               // when a quote or trade came last
    std::map<std::uint32_t, bool> data_lost;                    // data, and nothing since
    std::map<std::pair<ControlScope, std::uint64_t>, TradingState> states;
    std::vector<Order> live;  // as the order manager has them
    std::vector<Fill> fills;
    Money opening_cash;

    std::int64_t position(AccountId a, InstrumentId i) const {
        std::int64_t sum = 0;
        for (const Fill& f : fills) {
            if (f.account == a && f.instrument == i) sum += f.signed_quantity;
        }
        return sum;
    }
    std::int64_t cash(AccountId a) const {
        std::int64_t sum = opening_cash.raw();
        for (const Fill& f : fills) sum += f.account == a ? f.cash.raw() : 0;
        return sum;
    }
    std::int64_t equity(AccountId a) const {
        __int128 sum = static_cast<__int128>(cash(a)) * kMoney;
        for (const Instrument& i : instruments_.all()) {
            if (marks.contains(i.id.value)) sum += worth(i.id, position(a, i.id));
        }
        return static_cast<std::int64_t>(sum / kMoney);  // exact: whole lots on coarse ticks
    }

protected:
    static constexpr std::int64_t kDay = 86'400'000'000'000;
    static constexpr __int128 kMoney = static_cast<__int128>(10'000'000'000) * 1'000'000'000;

    struct Case {
        Timestamp now;
        InstrumentId instrument;
        StrategyId strategy;
        AccountId account;
        Side side;
        OrderType type;
        TimeInForce tif;
        Timestamp expire;
        Price price, stop;
        std::int64_t quantity;
        std::int64_t filled, before, after;
        bool replace;
        const Order* order = nullptr;
        bool basket = false;
        VenueId venue{};
        bool exempt = false;  // asks for the exemption from Rule 201
        OffsetKind offset_kind = OffsetKind::kNone;
        std::int64_t offset = 0;
    };

    static std::int64_t size(std::int64_t v) { return v < 0 ? -v : v; }
    /// 1e-25 of the currency.
    __int128 worth(Price p, InstrumentId i, std::int64_t quantity) const {
        return static_cast<__int128>(p.raw()) * quantity * instruments_[i].multiplier.raw();
    }
    __int128 worth(InstrumentId i, std::int64_t quantity) const {
        return worth(marks.at(i.value), i, quantity);
    }
    bool over(__int128 value, LimitId id, AccountId a) const { return over(value, id, equity(a)); }
    bool over(__int128 value, LimitId id, std::int64_t e) const {
        return e < 0 || value > static_cast<__int128>(limits_.raw(id)) * e * 10'000'000'000;
    }

    struct Sums {
        std::int64_t buys = 0, sells = 0, orders = 0, reserved = 0;
    };
    Sums open(AccountId a, InstrumentId i) const {
        Sums s;
        for (const Order& l : live) {
            if (l.account != a || l.instrument != i) continue;
            (l.side == Side::kBuy ? s.buys : s.sells) += l.worst_leaves().raw();
            ++s.orders;
            s.reserved += l.reserved_value.raw();
        }
        return s;
    }
    std::int64_t worst(const Case& c, std::int64_t own) const {
        Sums s = open(c.account, c.instrument);
        (c.side == Side::kBuy ? s.buys : s.sells) += own - c.before;
        const std::int64_t p = position(c.account, c.instrument);
        return std::max(p + s.buys, s.sells - p);
    }
    bool reduces(const Case& c) const {
        Sums s = open(c.account, c.instrument);
        (c.side == Side::kBuy ? s.buys : s.sells) += c.after - c.before;
        const std::int64_t p = position(c.account, c.instrument);
        return c.side == Side::kSell ? p > 0 && s.sells <= p : p < 0 && s.buys <= -p;
    }

    /// The largest price in size at which it may trade.
    Price reserve(const Case& c, Price price, Price stop) const {
        std::vector<__int128> prices;
        const std::int64_t mark = marks.at(c.instrument.value).raw();
        const std::int64_t toward = c.side == Side::kBuy ? 1 : -1;
        const auto market = [&](std::int64_t p) {
            prices.push_back(p);
            prices.push_back(p + toward * (static_cast<__int128>(size(p)) *
                                           limits_.raw(LimitId::kCollar) / Ratio::kOne));
        };
        const auto limit = [&](std::int64_t p) {
            prices.push_back(p);
            if (toward * (p - mark) > 0) prices.push_back(mark);
        };
        if (c.type == OrderType::kLimit || c.type == OrderType::kStopLimit) {
            limit(price.raw());
        } else if (c.type == OrderType::kTrailingStopLimit) {
            limit(trigger_of(c, stop) + price.raw());
        } else if (c.type == OrderType::kPegged) {
            limit(peg_now(c, price));
            price.is_zero() ? market(mark) : limit(price.raw());
        } else {
            market(mark);
            if (c.type == OrderType::kStop) market(stop.raw());
        }
        __int128 largest = 0;
        for (const __int128 p : prices) largest = std::max(largest, p < 0 ? -p : p);
        return Price::from_raw(static_cast<std::int64_t>(largest));
    }

    /// Where a trailing order (by a price) triggers: where it says, else at its distance from the
    /// last print, or from the quote's far side without one.
    std::int64_t trigger_of(const Case& c, Price stop) const {
        if (!stop.is_zero()) return stop.raw();
        const std::uint32_t i = c.instrument.value;
        const bool buys = c.side == Side::kBuy;
        const std::int64_t from = !quotes.contains(i) ? marks.at(i).raw()
                                  : buys              ? quotes.at(i).ask.raw()
                                                      : quotes.at(i).bid.raw();
        return buys ? from + c.offset : from - c.offset;
    }
    /// To the tick, a purchase down and a sale up.
    std::int64_t patient(const Case& c, std::int64_t p) const {
        const std::int64_t tick = instruments_[c.instrument].tick_at(c.now).raw();
        const std::int64_t above = (p % tick + tick) % tick;
        if (above == 0) return p;
        return c.side == Side::kBuy ? p - above : p - above + tick;
    }
    /// Where a pegged order stands now, given its worst price (zero: none).
    std::int64_t peg_now(const Case& c, Price worst) const {
        const std::uint32_t i = c.instrument.value;
        const bool buys = c.side == Side::kBuy;
        std::int64_t p = marks.at(i).raw();  // the middle, or the last
        if (quotes.contains(i)) {
            const std::int64_t bid = quotes.at(i).bid.raw(), ask = quotes.at(i).ask.raw();
            if (c.offset_kind == OffsetKind::kPegPrimary) p = buys ? bid : ask;
            if (c.offset_kind == OffsetKind::kPegMarket) p = buys ? ask : bid;
        }
        p = patient(c, p + c.offset);
        if (worst.is_zero()) return p;
        return buys ? std::min(p, worst.raw()) : std::max(p, worst.raw());
    }
    /// The furthest that it may follow: its worst price, or the collar's edge.
    std::int64_t peg_most(const Case& c) const {
        if (!c.price.is_zero()) return c.price.raw();
        if (!limits_.on(LimitId::kCollar)) {
            return (c.side == Side::kBuy ? Price::max() : Price::min()).raw();
        }
        const std::int64_t mark = marks.at(c.instrument.value).raw();
        const auto width = static_cast<std::int64_t>(static_cast<__int128>(size(mark)) *
                                                     limits_.raw(LimitId::kCollar) / Ratio::kOne);
        return patient(c, c.side == Side::kBuy ? mark + width : mark - width);
    }
    /// What it may have to pay at once; nullopt: it names no limit.
    std::optional<std::int64_t> limit_of(const Case& c) const {
        if (c.type == OrderType::kLimit || c.type == OrderType::kStopLimit) return c.price.raw();
        if (c.type == OrderType::kPegged) return peg_now(c, c.price);
        if (c.type != OrderType::kTrailingStopLimit) return std::nullopt;
        return trigger_of(c, c.stop) + c.price.raw();
    }

    bool meets_own(const Case& c) {
        Price reach = c.price;
        if (c.type == OrderType::kPegged) {
            const bool eager = c.side == Side::kBuy ? c.offset > 0 : c.offset < 0;
            const bool takes = eager || c.offset_kind == OffsetKind::kPegMarket;
            reach = Price::from_raw(takes ? peg_most(c) : peg_now(c, c.price));
        } else if (c.type == OrderType::kMarket) {
            const std::uint32_t i = c.instrument.value;
            reach = !quotes.contains(i)    ? marks[i]
                    : c.side == Side::kBuy ? quotes[i].ask
                                           : quotes[i].bid;
        } else if (c.type != OrderType::kLimit) {
            return false;
        }
        for (const Order& l : live) {
            if (l.instrument != c.instrument || l.side == c.side) continue;
            const bool trails = l.type == OrderType::kTrailingStopLimit;
            const bool rests = l.type == OrderType::kLimit || l.type == OrderType::kPegged ||
                               ((trails || l.type == OrderType::kStopLimit) &&
                                (l.triggered || l.cumulative_quantity.is_positive()));
            if (!rests) continue;
            // Where a trigger lies that nobody told, the order may be anywhere.
            if (trails && l.stop_price.is_zero()) return true;
            const Price from = trails ? l.stop_price : Price{};
            std::vector<Price> at{from + l.price};
            if (l.replace_pending) at.push_back(from + l.pending_price);
            for (const Price p : at) {
                if (c.side == Side::kBuy ? p <= reach : p >= reach) return true;
            }
        }
        return false;
    }

    /// With the terms before a replace; zero for a new order.
    Price old_reserve(const Case& c) const {
        if (!c.replace) return Price{};
        const Price old = reserve(c, c.order->price, c.order->stop_price);
        if (!c.order->replace_pending) return old;
        return std::max(old, reserve(c, c.order->pending_price, c.order->pending_stop_price));
    }

    Limits limits_;
    const InstrumentTable& instruments_;
};

}  // namespace fermata::testing

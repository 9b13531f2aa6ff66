#pragma once

#include <algorithm>
#include <cstdint>
#include <map>
#include <set>
#include <tuple>
#include <vector>

#include "core/event/order_event.hpp"
#include "core/order/order.hpp"
#include "core/types/instrument.hpp"
#include "risk/controls.hpp"
#include "risk/risk_config.hpp"

namespace fermata::testing {

/// The controls written as plainly as possible: it remembers everything that ever happened and adds
/// it all up again for every question. One currency; numbers so small that nothing overflows.
class ReferenceGate {
public:
    struct Fill {
        InstrumentId instrument;
        AccountId account;
        std::int64_t signed_quantity;
        Money cash;  // that the fill moved
    };

    ReferenceGate(const Limits& limits, const InstrumentTable& instruments)
        : limits_(limits), instruments_(instruments) {}

    std::map<std::uint32_t, Price> marks;
    std::map<std::uint32_t, bool> closed;
    std::map<std::pair<ControlScope, std::uint64_t>, TradingState> states;
    std::vector<Order> live;  // as the order manager has them
    std::vector<Fill> fills;
    Money opening_cash;

    /// Bits of the controls that refuse.
    std::uint64_t judge_new(const OrderEvent& e) {
        const NewOrderData& o = e.data.new_order;
        Case c{e.ts,          e.instrument, o.strategy,   o.account,        o.side, o.type, o.tif,
               o.expire_time, o.price,      o.stop_price, o.quantity.raw(), 0,      0,      0,
               false};
        c.after = std::max<std::int64_t>(o.quantity.raw(), 0);
        std::uint64_t failed = judge(c);
        const bool used = !used_ids_.insert(o.order_id.value).second;
        const bool used_tag = !used_tags_.insert(o.tag.value).second;
        const bool equal = repeated(e);  // notes the attempt
        if (used || used_tag || equal || o.order_id.value == 0)
            failed |= bit(ControlId::kDuplicate);
        if (failed == 0) messages.push_back({o.strategy, e.ts.ns});
        return failed;
    }
    std::uint64_t judge_replace(const OrderEvent& e, const Order& order) {
        const ChangeOrderData& r = e.data.change;
        Case c{e.ts,
               order.instrument,
               order.strategy,
               order.account,
               order.side,
               order.type,
               order.tif,
               order.expire_time,
               r.price,
               r.stop_price,
               r.quantity.raw(),
               0,
               0,
               0,
               true};
        c.filled = order.cumulative_quantity.raw();
        c.before = order.worst_leaves().raw();
        c.after = std::max(c.before, c.quantity - c.filled);
        c.order = &order;
        const std::uint64_t failed = judge(c);
        if (failed == 0) messages.push_back({order.strategy, e.ts.ns});
        return failed;
    }
    void cancel(StrategyId s, Timestamp now) { messages.push_back({s, now.ns}); }

    void equity_seen(AccountId a) { equities_[a.value].push_back(equity(a)); }
    /// Some account has lost more than the limit since the last release.
    bool drawn_down() const {
        for (const auto& [account, history] : equities_) {
            std::int64_t high = history.front();
            for (const std::int64_t e : history) {
                high = std::max(high, e);
                const __int128 lost = static_cast<__int128>(high) - e;
                const __int128 limit = limits_.raw(LimitId::kDrawdown);
                if (high > 0 && lost * Ratio::kOne > high * limit) return true;
            }
        }
        return false;
    }
    void release() { equities_.clear(); }
    /// Only to keep its lists short: what lies before every window.
    void forget_attempts_before(Timestamp t) {
        std::erase_if(attempts_, [&](const auto& attempt) { return attempt.first < t.ns; });
    }
    bool tripped = false;

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

    struct Message {
        StrategyId strategy;
        std::int64_t ns;
    };
    std::vector<Message> messages;  // approved requests and cancels

private:
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
    };

    static std::int64_t size(std::int64_t v) { return v < 0 ? -v : v; }
    /// 1e-25 of the currency.
    __int128 worth(Price p, InstrumentId i, std::int64_t quantity) const {
        return static_cast<__int128>(p.raw()) * quantity * instruments_[i].multiplier.raw();
    }
    __int128 worth(InstrumentId i, std::int64_t quantity) const {
        return worth(marks.at(i.value), i, quantity);
    }
    bool over(__int128 value, LimitId id, AccountId a) const {
        const std::int64_t e = equity(a);
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
        if (c.type == OrderType::kLimit || c.type == OrderType::kStopLimit) {
            prices.push_back(price.raw());
            if (toward * (price.raw() - mark) > 0) prices.push_back(mark);
        } else {
            market(mark);
            if (c.type == OrderType::kStop) market(stop.raw());
        }
        __int128 largest = 0;
        for (const __int128 p : prices) largest = std::max(largest, p < 0 ? -p : p);
        return Price::from_raw(static_cast<std::int64_t>(largest));
    }

    std::uint64_t judge(const Case& c) {
        std::uint64_t failed = tripped ? bit(ControlId::kDrawdown) : 0;
        const auto fail = [&](ControlId id, bool condition) { failed |= condition ? bit(id) : 0; };
        fail(ControlId::kMessageRate, too_fast(c));
        const bool known = instruments_.contains(c.instrument);
        fail(ControlId::kInstrument,
             !known || closed[c.instrument.value] ||
                 states[{ControlScope::kInstrument, c.instrument.value}] == TradingState::kHalted);
        const TradingState state = std::max(
            {states[{ControlScope::kFirm, 0}], states[{ControlScope::kAccount, c.account.value}],
             states[{ControlScope::kStrategy, c.strategy.value}],
             states[{ControlScope::kInstrument, c.instrument.value}]});
        const bool less = c.replace && c.quantity < c.filled + c.before;
        fail(ControlId::kState,
             state == TradingState::kHalted ||
                 (state == TradingState::kReducing && !less && !(known && reduces(c))));
        const bool limit = c.type == OrderType::kLimit || c.type == OrderType::kStopLimit;
        const bool stop = c.type == OrderType::kStop || c.type == OrderType::kStopLimit;
        fail(ControlId::kField, c.quantity <= 0 || (limit && c.price.is_zero()) ||
                                    (stop && c.stop.is_zero()) ||
                                    (c.tif == TimeInForce::kGtd && c.expire <= c.now) ||
                                    (c.replace && c.quantity <= c.filled));
        if (!known) return failed;
        const Instrument& i = instruments_[c.instrument];
        const std::int64_t tick = i.tick_at(c.now).raw();
        fail(ControlId::kTickLot,
             (limit && c.price.raw() % tick != 0) || (stop && c.stop.raw() % tick != 0) ||
                 c.quantity % i.lot.raw() != 0 || c.quantity < i.min_quantity.raw());
        judge_limits(c, i, limit, fail);
        return failed;
    }

    template <class Fail>
    void judge_limits(const Case& c, const Instrument& i, bool limit, const Fail& fail) {
        const bool larger = !c.replace || c.quantity > c.filled + c.before;
        const auto adv = static_cast<__int128>(i.average_daily_volume.raw());
        fail(ControlId::kMaxQuantity,
             larger && (c.quantity > limits_.raw(LimitId::kMaxQuantity) ||
                        (adv > 0 && static_cast<__int128>(c.quantity) * Ratio::kOne >
                                        adv * limits_.raw(LimitId::kMaxQuantityAdv))));
        const Price fresh = reserve(c, c.price, c.stop);
        Price old;
        if (c.replace) old = reserve(c, c.order->price, c.order->stop_price);
        if (c.replace && c.order->replace_pending) {
            old = std::max(old, reserve(c, c.order->pending_price, c.order->pending_stop_price));
        }
        const std::int64_t e = equity(c.account);
        const bool way_out = e <= 0 && reduces(c);
        fail(ControlId::kMaxNotional, (larger || fresh > old) && !way_out &&
                                          over(worth(fresh, c.instrument, size(c.quantity)),
                                               LimitId::kMaxNotional, c.account));
        fail(ControlId::kCollar, limit && through(c));

        const Sums s = open(c.account, c.instrument);
        const __int128 before = worth(old, c.instrument, c.before);
        const __int128 after = worth(std::max(old, fresh), c.instrument, c.after);
        const __int128 own =
            c.replace ? static_cast<__int128>(c.order->reserved_value.raw()) * kMoney : 0;
        const __int128 others = static_cast<__int128>(s.reserved) * kMoney - own;
        fail(ControlId::kOpenOrders,
             (!c.replace && s.orders + 1 > limits_.raw(LimitId::kOpenOrders)) ||
                 (!way_out && !(c.replace && after <= before) &&
                  over(others + after, LimitId::kOpenOrdersNotional, c.account)));
        const bool increases = worst(c, c.after) > worst(c, c.before);
        const auto at_mark = [&](std::int64_t q) {
            const __int128 v = worth(c.instrument, q);
            return v < 0 ? -v : v;
        };
        fail(ControlId::kPosition,
             increases && over(at_mark(worst(c, c.after)), LimitId::kPosition, c.account));
        fail(ControlId::kLeverage, increases && over(gross(c) + at_mark(worst(c, c.after)),
                                                     LimitId::kLeverage, c.account));
        fail(ControlId::kCash, short_of_cash(c, before, after, std::max<__int128>(after - own, 0)));
    }

    bool through(const Case& c) const {
        std::int64_t from = marks.at(c.instrument.value).raw();
        if (c.type == OrderType::kStopLimit) {
            from =
                c.side == Side::kBuy ? std::max(from, c.stop.raw()) : std::min(from, c.stop.raw());
        }
        const std::int64_t distance =
            c.side == Side::kBuy ? c.price.raw() - from : from - c.price.raw();
        return distance > 0 &&
               static_cast<__int128>(distance) * Ratio::kOne >
                   static_cast<__int128>(size(from)) * limits_.raw(LimitId::kCollar);
    }

    /// Worst cases of all other instruments.
    __int128 gross(const Case& c) const {
        __int128 sum = 0;
        for (const Instrument& i : instruments_.all()) {
            if (i.id == c.instrument || !marks.contains(i.id.value)) continue;
            const Sums s = open(c.account, i.id);
            const std::int64_t p = position(c.account, i.id);
            const __int128 v = worth(i.id, std::max(p + s.buys, s.sells - p));
            sum += v < 0 ? -v : v;
        }
        return sum;
    }

    bool short_of_cash(const Case& c, __int128 before, __int128 after, __int128 cost) const {
        if (c.side == Side::kSell) {
            const std::int64_t sells = open(c.account, c.instrument).sells + c.after - c.before;
            return c.account.value == 0 && c.after > c.before &&
                   sells > position(c.account, c.instrument);
        }
        if (reduces(c) || (c.replace && after <= before)) return false;
        __int128 free = cash(c.account);
        for (const Order& l : live) {
            if (l.account == c.account && l.side == Side::kBuy) free -= l.reserved_value.raw();
        }
        const std::int64_t e = equity(c.account);
        return e < 0 || free * kMoney - cost <
                            static_cast<__int128>(limits_.raw(LimitId::kCash)) * e * 10'000'000'000;
    }

    bool repeated(const OrderEvent& e) {
        const NewOrderData& o = e.data.new_order;
        attempts_.push_back({e.ts.ns,
                             {o.strategy.value, e.instrument.value, o.side, o.price.raw(),
                              o.stop_price.raw(), o.quantity.raw()}});
        std::int64_t equal = 0;
        for (const auto& [ns, key] : attempts_) {
            equal += key == attempts_.back().second &&
                             e.ts.ns - ns < limits_.raw(LimitId::kDuplicateWindow)
                         ? 1
                         : 0;
        }
        return equal > limits_.raw(LimitId::kDuplicate);
    }

    bool too_fast(const Case& c) const {
        const auto blocked = [&](std::int64_t rate, bool firm) {
            const __int128 burst = std::max<__int128>(
                static_cast<__int128>(limits_.raw(LimitId::kMessageRateBurst)) * rate,
                1'000'000'000);
            const __int128 reserve =
                burst * limits_.raw(LimitId::kMessageRateReserve) / Ratio::kOne;
            __int128 next = -(static_cast<__int128>(1) << 100);
            for (const Message& m : messages) {  // from the first message on, every time
                if (!firm && m.strategy != c.strategy) continue;
                const __int128 at = static_cast<__int128>(m.ns) * rate;
                next = std::min(std::max(next, at) + 1'000'000'000, at + burst + 1'000'000'000);
            }
            return next > static_cast<__int128>(c.now.ns) * rate +
                              std::max<__int128>(burst - reserve - 1'000'000'000, 0);
        };
        return blocked(limits_.raw(LimitId::kMessageRate), false) ||
               blocked(limits_.raw(LimitId::kMessageRateFirm), true);
    }

    using Key =
        std::tuple<std::uint16_t, std::uint32_t, Side, std::int64_t, std::int64_t, std::int64_t>;

    Limits limits_;
    const InstrumentTable& instruments_;
    std::set<std::uint64_t> used_ids_, used_tags_;
    std::vector<std::pair<std::int64_t, Key>> attempts_;
    std::map<std::uint16_t, std::vector<std::int64_t>> equities_;
};

}  // namespace fermata::testing

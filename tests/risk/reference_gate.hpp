#pragma once

#include <algorithm>
#include <array>
#include <compare>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <tuple>
#include <utility>
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
        StrategyId strategy;
        std::int64_t ns;
        Price price;
    };
    struct Quote {
        Price bid, ask;
    };

    ReferenceGate(const Limits& limits, const InstrumentTable& instruments)
        : limits_(limits), instruments_(instruments) {}

    std::map<std::uint32_t, Price> marks;
    std::map<std::uint32_t, bool> closed;
    std::map<std::uint32_t, Quote> quotes;
    std::map<std::uint32_t, std::vector<Price>> price_history;   // after each event that has one
    std::map<std::uint32_t, std::int64_t> ticked;         // when a quote or trade came last
    std::map<std::uint32_t, bool> data_lost;                   // data, and nothing since
    std::vector<Permission> permissions;
    std::vector<Restriction> restrictions;
    std::map<std::uint16_t, std::vector<__int128>> basket;  // values of the one being judged
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
        c.basket = (o.flags & kOrderBasket) != 0;
        c.venue = o.venue;
        std::uint64_t failed = judge(c);
        const bool used = !used_ids_.insert(o.order_id.value).second;
        const bool used_tag = !used_tags_.insert(o.tag.value).second;
        const bool equal = repeated(e);  // notes the attempt
        if (used || used_tag || equal || o.order_id.value == 0)
            failed |= bit(ControlId::kDuplicate);
        if (failed == 0) approve(o.strategy, e);
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
        c.venue = order.venue;
        const std::uint64_t failed = judge(c);
        if (failed == 0) approve(order.strategy, e);
        return failed;
    }
    void cancel(StrategyId s, Timestamp now) { messages.push_back({s, now.ns}); }

    /// What a control halted or limits, and nobody has released.
    struct Trip {
        ControlId control;
        std::uint16_t target;
        friend auto operator<=>(const Trip&, const Trip&) = default;
    };
    std::set<Trip> trips;

    /// Takes in the fill that came last, or a venue's reject; what trips by it.
    std::vector<Trip> after_fill() {
        const Fill& last = fills.back();
        std::int64_t recent = 0;
        for (std::size_t n = released_[{0, last.strategy.value}]; n < fills.size(); ++n) {
            recent += fills[n].strategy == last.strategy &&
                              last.ns - fills[n].ns < limits_.raw(LimitId::kRepeatWindow)
                          ? 1
                          : 0;
        }
        std::vector<Trip> out = drift_of(last);
        for (const Trip& t : trip_if(recent > limits_.raw(LimitId::kRepeat),
                                     {ControlId::kRepeat, last.strategy.value})) {
            out.push_back(t);
        }
        return out;
    }
    std::vector<Trip> after_reject(StrategyId s, Timestamp now) {
        rejects_.push_back({s, now.ns});
        std::int64_t recent = 0;
        for (std::size_t n = released_[{1, s.value}]; n < rejects_.size(); ++n) {
            recent += rejects_[n].strategy == s &&
                              now.ns - rejects_[n].ns < limits_.raw(LimitId::kRejectRateWindow)
                          ? 1
                          : 0;
        }
        return trip_if(recent > limits_.raw(LimitId::kRejectRate),
                       {ControlId::kRejectRate, s.value});
    }
    void release_strategy(std::uint16_t s) {
        if (trips.erase({ControlId::kRepeat, s}) != 0) released_[{0, s}] = fills.size();
        if (trips.erase({ControlId::kRejectRate, s}) != 0) released_[{1, s}] = rejects_.size();
    }

    void release_instrument(std::uint16_t i) {
        if (trips.erase({ControlId::kCollarTime, i}) != 0) released_[{2, i}] = fills.size();
    }

    void equity_seen(AccountId a, Timestamp now) {
        equities_[a.value].push_back(equity(a));
        seen_[a.value].push_back({now.ns, equity(a)});
    }
    /// After equity_seen: what trips by it.
    std::vector<Trip> after_equity(AccountId a, Timestamp now) {
        std::vector<Trip> out;
        for (const Loss& loss : kLosses) {
            const std::int64_t start = start_of(a.value, loss, now);
            const std::int64_t lost_since = start - seen_[a.value].back().second;
            const bool too_much = start > 0 && static_cast<__int128>(lost_since) * Ratio::kOne >=
                                                   static_cast<__int128>(start) *
                                                       limits_.raw(loss.limit);
            for (const Trip& t : trip_if(too_much, {loss.control, a.value})) out.push_back(t);
        }
        return out;
    }
    /// A new day or week: what tripped in the one before is over.
    void at(Timestamp now) {
        for (const Loss& loss : kLosses) {
            if (period(loss, now.ns) == period(loss, now_)) continue;
            std::erase_if(trips, [&](const Trip& t) { return t.control == loss.control; });
            for (auto& [account, accepted] : accepted_) accepted.erase(loss.control);
        }
        now_ = now.ns;
    }
    void release_losses(std::uint16_t a) {
        for (const Loss& loss : kLosses) {
            if (trips.erase({loss.control, a}) != 0) {
                accepted_[a][loss.control] = seen_[a].back().second;
            }
        }
    }
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
    static constexpr std::int64_t kDay = 86'400'000'000'000;
    struct Loss {
        ControlId control;
        LimitId limit;
        std::int64_t days;  // of its period
    };
    static constexpr std::array<Loss, 2> kLosses = {
        {{ControlId::kDayLoss, LimitId::kDayLoss, 1}, {ControlId::kWeekLoss, LimitId::kWeekLoss, 7}}};
    /// 1970-01-05 was a Monday.
    static std::int64_t period(const Loss& loss, std::int64_t ns) {
        return (ns / kDay - 4 + 700) / loss.days;
    }
    /// The last equity before the period, the first at all, or what an operator accepted in it.
    std::int64_t start_of(std::uint16_t a, const Loss& loss, Timestamp now) {
        if (accepted_[a].contains(loss.control)) return accepted_[a][loss.control];
        std::int64_t start = seen_[a].front().second;
        for (const auto& [ns, equity_then] : seen_[a]) {
            if (period(loss, ns) < period(loss, now.ns)) start = equity_then;
        }
        return start;
    }
    /// COLLAR_TIME: the fills of the last 60 whole seconds.
    std::vector<Trip> drift_of(const Fill& last) {
        const auto target = static_cast<std::uint16_t>(last.instrument.value);
        constexpr std::int64_t s = 1'000'000'000;
        std::int64_t low = last.price.raw(), high = low;
        for (std::size_t n = released_[{2, target}]; n < fills.size(); ++n) {
            const Fill& f = fills[n];
            if (f.instrument != last.instrument || f.ns / s <= last.ns / s - 60) continue;
            low = std::min(low, f.price.raw());
            high = std::max(high, f.price.raw());
        }
        const bool apart = static_cast<__int128>(high - low) * Ratio::kOne >
                           static_cast<__int128>(std::min(size(low), size(high))) *
                               limits_.raw(LimitId::kCollarTime);
        return trip_if(apart, {ControlId::kCollarTime, target});
    }
    std::vector<Trip> trip_if(bool condition, const Trip& trip) {
        if (!condition || !trips.insert(trip).second) return {};
        return {trip};
    }
    void approve(StrategyId s, const OrderEvent& e) {
        messages.push_back({s, e.ts.ns});
        orders_.push_back({e.instrument, e.ts.ns});
    }
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
        return over(value, id, equity(a));
    }
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

    /// With the terms before a replace; zero for a new order.
    Price old_reserve(const Case& c) const {
        if (!c.replace) return Price{};
        const Price old = reserve(c, c.order->price, c.order->stop_price);
        if (!c.order->replace_pending) return old;
        return std::max(old, reserve(c, c.order->pending_price, c.order->pending_stop_price));
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
        for (const ControlId id : {ControlId::kDayLoss, ControlId::kWeekLoss}) {
            fail(id, trips.contains({id, c.account.value}) && !less && !(known && reduces(c)));
        }
        for (const ControlId id : {ControlId::kRepeat, ControlId::kRejectRate}) {
            fail(id, trips.contains({id, c.strategy.value}));
        }
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
        judge_market(c, fail);
        judge_activity(c, less, fail);
        judge_lists(c, fail);
        judge_liquidity(c, i, fail);
        return failed;
    }

    template <class Fail>
    void judge_market(const Case& c, const Fail& fail) {
        const std::uint32_t i = c.instrument.value;
        fail(ControlId::kStale,
             !closed[i] && (data_lost[i] || (ticked.contains(i) &&
                                        c.now.ns - ticked[i] > limits_.raw(LimitId::kStale))));
        const auto beyond = [&](std::int64_t distance, std::int64_t of, LimitId id) {
            return static_cast<__int128>(distance) * Ratio::kOne >
                   static_cast<__int128>(size(of)) * limits_.raw(id);
        };
        bool crossed = false;
        if (quotes.contains(i)) {
            const auto [bid, ask] = quotes[i];
            crossed = bid >= ask || beyond(ask.raw() - bid.raw(), marks[i].raw(),
                                           LimitId::kCrossedSpread);
            const std::int64_t through =
                c.side == Side::kBuy ? c.price.raw() - ask.raw() : bid.raw() - c.price.raw();
            fail(ControlId::kBestExecution,
                 c.type == OrderType::kLimit &&
                     beyond(through, (c.side == Side::kBuy ? ask : bid).raw(),
                            LimitId::kBestExecution));
        }
        const std::vector<Price>& history = price_history[i];
        if (history.size() > 1) {
            const std::int64_t before = history[history.size() - 2].raw();
            crossed = crossed || beyond(size(history.back().raw() - before), before,
                                        LimitId::kCrossedJump);
        }
        fail(ControlId::kCrossed, crossed);
        fail(ControlId::kSelfMatch, meets_own(c));
    }
    bool meets_own(const Case& c) {
        Price reach = c.price;
        if (c.type == OrderType::kMarket) {
            const std::uint32_t i = c.instrument.value;
            reach = !quotes.contains(i)      ? marks[i]
                    : c.side == Side::kBuy ? quotes[i].ask
                                           : quotes[i].bid;
        } else if (c.type != OrderType::kLimit) {
            return false;
        }
        for (const Order& l : live) {
            if (l.instrument != c.instrument || l.side == c.side) continue;
            const bool rests = l.type == OrderType::kLimit ||
                               (l.type == OrderType::kStopLimit &&
                                (l.triggered || l.cumulative_quantity.is_positive()));
            if (!rests) continue;
            std::vector<Price> at{l.price};
            if (l.replace_pending) at.push_back(l.pending_price);
            for (const Price p : at) {
                if (c.side == Side::kBuy ? p <= reach : p >= reach) return true;
            }
        }
        return false;
    }

    template <class Fail>
    void judge_lists(const Case& c, const Fail& fail) {
        bool named = false, allowed = false;
        for (const Permission& p : permissions) {
            if (p.strategy != c.strategy.value) continue;
            named = true;
            allowed = allowed || ((!p.account || *p.account == c.account.value) &&
                                  (!p.instrument || *p.instrument == c.instrument.value) &&
                                  (!p.venue || *p.venue == c.venue.value));
        }
        fail(ControlId::kPermission, named && !allowed);
        bool restricted = false;
        for (const Restriction& r : restrictions) {
            restricted = restricted || (r.instrument == c.instrument.value && r.from <= c.now &&
                                        c.now < r.until);
        }
        fail(ControlId::kRestricted, restricted);
        fail(ControlId::kCollarTime,
             trips.contains(
                 {ControlId::kCollarTime, static_cast<std::uint16_t>(c.instrument.value)}));
    }

    template <class Fail>
    void judge_liquidity(const Case& c, const Instrument& i, const Fail& fail) {
        const auto volume = static_cast<__int128>(i.average_daily_volume.raw());
        if (volume == 0 || worst(c, c.after) <= worst(c, c.before)) return;
        __int128 today = c.after;
        for (const Fill& f : fills) {
            if (f.instrument == c.instrument && f.ns / kDay == c.now.ns / kDay) {
                today += size(f.signed_quantity);
            }
        }
        const __int128 share = volume * limits_.raw(LimitId::kLiquidity);
        fail(ControlId::kLiquidity,
             today * Ratio::kOne > share ||
                 static_cast<__int128>(worst(c, c.after)) * Ratio::kOne >
                     share / Ratio::kOne * limits_.raw(LimitId::kLiquidityExit));
    }

    template <class Fail>
    void judge_activity(const Case& c, bool less, const Fail& fail) {
        std::int64_t orders = 1, traded = 0;
        __int128 in_instrument = 0, in_firm = 0;
        for (const auto& [instrument, ns] : orders_) {
            orders += instrument == c.instrument && ns / kDay == c.now.ns / kDay ? 1 : 0;
        }
        for (const Fill& f : fills) {
            if (f.ns / kDay != c.now.ns / kDay) continue;
            const __int128 value = worth(f.price, f.instrument, size(f.signed_quantity));
            traded += f.instrument == c.instrument ? 1 : 0;
            in_firm += value;
            if (f.instrument == c.instrument && f.account == c.account) in_instrument += value;
        }
        fail(ControlId::kOrderToTrade,
             orders > (limits_.raw(LimitId::kOrderToTrade) + 1) *
                          std::max<std::int64_t>(traded, 1));

        const Price fresh = reserve(c, c.price, c.stop);
        const Price old = old_reserve(c);
        const __int128 own = worth(std::max(fresh, old), c.instrument, c.after);
        const bool exempt = less || reduces(c) || (c.replace && c.after <= c.before && fresh <= old);
        fail(ControlId::kTurnover,
             !exempt && (over(in_instrument + own, LimitId::kTurnover, c.account) ||
                         over(in_firm + own, LimitId::kTurnoverFirm,
                              equity(AccountId{0}) + equity(AccountId{1}))));

        const std::string& sector = instruments_[c.instrument].sector;
        if (!sector.empty() && worst(c, c.after) > worst(c, c.before)) {
            const auto at_mark = [&](InstrumentId i, std::int64_t q) {
                const __int128 v = worth(i, q);
                return v < 0 ? -v : v;
            };
            __int128 sum = at_mark(c.instrument, worst(c, c.after));
            for (const Instrument& i : instruments_.all()) {
                if (i.id == c.instrument || i.sector != sector) continue;
                const Sums s = open(c.account, i.id);
                const std::int64_t p = position(c.account, i.id);
                sum += at_mark(i.id, std::max(p + s.buys, s.sells - p));
            }
            fail(ControlId::kSector, over(sum, LimitId::kSector, c.account));
        }
        if (c.basket) {
            std::vector<__int128>& values = basket[c.strategy.value];
            values.push_back(worth(fresh, c.instrument, size(c.quantity)));
            __int128 sum = 0;
            for (const __int128 v : values) sum += v;
            fail(ControlId::kBasket, over(sum, LimitId::kBasket, c.account));
        }
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
        const Price old = old_reserve(c);
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
    std::map<std::uint16_t, std::vector<std::pair<std::int64_t, std::int64_t>>> seen_;  // ns, equity
    std::map<std::uint16_t, std::map<ControlId, std::int64_t>> accepted_;  // losses, in this period
    std::map<std::pair<int, std::uint16_t>, std::size_t> released_;  // what came before is over
    std::vector<Message> rejects_;
    std::vector<std::pair<InstrumentId, std::int64_t>> orders_;  // approved, with replaces
    std::int64_t now_ = 0;
};

}  // namespace fermata::testing

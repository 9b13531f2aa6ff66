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

#include "tests/risk/reference_lists.hpp"
#include "tests/risk/reference_shorts.hpp"

namespace fermata::testing {

/// The controls written as plainly as possible: it remembers everything that ever happened and adds
/// it all up again for every question. One currency; numbers so small that nothing overflows.
class ReferenceGate : public ReferenceShorts {
public:
    using ReferenceShorts::ReferenceShorts;

    ReferenceLists lists;
    std::map<std::uint16_t, std::vector<__int128>> basket;  // values of the one being judged

    /// Bits of the controls that refuse.
    std::uint64_t judge_new(const OrderEvent& e) {
        const NewOrderData& o = e.data.new_order;
        Case c{e.ts,          e.instrument, o.strategy,   o.account,        o.side, o.type, o.tif,
               o.expire_time, o.price,      o.stop_price, o.quantity.raw(), 0,      0,      0,
               false};
        c.after = std::max<std::int64_t>(o.quantity.raw(), 0);
        c.basket = (o.flags & kOrderBasket) != 0;
        c.venue = o.venue;
        c.exempt = (o.flags & kOrderShortExempt) != 0;
        c.offset_kind = o.offset_kind;
        c.offset = o.offset;
        std::uint64_t failed = judge(c);
        const bool used = !used_ids_.insert(o.order_id.value).second;
        const bool used_tag = !used_tags_.insert(o.tag.value).second;
        const bool equal = repeated(e);  // notes the attempt
        if (used || used_tag || equal || o.order_id.value == 0)
            failed |= bit(ControlId::kDuplicate);
        if (failed == 0) approve(o.strategy, e, c);
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
        c.exempt = (order.flags & kOrderShortExempt) != 0;
        c.offset_kind = order.offset_kind;
        c.offset = order.offset;
        // A trailing order's trigger stays where nothing else is asked for.
        const bool trails = order.type == OrderType::kTrailingStopLimit;
        if (trails && c.stop.is_zero()) c.stop = order.stop_price;
        const std::uint64_t failed = judge(c);
        if (failed == 0) approve(order.strategy, e, c);
        return failed;
    }
    void cancel(StrategyId s, Timestamp now) { messages.push_back({s, now.ns}); }
    /// The worst price that the request judged last gets as a peg that names none.
    std::optional<Price> peg_bound() const { return bound_; }

    /// By an operator.
    void released(const ControlData& c) {
        const auto target = static_cast<std::uint16_t>(c.target);
        if (c.scope == ControlScope::kStrategy) release_strategy(target);
        if (c.scope == ControlScope::kInstrument) release_instrument(target);
        if (c.scope == ControlScope::kAccount) {
            release_losses(target);
            release_pattern(target);
        }
        if (c.scope != ControlScope::kFirm) return;
        if (tripped) release();
        tripped = false;
        release_firm();
        for (std::uint16_t a = 0; a < 2; ++a) release_losses(a);
    }

    /// Only to keep its lists short: what lies before every window.
    void forget_attempts_before(Timestamp t) {
        std::erase_if(attempts_, [&](const auto& attempt) { return attempt.first < t.ns; });
    }
    std::vector<Message> messages;  // approved requests and cancels

    using ReferenceBooks::Case;
    /// All bits, of whatever it is; nothing of it is remembered.
    std::uint64_t judge(const Case& c) {
        std::uint64_t failed = tripped ? bit(ControlId::kDrawdown) : 0;
        const auto fail = [&](ControlId id, bool condition) { failed |= condition ? bit(id) : 0; };
        fail(ControlId::kMessageRate, too_fast(c));
        const bool known = instruments_.contains(c.instrument);
        fail(ControlId::kInstrument,
             !known || closed[c.instrument.value] || halted_there[c.instrument.value] ||
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
        for (const ControlId id :
             {ControlId::kRepeat, ControlId::kRejectRate, ControlId::kParent}) {
            fail(id, trips.contains({id, c.strategy.value}));
        }
        judge_health(fail);
        tag.reset();
        const bool limit = c.type == OrderType::kLimit || c.type == OrderType::kStopLimit;
        const bool stop = c.type == OrderType::kStop || c.type == OrderType::kStopLimit;
        fail(ControlId::kField, c.quantity <= 0 || (limit && c.price.is_zero()) ||
                                    (stop && c.stop.is_zero()) ||
                                    (c.tif == TimeInForce::kGtd && c.expire <= c.now) ||
                                    (c.replace && c.quantity <= c.filled));
        bound_.reset();
        if (!known) return failed;
        if (c.type == OrderType::kPegged && c.price.is_zero() && limits_.on(LimitId::kCollar)) {
            bound_ = Price::from_raw(peg_most(c));
        }
        const Instrument& i = instruments_[c.instrument];
        const std::int64_t tick = i.tick_at(c.now).raw();
        fail(ControlId::kTickLot,
             ((limit || c.type == OrderType::kPegged) && c.price.raw() % tick != 0) ||
                 (stop && c.stop.raw() % tick != 0) || c.quantity % i.lot.raw() != 0 ||
                 c.quantity < i.min_quantity.raw());
        judge_limits(c, i, fail);
        judge_market(c, fail);
        judge_activity(c, less, fail);
        judge_lists(c, fail);
        judge_liquidity(c, i, fail);
        judge_portfolio(c, fail);
        fail(ControlId::kShort, bad_short(c));
        fail(ControlId::kDayTrade, one_day_trade_too_many(c));
        fail(ControlId::kCredit, beyond_credit(c));
        fail(
            ControlId::kInFlight,
            trips.contains({ControlId::kInFlight, static_cast<std::uint16_t>(c.instrument.value)}));
        return failed;
    }

private:
    void approve(StrategyId s, const OrderEvent& e, const Case& c) {
        tag = washed(c);
        credit_approved(c, c.replace ? c.order->tag : e.data.new_order.tag);
        const std::uint64_t order = c.replace ? c.order->id.value : e.data.new_order.order_id.value;
        locates.take(c.instrument.value, order, short_part(c, c.after) - short_part(c, c.before));
        note_day_trader(c, order);
        messages.push_back({s, e.ts.ns});
        orders_.push_back({e.instrument, e.ts.ns});
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
            crossed = bid >= ask ||
                      beyond(ask.raw() - bid.raw(), marks[i].raw(), LimitId::kCrossedSpread);
            const std::int64_t limit = limit_of(c).value_or(0);
            const std::int64_t through =
                c.side == Side::kBuy ? limit - ask.raw() : bid.raw() - limit;
            fail(ControlId::kBestExecution,
                 (c.type == OrderType::kLimit || c.type == OrderType::kPegged) &&
                     beyond(through, (c.side == Side::kBuy ? ask : bid).raw(),
                            LimitId::kBestExecution));
        }
        const std::vector<Price>& history = price_history[i];
        if (history.size() > 1) {
            const std::int64_t before = history[history.size() - 2].raw();
            crossed = crossed ||
                      beyond(size(history.back().raw() - before), before, LimitId::kCrossedJump);
        }
        fail(ControlId::kCrossed, crossed);
        fail(ControlId::kSelfMatch, meets_own(c));
    }

    template <class Fail>
    void judge_lists(const Case& c, const Fail& fail) {
        fail(ControlId::kPermission,
             !lists.permits({c.strategy, c.account, c.instrument, c.venue}));
        fail(ControlId::kRestricted, lists.restricts(c.instrument.value, c.now));
        auto price = limit_of(c);
        const bool waits = c.type == OrderType::kStop || c.type == OrderType::kTrailingStop;
        if ((c.type == OrderType::kMarket || waits) && marks.contains(c.instrument.value)) {
            const bool buys = c.side == Side::kBuy;
            price = marks.at(c.instrument.value).raw();
            if (const auto quote = quotes.find(c.instrument.value); quote != quotes.end()) {
                price = (buys ? quote->second.ask : quote->second.bid).raw();
            }
            std::int64_t at = c.type == OrderType::kStop ? c.stop.raw() : *price;
            if (c.type == OrderType::kTrailingStop) at = trigger_of(c, c.stop);
            price = buys ? std::max(*price, at) : std::min(*price, at);
        }
        if (price && bands.contains(c.instrument.value)) {
            const auto [lowest, highest] = bands[c.instrument.value];
            fail(ControlId::kLuld,
                 c.side == Side::kBuy ? *price > highest.raw() : *price < lowest.raw());
        }
        fail(ControlId::kCollarTime,
             trips.contains(
                 {ControlId::kCollarTime, static_cast<std::uint16_t>(c.instrument.value)}));
    }

    template <class Fail>
    void judge_liquidity(const Case& c, const Instrument& i, const Fail& fail) {
        const auto volume = static_cast<__int128>(i.average_daily_volume.raw());
        if (volume == 0 || worst(c, c.after) <= worst(c, c.before)) return;
        __int128 today = c.after;
        for (const Order& l : live) {
            const bool itself = c.order != nullptr && l.id == c.order->id;
            if (l.instrument == c.instrument && !itself) today += l.worst_leaves().raw();
        }
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
        fail(ControlId::kOrderToTrade, orders > (limits_.raw(LimitId::kOrderToTrade) + 1) *
                                                    std::max<std::int64_t>(traded, 1));

        const Price fresh = reserve(c, c.price, c.stop);
        const Price old = old_reserve(c);
        const __int128 own = worth(std::max(fresh, old), c.instrument, c.after);
        const bool exempt =
            less || reduces(c) || (c.replace && c.after <= c.before && fresh <= old);
        fail(ControlId::kTurnover,
             !exempt && (over(in_instrument + own, LimitId::kTurnover, c.account) ||
                         over(in_firm + own, LimitId::kTurnoverFirm,
                              equity(AccountId{0}) + equity(AccountId{1}))));

        const __int128 move =
            limits_.raw(LimitId::kTradeLossMove) + limits_.raw(LimitId::kTradeLossSlippage);
        fail(ControlId::kTradeLoss,
             worst(c, c.after) > worst(c, c.before) &&
                 over(own / 1'000'000 * move / 1'000, LimitId::kTradeLoss, c.account));

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
        if (c.replace && (c.order->flags & kOrderBasket) != 0) {
            const __int128 was = worth(old, c.instrument, c.filled + c.before);
            const __int128 is = worth(fresh, c.instrument, size(c.quantity));
            fail(ControlId::kBasket, is > was);
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
    void judge_limits(const Case& c, const Instrument& i, const Fail& fail) {
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
        const bool less = c.replace && c.quantity < c.filled + c.before;
        const bool at_zero = marks.at(c.instrument.value).is_zero();
        fail(ControlId::kCollar, (at_zero && !less && !reduces(c)) || (limit_of(c) && through(c)));

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
        const bool buys = c.side == Side::kBuy;
        std::int64_t from = marks.at(c.instrument.value).raw();
        if (c.type == OrderType::kStopLimit || c.type == OrderType::kTrailingStopLimit) {
            const std::int64_t trigger =
                c.type == OrderType::kStopLimit ? c.stop.raw() : trigger_of(c, c.stop);
            from = buys ? std::max(from, trigger) : std::min(from, trigger);
        }
        // A peg may go as far as it says.
        const bool says = c.type == OrderType::kPegged && !c.price.is_zero();
        const std::int64_t limit = says ? c.price.raw() : *limit_of(c);
        const std::int64_t distance = buys ? limit - from : from - limit;
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

    std::set<std::uint64_t> used_ids_, used_tags_;
    std::vector<std::pair<std::int64_t, Key>> attempts_;
    std::vector<std::pair<InstrumentId, std::int64_t>> orders_;  // approved, with replaces
    std::optional<Price> bound_;
};

}  // namespace fermata::testing

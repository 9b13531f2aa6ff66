// What a venue lacks: triggers, trails, pegs and sessions of what is held or followed here. See
// order_manager.hpp and docs/orders.md.

#include <algorithm>
#include <array>

#include "core/base/assert.hpp"
#include "core/market/mark_table.hpp"
#include "core/market/moving_price.hpp"
#include "core/order/order_manager.hpp"

namespace fermata {
namespace {

bool touched(const Order& order, const PriceReach& reach) noexcept {
    return triggers_above(order.type, order.side) ? reach.high >= order.stop_price
                                                  : reach.low <= order.stop_price;
}
PriceReach at(Price p) noexcept { return {p, p, p, false, true}; }

Price absolute(Price p) noexcept { return p.is_negative() ? -p : p; }

constexpr ClientOrderId kNoOrder{};

}  // namespace

/// To the tick, buys down and sales up: never more aggressive than what was asked for.
Price OrderManager::on_tick(Price price, const Order& order, Timestamp now) const noexcept {
    const std::int64_t tick = instruments_[order.instrument].tick_at(now).raw();
    const std::int64_t rest = price.raw() % tick;
    if (rest == 0) return price;
    const std::int64_t below = price.raw() - rest - (rest < 0 ? tick : 0);
    return Price::from_raw(order.side == Side::kBuy ? below : below + tick);
}

/// Everything that the order waits for has come true; if not, sees to it that it is noticed.
bool OrderManager::ready(Order& order, Timestamp now) noexcept {
    if (!order.has(kOrderEmulated)) return true;
    const Emulation e = Emulator::of(order, capabilities(order.venue));
    const std::uint32_t slot = slot_of(order);
    if (e.at_open && !order.triggered) return false;
    if (!e.type) return true;
    if (has_trigger(order.type)) {
        if (order.triggered) return true;
        const PriceReach reach = standing(order);
        if (is_trailing(order.type)) {
            emulator_.follow(order, slot);
            if (reach.known) trail(order, reach, now);
            if (order.stop_price.is_zero()) return false;
        }
        if (reach.known && touched(order, reach)) {
            order.triggered = true;
            emulator_.unfollow(order, slot);
            return true;
        }
        if (!emulator_.watches_trigger(slot)) emulator_.watch(order, slot);
        return false;
    }
    Price price;
    if (!followed_price(order, now, price)) {
        emulator_.follow(order, slot);
        return false;
    }
    order.price = price;
    order.reserve_price = std::max(order.reserve_price, absolute(price));
    if (order.type == OrderType::kPegged) {
        order.repriced_at = now;
        emulator_.follow(order, slot);
    } else {
        emulator_.unfollow(order, slot);
    }
    return true;
}

PriceReach OrderManager::standing(const Order& order) const noexcept {
    if (marks_ == nullptr || order.instrument.value >= marks_->size()) return {};
    const Mark& mark = (*marks_)[order.instrument];
    if (mark.halted) return {};  // the first price behind the halt decides
    if (mark.has_last) return at(mark.last);
    if (mark.has_quote) return at(order.side == Side::kBuy ? mark.ask : mark.bid);
    return {};
}

bool OrderManager::would_take(const Order& order) const noexcept {
    if (Emulator::plain(order.type) == OrderType::kMarket) return true;
    if (marks_ == nullptr || order.instrument.value >= marks_->size()) return false;
    const Mark& mark = (*marks_)[order.instrument];
    if (!mark.valid()) return false;
    if (order.side == Side::kBuy) {
        return order.price >= (mark.has_quote ? mark.ask : mark.last);
    }
    return order.price <= (mark.has_quote ? mark.bid : mark.last);
}

bool OrderManager::would_open(const Order& order) const noexcept {
    const Quantity position = accounts_.position(order.account, order.instrument);
    return order.quantity - order.cumulative_quantity >
           (order.side == Side::kSell ? position : -position) - reducing_beside(order, kNoOrder);
}

/// What other emulated reduce-only orders may still fill at their venues: each alone would leave
/// the position where it may go, all together would turn it before a cancel arrives. Linked orders
/// that share a quantity count once, and those of its own group not at all. With `before` only
/// orders with smaller ids that are not being canceled.
Quantity OrderManager::reducing_beside(const Order& order, ClientOrderId before) const noexcept {
    const SharingGroup own = SharingGroup::of(order);
    const auto counts = [&](const Order& o) {
        return &o != &order && o.side == order.side && !o.held && !is_terminal(o.state) &&
               reduces_here(o) && (before == kNoOrder || (o.id < before && !o.cancel_pending));
    };
    Quantity sum;
    for (std::uint32_t slot = reducing_.first({order.account.value, order.instrument.value});
         slot != OrderGroups::kNone; slot = reducing_.next(slot)) {
        const Order& o = table_.in_slot(slot);
        if (!counts(o)) continue;
        const SharingGroup group = SharingGroup::of(o);
        if (group.shares()) {
            if (o.strategy == own.strategy && o.link == own.link && own.has(o)) continue;
            bool largest = true;  // the oldest of equal ones
            for (std::uint32_t s = links_.first({o.strategy.value, o.link});
                 s != OrderGroups::kNone; s = links_.next(s)) {
                const Order& leg = table_.in_slot(s);
                if (!group.has(leg) || !counts(leg)) continue;
                const Quantity more = leg.worst_leaves() - o.worst_leaves();
                if (more.is_positive() || (more.is_zero() && leg.id < o.id)) largest = false;
            }
            if (!largest) continue;
        }
        sum += o.worst_leaves();
    }
    return sum;
}

/// Where an emulated peg or market-to-limit order would stand now. False: there is no such price.
bool OrderManager::followed_price(const Order& order, Timestamp now, Price& price) const noexcept {
    if (marks_ == nullptr || order.instrument.value >= marks_->size()) return false;
    const Mark& mark = (*marks_)[order.instrument];
    const bool buys = order.side == Side::kBuy;
    if (order.type == OrderType::kMarketToLimit) {
        if (!mark.valid()) return false;
        price = mark.has_quote ? (buys ? mark.ask : mark.bid) : mark.last;
        return true;
    }
    if (!mark.has_quote) return false;
    switch (order.offset_kind) {
        case OffsetKind::kPegMid:
            price = Price::from_raw(mark.bid.raw() + (mark.ask.raw() - mark.bid.raw()) / 2);
            break;
        case OffsetKind::kPegPrimary:
            price = buys ? mark.bid : mark.ask;
            break;
        case OffsetKind::kPegMarket:
            price = buys ? mark.ask : mark.bid;
            break;
        default:
            return false;
    }
    price = on_tick(price + Price::from_raw(order.offset), order, now);
    if (!order.bound.is_zero()) {
        price = buys ? std::min(price, order.bound) : std::max(price, order.bound);
    }
    return true;
}

/// Moves the trigger when the market went the order's way.
void OrderManager::trail(Order& order, const PriceReach& reach, Timestamp now) noexcept {
    const bool buys = order.side == Side::kBuy;
    Price best = buys ? reach.low : reach.high;
    if (reach.is_bar && !emulator_.saw_whole_bar(order.instrument, order.held_since)) {
        best = reach.close;
    }
    const Price trigger = trailing_trigger(order.side, order.offset_kind, order.offset, best,
                                           instruments_[order.instrument].tick_at(now));
    const bool better = trails_to(order.side, trigger, order.stop_price);
    if (!order.stop_price.is_zero() && !better) return;
    order.stop_price = trigger;
    emulator_.watch(order, slot_of(order));
}

void OrderManager::on_market(const MarketEvent& e, EventBuffer& out) noexcept {
    FERMATA_ASSERT(marks_ != nullptr);
    for (std::uint32_t slot = emulator_.first_deadline();
         slot != Emulator::kNone && emulator_.next_deadline() <= e.ts;
         slot = emulator_.first_deadline()) {
        emulator_.clear_deadline(slot);
        Order& order = table_.in_slot(slot);
        if (order.held) {
            apply_own(order, OrderInput::kExpired, OrderReason::kExpireTime, e.ts, out);
        } else if (!order.cancel_pending) {
            send_cancel(order, e.ts, OrderReason::kExpireTime, out);
        }
    }
    for (std::uint32_t slot = emulator_.first_retry();
         slot != Emulator::kNone && emulator_.next_retry() <= e.ts;
         slot = emulator_.first_retry()) {
        emulator_.clear_retry(slot);
        ask_again(table_.in_slot(slot), e.ts, out);
    }
    if (e.instrument.value >= instruments_.size() || !emulator_.watches(e.instrument)) return;
    switch (e.type) {
        case MarketEventType::kSession:
            if (e.data.session.change == SessionChange::kBoundary) on_session(e, out);
            break;
        case MarketEventType::kBarOpen:
            emulator_.on_bar_open(e.instrument, e.ts);
            [[fallthrough]];
        case MarketEventType::kQuote:
        case MarketEventType::kTrade:
        case MarketEventType::kBar:
            // Nothing triggers or moves in a halt: the first price behind it decides.
            if (!(*marks_)[e.instrument].halted) follow_market(e, out);
            break;
        default:
            break;
    }
}

/// Triggers first, as they stood before the event; then what follows the market, and what its new
/// triggers meet at the end of a bar.
void OrderManager::follow_market(const MarketEvent& e, EventBuffer& out) noexcept {
    const InstrumentId i = e.instrument;
    const Mark& mark = (*marks_)[i];
    const std::array<PriceReach, 2> reaches{Emulator::reach(e, mark, Side::kBuy),
                                            Emulator::reach(e, mark, Side::kSell)};
    for (const Side side : {Side::kBuy, Side::kSell}) {
        touch(i, side, reaches[static_cast<std::size_t>(side)], e.ts, out);
    }
    scratch_.clear();
    for (std::uint32_t slot = emulator_.first_follower(i); slot != Emulator::kNone;
         slot = emulator_.next_follower(slot)) {
        scratch_.push_back(slot);
    }
    for (std::size_t n = 0; n < scratch_.size(); ++n) {
        Order& order = table_.in_slot(scratch_[n]);
        if (is_terminal(order.state)) continue;
        follow(order, reaches[static_cast<std::size_t>(order.side)], e.ts, out);
    }
    if (e.type != MarketEventType::kBar) return;
    for (const Side side : {Side::kBuy, Side::kSell}) touch(i, side, at(mark.last), e.ts, out);
}

/// One that trails or is pegged here goes with the market; whatever else is in the list was due
/// before, and the gate kept it here: it is asked again.
void OrderManager::follow(Order& order, const PriceReach& reach, Timestamp now,
                          EventBuffer& out) noexcept {
    const bool by_type = Emulator::of(order, capabilities(order.venue)).type;
    if (by_type && is_trailing(order.type) && !order.triggered) {
        if (reach.known) trail(order, reach, now);
    } else if (by_type && order.type == OrderType::kPegged && !order.held) {
        reprice(order, now, out);
    } else {
        emulator_.unfollow(order, slot_of(order));  // work puts it back if it must wait on
        work(order, OrderReason::kConditionMet, now, out);
    }
}

/// Sends the orders of one side whose trigger the market touched.
void OrderManager::touch(InstrumentId i, Side side, const PriceReach& reach, Timestamp now,
                         EventBuffer& out) noexcept {
    if (!reach.known) return;
    scratch_.clear();  // those whose trigger was touched before they were held
    for (;;) {
        const std::uint32_t slot = emulator_.take_touched(i, side, reach);
        if (slot == Emulator::kNone) break;
        Order& order = table_.in_slot(slot);
        if (reach.is_bar && !emulator_.saw_whole_bar(i, order.held_since) &&
            !touched(order, at(reach.close))) {
            scratch_.push_back(slot);
            continue;
        }
        order.triggered = true;
        emulator_.unfollow(order, slot);
        work(order, OrderReason::kConditionMet, now, out);
    }
    for (const std::uint32_t slot : scratch_) {
        const Order& order = table_.in_slot(slot);
        if (!is_terminal(order.state) && order.held) emulator_.watch(order, slot);
    }
}

void OrderManager::reprice(Order& order, Timestamp now, EventBuffer& out) noexcept {
    const bool may =
        transition(order.state, OrderInput::kRequestReplace).effect == TransitionEffect::kMove;
    if (!may || !order.acknowledged || order.pulled || emulator_.waits(slot_of(order)) ||
        now - order.repriced_at < reprice_interval_) {
        return;
    }
    Price price;
    if (!followed_price(order, now, price)) return;
    if (absolute(price - order.price) < instruments_[order.instrument].tick_at(now)) return;
    NewOrderData terms = sent_terms(order);
    terms.price = price;
    if (!may_send(order, terms, OrderEventType::kSendReplace, now, out)) return;  // stays there
    Order wanted = as_it_stands(order);
    wanted.repriced_at = now;
    wanted.pending_price = price;
    wanted.pending_reserve_price = std::max(order.reserve_price, absolute(price));
    static_cast<void>(send_replace(order, wanted, OrderReason::kRepriced, now, out));
}

/// Held orders for the opening are sent; held orders for the day end with it.
void OrderManager::on_session(const MarketEvent& e, EventBuffer& out) noexcept {
    const bool opens = e.data.session.opens();
    scratch_.clear();
    for (std::uint32_t slot = emulator_.first_held(e.instrument); slot != Emulator::kNone;
         slot = emulator_.next_held(slot)) {
        scratch_.push_back(slot);
    }
    for (const std::uint32_t slot : scratch_) {
        Order& order = table_.in_slot(slot);
        if (is_terminal(order.state) || !order.held) continue;
        if (opens && order.tif == TimeInForce::kAto) {
            order.triggered = true;
            work(order, OrderReason::kConditionMet, e.ts, out);
            // Its opening is over when it is asked again.
            if (order.held && order.kept_by != 0 && !is_terminal(order.state)) {
                apply_own(order, OrderInput::kCanceled, OrderReason::kGate, e.ts, out);
            }
        } else if (!opens && order.tif == TimeInForce::kDay) {
            apply_own(order, OrderInput::kExpired, OrderReason::kSessionEnd, e.ts, out);
        }
    }
}

/// The position moved: emulated reduce-only orders at the venue must not open another one, the
/// older ones first.
void OrderManager::check_reduce_only(AccountId account, InstrumentId i, Timestamp now,
                                     EventBuffer& out) noexcept {
    scratch_.clear();
    for (std::uint32_t slot = reducing_.first({account.value, i.value}); slot != OrderGroups::kNone;
         slot = reducing_.next(slot)) {
        scratch_.push_back(slot);
    }
    // Those that came back to life stand last, but after a restart.
    std::sort(scratch_.begin(), scratch_.end(), [this](std::uint32_t a, std::uint32_t b) {
        return table_.in_slot(a).id < table_.in_slot(b).id;
    });
    const Quantity position = accounts_.position(account, i);
    for (const std::uint32_t slot : scratch_) {
        Order& order = table_.in_slot(slot);
        if (is_terminal(order.state) || order.held || order.cancel_pending) continue;
        const Quantity most = std::max(
            (order.side == Side::kSell ? position : -position) - reducing_beside(order, order.id),
            Quantity::zero());
        if (order.leaves() <= most) continue;
        const bool may =
            transition(order.state, OrderInput::kRequestReplace).effect == TransitionEffect::kMove;
        if (most.is_zero() || !may || order.sliced) {
            send_cancel(order, now, OrderReason::kReduceOnly, out);
            continue;
        }
        Order wanted = as_it_stands(order);
        wanted.pending_quantity = order.cumulative_quantity + most;
        static_cast<void>(send_replace(order, wanted, OrderReason::kReduceOnly, now, out));
    }
}

}  // namespace fermata

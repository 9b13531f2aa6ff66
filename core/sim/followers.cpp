#include "core/sim/followers.hpp"

#include <algorithm>

#include "core/market/moving_price.hpp"

namespace fermata {

Followers::Followers(const InstrumentTable& instruments, MarketStates& markets, RestingBook& book,
                     Executor& executor, Reporter& reporter, std::size_t orders_max)
    : instruments_(instruments),
      markets_(markets),
      book_(book),
      executor_(executor),
      reporter_(reporter) {
    scratch_.reserve(orders_max);
}

Price Followers::tick(const SimOrder& order) const {
    return instruments_[order.instrument].tick_at(reporter_.now());
}

void Followers::set_trigger(SimOrder& order, Price trigger) noexcept {
    order.stop_price = trigger;
    if (order.type == OrderType::kTrailingStopLimit) {
        order.price = trailing_limit(trigger, order.bound);
    }
}

bool Followers::trail_reference(const SimOrder& order, Price& price) const {
    const MarketState& m = markets_[order.instrument];
    if (markets_.on_ticks(m) && !m.traded) {
        if (!markets_.quote_stands(m)) return false;
        price = order.side == Side::kSell ? m.bid : m.ask;
        return order.side == Side::kSell ? m.has_bid() : m.has_ask();
    }
    price = m.last;
    return m.has_last;
}

bool Followers::peg_reference(const SimOrder& order, Price& price) const {
    const MarketState& m = markets_[order.instrument];
    if (!markets_.on_ticks(m) || !m.quoted) {
        price = m.last;
        return m.has_last;
    }
    if (!markets_.quote_stands(m)) return false;
    if (order.offset_kind == OffsetKind::kPegMid) {
        price = middle(m.bid, m.ask);
        return m.has_bid() && m.has_ask();
    }
    const bool own = order.offset_kind == OffsetKind::kPegPrimary;
    const bool bid = (order.side == Side::kBuy) == own;
    price = bid ? m.bid : m.ask;
    return bid ? m.has_bid() : m.has_ask();
}

bool Followers::pegged(const SimOrder& order, Price& price) const {
    Price reference;
    if (!peg_reference(order, reference)) return false;
    const Price step = tick(order);
    price = pegged_price(order.side, order.offset, reference, order.bound, step);
    const MarketState& m = markets_[order.instrument];
    if (!order.is_post_only() || !markets_.quote_stands(m)) return true;
    // A post-only order stays a tick away from the other side.
    if (order.side == Side::kBuy && m.has_ask()) price = std::min(price, m.ask - step);
    if (order.side == Side::kSell && m.has_bid()) price = std::max(price, m.bid + step);
    return true;
}

Price Followers::trail_of(const SimOrder& order, Price price) const {
    const Price candidate =
        trailing_trigger(order.side, order.offset_kind, order.offset, price, tick(order));
    return trails_to(order.side, candidate, order.stop_price) ? candidate : order.stop_price;
}

bool Followers::place(SimOrder& order) const {
    Price price;
    if (order.is_pegged()) {
        if (!pegged(order, price)) return false;
        order.price = price;
        return true;
    }
    if (!order.is_trailing() || order.triggered) return false;
    if (!is_unreachable(order.stop_price)) {
        set_trigger(order, order.stop_price);
        return false;
    }
    if (!trail_reference(order, price)) return false;
    set_trigger(order, trail_of(order, price));
    return true;
}

void Followers::collect_moving(InstrumentId i) {
    scratch_.clear();
    for (const Side side : {Side::kBuy, Side::kSell}) {
        for (const OrderQueue queue : {OrderQueue::kActive, OrderQueue::kDormant}) {
            for (SimSlot slot = book_.first(i, side, queue); slot != kNoOrder;
                 slot = book_.next(slot)) {
                if (book_[slot].is_moving()) scratch_.push_back(slot);
            }
        }
    }
    // The order of arrival, not that of the prices, decides who is first at a new price.
    std::sort(scratch_.begin(), scratch_.end(),
              [this](SimSlot a, SimSlot b) { return book_[a].priority < book_[b].priority; });
}

bool Followers::move_trigger(SimSlot slot, Price trigger) {
    if (book_[slot].stop_price == trigger) return false;
    book_.leave(slot);
    set_trigger(book_[slot], trigger);
    book_.enter(slot);
    executor_.restate(slot, OrderReason::kRepriced);
    return true;
}

bool Followers::reprice(SimSlot slot, Price price) {
    SimOrder& order = book_[slot];
    if (order.price == price) return false;
    book_.leave(slot);
    order.price = price;
    order.aggressive = may_take(order);
    book_.renew_priority(slot);
    book_.enter(slot);
    executor_.restate(slot, OrderReason::kRepriced);
    return true;
}

bool Followers::follow(InstrumentId i, Timestamp end) {
    if (markets_[i].moving == 0) return false;
    collect_moving(i);
    bool moved = false;
    for (const SimSlot slot : scratch_) {
        const SimOrder& order = book_[slot];
        if (order.arrived >= end) continue;
        Price price;
        if (order.is_pegged()) {
            if (pegged(order, price) && reprice(slot, price)) moved = true;
        } else if (trail_reference(order, price)) {
            if (move_trigger(slot, trail_of(order, price))) moved = true;
        }
    }
    return moved;
}

void Followers::trail(InstrumentId i, Price price, Timestamp opened) {
    if (markets_[i].moving == 0) return;
    collect_moving(i);
    for (const SimSlot slot : scratch_) {
        const SimOrder& order = book_[slot];
        if (!order.is_trailing() || order.arrived > opened) continue;
        // Nothing but a price that the order has seen gives it its first trigger.
        if (!is_unreachable(order.stop_price)) move_trigger(slot, trail_of(order, price));
    }
}

}  // namespace fermata

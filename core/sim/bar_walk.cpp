#include "core/sim/bar_walk.hpp"

#include <algorithm>

#include "core/sim/matching.hpp"

namespace fermata {

BarWalk::BarWalk(const FillConfig& fill, RestingBook& book, Executor& executor,
                 Followers& followers, const MarketEvent& bar, Timestamp opened, Supply& supply)
    : fill_(fill),
      book_(book),
      executor_(executor),
      followers_(followers),
      supply_(supply),
      instrument_(bar.instrument),
      opened_(opened),
      end_(bar.ts),
      open_(bar.data.bar.open),
      // A feed may be told to let inconsistent bars pass: what traded was certainly in the range.
      high_(std::max({bar.data.bar.high, bar.data.bar.open, bar.data.bar.close})),
      low_(std::min({bar.data.bar.low, bar.data.bar.open, bar.data.bar.close})),
      close_(bar.data.bar.close),
      at_(bar.data.bar.open),
      number_(executor.begin_pass()) {}

void BarWalk::run() {
    switch (fill_.path) {
        case BarPath::kOpenHighLowClose:
            walk_to(high_);
            walk_to(low_);
            walk_to(close_);
            break;
        case BarPath::kOpenLowHighClose:
            walk_to(low_);
            walk_to(high_);
            walk_to(close_);
            break;
        case BarPath::kAdverse:
        case BarPath::kOptimistic:
            walk_freely();
            finish_trailing();
            finish_at_close();
            break;
    }
}

bool BarWalk::takes_part(const SimOrder& order) const noexcept {
    if (order.arrived >= end_ || order.visited == number_) return false;
    if (order.is_market() || order.is_immediate()) return false;
    if (fill_.path == BarPath::kOptimistic && order.is_trailing() && order.is_dormant()) {
        return false;  // see finish_trailing
    }
    // Certain is only what happens before the close, see finish_at_close.
    return fill_.path != BarPath::kAdverse || order.born != number_;
}

/// Who is last in the queue at his price needs the market beyond it, and so does an order that is
/// pegged to the last price: that somebody came to it is not known.
bool BarWalk::needs_more(const SimOrder& order) const noexcept {
    return needs_market_beyond(order, fill_.limit, true);
}

BarWalk::Step BarWalk::nearest(Side side, OrderQueue queue, Price bound, bool upwards) const {
    const bool stop = queue == OrderQueue::kDormant;
    const bool touch = queue == OrderQueue::kTouch;
    for (SimSlot slot = book_.first(instrument_, side, queue); slot != kNoOrder;
         slot = book_.next(slot)) {
        const SimOrder& order = book_[slot];
        if (!takes_part(order)) continue;
        const Price level = stop || touch ? order.stop_price : order.price;
        if (upwards ? level > bound : level < bound) return {};
        if (level == bound && !stop && !touch && needs_more(order)) continue;
        Step step{slot, level, 0, stop, touch};
        if (upwards ? level > at_ : level < at_) {
            const auto from = static_cast<std::uint64_t>(at_.raw());
            const auto to = static_cast<std::uint64_t>(level.raw());
            step.distance = upwards ? to - from : from - to;
        }
        return step;
    }
    return {};
}

BarWalk::Step BarWalk::next_step(Price bound, bool upwards) const {
    // Above wait limit and if-touched sales and stop buys, below limit and if-touched buys and stop
    // sales.
    const Side limit_side = upwards ? Side::kSell : Side::kBuy;
    const auto nearer = [this](const Step& a, const Step& b) -> const Step& {
        if (a.slot == kNoOrder || b.slot == kNoOrder) return a.slot == kNoOrder ? b : a;
        if (a.distance != b.distance) return a.distance < b.distance ? a : b;
        return choose(a, b);
    };
    const Step limit = nearest(limit_side, OrderQueue::kActive, bound, upwards);
    const Step touch = nearest(limit_side, OrderQueue::kTouch, bound, upwards);
    const Step stop = nearest(opposite(limit_side), OrderQueue::kDormant, bound, upwards);
    return nearer(nearer(limit, touch), stop);
}

const BarWalk::Step& BarWalk::choose(const Step& a, const Step& b) const noexcept {
    if (a.slot == kNoOrder || b.slot == kNoOrder) return a.slot == kNoOrder ? b : a;
    if ((a.distance == 0) != (b.distance == 0)) return a.distance == 0 ? a : b;
    if (a.stop != b.stop) {
        if (fill_.path == BarPath::kAdverse) return a.stop ? a : b;
        if (fill_.path == BarPath::kOptimistic) return a.stop ? b : a;
    }
    if (a.distance != b.distance) return a.distance < b.distance ? a : b;
    return book_[a.slot].priority < book_[b.slot].priority ? a : b;
}

void BarWalk::walk_freely() {
    for (;;) {
        const Step up = next_step(high_, true);
        const Step down = next_step(low_, false);
        const Step& step = choose(up, down);
        if (step.slot == kNoOrder) return;
        execute(step);
    }
}

void BarWalk::walk_to(Price end) {
    const bool upwards = end >= at_;
    for (;;) {
        const Step ahead = next_step(end, upwards);
        // What the price is beyond already on the other side, too, is executed where it stands.
        const Step behind = next_step(at_, !upwards);
        const Step& step = choose(ahead, behind);
        if (step.slot == kNoOrder) break;
        execute(step);
    }
    at_ = end;
    followers_.trail(instrument_, at_, opened_);
}

/// An order that a stop or if-touched order became inside the bar, and whose way back to its limit
/// only the close makes certain.
void BarWalk::finish_at_close() {
    for (const Side side : {Side::kBuy, Side::kSell}) {
        SimSlot slot = book_.first(instrument_, side, OrderQueue::kActive);
        while (slot != kNoOrder) {
            const SimSlot next = book_.next(slot);
            SimOrder& order = book_[slot];
            const std::uint64_t before = executor_.disturbances();
            if (order.born == number_ && order.visited != number_ && order.has_limit() &&
                reaches(side, order.price, close_) &&
                !(order.price == close_ && needs_more(order))) {
                order.visited = number_;
                executor_.make(slot, supply_);
            }
            slot = executor_.disturbances() == before
                       ? next
                       : book_.first(instrument_, side, OrderQueue::kActive);
        }
    }
}

void BarWalk::finish_trailing() {
    for (const Side side : {Side::kBuy, Side::kSell}) {
        SimSlot slot = book_.first(instrument_, side, OrderQueue::kDormant);
        while (slot != kNoOrder) {
            const SimOrder& order = book_[slot];
            if (!order.is_trailing() || order.visited == number_ || order.arrived >= end_ ||
                is_unreachable(order.stop_price)) {
                slot = book_.next(slot);
                continue;
            }
            finish_trailing(slot);
            slot = book_.first(instrument_, side, OrderQueue::kDormant);
        }
    }
}

void BarWalk::finish_trailing(SimSlot slot) {
    SimOrder& order = book_[slot];
    order.visited = number_;
    const bool sale = order.side == Side::kSell;
    const Price helps = sale ? high_ : low_;
    const Price hurts = sale ? low_ : high_;
    const Price first = order.stop_price;
    const bool inside = order.arrived > opened_;
    const Price moved = inside ? first : followers_.trail_of(order, helps);
    const auto reached = [&](Price trigger, Price price) {
        return sale ? price <= trigger : price >= trigger;
    };
    const bool hit = fill_.path == BarPath::kAdverse
                         ? !inside && reached(moved, hurts)
                         : reached(first, hurts) || (!inside && reached(moved, close_));
    followers_.move_trigger(slot, moved);
    if (!hit) return;
    // Of an order that came inside the bar, beyond its trigger already, no more is known.
    at_ = inside && reached(first, open_) ? open_ : moved;
    executor_.trigger(slot);
    take_or_wait(slot, at_, false);
}

void BarWalk::execute(const Step& step) {
    SimOrder& order = book_[step.slot];
    const Price before = at_;
    if (step.distance != 0) at_ = step.level;
    if (step.stop || step.touch) return execute_trigger(step);
    const std::uint64_t refilled = order.refilled;
    const bool beyond = order.price != before && reaches(order.side, order.price, before);
    if (beyond) {
        executor_.take(step.slot, taker_price(order.side), supply_);
    } else {
        executor_.make(step.slot, supply_);
    }
    // An iceberg that has just shown its next part comes once more, behind the others there.
    if (order.refilled == refilled || refilled == number_) order.visited = number_;
}

void BarWalk::execute_trigger(const Step& step) {
    const SimOrder& order = book_[step.slot];
    const bool gapped = step.level != at_;
    const Price price = gapped ? taker_price(order.side) : at_;
    executor_.trigger(step.slot);
    // Behind an if-touched order's trigger the extreme is still to come.
    take_or_wait(step.slot, price, step.touch && !gapped);
}

void BarWalk::take_or_wait(SimSlot slot, Price price, bool certain) {
    SimOrder& order = book_[slot];
    if (order.is_market()) {
        executor_.take(slot, price, supply_);
    } else if (reaches(order.side, order.price, price)) {
        order.visited = number_;
        executor_.take(slot, price, supply_);
    } else if (!certain) {
        order.born = number_;
        order.visited = 0;
    }
}

Price BarWalk::taker_price(Side side) const noexcept {
    if (fill_.path != BarPath::kAdverse) return at_;
    return side == Side::kBuy ? high_ : low_;
}

}  // namespace fermata

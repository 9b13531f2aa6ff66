#include "core/sim/bar_walk.hpp"

#include <algorithm>

namespace fermata {

BarWalk::BarWalk(const FillConfig& fill, RestingBook& book, Executor& executor,
                 const MarketEvent& bar, std::uint32_t number, Supply& supply)
    : fill_(fill),
      book_(book),
      executor_(executor),
      supply_(supply),
      instrument_(bar.instrument),
      end_(bar.ts),
      open_(bar.data.bar.open),
      // A feed may be told to let inconsistent bars pass: what traded was certainly in the range.
      high_(std::max({bar.data.bar.high, bar.data.bar.open, bar.data.bar.close})),
      low_(std::min({bar.data.bar.low, bar.data.bar.open, bar.data.bar.close})),
      close_(bar.data.bar.close),
      at_(bar.data.bar.open),
      number_(number) {}

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
            finish_at_close();
            break;
    }
}

bool BarWalk::takes_part(const SimOrder& order) const noexcept {
    if (order.arrived >= end_ || order.visited == number_) return false;
    if (order.is_market() || order.is_immediate()) return false;
    // Certain is only what happens before the close, see finish_at_close.
    return fill_.path != BarPath::kAdverse || order.born != number_;
}

BarWalk::Step BarWalk::nearest(Side side, OrderQueue queue, Price bound, bool upwards) const {
    SimSlot slot = book_.first(instrument_, side, queue);
    while (slot != kNoOrder && !takes_part(book_[slot])) slot = book_.next(slot);
    if (slot == kNoOrder) return {};
    const SimOrder& order = book_[slot];
    const bool stop = queue == OrderQueue::kDormant;
    const Price level = stop ? order.stop_price : order.price;
    if (upwards ? level > bound : level < bound) return {};
    if (!stop && fill_.limit == LimitFill::kThrough && level == bound) return {};
    Step step{slot, level, 0, stop};
    if (upwards ? level > at_ : level < at_) {
        const auto from = static_cast<std::uint64_t>(at_.raw());
        const auto to = static_cast<std::uint64_t>(level.raw());
        step.distance = upwards ? to - from : from - to;
    }
    return step;
}

BarWalk::Step BarWalk::next_step(Price bound, bool upwards) const {
    // Above wait limit sales and stop buys, below limit buys and stop sales.
    const Side limit_side = upwards ? Side::kSell : Side::kBuy;
    const Step limit = nearest(limit_side, OrderQueue::kActive, bound, upwards);
    const Step stop = nearest(opposite(limit_side), OrderQueue::kDormant, bound, upwards);
    if (limit.slot == kNoOrder) return stop;
    if (stop.slot == kNoOrder) return limit;
    if (limit.distance != stop.distance) return limit.distance < stop.distance ? limit : stop;
    return choose(limit, stop);
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
}

void BarWalk::finish_at_close() {
    for (const Side side : {Side::kBuy, Side::kSell}) {
        SimSlot slot = book_.first(instrument_, side, OrderQueue::kActive);
        while (slot != kNoOrder) {
            const SimSlot next = book_.next(slot);
            const SimOrder& order = book_[slot];
            const bool through = fill_.limit == LimitFill::kThrough && order.price == close_;
            if (order.born == number_ && order.visited != number_ && order.has_limit() &&
                reaches(side, order.price, close_) && !through) {
                executor_.make(slot, supply_);
            }
            slot = next;
        }
    }
}

void BarWalk::execute(const Step& step) {
    SimOrder& order = book_[step.slot];
    const Price before = at_;
    if (step.distance != 0) at_ = step.level;
    if (step.stop) return execute_stop(step);
    order.visited = number_;
    const bool beyond = order.price != before && reaches(order.side, order.price, before);
    if (beyond) {
        executor_.take(step.slot, taker_price(order.side), supply_);
    } else {
        executor_.make(step.slot, supply_);
    }
}

void BarWalk::execute_stop(const Step& step) {
    const SimOrder& order = book_[step.slot];
    const bool gapped = step.level != at_;
    const Price price = gapped ? taker_price(order.side) : at_;
    executor_.trigger(step.slot);
    if (order.type == OrderType::kStop) {
        executor_.take(step.slot, price, supply_);
    } else if (reaches(order.side, order.price, price)) {
        book_[step.slot].visited = number_;
        executor_.take(step.slot, price, supply_);
    } else {
        book_[step.slot].born = number_;
    }
}

Price BarWalk::taker_price(Side side) const noexcept {
    if (fill_.path != BarPath::kAdverse) return at_;
    return side == Side::kBuy ? high_ : low_;
}

}  // namespace fermata

#include "core/sim/bar_matcher.hpp"

#include "core/sim/bar_walk.hpp"
#include "core/sim/matching.hpp"

namespace fermata {

bool BarMatcher::follows(BarState& bar, StreamId stream) const {
    if (bar.has_stream && bar.stream != stream &&
        streams_[stream.value].interval >= streams_[bar.stream.value].interval) {
        return false;
    }
    if (!bar.has_stream || bar.stream != stream) {
        bar = BarState{};
        bar.stream = stream;
        bar.has_stream = true;
    }
    return true;
}

Supply BarMatcher::supply(const BarState& bar, Quantity volume) const {
    const Ratio participation = config_.fill.participation;
    return participation.is_zero() ? Supply::unlimited(volume)
                                   : Supply::limited(volume, participation, bar.taken);
}

bool BarMatcher::on_open(const MarketEvent& e) {
    BarState& bar = bars_[e.instrument.value];
    if (!follows(bar, e.stream)) return false;
    bar.taken = Quantity::zero();
    bar.opened = e.ts;
    const Price open = e.data.bar_open.open;
    // An order of the same instant came before: what begins is sorted behind what was over.
    const Timestamp end = e.ts + Duration::nanoseconds(1);
    trigger_reached(book_, executor_, e.instrument, open, open, end);
    Supply offered = supply(bar, e.data.bar_open.volume);
    match_at(e.instrument, open, end, false, offered);
    bar.taken = offered.taken();
    followers_.follow(e.instrument, end);
    return true;
}

bool BarMatcher::on_bar(const MarketEvent& e) {
    BarState& bar = bars_[e.instrument.value];
    if (!follows(bar, e.stream)) return false;
    Supply offered = supply(bar, e.data.bar.volume);
    BarWalk(config_.fill, book_, executor_, followers_, e, bar.opened, offered).run();
    if (config_.fill.market == MarketFill::kNextPrice) {
        match_at(e.instrument, e.data.bar.close, e.ts, true, offered);
    }
    bar.taken_last = offered.taken();
    bar.volume = e.data.bar.volume;
    bar.taken = Quantity::zero();
    followers_.follow(e.instrument, e.ts);
    return true;
}

SimSlot BarMatcher::next_match(SimSlot from, Price price, Timestamp end,
                               bool immediate_only) const {
    for (SimSlot slot = from; slot != kNoOrder; slot = book_.next(slot)) {
        const SimOrder& order = book_[slot];
        if (!order.is_market() && !reaches(order.side, order.price, price)) return kNoOrder;
        if (order.arrived >= end || executor_.was_visited(order)) continue;
        if (order.is_market() || order.is_immediate()) return slot;
        if (immediate_only) continue;
        if (order.price == price && needs_market_beyond(order, config_.fill.limit, true)) continue;
        return slot;
    }
    return kNoOrder;
}

void BarMatcher::match_at(InstrumentId i, Price price, Timestamp end, bool immediate_only,
                          Supply& offered) {
    executor_.begin_pass();
    const auto start = [&](Side side) {
        return next_match(book_.first(i, side, OrderQueue::kActive), price, end, immediate_only);
    };
    SimSlot buy = start(Side::kBuy);
    SimSlot sell = start(Side::kSell);
    while (buy != kNoOrder || sell != kNoOrder) {
        const bool buy_first = comes_first(book_, buy, sell);
        SimSlot& cursor = buy_first ? buy : sell;
        const SimSlot slot = cursor;
        book_[slot].visited = executor_.pass();
        cursor = next_match(book_.next(slot), price, end, immediate_only);
        const std::uint64_t before = executor_.disturbances();
        executor_.take(slot, price, offered);
        if (executor_.disturbances() == before) continue;
        buy = start(Side::kBuy);
        sell = start(Side::kSell);
    }
    cancel_immediate(i, end);
}

void BarMatcher::cancel_immediate(InstrumentId i, Timestamp end) {
    for (const Side side : {Side::kBuy, Side::kSell}) {
        SimSlot slot = book_.first(i, side, OrderQueue::kActive);
        while (slot != kNoOrder) {
            const SimSlot next = book_.next(slot);
            if (book_[slot].arrived < end) executor_.end_if_immediate(slot);
            slot = next;
        }
    }
}

}  // namespace fermata

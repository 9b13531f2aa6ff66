// Orders for the open and for the close. See simulated_exchange.hpp.
//
// ATO: when its session opens an order is armed, and at the session's first price it takes like an
// immediate order: bars: the first bar's open, quotes: the first quote, trades alone: the first
// trade. ATC: at the close it takes the session's last price: the last bar's close, the last quote,
// the last trade. What is not filled then is canceled. An instrument without a calendar opens with
// the first price of a UTC day and closes with the bar that ends with the day, or else, known with
// the first event of a later day, with the last price before it.
// What is halted opens with the first price behind the halt, and has no close.

#include <algorithm>

#include "core/sim/matching.hpp"
#include "core/sim/simulated_exchange.hpp"
#include "core/sim/utc_day.hpp"

namespace fermata {

void SimulatedExchange::collect_auction(InstrumentId i, TimeInForce tif) {
    scratch_.clear();
    for (const Side side : {Side::kBuy, Side::kSell}) {
        for (SimSlot slot = book_.first(i, side, OrderQueue::kAuction); slot != kNoOrder;
             slot = book_.next(slot)) {
            if (book_[slot].tif == tif) scratch_.push_back(slot);
        }
    }
    // Market orders first, then by arrival.
    std::sort(scratch_.begin(), scratch_.end(),
              [this](SimSlot a, SimSlot b) { return comes_first(book_, a, b); });
}

void SimulatedExchange::arm_opening(InstrumentId i) {
    if (markets_[i].live == 0) return;
    collect_auction(i, TimeInForce::kAto);
    for (const SimSlot slot : scratch_) book_[slot].armed = true;
}

void SimulatedExchange::release(SimSlot slot) {
    book_.leave(slot);
    SimOrder& order = book_[slot];
    order.released = true;
    order.aggressive = true;
    book_.enter(slot);
}

void SimulatedExchange::release_opening(const MarketEvent& e) {
    if (markets_[e.instrument].live == 0) return;
    if (book_.first(e.instrument, Side::kBuy, OrderQueue::kAuction) == kNoOrder &&
        book_.first(e.instrument, Side::kSell, OrderQueue::kAuction) == kNoOrder) {
        return;
    }
    const bool has_calendar = !instruments_[e.instrument].calendar.empty();
    const Timestamp day = start_of_utc_day(e.ts);
    collect_auction(e.instrument, TimeInForce::kAto);
    for (const SimSlot slot : scratch_) {
        const SimOrder& order = book_[slot];
        if (order.arrived > e.ts) continue;
        if (has_calendar ? order.armed : order.arrived <= day) release(slot);
    }
}

void SimulatedExchange::close_auction(InstrumentId i, Timestamp arrived_before) {
    const MarketState& m = markets_[i];
    if (markets_.on_ticks(m) && markets_.quote_stands(m)) {
        collect_auction(i, TimeInForce::kAtc);
        bool any = false;
        for (const SimSlot slot : scratch_) {
            if (book_[slot].arrived >= arrived_before) continue;
            release(slot);
            any = true;
        }
        if (any) quotes_.match(i);
        return;
    }
    const bool known = m.fresh && m.has_last;
    close_auction_at(i, arrived_before, known ? std::optional(m.last) : std::nullopt);
}

void SimulatedExchange::close_auction_at(InstrumentId i, Timestamp arrived_before,
                                         std::optional<Price> price) {
    if (markets_[i].halted) price.reset();  // there is no closing auction
    collect_auction(i, TimeInForce::kAtc);
    Supply offered = markets_.on_ticks(markets_[i]) ? Supply::unlimited(Quantity::zero())
                                                    : bars_.closing_supply(i);
    executor_.begin_pass();
    for (const SimSlot slot : scratch_) {
        if (!book_.is_live(slot)) continue;  // canceled by the fill of an order linked to it
        const SimOrder& order = book_[slot];
        if (order.arrived >= arrived_before) continue;
        const bool fills =
            price &&
            (order.is_market() ||
             (reaches(order.side, order.price, *price) &&
              !(order.price == *price && needs_market_beyond(order, config_.fill.limit, false))));
        if (fills) executor_.take(slot, *price, offered);
        if (book_.is_live(slot)) {
            executor_.end(slot, ExecType::kCanceled, OrderReason::kNoLiquidity);
        }
    }
}

}  // namespace fermata

#include "core/sim/quote_matcher.hpp"

#include <optional>

#include "core/sim/matching.hpp"

namespace fermata {

void QuoteMatcher::forget_taken(const MarketEvent& e) {
    MarketState& m = markets_[e.instrument];
    Taken& taken = taken_[e.instrument.value];
    const QuoteData& quote = e.data.quote;
    if (quote.bid != m.bid || quote.bid_quantity != m.bid_size) taken.bid = Quantity::zero();
    if (quote.ask != m.ask || quote.ask_quantity != m.ask_size) taken.ask = Quantity::zero();
    m.taken = !taken.bid.is_zero() || !taken.ask.is_zero();
}

void QuoteMatcher::discard(InstrumentId i) {
    MarketState& m = markets_[i];
    m.has_quote = false;
    m.taken = false;
    taken_[i.value] = {};
}

Supply QuoteMatcher::supply(InstrumentId i, Side side) const {
    const MarketState& m = markets_[i];
    const bool buys = side == Side::kBuy;
    const Quantity taken = buys ? taken_[i.value].ask : taken_[i.value].bid;
    const Quantity size = buys ? m.ask_size : m.bid_size;
    const Supply offered = m.size_unknown
                               ? Supply::unlimited(Quantity::zero())
                               : Supply::limited(size, config_.fill.participation, taken);
    std::int64_t spread = 0;
    if (!m.has_bid() || !m.has_ask() || __builtin_sub_overflow(m.ask.raw(), m.bid.raw(), &spread)) {
        return offered;
    }
    return offered.with_spread(Price::from_raw(spread));
}

void QuoteMatcher::settle(InstrumentId i, Side side, const Supply& supply) {
    if (markets_[i].size_unknown || supply.taken().is_zero()) return;
    (side == Side::kBuy ? taken_[i.value].ask : taken_[i.value].bid) = supply.taken();
    markets_[i].taken = true;
}

void QuoteMatcher::match(InstrumentId i) {
    const MarketState& m = markets_[i];
    if (!markets_.quote_stands(m)) return;
    if (!m.traded) trigger_by_quote(i);
    match_side(i, Side::kBuy);
    match_side(i, Side::kSell);
}

void QuoteMatcher::trigger_by_quote(InstrumentId i) {
    const MarketState& m = markets_[i];
    const std::optional<Price> ask = m.has_ask() ? std::optional(m.ask) : std::nullopt;
    const std::optional<Price> bid = m.has_bid() ? std::optional(m.bid) : std::nullopt;
    trigger_reached(book_, executor_, i, ask, bid, Timestamp::never());
}

bool QuoteMatcher::is_triggered_by_quote(SimSlot slot) const {
    const SimOrder& order = book_[slot];
    const MarketState& m = markets_[order.instrument];
    return has_opposite(m, order.side) && triggers(order, opposite_price(m, order.side));
}

void QuoteMatcher::match_side(InstrumentId i, Side side) {
    const MarketState& m = markets_[i];
    const SimSlot head = book_.first(i, side, OrderQueue::kActive);
    if (head == kNoOrder) return;
    if (!has_opposite(m, side)) {
        if (m.aggressive != 0) calm_from(head);
        return;
    }
    const Price quote = opposite_price(m, side);
    if (!reaches(side, book_.head_price(i, side, OrderQueue::kActive), quote)) {
        if (m.aggressive != 0) calm_from(head);
        return;
    }
    Supply offered = supply(i, side);
    executor_.begin_pass();
    const SimSlot unreached = match_reached(head, quote, offered);
    settle(i, side, offered);
    if (m.aggressive != 0) calm_from(unreached);
}

/// The first order that the quote does not reach.
SimSlot QuoteMatcher::match_reached(SimSlot head, Price quote, Supply& offered) {
    const InstrumentId i = book_[head].instrument;
    const Side side = book_[head].side;
    SimSlot slot = head;
    while (slot != kNoOrder) {
        const SimOrder& order = book_[slot];
        if (!order.is_market() && !reaches(side, order.price, quote)) break;
        const SimSlot next = book_.next(slot);
        if (executor_.was_visited(order)) {
            slot = next;
            continue;
        }
        const std::uint64_t before = executor_.disturbances();
        match_one(slot, quote, offered);
        slot =
            executor_.disturbances() == before ? next : book_.first(i, side, OrderQueue::kActive);
    }
    return slot;
}

void QuoteMatcher::match_one(SimSlot slot, Price quote, Supply& offered) {
    SimOrder& order = book_[slot];
    const std::uint64_t refilled = order.refilled;
    if (order.is_market() || order.aggressive) {
        executor_.take(slot, quote, offered);
    } else if (config_.fill.limit == LimitFill::kTouch || order.price != quote) {
        executor_.make(slot, offered);
    }
    // An iceberg that has just shown its next part comes once more, behind the others there.
    if (order.refilled == refilled || refilled == executor_.pass()) {
        order.visited = executor_.pass();
    }
    executor_.end_if_immediate(slot);
}

void QuoteMatcher::calm_from(SimSlot slot) {
    while (slot != kNoOrder) {
        const SimSlot next = book_.next(slot);
        // A market order waits for a quote, unless it must not wait.
        book_.calm(slot);
        executor_.end_if_immediate(slot);
        slot = next;
    }
}

void QuoteMatcher::match_order(SimSlot slot) {
    const InstrumentId i = book_[slot].instrument;
    const MarketState& m = markets_[i];
    if (!markets_.quote_stands(m)) {
        // Where there are quotes, "at once" means now; where there is nothing yet, the first event.
        if (m.quoted && book_[slot].is_immediate()) {
            executor_.end(slot, ExecType::kCanceled,
                          m.closed ? OrderReason::kMarketClosed : OrderReason::kNoLiquidity);
        }
        return;
    }
    if (book_[slot].is_dormant()) {
        if (m.traded || !is_triggered_by_quote(slot)) return;
        executor_.trigger(slot);
    }
    const Side side = book_[slot].side;
    const Price quote = opposite_price(m, side);
    const bool reached = has_opposite(m, side) &&
                         (book_[slot].is_market() || reaches(side, book_[slot].price, quote));
    if (!reached) {
        book_.calm(slot);
        executor_.end_if_immediate(slot);
        return;
    }
    executor_.begin_pass();
    Supply offered = supply(i, side);
    match_one(slot, quote, offered);
    settle(i, side, offered);
}

}  // namespace fermata

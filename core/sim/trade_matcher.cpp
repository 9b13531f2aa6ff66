#include "core/sim/trade_matcher.hpp"

#include "core/sim/matching.hpp"

namespace fermata {

void TradeMatcher::match(const MarketEvent& e) {
    const InstrumentId i = e.instrument;
    const MarketState& m = markets_[i];
    if (!markets_.in_session(m)) return;
    const std::uint64_t newcomers = book_.next_priority();
    const Price price = e.data.trade.price;
    trigger_reached(book_, executor_, i, price, price, Timestamp::never());
    match_print(e, newcomers, m.quoted);
    // A stop that was triggered just now meets the standing quote.
    if (m.quoted && newcomers != book_.next_priority()) quotes_.match(i);
}

SimSlot TradeMatcher::next_match(SimSlot from, Price price, std::uint64_t newcomers,
                                 bool quoted) const {
    for (SimSlot slot = from; slot != kNoOrder; slot = book_.next(slot)) {
        const SimOrder& order = book_[slot];
        const bool takes = order.is_market() || order.aggressive;
        if (!order.is_market() && !reaches(order.side, order.price, price)) return kNoOrder;
        if (order.priority >= newcomers && order.refilled != executor_.pass()) continue;
        if (executor_.was_visited(order)) continue;
        if (takes && quoted) continue;  // takes from the quote
        if (!takes && order.price == price &&
            needs_market_beyond(order, config_.fill.limit, !quoted)) {
            continue;
        }
        return slot;
    }
    return kNoOrder;
}

void TradeMatcher::match_print(const MarketEvent& e, std::uint64_t newcomers, bool quoted) {
    const Price price = e.data.trade.price;
    const Quantity size = e.data.trade.quantity;
    Supply offered = (e.flags & kFlagSizeUnknown) != 0
                         ? Supply::unlimited(Quantity::zero())
                         : Supply::limited(size, config_.fill.participation, Quantity::zero());
    const auto start = [&](Side side) {
        return next_match(book_.first(e.instrument, side, OrderQueue::kActive), price, newcomers,
                          quoted);
    };
    executor_.begin_pass();
    SimSlot buy = start(Side::kBuy);
    SimSlot sell = start(Side::kSell);
    while (buy != kNoOrder || sell != kNoOrder) {
        SimSlot& cursor = comes_first(book_, buy, sell) ? buy : sell;
        const SimSlot slot = cursor;
        cursor = next_match(book_.next(slot), price, newcomers, quoted);
        const std::uint64_t before = executor_.disturbances();
        match_one(slot, price, offered);
        if (executor_.disturbances() == before) continue;
        buy = start(Side::kBuy);
        sell = start(Side::kSell);
    }
    if (!quoted && markets_[e.instrument].aggressive != 0) {
        calm_unreached(e.instrument, Side::kBuy, price);
        calm_unreached(e.instrument, Side::kSell, price);
    }
}

void TradeMatcher::match_one(SimSlot slot, Price price, Supply& offered) {
    SimOrder& order = book_[slot];
    const std::uint64_t refilled = order.refilled;
    if (order.is_market() || order.aggressive) {
        executor_.take(slot, price, offered);
    } else {
        executor_.make(slot, offered);
    }
    // An iceberg that has just shown its next part comes once more, behind the others there.
    if (order.refilled == refilled || refilled == executor_.pass()) {
        order.visited = executor_.pass();
    }
    executor_.end_if_immediate(slot);
}

void TradeMatcher::calm_unreached(InstrumentId i, Side side, Price price) {
    SimSlot slot = book_.first(i, side, OrderQueue::kActive);
    while (slot != kNoOrder) {
        const SimSlot next = book_.next(slot);
        const SimOrder& order = book_[slot];
        if (!order.is_market() && !reaches(side, order.price, price)) {
            book_.calm(slot);
            executor_.end_if_immediate(slot);
        }
        slot = next;
    }
}

void TradeMatcher::place_order(SimSlot slot) {
    const SimOrder& order = book_[slot];
    const MarketState& m = markets_[order.instrument];
    if (m.quoted || !m.has_last || order.is_immediate() || !order.has_limit()) return;
    if (order.is_dormant()) return;
    if (!reaches(order.side, order.price, m.last)) book_.calm(slot);
}

}  // namespace fermata

#include "core/sim/trade_matcher.hpp"

#include "core/sim/matching.hpp"

namespace fermata {

void TradeMatcher::match(const MarketEvent& e) {
    const InstrumentId i = e.instrument;
    const MarketState& m = markets_[i];
    if (!markets_.in_session(m)) return;
    const std::uint64_t newcomers = book_.next_priority();
    const Price price = e.data.trade.price;
    trigger_stops(book_, executor_, i, price, price, Timestamp::never());
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
        if (order.priority >= newcomers) continue;
        if (takes && quoted) continue;  // takes from the quote
        if (!takes && config_.fill.limit == LimitFill::kThrough && order.price == price) continue;
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
    SimSlot buy = start(Side::kBuy);
    SimSlot sell = start(Side::kSell);
    while (buy != kNoOrder || sell != kNoOrder) {
        SimSlot& cursor = comes_first(book_, buy, sell) ? buy : sell;
        const SimSlot slot = cursor;
        cursor = next_match(book_.next(slot), price, newcomers, quoted);
        if (book_[slot].is_market() || book_[slot].aggressive) {
            executor_.take(slot, price, offered);
        } else {
            executor_.make(slot, offered);
        }
        executor_.end_if_immediate(slot);
    }
    if (!quoted && markets_[e.instrument].aggressive != 0) {
        calm_unreached(e.instrument, Side::kBuy, price);
        calm_unreached(e.instrument, Side::kSell, price);
    }
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
    if (!reaches(order.side, order.price, m.last)) book_.calm(slot);
}

}  // namespace fermata

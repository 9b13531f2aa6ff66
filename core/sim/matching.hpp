#pragma once

#include "core/sim/executor.hpp"
#include "core/sim/resting_book.hpp"
#include "core/sim/sim_order.hpp"
#include "core/types/ids.hpp"
#include "core/types/number.hpp"
#include "core/types/time.hpp"

namespace fermata {

/// Which of two orders of opposite sides is served first from one supply: the market order, else
/// the earlier one. Either may be kNoOrder, not both.
[[nodiscard]] inline bool comes_first(const RestingBook& book, SimSlot a, SimSlot b) {
    if (a == kNoOrder || b == kNoOrder) return b == kNoOrder;
    if (book[a].is_market() != book[b].is_market()) return book[a].is_market();
    return book[a].priority < book[b].priority;
}

/// Triggers, in the order of their arrival, the stop orders that arrived before `end` and that are
/// reached by `buy_trigger` (buys: at or above their stop price) or `sell_trigger` (sales: at or
/// below it).
inline void trigger_stops(RestingBook& book, Executor& executor, InstrumentId i, Price buy_trigger,
                          Price sell_trigger, Timestamp end) {
    const auto next_stop = [&](Side side, Price market) {
        SimSlot slot = book.first(i, side, OrderQueue::kDormant);
        while (slot != kNoOrder && book[slot].arrived >= end) slot = book.next(slot);
        // A buy stop is reached from below: as a sale's limit would be.
        if (slot != kNoOrder && !reaches(opposite(side), book[slot].stop_price, market)) {
            return kNoOrder;
        }
        return slot;
    };
    for (;;) {
        const SimSlot buy = next_stop(Side::kBuy, buy_trigger);
        const SimSlot sell = next_stop(Side::kSell, sell_trigger);
        if (buy == kNoOrder && sell == kNoOrder) return;
        executor.trigger(comes_first(book, buy, sell) ? buy : sell);
    }
}

}  // namespace fermata

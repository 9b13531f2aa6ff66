#pragma once

#include <optional>

#include "core/sim/executor.hpp"
#include "core/sim/resting_book.hpp"
#include "core/sim/sim_config.hpp"
#include "core/sim/sim_order.hpp"
#include "core/types/ids.hpp"
#include "core/types/number.hpp"
#include "core/types/time.hpp"

namespace fermata {

/// Which of two orders of opposite sides is served first from one supply: the market order, else
/// the earlier one. Either may be kNoOrder.
[[nodiscard]] inline bool comes_first(const RestingBook& book, SimSlot a, SimSlot b) {
    if (a == kNoOrder || b == kNoOrder) return b == kNoOrder;
    if (book[a].is_market() != book[b].is_market()) return book[a].is_market();
    return book[a].priority < book[b].priority;
}

/// A resting order at the very price of the market is not filled: it is the last in the queue
/// there, or it is pegged to a last price (`last_price`: the market shows no quotes), which tells
/// nothing about the other side.
[[nodiscard]] inline bool needs_market_beyond(const SimOrder& order, LimitFill limit,
                                              bool last_price) noexcept {
    return limit == LimitFill::kThrough ||
           (last_price && order.is_pegged() && order.offset_kind != OffsetKind::kPegMarket);
}

/// Triggers, in the order of their arrival, the stop and if-touched orders that arrived before
/// `end` and that the market reaches: `buys` meet purchases, `sells` sales; where there is no such
/// price nothing is reached.
inline void trigger_reached(RestingBook& book, Executor& executor, InstrumentId i,
                            std::optional<Price> buys, std::optional<Price> sells, Timestamp end) {
    const auto next = [&](Side side, OrderQueue queue, std::optional<Price> market) {
        if (!market) return kNoOrder;
        SimSlot slot = book.first(i, side, queue);
        while (slot != kNoOrder && book[slot].arrived >= end) slot = book.next(slot);
        return slot != kNoOrder && triggers(book[slot], *market) ? slot : kNoOrder;
    };
    const auto first = [&](SimSlot a, SimSlot b) { return comes_first(book, a, b) ? a : b; };
    for (;;) {
        const SimSlot stop = first(next(Side::kBuy, OrderQueue::kDormant, buys),
                                   next(Side::kSell, OrderQueue::kDormant, sells));
        const SimSlot touch = first(next(Side::kBuy, OrderQueue::kTouch, buys),
                                    next(Side::kSell, OrderQueue::kTouch, sells));
        const SimSlot slot = first(stop, touch);
        if (slot == kNoOrder) return;
        executor.trigger(slot);
    }
}

}  // namespace fermata

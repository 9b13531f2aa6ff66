#include "core/sim/resting_book.hpp"

#include "core/base/assert.hpp"

namespace fermata {

RestingBook::RestingBook(MarketStates& markets, std::size_t orders_max)
    : markets_(markets),
      books_(markets.size()),
      orders_(orders_max),
      index_(orders_max),
      groups_(orders_max) {
    FERMATA_ASSERT(orders_max < kNoOrder);
    free_.reserve(orders_max);
    for (std::size_t slot = orders_max; slot > 0; --slot) {
        free_.push_back(static_cast<SimSlot>(slot - 1));
    }
    for (std::uint32_t i = 0; i < books_.size(); ++i) {
        for (const Side side : {Side::kBuy, Side::kSell}) {
            for (const OrderQueue queue : kOrderQueues) {
                refresh_head(InstrumentId{i}, side, queue);
            }
        }
    }
}

SimSlot RestingBook::add(const SimOrder& order) {
    FERMATA_ASSERT(order.id.value != 0);
    if (free_.empty()) return kNoOrder;
    const SimSlot slot = free_.back();
    free_.pop_back();
    orders_[slot] = order;
    orders_[slot].queued = false;
    renew_priority(slot);
    index_.insert({0, order.id.value}, slot);
    if (LinkGroups::is_linked(order)) groups_.join(orders_, slot);
    return slot;
}

void RestingBook::release(SimSlot slot) {
    SimOrder& order = orders_[slot];
    FERMATA_ASSERT(order.id.value != 0 && !order.queued);
    index_.erase({0, order.id.value});
    if (LinkGroups::is_linked(order)) groups_.leave(orders_, slot);
    order.id = ClientOrderId{};
    free_.push_back(slot);
}

Price RestingBook::key(const SimOrder& order) noexcept {
    if (order.is_dormant()) return order.stop_price;
    if (order.has_limit()) return order.price;
    return order.side == Side::kBuy ? Price::max() : Price::min();
}

void RestingBook::refresh_head(InstrumentId i, Side side, OrderQueue queue) noexcept {
    Book& book = books_[i.value];
    const std::size_t n = index_of(side, queue);
    const SimSlot head = book.queues[n].head;
    if (head != kNoOrder) {
        book.head_price[n] = key(orders_[head]);
    } else {
        book.head_price[n] = ascending(side, queue) ? Price::max() : Price::min();
    }
}

void RestingBook::enter(SimSlot slot) {
    SimOrder& order = orders_[slot];
    FERMATA_ASSERT(order.id.value != 0 && !order.queued);
    const OrderQueue queue = queue_of(order);
    const bool low_first = ascending(order.side, queue);
    const Price price = key(order);
    const auto comes_before = [&](const SimOrder& other) {
        const Price theirs = key(other);
        if (price != theirs) return low_first ? price < theirs : price > theirs;
        return order.priority < other.priority;
    };
    Ends& ends = books_[order.instrument.value].queues[index_of(order.side, queue)];
    // From the tail: newcomers mostly belong there.
    SimSlot behind = ends.tail;
    while (behind != kNoOrder && comes_before(orders_[behind])) behind = orders_[behind].previous;
    order.previous = behind;
    order.next = behind == kNoOrder ? ends.head : orders_[behind].next;
    (order.previous == kNoOrder ? ends.head : orders_[order.previous].next) = slot;
    (order.next == kNoOrder ? ends.tail : orders_[order.next].previous) = slot;
    order.queued = true;
    refresh_head(order.instrument, order.side, queue);
    MarketState& market = markets_[order.instrument];
    ++market.live;
    if (order.aggressive) ++market.aggressive;
    if (order.is_moving()) ++market.moving;
}

void RestingBook::leave(SimSlot slot) {
    SimOrder& order = orders_[slot];
    FERMATA_ASSERT(order.queued);
    const OrderQueue queue = queue_of(order);
    Ends& ends = books_[order.instrument.value].queues[index_of(order.side, queue)];
    (order.previous == kNoOrder ? ends.head : orders_[order.previous].next) = order.next;
    (order.next == kNoOrder ? ends.tail : orders_[order.next].previous) = order.previous;
    order.next = order.previous = kNoOrder;
    order.queued = false;
    refresh_head(order.instrument, order.side, queue);
    MarketState& market = markets_[order.instrument];
    --market.live;
    if (order.aggressive) --market.aggressive;
    if (order.is_moving()) --market.moving;
}

void RestingBook::trigger(SimSlot slot) {
    FERMATA_ASSERT(orders_[slot].is_dormant());
    leave(slot);
    orders_[slot].triggered = true;
    orders_[slot].aggressive = orders_[slot].has_limit();
    renew_priority(slot);
    enter(slot);
}

void RestingBook::calm(SimSlot slot) {
    SimOrder& order = orders_[slot];
    if (!order.aggressive) return;
    order.aggressive = false;
    if (order.queued) --markets_[order.instrument].aggressive;
}

}  // namespace fermata

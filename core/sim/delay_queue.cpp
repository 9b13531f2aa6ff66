#include "core/sim/delay_queue.hpp"

#include "core/base/assert.hpp"

namespace fermata {

DelayQueue::DelayQueue(std::size_t messages_max, std::size_t expiries_max)
    : messages_max_(messages_max), nodes_(messages_max + expiries_max), messages_(messages_max) {
    FERMATA_ASSERT(nodes_.size() < kNoEntry);
    free_messages_.reserve(messages_max);
    free_expiries_.reserve(expiries_max);
    heap_.reserve(nodes_.size());
    for (std::size_t n = nodes_.size(); n > 0; --n) {
        (n > messages_max ? free_expiries_ : free_messages_).push_back(static_cast<Entry>(n - 1));
    }
}

void DelayQueue::push_message(Kind kind, Timestamp due, const OrderEvent& message) {
    FERMATA_ASSERT(!free_messages_.empty());
    const Entry entry = free_messages_.back();
    free_messages_.pop_back();
    messages_[entry] = message;
    push(entry, kind, due, kNoOrder);
}

DelayQueue::Entry DelayQueue::push_expiry(Timestamp due, SimSlot order) {
    FERMATA_ASSERT(!free_expiries_.empty());
    const Entry entry = free_expiries_.back();
    free_expiries_.pop_back();
    push(entry, Kind::kExpiry, due, order);
    return entry;
}

void DelayQueue::remove(Entry entry) {
    FERMATA_ASSERT(entry >= messages_max_ && entry < nodes_.size());
    erase_at(nodes_[entry].heap_position);
    recycle(entry);
}

DelayQueue::Item DelayQueue::pop() {
    FERMATA_ASSERT(!heap_.empty());
    const Entry entry = heap_.front();
    const Node& node = nodes_[entry];
    const Item item{node.kind, node.due, node.order,
                    entry < messages_max_ ? &messages_[entry] : nullptr};
    erase_at(0);
    recycle(entry);
    return item;
}

void DelayQueue::push(Entry entry, Kind kind, Timestamp due, SimSlot order) {
    nodes_[entry] = Node{due, next_sequence_++, 0, order, kind};
    heap_.push_back(entry);
    sift_up(heap_.size() - 1, entry);
    next_due_ = nodes_[heap_.front()].due;
}

void DelayQueue::erase_at(std::size_t position) {
    const Entry last = heap_.back();
    heap_.pop_back();
    if (position < heap_.size()) {
        if (position > 0 && before(last, heap_[(position - 1) / 2])) {
            sift_up(position, last);
        } else {
            sift_down(position, last);
        }
    }
    next_due_ = heap_.empty() ? Timestamp::never() : nodes_[heap_.front()].due;
}

void DelayQueue::sift_up(std::size_t position, Entry entry) noexcept {
    while (position > 0) {
        const std::size_t parent = (position - 1) / 2;
        if (!before(entry, heap_[parent])) break;
        place(position, heap_[parent]);
        position = parent;
    }
    place(position, entry);
}

void DelayQueue::sift_down(std::size_t position, Entry entry) noexcept {
    for (;;) {
        std::size_t child = 2 * position + 1;
        if (child >= heap_.size()) break;
        if (child + 1 < heap_.size() && before(heap_[child + 1], heap_[child])) ++child;
        if (!before(heap_[child], entry)) break;
        place(position, heap_[child]);
        position = child;
    }
    place(position, entry);
}

void DelayQueue::recycle(Entry entry) {
    (entry < messages_max_ ? free_messages_ : free_expiries_).push_back(entry);
}

}  // namespace fermata

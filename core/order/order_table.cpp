#include "core/order/order_table.hpp"

#include "core/base/assert.hpp"

namespace fermata {

OrderTable::OrderTable(std::size_t capacity)
    : orders_(capacity),
      links_(capacity),
      by_id_(2 * capacity),
      by_tag_(capacity, 4),
      aliases_(capacity) {
    FERMATA_ASSERT(capacity > 0 && capacity < kNone / 2);
    for (std::size_t i = capacity; i-- > 0;) {
        links_[i].next = free_;
        free_ = static_cast<std::uint32_t>(i);
        aliases_[i].next = free_alias_;
        free_alias_ = static_cast<std::uint32_t>(i);
    }
}

/// What the next `insert` forgets was last touched long ago: asked for now, it need not wait then.
/// Its ids must be known to ask for its entries in the indexes, so orders come one `insert`
/// earlier. Inlined always, see IdIndex::prefetch.
[[gnu::always_inline]] inline void OrderTable::prefetch_oldest() const noexcept {
    if (free_ != kNone || terminal_.head == kNone) return;
    const Order& first = orders_[terminal_.head];
    by_id_.prefetch({0, first.id.value});
    by_tag_.prefetch({0, first.tag.value});
    const std::uint32_t second = links_[terminal_.head].next;
    if (second == kNone) return;
    __builtin_prefetch(&links_[second], 1);
    const char* order = reinterpret_cast<const char*>(&orders_[second]);
    for (std::size_t at = 0; at < sizeof(Order); at += 64) __builtin_prefetch(order + at, 1);
}

Result<OrderHandle, OrderTableError> OrderTable::insert(const Order& order) noexcept {
    FERMATA_ASSERT(!is_terminal(order.state));
    if (order.id <= newest_ || find(order.tag) != nullptr) {
        return Err{OrderTableError::kDuplicate};
    }
    if (free_ == kNone) {
        if (terminal_.head == kNone) return Err{OrderTableError::kFull};
        forget(terminal_.head);
    }
    const std::uint32_t index = take_slot(order);
    links_[index].terminal = false;
    append(open_, index);
    newest_ = order.id;
    prefetch_oldest();
    return OrderHandle{index, links_[index].generation};
}

/// A free slot for the order, found by its ids from now on.
std::uint32_t OrderTable::take_slot(const Order& order) noexcept {
    const std::uint32_t index = free_;
    free_ = links_[index].next;
    orders_[index] = order;
    by_id_.insert({0, order.id.value}, index);
    by_tag_.insert({0, order.tag.value}, index);
    return index;
}

Order* OrderTable::get(OrderHandle handle) noexcept {
    if (handle.index >= orders_.size() || links_[handle.index].generation != handle.generation) {
        return nullptr;
    }
    // A slot that was never used has a generation too, but no order.
    return find(orders_[handle.index].id) == &orders_[handle.index] ? &orders_[handle.index]
                                                                    : nullptr;
}

OrderHandle OrderTable::handle_of(const Order& order) const noexcept {
    const auto index = static_cast<std::size_t>(&order - orders_.data());
    FERMATA_ASSERT(index < orders_.size());
    return OrderHandle{static_cast<std::uint32_t>(index), links_[index].generation};
}

void OrderTable::settle(const Order& order) noexcept {
    const std::uint32_t index = handle_of(order).index;
    const bool terminal = is_terminal(order.state);
    if (links_[index].terminal == terminal) return;
    remove(terminal ? open_ : terminal_, index);
    append(terminal ? terminal_ : open_, index);
    links_[index].terminal = terminal;
}

void OrderTable::release(OrderHandle handle) noexcept {
    FERMATA_ASSERT(get(handle) != nullptr && links_[handle.index].terminal);
    forget(handle.index);
}

bool OrderTable::add_alias(const Order& order, ClientOrderId id) noexcept {
    const std::uint32_t index = handle_of(order).index;
    Links& links = links_[index];
    if (free_alias_ == kNone) {
        if (links.aliases == kNone) return false;
        std::uint32_t* last = &links.aliases;
        while (aliases_[*last].next != kNone) last = &aliases_[*last].next;
        free_alias_ = *last;
        *last = kNone;
        by_id_.erase({0, aliases_[free_alias_].id.value});
    }
    const std::uint32_t alias = free_alias_;
    free_alias_ = aliases_[alias].next;
    aliases_[alias] = Alias{id, links.aliases};
    links.aliases = alias;
    by_id_.insert({0, id.value}, index);
    return true;
}

void OrderTable::append(List& list, std::uint32_t index) noexcept {
    links_[index].previous = list.tail;
    links_[index].next = kNone;
    (list.tail == kNone ? list.head : links_[list.tail].next) = index;
    list.tail = index;
    ++list.count;
}

void OrderTable::remove(List& list, std::uint32_t index) noexcept {
    const Links& l = links_[index];
    (l.previous == kNone ? list.head : links_[l.previous].next) = l.next;
    (l.next == kNone ? list.tail : links_[l.next].previous) = l.previous;
    --list.count;
}

void OrderTable::forget(std::uint32_t index) noexcept {
    remove(terminal_, index);
    by_id_.erase({0, orders_[index].id.value});
    by_tag_.erase({0, orders_[index].tag.value});
    while (links_[index].aliases != kNone) {
        const std::uint32_t alias = links_[index].aliases;
        links_[index].aliases = aliases_[alias].next;
        by_id_.erase({0, aliases_[alias].id.value});
        aliases_[alias].next = free_alias_;
        free_alias_ = alias;
    }
    ++links_[index].generation;
    links_[index].next = free_;
    free_ = index;
}

}  // namespace fermata

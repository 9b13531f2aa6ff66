#include "core/sim/link_groups.hpp"

namespace fermata {

void LinkGroups::join(std::vector<SimOrder>& orders, SimSlot slot) noexcept {
    SimOrder& order = orders[slot];
    const SimSlot head = first(order);
    if (head == kNoOrder || orders[head].id > order.id) {
        if (head != kNoOrder) {
            orders[head].link_previous = slot;
            heads_.erase(key(order));
        }
        order.link_next = head;
        order.link_previous = kNoOrder;
        heads_.insert(key(order), slot);
        return;
    }
    SimSlot behind = head;
    while (orders[behind].link_next != kNoOrder && orders[orders[behind].link_next].id < order.id) {
        behind = orders[behind].link_next;
    }
    order.link_previous = behind;
    order.link_next = orders[behind].link_next;
    orders[behind].link_next = slot;
    if (order.link_next != kNoOrder) orders[order.link_next].link_previous = slot;
}

void LinkGroups::leave(std::vector<SimOrder>& orders, SimSlot slot) noexcept {
    SimOrder& order = orders[slot];
    if (order.link_next != kNoOrder) orders[order.link_next].link_previous = order.link_previous;
    if (order.link_previous != kNoOrder) {
        orders[order.link_previous].link_next = order.link_next;
    } else {
        heads_.erase(key(order));
        if (order.link_next != kNoOrder) heads_.insert(key(order), order.link_next);
    }
    order.link_next = order.link_previous = kNoOrder;
}

std::size_t LinkGroups::members(const std::vector<SimOrder>& orders,
                                const SimOrder& order) const noexcept {
    std::size_t count = 0;
    for (SimSlot slot = first(order); slot != kNoOrder; slot = orders[slot].link_next) ++count;
    return count;
}

}  // namespace fermata

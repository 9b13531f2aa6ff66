// What follows for other orders from what happened to one: groups of linked orders, parents and
// their children. See order_manager.hpp and docs/orders.md.

#include <algorithm>

#include "core/base/assert.hpp"
#include "core/order/order_manager.hpp"

namespace fermata {
namespace {

OrderGroups::Key link_key(const Order& order) noexcept {
    return {order.strategy.value, order.link};
}
OrderGroups::Key child_key(OrderTag parent) noexcept { return {0, parent.value}; }

bool is_linked(const Order& order) noexcept {
    return order.link != 0 && order.link_role != LinkRole::kNone;
}
/// Together the orders of its role fill no more than the largest of them.
bool shares_quantity(const Order& order) noexcept {
    return order.link_role == LinkRole::kOuo || order.link_role == LinkRole::kSecondaryOuo;
}

}  // namespace

template <class F>
void OrderManager::each_linked(const Order& member, F&& f) noexcept {
    for (std::uint32_t slot = links_.first(link_key(member)); slot != OrderGroups::kNone;) {
        const std::uint32_t next = links_.next(slot);
        f(table_.in_slot(slot));
        slot = next;
    }
}

void OrderManager::join_groups(const Order& order) noexcept {
    if (is_linked(order)) links_.add(link_key(order), slot_of(order));
    if (order.parent.value != 0) children_.add(child_key(order.parent), slot_of(order));
}

void OrderManager::leave_groups(const Order& order) noexcept {
    if (is_linked(order)) links_.remove(slot_of(order));
    if (order.parent.value != 0) children_.remove(slot_of(order));
}

void OrderManager::forget_oldest() noexcept {
    if (const Order* oldest = table_.to_be_forgotten()) leave_groups(*oldest);
}

void OrderManager::follow_up(Order& order, Change change, Timestamp now,
                             EventBuffer& out) noexcept {
    const bool alone = order.link == 0 && order.parent.value == 0 && !order.held && !order.sliced &&
                       !order.has(kOrderEmulated);
    if (alone) [[likely]]
        return;
    if (is_terminal(order.state)) emulator_.forget(order, slot_of(order));
    if (is_linked(order)) follow_links(order, change, now, out);
    if (order.parent.value != 0) {
        Order* parent = table_.find(order.parent);
        if (parent != nullptr && parent->cancel_pending && parent->children.is_zero() &&
            !is_terminal(parent->state)) {
            apply_own(*parent, OrderInput::kCanceled, parent->reason, now, out);
        }
    }
    work(order, OrderReason::kLinked, now, out);
}

// --- linked orders ---

void OrderManager::follow_links(Order& order, Change change, Timestamp now,
                                EventBuffer& out) noexcept {
    const bool over = is_terminal(order.state);
    const bool filled = change != Change::kState;
    switch (order.link_role) {
        case LinkRole::kOco:
            if (filled) end_linked(order, now, out);
            break;
        case LinkRole::kSecondaryOco:
            if (filled || over) end_linked(order, now, out);
            break;
        case LinkRole::kOuo:
            if (filled) size_group(order, change, now, out);
            break;
        case LinkRole::kSecondaryOuo:
            // A leg that filled has taken from the other one; a leg that ended otherwise ends it.
            if (over && order.state != OrderState::kFilled) {
                end_linked(order, now, out);
            } else if (filled) {
                size_group(order, change, now, out);
            }
            break;
        case LinkRole::kPrimary:
            if (filled || over) size_group(order, Change::kSize, now, out);
            break;
        case LinkRole::kNone:
        case LinkRole::kSecondary:
            break;
    }
}

/// The venue itself cancels and reduces the others of this order's role.
bool OrderManager::venue_links(const Order& order) noexcept {
    if (order.held || !capabilities(order.venue).has(kVenueLinks)) return false;
    bool together = true;
    each_linked(order, [&](const Order& other) {
        if (other.link_role == order.link_role && other.venue != order.venue) together = false;
    });
    return together;
}

void OrderManager::end_linked(const Order& order, Timestamp now, EventBuffer& out) noexcept {
    each_linked(order, [&](Order& other) {
        if (&other == &order || other.link_role != order.link_role || is_terminal(other.state) ||
            other.cancel_pending || venue_links(other)) {
            return;
        }
        send_cancel(other, now, OrderReason::kLinked, out);
    });
}

/// What its group does to an order by itself: another one of its role filled, or ended.
bool OrderManager::ended_by_links(const Order& order) noexcept {
    bool ends = false;
    each_linked(order, [&](const Order& other) {
        if (&other == &order || other.link_role != order.link_role) return;
        const bool filled = other.cumulative_quantity.is_positive();
        const bool over = is_terminal(other.state);
        switch (order.link_role) {
            case LinkRole::kOco:
                ends = ends || filled;
                break;
            case LinkRole::kSecondaryOco:
                ends = ends || filled || over;
                break;
            case LinkRole::kSecondaryOuo:
                ends = ends || (over && other.state != OrderState::kFilled);
                break;
            default:
                break;
        }
    });
    return ends;
}

/// Its venue refused to cancel or change the order, or there was no session with it. What follows
/// from other orders, from prices or from positions would ask the same again with every report.
void OrderManager::refused(Order& order, Timestamp now) noexcept {
    const bool alone =
        order.link == 0 && !order.sliced && !order.has(kOrderEmulated) && !order.has(kOrderParent);
    if (alone || is_terminal(order.state)) return;
    emulator_.set_retry(order, slot_of(order), now + kAskAgain);
}

/// A second later: whatever is due by now.
void OrderManager::ask_again(Order& order, Timestamp now, EventBuffer& out) noexcept {
    if (is_terminal(order.state) || order.cancel_pending || order.held) return;
    const bool expired =
        Emulator::of(order, capabilities(order.venue)).until && order.expire_time <= now;
    if (expired) return send_cancel(order, now, OrderReason::kExpireTime, out);
    if (is_linked(order)) {
        if (ended_by_links(order) && !venue_links(order)) {
            return send_cancel(order, now, OrderReason::kLinked, out);
        }
        if (shares_quantity(order) || is_secondary(order.link_role)) {
            return size_group(order, Change::kSize, now, out);
        }
    }
    if (reduces_here(order)) check_reduce_only(order.account, order.instrument, now, out);
    if (!is_terminal(order.state)) work(order, OrderReason::kLinked, now, out);
}

/// What each order of the group may come to after the fills so far, and how much of it may be at
/// work: secondaries for what the primaries filled, orders that share a quantity for what the
/// others of their role left of it.
void OrderManager::size_group(const Order& member, Change change, Timestamp now,
                              EventBuffer& out) noexcept {
    Quantity primary;
    bool primary_lives = false;
    Quantity shared, shared_secondary;    // filled by all of the role
    Quantity largest, largest_secondary;  // asked for by one of it
    each_linked(member, [&](const Order& o) {
        if (o.link_role == LinkRole::kPrimary) {
            primary += o.cumulative_quantity;
            primary_lives |= !is_terminal(o.state);
        }
        if (o.link_role == LinkRole::kOuo) {
            shared += o.cumulative_quantity;
            largest = std::max(largest, o.asked);
        }
        if (o.link_role == LinkRole::kSecondaryOuo) {
            shared_secondary += o.cumulative_quantity;
            largest_secondary = std::max(largest_secondary, o.asked);
        }
    });
    each_linked(member, [&](Order& o) {
        if (is_terminal(o.state) || o.cancel_pending) return;
        if (!is_secondary(o.link_role) && o.link_role != LinkRole::kOuo) return;
        Quantity others;
        if (shares_quantity(o)) {
            others =
                (is_secondary(o.link_role) ? shared_secondary : shared) - o.cumulative_quantity;
        }
        Quantity wanted = o.asked;
        if (shares_quantity(o)) {
            wanted = std::min(wanted,
                              (is_secondary(o.link_role) ? largest_secondary : largest) - others);
        }
        Quantity armed = wanted;
        if (is_secondary(o.link_role)) {
            armed = std::min(wanted, primary - others);
            if (!primary_lives) wanted = armed;
        }
        if (wanted <= o.cumulative_quantity) {
            if (!venue_links(o) || !shares_quantity(o)) {
                send_cancel(o, now, OrderReason::kLinked, out);
            }
            return;
        }
        const bool changed = o.quantity != wanted;
        o.quantity = wanted;
        o.armed = std::max(armed, o.cumulative_quantity);
        const bool by_venue = change == Change::kFill && venue_reduces(o);
        if (changed || by_venue) move(o, o.state, now);
        if (changed) answer(o, {o.state, OrderReason::kLinked}, now, out);
        if (by_venue) return;
        work(o, OrderReason::kLinked, now, out);
    });
}

/// The venue takes what another order filled just now from the placement by itself, and its report
/// of the fill says so. With a request under way it is not known what it takes it from: then its
/// answer tells, and what is too much is asked back.
bool OrderManager::venue_reduces(Order& order) noexcept {
    if (!shares_quantity(order) || order.replace_pending || order.pulled ||
        order.cumulative_quantity >= order.sent_to || !venue_links(order)) {
        return false;
    }
    const Quantity to =
        is_secondary(order.link_role) ? std::min(order.quantity, order.armed) : order.quantity;
    if (to >= order.sent_to) return false;
    if (to > order.cumulative_quantity) order.sent_to = to;
    return true;  // else it ends the placement: its report is on the way
}

/// Whether more of a secondary may become due than it has filled.
bool OrderManager::expects_more(const Order& order) noexcept {
    bool more = order.armed > order.cumulative_quantity;
    each_linked(order, [&](const Order& o) {
        if (o.link_role == LinkRole::kPrimary && !is_terminal(o.state)) more = true;
    });
    return more;
}

// --- parents and children ---

OrderManager::Refusal OrderManager::refuses_child(const Order& child) noexcept {
    const Order* parent = table_.find(child.parent);
    if (parent == nullptr || !parent->is_parent() || parent->strategy != child.strategy ||
        parent->account != child.account || parent->instrument != child.instrument ||
        parent->side != child.side || child.is_parent() || is_terminal(parent->state) ||
        parent->cancel_pending) {
        return {OrderReason::kParent, AlertCode::kNone, Quantity::zero()};
    }
    const Quantity room = room_in_parent(child);
    if (child.quantity <= room) return {};
    return {OrderReason::kParent, AlertCode::kParentExceeded, room};
}

/// What the parent has left for children: neither filled nor at work.
Quantity OrderManager::room_in_parent(const Order& child) noexcept {
    const Order* parent = table_.find(child.parent);
    if (parent == nullptr) return Quantity::zero();
    return std::max(parent->quantity - parent->cumulative_quantity - parent->children,
                    Quantity::zero());
}

/// Keeps the parent's sum of what its children may still fill.
void OrderManager::count_in_parent(Order& child) noexcept {
    Order* parent = table_.find(child.parent);
    if (parent == nullptr || !parent->is_parent()) return;
    const Quantity share = child.worst_leaves();
    parent->children += share - child.counted;
    child.counted = share;
}

void OrderManager::fill_parent(const Order& child, Quantity quantity, Money value, Timestamp now,
                               EventBuffer& out) noexcept {
    Order* parent = table_.find(child.parent);
    if (parent == nullptr || !parent->is_parent()) return;
    parent->cumulative_quantity += quantity;
    parent->filled_value += value;
    const bool exceeded = parent->cumulative_quantity > parent->quantity;
    const bool full = parent->cumulative_quantity >= parent->quantity;
    apply_own(*parent, full ? OrderInput::kTradeFull : OrderInput::kTradePartial,
              parent->cancel_pending ? parent->reason : OrderReason::kNone, now, out);
    if (exceeded) {
        alert_order(*parent, AlertCode::kParentExceeded, parent->cumulative_quantity.raw(),
                    parent->quantity.raw(), now, out);
    }
}

/// A parent ends when its last child has: follow_up sees to it.
void OrderManager::cancel_children(Order& parent, Timestamp now, EventBuffer& out) noexcept {
    for (std::uint32_t slot = children_.first(child_key(parent.tag)); slot != OrderGroups::kNone;) {
        const std::uint32_t next = children_.next(slot);
        Order& child = table_.in_slot(slot);
        if (!is_terminal(child.state) && !child.cancel_pending) {
            send_cancel(child, now, OrderReason::kParent, out);
        }
        slot = next;
    }
}

}  // namespace fermata

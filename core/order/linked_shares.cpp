#include "core/order/linked_shares.hpp"

#include <algorithm>

namespace fermata {
namespace {

bool gives_way(const Order& o) noexcept {
    return o.cancel_pending && o.reason == OrderReason::kLinked;
}

/// What a leg is to come to, as far as its exposure has it.
Quantity share_of_leg(const Order& o) noexcept {
    const Quantity total =
        o.replace_pending ? std::max(o.quantity, o.pending_quantity) : o.quantity;
    return std::clamp(total - o.cumulative_quantity, Quantity::zero(), o.reserved_quantity);
}

}  // namespace

template <class F>
void LinkedShares::each(const SharingGroup& group, F&& f) const noexcept {
    for (std::uint32_t slot = links_.first({group.strategy.value, group.link});
         slot != OrderGroups::kNone; slot = links_.next(slot)) {
        const Order& o = table_.in_slot(slot);
        if (group.has(o)) f(o, slot);
    }
}

Quantity LinkedShares::update(const Order& member) noexcept {
    const SharingGroup group = SharingGroup::of(member);
    Quantity most, reserved;
    std::uint32_t leader = OrderGroups::kNone, largest = OrderGroups::kNone;
    each(group, [&](const Order& o, std::uint32_t slot) {
        if (is_terminal(o.state)) return;
        if (largest == OrderGroups::kNone || o.reserved_quantity > reserved) {
            reserved = o.reserved_quantity;
            largest = slot;
        }
        if (gives_way(o)) return;
        if (leader == OrderGroups::kNone || share_of_leg(o) > most) {
            most = share_of_leg(o);
            leader = slot;
        }
    });
    if (leader == OrderGroups::kNone) {
        leader = largest;
        most = reserved;
    }
    Quantity change;
    each(group, [&](const Order& o, std::uint32_t slot) {
        const Quantity spared = o.reserved_quantity - (slot == leader ? most : Quantity::zero());
        change += spared - spared_[slot];
        spared_[slot] = spared;
    });
    return change;
}

Quantity LinkedShares::counted(const SharingGroup& group) const noexcept {
    Quantity sum;
    each(group,
         [&](const Order& o, std::uint32_t slot) { sum += o.reserved_quantity - spared_[slot]; });
    return sum;
}

}  // namespace fermata

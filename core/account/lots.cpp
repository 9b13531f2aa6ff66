#include "core/account/lots.hpp"

#include "core/base/assert.hpp"

namespace fermata {

Money cost_share(Money cost, Quantity part, Quantity whole) noexcept {
    if (part == whole) return cost;
    return Money::from_raw(
        *divide_half_even(static_cast<__int128>(cost.raw()) * part.raw(), whole.raw()));
}

LotPool::LotPool(std::size_t lots, std::size_t lists) : lots_(lots + lists), shared_(lots) {
    FERMATA_ASSERT(lots_.size() < LotList::kNone);
    for (std::size_t i = lots_.size(); i-- > 0;) {
        lots_[i].next = free_;
        free_ = static_cast<std::uint32_t>(i);
    }
}

void LotPool::push(LotList& list, Quantity quantity, Money cost, Timestamp opened) noexcept {
    FERMATA_ASSERT(quantity.is_positive());
    if (list.head != LotList::kNone && extra_ == shared_) {
        Lot& newest = lots_[list.tail];
        newest.quantity += quantity;
        newest.cost += cost;
        ++merged_;
        return;
    }
    FERMATA_ASSERT(free_ != LotList::kNone);
    const std::uint32_t index = free_;
    free_ = lots_[index].next;
    lots_[index] = Lot{quantity, cost, opened, LotList::kNone, 0};
    if (list.head == LotList::kNone) {
        list.head = index;
    } else {
        lots_[list.tail].next = index;
        ++extra_;
    }
    list.tail = index;
}

Money LotPool::take(LotList& list, Quantity quantity) noexcept {
    Money cost;
    while (quantity.is_positive()) {
        FERMATA_ASSERT(list.head != LotList::kNone);
        Lot& oldest = lots_[list.head];
        if (oldest.quantity <= quantity) {
            quantity -= oldest.quantity;
            cost += oldest.cost;
            remove_after(list, LotList::kNone);
            continue;
        }
        const Money part = cost_share(oldest.cost, quantity, oldest.quantity);
        oldest.quantity -= quantity;
        oldest.cost -= part;
        cost += part;
        quantity = Quantity::zero();
    }
    return cost;
}

void LotPool::rescale(LotList& list, Quantity before, Quantity after) noexcept {
    FERMATA_ASSERT(before.is_positive() && after.is_positive());
    Quantity old_border, new_border;  // units up to and including the lot in hand
    Money carried;                    // cost of lots that vanished
    std::uint32_t previous = LotList::kNone;
    for (std::uint32_t i = list.head; i != LotList::kNone;) {
        Lot& lot = lots_[i];
        const std::uint32_t next = lot.next;
        old_border += lot.quantity;
        const Quantity border = Quantity::from_raw(static_cast<std::int64_t>(
            static_cast<__int128>(old_border.raw()) * after.raw() / before.raw()));
        lot.quantity = border - new_border;
        lot.cost += carried;
        carried = Money::zero();
        new_border = border;
        if (lot.quantity.is_zero()) {
            carried = lot.cost;
            remove_after(list, previous);
        } else {
            previous = i;
        }
        i = next;
    }
    // The last border is `after`, and every earlier one is below it: the last lot never vanishes.
    FERMATA_ASSERT(old_border == before && new_border == after && carried.is_zero());
}

void LotPool::remove_after(LotList& list, std::uint32_t previous) noexcept {
    const std::uint32_t index = previous == LotList::kNone ? list.head : lots_[previous].next;
    const std::uint32_t next = lots_[index].next;
    (previous == LotList::kNone ? list.head : lots_[previous].next) = next;
    if (list.tail == index) list.tail = previous;
    if (list.head != LotList::kNone) --extra_;
    lots_[index].next = free_;
    free_ = index;
}

}  // namespace fermata

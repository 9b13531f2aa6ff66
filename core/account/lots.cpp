#include "core/account/lots.hpp"

#include "core/base/assert.hpp"

namespace fermata {

Money cost_share(Money cost, Quantity part, Quantity whole) noexcept {
    if (part == whole) return cost;
    return Money::from_raw(
        *divide_half_even(static_cast<__int128>(cost.raw()) * part.raw(), whole.raw()));
}

LotPool::LotPool(std::size_t lots, std::size_t lists) : capacity_(lots + lists), shared_(lots) {
    FERMATA_ASSERT(capacity_ < LotList::kNone);
    lots_.reserve(capacity_);
}

std::uint32_t LotPool::place(const LotList& list, Quantity quantity, Money cost,
                             LotMethod method) const noexcept {
    switch (method) {
        case LotMethod::kFifo:
        case LotMethod::kSpecific:
            return list.tail;
        case LotMethod::kLifo:
            return LotList::kNone;
        case LotMethod::kHifo:
            break;
    }
    // Behind every lot whose cost a unit is as high; among equals the older is first.
    std::uint32_t previous = LotList::kNone;
    for (std::uint32_t i = list.head; i != LotList::kNone; i = lots_[i].next) {
        const Lot& lot = lots_[i];
        if (static_cast<__int128>(lot.cost.raw()) * quantity.raw() <
            static_cast<__int128>(cost.raw()) * lot.quantity.raw()) {
            break;
        }
        previous = i;
    }
    return previous;
}

void LotPool::push(LotList& list, Quantity quantity, Money cost, Timestamp opened, std::uint32_t id,
                   LotMethod method) noexcept {
    FERMATA_ASSERT(quantity.is_positive());
    const std::uint32_t previous = place(list, quantity, cost, method);
    if (list.head != LotList::kNone && extra_ == shared_) {
        Lot& neighbour = lots_[previous == LotList::kNone ? list.head : previous];
        neighbour.quantity += quantity;
        neighbour.cost += cost;
        ++merged_;
        return;
    }
    insert_after(list, previous, Lot{quantity, cost, opened, LotList::kNone, id});
}

void LotPool::insert_after(LotList& list, std::uint32_t previous, const Lot& lot) noexcept {
    std::uint32_t index = free_;
    if (index != LotList::kNone) {
        free_ = lots_[index].next;
        lots_[index] = lot;
    } else {
        FERMATA_ASSERT(lots_.size() < capacity_);
        index = static_cast<std::uint32_t>(lots_.size());
        lots_.push_back(lot);
    }
    if (list.head != LotList::kNone) ++extra_;
    std::uint32_t& link = previous == LotList::kNone ? list.head : lots_[previous].next;
    lots_[index].next = link;
    link = index;
    if (list.tail == previous) list.tail = index;
}

Money LotPool::take_after(LotList& list, std::uint32_t previous, Quantity& quantity) noexcept {
    Lot& lot = lots_[previous == LotList::kNone ? list.head : lots_[previous].next];
    if (lot.quantity <= quantity) {
        const Money cost = lot.cost;
        quantity -= lot.quantity;
        remove_after(list, previous);
        return cost;
    }
    const Money part = cost_share(lot.cost, quantity, lot.quantity);
    lot.quantity -= quantity;
    lot.cost -= part;
    quantity = Quantity::zero();
    return part;
}

Money LotPool::take(LotList& list, Quantity quantity, std::uint32_t named) noexcept {
    Money cost;
    if (named != 0) {
        std::uint32_t previous = LotList::kNone;
        for (std::uint32_t i = list.head; i != LotList::kNone; previous = i, i = lots_[i].next) {
            if (lots_[i].id != named) continue;
            cost += take_after(list, previous, quantity);
            break;
        }
    }
    while (quantity.is_positive()) {
        FERMATA_ASSERT(list.head != LotList::kNone);
        cost += take_after(list, LotList::kNone, quantity);
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

void LotPool::restate(LotList& list, Quantity whole, Money cost) noexcept {
    Quantity rest = whole;
    for (std::uint32_t i = list.head; i != LotList::kNone; i = lots_[i].next) {
        Lot& lot = lots_[i];
        lot.cost = cost_share(cost, lot.quantity, rest);
        cost -= lot.cost;
        rest -= lot.quantity;
    }
    FERMATA_ASSERT(rest.is_zero());
}

void LotPool::clear(LotList& list) noexcept {
    while (list.head != LotList::kNone) remove_after(list, LotList::kNone);
}

void LotPool::copy(LotList& list, const LotPool& other, const LotList& from) noexcept {
    FERMATA_ASSERT(list.head == LotList::kNone);
    for (std::uint32_t i = from.head; i != LotList::kNone; i = other[i].next) {
        const Lot& lot = other[i];
        push(list, lot.quantity, lot.cost, lot.opened, lot.id);
    }
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

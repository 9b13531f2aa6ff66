#include "risk/locate_book.hpp"

#include <algorithm>

namespace fermata {

LocateBook::LocateBook(std::size_t instruments, bool used)
    : slots_(instruments), index_(used ? kOrdersMax : 0) {
    holdings_.reserve(used ? kOrdersMax : 0);
}

void LocateBook::set(InstrumentId i, Quantity available) noexcept {
    Slot& slot = slots_[i.value];
    slot.available = std::max<std::int64_t>(available.raw(), 0);
    slot.known = true;
    ++slot.generation;
}

void LocateBook::take(ClientOrderId order, InstrumentId i, WideQuantity quantity) noexcept {
    Slot& slot = slots_[i.value];
    const auto taken =
        static_cast<std::int64_t>(std::clamp<WideQuantity>(quantity, 0, slot.available));
    if (taken == 0) return;
    slot.available -= taken;
    if (const std::uint32_t n = index_.find(key(order)); n != IdIndex::kNone) {
        Holding& held = holdings_[n];
        if (held.generation != slot.generation) held.taken = 0;
        held.generation = slot.generation;
        held.taken += taken;  // both were available at one time
        return;
    }
    if (holdings_.size() == holdings_.capacity()) return;
    index_.insert(key(order), static_cast<std::uint32_t>(holdings_.size()));
    holdings_.push_back({order, taken, i, slot.generation});
}

void LocateBook::ended(ClientOrderId order, Quantity total, Quantity filled) noexcept {
    if (holdings_.empty()) return;
    const std::uint32_t n = index_.find(key(order));
    if (n == IdIndex::kNone) return;
    const Holding held = holdings_[n];
    index_.erase(key(order));
    if (n + 1 != holdings_.size()) {
        holdings_[n] = holdings_.back();
        index_.erase(key(holdings_[n].order));
        index_.insert(key(holdings_[n].order), n);
    }
    holdings_.pop_back();
    Slot& slot = slots_[held.instrument.value];
    if (held.generation != slot.generation) return;
    const std::int64_t owned = std::max<std::int64_t>(total.raw() - held.taken, 0);
    const std::int64_t sold = std::clamp<std::int64_t>(filled.raw() - owned, 0, held.taken);
    slot.available += held.taken - sold;
}

}  // namespace fermata

#include "adapters/fix/sent_orders.hpp"

#include <algorithm>
#include <bit>

#include "core/base/assert.hpp"

namespace fermata::fix {

SentOrders::SentOrders(std::size_t capacity, std::size_t requests)
    : slots_(std::max<std::size_t>(capacity, 1)), requests_(requests), index_(slots_.size()) {
    FERMATA_ASSERT(std::has_single_bit(requests));
}

SentOrder* SentOrders::find(ClientOrderId id) noexcept {
    const std::uint32_t slot = index_.find({0, id.value});
    return slot == IdIndex::kNone ? nullptr : &slots_[slot];
}

SentOrder* SentOrders::insert(const SentOrder& order) noexcept {
    if (order.id.value == 0 || find(order.id) != nullptr) return nullptr;
    // Orders that stay open for long are few: the search passes them.
    constexpr std::size_t kLookMax = 4'096;
    for (std::size_t n = 0; n < std::min(kLookMax, slots_.size()); ++n) {
        const std::size_t at = next_;
        next_ = next_ + 1 == slots_.size() ? 0 : next_ + 1;
        SentOrder& slot = slots_[at];
        if (slot.id.value != 0 && !slot.over) continue;
        if (slot.id.value != 0) index_.erase({0, slot.id.value});
        slot = order;
        index_.insert({0, order.id.value}, static_cast<std::uint32_t>(at));
        return &slot;
    }
    return nullptr;
}

}  // namespace fermata::fix

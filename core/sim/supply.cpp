#include "core/sim/supply.hpp"

#include <algorithm>

namespace fermata {

Supply Supply::limited(Quantity size, Ratio participation, Quantity taken) noexcept {
    Supply supply;
    supply.size_ = std::max(size, Quantity::zero());
    supply.taken_ = taken;
    Quantity cap = supply.size_;
    if (!participation.is_zero() && participation != Ratio::from_units(1)) {
        const auto product = static_cast<__int128>(cap.raw()) * participation.raw();
        cap = Quantity::from_raw(static_cast<std::int64_t>(product / Ratio::kOne));
    }
    supply.left_ = cap > taken ? cap - taken : Quantity::zero();
    return supply;
}

Supply Supply::unlimited(Quantity size) noexcept {
    Supply supply;
    supply.size_ = std::max(size, Quantity::zero());
    supply.unlimited_ = true;
    return supply;
}

Supply Supply::with_spread(Price spread) const noexcept {
    Supply supply = *this;
    supply.spread_ = spread;
    supply.has_spread_ = true;
    return supply;
}

Quantity Supply::offer(Quantity leaves, Quantity lot) const noexcept {
    if (unlimited_ || leaves <= left_) return leaves;
    return Quantity::from_raw(left_.raw() / lot.raw() * lot.raw());
}

void Supply::take(Quantity quantity) {
    taken_ += quantity;
    if (!unlimited_) left_ -= quantity;
}

}  // namespace fermata

#include "risk/account_orders.hpp"

namespace fermata {

AccountOrders::AccountOrders(std::size_t accounts, bool any)
    : counts_(accounts), index_(any ? kOrdersMax : 0) {
    orders_.reserve(any ? kOrdersMax : 0);
}

void AccountOrders::add(ClientOrderId order, AccountId a) noexcept {
    if (index_.find(key(order)) != IdIndex::kNone) return;
    ++counts_[a.value];
    if (orders_.size() == orders_.capacity()) return;
    index_.insert(key(order), static_cast<std::uint32_t>(orders_.size()));
    orders_.push_back({order, a});
}

void AccountOrders::drop(ClientOrderId order) noexcept {
    if (orders_.empty()) return;
    const std::uint32_t n = index_.find(key(order));
    if (n == IdIndex::kNone) return;
    --counts_[orders_[n].account.value];
    index_.erase(key(order));
    if (n + 1 != orders_.size()) {
        orders_[n] = orders_.back();
        index_.erase(key(orders_[n].order));
        index_.insert(key(orders_[n].order), n);
    }
    orders_.pop_back();
}

}  // namespace fermata

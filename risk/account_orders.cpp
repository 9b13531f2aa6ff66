#include "risk/account_orders.hpp"

#include <algorithm>

namespace fermata {

AccountOrders::AccountOrders(std::size_t accounts, bool any)
    : counts_(accounts), index_(any ? 2 * kOrdersMax : 0) {
    orders_.reserve(any ? kOrdersMax : 0);
    groups_.reserve(any ? kOrdersMax : 0);
}

bool AccountOrders::has(Group group) const noexcept {
    return group.some() && !groups_.empty() && index_.find(key(group)) != IdIndex::kNone;
}

void AccountOrders::add(ClientOrderId order, AccountId a, Group group) noexcept {
    if (index_.find(key(order)) != IdIndex::kNone) return;
    const bool counts = !has(group);
    counts_[a.value] += counts ? 1 : 0;
    if (orders_.size() == orders_.capacity()) return;
    if (group.some()) join(group);
    index_.insert(key(order), static_cast<std::uint32_t>(orders_.size()));
    orders_.push_back({order, group, a});
}

void AccountOrders::join(Group group) noexcept {
    if (!has(group)) {
        index_.insert(key(group), static_cast<std::uint32_t>(groups_.size()));
        groups_.push_back({group, 0});
    }
    ++groups_[index_.find(key(group))].orders;
}

template <class T, class KeyOf>
void AccountOrders::take_out(std::vector<T>& all, std::uint32_t n, KeyOf key_of) noexcept {
    index_.erase(key_of(all[n]));
    if (n + 1 != all.size()) {
        all[n] = all.back();
        index_.erase(key_of(all[n]));
        index_.insert(key_of(all[n]), n);
    }
    all.pop_back();
}

void AccountOrders::drop(ClientOrderId order) noexcept {
    if (orders_.empty()) return;
    const std::uint32_t n = index_.find(key(order));
    if (n == IdIndex::kNone) return;
    const Entry entry = orders_[n];
    take_out(orders_, n, [](const Entry& e) { return key(e.order); });
    if (entry.group.some()) {
        const std::uint32_t g = index_.find(key(entry.group));
        if (--groups_[g].orders != 0) return;
        take_out(groups_, g, [](const Members& m) { return key(m.group); });
    }
    --counts_[entry.account.value];
}

void AccountOrders::clear() noexcept {
    for (const Entry& e : orders_) index_.erase(key(e.order));
    for (const Members& m : groups_) index_.erase(key(m.group));
    orders_.clear();
    groups_.clear();
    std::ranges::fill(counts_, 0);
}

}  // namespace fermata

#include "risk/order_reserves.hpp"

#include <algorithm>

namespace fermata {

OrderReserves::OrderReserves(std::size_t accounts, bool any) : accounts_(accounts) {
    if (!any) return;
    orders_.resize(kOrdersMax);
    index_ = IdIndex(kOrdersMax);
    for (std::uint32_t n = 0; n < kOrdersMax; ++n) {
        orders_[n].next = n + 1 < kOrdersMax ? n + 1 : kNone;
    }
    free_ = 0;
}

void OrderReserves::take(AccountId a, OrderTag tag, Timestamp now, Value value) noexcept {
    Account& account = accounts_[a.value];
    std::uint32_t at = index_.find(key(tag));
    if (at == kNone && free_ == kNone) {
        account.spent = saturating_add(account.spent, value);
        account.spent_at = std::max(account.spent_at, now);
        return;
    }
    if (at == kNone) {
        at = free_;
        free_ = orders_[at].next;
        orders_[at] = Reserve{};
        orders_[at].tag = tag;
        orders_[at].account = a;
        index_.insert(key(tag), at);
    } else {
        unlink(at);
    }
    orders_[at].approved = now;
    orders_[at].reserved = saturating_add(orders_[at].reserved, value);
    account.reserved = saturating_add(account.reserved, value);
    link_newest(at);
}

void OrderReserves::end(OrderTag tag) noexcept {
    const std::uint32_t at = index_.find(key(tag));
    if (at == kNone) return;
    const Reserve& order = orders_[at];
    Account& account = accounts_[order.account.value];
    const Value used = std::min(order.filled, order.reserved);
    if (used != 0) {
        account.spent = saturating_add(account.spent, used);
        account.spent_at = std::max(account.spent_at, order.approved);
    }
    remove(at);
}

void OrderReserves::settle_until(AccountId a, Timestamp asked) noexcept {
    Account& account = accounts_[a.value];
    while (account.oldest != kNone && orders_[account.oldest].approved <= asked) {
        remove(account.oldest);
    }
    if (account.spent_at <= asked) account.spent = 0;
}

void OrderReserves::link_newest(std::uint32_t at) noexcept {
    Account& account = accounts_[orders_[at].account.value];
    orders_[at].next = kNone;
    orders_[at].previous = account.newest;
    (account.newest == kNone ? account.oldest : orders_[account.newest].next) = at;
    account.newest = at;
}

void OrderReserves::unlink(std::uint32_t at) noexcept {
    const Reserve& order = orders_[at];
    Account& account = accounts_[order.account.value];
    (order.previous == kNone ? account.oldest : orders_[order.previous].next) = order.next;
    (order.next == kNone ? account.newest : orders_[order.next].previous) = order.previous;
}

void OrderReserves::remove(std::uint32_t at) noexcept {
    Reserve& order = orders_[at];
    Account& account = accounts_[order.account.value];
    account.reserved = saturating_subtract(account.reserved, order.reserved);
    unlink(at);
    index_.erase(key(order.tag));
    order.next = free_;
    free_ = at;
}

}  // namespace fermata

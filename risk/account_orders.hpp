#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "core/order/id_index.hpp"
#include "core/types/ids.hpp"

namespace fermata {

class StateArchive;

/// Some of the live orders, and how many of them each account has.
///
/// Owner:  the trading loop. Cost: constant.
/// Memory: fixed at construction, for 65,536 orders, or none. What does not fit counts for good,
///         which errs on the strict side.
class AccountOrders {
public:
    static constexpr std::size_t kOrdersMax = 65'536;

    /// Without `any`, nothing may be added.
    AccountOrders(std::size_t accounts, bool any);

    /// Nothing happens if it is there.
    void add(ClientOrderId order, AccountId a) noexcept;
    /// Nothing happens if it is not there.
    void drop(ClientOrderId order) noexcept;
    [[nodiscard]] std::int64_t count(AccountId a) const noexcept { return counts_[a.value]; }

    /// See core/base/state_archive.hpp.
    void persist(StateArchive& a);

private:
    struct Entry {
        ClientOrderId order;
        AccountId account;
        void persist(StateArchive& a);
    };
    [[nodiscard]] static IdIndex::Key key(ClientOrderId id) noexcept { return {0, id.value}; }

    std::vector<std::int64_t> counts_;  // by AccountId
    std::vector<Entry> orders_;
    IdIndex index_;  // into orders_
};

}  // namespace fermata

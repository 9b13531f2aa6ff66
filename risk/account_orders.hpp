#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "core/order/id_index.hpp"
#include "core/types/ids.hpp"

namespace fermata {

class StateArchive;

/// Some of the live orders, and how many of them each account has. Orders of one group count as
/// one.
///
/// Owner:  the trading loop. Cost: constant.
/// Memory: fixed at construction, for 65,536 orders, or none. What does not fit counts until
///         `clear`, which errs on the strict side.
class AccountOrders {
public:
    static constexpr std::size_t kOrdersMax = 65'536;

    /// What belongs together, by whatever names it; the default is none.
    struct Group {
        std::uint32_t high = 0;  ///< Not zero, the highest bit not set.
        std::uint64_t low = 0;
        [[nodiscard]] bool some() const noexcept { return high != 0; }
        void persist(StateArchive& a);
    };

    /// Without `any`, nothing may be added.
    AccountOrders(std::size_t accounts, bool any);

    /// Nothing happens if it is there.
    void add(ClientOrderId order, AccountId a, Group group) noexcept;
    /// Nothing happens if it is not there.
    void drop(ClientOrderId order) noexcept;
    void clear() noexcept;
    [[nodiscard]] std::int64_t count(AccountId a) const noexcept { return counts_[a.value]; }
    /// An order of that group is counted.
    [[nodiscard]] bool has(Group group) const noexcept;

    /// See core/base/state_archive.hpp.
    void persist(StateArchive& a);

private:
    struct Entry {
        ClientOrderId order;
        Group group;
        AccountId account;
        void persist(StateArchive& a);
    };
    struct Members {
        Group group;
        std::uint32_t orders = 0;
    };
    [[nodiscard]] static IdIndex::Key key(ClientOrderId id) noexcept { return {0, id.value}; }
    [[nodiscard]] static IdIndex::Key key(Group g) noexcept { return {g.high, g.low}; }
    void join(Group group) noexcept;
    /// Moves the last element of `all` to place `n` of those before it.
    template <class T, class KeyOf>
    void take_out(std::vector<T>& all, std::uint32_t n, KeyOf key_of) noexcept;

    std::vector<std::int64_t> counts_;  // by AccountId
    std::vector<Entry> orders_;
    std::vector<Members> groups_;
    IdIndex index_;  // of orders into orders_, of groups into groups_
};

}  // namespace fermata

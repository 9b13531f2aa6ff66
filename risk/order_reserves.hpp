#pragma once

#include <cstdint>
#include <vector>

#include "core/order/id_index.hpp"
#include "core/types/ids.hpp"
#include "core/types/time.hpp"
#include "risk/wide.hpp"

namespace fermata {

class StateArchive;

/// What accounts may need for orders that were approved since somebody last said what they have.
///
/// Reserve: taken at the approval. What an order did not use is given back when it ends; what was
///          filled stays as spent until it is settled: until what the account has shows it.
/// Owner:   the trading loop.
/// Memory:  fixed at construction, for 65,536 orders, or none. What does not fit counts as filled.
/// Cost:    constant, but for settle_until: linear in the orders that it settles.
class OrderReserves {
public:
    static constexpr std::size_t kOrdersMax = 65'536;
    static constexpr std::uint32_t kNone = IdIndex::kNone;

    /// Without `any`, nothing may be taken.
    OrderReserves(std::size_t accounts, bool any);

    /// The order was approved, and may need so much (more).
    void take(AccountId a, OrderTag tag, Timestamp now, Value value) noexcept;
    /// The order's place until anything is taken or ends; kNone when nothing is reserved for it.
    [[nodiscard]] std::uint32_t find(OrderTag tag) const noexcept { return index_.find(key(tag)); }
    [[nodiscard]] AccountId account(std::uint32_t at) const noexcept { return orders_[at].account; }
    /// A fill used so much of it.
    void fill(std::uint32_t at, Value value) noexcept {
        orders_[at].filled = saturating_add(orders_[at].filled, value);
    }
    /// The order is over.
    void end(OrderTag tag) noexcept;

    /// What was filled is in what the account has.
    void settle(AccountId a) noexcept { accounts_[a.value].spent = 0; }
    /// The same of all that was approved until then, filled or not.
    void settle_until(AccountId a, Timestamp asked) noexcept;

    [[nodiscard]] Value used(AccountId a) const noexcept {
        return saturating_add(accounts_[a.value].reserved, accounts_[a.value].spent);
    }

    /// See core/base/state_archive.hpp.
    void persist(StateArchive& a);

private:
    struct Reserve {
        OrderTag tag;
        AccountId account;
        Value reserved = 0;
        Value filled = 0;
        Timestamp approved;
        std::uint32_t next = kNone;  // of the account, approved later; or the next free one
        std::uint32_t previous = kNone;
        void persist(StateArchive& a);
    };
    struct Account {
        Value reserved = 0;  // by orders in the list
        Value spent = 0;     // filled, or without room in the list
        Timestamp spent_at = Timestamp::min();
        std::uint32_t oldest = kNone;
        std::uint32_t newest = kNone;
        void persist(StateArchive& a);
    };

    [[nodiscard]] static IdIndex::Key key(OrderTag tag) noexcept { return {0, tag.value}; }
    void remove(std::uint32_t at) noexcept;
    void link_newest(std::uint32_t at) noexcept;
    void unlink(std::uint32_t at) noexcept;

    std::vector<Account> accounts_;
    std::vector<Reserve> orders_;
    IdIndex index_{0};
    std::uint32_t free_ = kNone;
};

}  // namespace fermata

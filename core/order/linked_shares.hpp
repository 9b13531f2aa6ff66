#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "core/order/order.hpp"
#include "core/order/order_groups.hpp"
#include "core/order/order_table.hpp"
#include "core/types/ids.hpp"
#include "core/types/number.hpp"
#include "core/types/order_enums.hpp"

namespace fermata {

/// Orders that share one quantity: linked, of one role, side, account and instrument. A fill of one
/// of them cancels or reduces the others (OCO, OUO), so that together they bring a position nearer
/// to zero by the largest of them only.
struct SharingGroup {
    StrategyId strategy;
    AccountId account;
    InstrumentId instrument;
    std::uint32_t link = 0;
    LinkRole role = LinkRole::kNone;
    Side side = Side::kBuy;

    [[nodiscard]] static SharingGroup of(const Order& o) noexcept {
        return {o.strategy, o.account, o.instrument, o.link, o.link_role, o.side};
    }
    /// There can be such a group.
    [[nodiscard]] bool shares() const noexcept {
        return link != 0 && (role == LinkRole::kOco || role == LinkRole::kSecondaryOco ||
                             role == LinkRole::kOuo || role == LinkRole::kSecondaryOuo);
    }
    [[nodiscard]] bool has(const Order& o) const noexcept {
        return o.link_role == role && o.side == side && o.account == account &&
               o.instrument == instrument;
    }
};

/// What of the exposure of open orders counts once where linked orders share it.
///
/// Where it matters: in what only reduces. Limits on what may come at worst count every order,
/// since
///                   two legs may fill before the cancel of one arrives.
/// Leaves:  a leg counts with what it is to come to, and a leg that is canceled because another one
///          filled does not, unless all of them are: else the very fill of a protective stop would
///          make the rest of it look like too much until its venue has answered.
/// Owner:   the order manager. Memory: fixed at construction. Cost: linear in the group.
class LinkedShares {
public:
    LinkedShares(const OrderTable& table, const OrderGroups& links, std::size_t orders)
        : table_(table), links_(links), spared_(orders) {}

    /// After anything that happened to `member`: by how much that changes what its group leaves
    /// out.
    [[nodiscard]] Quantity update(const Order& member) noexcept;
    /// What the open orders of the group count for together.
    [[nodiscard]] Quantity counted(const SharingGroup& group) const noexcept;

private:
    template <class F>
    void each(const SharingGroup& group, F&& f) const noexcept;

    const OrderTable& table_;
    const OrderGroups& links_;
    std::vector<Quantity> spared_;  // by slot: what of its exposure is left out
};

}  // namespace fermata

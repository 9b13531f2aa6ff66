#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "core/order/id_index.hpp"
#include "core/sim/sim_order.hpp"

namespace fermata {

/// Linked orders at the simulated exchange: for each group (a strategy's number) a list through its
/// live orders, by ascending id.
///
/// Secondaries are not held here: the order manager sends them when their primary has filled.
///
/// Owner:  the resting book.
/// Memory: fixed at construction.
class LinkGroups {
public:
    /// More live orders than this in one group are refused: one fill reports about all of them.
    static constexpr std::size_t kMembersMax = 16;

    explicit LinkGroups(std::size_t orders_max) : heads_(orders_max) {}

    [[nodiscard]] static bool is_linked(const SimOrder& order) noexcept {
        return order.link != 0 && order.link_role != LinkRole::kNone;
    }
    void join(std::vector<SimOrder>& orders, SimSlot slot) noexcept;
    void leave(std::vector<SimOrder>& orders, SimSlot slot) noexcept;
    /// The first live order of the group of `order`, or kNoOrder.
    [[nodiscard]] SimSlot first(const SimOrder& order) const noexcept {
        return heads_.find(key(order));
    }
    [[nodiscard]] std::size_t members(const std::vector<SimOrder>& orders,
                                      const SimOrder& order) const noexcept;

private:
    [[nodiscard]] static IdIndex::Key key(const SimOrder& order) noexcept {
        return {std::uint32_t{order.account.value} << 16 | order.strategy.value, order.link};
    }

    IdIndex heads_;
};

/// What a fill of one order of a group does to another.
enum class LinkEffect : std::uint8_t { kNone, kCancel, kReduce };
[[nodiscard]] constexpr LinkEffect link_effect(LinkRole filled, LinkRole other) noexcept {
    if (filled != other) return LinkEffect::kNone;
    if (filled == LinkRole::kOco || filled == LinkRole::kSecondaryOco) return LinkEffect::kCancel;
    if (filled == LinkRole::kOuo || filled == LinkRole::kSecondaryOuo) return LinkEffect::kReduce;
    return LinkEffect::kNone;
}

}  // namespace fermata

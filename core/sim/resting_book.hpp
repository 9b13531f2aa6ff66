#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "core/order/id_index.hpp"
#include "core/sim/link_groups.hpp"
#include "core/sim/market_state.hpp"
#include "core/sim/sim_order.hpp"
#include "core/types/ids.hpp"
#include "core/types/number.hpp"

namespace fermata {

class StateArchive;

enum class OrderQueue : std::uint8_t {
    kActive = 0,   ///< Market and limit orders, and stops that were triggered.
    kDormant = 1,  ///< Stop, stop-limit and trailing orders that wait for their trigger.
    kTouch = 2,    ///< If-touched orders that wait for theirs.
    kAuction = 3,  ///< ATO and ATC orders that wait for an open or a close.
};
inline constexpr OrderQueue kOrderQueues[] = {OrderQueue::kActive, OrderQueue::kDormant,
                                              OrderQueue::kTouch, OrderQueue::kAuction};

/// The live orders of the simulated exchange: a pool of slots and, for every instrument and side,
/// four sorted queues. The head of a queue is the order that the market reaches first:
///
///   active buys     highest limit first, market orders at the very front
///   active sells    lowest limit first, market orders at the very front
///   dormant buys    lowest trigger first
///   dormant sells   highest trigger first
///   if-touched, auction   as active orders, by trigger or limit
///
/// and, at one price, the order of priority. So one comparison with a head tells that a price
/// concerns nobody.
///
/// Owner:      the simulated exchange.
/// Memory:     fixed at construction; `add` fails rather than grows.
/// Invariants: MarketState::live counts the queued orders of its instrument, ::aggressive and
///             ::moving those of them that are so.
class RestingBook {
public:
    RestingBook(MarketStates& markets, std::size_t orders_max);

    /// Copies the order into a free slot and gives it its priority; kNoOrder when there is none.
    /// The order is in no queue yet.
    [[nodiscard]] SimSlot add(const SimOrder& order);
    /// Forgets an order. It must not be queued.
    void release(SimSlot slot);

    /// Puts an order into the queue where its state belongs.
    void enter(SimSlot slot);
    void leave(SimSlot slot);
    /// A dormant order wakes up, behind all others.
    void trigger(SimSlot slot);
    /// The market was seen away from the order: from now on it only rests.
    void calm(SimSlot slot);

    // The live orders of a group, for an order that is linked.
    [[nodiscard]] SimSlot first_linked(const SimOrder& order) const noexcept {
        return LinkGroups::is_linked(order) ? groups_.first(order) : kNoOrder;
    }
    [[nodiscard]] SimSlot next_linked(SimSlot slot) const noexcept {
        return orders_[slot].link_next;
    }
    [[nodiscard]] std::size_t linked(const SimOrder& order) const noexcept {
        return LinkGroups::is_linked(order) ? groups_.members(orders_, order) : 0;
    }

    /// kNoOrder when no live order has the id.
    [[nodiscard]] SimSlot find(ClientOrderId id) const noexcept {
        return index_.find({0, id.value});
    }
    [[nodiscard]] SimOrder& operator[](SimSlot slot) noexcept { return orders_[slot]; }
    [[nodiscard]] const SimOrder& operator[](SimSlot slot) const noexcept { return orders_[slot]; }
    [[nodiscard]] bool is_live(SimSlot slot) const noexcept { return orders_[slot].id.value != 0; }
    [[nodiscard]] SimSlot first(InstrumentId i, Side side, OrderQueue queue) const noexcept {
        return books_[i.value].queues[index_of(side, queue)].head;
    }
    [[nodiscard]] SimSlot next(SimSlot slot) const noexcept { return orders_[slot].next; }
    /// The price of the head: limit or trigger; for a market order the price that every market
    /// reaches, for an empty queue the price that none does.
    [[nodiscard]] Price head_price(InstrumentId i, Side side, OrderQueue queue) const noexcept {
        return books_[i.value].head_price[index_of(side, queue)];
    }
    [[nodiscard]] std::size_t size() const noexcept { return orders_.size() - free_.size(); }
    [[nodiscard]] std::uint64_t next_priority() const noexcept { return next_priority_; }
    void renew_priority(SimSlot slot) noexcept { orders_[slot].priority = next_priority_++; }

    /// See core/base/state_archive.hpp. Every live order must be queued. Slots are not stored.
    void persist(StateArchive& a);

private:
    struct Ends {
        SimSlot head = kNoOrder;
        SimSlot tail = kNoOrder;
    };
    struct alignas(64) Book {  // one instrument, two cache lines
        std::array<Ends, 8> queues;
        std::array<Price, 8> head_price;
    };
    static_assert(sizeof(Book) == 128);

    [[nodiscard]] static constexpr std::size_t index_of(Side side, OrderQueue queue) noexcept {
        return static_cast<std::size_t>(side) * 4 + static_cast<std::size_t>(queue);
    }
    /// Low prices come first.
    [[nodiscard]] static constexpr bool ascending(Side side, OrderQueue queue) noexcept {
        return (side == Side::kSell) == (queue != OrderQueue::kDormant);
    }
    [[nodiscard]] static OrderQueue queue_of(const SimOrder& order) noexcept {
        if (order.awaits_auction()) return OrderQueue::kAuction;
        if (!order.is_dormant()) return OrderQueue::kActive;
        return order.has_touch() ? OrderQueue::kTouch : OrderQueue::kDormant;
    }
    void restore(StateArchive& a, const SimOrder& order);
    [[nodiscard]] static Price key(const SimOrder& order) noexcept;
    void refresh_head(InstrumentId i, Side side, OrderQueue queue) noexcept;

    MarketStates& markets_;
    std::vector<Book> books_;  // by InstrumentId
    std::vector<SimOrder> orders_;
    std::vector<SimSlot> free_;
    IdIndex index_;  // by ClientOrderId
    LinkGroups groups_;
    std::uint64_t next_priority_ = 1;
};

}  // namespace fermata

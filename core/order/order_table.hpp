#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "core/base/result.hpp"
#include "core/order/id_index.hpp"
#include "core/order/order.hpp"
#include "core/types/ids.hpp"

namespace fermata {

class StateArchive;

/// Names one stay of one order in the table. After the slot is recycled it names nothing.
struct OrderHandle {
    std::uint32_t index = 0;
    std::uint32_t generation = 0;
    friend constexpr bool operator==(OrderHandle, OrderHandle) = default;
};

enum class OrderTableError : std::uint8_t {
    kFull,       ///< Every slot holds an open order.
    kDuplicate,  ///< The id is not above every id before it, or the tag is in the table.
};

/// Every live order of one trading stage, found by id in constant time, and the newest terminal
/// ones.
///
/// Owner:      the trading loop; no other thread may call it.
/// Memory:     fixed at construction; `insert` recycles the terminal order that was settled longest
///             ago, and fails rather than grows when there is none.
/// Invariants: an order is in the table from `insert` until it is terminal and its slot is needed
/// (or
///             `release`d): until then late fills find it. `open_count()` equals the orders in a
///             non-terminal state, provided that `settle` follows every change of state.
/// Pointers:   valid until the next `insert` or `release`; keep an OrderHandle to look again later.
class OrderTable {
public:
    /// `capacity` orders at most, open and terminal. Allocates once, here.
    explicit OrderTable(std::size_t capacity);

    /// Takes in an open order. Ids must ascend, so an id is never used twice.
    [[nodiscard]] Result<OrderHandle, OrderTableError> insert(const Order& order) noexcept;

    /// The order, or nullptr.
    [[nodiscard]] Order* find(ClientOrderId id) noexcept { return at(by_id_.find({0, id.value})); }
    [[nodiscard]] Order* find(OrderTag tag) noexcept { return at(by_tag_.find({0, tag.value})); }
    [[nodiscard]] const Order* find(ClientOrderId id) const noexcept {
        return at(by_id_.find({0, id.value}));
    }
    [[nodiscard]] const Order* find(OrderTag tag) const noexcept {
        return at(by_tag_.find({0, tag.value}));
    }
    /// The order of that stay, or nullptr when its slot was recycled.
    [[nodiscard]] Order* get(OrderHandle handle) noexcept;
    /// `order` must be one of this table's.
    [[nodiscard]] OrderHandle handle_of(const Order& order) const noexcept;

    /// To be called after the state of an order changed between open and terminal, either way.
    void settle(const Order& order) noexcept;
    /// The terminal order that the next `insert` will forget, or nullptr.
    [[nodiscard]] const Order* to_be_forgotten() const noexcept {
        return free_ == kNone ? at(terminal_.head) : nullptr;
    }
    /// Lets `id`, which no order has, find this order too, for as long as it is in the table. When
    /// there is no room, the oldest such id of this order is forgotten; false when it has none.
    [[nodiscard]] bool add_alias(const Order& order, ClientOrderId id) noexcept;
    /// The order in a slot that has one (OrderHandle::index).
    [[nodiscard]] Order& in_slot(std::uint32_t index) noexcept { return orders_[index]; }
    [[nodiscard]] const Order& in_slot(std::uint32_t index) const noexcept {
        return orders_[index];
    }
    /// Forgets a terminal order at once.
    void release(OrderHandle handle) noexcept;

    [[nodiscard]] std::size_t open_count() const noexcept { return open_.count; }
    [[nodiscard]] std::size_t terminal_count() const noexcept { return terminal_.count; }
    [[nodiscard]] std::size_t capacity() const noexcept { return orders_.size(); }

    /// Calls f(Order&) for every open order, in the order of insertion (a reopened order last). `f`
    /// may change and settle the order in hand, and no other.
    template <class F>
    void for_each_open(F&& f) {
        each(orders_, open_, f);
    }
    template <class F>
    void for_each_open(F&& f) const {
        each(orders_, open_, f);
    }
    /// The same for terminal orders, the first one settled first.
    template <class F>
    void for_each_terminal(F&& f) const {
        each(orders_, terminal_, f);
    }

    /// See core/base/state_archive.hpp. Slots and generations are not stored: a handle from before
    /// means nothing in the table that was read.
    void persist(StateArchive& a);

private:
    static constexpr std::uint32_t kNone = IdIndex::kNone;

    struct Links {
        std::uint32_t next = kNone;
        std::uint32_t previous = kNone;
        std::uint32_t generation = 0;
        std::uint32_t aliases = kNone;  // the newest one
        bool terminal = false;
    };
    struct Alias {
        ClientOrderId id;
        std::uint32_t next = kNone;  // the one before it of the same order; free ones are chained
    };
    struct List {
        std::uint32_t head = kNone;
        std::uint32_t tail = kNone;
        std::size_t count = 0;
    };

    [[nodiscard]] Order* at(std::uint32_t index) noexcept {
        return index == kNone ? nullptr : &orders_[index];
    }
    [[nodiscard]] const Order* at(std::uint32_t index) const noexcept {
        return index == kNone ? nullptr : &orders_[index];
    }
    template <class Orders, class F>
    void each(Orders& orders, const List& list, F& f) const {
        for (std::uint32_t i = list.head; i != kNone;) {
            const std::uint32_t next = links_[i].next;
            f(orders[i]);
            i = next;
        }
    }
    void persist(StateArchive& a, List& list);
    [[nodiscard]] std::uint32_t take_slot(const Order& order) noexcept;
    void append(List& list, std::uint32_t index) noexcept;
    void remove(List& list, std::uint32_t index) noexcept;
    void forget(std::uint32_t index) noexcept;
    void prefetch_oldest() const noexcept;
    void persist_aliases(StateArchive& a, std::uint32_t index);

    std::vector<Order> orders_;
    std::vector<Links> links_;  // free slots are chained by `next`
    std::uint32_t free_ = kNone;
    List open_;
    List terminal_;
    IdIndex by_id_;  // with aliases
    IdIndex by_tag_;
    std::vector<Alias> aliases_;
    std::uint32_t free_alias_ = kNone;
    ClientOrderId newest_;
};

}  // namespace fermata

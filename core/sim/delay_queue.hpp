#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "core/event/order_event.hpp"
#include "core/sim/sim_order.hpp"
#include "core/types/time.hpp"

namespace fermata {

class RestingBook;
class StateArchive;

/// What will happen at the simulated exchange later: requests under way to it, reports under way
/// from it, and the expiry of GTD orders, by (time, order of insertion).
///
/// Owner:  the simulated exchange.
/// Memory: fixed at construction; more than `messages_max` requests and reports under way, or more
///         than `expiries_max` expiries, is a bug of sizing and aborts.
/// Cost:   O(log n) an operation; `next_due` is a load.
class DelayQueue {
public:
    enum class Kind : std::uint8_t { kRequest, kReport, kExpiry };
    using Entry = std::uint32_t;
    static constexpr Entry kNoEntry = 0xffff'ffff;

    struct Item {
        Kind kind = Kind::kRequest;
        Timestamp due;
        SimSlot order = kNoOrder;             ///< kExpiry.
        const OrderEvent* message = nullptr;  ///< kRequest, kReport; valid until the next push.
    };

    DelayQueue(std::size_t messages_max, std::size_t expiries_max);

    void push_message(Kind kind, Timestamp due, const OrderEvent& message);
    Entry push_expiry(Timestamp due, SimSlot order);
    /// Takes back an expiry that has not been popped.
    void remove(Entry entry);

    /// Timestamp::never() when nothing is pending.
    [[nodiscard]] Timestamp next_due() const noexcept { return next_due_; }
    /// The earliest item. Requires that there is one.
    [[nodiscard]] Item pop();

    /// See core/base/state_archive.hpp. `book` was stored before; its orders get their expiries.
    void persist(StateArchive& a, RestingBook& book);

private:
    struct Node {
        Timestamp due;
        std::uint64_t sequence = 0;
        std::size_t heap_position = 0;
        SimSlot order = kNoOrder;
        Kind kind = Kind::kRequest;
    };

    [[nodiscard]] bool before(Entry a, Entry b) const noexcept {
        const Node& x = nodes_[a];
        const Node& y = nodes_[b];
        return x.due != y.due ? x.due < y.due : x.sequence < y.sequence;
    }
    void place(std::size_t position, Entry entry) noexcept {
        heap_[position] = entry;
        nodes_[entry].heap_position = position;
    }
    void persist_node(StateArchive& a, Entry entry, RestingBook& book);
    void persist_expiry(StateArchive& a, Node& node, Entry entry, RestingBook& book);
    void push(Entry entry, Kind kind, Timestamp due, SimSlot order);
    void erase_at(std::size_t position);
    void sift_up(std::size_t position, Entry entry) noexcept;
    void sift_down(std::size_t position, Entry entry) noexcept;
    void recycle(Entry entry);

    std::size_t messages_max_;
    std::vector<Node> nodes_;           // messages first, then expiries
    std::vector<OrderEvent> messages_;  // by entry
    std::vector<Entry> free_messages_;
    std::vector<Entry> free_expiries_;
    std::vector<Entry> heap_;
    std::uint64_t next_sequence_ = 0;
    Timestamp next_due_ = Timestamp::never();
};

}  // namespace fermata

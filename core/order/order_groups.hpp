#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "core/base/assert.hpp"
#include "core/order/id_index.hpp"

namespace fermata {

/// Sets of orders by a common key, each in the order in which its members came: the children of a
/// parent, the members of a link group, what is held in an instrument. An order is in one set at
/// most.
///
/// Owner:  the order manager. Orders are known by their slot in the order table.
/// Memory: fixed at construction. Everything is constant time; a walk is linear in its set.
class OrderGroups {
public:
    static constexpr std::uint32_t kNone = IdIndex::kNone;
    using Key = IdIndex::Key;

    explicit OrderGroups(std::size_t capacity) : nodes_(capacity), heads_(capacity) {}

    /// `slot` must not be in a set.
    void add(Key key, std::uint32_t slot) noexcept {
        Node& node = nodes_[slot];
        FERMATA_ASSERT(!node.member);
        const std::uint32_t head = heads_.find(key);
        node = Node{key, kNone, slot, true};
        if (head == kNone) {
            heads_.insert(key, slot);
            return;
        }
        // The head's `previous` is the tail.
        const std::uint32_t tail = nodes_[head].previous;
        nodes_[tail].next = slot;
        node.previous = tail;
        nodes_[head].previous = slot;
    }
    /// Does nothing when `slot` is in no set.
    void remove(std::uint32_t slot) noexcept {
        Node& node = nodes_[slot];
        if (!node.member) return;
        node.member = false;
        const std::uint32_t head = heads_.find(node.key);
        if (slot != head) {
            nodes_[node.previous].next = node.next;
            nodes_[node.next == kNone ? head : node.next].previous = node.previous;
            return;
        }
        heads_.erase(node.key);
        if (node.next == kNone) return;
        nodes_[node.next].previous = node.previous;
        heads_.insert(node.key, node.next);
    }
    [[nodiscard]] bool contains(std::uint32_t slot) const noexcept { return nodes_[slot].member; }
    /// The oldest member, or kNone.
    [[nodiscard]] std::uint32_t first(Key key) const noexcept { return heads_.find(key); }
    /// The member after `slot`, or kNone.
    [[nodiscard]] std::uint32_t next(std::uint32_t slot) const noexcept {
        return nodes_[slot].next;
    }

private:
    struct Node {
        Key key;
        std::uint32_t next = kNone;
        std::uint32_t previous = kNone;
        bool member = false;
    };

    std::vector<Node> nodes_;
    IdIndex heads_;
};

}  // namespace fermata

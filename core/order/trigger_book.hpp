#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "core/base/assert.hpp"
#include "core/order/id_index.hpp"

namespace fermata {

/// Heaps of orders by a number (a trigger price, a time): the least first, of equals the order that
/// came first. Pairing heaps whose nodes are the slots of the order table.
///
/// Owner:  the order manager. An order is in one heap at most.
/// Memory: fixed at construction. Insertion is constant time; taking the first and removing any
///         other is logarithmic over time.
class TriggerBook {
public:
    static constexpr std::uint32_t kNone = IdIndex::kNone;

    TriggerBook(std::size_t heaps, std::size_t capacity) : roots_(heaps, kNone), nodes_(capacity) {}

    /// `slot` must not be in a heap.
    void insert(std::size_t heap, std::uint32_t slot, std::int64_t key, std::uint64_t id) noexcept {
        FERMATA_ASSERT(!nodes_[slot].member);
        nodes_[slot] = Node{key, id, kNone, kNone, kNone, static_cast<std::uint32_t>(heap), true};
        roots_[heap] = roots_[heap] == kNone ? slot : meld(roots_[heap], slot);
    }
    /// Does nothing when `slot` is in no heap.
    void remove(std::uint32_t slot) noexcept {
        Node& node = nodes_[slot];
        if (!node.member) return;
        node.member = false;
        const std::uint32_t rest = pair_up(node.child);
        std::uint32_t& root = roots_[node.heap];
        if (root == slot) {
            root = rest;
            return;
        }
        // Out of the list of its parent's children.
        Node& before = nodes_[node.previous];
        (before.child == slot ? before.child : before.next) = node.next;
        if (node.next != kNone) nodes_[node.next].previous = node.previous;
        if (rest != kNone) root = meld(root, rest);
    }
    [[nodiscard]] bool contains(std::uint32_t slot) const noexcept { return nodes_[slot].member; }
    /// The first of a heap, or kNone.
    [[nodiscard]] std::uint32_t first(std::size_t heap) const noexcept { return roots_[heap]; }
    [[nodiscard]] std::int64_t key(std::uint32_t slot) const noexcept { return nodes_[slot].key; }

private:
    struct Node {
        std::int64_t key = 0;
        std::uint64_t id = 0;
        std::uint32_t child = kNone;
        std::uint32_t next = kNone;      // sibling
        std::uint32_t previous = kNone;  // sibling, or the parent of the first child
        std::uint32_t heap = 0;
        bool member = false;
    };

    [[nodiscard]] bool before(std::uint32_t a, std::uint32_t b) const noexcept {
        const Node& x = nodes_[a];
        const Node& y = nodes_[b];
        return x.key != y.key ? x.key < y.key : x.id < y.id;
    }
    /// Two roots become one.
    std::uint32_t meld(std::uint32_t a, std::uint32_t b) noexcept {
        const std::uint32_t top = before(a, b) ? a : b;
        const std::uint32_t low = top == a ? b : a;
        Node& parent = nodes_[top];
        Node& child = nodes_[low];
        child.next = parent.child;
        child.previous = top;
        if (parent.child != kNone) nodes_[parent.child].previous = low;
        parent.child = low;
        parent.next = parent.previous = kNone;
        return top;
    }
    /// Siblings become one heap: in pairs from the left, then all from the right.
    std::uint32_t pair_up(std::uint32_t first) noexcept {
        std::uint32_t pairs = kNone;  // chained by `next`, the last pair first
        while (first != kNone) {
            const std::uint32_t a = first;
            const std::uint32_t b = nodes_[a].next;
            first = b == kNone ? kNone : nodes_[b].next;
            const std::uint32_t pair = b == kNone ? a : meld(a, b);
            nodes_[pair].next = pairs;
            pairs = pair;
        }
        std::uint32_t root = kNone;
        while (pairs != kNone) {
            const std::uint32_t pair = pairs;
            pairs = nodes_[pair].next;
            nodes_[pair].next = nodes_[pair].previous = kNone;
            root = root == kNone ? pair : meld(root, pair);
        }
        return root;
    }

    std::vector<std::uint32_t> roots_;
    std::vector<Node> nodes_;  // by slot
};

}  // namespace fermata

#pragma once

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "core/base/assert.hpp"

namespace fermata {

/// A fixed-capacity hash index from a key of two words to a slot number, in constant time.
///
/// Open addressing with linear probing at a load of at most one half, the entries of a run in the
/// order of their homes ("Robin Hood"): removal shifts back to the next entry that is at home, so
/// there are no tombstones and the cost does not grow with age. Iteration is not offered: its order
/// would depend on the hash.
///
/// Memory: fixed at construction: 16 bytes an entry, their number the next power of two. Inserting
/// beyond the capacity is a bug and aborts.
class IdIndex {
public:
    static constexpr std::uint32_t kNone = 0xffff'ffff;

    struct Key {
        std::uint32_t high = 0;
        std::uint64_t low = 0;
        friend constexpr bool operator==(Key, Key) = default;
    };

    /// `spread` is the least number of entries for each key, 2 or more: an index that is full all
    /// the time is faster with 4.
    explicit IdIndex(std::size_t capacity, std::size_t spread = 2)
        : entries_(std::bit_ceil(std::max<std::size_t>(16, capacity * spread))),
          mask_(entries_.size() - 1),
          capacity_(capacity) {}

    /// The slot of `key`, or kNone.
    [[nodiscard]] std::uint32_t find(Key key) const noexcept {
        for (std::size_t at = home(key);; at = (at + 1) & mask_) {
            const Entry& entry = entries_[at];
            if (entry.slot == kNone || entry.has(key)) return entry.slot;
        }
    }
    /// `key` must not be in the index.
    void insert(Key key, std::uint32_t slot) noexcept {
        FERMATA_ASSERT(size_ < capacity_ && slot != kNone);
        Entry entry{key.low, key.high, slot};
        std::size_t at = home(key);
        for (std::size_t distance = 0; entries_[at].slot != kNone; ++distance) {
            FERMATA_ASSERT(!entries_[at].has(key));
            const std::size_t other = distance_of(at);
            if (other < distance) {
                std::swap(entry, entries_[at]);
                distance = other;
            }
            at = (at + 1) & mask_;
        }
        entries_[at] = entry;
        prefetch({key.high, key.low + 8});  // where ids that count up come to next
        ++size_;
    }
    /// `key` must be in the index.
    void erase(Key key) noexcept {
        std::size_t hole = home(key);
        while (!entries_[hole].has(key) || entries_[hole].slot == kNone) {
            FERMATA_ASSERT(entries_[hole].slot != kNone);
            hole = (hole + 1) & mask_;
        }
        for (std::size_t next = (hole + 1) & mask_;
             entries_[next].slot != kNone && distance_of(next) != 0; next = (next + 1) & mask_) {
            entries_[hole] = entries_[next];
            hole = next;
        }
        entries_[hole] = Entry{};
        --size_;
    }
    /// Asks the memory for what `erase(key)` will look at. Inlined always: g++ 12 drops calls of
    /// functions that do nothing else, as if prefetching were no effect.
    [[gnu::always_inline]] void prefetch(Key key) const noexcept {
        __builtin_prefetch(&entries_[home(key)], 1);
    }
    [[nodiscard]] std::size_t size() const noexcept { return size_; }

private:
    struct Entry {
        std::uint64_t low = 0;
        std::uint32_t high = 0;
        std::uint32_t slot = kNone;
        [[nodiscard]] bool has(Key key) const noexcept {
            return low == key.low && high == key.high;
        }
    };
    static_assert(sizeof(Entry) == 16);

    /// Ids count up, so eight neighbours share a place: one cache miss serves several orders. Whole
    /// runs do not, else the runs of two venues could lie on each other.
    [[nodiscard]] std::size_t home(Key key) const noexcept {
        std::uint64_t h =
            ((key.low >> 3) ^ std::rotl(std::uint64_t{key.high}, 29)) * 0x9e37'79b9'7f4a'7c15ULL;
        h = (h ^ (h >> 32)) * 0xd6e8'feb8'6659'fd93ULL;
        return static_cast<std::size_t>(((h >> 24) << 3) | (key.low & 7)) & mask_;
    }

    /// How far from its home the entry at `at` is.
    [[nodiscard]] std::size_t distance_of(std::size_t at) const noexcept {
        return (at - home({entries_[at].high, entries_[at].low})) & mask_;
    }

    std::vector<Entry> entries_;
    std::size_t mask_;
    std::size_t capacity_;
    std::size_t size_ = 0;
};

}  // namespace fermata

#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "core/base/assert.hpp"

namespace fermata {

/// A fixed-capacity hash index from a key of two words to a slot number, in constant time.
///
/// Open addressing with linear probing at a load of at most one half; removal shifts back, so there
/// are no tombstones and the cost does not grow with age. Iteration is not offered: its order would
/// depend on the hash.
///
/// Memory: fixed at construction. Inserting beyond the capacity is a bug and aborts.
class IdIndex {
public:
    static constexpr std::uint32_t kNone = 0xffff'ffff;

    struct Key {
        std::uint64_t high = 0;
        std::uint64_t low = 0;
        friend constexpr bool operator==(Key, Key) = default;
    };

    explicit IdIndex(std::size_t capacity)
        : entries_(std::bit_ceil(capacity * 2 < 16 ? std::size_t{16} : capacity * 2)),
          mask_(entries_.size() - 1),
          capacity_(capacity) {}

    /// The slot of `key`, or kNone.
    [[nodiscard]] std::uint32_t find(Key key) const noexcept {
        for (std::size_t at = home(key);; at = (at + 1) & mask_) {
            const Entry& entry = entries_[at];
            if (entry.slot == kNone || entry.key == key) return entry.slot;
        }
    }
    /// `key` must not be in the index.
    void insert(Key key, std::uint32_t slot) noexcept {
        FERMATA_ASSERT(size_ < capacity_ && slot != kNone);
        std::size_t at = home(key);
        while (entries_[at].slot != kNone) {
            FERMATA_ASSERT(entries_[at].key != key);
            at = (at + 1) & mask_;
        }
        entries_[at] = Entry{key, slot};
        ++size_;
    }
    /// `key` must be in the index.
    void erase(Key key) noexcept {
        std::size_t hole = home(key);
        while (entries_[hole].key != key || entries_[hole].slot == kNone) {
            FERMATA_ASSERT(entries_[hole].slot != kNone);
            hole = (hole + 1) & mask_;
        }
        // Every entry of the run that a probe from its home would no longer reach moves back.
        for (std::size_t at = (hole + 1) & mask_; entries_[at].slot != kNone;
             at = (at + 1) & mask_) {
            const std::size_t distance = (at - home(entries_[at].key)) & mask_;
            if (distance >= ((at - hole) & mask_)) {
                entries_[hole] = entries_[at];
                hole = at;
            }
        }
        entries_[hole] = Entry{};
        --size_;
    }
    [[nodiscard]] std::size_t size() const noexcept { return size_; }

private:
    struct Entry {
        Key key;
        std::uint32_t slot = kNone;
    };

    /// Ids count up, so eight neighbours share a place: one cache miss serves several orders. Whole
    /// runs do not, else the runs of two venues could lie on each other.
    [[nodiscard]] std::size_t home(Key key) const noexcept {
        std::uint64_t h = ((key.low >> 3) ^ std::rotl(key.high, 29)) * 0x9e37'79b9'7f4a'7c15ULL;
        h = (h ^ (h >> 32)) * 0xd6e8'feb8'6659'fd93ULL;
        return static_cast<std::size_t>(((h >> 24) << 3) | (key.low & 7)) & mask_;
    }

    std::vector<Entry> entries_;
    std::size_t mask_;
    std::size_t capacity_;
    std::size_t size_ = 0;
};

}  // namespace fermata

#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "core/types/ids.hpp"
#include "core/types/number.hpp"
#include "core/types/order_enums.hpp"
#include "core/types/time.hpp"

namespace fermata {

class StateArchive;

/// What makes two orders equal.
struct RepeatKey {
    StrategyId strategy;
    InstrumentId instrument;
    Side side = Side::kBuy;
    Price price;
    Price stop_price;
    Quantity quantity;
    friend bool operator==(const RepeatKey&, const RepeatKey&) = default;
    void persist(StateArchive& a);
};

/// Counts equal orders in a sliding window, exactly, in constant time.
///
/// Memory:     fixed at construction: `capacity` different keys within one window.
/// Invariants: an entry lives while its newest attempt lies in the window; entries are linked in
/// the
///             order of their newest attempt, so the expired ones are at one end.
class RepeatTable {
public:
    static constexpr int kLimitMax = 16;

    RepeatTable() = default;
    RepeatTable(std::size_t capacity, Duration window);
    /// From now on. What a shorter window let go does not come back.
    void set_window(Duration window) noexcept { window_ = window; }

    /// Where a key's entry is found; asking early, the memory is there when `note` comes.
    [[nodiscard]] [[gnu::always_inline]] std::uint32_t prepare(
        const RepeatKey& key) const noexcept {
        const std::uint32_t at = bucket_of(key);
        if (!buckets_.empty()) __builtin_prefetch(&buckets_[at], 1);
        return at;
    }
    /// Notes an attempt at `now` (ascending) and returns how many, this one included, lie in
    /// (now - window, now], counted up to `limit` + 1. Zero when the table is full.
    [[nodiscard]] int note(const RepeatKey& key, Timestamp now, int limit) noexcept {
        return note(key, bucket_of(key), now, limit);
    }
    /// The same with what `prepare` said.
    [[nodiscard]] int note(const RepeatKey& key, std::uint32_t bucket, Timestamp now,
                           int limit) noexcept;
    /// What `note` would return, without noting anything.
    [[nodiscard]] int ask(const RepeatKey& key, Timestamp now, int limit) const noexcept;

    [[nodiscard]] std::size_t size() const noexcept { return size_; }
    /// See core/base/state_archive.hpp.
    void persist(StateArchive& a);

private:
    static constexpr std::uint32_t kNone = 0xffff'ffff;

    struct Entry {
        RepeatKey key;
        std::uint32_t next_in_bucket = kNone;
        std::uint32_t newer = kNone;
        std::uint32_t older = kNone;
        std::uint8_t head = 0;                      // where the next attempt goes
        std::uint8_t count = 0;                     // attempts remembered
        std::array<Timestamp, kLimitMax> attempts;  // a ring
    };

    void persist_attempts(StateArchive& a, Entry& e);
    /// Attempts with one more at `now` that lie in the window, counted up to `limit` + 1.
    [[nodiscard]] int recent(const Entry& e, Timestamp now, int limit) const noexcept;
    [[nodiscard]] Timestamp newest_attempt(const Entry& e) const noexcept {
        return e.attempts[(e.head + kLimitMax - 1) % kLimitMax];
    }
    [[nodiscard]] std::uint32_t bucket_of(const RepeatKey& key) const noexcept {
        std::uint64_t h = 0;
        const auto mix = [&](std::uint64_t v) {
            h = (h ^ v) * 0x9e37'79b9'7f4a'7c15U;
            h ^= h >> 32;
        };
        mix((std::uint64_t{key.instrument.value} << 17) | (std::uint64_t{key.strategy.value} << 1) |
            static_cast<std::uint64_t>(key.side));
        mix(static_cast<std::uint64_t>(key.price.raw()));
        mix(static_cast<std::uint64_t>(key.stop_price.raw()));
        mix(static_cast<std::uint64_t>(key.quantity.raw()));
        return static_cast<std::uint32_t>(h & (buckets_.size() - 1));
    }
    [[nodiscard]] std::uint32_t find(const RepeatKey& key, std::uint32_t bucket) const noexcept;
    [[nodiscard]] std::uint32_t take(const RepeatKey& key, std::uint32_t bucket) noexcept;
    void expire(Timestamp now) noexcept;
    void link_newest(std::uint32_t at) noexcept;
    void unlink(std::uint32_t at) noexcept;

    Duration window_;
    std::vector<Entry> entries_;
    std::vector<std::uint32_t> buckets_;  // a power of two of them
    std::uint32_t free_ = kNone;          // linked through next_in_bucket
    std::uint32_t newest_ = kNone;
    std::uint32_t oldest_ = kNone;
    std::size_t size_ = 0;
};

}  // namespace fermata

#include "risk/repeat_table.hpp"

#include <bit>

#include "core/base/assert.hpp"

namespace fermata {

RepeatTable::RepeatTable(std::size_t capacity, Duration window)
    : window_(window), entries_(capacity), buckets_(std::bit_ceil(2 * capacity), kNone) {
    for (std::size_t i = capacity; i-- > 0;) {
        entries_[i].next_in_bucket = free_;
        free_ = static_cast<std::uint32_t>(i);
    }
}

std::uint32_t RepeatTable::find(const RepeatKey& key, std::uint32_t bucket) const noexcept {
    std::uint32_t at = buckets_[bucket];
    while (at != kNone && !(entries_[at].key == key)) at = entries_[at].next_in_bucket;
    return at;
}

void RepeatTable::link_newest(std::uint32_t at) noexcept {
    entries_[at].older = newest_;
    entries_[at].newer = kNone;
    (newest_ == kNone ? oldest_ : entries_[newest_].newer) = at;
    newest_ = at;
}

void RepeatTable::unlink(std::uint32_t at) noexcept {
    const Entry& e = entries_[at];
    (e.older == kNone ? oldest_ : entries_[e.older].newer) = e.newer;
    (e.newer == kNone ? newest_ : entries_[e.newer].older) = e.older;
}

void RepeatTable::expire(Timestamp now) noexcept {
    // Two a call: more than can come in, so the table drains without a long pause.
    for (int i = 0; i < 2 && oldest_ != kNone; ++i) {
        Entry& e = entries_[oldest_];
        if (now - newest_attempt(e) < window_) return;
        const std::uint32_t at = oldest_;
        std::uint32_t* link = &buckets_[bucket_of(e.key)];
        while (*link != at) link = &entries_[*link].next_in_bucket;
        *link = e.next_in_bucket;
        unlink(at);
        e.next_in_bucket = free_;
        free_ = at;
        --size_;
    }
}

std::uint32_t RepeatTable::take(const RepeatKey& key, std::uint32_t bucket) noexcept {
    const std::uint32_t at = free_;
    if (at == kNone) return kNone;
    Entry& e = entries_[at];
    free_ = e.next_in_bucket;
    std::uint32_t& first = buckets_[bucket];
    e.key = key;
    e.next_in_bucket = first;
    e.head = 0;
    e.count = 0;
    first = at;
    ++size_;
    return at;
}

int RepeatTable::note(const RepeatKey& key, std::uint32_t bucket, Timestamp now,
                      int limit) noexcept {
    FERMATA_ASSERT(limit >= 1 && limit <= kLimitMax);
    expire(now);
    std::uint32_t at = find(key, bucket);
    if (at != kNone) {
        unlink(at);
    } else if (at = take(key, bucket); at == kNone) {
        return 0;
    }
    link_newest(at);
    Entry& e = entries_[at];
    const int found = recent(e, now, limit);
    e.attempts[e.head] = now;
    e.head = static_cast<std::uint8_t>((e.head + 1) % kLimitMax);
    if (e.count < kLimitMax) ++e.count;
    return found;
}

int RepeatTable::recent(const Entry& e, Timestamp now, int limit) const noexcept {
    int found = 1;
    for (int i = 1; i <= e.count && found <= limit; ++i) {  // from the newest back
        if (now - e.attempts[(e.head + kLimitMax - i) % kLimitMax] >= window_) break;
        ++found;
    }
    return found;
}

int RepeatTable::ask(const RepeatKey& key, Timestamp now, int limit) const noexcept {
    const std::uint32_t at = find(key, bucket_of(key));
    if (at != kNone) return recent(entries_[at], now, limit);
    if (free_ != kNone) return 1;
    // Full, unless the oldest entry would give its place.
    return oldest_ != kNone && now - newest_attempt(entries_[oldest_]) >= window_ ? 1 : 0;
}

}  // namespace fermata

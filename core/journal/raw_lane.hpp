#pragma once

#include <atomic>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <string_view>

#include "core/base/assert.hpp"
#include "core/types/time.hpp"

namespace fermata {

/// A bounded ring of messages of different lengths: many producers, one consumer.
///
/// A producer reserves its place with one compare-and-swap, copies, and publishes by storing the
/// length; the consumer clears what it has taken, so that an unpublished place reads as zero.
/// Nobody waits for anybody: a message that does not fit is counted and dropped. A producer that
/// is stopped between reserving and publishing holds up what was reserved behind it.
///
/// Threads: any number call try_push; one calls take.
/// Memory:  `capacity` bytes (a power of two, at least 64 KiB), allocated once. A message is at
/// most
///          an eighth of it.
class RawLane {
public:
    explicit RawLane(std::size_t capacity)
        : mask_(capacity - 1), words_(new std::atomic<std::uint64_t>[capacity / 8]()) {
        FERMATA_ASSERT(std::has_single_bit(capacity) && capacity >= 65'536);
    }

    /// False, and counted, when there is no room, fewer than `spare` bytes would be free behind it,
    /// or the message is too long.
    bool try_push(Timestamp ts, std::uint16_t session, bool sent, std::string_view bytes,
                  std::size_t spare = 0) noexcept {
        const std::uint64_t capacity = mask_ + 1;
        const std::uint64_t size = kHeaderBytes + (bytes.size() + 7) / 8 * 8;
        if (size > capacity / 8) return lose();
        std::uint64_t tail = tail_.load(std::memory_order_relaxed);
        std::uint64_t skipped = 0;
        do {
            // A message lies in one piece: what is left before the end may be too short.
            const std::uint64_t room = capacity - (tail & mask_);
            skipped = room < size ? room : 0;
            const std::uint64_t end = tail + skipped + size;
            if (end + spare - head_.load(std::memory_order_acquire) > capacity) return lose();
        } while (
            !tail_.compare_exchange_weak(tail, tail + skipped + size, std::memory_order_relaxed));
        if (skipped != 0) word(tail).store(kSkip | skipped, std::memory_order_release);
        const std::uint64_t at = tail + skipped;
        word(at + 8).store(static_cast<std::uint64_t>(ts.ns), std::memory_order_relaxed);
        word(at + 16).store(bytes.size() | std::uint64_t{session} << 32 | std::uint64_t{sent} << 48,
                            std::memory_order_relaxed);
        for (std::size_t n = 0; n < bytes.size(); n += 8) {
            std::uint64_t w = 0;
            std::memcpy(&w, bytes.data() + n, bytes.size() - n < 8 ? bytes.size() - n : 8);
            word(at + kHeaderBytes + n).store(w, std::memory_order_relaxed);
        }
        word(at).store(size, std::memory_order_release);
        return true;
    }

    /// Calls `f(ts, session, sent, bytes)` with the oldest message; false when there is none. The
    /// bytes are valid during the call. `buffer` is the consumer's, of at least capacity / 8 bytes.
    template <class F>
    bool take(char* buffer, F&& f) {
        std::uint64_t head = head_.load(std::memory_order_relaxed);
        std::uint64_t size = word(head).load(std::memory_order_acquire);
        if ((size & kSkip) != 0) {
            word(head).store(0, std::memory_order_relaxed);
            head += size & ~kSkip;
            head_.store(head, std::memory_order_release);
            size = word(head).load(std::memory_order_acquire);
        }
        if (size == 0) return false;
        const Timestamp ts{
            static_cast<std::int64_t>(word(head + 8).load(std::memory_order_relaxed))};
        const std::uint64_t what = word(head + 16).load(std::memory_order_relaxed);
        const auto length = static_cast<std::size_t>(what & 0xffff'ffff);
        for (std::uint64_t n = kHeaderBytes; n < size; n += 8) {
            const std::uint64_t w = word(head + n).load(std::memory_order_relaxed);
            std::memcpy(buffer + (n - kHeaderBytes), &w, 8);
        }
        for (std::uint64_t n = 0; n < size; n += 8) {
            word(head + n).store(0, std::memory_order_relaxed);
        }
        head_.store(head + size, std::memory_order_release);
        f(ts, static_cast<std::uint16_t>(what >> 32), (what >> 48 & 1) != 0,
          std::string_view(buffer, length));
        return true;
    }

    [[nodiscard]] std::size_t capacity() const noexcept { return mask_ + 1; }
    /// Messages that were dropped so far. Any thread.
    [[nodiscard]] std::uint64_t lost() const noexcept {
        return lost_.load(std::memory_order_relaxed);
    }

private:
    static constexpr std::uint64_t kHeaderBytes = 24;
    static constexpr std::uint64_t kSkip = std::uint64_t{1} << 63;

    bool lose() noexcept {
        lost_.fetch_add(1, std::memory_order_relaxed);
        return false;
    }
    [[nodiscard]] std::atomic<std::uint64_t>& word(std::uint64_t at) noexcept {
        return words_[(at & mask_) / 8];
    }

    const std::uint64_t mask_;
    std::unique_ptr<std::atomic<std::uint64_t>[]> words_;
    alignas(64) std::atomic<std::uint64_t> tail_{0};
    alignas(64) std::atomic<std::uint64_t> head_{0};
    alignas(64) std::atomic<std::uint64_t> lost_{0};
};

}  // namespace fermata

#pragma once

#include <atomic>
#include <bit>
#include <boost/lockfree/spsc_queue.hpp>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <new>
#include <type_traits>

#include "core/base/assert.hpp"

namespace fermata {

/// What a lane may carry: whole cache lines, trivially copyable, with one bit to spare in one
/// 8-byte word (see SlotRing), which is zero outside of a lane.
template <class T>
concept LaneEvent =
    std::is_trivially_copyable_v<T> && sizeof(T) % 64 == 0 && alignof(T) == 64 && requires {
        { T::kLaneWord } -> std::convertible_to<std::size_t>;
        { T::kLaneMask } -> std::convertible_to<std::uint64_t>;
    };

/// A bounded single-producer single-consumer ring whose slots carry their own sequence.
///
/// The event itself holds the lap bit that tells the consumer whether a slot is new, so that one
/// hop between two cores moves exactly the cache lines of the event; an index ring moves the line
/// of the index as well. The producer looks at the consumer's index only when the ring seems full.
///
/// Threads: one producer calls try_push; one consumer calls front and pop.
/// Memory:  `capacity` slots (a power of two), allocated once.
/// Order:   first in, first out. An event is visible whole or not at all.
template <LaneEvent T>
class SlotRing {
public:
    explicit SlotRing(std::size_t capacity)
        : mask_(capacity - 1),
          slots_(static_cast<Slot*>(
              ::operator new[](capacity * sizeof(Slot), std::align_val_t{alignof(Slot)}))) {
        FERMATA_ASSERT(std::has_single_bit(capacity));
        std::memset(static_cast<void*>(slots_.get()), 0, capacity * sizeof(Slot));
    }

    /// False when the ring is full; nothing was written then.
    [[nodiscard]] bool try_push(const T& event) noexcept {
        if (tail_ - seen_head_ > mask_) {
            seen_head_ = head_.load(std::memory_order_acquire);
            if (tail_ - seen_head_ > mask_) return false;
        }
        std::uint64_t* words = slots_.get()[tail_ & mask_].words;
        const auto* source = reinterpret_cast<const std::uint64_t*>(&event);
        std::memcpy(words, source, T::kLaneWord * 8);
        std::memcpy(words + T::kLaneWord + 1, source + T::kLaneWord + 1,
                    (kWords - T::kLaneWord - 1) * 8);
        publish(words, source[T::kLaneWord]);
        return true;
    }

    /// The same with another `seq` than the event has, which spares the caller a copy.
    [[nodiscard]] bool try_push(const T& event, std::uint64_t seq) noexcept
        requires(T::kLaneWord == 0 && T::kSeqWord == 1)
    {
        if (tail_ - seen_head_ > mask_) {
            seen_head_ = head_.load(std::memory_order_acquire);
            if (tail_ - seen_head_ > mask_) return false;
        }
        std::uint64_t* words = slots_.get()[tail_ & mask_].words;
        const auto* source = reinterpret_cast<const std::uint64_t*>(&event);
        words[1] = seq;
        std::memcpy(words + 2, source + 2, (kWords - 2) * 8);
        publish(words, source[0]);
        return true;
    }

    /// The oldest event in its slot, or nullptr. Valid until pop. Its lane bit is undefined.
    [[nodiscard]] const T* front() noexcept {
        Slot& slot = slots_.get()[local_head_ & mask_];
        const std::uint64_t word = std::atomic_ref<std::uint64_t>(slot.words[T::kLaneWord])
                                       .load(std::memory_order_acquire);
        if ((word & T::kLaneMask) != lap_bit(local_head_)) return nullptr;
        return reinterpret_cast<const T*>(slot.words);
    }

    /// Gives the oldest slot back. Only after front() returned an event.
    void pop() noexcept {
        ++local_head_;
        head_.store(local_head_, std::memory_order_release);
    }

    [[nodiscard]] std::size_t capacity() const noexcept { return mask_ + 1; }

private:
    static constexpr std::size_t kWords = sizeof(T) / 8;
    struct alignas(64) Slot {
        std::uint64_t words[kWords];
    };
    struct Deleter {
        void operator()(Slot* p) const noexcept {
            ::operator delete[](p, std::align_val_t{alignof(Slot)});
        }
    };

    /// The word with the lap bit goes last: from here on the consumer sees the event.
    void publish(std::uint64_t* words, std::uint64_t lane_word) noexcept {
        std::atomic_ref<std::uint64_t>(words[T::kLaneWord])
            .store((lane_word & ~T::kLaneMask) | lap_bit(tail_), std::memory_order_release);
        ++tail_;
    }

    /// Alternates with each lap, starting with the bit set: a zeroed slot is empty.
    [[nodiscard]] std::uint64_t lap_bit(std::uint64_t index) const noexcept {
        return (index & (mask_ + 1)) == 0 ? T::kLaneMask : 0;
    }

    std::size_t mask_;
    std::unique_ptr<Slot, Deleter> slots_;
    alignas(64) std::uint64_t tail_ = 0;        // producer only
    std::uint64_t seen_head_ = 0;               // producer only
    alignas(64) std::uint64_t local_head_ = 0;  // consumer only
    alignas(64) std::atomic<std::uint64_t> head_{0};
};

/// The same contract on boost::lockfree::spsc_queue.
template <LaneEvent T>
class BoostRing {
public:
    explicit BoostRing(std::size_t capacity) : capacity_(capacity), queue_(capacity) {}
    [[nodiscard]] bool try_push(const T& event) noexcept { return queue_.push(event); }
    [[nodiscard]] bool try_push(const T& event, std::uint64_t seq) noexcept {
        T numbered = event;
        numbered.seq = seq;
        return queue_.push(numbered);
    }
    [[nodiscard]] const T* front() noexcept {
        return queue_.read_available() == 0 ? nullptr : &queue_.front();
    }
    void pop() noexcept { queue_.pop(); }
    [[nodiscard]] std::size_t capacity() const noexcept { return capacity_; }

private:
    std::size_t capacity_;
    boost::lockfree::spsc_queue<T> queue_;
};

/// A bounded single-producer single-consumer queue of events between two stages: the one type that
/// stages know. `Ring` is chosen by measurement (docs/decisions).
template <LaneEvent T, template <class> class Ring = SlotRing>
class Lane {
public:
    /// `capacity` is a power of two.
    explicit Lane(std::size_t capacity) : ring_(capacity) {}
    Lane(const Lane&) = delete;
    Lane& operator=(const Lane&) = delete;

    /// Producer. False when full: the caller decides what that means (halt, gap), and never drops
    /// silently.
    [[nodiscard]] bool try_push(const T& event) noexcept { return ring_.try_push(event); }
    /// The same with another `seq` than the event has.
    [[nodiscard]] bool try_push(const T& event, std::uint64_t seq) noexcept {
        return ring_.try_push(event, seq);
    }
    /// Consumer. The oldest event or nullptr; valid until pop(). Its lane bit is undefined: take()
    /// a copy where the bytes matter.
    [[nodiscard]] const T* front() noexcept { return ring_.front(); }
    void pop() noexcept { ring_.pop(); }
    /// Consumer. Moves the oldest event to `out` with its lane bit cleared; false when empty.
    [[nodiscard]] bool take(T& out) noexcept {
        const T* event = ring_.front();
        if (event == nullptr) return false;
        std::memcpy(static_cast<void*>(&out), static_cast<const void*>(event), sizeof(T));
        reinterpret_cast<std::uint64_t*>(&out)[T::kLaneWord] &= ~T::kLaneMask;
        ring_.pop();
        return true;
    }
    [[nodiscard]] bool empty() noexcept { return ring_.front() == nullptr; }
    [[nodiscard]] std::size_t capacity() const noexcept { return ring_.capacity(); }

private:
    Ring<T> ring_;
};

}  // namespace fermata

#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "core/base/assert.hpp"
#include "risk/gate_snapshot.hpp"

namespace fermata {

/// Where the loop that makes snapshots lays them down and the trading loop finds them by number.
/// That there is a new one the trading loop learns by a kRiskSnapshot event, sent after publish().
///
/// Threads:  one producer calls publish; one consumer calls find and release_before.
/// Memory:   a fixed number of slots. A snapshot is freed by the producer, when it publishes into
///           a slot that the consumer gave back: nothing is allocated or freed by the consumer.
/// Progress: no call waits. When all slots are taken, publish() says so, and the producer keeps its
///           newest snapshot and tries again later; older ones that never went out are of no use.
class SnapshotShelf {
public:
    /// `slots` >= 2: one in force and one on its way.
    explicit SnapshotShelf(std::size_t slots = 4) : slots_(slots) { FERMATA_ASSERT(slots >= 2); }

    /// False when the shelf is full; `snapshot` is untouched then. Numbers ascend from 1.
    [[nodiscard]] bool publish(GateSnapshot&& snapshot) {
        FERMATA_ASSERT(snapshot.number > last_);
        for (Slot& slot : slots_) {
            if (slot.number.load(std::memory_order_acquire) != kFree) continue;
            last_ = snapshot.number;
            slot.content = std::move(snapshot);
            slot.number.store(last_, std::memory_order_release);
            return true;
        }
        return false;
    }

    /// nullptr: it was never published, or was released. Valid until it is released.
    [[nodiscard]] const GateSnapshot* find(std::uint64_t number) const noexcept {
        for (const Slot& slot : slots_) {
            if (number != kFree && slot.number.load(std::memory_order_acquire) == number) {
                return &slot.content;
            }
        }
        return nullptr;
    }
    /// All with a smaller number are given back.
    void release_before(std::uint64_t number) noexcept {
        for (Slot& slot : slots_) {
            // A free slot belongs to the producer: not even the same is to be stored there.
            const std::uint64_t at = slot.number.load(std::memory_order_relaxed);
            if (at != kFree && at < number) slot.number.store(kFree, std::memory_order_release);
        }
    }
    /// This one is given back: it is not to be used.
    void release(std::uint64_t number) noexcept {
        for (Slot& slot : slots_) {
            if (slot.number.load(std::memory_order_relaxed) == number && number != kFree) {
                slot.number.store(kFree, std::memory_order_release);
            }
        }
    }

private:
    static constexpr std::uint64_t kFree = 0;
    struct alignas(64) Slot {
        std::atomic<std::uint64_t> number{kFree};  // written by the producer only while it is free
        GateSnapshot content;
    };

    std::vector<Slot> slots_;
    std::uint64_t last_ = 0;  // producer only
};

}  // namespace fermata

#pragma once

#include <immintrin.h>

#include <chrono>
#include <cstdint>
#include <thread>

namespace fermata {

/// How far a thread goes that finds nothing to do.
enum class IdleStrategy : std::uint8_t {
    kSpin,   ///< Keeps its core. For a core that nobody else needs.
    kYield,  ///< Spins, then offers the core to others after every look.
    kSleep,  ///< Spins, yields, then naps between two looks.
};

/// How a thread waits between two looks that found nothing.
///
/// Thread: any; it has no state. The caller counts its attempts since it last found something.
struct Idle {
    IdleStrategy strategy = IdleStrategy::kSleep;
    std::uint32_t spins = 64;    ///< Looks before the core is offered to somebody else.
    std::uint32_t yields = 256;  ///< Looks after that before the thread naps.
    std::chrono::nanoseconds nap{20'000};

    void wait(unsigned attempt) const noexcept {
        if (strategy == IdleStrategy::kSpin || attempt < spins) {
            _mm_pause();
        } else if (strategy == IdleStrategy::kYield || attempt - spins < yields) {
            std::this_thread::yield();
        } else {
            std::this_thread::sleep_for(nap);
        }
    }
};

}  // namespace fermata

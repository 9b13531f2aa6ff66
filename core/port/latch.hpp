#pragma once

#include <atomic>
#include <cstdint>

#include "core/event/risk_data.hpp"
#include "core/types/time.hpp"

namespace fermata {

/// What stands latched outside the process, as one loop sees it: the trading states that survive a
/// restart, and that another process (an operator, a watchdog) may set at any time.
///
/// Owner:   one loop; every loop has a reader of its own over the same latch.
/// Hot way: `word`, one acquire load. Everything else only when the word has changed or says that
///          something is latched.
/// Unknown: what cannot be read counts as the firm HALTED.
class Latch {
public:
    /// Bits of the word; the others number the state.
    static constexpr std::uint64_t kEmergency = std::uint64_t{1} << 63;
    static constexpr std::uint64_t kLatched = std::uint64_t{1} << 62;

    Latch(const Latch&) = delete;
    Latch& operator=(const Latch&) = delete;
    virtual ~Latch() = default;

    /// Changes with everything that is latched or released.
    [[nodiscard]] std::uint64_t word() const noexcept {
        return word_->load(std::memory_order_acquire);
    }
    /// Nothing at all is latched.
    [[nodiscard]] static bool clear(std::uint64_t word) noexcept {
        return (word & (kEmergency | kLatched)) == 0;
    }

    /// Takes in what stands latched now. No allocation.
    virtual void read() noexcept = 0;
    /// Of one target, as of the last `read` or `set`: its state and which orders go with it. ACTIVE
    /// (with the actor of the last change) when it is not latched.
    [[nodiscard]] virtual ControlData find(ControlScope scope,
                                           std::uint64_t target) const noexcept = 0;
    /// Latches what the control says, or releases it (ACTIVE; by an operator with a name only).
    /// When it returns true, it survives a loss of power. False: what loosens did not happen (or
    /// not as far as asked); anything else is in force for all readers as long as the machine runs,
    /// with the whole firm if need be, but may not be on the disk or not for its target alone.
    /// Blocks for as long as the disk takes, and for a bounded time on another writer. No
    /// allocation.
    [[nodiscard]] virtual bool set(const ControlData& control, Timestamp now) noexcept = 0;

protected:
    /// `word` outlives the latch.
    explicit Latch(const std::atomic<std::uint64_t>* word) noexcept : word_(word) {}
    void watch(const std::atomic<std::uint64_t>* word) noexcept { word_ = word; }

private:
    const std::atomic<std::uint64_t>* word_;
};

}  // namespace fermata

#pragma once

#include <cstdint>

#include "core/types/fixed.hpp"
#include "core/types/ids.hpp"
#include "core/types/time.hpp"

namespace fermata {

/// A running 64-bit hash over a stage's state, to compare two runs. Depends on the order of what is
/// added, not on addresses. Not cryptographic.
class StateHash {
public:
    constexpr void add(std::uint64_t word) noexcept {
        state_ = (state_ ^ word) * 0x9e37'79b9'7f4a'7c15ULL;
        state_ ^= state_ >> 32;
    }
    template <class Tag, int Decimals>
    constexpr void add(Fixed<Tag, Decimals> v) noexcept {
        add(static_cast<std::uint64_t>(v.raw()));
    }
    template <class Tag, class Rep>
    constexpr void add(Id<Tag, Rep> v) noexcept {
        add(static_cast<std::uint64_t>(v.value));
    }
    constexpr void add(Timestamp v) noexcept { add(static_cast<std::uint64_t>(v.ns)); }

    [[nodiscard]] constexpr std::uint64_t value() const noexcept { return state_; }

private:
    std::uint64_t state_ = 0x243f'6a88'85a3'08d3ULL;
};

}  // namespace fermata

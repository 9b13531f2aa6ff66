#pragma once

#include <cstdint>

#include "core/types/ids.hpp"

namespace fermata {

/// Bit of an order's count: the trading stage itself placed it to close what the strategy holds
/// (kill level 4). Strategies count from 1 and never get there.
inline constexpr std::uint64_t kClosingCount = std::uint64_t{1} << 47;

[[nodiscard]] constexpr OrderTag make_closing_tag(StrategyId strategy, std::uint64_t n) noexcept {
    return make_order_tag(strategy, kClosingCount | n);
}
[[nodiscard]] constexpr bool is_closing(OrderTag tag) noexcept {
    return (tag.value & kClosingCount) != 0;
}

}  // namespace fermata

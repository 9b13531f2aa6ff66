#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>

#include "core/types/number.hpp"
#include "core/types/order_enums.hpp"
#include "risk/findings.hpp"
#include "risk/request.hpp"
#include "risk/wide.hpp"

namespace fermata {

/// |reference| x collar, rounded down: a price is within the collar exactly when it lies no further
/// through the reference than this. `collar` from 0 to 1. No 128-bit division.
[[nodiscard]] constexpr std::uint64_t collar_width(Price reference, Ratio collar) noexcept {
    constexpr std::uint64_t one = Ratio::kOne;
    const std::uint64_t size = magnitude(reference.raw());
    const auto share = static_cast<std::uint64_t>(collar.raw());
    return size / one * share + size % one * share / one;
}

/// The nearest that fits a Price, raw.
[[nodiscard]] constexpr std::int64_t price_within(__int128 raw) noexcept {
    return static_cast<std::int64_t>(
        std::clamp<__int128>(raw, Price::min().raw(), Price::max().raw()));
}

/// The price at which an order is valued, as a magnitude (never negative): the largest at which it
/// may reasonably trade.
/// Market: the reference, or the collar beyond it. Stop: the same, and around its trigger too.
/// Limit and stop-limit: the limit, or the reference if that is better and larger in size (a sale
/// above its limit). Without a reference: from the order's own prices, zero for a market order.
[[nodiscard]] Price reserve_price(std::optional<Price> reference, Side side, OrderType type,
                                  Price price, Price stop_price, Ratio collar) noexcept;

/// COLLAR: a limit price not further through the reference than the collar; a stop-limit's price is
/// measured from its trigger if that lies further on. Around a reference of zero only what reduces.
/// Where the limit moves, it is the one that would stand now, of a peg the worst one that it names.
/// Market and stop orders need a reference only.
void check_collar(const Request& r, Findings& out) noexcept;

}  // namespace fermata

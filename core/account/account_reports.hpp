#pragma once

#include <cstdint>

#include "core/types/ids.hpp"
#include "core/types/number.hpp"
#include "core/types/time.hpp"

namespace fermata {

/// Where the price that a position is valued at comes from.
enum class MarkSource : std::uint8_t {
    kNone = 0,      ///< There is none yet.
    kFill = 1,      ///< A fill of our own or an opening position, before the market's first price.
    kMarket = 2,    ///< What the caller of on_mark took from the market.
    kAdjusted = 3,  ///< The same, rescaled by a corporate action since.
};

/// How old the prices are that an account's positions are valued at.
struct MarkReport {
    std::uint32_t positions = 0;
    std::uint32_t stale = 0;       ///< Valued at a price that is too old, or of unknown age.
    std::uint32_t from_fills = 0;  ///< Valued at the price of a fill, for want of another.
    InstrumentId oldest;           ///< Of the positions; meaningless without any.
    Timestamp oldest_ts = Timestamp::never();
};

/// What one strategy has of an account's profit in one instrument, in the instrument's currency.
struct Attribution {
    StrategyId strategy;  ///< 0xffff: what no strategy has.
    Quantity quantity;
    Money cost;
    Money realized;  ///< At the strategy's own average cost, before fees.
    Money unrealized;
};

}  // namespace fermata

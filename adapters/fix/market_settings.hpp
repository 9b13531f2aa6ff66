#pragma once

#include <cstddef>
#include <vector>

#include "core/types/ids.hpp"

namespace fermata::fix {

/// What a market data session subscribes to, and into which streams it goes. Constant.
struct MarketSettings {
    std::vector<InstrumentId> instruments;
    bool quotes = true;  ///< Best bid and offer.
    bool trades = true;
    StreamId quote_stream, trade_stream;
    std::size_t lane = 65'536;  ///< Events that wait; a power of two.
};

}  // namespace fermata::fix

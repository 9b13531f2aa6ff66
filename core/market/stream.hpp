#pragma once

#include <string>
#include <vector>

#include "core/event/market_event.hpp"
#include "core/types/ids.hpp"
#include "core/types/time.hpp"

namespace fermata {

/// The venue of data that belongs to none in particular.
inline constexpr VenueId kEveryVenue{0xffff};

/// Describes one market data stream; StreamId indexes the run's table of these.
struct StreamInfo {
    StreamId id;
    std::string name;  ///< For people: "SPY 1d bars".
    MarketEventType kind =
        MarketEventType::kQuote;  ///< kBar for bar streams (with their kBarOpen).
    Duration interval;            ///< Bars only, else zero.
    VenueId venue = kEveryVenue;  ///< Whose data it is; kEveryVenue: of the market as a whole.
};

using StreamTable = std::vector<StreamInfo>;

}  // namespace fermata

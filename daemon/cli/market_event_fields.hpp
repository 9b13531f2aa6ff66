#pragma once

#include <string>
#include <utility>
#include <vector>

#include "core/event/market_event.hpp"

namespace fermata {

/// The payload of a market event as people read it: names and decimals, in a fixed order for each
/// type.
[[nodiscard]] std::vector<std::pair<std::string, std::string>> fields_of(const MarketEvent& event);

/// "bid=187.2 bid_quantity=300 ask=187.21 ask_quantity=100".
[[nodiscard]] std::string fields_text(const MarketEvent& event);

}  // namespace fermata

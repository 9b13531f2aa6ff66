#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/event/market_event.hpp"

namespace fermata {

/// The payload of a market event as people read it: names and decimals, in a fixed order for each
/// type.
[[nodiscard]] std::vector<std::pair<std::string, std::string>> fields_of(const MarketEvent& event);

/// The names of all fields that events of these types can have, in order of first appearance, but
/// for the flags, which every record has.
[[nodiscard]] std::vector<std::string_view> market_field_names(
    const std::vector<MarketEventType>& types);

/// Every type that a journal can hold, ascending.
[[nodiscard]] std::vector<MarketEventType> market_event_types();

/// "bid=187.2 bid_quantity=300 ask=187.21 ask_quantity=100".
[[nodiscard]] std::string fields_text(const MarketEvent& event);

}  // namespace fermata

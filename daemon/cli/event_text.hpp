#pragma once

#include <string>

#include "core/event/order_event.hpp"
#include "core/journal/manifest.hpp"

namespace fermata {

/// What an event says, as a sentence for an operator: "BUY 100 LIMIT 187.25 GTC, account main,
/// venue sim, order 42". Time, type, instrument, the order's tag and the cause are not part of it.
/// Numbers are exact; a verdict shows what was observed, the limit, and the unit of both.
[[nodiscard]] std::string text_of(const OrderEvent& event, const JournalManifest& manifest);

}  // namespace fermata

#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/event/order_event.hpp"
#include "core/journal/manifest.hpp"

namespace fermata {

// How the ids in an event read.

/// The symbol of the instrument that the event is about (daemon/cli/event_instrument.hpp); empty
/// for events that are about none.
[[nodiscard]] std::string instrument_text(const OrderEvent& event, const JournalManifest& manifest);
/// The name of id `id` in a table of the manifest; "#7" where it has none.
[[nodiscard]] std::string name_of(const std::vector<std::string>& names, std::uint64_t id);
/// "market:12", "event:7" or "timer:1700000000000000000": the feed position, the position in the
/// trading stream or the due time that the event follows from.
[[nodiscard]] std::string cause_text(std::uint64_t cause);
/// An order as its strategy counts it: "sma#3"; empty for no order.
[[nodiscard]] std::string tag_text(OrderTag tag, const JournalManifest& manifest);

}  // namespace fermata

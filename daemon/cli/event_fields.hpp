#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/event/order_event.hpp"
#include "core/journal/manifest.hpp"

namespace fermata {

/// One field of an event's payload as people read it: names for ids, decimals for numbers.
struct EventField {
    std::string_view name;
    std::string text;     ///< Empty: the field has no meaning in this event.
    bool number = false;  ///< The text is a whole number, and stands as one in JSON.
};

/// All fields of an event's payload in a fixed order for its type. Ids without a name in the
/// manifest stand as "#7".
[[nodiscard]] std::vector<EventField> fields_of(const OrderEvent& event,
                                                const JournalManifest& manifest);

/// The names of all fields of these types, in order of first appearance.
[[nodiscard]] std::vector<std::string_view> field_names(const std::vector<OrderEventType>& types);

/// Every type that a journal can hold, ascending.
[[nodiscard]] std::vector<OrderEventType> order_event_types();

/// Whether events of the type belong to one instrument.
[[nodiscard]] bool has_instrument(OrderEventType type) noexcept;
/// The instrument's symbol; empty for events that belong to none.
[[nodiscard]] std::string instrument_text(const OrderEvent& event, const JournalManifest& manifest);
/// The name of id `id` in a table of the manifest; "#7" where it has none.
[[nodiscard]] std::string name_of(const std::vector<std::string>& names, std::uint64_t id);
/// "market:12", "event:7" or "timer:1700000000000000000": the feed position, the position in the
/// trading stream or the due time that the event follows from.
[[nodiscard]] std::string cause_text(std::uint64_t cause);
/// An order as its strategy counts it: "sma#3"; empty for no order.
[[nodiscard]] std::string tag_text(OrderTag tag, const JournalManifest& manifest);

}  // namespace fermata

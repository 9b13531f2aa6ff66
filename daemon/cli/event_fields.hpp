#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/event/order_event.hpp"
#include "core/journal/manifest.hpp"
#include "daemon/cli/event_names.hpp"

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

}  // namespace fermata

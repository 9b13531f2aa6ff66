#pragma once

#include <optional>

#include "core/event/order_event.hpp"

namespace fermata {

// Which instrument a record is about. A record of none has the number 0 in its field, and so has
// one of the first instrument: its kind decides.

/// The instrument that the event is about; nullopt where its kind belongs to none, and where a
/// zero may as well stand for an instrument that nobody knows: reports about orders that are not
/// ours, and limits.
[[nodiscard]] std::optional<InstrumentId> instrument_of(const OrderEvent& event) noexcept;

/// The same of an alert whose record has `field` as its instrument.
[[nodiscard]] std::optional<InstrumentId> instrument_of(const AlertData& alert,
                                                        InstrumentId field) noexcept;

}  // namespace fermata

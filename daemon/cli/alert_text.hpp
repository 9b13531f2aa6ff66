#pragma once

#include <string>

#include "core/event/order_event.hpp"

namespace fermata {

/// What an alert says, as a sentence for an operator: its name, then its numbers in words.
[[nodiscard]] std::string alert_text(const AlertData& d);

}  // namespace fermata

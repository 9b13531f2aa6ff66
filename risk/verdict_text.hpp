#pragma once

#include <string>

#include "core/event/order_event.hpp"

namespace fermata {

/// The reject text `CODE scope observed limit config_hash` of the first control that refused, as
/// "POSITION instrument 5120.5 5000 9f3a0c11d2e4b576", or "APPROVED" and the hash. Faults without a
/// number stand by name, with "-" for the limit. Allocates: for reports and logs, off the hot path.
[[nodiscard]] std::string render_verdict(const VerdictData& verdict);

/// Codes of all controls whose bit is set, in their order: "MAX_NOTIONAL POSITION".
[[nodiscard]] std::string render_codes(std::uint64_t bits);

}  // namespace fermata

#pragma once

#include <string_view>

#include "adapters/fix/venue_request.hpp"
#include "core/base/result.hpp"

namespace fermata::fix {

/// Reads what a member sends to a venue: D, E, F, G, H, q, x, g, AF and V of FIX 4.4, as the bytes
/// of the message ("8=FIX.4.4|9=...", SOH between fields). Fields that are not read cost nothing.
///
/// Never throws but for want of memory. Every number is exact, or the message is refused. What is
/// well formed and still not possible here (an order type, say) is said in `unsupported`, so that
/// it can be answered in the words of the business.
[[nodiscard]] Result<VenueRequest, RequestProblem> decode_request(std::string_view bytes);

/// MsgType (35) of such bytes; empty when there is none.
[[nodiscard]] std::string_view message_type(std::string_view bytes) noexcept;

}  // namespace fermata::fix

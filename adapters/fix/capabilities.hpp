#pragma once

#include "core/types/venue_capabilities.hpp"

namespace fermata::fix {

/// What is left of a venue's abilities when it is reached over FIX 4.4: the order types and times
/// in force that have one meaning there. The order manager emulates or refuses the rest.
/// `says_expiry`: the venue takes the time at which an order ends (ExpireTime, 126).
[[nodiscard]] VenueCapabilities fix_capabilities(VenueCapabilities of_venue,
                                                 bool says_expiry) noexcept;

}  // namespace fermata::fix

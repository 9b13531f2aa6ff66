#pragma once

#include <string>
#include <vector>

#include "daemon/control/view_report.hpp"
#include "daemon/live/outside_venues.hpp"

namespace fermata {

/// How every venue and drop copy session stands with us, for `fermata sessions`. Any thread.
[[nodiscard]] Report standing_of(OutsideVenues& venues, const std::vector<std::string>& names);

/// What the drop copy says beside our own books, for `fermata status`; null where there is none.
/// Any thread.
[[nodiscard]] Report copies_report(OutsideVenues& venues, Timestamp now);

/// Somebody accepts the venues and drop copies as they stand. What is to be told when there is
/// nothing to accept (yet); else empty. Any thread.
[[nodiscard]] std::string accept_all(OutsideVenues& venues, std::uint32_t actor,
                                     std::uint32_t other);

}  // namespace fermata

#pragma once

#include <string>
#include <vector>

#include "daemon/control/run_control.hpp"
#include "daemon/control/view_report.hpp"
#include "daemon/live/outside_venues.hpp"
#include "daemon/live/session_board.hpp"

namespace fermata {

/// How every venue and FIX session stands with us, for `fermata sessions`. `outside` is null where
/// venues are simulated. Any thread.
[[nodiscard]] Report standing_of(OutsideVenues* outside, const SessionBoard& board,
                                 const std::vector<std::string>& venues);

/// What the drop copy says beside our own books, for `fermata status`; null where there is none.
/// Any thread.
[[nodiscard]] Report copies_report(OutsideVenues& venues, Timestamp now);

/// What the venues have on their books beside ours, for `fermata status`: of each its name, how it
/// stands, whether people accepted it as it is, and what differs, in words. Any thread.
[[nodiscard]] Report venues_report(OutsideVenues& venues, const std::vector<std::string>& names);

/// What is open at the venues beside our own orders, as far as a halt of this scope and target
/// means it: `not_ours`, a number of orders, `not_compared` and `cannot_tell`, venues by name (see
/// ElsewhereOpen). Any thread.
[[nodiscard]] Report elsewhere_report(OutsideVenues& venues, ControlScope scope,
                                      std::uint64_t target);

/// What is not settled with the venues and drop copies, in words; empty: all agree, or were
/// accepted. Any thread.
[[nodiscard]] std::vector<std::string> unsettled(OutsideVenues& venues,
                                                 const std::vector<std::string>& names,
                                                 Timestamp now);

/// Somebody accepts the venues and drop copies as they stand. Any thread.
[[nodiscard]] Acceptance accept_all(OutsideVenues& venues, const std::vector<std::string>& names,
                                    std::uint32_t actor, std::uint32_t other);

}  // namespace fermata

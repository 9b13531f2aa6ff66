#pragma once

#include <string>

#include "daemon/config/config.hpp"
#include "daemon/venue/venue_run.hpp"

namespace fermata::venue {

/// The job of a configuration, which must have an `exchange`. Source, instruments, streams and the
/// functions are the caller's to set.
[[nodiscard]] VenueJob venue_job(const Config& config);

}  // namespace fermata::venue

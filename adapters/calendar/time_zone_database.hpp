#pragma once

#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>

#include "core/market/date.hpp"
#include "core/market/time_zone.hpp"

namespace fermata {

/// A zone, calendar or field of a calendar that cannot be used. The text says what was found, what
/// was expected and where.
class CalendarError : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

/// The zone `name` of the system's time-zone database ("America/New_York", "UTC"), as a table of
/// offsets from 1678 until kZoneTableEnd.
///
/// Throws CalendarError when the name is unknown (with the nearest known name), or when the
/// system's database cannot be read or lacks explicit transitions. Not for the hot path.
/// Thread-safe.
[[nodiscard]] std::shared_ptr<const TimeZone> load_time_zone(std::string_view name);

/// First date that no zone's table reaches. Compiled zone files list their transitions one by one
/// up to 2037 only; behind that daylight saving would be wrong, so those times are out of range.
inline constexpr Date kZoneTableEnd = to_date(2038, 1, 1);

/// Version of the time-zone database ("2025b") for the run's manifest; "unknown" when the system
/// does not tell.
[[nodiscard]] std::string time_zone_database_version();

}  // namespace fermata

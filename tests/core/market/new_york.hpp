#pragma once

#include "core/market/date.hpp"
#include "core/market/time_zone.hpp"

namespace fermata::test {

/// 2012-01-01T05:00Z and the like without writing the conversion in every test.
inline Timestamp at(const char* text) {
    const auto t = parse_iso_timestamp(text);
    FERMATA_ASSERT(t.has_value());
    return *t;
}

/// New York from 2012 to 2013 by hand: clocks went forward on 2012-03-11 at 07:00 UTC and back on
/// 2012-11-04 at 06:00 UTC.
inline TimeZone new_york_2012() {
    return TimeZone("America/New_York",
                    {{at("2012-01-01T00:00Z"), at("2012-03-11T07:00Z"), Duration::hours(-5)},
                     {at("2012-03-11T07:00Z"), at("2012-11-04T06:00Z"), Duration::hours(-4)},
                     {at("2012-11-04T06:00Z"), at("2013-01-01T00:00Z"), Duration::hours(-5)}});
}

/// What a wall clock shows, from text that is written like UTC.
inline LocalTime local(const char* text) { return LocalTime{at(text).ns}; }

}  // namespace fermata::test

#include "adapters/calendar/time_zone_database.hpp"

#include <gtest/gtest.h>

#include "adapters/calendar/time_format.hpp"
#include "tests/core/market/new_york.hpp"

namespace fermata {
namespace {

using test::at;
using test::local;

TEST(TimeZoneDatabase, KnowsNewYork) {
    const auto zone = load_time_zone("America/New_York");
    EXPECT_EQ(zone->name(), "America/New_York");
    EXPECT_EQ(*zone->to_utc(local("1998-01-02T00:00Z")), at("1998-01-02T05:00Z"));
    EXPECT_EQ(*zone->to_utc(local("2012-07-03T09:30Z")), at("2012-07-03T13:30Z"));
    // Daylight saving began on the first Sunday of April until 2006, on the second of March since.
    EXPECT_EQ(*zone->to_utc(local("2006-03-20T09:30Z")), at("2006-03-20T14:30Z"));
    EXPECT_EQ(*zone->to_utc(local("2007-03-20T09:30Z")), at("2007-03-20T13:30Z"));
    EXPECT_EQ(zone->to_utc(local("2024-03-10T02:30Z")).error(), LocalTimeError::kNonexistent);
    EXPECT_EQ(zone->to_utc(local("2024-11-03T01:30Z")).error(), LocalTimeError::kAmbiguous);
    // The last year that the zone files list.
    EXPECT_EQ(*zone->to_utc(local("2037-07-01T00:00Z")), at("2037-07-01T04:00Z"));
    EXPECT_EQ(zone->to_utc(local("2038-01-02T00:00Z")).error(), LocalTimeError::kOutOfRange);
}

TEST(TimeZoneDatabase, KnowsZonesWithOddOffsets) {
    EXPECT_EQ(*load_time_zone("Asia/Kolkata")->to_utc(local("2020-01-01T05:30Z")),
              at("2020-01-01"));
    EXPECT_EQ(*load_time_zone("Asia/Kathmandu")->to_utc(local("2020-01-01T05:45Z")),
              at("2020-01-01"));
    EXPECT_EQ(*load_time_zone("Australia/Lord_Howe")->to_utc(local("2020-01-01T11:00Z")),
              at("2020-01-01"));
    // Samoa crossed the date line: 2011-12-30 does not exist there.
    const auto apia = load_time_zone("Pacific/Apia");
    EXPECT_EQ(apia->to_utc(local("2011-12-30T12:00Z")).error(), LocalTimeError::kNonexistent);
    EXPECT_EQ(apia->date_at(at("2011-12-30T09:59Z")), to_date(2011, 12, 29));
    EXPECT_EQ(apia->date_at(at("2011-12-30T10:00Z")), to_date(2011, 12, 31));
}

TEST(TimeZoneDatabase, SuggestsTheNearestNameForAnUnknownZone) {
    try {
        (void)load_time_zone("America/NewYork");
        FAIL();
    } catch (const CalendarError& e) {
        EXPECT_STREQ(e.what(),
                     "unknown time zone 'America/NewYork'; did you mean 'America/New_York'?");
    }
    for (const char* name : {"", "../../etc/passwd", "/etc/localtime", "Mars/Olympus_Mons"}) {
        EXPECT_THROW((void)load_time_zone(name), CalendarError) << name;
    }
}

TEST(TimeZoneDatabase, StatesItsVersion) {
    const std::string version = time_zone_database_version();
    // Four digits of a year and a letter, unless the system does not tell.
    if (version == "unknown") GTEST_SKIP() << "this system does not state its version";
    ASSERT_EQ(version.size(), 5U) << version;
    EXPECT_GE(version.substr(0, 4), "2020");
}

TEST(TimeZoneDatabase, ServesTheTimeParser) {
    const auto parser = make_time_parser("%Y-%m-%d", "America/New_York");
    // First bar of the daily SPY history: 1998-01-02 00:00 New York.
    EXPECT_EQ(parser->parse("1998-01-02")->ns, 883'717'200'000'000'000);
    EXPECT_THROW((void)make_time_parser("%Y-%m", "America/New_York"), CalendarError);
    EXPECT_THROW((void)make_time_parser("%Y-%m-%d", "America/Nowhere"), CalendarError);
}

}  // namespace
}  // namespace fermata

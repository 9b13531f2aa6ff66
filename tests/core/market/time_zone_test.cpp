#include "core/market/time_zone.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "tests/core/market/new_york.hpp"

namespace fermata {
namespace {

using test::at;
using test::local;
using test::new_york_2012;

TEST(TimeZone, ConvertsOrdinaryTimesBothWays) {
    const TimeZone zone = new_york_2012();
    EXPECT_EQ(*zone.to_utc(local("2012-01-03T09:30Z")), at("2012-01-03T14:30Z"));
    EXPECT_EQ(*zone.to_utc(local("2012-07-03T09:30Z")), at("2012-07-03T13:30Z"));
    EXPECT_EQ(zone.to_local(at("2012-07-03T13:30Z")), local("2012-07-03T09:30Z"));
    EXPECT_EQ(zone.date_at(at("2012-07-03T03:59:59Z")), to_date(2012, 7, 2));
    EXPECT_EQ(zone.date_at(at("2012-07-03T04:00Z")), to_date(2012, 7, 3));
}

TEST(TimeZone, RefusesAnHourThatComesTwiceUnlessToldWhich) {
    const TimeZone zone = new_york_2012();
    const LocalTime twice = local("2012-11-04T01:30Z");
    EXPECT_EQ(zone.to_utc(twice).error(), LocalTimeError::kAmbiguous);
    EXPECT_EQ(*zone.to_utc(twice, {AmbiguousTime::kEarlier, {}}), at("2012-11-04T05:30Z"));
    EXPECT_EQ(*zone.to_utc(twice, {AmbiguousTime::kLater, {}}), at("2012-11-04T06:30Z"));
    // The edges: 01:00 comes twice, 02:00 once, 00:59:59.999999999 once.
    EXPECT_EQ(zone.to_utc(local("2012-11-04T01:00Z")).error(), LocalTimeError::kAmbiguous);
    EXPECT_EQ(*zone.to_utc(local("2012-11-04T02:00Z")), at("2012-11-04T07:00Z"));
    EXPECT_EQ(*zone.to_utc(local("2012-11-04T00:59:59.999999999Z")),
              at("2012-11-04T04:59:59.999999999Z"));
}

TEST(TimeZone, RefusesAnHourThatNeverComesUnlessToldWhatThen) {
    const TimeZone zone = new_york_2012();
    const LocalTime never = local("2012-03-11T02:30Z");
    EXPECT_EQ(zone.to_utc(never).error(), LocalTimeError::kNonexistent);
    EXPECT_EQ(*zone.to_utc(never, {{}, NonexistentTime::kNextInstant}), at("2012-03-11T07:00Z"));
    EXPECT_EQ(*zone.to_utc(local("2012-03-11T03:00Z")), at("2012-03-11T07:00Z"));
    EXPECT_EQ(*zone.to_utc(local("2012-03-11T01:59:59.999999999Z")),
              at("2012-03-11T06:59:59.999999999Z"));
}

TEST(TimeZone, KnowsNothingOutsideItsTable) {
    const TimeZone zone = new_york_2012();
    EXPECT_EQ(zone.to_utc(local("2011-12-31T18:59Z")).error(), LocalTimeError::kOutOfRange);
    EXPECT_EQ(*zone.to_utc(local("2011-12-31T19:00Z")), at("2012-01-01T00:00Z"));
    EXPECT_EQ(zone.to_utc(local("2012-12-31T19:00Z")).error(), LocalTimeError::kOutOfRange);
    EXPECT_EQ(zone.to_utc({INT64_MAX}).error(), LocalTimeError::kOutOfRange);
    EXPECT_EQ(zone.to_utc({INT64_MIN}).error(), LocalTimeError::kOutOfRange);
    EXPECT_EQ(zone.to_local(at("2013-01-01T00:00Z")), std::nullopt);
    EXPECT_EQ(zone.to_local(Timestamp::min()), std::nullopt);
}

TEST(TimeZone, BeginsADayThatLacksItsMidnightAtTheFirstInstant) {
    // Sao Paulo, 2012-10-21: at 00:00 (03:00 UTC) clocks went to 01:00.
    const TimeZone zone("America/Sao_Paulo",
                        {{at("2012-10-01"), at("2012-10-21T03:00Z"), Duration::hours(-3)},
                         {at("2012-10-21T03:00Z"), at("2012-12-01"), Duration::hours(-2)}});
    EXPECT_EQ(zone.start_of(to_date(2012, 10, 21)), at("2012-10-21T03:00Z"));
    EXPECT_EQ(zone.start_of(to_date(2012, 10, 22)), at("2012-10-22T02:00Z"));
    EXPECT_EQ(zone.start_of(to_date(2012, 9, 1)), std::nullopt);
}

TEST(TimeZone, HandlesTwoChangesWithinOneDay) {
    const TimeZone zone("Test/Jumpy",
                        {{at("2012-01-01"), at("2012-06-01T12:00Z"), Duration::hours(0)},
                         {at("2012-06-01T12:00Z"), at("2012-06-01T12:30Z"), Duration::hours(1)},
                         {at("2012-06-01T12:30Z"), at("2013-01-01"), Duration::hours(0)}});
    EXPECT_EQ(*zone.to_utc(local("2012-06-01T12:15Z"), {{}, NonexistentTime::kNextInstant}),
              at("2012-06-01T12:00Z"));
    EXPECT_EQ(zone.to_utc(local("2012-06-01T13:15Z")).error(), LocalTimeError::kAmbiguous);
    EXPECT_EQ(*zone.to_utc(local("2012-06-01T13:45Z")), at("2012-06-01T13:45Z"));
}

RC_GTEST_PROP(TimeZone, EveryInstantComesBackFromItsLocalTime, ()) {
    const TimeZone zone = new_york_2012();
    const Timestamp t{*rc::gen::inRange(at("2012-01-01").ns, at("2013-01-01").ns)};
    const LocalTime wall = *zone.to_local(t);
    const Timestamp earlier = *zone.to_utc(wall, {AmbiguousTime::kEarlier, {}});
    const Timestamp later = *zone.to_utc(wall, {AmbiguousTime::kLater, {}});
    RC_ASSERT(earlier == t || later == t);
    RC_ASSERT(earlier == later || later - earlier == Duration::hours(1));
}

RC_GTEST_PROP(ZoneCursor, AgreesWithItsZoneInAnyOrder, ()) {
    const TimeZone zone = new_york_2012();
    const LocalTimePolicy policy{
        *rc::gen::element(AmbiguousTime::kRefuse, AmbiguousTime::kEarlier, AmbiguousTime::kLater),
        *rc::gen::element(NonexistentTime::kRefuse, NonexistentTime::kNextInstant)};
    ZoneCursor cursor(zone, policy);
    // Half hours around both changes, and far away.
    const auto days = *rc::gen::container<std::vector<int>>(rc::gen::inRange(-10, 400));
    for (const int day : days) {
        const int half_hour = *rc::gen::inRange(0, 8);
        const LocalTime wall{at("2012-01-01").ns + Duration::days(day).ns +
                             Duration::minutes(half_hour * 30).ns};
        const auto expected = zone.to_utc(wall, policy);
        const auto found = cursor.to_utc(wall);
        RC_ASSERT(found.ok() == expected.ok());
        if (found) RC_ASSERT(*found == *expected);
        if (!found) RC_ASSERT(found.error() == expected.error());
    }
}

}  // namespace
}  // namespace fermata

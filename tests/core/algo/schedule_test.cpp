#include "core/algo/schedule.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "core/algo/volume_profile.hpp"

namespace fermata {
namespace {

Quantity units(std::int64_t n) { return Quantity::from_units(n); }
Timestamp minute(std::int64_t n) { return Timestamp{} + Duration::minutes(n); }

ScheduleTerms terms(std::int64_t quantity, std::int32_t slices, double randomness = 0) {
    return {units(quantity), units(1), minute(0), minute(60), slices, randomness};
}

// 100 in 6 over an hour: every 10 minutes, in all 16.67, 33.33, 50, 66.67, 83.33, 100, rounded
// down to whole shares.
TEST(Schedule, SpreadsATwapEvenly) {
    Xoshiro256 random(1);
    const auto points = make_schedule(terms(100, 6), twap_curve(6), random);
    const std::int64_t due[] = {16, 33, 50, 66, 83, 100};
    ASSERT_EQ(points.size(), 6u);
    for (std::size_t i = 0; i < 6; ++i) {
        EXPECT_EQ(points[i].at, minute(static_cast<std::int64_t>(i) * 10));
        EXPECT_EQ(points[i].due, units(due[i]));
    }
}

// Shares 1, 3, 4, 2 of 10: 10%, 40%, 80%, 100%.
TEST(Schedule, FollowsTheVolumeCurve) {
    Xoshiro256 random(1);
    const double shares[] = {1, 3, 4, 2};
    const auto points = make_schedule(terms(1000, 4), vwap_curve(shares), random);
    EXPECT_EQ(points[0].due, units(100));
    EXPECT_EQ(points[1].due, units(400));
    EXPECT_EQ(points[2].due, units(800));
    EXPECT_EQ(points[3].due, units(1000));
}

TEST(Schedule, IsATwapWhereNoVolumeIsKnown) {
    const double none[] = {0, 0, 0};
    EXPECT_EQ(vwap_curve(none), twap_curve(3));
}

// x(t) = X sinh(k (T - t)) / sinh(k T) with k T = 2 at t/T = 1/4, 1/2, 3/4:
// sinh(1.5) = 2.129279, sinh(1) = 1.175201, sinh(0.5) = 0.521095, sinh(2) = 3.626860, so
// 0.587086, 0.324027 and 0.143677 are left.
TEST(Schedule, FrontLoadsByAlmgrenAndChriss) {
    const auto done = shortfall_curve(4, 2);
    EXPECT_NEAR(done[0], 1 - 0.587086, 1e-6);
    EXPECT_NEAR(done[1], 1 - 0.324027, 1e-6);
    EXPECT_NEAR(done[2], 1 - 0.143677, 1e-6);
    EXPECT_EQ(done[3], 1);
    EXPECT_EQ(shortfall_curve(4, 0), twap_curve(4));
    EXPECT_NEAR(shortfall_curve(4, 1e6)[0], 1, 1e-12);
}

// lambda 1e-6, sigma 0.95 and eta 2.5e-6 of Almgren and Chriss (2001), section 4.1 (a day for the
// second): sqrt(1e-6 x 0.9025 / 2.5e-6) = 0.6008, "about 0.6/day".
TEST(Schedule, TakesKFromRiskAversionVolatilityAndImpact) {
    EXPECT_NEAR(almgren_chriss_rate(1e-6, 0.95, 2.5e-6), 0.6008, 1e-4);
}

TEST(Schedule, StaysWithinItsSpansWhateverTheSeed) {
    for (std::uint64_t seed = 1; seed <= 200; ++seed) {
        Xoshiro256 random(seed);
        const auto points = make_schedule(terms(997, 7, 0.8), twap_curve(7), random);
        Quantity before;
        for (std::size_t i = 0; i < points.size(); ++i) {
            const double span = 60.0 / 7;
            const double at = static_cast<double>(points[i].at.ns) / 60e9;
            EXPECT_GE(at, span * static_cast<double>(i) - 1e-6);
            EXPECT_LT(at, span * static_cast<double>(i + 1));
            EXPECT_GE(points[i].due, before);
            EXPECT_EQ(points[i].due.raw() % units(1).raw(), 0);
            before = points[i].due;
        }
        EXPECT_EQ(points.back().due, units(997));
    }
}

TEST(Schedule, DependsOnTheSeedAlone) {
    Xoshiro256 a(5), b(5), c(6);
    const auto first = make_schedule(terms(1000, 5, 0.5), twap_curve(5), a);
    const auto again = make_schedule(terms(1000, 5, 0.5), twap_curve(5), b);
    const auto other = make_schedule(terms(1000, 5, 0.5), twap_curve(5), c);
    for (std::size_t i = 0; i < 5; ++i) {
        EXPECT_EQ(first[i].at, again[i].at);
        EXPECT_EQ(first[i].due, again[i].due);
    }
    EXPECT_NE(first[0].at, other[0].at);
}

/// The state before the first event, as the feed of sessions tells it: closed.
VolumeProfile closed_before() {
    VolumeProfile profile;
    profile.on_session(Timestamp{}, false);
    return profile;
}

/// A day from 14:30 with the volumes of so many bins of five minutes.
void day(VolumeProfile& profile, std::int64_t number, const std::vector<std::int64_t>& bins) {
    const Timestamp open = Timestamp{} + Duration::days(number) + Duration::minutes(870);
    profile.on_session(open, true);
    for (std::size_t i = 0; i < bins.size(); ++i) {
        profile.add(open + Duration::minutes(5 * static_cast<std::int64_t>(i) + 1), units(bins[i]));
    }
    profile.on_session(open + Duration::minutes(5 * static_cast<std::int64_t>(bins.size())), false);
}

// Shares of the first bin: 10%, 20%, 60%; the median is 20%, not the mean of 30%.
TEST(VolumeProfile, TakesTheMedianOfDaysThatAreOver) {
    VolumeProfile profile = closed_before();
    day(profile, 1, {10, 40, 40, 10});
    day(profile, 2, {20, 40, 20, 20});
    day(profile, 3, {60, 20, 10, 10});
    EXPECT_EQ(profile.days(), 2u) << "the third is not over before another one begins";
    day(profile, 4, {1000, 1, 1, 1});
    EXPECT_EQ(profile.days(), 3u);
    const Timestamp open = Timestamp{} + Duration::days(4) + Duration::minutes(870);
    const auto shares = profile.shares(open, open + Duration::minutes(20), 4);
    EXPECT_NEAR(shares[0], 0.2, 1e-12);
    EXPECT_NEAR(shares[1], 0.4, 1e-12);
    EXPECT_NEAR(shares[2], 0.2, 1e-12);
    EXPECT_NEAR(shares[3], 0.1, 1e-12);
    // Half a bin has half of it.
    const auto half = profile.shares(open, open + Duration::seconds(150), 1);
    EXPECT_NEAR(half[0], 0.1, 1e-12);
}

TEST(VolumeProfile, LeavesHalfDaysOut) {
    VolumeProfile profile = closed_before();
    day(profile, 1, {10, 10, 10, 10});
    day(profile, 2, {50, 50});
    day(profile, 3, {10, 10, 10, 10});
    day(profile, 4, {1, 1, 1, 1});
    EXPECT_EQ(profile.days(), 2u);
    const Timestamp open = Timestamp{} + Duration::days(4) + Duration::minutes(870);
    EXPECT_NEAR(profile.shares(open, open + Duration::minutes(5), 1)[0], 0.25, 1e-12);
}

/// Day `d` after so many minutes.
Timestamp at(std::int64_t d, std::int64_t m) {
    return Timestamp{} + Duration::days(d) + Duration::minutes(m);
}

TEST(VolumeProfile, CutsAtMidnightWithoutSessions) {
    VolumeProfile profile;
    profile.add(at(1, 1), units(30));
    profile.add(at(1, 1439), units(70));
    EXPECT_EQ(profile.days(), 0u);
    profile.add(at(2, 1), units(5));
    EXPECT_EQ(profile.days(), 1u);
    EXPECT_NEAR(profile.shares(at(2, 0), at(2, 5), 1)[0], 0.3, 1e-12);
}

/// The same volume in every bin of five minutes of day `d`, from `from` on, without sessions.
void whole_day(VolumeProfile& profile, std::int64_t d, std::int64_t from = 0) {
    for (std::int64_t m = from; m < 1440; m += 5) profile.add(at(d, m + 1), units(10));
}

// 12 of 288 bins are an hour, 1/24 of a uniform day: before and behind midnight.
TEST(VolumeProfile, GoesOnOverMidnight) {
    VolumeProfile profile;
    whole_day(profile, 1);
    whole_day(profile, 2);
    const auto shares = profile.shares(at(2, 20 * 60), at(3, 4 * 60), 8);
    for (const double share : shares) EXPECT_NEAR(share, 1.0 / 24, 1e-12);
    EXPECT_NEAR(profile.shares(at(2, 600), at(5, 600), 1)[0], 3, 1e-9);
}

// The session opens at 14:30 on every day: half an hour before it is the end of the curve, where
// nothing trades, and what follows is its beginning.
TEST(VolumeProfile, KnowsTheSessionToComeBeforeItOpens) {
    VolumeProfile profile = closed_before();
    day(profile, 1, {40, 30, 20, 10});
    day(profile, 2, {40, 30, 20, 10});
    const auto shares = profile.shares(at(3, 840), at(3, 880), 4);
    EXPECT_EQ(shares[0], 0);
    EXPECT_EQ(shares[2], 0);
    EXPECT_NEAR(shares[3], 0.7, 1e-12);
}

// Watched from noon: half a day, of which nobody knows the other half.
TEST(VolumeProfile, LeavesOutTheDayInWhichWatchingBegan) {
    VolumeProfile profile;
    whole_day(profile, 1, 720);
    whole_day(profile, 2);
    EXPECT_EQ(profile.days(), 0u);
    profile.advance(at(3, 0));
    EXPECT_EQ(profile.days(), 1u);
    whole_day(profile, 3);
    profile.advance(at(4, 0));
    EXPECT_EQ(profile.days(), 2u);
    EXPECT_NEAR(profile.shares(at(4, 0), at(4, 60), 1)[0], 1.0 / 24, 1e-12);
}

// From 04:00 on it would be longer than 3/4 of a day.
TEST(VolumeProfile, LeavesTheFirstDayOutHoweverLittleIsMissing) {
    VolumeProfile profile;
    whole_day(profile, 1, 240);
    whole_day(profile, 2);
    whole_day(profile, 3);
    EXPECT_EQ(profile.days(), 1u);
}

// Bars of an hour: the first volume of each day comes at the end of its first hour.
TEST(VolumeProfile, CountsAFirstDayThatBeganAsTheNextOneDid) {
    VolumeProfile profile;
    for (std::int64_t hour = 1; hour <= 24; ++hour) profile.add(at(1, hour * 60 - 1), units(10));
    profile.advance(at(2, 0));
    EXPECT_EQ(profile.days(), 0u) << "not known yet";
    profile.add(at(2, 59), units(10));
    EXPECT_EQ(profile.days(), 1u);
}

// Two hours of a Sunday evening at the end of the day are no whole day.
TEST(VolumeProfile, LeavesDaysOutThatBeginLate) {
    VolumeProfile profile;
    whole_day(profile, 1);
    whole_day(profile, 2, 22 * 60);
    whole_day(profile, 3);
    EXPECT_EQ(profile.days(), 1u);
}

// The first event tells that the session is open: since when is not known, and neither are its
// bins. The volume before an opening belongs to no day.
TEST(VolumeProfile, LeavesASessionOutOfWhichItDidNotSeeTheOpening) {
    VolumeProfile profile;
    const Timestamp middle = at(1, 900);
    profile.on_session(middle, true);
    profile.add(middle, units(50));
    profile.on_session(at(1, 1260), false);
    profile.add(at(2, 800), units(50));
    day(profile, 2, {10, 40, 40, 10});
    day(profile, 3, {10, 40, 40, 10});
    EXPECT_EQ(profile.days(), 1u);
    EXPECT_NEAR(profile.shares(at(3, 870), at(3, 875), 1)[0], 0.1, 1e-12);
}

// What traded before the first session event was cut at midnight, with other bins.
TEST(VolumeProfile, BeginsAnewWithTheFirstSession) {
    VolumeProfile profile;
    whole_day(profile, 1);
    whole_day(profile, 2);
    EXPECT_EQ(profile.days(), 1u);
    profile.on_session(at(2, 1439), false);
    EXPECT_EQ(profile.days(), 0u);
    day(profile, 3, {10, 40, 40, 10});
    day(profile, 4, {10, 40, 40, 10});
    EXPECT_EQ(profile.days(), 1u);
}

}  // namespace
}  // namespace fermata

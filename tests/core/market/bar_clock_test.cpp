#include "core/market/bar_clock.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "tests/core/market/new_york.hpp"

namespace fermata {
namespace {

using test::at;

constexpr Duration kDay = Duration::days(1);

/// New York, Thursday 2012-07-05 to Wednesday 2012-07-11, by hand (UTC-4). Friday closes at 13:00.
Calendar week() {
    std::vector<Timestamp> midnights;
    for (int day = 5; day <= 12; ++day) {
        midnights.push_back(at("2012-07-05T04:00Z") + Duration::days(day - 5));
    }
    return Calendar(
        "test", "America/New_York",
        {{to_date(2012, 7, 5), at("2012-07-05T13:30Z"), at("2012-07-05T20:00Z"), false},
         {to_date(2012, 7, 6), at("2012-07-06T13:30Z"), at("2012-07-06T17:00Z"), true},
         {to_date(2012, 7, 9), at("2012-07-09T13:30Z"), at("2012-07-09T20:00Z"), false},
         {to_date(2012, 7, 11), at("2012-07-11T13:30Z"), at("2012-07-11T20:00Z"), false}},
        to_date(2012, 7, 5), midnights);
}

TEST(BarClock, ADailyBarLastsFromTheOpenToTheCloseOfItsDate) {
    const Calendar calendar = week();
    BarClock clock({kDay}, &calendar);
    EXPECT_EQ(*clock.times(at("2012-07-05T04:00Z")),
              (BarTimes{at("2012-07-05T13:30Z"), at("2012-07-05T20:00Z"), false}));
    EXPECT_EQ(*clock.times(at("2012-07-06T04:00Z")),
              (BarTimes{at("2012-07-06T13:30Z"), at("2012-07-06T17:00Z"), false}));
    // A stamp inside the day names the same date, backwards too.
    EXPECT_EQ(*clock.times(at("2012-07-05T13:30Z")),
              (BarTimes{at("2012-07-05T13:30Z"), at("2012-07-05T20:00Z"), false}));
}

TEST(BarClock, ADailyBarOnADayWithoutSessionKeepsItsStampAndIsFlagged) {
    const Calendar calendar = week();
    BarClock clock({kDay}, &calendar);
    EXPECT_EQ(*clock.times(at("2012-07-07T04:00Z")),
              (BarTimes{at("2012-07-07T04:00Z"), at("2012-07-08T04:00Z"), true}));
    // Midnight UTC of Monday the 9th is still Sunday in New York: flagged, not guessed.
    EXPECT_TRUE(clock.times(at("2012-07-09T00:00Z"))->out_of_session);
}

TEST(BarClock, WithoutACalendarABarIsItsStampAndInterval) {
    BarClock daily({kDay}, nullptr);
    EXPECT_EQ(*daily.times(at("2012-07-07")),
              (BarTimes{at("2012-07-07"), at("2012-07-08"), false}));
    BarClock minute({Duration::minutes(1), BarStamp::kEnd}, nullptr);
    EXPECT_EQ(*minute.times(at("2012-07-07T00:01Z")),
              (BarTimes{at("2012-07-07"), at("2012-07-07T00:01Z"), false}));
}

TEST(BarClock, AnEndStampNamesTheDateThatItEnds) {
    const Calendar calendar = week();
    BarClock clock({kDay, BarStamp::kEnd}, &calendar);
    const BarTimes thursday{at("2012-07-05T13:30Z"), at("2012-07-05T20:00Z"), false};
    EXPECT_EQ(*clock.times(at("2012-07-05T20:00Z")), thursday);  // the close
    EXPECT_EQ(*clock.times(at("2012-07-06T04:00Z")), thursday);  // midnight after it
    EXPECT_EQ(*clock.times(at("2012-07-08T04:00Z")),
              (BarTimes{at("2012-07-07T04:00Z"), at("2012-07-08T04:00Z"), true}));
}

TEST(BarClock, ALongBarLastsFromItsFirstOpenToItsLastClose) {
    const Calendar calendar = week();
    BarClock three({Duration::days(3)}, &calendar);
    EXPECT_EQ(*three.times(at("2012-07-05T04:00Z")),
              (BarTimes{at("2012-07-05T13:30Z"), at("2012-07-06T17:00Z"), false}));
    EXPECT_EQ(*three.times(at("2012-07-07T04:00Z")),
              (BarTimes{at("2012-07-09T13:30Z"), at("2012-07-09T20:00Z"), false}));
    BarClock ending({Duration::days(3), BarStamp::kEnd}, &calendar);
    EXPECT_EQ(*ending.times(at("2012-07-12T04:00Z")),
              (BarTimes{at("2012-07-09T13:30Z"), at("2012-07-11T20:00Z"), false}));
}

TEST(BarClock, AnIntradayBarIsFlaggedWhenNoPartOfItIsInSession) {
    const Calendar calendar = week();
    BarClock minute({Duration::minutes(1)}, &calendar);
    const auto outside = [&](const char* stamp) { return minute.times(at(stamp))->out_of_session; };
    EXPECT_TRUE(outside("2012-07-05T13:29Z"));
    EXPECT_FALSE(outside("2012-07-05T13:30Z"));
    EXPECT_FALSE(outside("2012-07-05T19:59Z"));
    EXPECT_TRUE(outside("2012-07-05T20:00Z"));
    EXPECT_FALSE(outside("2012-07-06T16:59Z"));
    EXPECT_TRUE(outside("2012-07-06T17:00Z"));  // after an early close
    EXPECT_TRUE(outside("2012-07-08T15:00Z"));
    EXPECT_TRUE(outside("2012-07-11T20:00Z"));  // behind the last session
    EXPECT_FALSE(outside("2012-07-05T13:30Z"));
    BarClock hour({Duration::hours(1)}, &calendar);
    EXPECT_EQ(*hour.times(at("2012-07-05T13:00Z")),
              (BarTimes{at("2012-07-05T13:00Z"), at("2012-07-05T14:00Z"), false}));
    BarClock ending({Duration::minutes(1), BarStamp::kEnd}, &calendar);
    EXPECT_TRUE(ending.times(at("2012-07-05T13:30Z"))->out_of_session);
    EXPECT_FALSE(ending.times(at("2012-07-05T20:00Z"))->out_of_session);
}

TEST(BarClock, ASourceMayKeepItsOwnDays) {
    const Calendar calendar = week();
    BarClock clock({kDay, BarStamp::kStart, DailySpan::kStamp}, &calendar);
    EXPECT_EQ(*clock.times(at("2012-07-09")),
              (BarTimes{at("2012-07-09"), at("2012-07-10"), false}));
    EXPECT_EQ(*clock.times(at("2012-07-08")), (BarTimes{at("2012-07-08"), at("2012-07-09"), true}));
}

TEST(BarClock, DoesNotCallUnknownDatesClosed) {
    const Calendar calendar = week();
    BarClock daily({kDay}, &calendar);
    EXPECT_EQ(daily.times(at("2012-07-05T03:59Z")).error(), BarClockError::kOutsideCalendar);
    EXPECT_EQ(daily.times(at("2012-07-12T04:00Z")).error(), BarClockError::kOutsideCalendar);
    BarClock weekly({Duration::days(7)}, &calendar);
    EXPECT_TRUE(weekly.times(at("2012-07-05T04:00Z")).ok());
    EXPECT_EQ(weekly.times(at("2012-07-06T04:00Z")).error(), BarClockError::kOutsideCalendar);
    BarClock minute({Duration::minutes(1)}, &calendar);
    EXPECT_EQ(minute.times(at("2012-07-05T03:59Z")).error(), BarClockError::kOutsideCalendar);
    EXPECT_EQ(minute.times(at("2012-07-12T04:00Z")).error(), BarClockError::kOutsideCalendar);
}

TEST(BarClock, RefusesTimesThatDoNotFit) {
    BarClock start({kDay}, nullptr);
    EXPECT_EQ(start.times(Timestamp::never()).error(), BarClockError::kOutOfRange);
    BarClock end({kDay, BarStamp::kEnd}, nullptr);
    EXPECT_EQ(end.times(Timestamp::min()).error(), BarClockError::kOutOfRange);
}

RC_GTEST_PROP(BarClock, TheOrderOfItsQuestionsDoesNotMatter, ()) {
    const Calendar calendar = week();
    const BarClockSettings settings{
        *rc::gen::element(Duration::minutes(1), Duration::minutes(90), kDay, Duration::days(2)),
        *rc::gen::element(BarStamp::kStart, BarStamp::kEnd),
        *rc::gen::element(DailySpan::kSession, DailySpan::kStamp)};
    BarClock used(settings, &calendar);
    const auto minutes =
        *rc::gen::container<std::vector<int>>(rc::gen::inRange(-100, 7 * 24 * 60 + 100));
    for (const int m : minutes) {
        const Timestamp stamp = at("2012-07-05T04:00Z") + Duration::minutes(m);
        BarClock fresh(settings, &calendar);
        const auto expected = fresh.times(stamp);
        const auto found = used.times(stamp);
        RC_ASSERT(found.ok() == expected.ok());
        if (!found) continue;
        RC_ASSERT(*found == *expected);
        RC_ASSERT(found->start < found->end);
        // A plain search gives the same flag.
        bool touched = false;
        for (const Session& s : calendar.sessions()) {
            touched = touched || (s.open < found->end && found->start < s.close);
        }
        if (settings.interval < kDay) RC_ASSERT(found->out_of_session == !touched);
    }
}

TEST(Calendar, FindsSessionsByDateAndByTime) {
    const Calendar calendar = week();
    EXPECT_EQ(calendar.session_on(to_date(2012, 7, 6))->close, at("2012-07-06T17:00Z"));
    EXPECT_EQ(calendar.session_on(to_date(2012, 7, 7)), nullptr);
    EXPECT_EQ(calendar.session_at(at("2012-07-05T13:30Z"))->date, to_date(2012, 7, 5));
    EXPECT_EQ(calendar.session_at(at("2012-07-05T20:00Z")), nullptr);
    EXPECT_EQ(calendar.session_at(at("2012-07-05T13:29:59.999999999Z")), nullptr);
    EXPECT_EQ(calendar.next_session(at("2012-07-06T13:30Z"))->date, to_date(2012, 7, 6));
    EXPECT_EQ(calendar.next_session(at("2012-07-06T13:31Z"))->date, to_date(2012, 7, 9));
    EXPECT_EQ(calendar.next_session(at("2012-07-11T13:31Z")), nullptr);
    EXPECT_EQ(calendar.next_session_on(to_date(2012, 7, 7))->date, to_date(2012, 7, 9));
    EXPECT_EQ(calendar.date_at(at("2012-07-05T03:59:59Z")), std::nullopt);
    EXPECT_EQ(calendar.date_at(at("2012-07-06T03:59:59Z")), to_date(2012, 7, 5));
    EXPECT_EQ(calendar.date_at(at("2012-07-12T03:59:59Z")), to_date(2012, 7, 11));
    EXPECT_EQ(calendar.date_at(at("2012-07-12T04:00Z")), std::nullopt);
    EXPECT_EQ(calendar.start_of(to_date(2012, 7, 11)), at("2012-07-11T04:00Z"));
    EXPECT_EQ(calendar.end_day(), to_date(2012, 7, 12));
    EXPECT_FALSE(calendar.covers(to_date(2012, 7, 12)));
}

}  // namespace
}  // namespace fermata

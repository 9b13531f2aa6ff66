#include "adapters/calendar/calendars.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "adapters/calendar/time_format.hpp"
#include "core/market/bar_clock.hpp"
#include "tests/core/market/new_york.hpp"
#include "tests/support/csv_table.hpp"

namespace fermata {
namespace {

using test::at;

CalendarSpec simple() {
    CalendarSpec spec;
    spec.name = "test";
    spec.zone = "America/New_York";
    for (std::size_t day = 0; day < 5; ++day) spec.week[day] = *parse_session_hours("09:30-16:00");
    return spec;
}

std::string message(const CalendarSpec& spec) {
    try {
        (void)make_calendar(spec, to_date(2012, 1, 1), to_date(2012, 12, 31));
    } catch (const CalendarError& e) {
        return e.what();
    }
    return "";
}

TEST(Calendars, SessionsMoveWithDaylightSaving) {
    const auto calendar = make_calendar(simple(), to_date(2012, 3, 1), to_date(2012, 11, 30));
    // Friday before and Monday after the change of 2012-03-11, and of 2012-11-04.
    EXPECT_EQ(calendar->session_on(to_date(2012, 3, 9))->open, at("2012-03-09T14:30Z"));
    EXPECT_EQ(calendar->session_on(to_date(2012, 3, 9))->close, at("2012-03-09T21:00Z"));
    EXPECT_EQ(calendar->session_on(to_date(2012, 3, 12))->open, at("2012-03-12T13:30Z"));
    EXPECT_EQ(calendar->session_on(to_date(2012, 3, 12))->close, at("2012-03-12T20:00Z"));
    EXPECT_EQ(calendar->session_on(to_date(2012, 11, 2))->open, at("2012-11-02T13:30Z"));
    EXPECT_EQ(calendar->session_on(to_date(2012, 11, 5))->open, at("2012-11-05T14:30Z"));
    EXPECT_EQ(*calendar->start_of(to_date(2012, 3, 12)) - *calendar->start_of(to_date(2012, 3, 11)),
              Duration::hours(23));
    EXPECT_EQ(*calendar->start_of(to_date(2012, 11, 5)) - *calendar->start_of(to_date(2012, 11, 4)),
              Duration::hours(25));
}

TEST(Calendars, ASessionOnTheDayOfTheChangeHasItsWallClockHours) {
    CalendarSpec spec = simple();
    spec.week[6] = SessionHours{Duration{}, Duration::hours(24)};  // Sundays, around the change
    const auto calendar = make_calendar(spec, to_date(2012, 3, 1), to_date(2012, 11, 30));
    const Session* spring = calendar->session_on(to_date(2012, 3, 11));
    EXPECT_EQ(spring->close - spring->open, Duration::hours(23));
    const Session* autumn = calendar->session_on(to_date(2012, 11, 4));
    EXPECT_EQ(autumn->close - autumn->open, Duration::hours(25));
    // Hours inside the gap or the repeated hour: the end of the gap, the first pass.
    spec.week[6] = *parse_session_hours("02:30-12:00");
    EXPECT_EQ(make_calendar(spec, to_date(2012, 3, 11), to_date(2012, 3, 11))->sessions()[0].open,
              at("2012-03-11T07:00Z"));
    spec.week[6] = *parse_session_hours("01:30-12:00");
    EXPECT_EQ(make_calendar(spec, to_date(2012, 11, 4), to_date(2012, 11, 4))->sessions()[0].open,
              at("2012-11-04T05:30Z"));
}

TEST(Calendars, ASessionMayBeginTheDayBefore) {
    CalendarSpec spec = simple();
    spec.week.fill(std::nullopt);
    spec.week[0] = *parse_session_hours("18:00-17:00");
    const auto calendar = make_calendar(spec, to_date(2012, 3, 12), to_date(2012, 3, 12));
    ASSERT_EQ(calendar->sessions().size(), 1U);
    // Sunday 18:00 to Monday 17:00, both already on daylight saving.
    EXPECT_EQ(calendar->sessions()[0].open, at("2012-03-11T22:00Z"));
    EXPECT_EQ(calendar->sessions()[0].close, at("2012-03-12T21:00Z"));
}

TEST(Calendars, HolidaysAndSpecialHoursReplaceTheWeek) {
    CalendarSpec spec = simple();
    spec.holidays = {to_date(2012, 7, 4)};
    spec.special_hours = {{to_date(2012, 7, 3), *parse_session_hours("09:30-13:00")},
                          {to_date(2012, 7, 5), *parse_session_hours("12:00-16:00")},
                          {to_date(2012, 7, 7), *parse_session_hours("10:00-11:00")}};
    const auto calendar = make_calendar(spec, to_date(2012, 7, 2), to_date(2012, 7, 8));
    ASSERT_EQ(calendar->sessions().size(), 5U);
    EXPECT_TRUE(calendar->session_on(to_date(2012, 7, 3))->early_close);
    EXPECT_EQ(calendar->session_on(to_date(2012, 7, 3))->close, at("2012-07-03T17:00Z"));
    EXPECT_EQ(calendar->session_on(to_date(2012, 7, 4)), nullptr);
    EXPECT_FALSE(calendar->session_on(to_date(2012, 7, 5))->early_close);
    EXPECT_EQ(calendar->session_on(to_date(2012, 7, 5))->open, at("2012-07-05T16:00Z"));
    EXPECT_EQ(calendar->session_on(to_date(2012, 7, 7))->open, at("2012-07-07T14:00Z"));
}

TEST(Calendars, ErrorsNameTheField) {
    EXPECT_EQ(message(simple()), "");
    CalendarSpec spec = simple();
    spec.name.clear();
    EXPECT_EQ(message(spec), "calendar: name: must not be empty");
    spec = simple();
    spec.zone = "America/New_Yorck";
    EXPECT_EQ(message(spec),
              "calendar 'test': zone: unknown time zone 'America/New_Yorck'; did you "
              "mean 'America/New_York'?");
    spec = simple();
    spec.holidays = {to_date(2012, 7, 4), to_date(2012, 12, 25), to_date(2012, 7, 4)};
    EXPECT_EQ(message(spec), "calendar 'test': holidays[2]: 2012-07-04 is given twice");
    spec = simple();
    spec.holidays = {to_date(2012, 7, 4)};
    spec.special_hours = {{to_date(2012, 7, 4), *parse_session_hours("09:30-13:00")}};
    EXPECT_EQ(message(spec), "calendar 'test': special_hours[0]: 2012-07-04 is a holiday as well");
    spec = simple();
    spec.week[2] = SessionHours{Duration::hours(9), Duration::hours(25)};
    EXPECT_EQ(message(spec),
              "calendar 'test': hours.wednesday: the close must be after 00:00 and at "
              "most 24:00, found 90000000000000 ns after midnight");
    spec = simple();
    spec.week[1] = SessionHours{Duration::hours(15), Duration::hours(14)};  // opens on Monday
    EXPECT_EQ(message(spec),
              "calendar 'test': hours: the session of 2012-01-03 opens before that of "
              "2012-01-02 closes");
    EXPECT_THROW((void)make_calendar(simple(), to_date(2012, 1, 2), to_date(2012, 1, 1)),
                 CalendarError);
    EXPECT_THROW((void)make_calendar(simple(), to_date(2037, 1, 2), to_date(2039, 1, 1)),
                 CalendarError);
}

TEST(Calendars, BuiltinErrorsListTheChoices) {
    try {
        (void)make_calendar("nyse", to_date(2012, 1, 1), to_date(2012, 1, 2));
        FAIL();
    } catch (const CalendarError& e) {
        EXPECT_STREQ(e.what(),
                     "unknown calendar 'nyse'; expected one of us_equity, us_futures, fx, 24x7");
    }
    try {
        (void)make_calendar("us_equity", to_date(1985, 1, 1), to_date(2012, 1, 2));
        FAIL();
    } catch (const CalendarError& e) {
        EXPECT_STREQ(e.what(),
                     "calendar 'us_equity' is known from 1990-01-01 to 2037-12-30, but "
                     "1985-01-01 to 2012-01-02 was asked for");
    }
}

TEST(Calendars, EveryBuiltinCoversItsWholeRange) {
    for (const std::string& name : builtin_calendar_names()) {
        const DateRange range = *builtin_calendar_range(name);
        const auto calendar = make_calendar(name, range.from, range.to);
        EXPECT_EQ(calendar->first_day(), range.from) << name;
        EXPECT_EQ(calendar->end_day(), range.to + 1) << name;
        EXPECT_FALSE(calendar->sessions().empty()) << name;
    }
    EXPECT_FALSE(builtin_calendar_range("nyse").has_value());
}

TEST(Calendars, ForeignExchangeTradesFromSundayToFridayFiveInNewYork) {
    const auto fx = make_calendar("fx", to_date(2014, 5, 1), to_date(2014, 5, 9));
    EXPECT_TRUE(fx->is_open(at("2014-05-02T20:59:59Z")));   // Friday 16:59:59
    EXPECT_FALSE(fx->is_open(at("2014-05-02T21:00Z")));     // Friday 17:00
    EXPECT_FALSE(fx->is_open(at("2014-05-04T20:59:59Z")));  // Sunday 16:59:59
    EXPECT_TRUE(fx->is_open(at("2014-05-04T21:00Z")));      // Sunday 17:00
    EXPECT_TRUE(fx->is_open(at("2014-05-05T21:00Z")));      // no break on Monday
    EXPECT_EQ(fx->session_at(at("2014-05-05T21:00Z"))->date, to_date(2014, 5, 6));
}

TEST(Calendars, FuturesHaltEveryDayAndReopenOnSundayEvening) {
    const auto futures = make_calendar("us_futures", to_date(2024, 1, 1), to_date(2024, 2, 1));
    EXPECT_FALSE(futures->is_open(at("2024-01-01T22:59:59Z")));  // New Year's Day
    EXPECT_TRUE(futures->is_open(at("2024-01-01T23:00Z")));      // 18:00 that evening
    EXPECT_FALSE(futures->is_open(at("2024-01-03T22:30Z")));     // 17:30
    EXPECT_FALSE(futures->is_open(at("2024-01-05T22:00Z")));     // Friday 17:00
    EXPECT_TRUE(futures->is_open(at("2024-01-07T23:00Z")));      // Sunday 18:00
}

TEST(Calendars, EveryMinuteOfARealFutureLiesInItsSessions) {
    const auto path = test::data_file("futures/6EH4_1min_202401.csv.gz");
    if (!path) GTEST_SKIP() << test::kNoData;
    const auto futures = make_calendar("us_futures", to_date(2024, 1, 1), to_date(2024, 2, 1));
    // The file's stamps are bar ends: the first of a session is 18:01, the last 17:00 New York.
    BarClock ends({Duration::minutes(1), BarStamp::kEnd}, futures.get());
    BarClock starts({Duration::minutes(1), BarStamp::kStart}, futures.get());
    FormatTimeParser parser(*TimeFormat::compile("%F %T"), load_time_zone("UTC"));
    int bars = 0;
    int outside_as_starts = 0;
    const auto table = test::CsvTable::read(*path);
    for (std::size_t row = 0; row < table.size(); ++row) {
        const std::string& text = table.text(row, "timestamp_utc");
        const auto stamp = parser.parse(text);
        ASSERT_TRUE(stamp.ok()) << text;
        EXPECT_FALSE(ends.times(*stamp)->out_of_session) << text;
        outside_as_starts += starts.times(*stamp)->out_of_session ? 1 : 0;
        ++bars;
    }
    EXPECT_EQ(bars, 29'996);
    EXPECT_GT(outside_as_starts, 15);  // one 17:00 bar a day
}

TEST(Calendars, AroundTheClockMeansEveryUtcDay) {
    const auto all = make_calendar("24x7", to_date(2024, 2, 28), to_date(2024, 3, 1));
    ASSERT_EQ(all->sessions().size(), 3U);
    EXPECT_EQ(all->sessions()[1].open, at("2024-02-29T00:00Z"));
    EXPECT_EQ(all->sessions()[1].close, at("2024-03-01T00:00Z"));
    EXPECT_TRUE(all->is_open(at("2024-02-29T23:59:59.999999999Z")));
}

TEST(Calendars, AroundTheClockKnowsTheDayOfEveryInstantOfItsRange) {
    const auto range = builtin_calendar_range("24x7");
    ASSERT_TRUE(range);
    const auto all = make_calendar("24x7", range->from, range->to);
    EXPECT_EQ(all->date_at(at("2024-02-29T23:59:59.999999999Z")), to_date(2024, 2, 29));
    EXPECT_EQ(all->date_at(at("2024-03-01T00:00Z")), to_date(2024, 3, 1));
    EXPECT_EQ(all->date_at(at("1969-12-31T23:59Z")), to_date(1969, 12, 31));
    EXPECT_EQ(all->date_at(at("2030-06-01T12:00Z")), to_date(2030, 6, 1));
}

TEST(Calendars, ParsesHours) {
    EXPECT_EQ(parse_time_of_day("00:00"), Duration{});
    EXPECT_EQ(parse_time_of_day("24:00"), Duration::hours(24));
    EXPECT_EQ(parse_time_of_day("09:30:15"), Duration::seconds(9 * 3600 + 30 * 60 + 15));
    for (const char* text : {"", "9:30", "24:01", "09:60", "09-30", "09:30:60", "0930", "09:3x"}) {
        EXPECT_EQ(parse_time_of_day(text), std::nullopt) << text;
    }
    EXPECT_EQ(parse_session_hours("18:00-17:00"),
              (SessionHours{Duration::hours(18), Duration::hours(17)}));
    for (const char* text :
         {"", "09:30", "09:30-", "24:00-25:00", "09:30-00:00", "09:30 - 16:00"}) {
        EXPECT_EQ(parse_session_hours(text), std::nullopt) << text;
    }
}

RC_GTEST_PROP(Calendars, ParsingIsTotal, (const std::string& text)) {
    (void)parse_time_of_day(text);
    (void)parse_session_hours(text);
}

}  // namespace
}  // namespace fermata

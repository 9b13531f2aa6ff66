#include "adapters/calendar/us_equity.hpp"

#include <gtest/gtest.h>

#include <cstdio>
#include <fstream>
#include <map>
#include <set>
#include <sstream>

#include "core/market/bar_clock.hpp"
#include "tests/core/market/new_york.hpp"
#include "tests/support/csv_table.hpp"

namespace fermata {
namespace {

using test::at;

const Calendar& us_equity() {
    static const auto calendar = make_calendar("us_equity", kUsEquityFrom, to_date(2037, 12, 30));
    return *calendar;
}

bool trades(std::int32_t year, std::int32_t month, std::int32_t day) {
    return us_equity().session_on(to_date(year, month, day)) != nullptr;
}

/// The close as New York wall-clock minutes after midnight; -1 without a session.
int close_minute(Date date) {
    const Session* session = us_equity().session_on(date);
    if (session == nullptr) return -1;
    const auto zone = load_time_zone("America/New_York");
    return static_cast<int>((zone->to_local(session->close)->ns % Duration::days(1).ns) /
                            Duration::minutes(1).ns);
}
int close_minute(std::int32_t year, std::int32_t month, std::int32_t day) {
    return close_minute(to_date(year, month, day));
}

TEST(UsEquity, ClosesOnTheDaysThatNoRuleForetold) {
    for (const Date date : {to_date(1994, 4, 27), to_date(2001, 9, 11), to_date(2001, 9, 14),
                            to_date(2004, 6, 11), to_date(2007, 1, 2), to_date(2012, 10, 29),
                            to_date(2012, 10, 30), to_date(2018, 12, 5), to_date(2025, 1, 9)}) {
        EXPECT_EQ(us_equity().session_on(date), nullptr) << format_iso_date(date);
    }
    EXPECT_TRUE(trades(2001, 9, 10) && trades(2001, 9, 17));
}

TEST(UsEquity, ObservesWeekendHolidaysOnTheNearestWeekdayButNotAtTheYearsEnd) {
    EXPECT_FALSE(trades(2012, 1, 2));   // New Year's Day on a Sunday: Monday
    EXPECT_TRUE(trades(2010, 12, 31));  // on a Saturday: the year's last Friday trades
    EXPECT_TRUE(trades(2011, 1, 3));
    EXPECT_TRUE(trades(2021, 12, 31));
    EXPECT_FALSE(trades(2009, 7, 3));    // Independence Day on a Saturday: Friday
    EXPECT_FALSE(trades(2010, 7, 5));    // on a Sunday: Monday
    EXPECT_FALSE(trades(2010, 12, 24));  // Christmas on a Saturday
    EXPECT_FALSE(trades(2022, 12, 26));  // on a Sunday
    EXPECT_FALSE(trades(2027, 6, 18));   // Juneteenth on a Saturday
}

TEST(UsEquity, TakesUpHolidaysInTheYearTheyBegan) {
    EXPECT_TRUE(trades(1997, 1, 20));
    EXPECT_FALSE(trades(1998, 1, 19));  // Martin Luther King Day
    EXPECT_TRUE(trades(2021, 6, 18));
    EXPECT_FALSE(trades(2022, 6, 20));  // Juneteenth on a Sunday
}

TEST(UsEquity, ClosesEarlyByRule) {
    EXPECT_EQ(close_minute(2024, 11, 29), 13 * 60);
    EXPECT_EQ(close_minute(1992, 11, 27), 14 * 60);
    EXPECT_EQ(close_minute(1991, 11, 29), 16 * 60);
    EXPECT_EQ(close_minute(1991, 12, 24), 14 * 60);
    EXPECT_EQ(close_minute(2024, 12, 24), 13 * 60);
    EXPECT_EQ(close_minute(2021, 12, 23), 16 * 60);  // Christmas Eve is the observed holiday
    EXPECT_EQ(close_minute(2002, 7, 5), 13 * 60);    // July 4 on a Thursday, old rule
    EXPECT_EQ(close_minute(2002, 7, 3), 16 * 60);
    EXPECT_EQ(close_minute(2013, 7, 3), 13 * 60);  // new rule
    EXPECT_EQ(close_minute(2013, 7, 5), 16 * 60);
    EXPECT_EQ(close_minute(2024, 7, 3), 13 * 60);
    EXPECT_EQ(close_minute(2022, 7, 1), 16 * 60);  // July 4 on a Monday: none
    EXPECT_EQ(close_minute(1996, 1, 8), 14 * 60);  // snow, and a late open
    EXPECT_EQ(us_equity().session_on(to_date(1996, 1, 8))->open, at("1996-01-08T16:00Z"));
    EXPECT_EQ(us_equity().session_on(to_date(2002, 9, 11))->open, at("2002-09-11T16:00Z"));
    EXPECT_FALSE(us_equity().session_on(to_date(2002, 9, 11))->early_close);
}

TEST(UsEquity, HasTheNumberOfSessionsThatTheExchangePublished) {
    // NYSE trading days by year.
    const std::map<std::int32_t, int> published = {
        {1990, 253}, {1991, 253}, {1992, 254}, {1993, 253}, {1994, 252}, {1995, 252},
        {1996, 254}, {1997, 253}, {1998, 252}, {1999, 252}, {2000, 252}, {2001, 248},
        {2002, 252}, {2003, 252}, {2004, 252}, {2005, 252}, {2006, 251}, {2007, 251},
        {2008, 253}, {2009, 252}, {2010, 252}, {2011, 252}, {2012, 250}, {2013, 252},
        {2014, 252}, {2015, 252}, {2016, 252}, {2017, 251}, {2018, 251}, {2019, 252},
        {2020, 253}, {2021, 252}, {2022, 251}, {2023, 250}, {2024, 252}, {2025, 250}};
    std::map<std::int32_t, int> counted;
    for (const Session& s : us_equity().sessions()) ++counted[to_civil(s.date).year];
    for (const auto& [year, days] : published) EXPECT_EQ(counted[year], days) << year;
}

std::string read_text(const std::filesystem::path& path) {
    std::ifstream file(path);
    std::ostringstream text;
    text << file.rdbuf();
    return text.str();
}

/// Every quoted text between `"key": [` or `{` and the bracket that closes it.
std::vector<std::string> quoted(const std::string& json, const std::string& key, char open,
                                char close) {
    std::size_t i = json.find(open, json.find("\"" + key + "\""));
    const std::size_t end = json.find(close, i);
    std::vector<std::string> texts;
    while ((i = json.find('"', i)) < end) {
        const std::size_t until = json.find('"', i + 1);
        texts.push_back(json.substr(i + 1, until - i - 1));
        i = until + 1;
    }
    return texts;
}

Date american_date(const std::string& text) {
    int month = 0, day = 0, year = 0;
    EXPECT_EQ(std::sscanf(text.c_str(), "%d/%d/%d", &month, &day, &year), 3) << text;
    return to_date(year, month, day);
}

TEST(UsEquity, EqualsLeansHolidays) {
    const auto path = test::data_file("market_hours_equity_usa.json");
    if (!path) GTEST_SKIP() << test::kNoData;
    std::set<Date> listed;
    for (const std::string& text : quoted(read_text(*path), "holidays", '[', ']')) {
        const Date date = american_date(text);
        // 2011-01-01 and 2022-01-01 were Saturdays: nothing to close.
        if (!is_weekend(date)) listed.insert(date);
    }
    ASSERT_GT(listed.size(), 280U);
    std::set<Date> ours;
    for (Date d = to_date(1998, 1, 1); d <= to_date(2028, 12, 31); d = d + 1) {
        if (!is_weekend(d) && us_equity().session_on(d) == nullptr) ours.insert(d);
    }
    EXPECT_EQ(ours, listed);
}

TEST(UsEquity, EqualsLeansEarlyCloses) {
    const auto path = test::data_file("market_hours_equity_usa.json");
    if (!path) GTEST_SKIP() << test::kNoData;
    std::set<Date> listed;
    const auto texts = quoted(read_text(*path), "earlyCloses", '{', '}');
    ASSERT_EQ(texts.size() % 2, 0U);
    for (std::size_t i = 0; i < texts.size(); i += 2) {
        EXPECT_EQ(texts[i + 1], "13:00:00");
        listed.insert(american_date(texts[i]));
    }
    // What LEAN lists beyond us: a Sunday.
    EXPECT_TRUE(is_weekend(to_date(2017, 12, 24)));
    EXPECT_EQ(listed.erase(to_date(2017, 12, 24)), 1U);
    // What LEAN leaves out: its list begins with Thanksgiving 1999, the exchange's does not.
    listed.insert(to_date(1998, 11, 27));
    listed.insert(to_date(1998, 12, 24));

    std::set<Date> ours;
    for (const Session& s : us_equity().sessions()) {
        if (s.date < to_date(1998, 1, 1) || s.date > to_date(2028, 12, 31)) continue;
        EXPECT_EQ(close_minute(s.date), s.early_close ? 13 * 60 : 16 * 60);
        if (s.early_close) ours.insert(s.date);
    }
    EXPECT_EQ(ours, listed);
}

TEST(UsEquity, HasASessionForEveryDailyBarAndABarForEverySession) {
    const auto path = test::data_file("daily/lean/SPY.csv");
    if (!path) GTEST_SKIP() << test::kNoData;
    BarClock clock({Duration::days(1)}, &us_equity());
    std::set<Date> bars;
    const auto table = test::CsvTable::read(*path);
    for (std::size_t row = 0; row < table.size(); ++row) {
        const std::string& text = table.text(row, "ts_ns");
        const Timestamp stamp{std::stoll(text)};
        const auto times = clock.times(stamp);
        ASSERT_TRUE(times.ok()) << text;
        EXPECT_FALSE(times->out_of_session) << text;
        bars.insert(*us_equity().date_at(stamp));
    }
    ASSERT_EQ(bars.size(), 3773U);
    std::set<Date> sessions;
    for (const Session& s : us_equity().sessions()) {
        if (s.date >= *bars.begin() && s.date <= *bars.rbegin()) sessions.insert(s.date);
    }
    EXPECT_EQ(bars, sessions);
}

TEST(UsEquity, AgreesWithTheLaterDailyPanel) {
    // Dates on which every one of several listed stocks has a bar, 2013 to 2018.
    const auto path = test::data_file("daily/iex_panel_close_wide.csv");
    if (!path) GTEST_SKIP() << test::kNoData;
    std::set<Date> bars;
    const auto table = test::CsvTable::read(*path);
    for (std::size_t row = 0; row < table.size(); ++row) {
        const std::string& text = table.text(row, "date");
        const auto date = parse_iso_date(text);
        ASSERT_TRUE(date.has_value()) << text;
        bars.insert(*date);
    }
    std::set<Date> sessions;
    for (const Session& s : us_equity().sessions()) {
        if (s.date >= *bars.begin() && s.date <= *bars.rbegin()) sessions.insert(s.date);
    }
    EXPECT_EQ(bars, sessions);
}

}  // namespace
}  // namespace fermata

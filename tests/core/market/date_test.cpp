#include "core/market/date.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace fermata {
namespace {

TEST(Date, CountsDaysFromTheEpoch) {
    EXPECT_EQ(to_date(1970, 1, 1).days, 0);
    EXPECT_EQ(to_date(1969, 12, 31).days, -1);
    EXPECT_EQ(to_date(2000, 3, 1).days, 11'017);  // 30 years x 365 + 7 leap days + 31 + 29
    EXPECT_EQ(to_date(2012, 1, 3).days, 15'342);  // date -ud 2012-01-03 +%s / 86400
    EXPECT_EQ(to_date(1, 1, 1).days, -719'162);   // Python: -(date(1970,1,1).toordinal() - 1)
    EXPECT_EQ(to_date(9999, 12, 31).days, 2'932'896);
}

TEST(Date, KnowsWeekdays) {
    EXPECT_EQ(weekday(to_date(1970, 1, 1)), Weekday::kThursday);
    EXPECT_EQ(weekday(to_date(2001, 9, 11)), Weekday::kTuesday);
    EXPECT_EQ(weekday(to_date(1929, 10, 29)), Weekday::kTuesday);
    EXPECT_EQ(weekday(to_date(2024, 2, 29)), Weekday::kThursday);
    EXPECT_TRUE(is_weekend(to_date(2011, 1, 1)));
    EXPECT_FALSE(is_weekend(to_date(2010, 12, 31)));
}

TEST(Date, ParsesOnlyDatesThatExist) {
    EXPECT_EQ(parse_iso_date("2024-02-29"), to_date(2024, 2, 29));
    EXPECT_EQ(parse_basic_date("20240229"), to_date(2024, 2, 29));
    for (const char* text :
         {"", "2023-02-29", "1900-02-29", "2024-13-01", "2024-00-01", "2024-01-00", "2024-04-31",
          "0000-01-01", "2024-1-1", "2024/01/01", "2024-01-01 ", " 2024-01-01", "+024-01-01",
          "2024-01-0x", "20240101"}) {
        EXPECT_EQ(parse_iso_date(text), std::nullopt) << text;
    }
    EXPECT_EQ(parse_basic_date("2024-1-1"), std::nullopt);
    EXPECT_EQ(parse_basic_date("20230229"), std::nullopt);
}

TEST(Date, ParsesUtcTimestampsToTheNanosecond) {
    EXPECT_EQ(parse_iso_timestamp("2012-01-03")->ns, 1'325'548'800'000'000'000);
    EXPECT_EQ(parse_iso_timestamp("2012-01-03T14:30Z")->ns, 1'325'601'000'000'000'000);
    EXPECT_EQ(parse_iso_timestamp("2012-01-03 14:30:01.000000007Z")->ns, 1'325'601'001'000'000'007);
    EXPECT_EQ(parse_iso_timestamp("1969-12-31T23:59:59.5Z")->ns, -500'000'000);
    for (const char* text :
         {"", "2012-01-03T", "2012-01-03T14:30", "2012-01-03T24:00Z", "2012-01-03T14:60Z",
          "2012-01-03T14:30:60Z", "2012-01-03T14:30:00.Z", "2012-01-03T14:30:00.1234567890Z",
          "2012-01-03Z", "1677-01-01", "2262-04-12", "2262-04-11T23:48Z", "2012-01-03T1:30Z",
          "2012-01-03T14:30:0Z", "2012-01-03T14-30Z"}) {
        EXPECT_EQ(parse_iso_timestamp(text), std::nullopt) << text;
    }
}

TEST(Date, FormatsTimestampsBeforeTheEpoch) {
    EXPECT_EQ(format_iso_timestamp(Timestamp{-1}), "1969-12-31T23:59:59.999999999Z");
    EXPECT_EQ(format_iso_timestamp(Timestamp{0}), "1970-01-01T00:00:00Z");
    EXPECT_EQ(format_iso_timestamp(Timestamp::min()), "1677-09-21T00:12:43.145224192Z");
    EXPECT_EQ(format_iso_timestamp(Timestamp::never()), "2262-04-11T23:47:16.854775807Z");
    EXPECT_EQ(utc_date(Timestamp{-1}), to_date(1969, 12, 31));
}

RC_GTEST_PROP(Date, CivilFieldsComeBackAsTheSameDay, ()) {
    const Date date{*rc::gen::inRange<std::int32_t>(-100'000'000, 100'000'000)};
    const CivilDate civil = to_civil(date);
    RC_ASSERT(to_date(civil) == date);
    RC_ASSERT(civil.month >= 1 && civil.month <= 12);
    RC_ASSERT(civil.day >= 1 && civil.day <= days_in_month(civil.year, civil.month));
    const CivilDate next = to_civil(date + 1);
    RC_ASSERT(next.day == civil.day + 1 || next.day == 1);
}

RC_GTEST_PROP(Date, TextComesBackAsTheSameInstant, (std::int64_t ns)) {
    const auto inside = utc_midnight(utc_date(Timestamp{ns}));
    RC_PRE(inside.has_value());
    const auto back = parse_iso_timestamp(format_iso_timestamp(Timestamp{ns}));
    RC_ASSERT(back.has_value());
    RC_ASSERT(back->ns == ns);
}

RC_GTEST_PROP(Date, ParsingIsTotal, (const std::string& text)) {
    (void)parse_iso_date(text);
    (void)parse_basic_date(text);
    (void)parse_iso_timestamp(text);
}

}  // namespace
}  // namespace fermata

#include "adapters/calendar/time_format.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "tests/core/market/new_york.hpp"

namespace fermata {
namespace {

using test::at;

FormatTimeParser parser(const char* pattern, LocalTimePolicy policy = {}) {
    std::string why;
    const auto format = TimeFormat::compile(pattern, &why);
    EXPECT_TRUE(format.has_value()) << pattern << ": " << why;
    return FormatTimeParser(*format, std::make_shared<const TimeZone>(test::new_york_2012()),
                            policy);
}

TEST(TimeFormat, ReadsADateAsMidnightInItsZone) {
    FormatTimeParser p = parser("%Y-%m-%d");
    EXPECT_FALSE(TimeFormat::compile("%Y-%m-%d")->has_time_of_day());
    EXPECT_EQ(p.expected(), "%Y-%m-%d in America/New_York");
    EXPECT_EQ(parser("ms").expected(), "ms");
    EXPECT_EQ(*p.parse("2012-01-03"), at("2012-01-03T05:00Z"));
    EXPECT_EQ(*p.parse("2012-07-03"), at("2012-07-03T04:00Z"));
    EXPECT_EQ(*p.parse("2012-01-04"), at("2012-01-04T05:00Z"));
}

TEST(TimeFormat, ReadsTheUsualShapes) {
    EXPECT_EQ(*parser("%Y%m%d %H:%M").parse("20120103 09:30"), at("2012-01-03T14:30Z"));
    EXPECT_EQ(*parser("%F %T.%f").parse("2012-01-03 09:30:00.000000001"),
              at("2012-01-03T14:30:00.000000001Z"));
    EXPECT_EQ(*parser("%FT%T.%f").parse("2012-01-03T09:30:00.25"), at("2012-01-03T14:30:00.25Z"));
    EXPECT_EQ(*parser("%m/%d/%Y %I:%M %p").parse("1/3/2012 9:30 am"), at("2012-01-03T14:30Z"));
    EXPECT_EQ(*parser("%m/%d/%Y %I:%M %p").parse("1/3/2012 12:00 AM"), at("2012-01-03T05:00Z"));
    EXPECT_EQ(*parser("%m/%d/%Y %I:%M %p").parse("1/3/2012 12:00 PM"), at("2012-01-03T17:00Z"));
    EXPECT_EQ(*parser("%d-%b-%y").parse("3-JAN-12"), at("2012-01-03T05:00Z"));
    EXPECT_EQ(*parser("%b %e, %Y").parse("January  3, 2012"), at("2012-01-03T05:00Z"));
    EXPECT_EQ(*parser("%b %e %Y").parse("May 13 2012"), at("2012-05-13T04:00Z"));
    EXPECT_EQ(*parser("%Y.%j").parse("2012.366"), at("2012-12-31T05:00Z"));
    EXPECT_EQ(*parser("100%% %D").parse("100% 01/03/12"), at("2012-01-03T05:00Z"));
}

TEST(TimeFormat, AnOffsetOrACountNeedsNoZone) {
    EXPECT_EQ(*parser("%FT%T%z").parse("1999-01-03T09:30:00Z"), at("1999-01-03T09:30Z"));
    EXPECT_EQ(*parser("%FT%T%z").parse("1999-01-03T09:30:00+05:30"), at("1999-01-03T04:00Z"));
    EXPECT_EQ(*parser("%FT%T%z").parse("1999-01-03T09:30:00-0500"), at("1999-01-03T14:30Z"));
    EXPECT_EQ(*parser("%FT%T%z").parse("1999-01-03T09:30:00-05"), at("1999-01-03T14:30Z"));
    EXPECT_EQ(parser("ns").parse("883717200000000001")->ns, 883'717'200'000'000'001);
    EXPECT_EQ(parser("us").parse("-5")->ns, -5'000);
    EXPECT_EQ(parser("ms").parse("1723161256000")->ns, 1'723'161'256'000'000'000);
    EXPECT_EQ(parser("s").parse("0")->ns, 0);
    EXPECT_EQ(parser("%s.%f").parse("1.5")->ns, 1'500'000'000);
    EXPECT_EQ(parser("%s.%f").parse("-0.5")->ns, -500'000'000);
}

TEST(TimeFormat, SaysWhatIsWrong) {
    FormatTimeParser p = parser("%Y-%m-%d %H:%M:%S");
    const auto error = [&](const char* text) { return p.parse(text).error(); };
    EXPECT_EQ(error(""), TimeParseError::kFormat);
    EXPECT_EQ(error("2012-01-03"), TimeParseError::kFormat);
    EXPECT_EQ(error("2012-01-03 09:30:00 "), TimeParseError::kFormat);
    EXPECT_EQ(error(" 2012-01-03 09:30:00"), TimeParseError::kFormat);
    EXPECT_EQ(error("12-01-03 09:30:00"), TimeParseError::kFormat);
    EXPECT_EQ(error("2012-13-03 09:30:00"), TimeParseError::kOutOfRange);
    EXPECT_EQ(error("2012-00-03 09:30:00"), TimeParseError::kOutOfRange);
    EXPECT_EQ(error("2012-01-03 24:30:00"), TimeParseError::kOutOfRange);
    EXPECT_EQ(error("2012-01-03 09:30:60"), TimeParseError::kOutOfRange);
    EXPECT_EQ(error("2012-02-30 09:30:00"), TimeParseError::kOutOfRange);
    EXPECT_EQ(error("2012-03-11 02:30:00"), TimeParseError::kNonexistent);
    EXPECT_EQ(error("2012-11-04 01:30:00"), TimeParseError::kAmbiguous);
    EXPECT_EQ(error("1999-01-03 09:30:00"), TimeParseError::kOutOfRange);
    EXPECT_EQ(error("9999-01-03 09:30:00"), TimeParseError::kOutOfRange);
    EXPECT_EQ(parser("%Y %j").parse("2013 366").error(), TimeParseError::kOutOfRange);
    EXPECT_EQ(parser("%Y %j").parse("2013 0").error(), TimeParseError::kOutOfRange);
    EXPECT_EQ(parser("%F %I %p").parse("2012-01-03 13 PM").error(), TimeParseError::kOutOfRange);
    EXPECT_EQ(parser("ms").parse("9223372036854775").error(), TimeParseError::kOutOfRange);
    EXPECT_EQ(parser("ns").parse("1.5").error(), TimeParseError::kFormat);
}

TEST(TimeFormat, FollowsTheConfiguredPolicy) {
    FormatTimeParser p = parser("%F %R", {AmbiguousTime::kLater, NonexistentTime::kNextInstant});
    EXPECT_EQ(*p.parse("2012-03-11 02:30"), at("2012-03-11T07:00Z"));
    EXPECT_EQ(*p.parse("2012-11-04 01:30"), at("2012-11-04T06:30Z"));
}

TEST(TimeFormat, RefusesPatternsThatNameNoInstant) {
    for (const char* pattern :
         {"", "%Y", "%Y-%m", "%H:%M", "%Y-%m-%d %d", "%Y %y-%m-%d", "%F %M", "%F %H:%S", "%F %f",
          "%F %I", "%F %p", "%F %H %I %p", "%F %j", "%Q", "%F %", "%s %F", "%F %H.%f"}) {
        std::string why;
        EXPECT_FALSE(TimeFormat::compile(pattern, &why).has_value()) << pattern;
        EXPECT_FALSE(why.empty()) << pattern;
    }
    EXPECT_FALSE(TimeFormat::compile(std::string(49, 'x') + "%F").has_value());
}

RC_GTEST_PROP(TimeFormat, ParsingIsTotal, (const std::string& pattern, const std::string& text)) {
    const auto format = TimeFormat::compile(pattern);
    if (format)
        (void)FormatTimeParser(*format, std::make_shared<const TimeZone>(TimeZone::utc()))
            .parse(text);
    FormatTimeParser everything = parser("%b/%d/%Y %I:%M:%S.%f %p %z");
    (void)everything.parse(text);
}

RC_GTEST_PROP(TimeFormat, UtcTextComesBack, (std::int64_t ns)) {
    RC_PRE(ns % 1'000'000'000 != 0);
    RC_PRE(utc_midnight(utc_date(Timestamp{ns})).has_value());
    std::string text = format_iso_timestamp(Timestamp{ns});
    FormatTimeParser p = parser("%FT%T.%f%z");
    RC_ASSERT(p.parse(text)->ns == ns);
}

}  // namespace
}  // namespace fermata

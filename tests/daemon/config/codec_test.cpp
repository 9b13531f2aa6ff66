#include "daemon/config/codec.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "daemon/config/codecs.hpp"

namespace fermata::config {
namespace {

TEST(Codec, ReadsDurationsExactly) {
    EXPECT_EQ(parse_duration("0")->ns, 0);
    EXPECT_EQ(parse_duration("1ns")->ns, 1);
    EXPECT_EQ(parse_duration("250us")->ns, 250'000);
    EXPECT_EQ(parse_duration("1.5s")->ns, 1'500'000'000);
    EXPECT_EQ(parse_duration("0.5m")->ns, 30'000'000'000);
    EXPECT_EQ(parse_duration("1d")->ns, 86'400'000'000'000);
    EXPECT_EQ(parse_duration("10000000000ns")->ns, 10'000'000'000);
    EXPECT_EQ(parse_duration("9223372036854775807ns")->ns, INT64_MAX);
    for (const char* bad : {"", "1", "s", "-1s", "1 s", "1S", "1w", "1.5ns", "1e3s", "1.2.3s",
                            "0.0000000001s", "9223372036854775808ns", "106752d", ".s"}) {
        EXPECT_FALSE(parse_duration(bad)) << bad;
    }
}

TEST(Codec, WritesDurationsInTheLargestExactUnit) {
    EXPECT_EQ(format_duration(Duration::days(2)), "2d");
    EXPECT_EQ(format_duration(Duration::hours(25)), "25h");
    EXPECT_EQ(format_duration(Duration::seconds(90)), "90s");
    EXPECT_EQ(format_duration(Duration::nanoseconds(1'001)), "1001ns");
    EXPECT_EQ(format_duration(Duration{}), "0");
}

RC_GTEST_PROP(Codec, ReadsBackEveryDuration, ()) {
    const Duration d{*rc::gen::inRange<std::int64_t>(0, INT64_MAX)};
    RC_ASSERT(parse_duration(format_duration(d)) == d);
}

TEST(Codec, ReadsTimesOfIso8601) {
    const auto date = parse_civil_time("2020-02-29");
    ASSERT_TRUE(date);
    EXPECT_EQ(date->date, to_date(2020, 2, 29));
    EXPECT_FALSE(date->ns_of_day);
    const auto local = parse_civil_time("2020-01-31T09:30:00.25");
    ASSERT_TRUE(local);
    EXPECT_EQ(local->ns_of_day, (9 * 3'600 + 30 * 60) * 1'000'000'000LL + 250'000'000);
    EXPECT_FALSE(local->offset_minutes);
    EXPECT_EQ(parse_civil_time("2020-01-31 09:30Z")->offset_minutes, 0);
    EXPECT_EQ(parse_civil_time("2020-01-31T09:30:00-05:00")->offset_minutes, -300);
    EXPECT_EQ(parse_civil_time("2020-01-31T09:30:00+0530")->offset_minutes, 330);
    for (const char* bad :
         {"", "2020", "2020-1-1", "2020-13-01", "2021-02-29", "2020-01-31T", "2020-01-31T24:00",
          "2020-01-31T09", "2020-01-31T09:60", "2020-01-31T09:30:60", "2020-01-31T09:30:00.",
          "2020-01-31T09:30:00.1234567890", "2020-01-31T09:30X", "2020-01-31T09:30+15:00",
          "2020-01-31T09:30+5", "2020-01-31Z", "1600-01-01", "2300-01-01", "2020-01-31T09:30Z "}) {
        EXPECT_FALSE(parse_civil_time(bad)) << bad;
    }
}

TEST(Codec, WritesTimesAsTheyAreRead) {
    for (const char* text :
         {"2020-02-29", "2020-01-31T09:30:00", "2020-01-31T09:30:00.25", "2020-01-31T00:00:00Z",
          "2020-01-31T23:59:59.999999999-05:30", "2020-01-31T00:00:00.000000001+14:00"}) {
        EXPECT_EQ(format_civil_time(*parse_civil_time(text)), text);
    }
}

TEST(Codec, ReadsRatiosAlsoInPercent) {
    EXPECT_EQ(Codec<Ratio>::parse("0.05"), Codec<Ratio>::parse("5%"));
    EXPECT_EQ(Codec<Ratio>::parse("0.1%")->raw(), 1'000'000);
    EXPECT_EQ(Codec<Ratio>::parse("100%"), Ratio::from_units(1));
    EXPECT_FALSE(Codec<Ratio>::parse("%"));
    EXPECT_FALSE(Codec<Ratio>::parse("5 %"));
    EXPECT_FALSE(Codec<Ratio>::parse("0.00000001%"));
}

TEST(Codec, RefusesWhatATypeCannotHoldExactly) {
    EXPECT_TRUE(Codec<Money>::parse("0.000001"));
    EXPECT_FALSE(Codec<Money>::parse("0.0000001"));
    EXPECT_FALSE(Codec<Money>::parse("10000000000000"));
    EXPECT_FALSE(Codec<Price>::parse("nan"));
    EXPECT_EQ(Codec<Price>::parse("0.000001")->raw(), 1'000);  // no detour over a double
    EXPECT_FALSE(Codec<std::uint64_t>::parse("-1"));
    EXPECT_FALSE(Codec<std::uint8_t>::parse("256"));
    EXPECT_FALSE(Codec<std::int64_t>::parse("1.0"));
    EXPECT_FALSE(Codec<std::int64_t>::parse("0x10"));
    EXPECT_FALSE(Codec<bool>::parse("yes"));
    EXPECT_FALSE(Codec<double>::parse("inf"));
}

TEST(Codec, ReadsSpeedsColumnsAndDelimiters) {
    EXPECT_TRUE(Codec<Speed>::parse("max")->is_max());
    EXPECT_EQ(Codec<Speed>::format(*Codec<Speed>::parse("2.5x")), "2.5x");
    for (const char* bad : {"", "x", "0x", "-1x", "1", "fast"}) {
        EXPECT_FALSE(Codec<Speed>::parse(bad)) << bad;
    }
    EXPECT_EQ(Codec<csv::CsvColumn>::parse("12")->index, 12U);
    EXPECT_EQ(Codec<csv::CsvColumn>::parse("ts_ns")->name, "ts_ns");
    EXPECT_FALSE(Codec<csv::CsvColumn>::parse("99999999999"));
    EXPECT_EQ(Codec<char>::parse("tab"), '\t');
    EXPECT_EQ(Codec<char>::parse(";"), ';');
    EXPECT_FALSE(Codec<char>::parse(";;"));
    EXPECT_FALSE(Codec<char>::parse("é"));
}

TEST(Codec, KnowsNamesSymbolsAndCurrencies) {
    for (const char* good : {"a", "sma-1", "BTC/USD", "x.y", "1a", "_"}) EXPECT_TRUE(is_name(good));
    for (const char* bad : {"", "1", "42", "a b", "ä", "a,b", "a=b"})
        EXPECT_FALSE(is_name(bad)) << bad;
    for (const char* good : {"SPY", "BRK.B", "EUR/USD", "600000", "ES=F", "^GSPC"}) {
        EXPECT_TRUE(is_symbol(good)) << good;
    }
    for (const char* bad : {"", "A B", "A,B", "Ä", "\"A\""}) EXPECT_FALSE(is_symbol(bad)) << bad;
    for (const char* good : {"USD", "USDT", "BTC"}) EXPECT_TRUE(is_currency(good));
    for (const char* bad : {"", "U", "usd", "US DOLLAR", "$"})
        EXPECT_FALSE(is_currency(bad)) << bad;
}

}  // namespace
}  // namespace fermata::config

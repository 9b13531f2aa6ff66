#include "adapters/fix/session_times.hpp"

#include <gtest/gtest.h>

#include <string>

#include "adapters/fix/quickfix.hpp"

namespace fermata::fix {
namespace {

/// Hours, minutes and seconds of the n-th of January 2026, UTC.
FIX::UtcTimeStamp at(int day, int hour, int minute, int second) {
    return FIX::UtcTimeStamp(hour, minute, second, day, 1, 2026);
}

/// What QuickFIX makes of a daily session of ours: is one that was there at `then` the same `now`?
bool same_session(const std::string& start, const std::string& end, const FIX::UtcTimeStamp& then,
                  const FIX::UtcTimeStamp& now) {
    const auto time = [](const std::string& text) {
        return FIX::UtcTimeOnlyConvertor::convert(text);
    };
    return FIX::TimeRange::isInSameRange(time(start), time(daily_end(start, end)), now, then);
}

TEST(SessionTimes, ASessionThatEndsWhenItBeginsLastsADay) {
    const std::string five = "17:00:00";
    EXPECT_TRUE(same_session(five, five, at(5, 23, 59, 59), at(6, 0, 0, 0))) << "over midnight";
    EXPECT_TRUE(same_session(five, five, at(5, 17, 0, 0), at(6, 16, 59, 58)));
    EXPECT_FALSE(same_session(five, five, at(5, 16, 59, 59), at(5, 17, 0, 0)));
    EXPECT_FALSE(same_session(five, five, at(5, 18, 0, 0), at(6, 18, 0, 0)));
}

TEST(SessionTimes, OfMidnightTheUtcDayIsTheSession) {
    const std::string midnight = "00:00:00";
    EXPECT_EQ(daily_end(midnight, midnight), midnight);
    EXPECT_TRUE(same_session(midnight, midnight, at(5, 0, 0, 0), at(5, 23, 59, 59)));
    EXPECT_FALSE(same_session(midnight, midnight, at(5, 23, 59, 59), at(6, 0, 0, 0)));
}

TEST(SessionTimes, OthersEndWhenTheySay) {
    EXPECT_EQ(daily_end("13:00:00", "20:00:00"), "20:00:00");
    EXPECT_EQ(daily_end("25:99", "25:99"), "25:99") << "for QuickFIX to refuse";
    EXPECT_EQ(daily_end("00:00:01", "00:00:01"), "00:00:00");
    EXPECT_EQ(daily_end("17:00:00", "17:00:00"), "16:59:59");
}

}  // namespace
}  // namespace fermata::fix

#include "daemon/watchdog/hang_detector.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>

namespace fermata::test {
namespace {

constexpr std::int64_t kMs = 1'000'000;

using Loops = std::vector<progress::Loop>;

HangDetector usual() { return {Duration::milliseconds(50), Duration::milliseconds(500)}; }

TEST(HangDetector, TellsOneLoopThatStandsWhileTheOthersGoOn) {
    HangDetector detector = usual();
    std::uint64_t n = 0;
    // Seen first at 0 ms, still the same at 500 ms: that is the tenth look after the first.
    for (std::int64_t ms = 0; ms < 500; ms += 50) {
        EXPECT_FALSE(detector.look({{"trading", ++n}, {"journal", 7}}, ms * kMs)) << ms;
    }
    const auto hang = detector.look({{"trading", ++n}, {"journal", 7}}, 500 * kMs);
    ASSERT_TRUE(hang);
    EXPECT_EQ(hang->loop, "journal");
    EXPECT_EQ(hang->silent, Duration::milliseconds(500));
    EXPECT_FALSE(detector.look({{"trading", ++n}, {"journal", 8}}, 550 * kMs));
}

TEST(HangDetector, NamesTheLoopThatStoodLongest) {
    HangDetector detector = usual();
    for (std::int64_t ms = 0; ms < 200; ms += 50) {
        EXPECT_FALSE(detector.look(
            {{"late", static_cast<std::uint64_t>(ms < 100 ? ms : 100)}, {"first", 1}}, ms * kMs));
    }
    std::optional<HangDetector::Hang> hang;
    for (std::int64_t ms = 200; ms < 800; ms += 50)
        hang = detector.look({{"late", 100}, {"first", 1}}, ms * kMs);
    ASSERT_TRUE(hang);
    EXPECT_EQ(hang->loop, "first");
}

TEST(HangDetector, DoesNotTakeItsOwnPauseForAHang) {
    HangDetector detector = usual();
    EXPECT_FALSE(detector.look({{"feed", 1}}, 0));
    EXPECT_FALSE(detector.look({{"feed", 1}}, 50 * kMs));
    // An hour in which it did not look: 100 ms of it count.
    const std::int64_t hour = 3'600'000 * kMs;
    EXPECT_FALSE(detector.look({{"feed", 1}}, hour));
    EXPECT_FALSE(detector.look({{"feed", 2}}, hour + 50 * kMs));
    // And one that stands all the same is told in the end: 50 ms a look.
    for (std::int64_t n = 2; n < 11; ++n) {
        EXPECT_FALSE(detector.look({{"feed", 2}}, hour + n * 50 * kMs)) << n;
    }
    EXPECT_TRUE(detector.look({{"feed", 2}}, hour + 11 * 50 * kMs));
}

TEST(HangDetector, TakesAClockThatGoesBackForNoTime) {
    HangDetector detector = usual();
    EXPECT_FALSE(detector.look({{"feed", 1}}, 1000 * kMs));
    for (int n = 0; n < 100; ++n) EXPECT_FALSE(detector.look({{"feed", 1}}, (900 - n) * kMs));
}

TEST(HangDetector, TellsWhatItCannotSeeForAsLong) {
    HangDetector detector = usual();
    EXPECT_FALSE(detector.look({{"feed", 1}}, 0));
    for (std::int64_t ms = 50; ms < 500; ms += 50) EXPECT_FALSE(detector.blind(ms * kMs)) << ms;
    const auto hang = detector.blind(500 * kMs);
    ASSERT_TRUE(hang);
    EXPECT_EQ(hang->loop, "");
}

TEST(HangDetector, AsksNothingOfAProcessThatStartsOrEnds) {
    HangDetector detector = usual();
    for (std::int64_t ms = 0; ms < 10'000; ms += 50) detector.rest(ms * kMs);
    // It begins to count when the loops do.
    for (std::int64_t ms = 10'000; ms < 10'500; ms += 50) {
        EXPECT_FALSE(detector.look({{"feed", 0}}, ms * kMs)) << ms;
    }
    EXPECT_TRUE(detector.look({{"feed", 0}}, 10'500 * kMs));
    detector.reset();
    EXPECT_FALSE(detector.look({{"feed", 0}}, 10'550 * kMs));
}

TEST(HangDetector, NeverTellsALoopThatWentOnWithinTheLastHalfSecond) {
    rc::check([](const std::vector<bool>& passes) {
        HangDetector detector = usual();
        std::uint64_t count = 0;
        std::int64_t went_on = 0;
        std::int64_t now = 0;
        (void)detector.look({{"feed", count}}, now);
        for (const bool pass : passes) {
            now += 50 * kMs;
            if (pass) {
                ++count;
                went_on = now;
            }
            RC_ASSERT(detector.look({{"feed", count}}, now).has_value() ==
                      (now - went_on >= 500 * kMs));
        }
    });
}

}  // namespace
}  // namespace fermata::test

#include "daemon/control/dead_man.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>

namespace fermata::test {
namespace {

using Word = DeadManSwitch::Word;
constexpr std::int64_t kS = 1'000'000'000;

TEST(DeadManSwitch, WarnsAtHalfOfTheTimeAndTripsAtTheEndOfItOnceEach) {
    DeadManSwitch people(Duration::seconds(60));
    EXPECT_FALSE(people.left(100 * kS));
    EXPECT_EQ(people.look(100 * kS), Word::kNothing);  // it begins here
    EXPECT_EQ(people.left(100 * kS), Duration::seconds(60));
    EXPECT_EQ(people.look(130 * kS - 1), Word::kNothing);
    EXPECT_EQ(people.look(130 * kS), Word::kWarn);
    EXPECT_EQ(people.look(131 * kS), Word::kNothing);
    EXPECT_EQ(people.look(160 * kS - 1), Word::kNothing);
    EXPECT_EQ(people.look(160 * kS), Word::kTrip);
    EXPECT_EQ(people.look(161 * kS), Word::kNothing);
    EXPECT_EQ(people.left(161 * kS), Duration::seconds(-1));
}

TEST(DeadManSwitch, BeginsAgainWithEverySignOfLifeAlsoAfterItTripped) {
    DeadManSwitch people(Duration::seconds(60));
    EXPECT_EQ(people.look(0), Word::kNothing);
    people.alive(59 * kS);
    EXPECT_EQ(people.look(60 * kS), Word::kNothing);
    EXPECT_EQ(people.look(89 * kS), Word::kWarn);
    people.alive(90 * kS);
    EXPECT_EQ(people.look(91 * kS), Word::kNothing);
    EXPECT_EQ(people.look(120 * kS), Word::kWarn);  // said again: it is another silence
    EXPECT_EQ(people.look(150 * kS), Word::kTrip);
    people.alive(200 * kS);
    EXPECT_EQ(people.look(200 * kS), Word::kNothing);
    EXPECT_EQ(people.look(260 * kS), Word::kTrip);  // looked at too late for a warning
}

TEST(DeadManSwitch, CountsWhoWasThereBeforeTheFirstLook) {
    DeadManSwitch people(Duration::seconds(60));
    people.alive(10 * kS);
    EXPECT_EQ(people.look(69 * kS), Word::kWarn);
    EXPECT_EQ(people.look(70 * kS), Word::kTrip);
}

TEST(DeadManSwitch, TripsExactlyOnceInEverySilenceThatIsLongEnough) {
    rc::check([](const std::vector<std::uint8_t>& steps) {
        DeadManSwitch people(Duration::seconds(60));
        std::int64_t now = 0, last = 0;
        bool tripped = false;
        (void)people.look(now);
        for (const std::uint8_t step : steps) {
            now += (step >> 1) * kS;
            if ((step & 1) != 0) {
                people.alive(now);
                last = now;
                tripped = false;
            }
            const bool trips = people.look(now) == Word::kTrip;
            RC_ASSERT(trips == (!tripped && now - last >= 60 * kS));
            tripped = tripped || trips;
        }
    });
}

}  // namespace
}  // namespace fermata::test

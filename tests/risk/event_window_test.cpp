#include "risk/event_window.hpp"

#include <gtest/gtest.h>

#include <random>
#include <vector>

namespace fermata {
namespace {

TEST(EventWindow, SaysWhenThereIsOneTooMany) {
    EventWindow window(3, Duration{10});
    for (const std::int64_t at : {0, 4, 9}) EXPECT_FALSE(window.note(Timestamp{at})) << at;
    EXPECT_TRUE(window.note(Timestamp{9})) << "0, 4, 9, 9";
    EXPECT_FALSE(window.note(Timestamp{14})) << "9, 9, 14: that of 4 is as old as the window";
    EXPECT_TRUE(window.note(Timestamp{14}));
    window.clear();
    for (int i = 0; i < 3; ++i) EXPECT_FALSE(window.note(Timestamp{14}));
    EXPECT_TRUE(window.note(Timestamp{14}));
}

TEST(EventWindow, NotesNothingWhenItIsOff) {
    EventWindow window;
    EXPECT_FALSE(window.on());
    for (int i = 0; i < 100; ++i) EXPECT_FALSE(window.note(Timestamp{0}));
}

TEST(EventWindow, AgreesWithCountingThemAll) {
    std::mt19937_64 random(7);
    for (const std::size_t limit : {1U, 2U, 7U, 50U}) {
        EventWindow window(limit, Duration{100});
        std::vector<std::int64_t> all;
        int too_many = 0;
        for (std::int64_t now = 0; all.size() < 10'000;) {
            now += static_cast<std::int64_t>(random() % (200 / limit + 1));
            all.push_back(now);
            std::size_t recent = 0;
            for (const std::int64_t t : all) recent += now - t < 100 ? 1 : 0;
            ASSERT_EQ(window.note(Timestamp{now}), recent > limit) << now;
            too_many += recent > limit ? 1 : 0;
        }
        EXPECT_GT(too_many, 100);
        EXPECT_LT(too_many, 9'900);
    }
}

}  // namespace
}  // namespace fermata

#include "ops/control/places.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

namespace fermata::console {
namespace {

using Since = std::chrono::steady_clock::time_point;

constexpr PlaceLimits kLimits{.all = 8, .of_one_user = 4, .silent_of_one_user = 3};
constexpr std::uint32_t kMe = 1000, kOther = 2000;

Place place(std::uint32_t uid, Role role, Use use, int since) {
    return {uid, role, use, Since(std::chrono::seconds(since))};
}

TEST(Places, AreFreeWhileThereIsRoom) {
    const std::vector<Place> places = {place(kMe, Role::kRisk, Use::kFollows, 1)};
    const Admission a = admit(places, kMe, Role::kRisk, kLimits);
    EXPECT_TRUE(a.admitted);
    EXPECT_FALSE(a.giver);
    EXPECT_EQ(a.crowd, Crowd::kNone);
}

TEST(Places, OfSilentConnectionsTheOldestGivesWayToASilentOne) {
    const std::vector<Place> places = {
        place(kMe, Role::kRisk, Use::kSilent, 5), place(kMe, Role::kRisk, Use::kSilentLong, 2),
        place(kOther, Role::kRisk, Use::kSilentLong, 1), place(kMe, Role::kRisk, Use::kSilent, 4)};
    const Admission a = admit(places, kMe, Role::kRisk, kLimits);
    EXPECT_EQ(a.giver, 1u);
    EXPECT_EQ(a.crowd, Crowd::kSilent);
}

TEST(Places, OfOneUserGoToTheNewcomerFromWhateverDoesTheLeast) {
    // Whole lists from the one that does least on: each time the first one gives way.
    const std::vector<Place> all = {
        place(kMe, Role::kRisk, Use::kSilentLong, 6), place(kMe, Role::kRisk, Use::kFollows, 3),
        place(kMe, Role::kRisk, Use::kFollows, 5),    place(kMe, Role::kRisk, Use::kRestsLong, 4),
        place(kMe, Role::kRisk, Use::kSilent, 8),     place(kMe, Role::kRisk, Use::kRests, 2),
        place(kMe, Role::kRisk, Use::kBusy, 1),       place(kMe, Role::kRisk, Use::kBusy, 7)};
    for (std::size_t n = 0; n + kLimits.of_one_user <= all.size(); ++n) {
        std::vector<Place> places(all.begin() + static_cast<std::ptrdiff_t>(n),
                                  all.begin() + static_cast<std::ptrdiff_t>(n + 4));
        std::ranges::reverse(places);
        const Admission a = admit(places, kMe, Role::kRisk, kLimits);
        EXPECT_TRUE(a.admitted);
        EXPECT_EQ(a.giver, 3u) << n;
        EXPECT_EQ(a.crowd, Crowd::kOfOneUser);
    }
}

std::vector<Place> full(std::uint32_t first, std::size_t each, Role role, Use use) {
    std::vector<Place> places;
    for (std::size_t n = 0; n < kLimits.all; ++n) {
        places.push_back(
            place(first + static_cast<std::uint32_t>(n / each), role, use, static_cast<int>(n)));
    }
    return places;
}

TEST(Places, OfLowerRolesGiveWayEvenWhenTheyAreBusy) {
    for (const std::size_t each : {1u, 4u}) {
        const auto places = full(kOther, each, Role::kViewer, Use::kBusy);
        for (const Role role : {Role::kTrader, Role::kRisk, Role::kAdmin}) {
            const Admission a = admit(places, kMe, role, kLimits);
            EXPECT_TRUE(a.admitted);
            EXPECT_EQ(a.giver, 0u);
            EXPECT_EQ(a.crowd, Crowd::kAll);
        }
    }
}

TEST(Places, OfHigherRolesNeverGiveWayToAViewer) {
    auto places = full(kOther, 4, Role::kAdmin, Use::kFollows);
    EXPECT_FALSE(admit(places, kMe, Role::kViewer, kLimits).admitted);
    places[6].role = Role::kViewer;
    places[6].uid = kMe;
    EXPECT_EQ(admit(places, kMe, Role::kViewer, kLimits).giver, 6u);  // their own
}

TEST(Places, OfHigherRolesGiveWayToWhoMayCommandWhereTheyIdle) {
    auto places = full(kOther, 4, Role::kAdmin, Use::kBusy);
    EXPECT_FALSE(admit(places, kMe, Role::kTrader, kLimits).admitted);
    places[5].use = Use::kFollows;
    EXPECT_EQ(admit(places, kMe, Role::kTrader, kLimits).giver, 5u);
    places[5].use = Use::kRests;  // in the middle of something
    EXPECT_FALSE(admit(places, kMe, Role::kTrader, kLimits).admitted);
}

TEST(Places, OfTheUserWithMostConnectionsGiveWayAmongEquals) {
    auto places = full(kOther, 4, Role::kTrader, Use::kBusy);
    places[3].uid = kOther + 7;  // now they have 3, 4 and 1
    EXPECT_EQ(admit(places, kMe, Role::kTrader, kLimits).giver, 4u);
}

TEST(Places, AreRefusedWhereEverybodyElseHasButOne) {
    const auto places = full(kOther, 1, Role::kAdmin, Use::kFollows);
    const Admission a = admit(places, kMe, Role::kAdmin, kLimits);
    EXPECT_FALSE(a.admitted);
    EXPECT_FALSE(a.giver);
}

TEST(Places, OfFollowersTheOldestOfTheSameUserGivesWayToOneMore) {
    const PlaceLimits limits{.following_of_one_user = 2};
    std::vector<Place> places = {place(kOther, Role::kViewer, Use::kFollows, 1),
                                 place(kMe, Role::kViewer, Use::kFollows, 4)};
    EXPECT_FALSE(oldest_follower(places, kMe, limits));
    places.push_back(place(kMe, Role::kViewer, Use::kFollows, 3));
    places.push_back(place(kMe, Role::kViewer, Use::kRests, 2));
    EXPECT_EQ(oldest_follower(places, kMe, limits), 2u);
}

}  // namespace
}  // namespace fermata::console

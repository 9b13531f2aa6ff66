#include "ops/control/places.hpp"

#include <algorithm>
#include <tuple>

namespace fermata::console {
namespace {

std::size_t places_of(std::span<const Place> places, std::uint32_t uid) {
    return static_cast<std::size_t>(std::ranges::count(places, uid, &Place::uid));
}

bool silent(const Place& p) { return p.use == Use::kSilent || p.use == Use::kSilentLong; }
auto since(const Place& p) { return p.since; }
bool idles(const Place& p) { return p.use < Use::kSilent; }

/// The index of the least of those that `may`, by `key`.
template <class May, class Key>
std::optional<std::size_t> least(std::span<const Place> places, May may, Key key) {
    std::optional<std::size_t> found;
    for (std::size_t n = 0; n < places.size(); ++n) {
        if (may(places[n]) && (!found || key(places[n]) < key(places[*found]))) found = n;
    }
    return found;
}

}  // namespace

std::string_view name(Crowd crowd) noexcept {
    switch (crowd) {
        case Crowd::kNone:
            return "there is room";
        case Crowd::kSilent:
            return "too many connections of this user have asked nothing";
        case Crowd::kFollowing:
            return "too many connections of this user follow events";
        case Crowd::kOfOneUser:
            return "too many connections of this user";
        case Crowd::kAll:
            return "too many connections";
    }
    return "?";
}

Admission admit(std::span<const Place> places, std::uint32_t uid, Role role,
                const PlaceLimits& limits) {
    const auto own = [&](const Place& p) { return p.uid == uid; };
    const auto own_silent = [&](const Place& p) { return own(p) && silent(p); };
    const std::size_t of_own = places_of(places, uid);
    const auto silent_ones = static_cast<std::size_t>(std::ranges::count_if(places, own_silent));
    if (silent_ones >= limits.silent_of_one_user) {
        return {true, Crowd::kSilent, least(places, own_silent, since)};
    }
    if (of_own >= limits.of_one_user) {
        return {true, Crowd::kOfOneUser,
                least(places, own, [](const Place& p) { return std::tuple(p.use, p.since); })};
    }
    if (places.size() < limits.all) return {};
    const auto may = [&](const Place& p) {
        if (own(p) || p.role < role) return true;
        if (places_of(places, p.uid) <= of_own + 1) return false;
        return p.role == role || (role >= Role::kTrader && idles(p));
    };
    const auto giver = least(places, may, [&](const Place& p) {
        return std::tuple(p.role, places.size() - places_of(places, p.uid), p.use, p.since);
    });
    return {giver.has_value(), Crowd::kAll, giver};
}

std::optional<std::size_t> oldest_follower(std::span<const Place> places, std::uint32_t uid,
                                           const PlaceLimits& limits) {
    const auto follows = [&](const Place& p) { return p.uid == uid && p.use == Use::kFollows; };
    if (static_cast<std::size_t>(std::ranges::count_if(places, follows)) <
        limits.following_of_one_user) {
        return std::nullopt;
    }
    return least(places, follows, since);
}

}  // namespace fermata::console

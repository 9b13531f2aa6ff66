#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "ops/control/request.hpp"

namespace fermata::console {

/// What a connection does: the earlier in this list, the sooner it gives way.
enum class Use : std::uint8_t {
    kSilentLong,  ///< Has asked nothing yet, for longer than a program that connects needs.
    kFollows,
    kRestsLong,  ///< Has asked something, and nothing for a while.
    kSilent,     ///< Has asked nothing yet.
    kRests,      ///< Between two requests.
    kBusy,       ///< A request, or the answer to one, is under way.
};

/// A connection among others.
struct Place {
    std::uint32_t uid = 0;
    Role role = Role::kNone;
    Use use = Use::kBusy;
    std::chrono::steady_clock::time_point since;  ///< When it began to be used so.
};

struct PlaceLimits {
    std::size_t all = 64;
    std::size_t of_one_user = 16;
    std::size_t silent_of_one_user = 8;
    std::size_t following_of_one_user = 8;
};

/// Why a connection gave way, or was refused.
enum class Crowd : std::uint8_t { kNone, kSilent, kFollowing, kOfOneUser, kAll };
[[nodiscard]] std::string_view name(Crowd crowd) noexcept;  ///< In words, for the client.

/// How a newcomer gets a place.
struct Admission {
    bool admitted = true;
    Crowd crowd = Crowd::kNone;        ///< Which limit was reached.
    std::optional<std::size_t> giver;  ///< The place that is closed for it.
};

/// A newcomer of a user who has a place already always gets one, for somebody may be about to stop
/// trading: whichever of theirs does the least closes. Where all places are taken, those with
/// lower roles give way to higher ones, then users with more connections to those with fewer; a
/// connection of a higher role only to somebody who may command, and only where it idles or
/// follows. It is refused where nobody is to give way.
[[nodiscard]] Admission admit(std::span<const Place> places, std::uint32_t uid, Role role,
                              const PlaceLimits& limits);

/// The follower that closes when one more connection of this user follows; none while there is
/// room.
[[nodiscard]] std::optional<std::size_t> oldest_follower(std::span<const Place> places,
                                                         std::uint32_t uid,
                                                         const PlaceLimits& limits);

}  // namespace fermata::console

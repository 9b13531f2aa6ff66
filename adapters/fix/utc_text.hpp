#pragma once

#include <optional>
#include <string_view>

#include "core/types/time.hpp"

namespace fermata::fix {

/// A UTCTimestamp: "20260105-14:30:00", and up to nine digits behind a point. nullopt for what is
/// none, or no time that there is.
[[nodiscard]] std::optional<Timestamp> parse_utc(std::string_view text) noexcept;

}  // namespace fermata::fix

#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/journal/format.hpp"

namespace fermata {

/// "trading", "feed", "venue.0", "shard.3"; "stream.7" for a number without a meaning.
[[nodiscard]] std::string stream_text(JournalStream stream);
/// The inverse; nothing for any other text.
[[nodiscard]] std::optional<JournalStream> stream_of(std::string_view text);

}  // namespace fermata

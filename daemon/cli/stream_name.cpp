#include "daemon/cli/stream_name.hpp"

namespace fermata {

std::string stream_text(JournalStream stream) {
    const auto number = static_cast<std::size_t>(stream);
    constexpr auto venue = static_cast<std::size_t>(JournalStream::kVenue0);
    constexpr auto shard = static_cast<std::size_t>(JournalStream::kShard0);
    if (stream == JournalStream::kTrading) return "trading";
    if (stream == JournalStream::kFeed) return "feed";
    if (number >= shard && number < shard + kJournalShardsMax) {
        return "shard." + std::to_string(number - shard);
    }
    if (number >= venue && number < venue + kJournalVenuesMax) {
        return "venue." + std::to_string(number - venue);
    }
    return "stream." + std::to_string(number);
}

std::optional<JournalStream> stream_of(std::string_view text) {
    // Every stream has one name: what is not found among them is none.
    for (std::size_t number = 1; number < kJournalStreamsMax; ++number) {
        const auto stream = static_cast<JournalStream>(number);
        if (stream_text(stream) == text) return stream;
    }
    return std::nullopt;
}

}  // namespace fermata

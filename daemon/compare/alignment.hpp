#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "daemon/compare/run_story.hpp"

namespace fermata::compare {

/// Which events of two streams are the same one. Clocks do not say: a live run stamps what arrives,
/// a replay has the times of the recording. What an event says does, in its place in the stream.
struct StreamAlignment {
    static constexpr std::uint32_t kNone = 0xffff'ffff;

    std::string instrument;
    MarketEventType kind = MarketEventType::kQuote;
    std::vector<std::uint32_t> to_second;  ///< By index in the first; kNone: only there.
    std::vector<std::uint32_t> to_first;
    std::size_t both = 0;
    /// Events that only one of the two has.
    std::vector<std::uint32_t> alone_first, alone_second;  ///< Ascending indices.
};

/// One stream is followed through the other, whichever way finds more: an event is the next one
/// there that says the same. Where that leaves events out, what follows must be found there, too.
[[nodiscard]] StreamAlignment align(const MarketStream& first, const MarketStream& second);

/// The streams of two runs that have a counterpart, and how places translate.
class MarketAlignment {
public:
    MarketAlignment(const RunStory& first, const RunStory& second);

    [[nodiscard]] std::optional<FactPlace> to_second(FactPlace place) const;
    [[nodiscard]] std::optional<FactPlace> to_first(FactPlace place) const;
    /// Of a stream of the first run; nullptr when the second has none like it.
    [[nodiscard]] const StreamAlignment* of_first(std::size_t stream) const;
    [[nodiscard]] const StreamAlignment* of_second(std::size_t stream) const;
    [[nodiscard]] const std::vector<StreamAlignment>& streams() const noexcept { return streams_; }

private:
    static constexpr std::size_t kNone = ~std::size_t{0};
    struct Pair {
        std::size_t other = kNone;      // stream of the other run
        std::size_t alignment = kNone;  // index into streams_
    };

    std::vector<StreamAlignment> streams_;
    std::vector<Pair> first_, second_;  // by stream of that run
};

}  // namespace fermata::compare

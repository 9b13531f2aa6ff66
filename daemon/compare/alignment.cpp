#include "daemon/compare/alignment.hpp"

#include <algorithm>
#include <map>

namespace fermata::compare {
namespace {

constexpr std::uint32_t kNone = StreamAlignment::kNone;
/// Of the events behind a place that is jumped to, so many have to be found there, too ...
constexpr std::size_t kFollow = 3;
/// ... each so near to the one before.
constexpr std::size_t kNear = 16;
/// So many places that say the same are looked at.
constexpr std::size_t kTried = 64;

using Key = std::pair<std::array<std::int64_t, 5>, bool>;

Key key_of(const MarketFact& f) { return {f.content, f.size_unknown}; }

/// Where each event of `part` is in `whole`, as if `part` were `whole` with events left out.
std::vector<std::uint32_t> follow(const std::vector<MarketFact>& part,
                                  const std::vector<MarketFact>& whole) {
    std::map<Key, std::vector<std::uint32_t>> places;
    for (std::size_t n = 0; n < whole.size(); ++n) {
        places[key_of(whole[n])].push_back(static_cast<std::uint32_t>(n));
    }
    const auto next_place = [&](const MarketFact& fact, std::size_t from) -> std::size_t {
        const auto at = places.find(key_of(fact));
        if (at == places.end()) return kNone;
        const auto found = std::lower_bound(at->second.begin(), at->second.end(), from);
        return found == at->second.end() ? kNone : *found;
    };
    // A jump is believed when the events behind it go on there.
    const auto goes_on = [&](std::size_t n, std::size_t place) {
        std::size_t from = place + 1;
        for (std::size_t k = 1; k <= kFollow && n + k < part.size(); ++k) {
            const std::size_t found = next_place(part[n + k], from);
            if (found == kNone || found - from > kNear) return false;
            from = found + 1;
        }
        return true;
    };
    std::vector<std::uint32_t> found(part.size(), kNone);
    std::size_t from = 0;
    for (std::size_t n = 0; n < part.size(); ++n) {
        if (from < whole.size() && part[n].same_as(whole[from])) {
            found[n] = static_cast<std::uint32_t>(from++);
            continue;
        }
        std::size_t place = next_place(part[n], from);
        for (std::size_t tried = 0; place != kNone && tried < kTried;
             ++tried, place = next_place(part[n], place + 1)) {
            if (!goes_on(n, place)) continue;
            found[n] = static_cast<std::uint32_t>(place);
            from = place + 1;
            break;
        }
    }
    return found;
}

std::vector<std::uint32_t> turned(const std::vector<std::uint32_t>& map, std::size_t size) {
    std::vector<std::uint32_t> back(size, kNone);
    for (std::size_t n = 0; n < map.size(); ++n) {
        if (map[n] != kNone) back[map[n]] = static_cast<std::uint32_t>(n);
    }
    return back;
}

std::size_t found_in(const std::vector<std::uint32_t>& map) {
    return map.size() - static_cast<std::size_t>(std::count(map.begin(), map.end(), kNone));
}

std::vector<std::uint32_t> alone_in(const std::vector<std::uint32_t>& map) {
    std::vector<std::uint32_t> alone;
    for (std::size_t n = 0; n < map.size(); ++n) {
        if (map[n] == kNone) alone.push_back(static_cast<std::uint32_t>(n));
    }
    return alone;
}

}  // namespace

StreamAlignment align(const MarketStream& first, const MarketStream& second) {
    StreamAlignment a;
    a.instrument = first.instrument;
    a.kind = first.kind;
    a.to_second = follow(first.facts, second.facts);
    a.both = found_in(a.to_second);
    if (a.both < first.facts.size()) {
        std::vector<std::uint32_t> other = follow(second.facts, first.facts);
        if (found_in(other) > a.both) {
            a.both = found_in(other);
            a.to_second = turned(other, first.facts.size());
        }
    }
    a.to_first = turned(a.to_second, second.facts.size());
    a.alone_first = alone_in(a.to_second);
    a.alone_second = alone_in(a.to_first);
    return a;
}

MarketAlignment::MarketAlignment(const RunStory& first, const RunStory& second)
    : first_(first.market.size()), second_(second.market.size()) {
    for (std::size_t s = 0; s < first.market.size(); ++s) {
        const MarketStream& stream = first.market[s];
        const auto other = second.stream_of(stream.instrument, stream.kind);
        if (!other) continue;
        first_[s] = {*other, streams_.size()};
        second_[*other] = {s, streams_.size()};
        streams_.push_back(align(stream, second.market[*other]));
    }
}

std::optional<FactPlace> MarketAlignment::to_second(FactPlace place) const {
    const Pair& pair = first_[place.stream];
    if (pair.other == kNone) return std::nullopt;
    const std::uint32_t index = streams_[pair.alignment].to_second[place.index];
    if (index == StreamAlignment::kNone) return std::nullopt;
    return FactPlace{pair.other, index};
}

std::optional<FactPlace> MarketAlignment::to_first(FactPlace place) const {
    const Pair& pair = second_[place.stream];
    if (pair.other == kNone) return std::nullopt;
    const std::uint32_t index = streams_[pair.alignment].to_first[place.index];
    if (index == StreamAlignment::kNone) return std::nullopt;
    return FactPlace{pair.other, index};
}

const StreamAlignment* MarketAlignment::of_first(std::size_t stream) const {
    const Pair& pair = first_[stream];
    return pair.other == kNone ? nullptr : &streams_[pair.alignment];
}

const StreamAlignment* MarketAlignment::of_second(std::size_t stream) const {
    const Pair& pair = second_[stream];
    return pair.other == kNone ? nullptr : &streams_[pair.alignment];
}

}  // namespace fermata::compare

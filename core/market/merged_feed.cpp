#include "core/market/merged_feed.hpp"

#include <algorithm>
#include <utility>

namespace fermata {
namespace {

/// Events that are copied together before they are handed on: 64 KiB, so that they stay in cache.
constexpr std::size_t kBatch = 1024;
/// A run of one feed that is at least this long is handed on where it lies.
constexpr std::size_t kLongRun = 128;
constexpr std::uint64_t kSignBit = std::uint64_t{1} << 63;

}  // namespace

MergedFeed::MergedFeed(std::vector<std::unique_ptr<Feed>> feeds, HasherFactory hasher)
    : last_ts_(feeds.size(), Timestamp::min()),
      last_phase_(feeds.size(), 0),
      losers_(std::max<std::size_t>(feeds.size(), 1), 0),
      hasher_(std::move(hasher)) {
    sources_.resize(feeds.size());
    for (std::size_t i = 0; i < feeds.size(); ++i) {
        FERMATA_ASSERT(feeds[i] != nullptr);
        sources_[i].feed = std::move(feeds[i]);
    }
    out_.reserve(kBatch);
    name_ = sources_.size() == 1 ? std::string(sources_[0].feed->name())
                                 : std::to_string(sources_.size()) + " feeds merged";
}

MergedFeed::Key MergedFeed::key_of(const MarketEvent& event, std::size_t source) noexcept {
    const std::uint64_t time = static_cast<std::uint64_t>(event.ts.ns) ^ kSignBit;
    return (Key{time} << 64) | (Key{static_cast<unsigned>(phase_of(event))} << 32) | source;
}

void MergedFeed::throw_stepped_back(const Source& source, const MarketEvent& before,
                                    const MarketEvent& after) const {
    throw FeedError(std::string(source.feed->name()) + ": the feed steps back: an event " +
                    std::string(fermata::name(after.type)) + " at " + std::to_string(after.ts.ns) +
                    " ns follows an event " + std::string(fermata::name(before.type)) + " at " +
                    std::to_string(before.ts.ns) + " ns; a feed must ascend in time");
}

void MergedFeed::refill(std::size_t index) {
    Source& source = sources_[index];
    source.batch = source.feed->next();
    if (source.batch.empty()) {
        source.key = kEnded;
        return;
    }
    // The whole batch is checked at once; the events come into the cache that the merge needs next.
    MarketEvent before;
    before.ts = last_ts_[index];
    int before_phase = last_phase_[index];
    const MarketEvent* previous = &before;
    for (const MarketEvent& event : source.batch) {
        const int phase = phase_of(event);
        if (event.ts < previous->ts || (event.ts == previous->ts && phase < before_phase)) {
            throw_stepped_back(source, *previous, event);
        }
        previous = &event;
        before_phase = phase;
    }
    last_ts_[index] = previous->ts;
    last_phase_[index] = before_phase;
    source.key = key_of(source.batch.front(), index);
}

std::size_t MergedFeed::play(std::size_t node) {
    if (node >= sources_.size()) return node - sources_.size();  // a leaf
    const std::size_t left = play(2 * node);
    const std::size_t right = play(2 * node + 1);
    const bool left_wins = sources_[left].key < sources_[right].key;
    losers_[node] = left_wins ? right : left;
    return left_wins ? left : right;
}

void MergedFeed::build_tree() {
    for (std::size_t i = 0; i < sources_.size(); ++i) refill(i);
    winner_ = play(1);
}

void MergedFeed::replay(std::size_t source) noexcept {
    std::size_t winner = source;
    for (std::size_t node = (source + sources_.size()) / 2; node > 0; node /= 2) {
        if (sources_[losers_[node]].key < sources_[winner].key) std::swap(losers_[node], winner);
    }
    winner_ = winner;
}

/// The smallest key of the other feeds: it lost against the winner on the winner's way up.
MergedFeed::Key MergedFeed::runner_up(std::size_t winner) const noexcept {
    Key best = kEnded;
    for (std::size_t node = (winner + sources_.size()) / 2; node > 0; node /= 2) {
        best = std::min(best, sources_[losers_[node]].key);
    }
    return best;
}

/// How many events of the feed come before `limit`, at most `most`. At least one.
std::size_t MergedFeed::run_length(std::size_t index, Key limit, std::size_t most) {
    const std::span<const MarketEvent> batch = sources_[index].batch;
    if (limit == kEnded) return std::min(most, batch.size());
    const std::size_t end = std::min(most, batch.size());
    std::size_t n = 1;
    while (n < end && key_of(batch[n], index) < limit) ++n;
    return n;
}

std::span<const MarketEvent> MergedFeed::next() {
    if (sources_.empty()) return {};
    if (!started_) {
        started_ = true;
        build_tree();
    }
    out_.clear();
    for (;;) {
        const std::size_t winner = winner_;
        Source& source = sources_[winner];
        if (source.batch.empty() && source.key != kEnded) {
            // Handed on without copying in the call before; only now may the feed reuse its memory.
            refill(winner);
            replay(winner);
            continue;
        }
        if (source.key == kEnded) return out_;
        const std::size_t most = out_.empty() ? source.batch.size() : kBatch - out_.size();
        const std::size_t run = run_length(winner, runner_up(winner), most);
        const std::span<const MarketEvent> events = source.batch.first(run);
        source.batch = source.batch.subspan(run);
        if (!source.batch.empty()) {
            source.key = key_of(source.batch.front(), winner);
            replay(winner);
        }
        if (out_.empty() && run >= kLongRun) return events;
        out_.insert(out_.end(), events.begin(), events.end());
        if (out_.size() == kBatch) return out_;
    }
}

FeedStats MergedFeed::stats() const noexcept {
    FeedStats sum;
    for (const Source& source : sources_) {
        const FeedStats stats = source.feed->stats();
        sum.records += stats.records;
        sum.events += stats.events;
        for (std::size_t i = 0; i < sum.skipped.size(); ++i) sum.skipped[i] += stats.skipped[i];
    }
    return sum;
}

std::string MergedFeed::source_hash() const {
    if (sources_.size() == 1) return sources_[0].feed->source_hash();
    std::string lines;
    for (const Source& source : sources_) {
        if (!lines.empty()) lines += hasher_ ? '\n' : ',';
        lines += source.feed->source_hash();
    }
    if (!hasher_) return lines;
    const std::unique_ptr<Hasher> hasher = hasher_();
    hasher->update(std::as_bytes(std::span(lines)));
    return hasher->finish();
}

double MergedFeed::progress() const noexcept {
    if (sources_.empty()) return 1.0;
    double sum = 0;
    for (const Source& source : sources_) sum += source.feed->progress();
    return sum / static_cast<double>(sources_.size());
}

}  // namespace fermata

#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/event/market_event.hpp"
#include "core/port/feed.hpp"
#include "core/port/hasher.hpp"

namespace fermata {

/// Several feeds as one, in ascending order of (timestamp, phase_of, position of the feed in the
/// list, order within the feed). The order depends on the events only, never on how the feeds cut
/// them into batches.
///
/// Owner:  one thread, as any Feed. Sets no `seq`.
/// Errors: FeedError when a feed steps back in (timestamp, phase); the text names the feed. What a
///         feed throws passes through.
/// Cost:   a tournament (loser) tree, so log2(feeds) comparisons a change of feed; a long run of
/// one
///         feed, and so a single feed altogether, is handed on without copying.
class MergedFeed final : public Feed {
public:
    /// `feeds` may be empty. `hasher` makes source_hash() of several feeds, see there.
    explicit MergedFeed(std::vector<std::unique_ptr<Feed>> feeds, HasherFactory hasher = {});

    [[nodiscard]] std::span<const MarketEvent> next() override;
    [[nodiscard]] std::string_view name() const noexcept override { return name_; }
    /// The sum over the feeds.
    [[nodiscard]] FeedStats stats() const noexcept override;
    /// One feed: its own. Several: the hash of their hashes, one a line, in the order of the list;
    /// without a hasher these lines themselves, joined by commas.
    [[nodiscard]] std::string source_hash() const override;
    /// The mean over the feeds.
    [[nodiscard]] double progress() const noexcept override;

private:
    /// Orders events over all feeds: time, then phase, then feed. The largest key means "ended".
    using Key = unsigned __int128;
    static constexpr Key kEnded = ~Key{0};

    struct Source {
        std::unique_ptr<Feed> feed;
        std::span<const MarketEvent> batch;  // what is left of the feed's last batch
        Key key = 0;                         // of batch.front(); kEnded at the end
    };

    [[nodiscard]] static Key key_of(const MarketEvent& event, std::size_t source) noexcept;
    [[noreturn]] void throw_stepped_back(const Source& source, const MarketEvent& before,
                                         const MarketEvent& after) const;
    void refill(std::size_t source);
    void build_tree();
    [[nodiscard]] std::size_t play(std::size_t node);
    void replay(std::size_t source) noexcept;
    [[nodiscard]] Key runner_up(std::size_t winner) const noexcept;
    [[nodiscard]] std::size_t run_length(std::size_t source, Key limit, std::size_t most);

    std::vector<Source> sources_;
    std::vector<Timestamp>
        last_ts_;  // of each feed's last batch, against steps back between batches
    std::vector<int> last_phase_;
    std::vector<std::size_t> losers_;  // loser of each inner node; node 1 is the root
    std::size_t winner_ = 0;
    bool started_ = false;
    std::vector<MarketEvent> out_;
    HasherFactory hasher_;
    std::string name_;
};

}  // namespace fermata

#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/event/market_event.hpp"
#include "core/port/feed.hpp"
#include "core/port/hasher.hpp"

namespace fermata {

/// A feed with the events of a small second one in their places between its own, but none before
/// its first event or behind its last: splits and dividends of years that the market data does not
/// reach must neither begin a run nor prolong it.
///
/// Owner:  one thread.
/// Memory: the companion's events are read whole at the first call.
/// Cost:   what lies between two of them is handed on without copying.
class CompanionFeed final : public Feed {
public:
    /// `hasher` makes source_hash() of both, as MergedFeed does.
    CompanionFeed(std::unique_ptr<Feed> main, std::unique_ptr<Feed> companion,
                  HasherFactory hasher = {});

    [[nodiscard]] std::span<const MarketEvent> next() override;
    [[nodiscard]] std::string_view name() const noexcept override { return main_->name(); }
    /// `records` and `skipped` of both; `events` are those that were delivered.
    [[nodiscard]] FeedStats stats() const noexcept override;
    [[nodiscard]] std::string source_hash() const override;
    [[nodiscard]] double progress() const noexcept override { return main_->progress(); }

private:
    void begin();

    std::unique_ptr<Feed> main_;
    std::unique_ptr<Feed> companion_;
    HasherFactory hasher_;
    std::vector<MarketEvent> events_;       // of the companion
    std::span<const MarketEvent> waiting_;  // what is left of them
    std::span<const MarketEvent> batch_;    // what is left of the main feed's batch
    bool started_ = false;
    std::uint64_t delivered_ = 0;
};

}  // namespace fermata

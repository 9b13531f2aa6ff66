#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "adapters/generator/event_source.hpp"
#include "adapters/generator/generator_config.hpp"
#include "core/port/feed.hpp"
#include "core/port/feed_ports.hpp"

namespace fermata::generator {

/// Synthetic market data as a feed: geometric Brownian motion with jumps and regimes, correlated by
/// one market factor, as bars, quotes, trades or depth; docs/data.md has the formulas. The same
/// settings give the same events on every machine, however they are cut into batches.
///
/// Random numbers: stream 0 of xoshiro256** drives the market (factor, regimes), stream 1 the
/// arrivals, stream 2 + i symbol i. So symbols at the end of the list do not change the bars of
/// those before them.
/// Owner: one thread. Memory: a few hundred bytes a symbol, and one batch.
class GeneratorFeed final : public Feed {
public:
    /// Throws FeedError when the settings are wrong, a symbol is unknown, the symbols have
    /// different calendars, or their calendar does not reach [from, to).
    GeneratorFeed(GeneratorConfig config, FeedPorts ports, std::size_t batch_events = 4096);
    ~GeneratorFeed() override;

    /// Throws FeedError when there is nothing in [from, to): no session, no arrival.
    [[nodiscard]] std::span<const MarketEvent> next() override;
    [[nodiscard]] std::string_view name() const noexcept override { return name_; }
    [[nodiscard]] FeedStats stats() const noexcept override { return stats_; }
    /// The hash of all that decides about the events: settings, symbols, ticks, lots, calendar.
    [[nodiscard]] std::string source_hash() const override;
    [[nodiscard]] double progress() const noexcept override;

private:
    [[nodiscard]] std::vector<const Instrument*> find_instruments() const;
    [[nodiscard]] const Calendar* find_calendar(
        const std::vector<const Instrument*>& instruments) const;
    void check_sizes(const Instrument& instrument) const;
    [[noreturn]] void fail(const std::string& what) const;

    GeneratorConfig config_;
    FeedPorts ports_;
    std::string name_;
    std::size_t batch_events_;
    std::unique_ptr<EventSource> source_;
    std::vector<MarketEvent> out_;
    FeedStats stats_;
    bool ended_ = false;
};

}  // namespace fermata::generator

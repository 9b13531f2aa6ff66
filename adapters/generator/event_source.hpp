#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "adapters/generator/generator_config.hpp"
#include "adapters/generator/market_model.hpp"
#include "core/event/market_event.hpp"
#include "core/types/instrument.hpp"

namespace fermata::generator {

/// Prices stay in [one tick, this], so that nothing overflows however wild the settings are.
inline constexpr std::int64_t kPriceMaxRaw = Price::from_units(100'000'000).raw();
/// Volumes and sizes stay at or below this.
inline constexpr std::int64_t kQuantityMaxRaw = Quantity::from_units(10'000'000'000).raw();
/// A geometric deviate is cut at this many means; it exceeds them once in 10^27 draws.
inline constexpr std::int64_t kMeansMax = 64;

/// One symbol of the feed.
struct Listing {
    const Instrument* instrument;
    PricePath path;

    /// The price as a multiple of `tick`, at most kPriceMaxRaw.
    [[nodiscard]] static double exact_ticks(double log_price, Price tick) noexcept;
    /// The price as the nearest whole number of ticks, at least 1.
    [[nodiscard]] static std::int64_t ticks(double log_price, Price tick) noexcept;
};

/// What a source works on.
struct World {
    GeneratorConfig config;
    bool has_calendar = false;
    Market market;
    std::vector<Listing> listings;
    Xoshiro256 arrivals;  ///< When something happens and to which symbol.
};

/// Makes the events of one kind in feed order. Owner: the thread of the feed.
class EventSource {
public:
    EventSource() = default;
    EventSource(const EventSource&) = delete;
    EventSource& operator=(const EventSource&) = delete;
    virtual ~EventSource() = default;

    /// Appends the next piece that belongs together (the bars of one interval, the events of one
    /// arrival). False when there is no more.
    [[nodiscard]] virtual bool append(std::vector<MarketEvent>& out) = 0;
    /// Bars, quotes, trades or publications so far.
    [[nodiscard]] virtual std::uint64_t records() const noexcept = 0;
    /// How far it got.
    [[nodiscard]] virtual Timestamp now() const noexcept = 0;
};

[[nodiscard]] std::unique_ptr<EventSource> make_bar_source(World world);
[[nodiscard]] std::unique_ptr<EventSource> make_quote_source(World world);
[[nodiscard]] std::unique_ptr<EventSource> make_trade_source(World world);
[[nodiscard]] std::unique_ptr<EventSource> make_depth_source(World world);

}  // namespace fermata::generator

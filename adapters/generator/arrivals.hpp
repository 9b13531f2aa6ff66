#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <utility>

#include "adapters/generator/deviates.hpp"
#include "adapters/generator/event_source.hpp"

namespace fermata::generator {

/// The Poisson processes of all symbols as one: the gaps are exponential with the sum of the rates,
/// and each arrival belongs to any symbol with equal chance. Only while sessions are open; that the
/// process begins anew at each open changes nothing, because it has no memory.
class Arrivals {
public:
    explicit Arrivals(World world)
        : world_(std::move(world)),
          mean_gap_ns_(1e9 / (world_.config.rate * static_cast<double>(world_.listings.size()))) {}

    /// Moves the market and one symbol to the next arrival. nullptr when there is none before `to`.
    [[nodiscard]] Listing* next() {
        for (;;) {
            const double gap = fraction_ + exponential(world_.arrivals) * mean_gap_ns_;
            if (gap < static_cast<double>((limit_ - now_).ns)) {
                const auto whole = static_cast<std::int64_t>(gap);
                fraction_ = gap - static_cast<double>(whole);
                now_ = now_ + Duration{whole};
                break;
            }
            if (!next_session()) return nullptr;
        }
        index_ = world_.arrivals.below(world_.listings.size());
        ++count_;
        world_.market.advance_to(now_);
        Listing& listing = world_.listings[index_];
        listing.path.advance_to(world_.market.point());
        return &listing;
    }

    [[nodiscard]] const World& world() const noexcept { return world_; }
    [[nodiscard]] Timestamp now() const noexcept { return now_; }
    /// Of the symbol that next() gave.
    [[nodiscard]] std::size_t index() const noexcept { return index_; }
    [[nodiscard]] std::uint64_t count() const noexcept { return count_; }
    /// Sessions that began.
    [[nodiscard]] std::uint64_t sessions() const noexcept { return sessions_; }

private:
    bool next_session() {
        if (!world_.market.next_session() || world_.market.begin() >= world_.config.to) {
            return false;
        }
        ++sessions_;
        now_ = world_.market.begin();
        limit_ = std::min(world_.market.close(), world_.config.to);
        fraction_ = 0;
        return true;
    }

    World world_;
    double mean_gap_ns_;
    double fraction_ = 0;  // of a nanosecond, carried so that rounding has no bias
    Timestamp now_, limit_;
    std::size_t index_ = 0;
    std::uint64_t count_ = 0;
    std::uint64_t sessions_ = 0;
};

/// Draws the inside of the market around a price.
class Inside {
public:
    struct Ticks {
        std::int64_t bid;
        std::int64_t ask;
    };

    explicit Inside(const GeneratorConfig& config)
        : spread_(config.spread),
          size_(config.size),
          spread_max_(cut(config.spread)),
          size_max_(cut(config.size)) {}

    /// The bid nearest to half a spread below the price, but at least `lowest` ticks.
    [[nodiscard]] Ticks ticks(Listing& listing, Price tick, std::int64_t lowest) const {
        const double price = Listing::exact_ticks(listing.path.log_price(), tick);
        const std::int64_t spread = std::min(spread_(listing.path.random()), spread_max_);
        const double bid = std::floor(price - 0.5 * static_cast<double>(spread) + 0.5);
        const std::int64_t best = std::max(static_cast<std::int64_t>(bid), lowest);
        return {best, best + spread};
    }
    [[nodiscard]] std::int64_t lots(Listing& listing) const {
        return std::min(size_(listing.path.random()), size_max_);
    }
    [[nodiscard]] Quantity size(Listing& listing) const {
        return Quantity::from_raw(lots(listing) * listing.instrument->lot.raw());
    }

private:
    static std::int64_t cut(double mean) noexcept {
        return static_cast<std::int64_t>(mean) * kMeansMax + 1;
    }

    Geometric spread_;
    Geometric size_;
    std::int64_t spread_max_;
    std::int64_t size_max_;
};

}  // namespace fermata::generator

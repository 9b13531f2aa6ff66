#include <algorithm>
#include <cmath>

#include "adapters/generator/deviates.hpp"
#include "adapters/generator/event_source.hpp"
#include "core/base/portable_math.hpp"

namespace fermata::generator {
namespace {

/// Bars of all symbols, interval by interval from the session's open. A bar of one day is the
/// session; the last bar of a session ends with it.
class BarSource final : public EventSource {
public:
    explicit BarSource(World world)
        : world_(std::move(world)),
          points_(static_cast<std::size_t>(world_.config.steps) + 1),
          bars_(world_.listings.size()) {}

    bool append(std::vector<MarketEvent>& out) override {
        if (!next_slot()) return false;
        walk_market();
        const StreamId stream = world_.config.stream;
        for (std::size_t i = 0; i < bars_.size(); ++i) {
            bars_[i] = make(world_.listings[i]);
            out.push_back(make_bar_open(start_, world_.listings[i].instrument->id, stream,
                                        bars_[i].open, bars_[i].volume));
        }
        for (std::size_t i = 0; i < bars_.size(); ++i) {
            out.push_back(make_bar(end_, world_.listings[i].instrument->id, stream, bars_[i]));
        }
        records_ += bars_.size();
        return true;
    }
    std::uint64_t records() const noexcept override { return records_; }
    Timestamp now() const noexcept override { return std::min(end_, world_.config.to); }

private:
    [[nodiscard]] bool daily() const noexcept {
        return world_.has_calendar && world_.config.interval == Duration::days(1);
    }

    /// Finds the next interval that begins in [from, to).
    bool next_slot() {
        Market& market = world_.market;
        if (in_session_) start_ = end_;
        while (!in_session_ || start_ >= market.close()) {
            if (!market.next_session()) return false;
            in_session_ = true;
            start_ = market.open();
            const Duration missed = market.begin() - market.open();
            if (missed.ns > 0 && daily()) start_ = market.close();
            if (missed.ns > 0 && !daily()) {
                const std::int64_t interval = world_.config.interval.ns;
                start_ = start_ + world_.config.interval * ((missed.ns + interval - 1) / interval);
            }
            if (market.begin() >= world_.config.to) return false;
        }
        if (start_ >= world_.config.to) return false;
        end_ = daily() ? market.close() : std::min(start_ + world_.config.interval, market.close());
        return true;
    }

    /// The market's way through the interval, which all symbols share.
    void walk_market() {
        const std::int64_t steps = world_.config.steps;
        const std::int64_t length = (end_ - start_).ns;
        for (std::int64_t k = 0; k <= steps; ++k) {
            const std::int64_t passed = length / steps * k + length % steps * k / steps;
            world_.market.advance_to(start_ + Duration{passed});
            points_[static_cast<std::size_t>(k)] = world_.market.point();
        }
    }

    BarData make(Listing& listing) {
        PricePath& path = listing.path;
        path.advance_to(points_.front());
        const double open = path.log_price();
        double high = open;
        double low = open;
        for (std::size_t k = 1; k < points_.size(); ++k) {
            path.advance_to(points_[k]);
            high = std::max(high, path.log_price());
            low = std::min(low, path.log_price());
        }
        const Price tick = listing.instrument->tick_at(start_);
        const auto price = [tick](double log_price) {
            return Price::from_raw(Listing::ticks(log_price, tick) * tick.raw());
        };
        return {price(open), price(high), price(low), price(path.log_price()), volume(listing)};
    }

    /// Lognormal with the mean that is asked for; in proportion to the interval's part of the day.
    Quantity volume(Listing& listing) {
        const Market& market = world_.market;
        const Duration day =
            world_.has_calendar ? market.close() - market.open() : Duration::days(1);
        const double share = static_cast<double>((end_ - start_).ns) / static_cast<double>(day.ns);
        const double s = world_.config.volume_deviation;
        const double units = world_.config.volume * share *
                             portable_exp(s * normal(listing.path.random()) - s * s / 2);
        const double raw = std::min(units * static_cast<double>(Quantity::kOne),
                                    static_cast<double>(kQuantityMaxRaw));
        const std::int64_t lot = listing.instrument->lot.raw();
        const auto lots = static_cast<std::int64_t>(raw / static_cast<double>(lot) + 0.5);
        return Quantity::from_raw(std::max<std::int64_t>(lots, 1) * lot);
    }

    World world_;
    std::vector<MarketPoint> points_;
    std::vector<BarData> bars_;
    Timestamp start_, end_;
    bool in_session_ = false;
    std::uint64_t records_ = 0;
};

}  // namespace

std::unique_ptr<EventSource> make_bar_source(World world) {
    return std::make_unique<BarSource>(std::move(world));
}

}  // namespace fermata::generator

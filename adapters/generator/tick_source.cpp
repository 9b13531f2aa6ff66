#include "adapters/generator/arrivals.hpp"
#include "adapters/generator/event_source.hpp"

namespace fermata::generator {
namespace {

/// One quote at each arrival.
class QuoteSource final : public EventSource {
public:
    explicit QuoteSource(World world) : arrivals_(std::move(world)), inside_(config()) {}

    bool append(std::vector<MarketEvent>& out) override {
        Listing* listing = arrivals_.next();
        if (listing == nullptr) return false;
        const Price tick = listing->instrument->tick_at(arrivals_.now());
        const Inside::Ticks at = inside_.ticks(*listing, tick, 1);
        QuoteData quote;
        quote.bid = Price::from_raw(at.bid * tick.raw());
        quote.bid_quantity = inside_.size(*listing);
        quote.ask = Price::from_raw(at.ask * tick.raw());
        quote.ask_quantity = inside_.size(*listing);
        out.push_back(make_quote(arrivals_.now(), listing->instrument->id, config().stream, quote));
        return true;
    }
    std::uint64_t records() const noexcept override { return arrivals_.count(); }
    Timestamp now() const noexcept override { return arrivals_.now(); }

private:
    [[nodiscard]] const GeneratorConfig& config() const { return arrivals_.world().config; }

    Arrivals arrivals_;
    Inside inside_;
};

/// One trade at each arrival, at the bid or the offer with equal chance.
class TradeSource final : public EventSource {
public:
    explicit TradeSource(World world)
        : arrivals_(std::move(world)),
          inside_(config()),
          trade_ids_(arrivals_.world().listings.size()) {}

    bool append(std::vector<MarketEvent>& out) override {
        Listing* listing = arrivals_.next();
        if (listing == nullptr) return false;
        const Price tick = listing->instrument->tick_at(arrivals_.now());
        const Inside::Ticks at = inside_.ticks(*listing, tick, 1);
        const bool buy = listing->path.random().below(2) != 0;
        TradeData trade;
        trade.price = Price::from_raw((buy ? at.ask : at.bid) * tick.raw());
        trade.quantity = inside_.size(*listing);
        trade.trade_id = ++trade_ids_[arrivals_.index()];
        trade.aggressor = buy ? 1 : 2;
        out.push_back(make_trade(arrivals_.now(), listing->instrument->id, config().stream, trade));
        return true;
    }
    std::uint64_t records() const noexcept override { return arrivals_.count(); }
    Timestamp now() const noexcept override { return arrivals_.now(); }

private:
    [[nodiscard]] const GeneratorConfig& config() const { return arrivals_.world().config; }

    Arrivals arrivals_;
    Inside inside_;
    std::vector<std::uint64_t> trade_ids_;  // the last of each symbol
};

}  // namespace

std::unique_ptr<EventSource> make_quote_source(World world) {
    return std::make_unique<QuoteSource>(std::move(world));
}
std::unique_ptr<EventSource> make_trade_source(World world) {
    return std::make_unique<TradeSource>(std::move(world));
}

}  // namespace fermata::generator

#pragma once

#include "core/event/market_event.hpp"
#include "core/sim/executor.hpp"
#include "core/sim/market_state.hpp"
#include "core/sim/quote_matcher.hpp"
#include "core/sim/resting_book.hpp"
#include "core/sim/sim_config.hpp"
#include "core/sim/supply.hpp"
#include "core/types/ids.hpp"

namespace fermata {

/// Matches orders against trades that print.
///
/// A trade at or through the price of a resting limit order (LimitFill::kThrough: only through it)
/// would have hit it: it is filled at its own price, as maker. All orders together get the size of
/// the trade, or the configured participation in it. Trades trigger stops.
///
/// Where the instrument shows no quotes, a trade is all that is known of the market: market orders
/// and limit orders that were marketable when they came take at the price of the next trade. A stop
/// is not filled by the trade that triggers it. Condition codes and the aggressor are not read.
///
/// Owner: the simulated exchange.
class TradeMatcher {
public:
    TradeMatcher(const SimConfig& config, MarketStates& markets, RestingBook& book,
                 Executor& executor, QuoteMatcher& quotes)
        : config_(config), markets_(markets), book_(book), executor_(executor), quotes_(quotes) {}

    /// Takes a trade in. True when it may concern an order.
    [[nodiscard]] bool update(const MarketEvent& e) noexcept {
        MarketState& m = markets_[e.instrument];
        m.last = e.data.trade.price;
        m.has_last = true;
        m.traded = true;
        m.fresh = true;
        return m.live != 0;
    }
    void match(const MarketEvent& e);
    /// A limit order that has just come to an instrument without quotes, or was changed there: it
    /// takes if the last trade was at its price already.
    void place_order(SimSlot slot);

private:
    [[nodiscard]] SimSlot next_match(SimSlot from, Price price, std::uint64_t newcomers,
                                     bool quoted) const;
    void match_one(SimSlot slot, Price price, Supply& supply);
    void match_print(const MarketEvent& e, std::uint64_t newcomers, bool quoted);
    void calm_unreached(InstrumentId i, Side side, Price price);

    const SimConfig& config_;
    MarketStates& markets_;
    RestingBook& book_;
    Executor& executor_;
    QuoteMatcher& quotes_;
};

}  // namespace fermata

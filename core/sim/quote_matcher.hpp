#pragma once

#include <vector>

#include "core/event/market_event.hpp"
#include "core/sim/executor.hpp"
#include "core/sim/market_state.hpp"
#include "core/sim/resting_book.hpp"
#include "core/sim/sim_config.hpp"
#include "core/sim/supply.hpp"
#include "core/types/ids.hpp"

namespace fermata {

class StateArchive;

/// Matches orders against the standing best bid and offer.
///
/// Market orders, and limit orders that the market reached already when they came (or that came
/// while no market was known), TAKE: they pay the quote, with slippage, up to the displayed size;
/// what is left takes again when the quote changes. Limit orders that came to rest are HIT: at
/// their own price, as maker, when the other side's quote comes to it (or, LimitFill::kThrough,
/// beyond). What own orders took is gone until price or size of that side change. A crossed quote
/// (bid > ask), a side without size and a closed session match nothing; a locked quote is a quote.
/// Where the instrument shows no trades, the quote triggers stops and if-touched orders: the ask
/// purchases, the bid sales.
///
/// Owner: the simulated exchange.
class QuoteMatcher {
public:
    QuoteMatcher(const SimConfig& config, MarketStates& markets, RestingBook& book,
                 Executor& executor)
        : config_(config),
          markets_(markets),
          taken_(markets.size()),
          book_(book),
          executor_(executor) {}

    /// Takes a new quote in. True when it may concern an order.
    [[nodiscard]] bool update(const MarketEvent& e) {
        MarketState& m = markets_[e.instrument];
        const QuoteData& quote = e.data.quote;
        if (m.taken) [[unlikely]] {
            forget_taken(e);
        }
        m.bid = quote.bid;
        m.ask = quote.ask;
        m.bid_size = quote.bid_quantity;
        m.ask_size = quote.ask_quantity;
        m.size_unknown = (e.flags & kFlagSizeUnknown) != 0;
        m.crossed = quote.bid > quote.ask && m.has_bid() && m.has_ask();
        m.has_quote = true;
        m.quoted = true;
        m.fresh = true;
        return m.live != 0;
    }
    /// Matches the orders of the instrument against its standing quote.
    void match(InstrumentId i);
    /// An order that has just come, or was changed, meets the standing quote.
    void match_order(SimSlot slot);
    /// The standing quote is void until the next one (session close, gap, split).
    void discard(InstrumentId i);

    /// See core/base/state_archive.hpp.
    void persist(StateArchive& a);

private:
    struct Taken {  // from the standing quote, by own orders
        Quantity bid;
        Quantity ask;
        void persist(StateArchive& a);
    };

    void forget_taken(const MarketEvent& e);
    [[nodiscard]] static bool has_opposite(const MarketState& m, Side side) noexcept {
        return side == Side::kBuy ? m.has_ask() : m.has_bid();
    }
    [[nodiscard]] static Price opposite_price(const MarketState& m, Side side) noexcept {
        return side == Side::kBuy ? m.ask : m.bid;
    }
    /// What the side opposite to `side` still offers.
    [[nodiscard]] Supply supply(InstrumentId i, Side side) const;
    void settle(InstrumentId i, Side side, const Supply& supply);
    void trigger_by_quote(InstrumentId i);
    [[nodiscard]] bool is_triggered_by_quote(SimSlot slot) const;
    void match_side(InstrumentId i, Side side);
    [[nodiscard]] SimSlot match_reached(SimSlot head, Price quote, Supply& supply);
    void match_one(SimSlot slot, Price quote, Supply& supply);
    /// From `slot` on no order is reached: those that took come to rest.
    void calm_from(SimSlot slot);

    const SimConfig& config_;
    MarketStates& markets_;
    std::vector<Taken> taken_;  // by InstrumentId
    RestingBook& book_;
    Executor& executor_;
};

}  // namespace fermata

#pragma once

#include <cstdint>

#include "core/base/assert.hpp"
#include "core/indicator/ema.hpp"
#include "core/strategy/context.hpp"
#include "core/strategy/strategy.hpp"
#include "strategies/per_instrument.hpp"
#include "strategies/signal.hpp"

namespace fermata {

/// Enters when the fast EMA of the ticks crosses above the slow one, exits when it crosses below.
/// First evaluated one tick after the slow average has its first value. fast < slow.
class EmaCrossRule {
public:
    EmaCrossRule(int fast, int slow) : fast_(fast), slow_(slow) { FERMATA_ASSERT(fast < slow); }

    Signal update(double price) noexcept {
        fast_.update(price);
        slow_.update(price);
        return slow_.ready() ? cross_.update(fast_.value(), slow_.value()) : Signal::kNone;
    }
    void reset() noexcept {
        fast_.reset();
        slow_.reset();
        cross_.reset();
    }
    void rescale(double factor) noexcept {
        fast_.rescale(factor);
        slow_.rescale(factor);
    }
    void persist(StateArchive& a) { a(fast_, slow_, cross_); }

private:
    Ema fast_, slow_;
    CrossOver cross_;
};

/// Runs EmaCrossRule on the mids of quotes, on the prices of trades, or on both as they come.
class EmaCrossTicks final : public Strategy {
public:
    enum class Source : std::uint8_t { kBoth, kQuotes, kTrades };

    EmaCrossTicks(int fast, int slow, Source source) : prototype_(fast, slow), source_(source) {}

    void on_start(StrategyContext& context) override;
    void on_quote(StrategyContext& context, InstrumentId id, const QuoteData& quote) override;
    void on_trade(StrategyContext& context, InstrumentId id, const TradeData& trade) override;
    void on_corporate_action(StrategyContext&, InstrumentId id,
                             const CorporateActionData& action) override;
    void on_gap(StrategyContext&, InstrumentId id, std::uint64_t lost) override;
    bool persist(StateArchive& a) override;

private:
    EmaCrossRule prototype_;
    Source source_;
    PerInstrument<EmaCrossRule> rules_;
};

}  // namespace fermata

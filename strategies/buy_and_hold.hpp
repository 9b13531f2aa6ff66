#pragma once

#include <cstdint>

#include "core/strategy/context.hpp"
#include "core/strategy/strategy.hpp"
#include "strategies/per_instrument.hpp"

namespace fermata {

/// Buys each instrument once, at its first price, and keeps it.
///
/// The first price is the first close, two-sided quote (at the ask) or trade. An order that came to
/// nothing (denied, rejected, canceled without a fill) is tried again at the next close: bars are
/// rare enough for that, ticks are not.
class BuyAndHold final : public Strategy {
public:
    void on_start(StrategyContext& context) override;
    void on_bar(StrategyContext& context, InstrumentId id, const BarData& bar) override;
    void on_quote(StrategyContext& context, InstrumentId id, const QuoteData& quote) override;
    void on_trade(StrategyContext& context, InstrumentId id, const TradeData& trade) override;
    void on_fill(StrategyContext&, InstrumentId id, const FillData&) override;
    bool persist(StateArchive& a) override;

private:
    enum class Stage : std::uint8_t { kWaiting, kTried, kBought };
    void buy(StrategyContext& context, InstrumentId id, Price price) noexcept;
    PerInstrument<Stage> stages_;
};

}  // namespace fermata

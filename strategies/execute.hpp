#pragma once

#include <cstdint>
#include <utility>
#include <vector>

#include "core/algo/algo_desk.hpp"
#include "core/strategy/strategy.hpp"

namespace fermata {

/// Works one order in each of its instruments by an execution algorithm, and does nothing else. The
/// sizing says how large it is.
class Execute final : public Strategy {
public:
    struct Terms {
        AlgoRequest request;            ///< Without instrument and quantity.
        Duration after{};               ///< From the first price to the beginning.
        Duration over{};                ///< From the beginning to the end; 0: until it is filled.
        double price = 0;               ///< Bound; 0: none. Rounded to the tick, not beyond it.
        std::int32_t warm_up_days = 0;  ///< VWAP: begins when so many days were watched.
    };
    explicit Execute(Terms terms) : terms_(std::move(terms)) {}

    void on_start(StrategyContext& context) override;
    void on_bar(StrategyContext& context, InstrumentId id, const BarData&) override {
        on_price(context, id);
    }
    void on_quote(StrategyContext& context, InstrumentId id, const QuoteData&) override {
        on_price(context, id);
    }
    void on_trade(StrategyContext& context, InstrumentId id, const TradeData&) override {
        on_price(context, id);
    }
    bool persist(StateArchive& a) override;

private:
    void on_price(StrategyContext& context, InstrumentId id);

    Terms terms_;
    std::vector<std::uint8_t> begun_;  // as the context's instruments
};

}  // namespace fermata

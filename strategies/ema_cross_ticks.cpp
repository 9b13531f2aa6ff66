#include "strategies/ema_cross_ticks.hpp"

#include "core/indicator/to_double.hpp"
#include "strategies/long_only.hpp"
#include "strategies/quote.hpp"

namespace fermata {

void EmaCrossTicks::on_start(StrategyContext& context) {
    rules_.start(context.instruments(), prototype_);
}

void EmaCrossTicks::on_quote(StrategyContext& context, InstrumentId id, const QuoteData& quote) {
    if (source_ == Source::kTrades || !is_two_sided(quote)) return;
    act_long_only(context, id, rules_[id].update(mid(quote)), quote.ask);
}

void EmaCrossTicks::on_trade(StrategyContext& context, InstrumentId id, const TradeData& trade) {
    if (source_ == Source::kQuotes) return;
    act_long_only(context, id, rules_[id].update(to_double(trade.price)), trade.price);
}

void EmaCrossTicks::on_corporate_action(StrategyContext&, InstrumentId id,
                                        const CorporateActionData& action) {
    rules_[id].rescale(price_factor(action));
}

void EmaCrossTicks::on_gap(StrategyContext&, InstrumentId id, std::uint64_t) { rules_[id].reset(); }

bool EmaCrossTicks::persist(StateArchive& a) {
    a(rules_);
    return true;
}

}  // namespace fermata

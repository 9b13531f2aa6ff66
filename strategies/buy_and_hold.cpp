#include "strategies/buy_and_hold.hpp"

#include "strategies/quote.hpp"

namespace fermata {

void BuyAndHold::on_start(StrategyContext& context) {
    stages_.start(context.instruments(), Stage::kWaiting);
    for (const InstrumentId id : context.instruments()) {
        if (!context.position(id).is_zero()) stages_[id] = Stage::kBought;  // before the run
    }
}

void BuyAndHold::on_bar(StrategyContext& context, InstrumentId id, const BarData& bar) {
    if (stages_[id] != Stage::kBought) buy(context, id, bar.close);
}

void BuyAndHold::on_quote(StrategyContext& context, InstrumentId id, const QuoteData& quote) {
    if (stages_[id] == Stage::kWaiting && is_two_sided(quote)) buy(context, id, quote.ask);
}

void BuyAndHold::on_trade(StrategyContext& context, InstrumentId id, const TradeData& trade) {
    if (stages_[id] == Stage::kWaiting) buy(context, id, trade.price);
}

void BuyAndHold::on_fill(StrategyContext&, InstrumentId id, const FillData&) {
    stages_[id] = Stage::kBought;
}

bool BuyAndHold::persist(StateArchive& a) {
    stages_.persist(a, static_cast<int>(Stage::kBought) + 1);
    return true;
}

void BuyAndHold::buy(StrategyContext& context, InstrumentId id, Price price) noexcept {
    if (context.open_orders(id) > 0) return;
    OrderRequest order;
    order.instrument = id;
    order.side = Side::kBuy;
    order.quantity = context.size(id, price);
    if (!order.quantity.is_positive()) return;  // not affordable yet
    context.submit(order);
    stages_[id] = Stage::kTried;
}

}  // namespace fermata

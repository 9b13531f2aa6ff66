#include "strategies/execute.hpp"

#include "core/base/state_archive.hpp"
#include "core/strategy/context.hpp"
#include "core/strategy/rounding.hpp"

namespace fermata {

void Execute::on_start(StrategyContext& context) {
    begun_.assign(context.instruments().size(), 0);
    if (terms_.request.kind != AlgoKind::kVwap) return;
    for (const InstrumentId id : context.instruments()) context.algorithms().watch_volume(id);
}

void Execute::on_price(StrategyContext& context, InstrumentId id) {
    for (std::size_t i = 0; i < begun_.size(); ++i) {
        if (context.instruments()[i] != id || begun_[i] != 0) continue;
        if (terms_.warm_up_days > 0 &&
            context.algorithms().days_watched(id) < static_cast<std::size_t>(terms_.warm_up_days)) {
            return;
        }
        AlgoRequest request = terms_.request;
        request.instrument = id;
        request.quantity = context.size(id, context.mark(id));
        if (terms_.price != 0) {
            request.price =
                price_on_tick(terms_.price, context.instrument(id).tick_at(context.now()),
                              request.side == Side::kBuy ? Rounding::kDown : Rounding::kUp);
        }
        request.begin = context.now() + terms_.after;
        if (terms_.over.ns > 0) request.end = request.begin + terms_.over;
        // Without a size yet (a volatility that is not known), it waits.
        if (context.algorithms().execute(context, request).value != 0) begun_[i] = 1;
    }
}

bool Execute::persist(StateArchive& a) {
    a(begun_);
    return true;
}

}  // namespace fermata

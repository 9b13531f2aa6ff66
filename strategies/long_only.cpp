#include "strategies/long_only.hpp"

namespace fermata {

void act_long_only(StrategyContext& context, InstrumentId id, Signal signal, Price price) noexcept {
    if (signal == Signal::kNone || context.open_orders(id) > 0) return;
    const Quantity position = context.position(id);
    OrderRequest order;
    order.instrument = id;
    if (signal == Signal::kEnter && position.is_zero()) {
        order.side = Side::kBuy;
        order.quantity = context.size(id, price);
    } else if (signal == Signal::kExit && position.is_positive()) {
        order.side = Side::kSell;
        order.quantity = position;
        // A stop may have closed the position inside the bar whose end is the signal, and the
        // report of it is on its way. Reduce-only is about the account's position: it says nothing
        // where others have a part in it.
        if (context.account().position(id) == position) order.flags = kOrderReduceOnly;
    }
    if (order.quantity.is_positive()) context.submit(order);
}

double price_factor(const CorporateActionData& action) noexcept {
    if (action.kind != CorporateActionKind::kSplit) return 1.0;
    return static_cast<double>(action.denominator) / static_cast<double>(action.numerator);
}

}  // namespace fermata

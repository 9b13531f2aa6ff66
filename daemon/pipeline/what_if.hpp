#pragma once

#include <span>
#include <vector>

#include "core/event/order_event.hpp"
#include "core/order/order_manager.hpp"
#include "risk/explanation.hpp"
#include "risk/gate.hpp"

namespace fermata {

/// What the gate says to an order that is not sent.
struct WhatIfAnswer {
    OrderEvent order;  ///< As it was asked about.
    VerdictData verdict;
    Explanation explanation;
};

/// Asks the gate of a run that stands still about orders, at the moment up to which the run has
/// come. `orders` are kNewOrder events with terms, strategy, account and venue; time and tags are
/// set here. Tags are beyond any that a strategy gives itself, so DUPLICATE sees new orders.
class WhatIf {
public:
    WhatIf(Gate& gate, OrderManager& orders) noexcept : gate_(gate), orders_(orders) {}

    /// Each for itself, as if it were the only one. Nothing changes.
    [[nodiscard]] std::vector<WhatIfAnswer> each(std::span<const OrderEvent> orders, Timestamp now);

    /// As one basket of one strategy: each with those before it in the books, as the trading stage
    /// judges a basket. The gate and the books of this run are used up by it: nothing else may be
    /// done with them.
    [[nodiscard]] std::vector<WhatIfAnswer> basket(std::span<const OrderEvent> orders,
                                                   Timestamp now);

private:
    [[nodiscard]] static OrderEvent prepared(const OrderEvent& order, Timestamp now,
                                             std::uint64_t count) noexcept;
    [[nodiscard]] WhatIfAnswer ask(const OrderEvent& order) noexcept;

    Gate& gate_;
    OrderManager& orders_;
};

}  // namespace fermata

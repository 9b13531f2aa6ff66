// Splits and dividends on open orders, and their announcement. See order_manager.hpp.

#include "core/base/assert.hpp"
#include "core/order/order_manager.hpp"

namespace fermata {
namespace {

Quantity rescaled(Quantity q, const CorporateActionData& split) noexcept {
    const __int128 raw = static_cast<__int128>(q.raw()) * split.numerator / split.denominator;
    return raw > Quantity::max().raw() ? Quantity::max()
                                       : Quantity::from_raw(static_cast<std::int64_t>(raw));
}

Price rescaled(Price price, const CorporateActionData& split) noexcept {
    const auto raw =
        divide_half_even(static_cast<__int128>(price.raw()) * split.denominator, split.numerator);
    return raw ? Price::from_raw(*raw) : price;
}

}  // namespace

void OrderManager::on_corporate_action(const MarketEvent& e, EventBuffer& out) noexcept {
    FERMATA_ASSERT(e.type == MarketEventType::kCorporateAction);
    adjust_holdings(e, out);
    if (e.data.corporate_action.kind != CorporateActionKind::kSplit) return;
    table_.for_each_open([&](Order& order) {
        if (order.instrument == e.instrument) adjust_open_order(order, e, out);
    });
}

void OrderManager::adjust_holdings(const MarketEvent& e, EventBuffer& out) noexcept {
    const CorporateActionData& action = e.data.corporate_action;
    const CurrencyId currency = instruments_[e.instrument].currency;
    const auto announce = [&](AccountId account, StrategyId strategy, Quantity own, Money amount) {
        OrderEvent p = make_order_event(OrderEventType::kPosition, e.ts, e.instrument);
        p.data.position = PositionData{};
        PositionData& d = p.data.position;
        d.position = accounts_.position(account, e.instrument);
        d.strategy_position = own;
        d.cash = accounts_.cash(account, currency);
        d.amount = amount;
        d.numerator = action.numerator;
        d.denominator = action.denominator;
        d.strategy = strategy;
        d.account = account;
        d.currency = currency;
        d.kind = action.kind;
        out.push(p);
    };
    for (std::uint16_t n = 0; n < accounts_.accounts(); ++n) {
        const AccountId account{n};
        if (accounts_.position(account, e.instrument).is_zero()) continue;
        const auto booked = accounts_.book_action(account, e.instrument, action);
        if (booked) {
            announce(account, StrategyId{0xffff}, Quantity::zero(), booked->amount);
            continue;
        }
        AlertData& d = alert(AlertCode::kNumberOverflow, e.ts, e.instrument, out);
        d.account = account;
        d.detail[0] = action.numerator;
        d.detail[1] = action.denominator;
    }
    for (std::uint16_t n = 0; n < accounts_.strategies(); ++n) {
        const StrategyId strategy{n};
        if (accounts_.strategy_position(strategy, e.instrument).is_zero()) continue;
        const Quantity own = accounts_.adjust_strategy(strategy, e.instrument, action);
        announce(accounts_.account_of(strategy), strategy, own, Money::zero());
    }
    accounts_.adjust_mark(e.instrument, action);
}

void OrderManager::adjust_open_order(Order& order, const MarketEvent& e,
                                     EventBuffer& out) noexcept {
    const CorporateActionData& split = e.data.corporate_action;
    order.price = rescaled(order.price, split);
    order.stop_price = rescaled(order.stop_price, split);
    order.quantity = rescaled(order.quantity, split);
    order.cumulative_quantity = rescaled(order.cumulative_quantity, split);
    order.pending_price = rescaled(order.pending_price, split);
    order.pending_stop_price = rescaled(order.pending_stop_price, split);
    order.pending_quantity = rescaled(order.pending_quantity, split);
    order.reserve_price = rescaled(order.reserve_price, split);
    order.pending_reserve_price = rescaled(order.pending_reserve_price, split);
    move(order, order.state, e.ts);
    answer(order, {order.state, OrderReason::kCorporateAction}, e.ts, out);
}

std::uint64_t OrderManager::state_hash() const noexcept {
    StateHash h;
    h.add(next_id_);
    for (const std::uint64_t tag : newest_tag_) h.add(tag);
    const auto add = [&h](const Order& order) {
        h.add(order.tag);
        h.add(order.id);
        h.add(order.venue_order_id);
        h.add(order.instrument);
        h.add(order.strategy);
        h.add(order.account);
        h.add(order.venue);
        h.add(static_cast<std::uint64_t>(order.reason));
        h.add(static_cast<std::uint64_t>(order.side) | static_cast<std::uint64_t>(order.type) << 8 |
              static_cast<std::uint64_t>(order.tif) << 16 |
              static_cast<std::uint64_t>(order.state) << 24 |
              static_cast<std::uint64_t>(order.acknowledged) << 32 |
              static_cast<std::uint64_t>(order.triggered) << 33 |
              static_cast<std::uint64_t>(order.cancel_pending) << 34 |
              static_cast<std::uint64_t>(order.replace_pending) << 35);
        for (const Price p :
             {order.price, order.stop_price, order.pending_price, order.pending_stop_price,
              order.reserve_price, order.pending_reserve_price}) {
            h.add(p);
        }
        h.add(order.quantity);
        h.add(order.cumulative_quantity);
        h.add(order.pending_quantity);
        h.add(order.filled_value);
        h.add(order.reserved_quantity);
        h.add(order.reserved_value);
        h.add(order.expire_time);
        h.add(order.created);
        h.add(order.updated);
        h.add(order.changes);
    };
    table_.for_each_open(add);
    h.add(table_.open_count());
    table_.for_each_terminal(add);
    h.add(table_.terminal_count());
    executions_.hash(h);
    h.add(accounts_.state_hash());
    return h.value();
}

}  // namespace fermata

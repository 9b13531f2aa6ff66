#pragma once

#include "core/strategy/context.hpp"
#include "core/strategy/strategy.hpp"
#include "strategies/per_instrument.hpp"

namespace fermata {

/// Bids a little below each close and protects what it gets with a stop.
///   flat, no order:  limit buy at close x (1 - discount), good for `patience`, then withdrawn
///   filled:          stop sell at entry x (1 - stop), for exactly the position held
class DipBuyer final : public Strategy {
public:
    DipBuyer(Ratio discount, Ratio stop, Duration patience)
        : discount_(discount), stop_(stop), patience_(patience) {}

    void on_start(StrategyContext& context) override {
        states_.start(context.instruments(), State{});  // the only place that allocates
    }

    void on_bar(StrategyContext& context, InstrumentId id, const BarData& bar) override {
        if (!context.position(id).is_zero() || context.open_orders(id) > 0) return;
        OrderRequest order;
        order.instrument = id;
        order.side = Side::kBuy;
        order.type = OrderType::kLimit;
        order.price = below(context, id, bar.close, discount_);
        order.quantity = context.size(id, order.price);
        if (!order.quantity.is_positive()) return;
        states_[id].entry = context.submit(order);
        context.set_timer(id.value, context.now() + patience_);
    }

    void on_timer(StrategyContext& context, std::uint64_t timer_id) override {
        // It may be the timer of an earlier, finished entry: then there is no entry, or a younger
        // one that loses a little patience.
        const State& state = states_[InstrumentId{static_cast<std::uint32_t>(timer_id)}];
        if (state.entry != OrderTag{}) context.cancel(state.entry);
    }

    void on_fill(StrategyContext& context, InstrumentId id, const FillData& fill) override {
        if (fill.side == Side::kSell) return;
        State& state = states_[id];
        const Price trigger = below(context, id, fill.price, stop_);
        if (state.protection != OrderTag{}) {  // a further part of the entry: protect all of it
            context.replace(state.protection,
                            {.quantity = context.position(id), .price = {}, .stop_price = trigger});
            return;
        }
        OrderRequest order;
        order.instrument = id;
        order.side = Side::kSell;
        order.type = OrderType::kStop;
        order.stop_price = trigger;
        order.quantity = context.position(id);
        state.protection = context.submit(order);
    }

    void on_order(StrategyContext& context, InstrumentId id,
                  const OrderUpdateData& update) override {
        if (!is_terminal(update.state)) return;
        State& state = states_[id];
        if (update.tag == state.entry) state.entry = {};
        if (update.tag != state.protection) return;
        state.protection = {};
        if (update.state == OrderState::kFilled || !context.position(id).is_positive()) return;
        // The stop was denied, rejected or canceled: never hold without protection.
        OrderRequest order;
        order.instrument = id;
        order.side = Side::kSell;
        order.quantity = context.position(id);
        context.submit(order);
    }

    bool persist(StateArchive& a) override {  // for snapshots: what changes, in any order
        a(states_);
        return true;
    }

private:
    struct State {
        OrderTag entry;       ///< Live limit order, or none.
        OrderTag protection;  ///< Live stop order, or none.
        void persist(StateArchive& a) { a.all<State>(entry, protection); }
    };

    /// price x (1 - fraction), down to the tick in force: an order off the tick is denied.
    static Price below(const StrategyContext& context, InstrumentId id, Price price,
                       Ratio fraction) noexcept {
        const auto scaled = scale(price, Ratio::from_units(1) - fraction);
        if (!scaled) return price;
        const std::int64_t tick = context.instrument(id).tick_at(context.now()).raw();
        return Price::from_raw(scaled->raw() - scaled->raw() % tick);
    }

    Ratio discount_, stop_;
    Duration patience_;
    PerInstrument<State> states_;
};

}  // namespace fermata

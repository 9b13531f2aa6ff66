#pragma once

#include <cstdint>
#include <utility>
#include <vector>

#include "core/algo/algo_desk.hpp"
#include "core/strategy/strategy.hpp"

namespace fermata {

/// Works one order in each of its instruments by an execution algorithm, and does nothing else. The
/// sizing says how large it is.
///
/// It asks when there is a price and a size, not while the session is closed or trading halted.
/// When the gate refused the parent it asks again at the first price after a pause, of a second and
/// twice as long each time up to a minute: what ends by itself (RECOVERING, STALE) or is released
/// (STATE) holds it up for no longer than that. The beginning stays what the first price made it,
/// but where that is past already.
class Execute final : public Strategy {
public:
    struct Terms {
        AlgoRequest request;            ///< Without instrument and quantity.
        Duration after{};               ///< From the first price (warm) to the beginning.
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
    void on_session(StrategyContext& context, InstrumentId id, bool open) override;
    void on_halt(StrategyContext& context, InstrumentId id, bool halted) override;
    void on_order(StrategyContext& context, InstrumentId id,
                  const OrderUpdateData& update) override;
    bool persist(StateArchive& a) override;

private:
    static constexpr Duration kPauseMin = Duration::seconds(1);
    static constexpr Duration kPauseMax = Duration::minutes(1);
    struct Order {
        OrderTag parent;          // zero: none that was not refused
        Timestamp begin;          // once there was a price
        Timestamp not_before{0};  // a refused parent is not asked for again before
        Duration pause{};         // after the newest refusal
        bool priced = false;
        bool closed = false;  // its session
        bool halted = false;  // trading in it
        void persist(StateArchive& a);
    };
    Order* find(StrategyContext& context, InstrumentId id) noexcept;
    void on_price(StrategyContext& context, InstrumentId id);
    void ask(StrategyContext& context, InstrumentId id, Order& order);

    Terms terms_;
    std::vector<Order> orders_;  // as the context's instruments
};

}  // namespace fermata

#pragma once

/// What re-enacted incidents begin with: a whole trading stage, and the venue's words about the
/// orders of strategy 0.

#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <utility>

#include "risk/controls.hpp"
#include "tests/support/trading_world.hpp"

namespace fermata::test {

inline constexpr AccountId kAccount{0};
inline constexpr StrategyId kStrategy{0};
inline constexpr CurrencyId kUsd{0};
inline constexpr InstrumentId kAaa{0};

inline RiskConfig house() { return RiskConfig(RiskProfile::kHouse); }

class Incident : public ::testing::Test {
protected:
    explicit Incident(RiskConfig risk = RiskConfig(RiskProfile::kUnlimited))
        : w_(std::move(risk)) {}

    /// A live order of strategy 0 in AAA on venue 0.
    OrderTag live(Side side, std::int64_t quantity, std::int64_t at_cents) {
        const OrderTag tag = pending(side, quantity, at_cents);
        w_.tell(report(tag, ExecType::kNew, ++execs_));
        return tag;
    }
    /// The same, not acknowledged yet.
    OrderTag pending(Side side, std::int64_t quantity, std::int64_t at_cents) {
        w_.tick();
        const OrderTag tag = w_.submit(w_.limit(0, 0, side, quantity, at_cents));
        w_.settle();
        return tag;
    }
    OrderEvent report(OrderTag tag, ExecType type, std::uint64_t exec) {
        const Order& order = w_.order(tag);
        OrderEvent e = make_order_event(OrderEventType::kExecution, w_.tick(), order.instrument);
        ExecutionData d;
        d.order_id = order.id;
        d.exec_id = ExecId{exec};
        d.exec_type = type;
        d.venue = order.venue;
        e.data.execution = d;
        e.source = order.venue.value;
        return e;
    }
    OrderEvent trade(OrderTag tag, std::int64_t quantity, std::int64_t at_cents,
                     std::uint64_t exec) {
        OrderEvent e = report(tag, ExecType::kTrade, exec);
        e.data.execution.last_quantity = units(quantity);
        e.data.execution.last_price = cents(at_cents);
        return e;
    }
    /// The controls that refused the newest request.
    std::uint64_t refused_by() const {
        const auto verdicts = w_.on_record(OrderEventType::kVerdict);
        return verdicts.empty() ? 0 : verdicts.back().data.verdict.failed;
    }
    std::size_t sent() {
        std::size_t count = 0;
        for (std::uint16_t v = 0; v < TradingWorld::kVenues; ++v) count += w_.sent(v).size();
        return count;
    }
    Quantity position() const { return w_.accounts.position(kAccount, kAaa); }
    Money paid() const { return TradingWorld::opening_cash() - w_.accounts.cash(kAccount, kUsd); }
    const Exposure& reserved() const { return w_.orders.exposures().at(kAccount, kAaa); }
    OrderState state(OrderTag tag) const { return w_.order(tag).state; }

    TradingWorld w_;
    std::uint64_t execs_ = 1'000;
};

class HouseIncident : public Incident {
protected:
    HouseIncident() : Incident(house()) {}
    void submit(OrderEvent e) {
        w_.tick();
        e.ts = w_.now;
        w_.submit(e);
        w_.settle();
    }
};

}  // namespace fermata::test

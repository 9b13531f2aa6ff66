#pragma once

#include <cstdint>
#include <span>

#include "core/event/market_event.hpp"
#include "core/event/order_event.hpp"
#include "core/types/ids.hpp"

namespace fermata {

class StateArchive;
class StrategyContext;

/// A trading strategy: a deterministic function of the events that it is handed.
///
/// Owner:      the shard stage that hosts it; all calls come from one thread, one at a time.
/// Time:       `context.now()` is the timestamp of the event in hand; a strategy reads no clock.
/// Randomness: only from a generator that is seeded by a parameter.
/// Memory:     allocate in the constructor or `on_start`; the other calls are on the hot path.
///
/// The context is valid during the call only. Everything has an empty default: override what is
/// needed.
class Strategy {
public:
    Strategy() = default;
    Strategy(const Strategy&) = delete;
    Strategy& operator=(const Strategy&) = delete;
    virtual ~Strategy() = default;

    /// Once, before the first event.
    virtual void on_start(StrategyContext&) {}
    /// A bar of a subscribed instrument is complete; `now()` is its end.
    virtual void on_bar(StrategyContext&, InstrumentId, const BarData&) {}
    virtual void on_quote(StrategyContext&, InstrumentId, const QuoteData&) {}
    virtual void on_trade(StrategyContext&, InstrumentId, const TradeData&) {}
    virtual void on_depth(StrategyContext&, InstrumentId, const DepthData&) {}
    /// A split or dividend; the context's positions and cash are updated by a later event.
    virtual void on_corporate_action(StrategyContext&, InstrumentId, const CorporateActionData&) {}
    /// The trading session of an instrument opened or closed.
    virtual void on_session(StrategyContext&, InstrumentId, bool /*open*/) {}
    /// The venue halted trading in an instrument, or resumed it; the session goes on. Quotes and
    /// trades may come during a halt and do not end it; new orders are refused until it ends.
    virtual void on_halt(StrategyContext&, InstrumentId, bool /*halted*/) {}
    /// Market events were lost; the next one is a fresh start.
    virtual void on_gap(StrategyContext&, InstrumentId, std::uint64_t /*lost*/) {}
    /// A timer that this strategy set is due.
    virtual void on_timer(StrategyContext&, std::uint64_t /*timer_id*/) {}
    /// One of this strategy's orders was filled; positions and cash already include it.
    virtual void on_fill(StrategyContext&, InstrumentId, const FillData&) {}
    /// One of this strategy's orders changed its state.
    virtual void on_order(StrategyContext&, InstrumentId, const OrderUpdateData&) {}
    /// What the gate would say to an order that this strategy asked about
    /// (StrategyContext::preview); `verdict.tag` names the question. The order was not sent.
    virtual void on_preview(StrategyContext&, InstrumentId, const VerdictData& /*verdict*/) {}
    /// Once, after the last event. Orders sent here are refused.
    virtual void on_stop(StrategyContext&) {}

    /// Lists every member that changes after construction, and returns true: for snapshots, see
    /// core/base/state_archive.hpp. The same list is used to write and to read; what is read goes
    /// into a strategy that was built from the same parameters and whose `on_start` was called
    /// (what it sends then is ignored). A strategy that says false, as here, takes part in runs
    /// without snapshots: their recovery runs everything again from the start.
    [[nodiscard]] virtual bool persist(StateArchive&) { return false; }
};

}  // namespace fermata

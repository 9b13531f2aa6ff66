#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "core/event/market_event.hpp"
#include "core/event/order_event.hpp"
#include "core/market/stream.hpp"
#include "core/order/event_buffer.hpp"
#include "core/sim/bar_matcher.hpp"
#include "core/sim/broker.hpp"
#include "core/sim/delay_queue.hpp"
#include "core/sim/executor.hpp"
#include "core/sim/followers.hpp"
#include "core/sim/market_state.hpp"
#include "core/sim/quote_matcher.hpp"
#include "core/sim/reporter.hpp"
#include "core/sim/resting_book.hpp"
#include "core/sim/sim_config.hpp"
#include "core/sim/trade_matcher.hpp"
#include "core/types/instrument.hpp"

namespace fermata {

class StateArchive;

/// A venue and its broker, simulated on recorded or live market data. How orders are filled is
/// drawn, case by case, in docs/fill-model.md.
///
/// Order of events. A market event must be shown to the exchange BEFORE the strategies see it. So
/// an order that answers an event meets only what comes later, never the event itself: an order
/// sent on the end of a bar meets the next bar's open.
///
/// Time. The exchange reads no clock. A request arrives at its timestamp + latency_in, a report
/// leaves at its cause + latency_out; without latency both happen inside the call. What is under
/// way waits inside and is performed by `advance`, in the order of (time, insertion). `on_market`
/// first performs what is due before its event, so nothing overtakes the market even if the caller
/// forgot.
///
/// Order types, times in force and flags: all of them, less what SimConfig::supports leaves out.
/// Docs: docs/orders.md.
///
/// Reports are kExecution events with the venue as `source`. An order that is refused by the broker
/// at its fill is Rejected if nothing was filled yet, else Canceled, with the reason. Own orders
/// never trade with each other; each meets the market only.
///
/// Owner:  one thread: the trading loop, or the loop of `fermata venue`.
/// Memory: fixed at construction; more than `orders_max` live orders are rejected as kUnsupported.
/// Cost:   a quote or trade of an instrument without orders is a handful of stores and one test.
class SimulatedExchange {
public:
    /// `config` must pass check(). Instruments and streams must outlive the exchange.
    SimulatedExchange(const SimConfig& config, const InstrumentTable& instruments,
                      const StreamTable& streams, std::span<const SimAccount> accounts,
                      std::size_t orders_max);
    SimulatedExchange(const SimulatedExchange&) = delete;
    SimulatedExchange& operator=(const SimulatedExchange&) = delete;

    void on_market(const MarketEvent& e, EventBuffer& out) {
        if (queue_.next_due() < e.ts) [[unlikely]] {
            advance(e.ts - Duration::nanoseconds(1), out);
        }
        if (e.ts > now_) now_ = e.ts;
        feed_position_ = e.seq;
        if (e.instrument.value >= markets_.size()) [[unlikely]] {
            return;
        }
        if (e.type == MarketEventType::kQuote) {
            if (quotes_.update(e)) match(e, out);
        } else if (e.type == MarketEventType::kTrade) {
            if (trades_.update(e)) match(e, out);
        } else {
            match(e, out);
        }
    }

    /// `send` is kSendNew, kSendCancel or kSendReplace; its timestamp says when it was sent.
    void on_order(const OrderEvent& send, EventBuffer& out);

    /// When the next request or report arrives or the next GTD order expires; Timestamp::never()
    /// when nothing is pending.
    [[nodiscard]] Timestamp next_due() const noexcept { return queue_.next_due(); }

    /// Performs what is due at or before `now`. If `out` fills up it stops early, and next_due()
    /// is still <= now: call again with an emptied buffer.
    void advance(Timestamp now, EventBuffer& out);

    /// Trading in an instrument halts, or goes on with the next price, as a kSession event says it
    /// too. In a halt nothing is matched, triggered or moved; new orders and new terms are refused
    /// (kMarketClosed); cancels, expiries and the end of the day go on as ever.
    void halt(InstrumentId i, bool halted);
    [[nodiscard]] bool halted(InstrumentId i) const noexcept { return markets_[i].halted; }

    /// Room that `out` must have before a call.
    [[nodiscard]] std::size_t events_max() const noexcept { return events_max_; }
    /// Cash and positions as the venue's broker keeps them.
    [[nodiscard]] const SimBroker& broker() const noexcept { return broker_; }
    /// Over the broker's books, the live orders and the numbers given so far, in a fixed order.
    [[nodiscard]] std::uint64_t state_hash() const noexcept;
    [[nodiscard]] std::size_t live_orders() const noexcept { return book_.size(); }

    // For tests and exercises: the venue takes back one of its newest fills (FillTape), or says
    // what it really was. Cash and position of the broker change with it, and the order's filled
    // quantity; a live order has as much more to do, one that is over stays over. False when the
    // fill is not known, or a number would not fit.
    bool bust(ExecId fill, EventBuffer& out);
    bool correct(ExecId fill, Price price, Quantity quantity, EventBuffer& out);

    /// See core/base/state_archive.hpp.
    void persist(StateArchive& a);

private:
    struct TradingDay {  // of an instrument without a calendar, while orders wait
        Timestamp last_event = Timestamp::min();
        std::int64_t day = 0;  // days since 1970, UTC
        Price last;            // of the last event that had a price
        bool has_last = false;
        void persist(StateArchive& a);
    };

    void match(const MarketEvent& e, EventBuffer& out);
    void dispatch(const MarketEvent& e);
    void match_quote(const MarketEvent& e);
    void match_trade(const MarketEvent& e);
    void match_bar(const MarketEvent& e);
    void on_session(const MarketEvent& e);
    void on_corporate_action(const MarketEvent& e);
    void expire_days(const MarketEvent& e);
    void expire_day_orders(InstrumentId i, Timestamp arrived_before);
    // ATO and ATC orders, see sim_auctions.cpp.
    void arm_opening(InstrumentId i);
    void release_opening(const MarketEvent& e);
    void release(SimSlot slot);
    void close_auction(InstrumentId i, Timestamp arrived_before);
    void close_auction_at(InstrumentId i, Timestamp arrived_before, std::optional<Price> price);
    void collect_auction(InstrumentId i, TimeInForce tif);
    void perform_next(EventBuffer& out);
    void arrive(const OrderEvent& request);
    void accept(const OrderEvent& request);
    [[nodiscard]] OrderReason refusal(const OrderEvent& request) const;
    [[nodiscard]] bool comes_taking(const SimOrder& order) const;
    [[nodiscard]] bool would_take(const SimOrder& order) const;
    [[nodiscard]] OrderReason change_refusal(const SimOrder& order,
                                             const ChangeOrderData& wanted) const;
    bool correct_fill(ExecId fill, const CorrectionData& terms, EventBuffer& out);
    void cancel(const OrderEvent& request);
    void replace(const OrderEvent& request);
    void refuse_change(const OrderEvent& request, ExecType type, OrderReason reason);
    void meet_market(SimSlot slot);
    /// Fills scratch_ with the live orders of an instrument, queue by queue.
    void collect(InstrumentId i);

    const SimConfig config_;
    const InstrumentTable& instruments_;
    MarketStates markets_;
    RestingBook book_;
    DelayQueue queue_;
    SimBroker broker_;
    Reporter reporter_;
    Executor executor_;
    Followers followers_;
    QuoteMatcher quotes_;
    TradeMatcher trades_;
    BarMatcher bars_;
    std::vector<TradingDay> days_;  // by InstrumentId
    std::vector<SimSlot> scratch_;  // room for every live order
    std::size_t events_max_;
    Timestamp now_ = Timestamp::min();
    std::uint64_t feed_position_ = 0;
    ClientOrderId newest_;  // the highest client id that ever arrived
};

}  // namespace fermata

#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "core/base/state_archive.hpp"
#include "core/event/market_event.hpp"
#include "core/event/order_event.hpp"
#include "core/loop/backpressure.hpp"
#include "core/loop/lane.hpp"
#include "core/loop/stage.hpp"
#include "core/order/event_buffer.hpp"
#include "core/sim/simulated_exchange.hpp"

namespace fermata {

/// Puts a simulated exchange on lanes: market data and orders in, execution reports out.
///
/// Owner:  the loop that polls it.
/// Inputs: market data first, then orders: an order never meets the event that caused it.
class VenueStage {
public:
    struct Lanes {
        Lane<MarketEvent>* market;
        Lane<OrderEvent>* orders;
        Lane<OrderEvent>* reports;
        /// Which orders were consumed, and when; null where that follows from the schedule.
        Lane<OrderEvent>* journal = nullptr;
        Backpressure* backpressure = nullptr;  ///< For full output lanes; null on a single thread.
        /// With a journal: record the feed position after so many market events; 0: never.
        std::uint32_t progress_every = 0;
        /// By StreamId, beyond its end false: quotes and trades of another venue, which orders here
        /// do not meet.
        std::vector<bool> foreign = {};
    };

    VenueStage(SimulatedExchange& exchange, Lanes lanes)
        : exchange_(exchange), lanes_(lanes), out_(exchange.events_max()) {}

    Polled poll(std::size_t budget) {
        std::size_t consumed = 0;
        const std::uint64_t sent = sent_;
        for (std::size_t n = 0; n < budget && step_market(); ++n) ++consumed;
        for (std::size_t n = 0; n < budget && step_order(); ++n) ++consumed;
        return {consumed, sent_ - sent};
    }

    // One event of one lane, for whoever follows an order of consumption that is on record. False
    // when the lane is empty.
    bool step_market() {
        const MarketEvent* e = lanes_.market->front();
        if (e == nullptr) return false;
        // Under the lockstep scheduler nothing is ever due here.
        if (exchange_.next_due() < e->ts) [[unlikely]]
            advance(e->ts - Duration::nanoseconds(1));
        feed_position_ = e->seq;
        if (lanes_.progress_every != 0 && ++since_record_ >= lanes_.progress_every) {
            now_ = std::max(now_, e->ts);
            record_consumed(make_cause(CauseKind::kMarket, e->seq), InstrumentId{0});
        }
        if (!is_foreign(*e)) exchange_.on_market(*e, out_);
        lanes_.market->pop();
        if (!out_.empty()) send();
        return true;
    }
    bool step_order() {
        if (!lanes_.orders->take(order_)) return false;
        trading_position_ = order_.seq;
        if (lanes_.journal != nullptr) {
            now_ = std::max(now_, order_.ts);
            record_consumed(make_cause(CauseKind::kTrading, order_.seq), order_.instrument);
        }
        exchange_.on_order(order_, out_);
        send();
        return true;
    }

    /// `advance`, and puts on record that it was done.
    void step_advance(Timestamp now) {
        if (lanes_.journal != nullptr) {
            now_ = std::max(now_, now);
            record_consumed(make_cause(CauseKind::kTimer, static_cast<std::uint64_t>(now.ns)),
                            InstrumentId{0});
        }
        advance(now);
    }

    /// The earliest delayed order or report inside.
    [[nodiscard]] Timestamp due() const noexcept { return exchange_.next_due(); }
    /// Performs what is due at `now`.
    void advance(Timestamp now) {
        do {  // the exchange stops early when its buffer is full
            exchange_.advance(now, out_);
            send();
        } while (exchange_.next_due() <= now);
    }

    /// The report lane was full and a report could not be sent: the owner must halt trading.
    [[nodiscard]] bool overflowed() const noexcept { return overflowed_; }

    /// The last market event and the last event of the trading stream that it consumed.
    [[nodiscard]] std::uint64_t feed_position() const noexcept { return feed_position_; }
    [[nodiscard]] std::uint64_t trading_position() const noexcept { return trading_position_; }
    /// Reports sent so far.
    [[nodiscard]] std::uint64_t sent() const noexcept { return sent_; }
    /// The stage's stream goes on behind this position, as after a crash that lost what the last
    /// records there had consumed.
    void continue_journal(std::uint64_t position) noexcept { journaled_ = position; }
    /// Puts the end mark with the broker's state hash into the venue's stream, if it has one.
    void record_mark() {
        if (lanes_.journal == nullptr) return;
        OrderEvent mark = make_order_event(OrderEventType::kMark, now_, InstrumentId{0});
        mark.cause = make_cause(CauseKind::kTrading, trading_position_);
        mark.data.mark = MarkData{};
        mark.data.mark.market_events = feed_position_;
        mark.data.mark.state_hash = exchange_.state_hash();
        to_journal(mark);
    }

    /// See core/base/state_archive.hpp; with the exchange.
    void persist(StateArchive& a) {
        static_assert(sizeof(VenueStage) == 320, "persist must deal with every member");
        a.require(!overflowed_, "something did not fit a lane, and is lost");
        a(exchange_, sent_, journaled_, feed_position_, trading_position_, since_record_, now_);
    }

private:
    [[nodiscard]] bool is_foreign(const MarketEvent& e) const {
        return e.stream.value < lanes_.foreign.size() && lanes_.foreign[e.stream.value];
    }
    void record_consumed(std::uint64_t cause, InstrumentId instrument) noexcept {
        OrderEvent consumed = make_order_event(OrderEventType::kConsumed, now_, instrument);
        consumed.cause = cause;
        consumed.flags = kFlagInput;
        to_journal(consumed);
    }
    void to_journal(OrderEvent& e) noexcept {
        since_record_ = 0;
        e.seq = ++journaled_;
        e.feed_position = feed_position_;
        if (!push_or_wait(*lanes_.journal, e, lanes_.backpressure)) overflowed_ = true;
    }
    void send() {
        for (OrderEvent& e : out_.span()) {
            e.seq = ++sent_;
            if (!push_or_wait(*lanes_.reports, e, lanes_.backpressure)) overflowed_ = true;
        }
        out_.clear();
    }

    SimulatedExchange& exchange_;
    Lanes lanes_;
    EventBuffer out_;
    OrderEvent order_;  // in hand; a local would be cleared at every poll
    std::uint64_t sent_ = 0;
    std::uint64_t journaled_ = 0;
    std::uint64_t feed_position_ = 0;
    std::uint64_t trading_position_ = 0;
    std::uint32_t since_record_ = 0;  // market events
    Timestamp now_ = Timestamp::min();
    bool overflowed_ = false;
};

}  // namespace fermata

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
#include "core/order/closing_tag.hpp"
#include "core/port/latch.hpp"
#include "core/port/order_link.hpp"

namespace fermata {

/// Puts an external venue on lanes: orders in, execution reports out, as VenueStage does for a
/// simulated one.
///
/// Owner:  the loop that polls it.
/// Inputs: market data (for its time and the feed position alone), then reports of the link, then
///         orders: what the venue already said goes first.
/// Latch:  its word is read before every order and every new terms. What belongs to a HALTED firm,
///         account, strategy, instrument or venue is refused here and never sent. A cancel always
///         passes, and so does what closes a position where the latch says flatten. REDUCING is the
///         gate's to judge, which knows the positions.
/// Answer: every request is answered, by the venue or here: kRejected, kReplaceRejected or
///         kCancelRejected with kGate (the latch) or with what the link said. Such a cancel leaves
///         its order open and its exposure reserved.
/// Journal: in the venue's stream, which orders were consumed and when. Its reports are on record
///         in the trading stream; a re-run takes them from there, for the venue cannot be re-run.
/// Restart: without a link, requests are consumed and go nowhere. That is how a re-run and a
///         recovery follow them; `use` names the link from then on, and the last request that an
///         earlier process may have sent: what is left of those is never sent again, and its order
///         stays unanswered until the venue is asked.
class LinkStage {
public:
    struct Lanes {
        Lane<MarketEvent>* market = nullptr;  ///< May be null.
        Lane<OrderEvent>* orders = nullptr;
        Lane<OrderEvent>* reports = nullptr;
        Lane<OrderEvent>* journal = nullptr;   ///< May be null.
        Backpressure* backpressure = nullptr;  ///< For full output lanes; null on a single thread.
        /// With a journal: record the feed position after so many market events; 0: never.
        std::uint32_t progress_every = 0;
    };

    /// Without a link.
    LinkStage(VenueId venue, Lanes lanes) : lanes_(lanes), venue_(venue) {}

    /// Requests behind position `after` of the trading stream are sent over `link` from now on.
    /// `latch` is this loop's own reader of the latch; null: nothing is ever latched. Both outlive
    /// the stage.
    void use(OrderLink& link, Latch* latch, std::uint64_t after = 0) noexcept {
        link_ = &link;
        latch_ = latch;
        send_after_ = after;
    }

    Polled poll(std::size_t budget) {
        std::size_t consumed = 0;
        const std::uint64_t sent = sent_;
        for (std::size_t n = 0; n < budget && step_market(); ++n) ++consumed;
        for (std::size_t n = 0; n < budget && step_report(); ++n) ++consumed;
        for (std::size_t n = 0; n < budget && step_order(); ++n) ++consumed;
        return {consumed, sent_ - sent};
    }

    bool step_market() {
        const MarketEvent* e = lanes_.market == nullptr ? nullptr : lanes_.market->front();
        if (e == nullptr) return false;
        now_ = std::max(now_, e->ts);
        feed_position_ = e->seq;
        if (lanes_.progress_every != 0 && ++since_record_ >= lanes_.progress_every) {
            record_consumed(make_cause(CauseKind::kMarket, e->seq), InstrumentId{0});
        }
        lanes_.market->pop();
        return true;
    }
    bool step_report() {
        if (link_ == nullptr || !link_->poll(in_hand_)) return false;
        give(in_hand_);
        return true;
    }
    bool step_order() {
        if (!lanes_.orders->take(in_hand_)) return false;
        trading_position_ = in_hand_.seq;
        now_ = std::max(now_, in_hand_.ts);
        record_consumed(make_cause(CauseKind::kTrading, in_hand_.seq), in_hand_.instrument);
        if (link_ == nullptr || in_hand_.seq <= send_after_) [[unlikely]]
            return true;
        const bool cancel = in_hand_.type == OrderEventType::kSendCancel;
        const OrderReason refusal =
            !cancel && halted(in_hand_) ? OrderReason::kGate : link_->send(in_hand_);
        if (refusal != OrderReason::kNone) [[unlikely]]
            refuse(refusal);
        return true;
    }

    /// The report lane was full and a report could not be sent: the owner must halt trading.
    [[nodiscard]] bool overflowed() const noexcept { return overflowed_; }
    [[nodiscard]] std::uint64_t feed_position() const noexcept { return feed_position_; }
    [[nodiscard]] std::uint64_t trading_position() const noexcept { return trading_position_; }
    /// Reports sent so far.
    [[nodiscard]] std::uint64_t sent() const noexcept { return sent_; }
    /// The stage's stream goes on behind this position.
    void continue_journal(std::uint64_t position) noexcept { journaled_ = position; }
    /// Puts the end mark into the venue's stream, if it has one. There is no state to hash: the
    /// venue's is its own.
    void record_mark() noexcept {
        OrderEvent mark = make_order_event(OrderEventType::kMark, now_, InstrumentId{0});
        mark.cause = make_cause(CauseKind::kTrading, trading_position_);
        mark.data.mark = MarkData{};
        mark.data.mark.market_events = feed_position_;
        to_journal(mark);
    }

    /// See core/base/state_archive.hpp; without the link, whose state is the venue's.
    void persist(StateArchive& a) {
        a.require(!overflowed_, "something did not fit a lane, and is lost");
        a(journaled_, feed_position_, trading_position_, since_record_, now_);
    }

private:
    /// No system call unless the word has changed.
    [[nodiscard]] bool halted(const OrderEvent& request) noexcept {
        if (latch_ == nullptr) return false;
        const std::uint64_t word = latch_->word();
        if (Latch::clear(word)) [[likely]]
            return false;
        if (word != seen_ || !looked_) {
            latch_->read();
            seen_ = word;
            looked_ = true;
        }
        const bool fresh = request.type == OrderEventType::kSendNew;
        const AccountId account =
            fresh ? request.data.new_order.account : request.data.change.account;
        const StrategyId strategy =
            fresh ? request.data.new_order.strategy : request.data.change.strategy;
        bool flattens = false;
        const auto stands = [&](ControlScope scope, std::uint64_t target) {
            const ControlData latched = latch_->find(scope, target);
            flattens = flattens || latched.flatten != 0;
            return latched.state == TradingState::kHalted;
        };
        const bool any = [&] {
            // All of them: one that flattens lets through what closes a position.
            bool found = stands(ControlScope::kFirm, 0);
            found = stands(ControlScope::kVenue, venue_.value) || found;
            found = stands(ControlScope::kAccount, account.value) || found;
            found = stands(ControlScope::kStrategy, strategy.value) || found;
            return stands(ControlScope::kInstrument, request.instrument.value) || found;
        }();
        return any && !(flattens && fresh && is_closing(request.data.new_order.tag));
    }
    /// Answers the request in hand in the venue's place.
    void refuse(OrderReason reason) noexcept {
        OrderEvent e = make_order_event(OrderEventType::kExecution, now_, in_hand_.instrument);
        e.source = venue_.value;
        e.cause = make_cause(CauseKind::kTrading, in_hand_.seq);
        e.data.execution = ExecutionData{};
        ExecutionData& x = e.data.execution;
        x.venue = venue_;
        x.reason = reason;
        switch (in_hand_.type) {
            case OrderEventType::kSendNew:
                x.exec_type = ExecType::kRejected;
                x.order_id = in_hand_.data.new_order.order_id;
                break;
            case OrderEventType::kSendReplace:
                x.exec_type = ExecType::kReplaceRejected;
                x.order_id = in_hand_.data.change.order_id;
                break;
            default:
                x.exec_type = ExecType::kCancelRejected;
                x.order_id = in_hand_.data.change.order_id;
                // Zero would say that nothing of it is open any more.
                x.leaves_quantity = in_hand_.data.change.quantity;
                break;
        }
        give(e);
    }
    void give(OrderEvent& report) noexcept {
        // The time of reports is not part of what is on record of this stage: a re-run has none.
        report.ts = told_ = std::max({told_, now_, report.ts});
        report.seq = ++sent_;
        report.feed_position = feed_position_;
        if (!push_or_wait(*lanes_.reports, report, lanes_.backpressure)) overflowed_ = true;
    }
    void record_consumed(std::uint64_t cause, InstrumentId instrument) noexcept {
        OrderEvent consumed = make_order_event(OrderEventType::kConsumed, now_, instrument);
        consumed.cause = cause;
        consumed.flags = kFlagInput;
        to_journal(consumed);
    }
    void to_journal(OrderEvent& e) noexcept {
        if (lanes_.journal == nullptr) return;
        since_record_ = 0;
        e.seq = ++journaled_;
        e.feed_position = feed_position_;
        if (!push_or_wait(*lanes_.journal, e, lanes_.backpressure)) overflowed_ = true;
    }

    OrderLink* link_ = nullptr;
    Latch* latch_ = nullptr;
    Lanes lanes_;
    VenueId venue_;
    bool looked_ = false;
    bool overflowed_ = false;
    std::uint32_t since_record_ = 0;  // market events
    std::uint64_t seen_ = 0;          // of the latch
    std::uint64_t send_after_ = 0;    // position of the trading stream
    OrderEvent in_hand_;
    std::uint64_t sent_ = 0;
    std::uint64_t journaled_ = 0;
    std::uint64_t feed_position_ = 0;
    std::uint64_t trading_position_ = 0;
    Timestamp now_ = Timestamp::min();   // of market data and requests
    Timestamp told_ = Timestamp::min();  // of the newest report
};

}  // namespace fermata

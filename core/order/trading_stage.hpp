#pragma once

#include <algorithm>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "core/account/account_book.hpp"
#include "core/base/state_archive.hpp"
#include "core/event/market_event.hpp"
#include "core/event/order_event.hpp"
#include "core/loop/backpressure.hpp"
#include "core/loop/lane.hpp"
#include "core/loop/stage.hpp"
#include "core/market/mark_table.hpp"
#include "core/order/event_buffer.hpp"
#include "core/order/order_manager.hpp"
#include "core/order/sender.hpp"
#include "core/order/trading_gate.hpp"
#include "core/port/durability.hpp"
#include "core/types/instrument.hpp"

namespace fermata {

/// The lanes of a trading stage. Report lanes are indexed by VenueId, shard lanes by shard.
struct TradingLanes {
    Lane<MarketEvent>* market = nullptr;
    Lane<OrderEvent>* control = nullptr;  ///< Commands and alerts from outside; may be null.
    Lane<OrderEvent>* journal = nullptr;  ///< Everything consumed and emitted; may be null.
    std::vector<Lane<OrderEvent>*> to_venue;
    std::vector<Lane<OrderEvent>*> from_venue;
    std::vector<Lane<OrderEvent>*> to_shard;
    std::vector<Lane<OrderEvent>*> from_shard;
    std::vector<std::uint16_t> shard_of_strategy;  ///< By StrategyId.
    Backpressure* backpressure = nullptr;  ///< For full output lanes; null on a single thread.
    /// What the journal says about its records; null when there is none to wait for.
    const Durability* durability = nullptr;
    /// Hold what goes to a venue until its record is synced (journal.sync: strict).
    bool strict = false;
    std::size_t held_max = 0;  ///< Orders that can be held at a time; a power of two.
    /// Put the feed position on record after so many market events without a record; 0: never.
    std::uint32_t progress_every = 0;
};

/// The one place that every order passes: numbers what strategies want, lets the gate judge it,
/// records intent and verdict, and only then hands it to the order manager and the venue.
///
/// Owner:  the loop that polls it.
/// Inputs: market data first (so that a verdict sees the newest marks), then reports by venue, then
///         control, then what the shards want, merged by cause and strategy: the result does not
///         depend on how many shards there are.
/// Stream: every order event that it consumes (kFlagInput) or emits gets the next position of its
///         stream and goes to the journal in that order. Market data is referred to by feed
///         position. Once a day of event time (UTC) it also puts on record what every account is
///         worth.
/// Journal: an order is sent only after its record was handed to the journal, in strict mode only
///         after that record is durable. When the journal failed, no new order and no new terms are
///         sent any more; cancels still are.
template <TradingGate Gate>
class TradingStage {
public:
    TradingStage(const InstrumentTable& instruments, MarkTable& marks, AccountBook& accounts,
                 OrderManager& orders, Gate& gate, TradingLanes lanes)
        : instruments_(instruments),
          marks_(marks),
          accounts_(accounts),
          orders_(orders),
          gate_(gate),
          lanes_(std::move(lanes)),
          out_(orders.events_max()) {
        if (lanes_.durability != nullptr) {
            held_ = std::make_unique<Lane<OrderEvent>>(std::max<std::size_t>(lanes_.held_max, 64));
        }
    }

    Polled poll(std::size_t budget) {
        std::size_t consumed = 0;
        const std::uint64_t pushed = pushed_;
        if (held_ != nullptr) release_held();
        for (std::size_t n = 0; n < budget && step_market(); ++n) ++consumed;
        for (std::size_t v = 0; v < lanes_.from_venue.size(); ++v) {
            for (std::size_t n = 0; n < budget && step_report(v); ++n) ++consumed;
        }
        for (std::size_t n = 0; n < budget && step_control(); ++n) ++consumed;
        for (std::size_t n = 0; n < budget && take_intent(in_hand_); ++n, ++consumed) {
            on_intent(in_hand_);
        }
        return {consumed, pushed_ - pushed};
    }

    // One event of one lane, for whoever follows an order of consumption that is on record instead
    // of polling. False when the lane is empty.
    bool step_market() {
        const MarketEvent* e = lanes_.market->front();
        if (e == nullptr) return false;
        on_market(*e);
        lanes_.market->pop();
        return true;
    }
    bool step_report(std::size_t venue) {
        if (!lanes_.from_venue[venue]->take(in_hand_)) return false;
        on_execution(in_hand_);
        return true;
    }
    bool step_control() {
        if (lanes_.control == nullptr || !lanes_.control->take(in_hand_)) return false;
        if (in_hand_.type == OrderEventType::kControl) {
            on_control(in_hand_, kFlagInput);
        } else {
            consume(in_hand_);  // an alert about the run itself: on record, nothing follows
        }
        return true;
    }
    bool step_intent(std::size_t shard) {
        if (!lanes_.from_shard[shard]->take(in_hand_)) return false;
        on_intent(in_hand_);
        return true;
    }

    /// An output lane was full and something could not be sent: the owner must halt trading.
    [[nodiscard]] bool overflowed() const noexcept { return overflowed_; }
    /// Position of the newest record of this stage's stream.
    [[nodiscard]] std::uint64_t position() const noexcept { return position_; }
    [[nodiscard]] std::uint64_t feed_position() const noexcept { return feed_position_; }

    /// Orders that wait for their record to become durable.
    [[nodiscard]] bool holds_orders() noexcept { return held_ != nullptr && !held_->empty(); }

    /// Puts a record of the run itself (its end) into the stream.
    void record(OrderEvent e) { consume(e); }

    /// See core/base/state_archive.hpp; the books and the gate are their owner's to store.
    void persist(StateArchive& a) {
        static_assert(sizeof(TradingStage) == 512, "persist must deal with every member");
        a.section("trading", 1, [&] {
            a.require(!overflowed_, "something did not fit a lane, and is lost");
            a.require(!holds_orders(), "orders wait for their record to become durable");
            a(next_equity_, now_, position_, pushed_, feed_position_, cause_, since_record_);
        });
    }

private:
    void on_market(const MarketEvent& e) {
        if (e.ts >= next_equity_) [[unlikely]]
            record_equity(e.ts);
        feed_position_ = e.seq;
        now_ = std::max(now_, e.ts);
        if (lanes_.progress_every != 0 && ++since_record_ >= lanes_.progress_every) {
            record_progress();
        }
        marks_.update(e);
        switch (e.type) {
            case MarketEventType::kQuote:
            case MarketEventType::kTrade:
            case MarketEventType::kBar:
            case MarketEventType::kBarOpen:
                on_price(e.instrument);
                break;
            case MarketEventType::kCorporateAction:
                cause_ = make_cause(CauseKind::kMarket, e.seq);
                orders_.on_corporate_action(e, out_);
                route();
                break;
            case MarketEventType::kSkipped:
                alert(e, AlertCode::kFeedSkipped, static_cast<std::int64_t>(e.data.skipped.line),
                      static_cast<std::int64_t>(e.data.skipped.reason));
                break;
            case MarketEventType::kGap:
                alert(e, AlertCode::kGap, static_cast<std::int64_t>(e.data.gap.lost), 0);
                break;
            default:
                break;
        }
    }

    void on_price(InstrumentId id) {
        if (id.value >= marks_.size()) return;
        accounts_.on_mark(id, marks_[id].price());
        if (!gate_.watches_equity()) return;
        accounts_.for_each_affected(id, [this](AccountId account) { on_equity(account); });
    }

    void on_equity(AccountId account) {
        if (!gate_.watches_equity() || !accounts_.equity_known(account)) return;
        const auto tripped = gate_.on_equity(account, accounts_.equity(account), now_);
        if (!tripped) return;
        OrderEvent e = make_order_event(OrderEventType::kControl, now_, InstrumentId{0});
        e.data.control = *tripped;
        e.cause = make_cause(CauseKind::kMarket, feed_position_);
        on_control(e, 0);
    }

    void on_execution(OrderEvent& e) {
        consume(e);
        orders_.on_execution(e, out_);
        const bool filled = e.data.execution.exec_type == ExecType::kTrade;
        const Order* order = filled ? orders_.find(e.data.execution.order_id) : nullptr;
        const AccountId account = order != nullptr ? order->account : AccountId{};
        route();
        if (order != nullptr) on_equity(account);
    }

    /// `flags` is 0 for what a control of the gate itself decided.
    void on_control(OrderEvent& e, std::uint8_t flags) {
        consume(e, flags);
        gate_.on_control(e.data.control);
        if (e.data.control.cancel_orders != 0) {
            orders_.cancel_all(e.data.control, now_, out_);
            route();
        }
    }

    void on_intent(OrderEvent& e) {
        e.source = sender_of(e).value;  // which shard it was must not matter to the record
        switch (e.type) {
            case OrderEventType::kNewOrder:
                on_new(e);
                break;
            case OrderEventType::kCancel:
                on_cancel(e);
                break;
            case OrderEventType::kReplace:
                on_replace(e);
                break;
            default:
                consume(e);
                break;  // timers: on record, nothing follows here
        }
        route();
    }

    void on_new(OrderEvent& e) {
        orders_.number(e);
        consume(e);
        const VerdictData verdict = gate_.check_new(e);
        record_verdict(e, verdict);
        if (verdict.approved != 0) {
            orders_.accept(e, gate_.reserve_price(e), out_);
        } else {
            orders_.deny(e, verdict, out_);
        }
    }

    void on_cancel(OrderEvent& e) {
        complete(e);
        consume(e);
        gate_.count_cancel(e);
        orders_.request_cancel(e, out_);
    }

    void on_replace(OrderEvent& e) {
        const Order* live = complete(e);
        consume(e);
        if (live == nullptr) {
            orders_.accept_replace(e, Price{}, out_);  // answers that there is no such order
            return;
        }
        const VerdictData verdict = gate_.check_replace(e, *live);
        record_verdict(e, verdict);
        if (verdict.approved != 0) {
            orders_.accept_replace(e, gate_.reserve_price(e), out_);
        } else {
            orders_.deny_replace(e, verdict, out_);
        }
    }

    /// Fills in what a strategy need not know: the instrument and id of the order that it means.
    const Order* complete(OrderEvent& e) {
        const Order* live = orders_.find(e.data.change.tag);
        if (live == nullptr) return nullptr;
        e.instrument = live->instrument;
        e.data.change.order_id = live->id;
        return live;
    }

    /// The input event gets its place in the stream; what follows from it names it as the cause.
    void consume(OrderEvent& e, std::uint8_t flags = kFlagInput) {
        now_ = std::max(now_, e.ts);
        e.seq = ++position_;
        e.feed_position = feed_position_;
        e.flags = flags;
        to_journal(e);
        e.flags = 0;  // what is made from it is not an input
        cause_ = make_cause(CauseKind::kTrading, e.seq);
    }

    void record_verdict(const OrderEvent& intent, const VerdictData& verdict) {
        OrderEvent e = make_order_event(OrderEventType::kVerdict, now_, intent.instrument);
        e.data.verdict = verdict;
        emit(e);
    }

    void alert(const MarketEvent& about, AlertCode code, std::int64_t first, std::int64_t second) {
        OrderEvent e = make_order_event(OrderEventType::kAlert, now_, about.instrument);
        e.data.alert = AlertData{};
        e.data.alert.code = code;
        e.data.alert.detail[0] = first;
        e.data.alert.detail[1] = second;
        cause_ = make_cause(CauseKind::kMarket, about.seq);
        emit(e);
    }

    void emit(OrderEvent& e) {
        e.seq = ++position_;
        e.cause = cause_;
        e.feed_position = feed_position_;
        to_journal(e);
    }

    /// How far the market data was consumed, for a reader who must not wait for the next order.
    void record_progress() {
        OrderEvent e = make_order_event(OrderEventType::kConsumed, now_, InstrumentId{0});
        cause_ = make_cause(CauseKind::kMarket, feed_position_);
        emit(e);
    }

    /// What every account was worth after the last event of the day (UTC) that ends.
    void record_equity(Timestamp next) {
        constexpr std::int64_t kDay = 86'400'000'000'000;
        const Timestamp as_of = next_equity_ == Timestamp::min() ? next : now_;
        next_equity_ = Timestamp{(next.ns / kDay + 1) * kDay};
        cause_ = make_cause(CauseKind::kMarket, feed_position_);
        for (std::size_t a = 0; a < accounts_.accounts(); ++a) {
            const AccountId account{static_cast<std::uint16_t>(a)};
            if (!accounts_.equity_known(account)) continue;
            OrderEvent e = make_order_event(OrderEventType::kEquity, as_of, InstrumentId{0});
            e.data.equity = accounts_.summary(account);
            emit(e);
        }
    }

    /// Sends what the order manager emitted: to the journal first, then where it belongs.
    void route() {
        for (OrderEvent& e : out_.span()) {
            emit(e);
            switch (e.type) {
                case OrderEventType::kSendNew:
                    to_venue(e, e.data.new_order.venue);
                    break;
                case OrderEventType::kSendCancel:
                case OrderEventType::kSendReplace:
                    to_venue(e, e.data.change.venue);
                    break;
                case OrderEventType::kOrderUpdate:
                    to_owner(e, e.data.update.strategy);
                    break;
                case OrderEventType::kFill:
                case OrderEventType::kPosition:
                case OrderEventType::kAccount:
                    for (Lane<OrderEvent>* lane : lanes_.to_shard) push(lane, e);
                    break;
                default:
                    break;
            }
        }
        out_.clear();
    }

    void to_venue(const OrderEvent& e, VenueId venue) {
        FERMATA_ASSERT(venue.value < lanes_.to_venue.size());
        if (held_ != nullptr && must_wait(e)) [[unlikely]] {
            push(held_.get(), e);
        } else {
            push(lanes_.to_venue[venue.value], e);
        }
    }
    /// A cancel overtakes nothing that is held: it waits behind it, and only there.
    bool must_wait(const OrderEvent& e) {
        if (!held_->empty()) return true;
        if (e.type == OrderEventType::kSendCancel) return false;
        if (lanes_.durability->failed.load(std::memory_order_relaxed)) return true;
        return lanes_.strict &&
               e.seq > lanes_.durability->trading_synced.load(std::memory_order_acquire);
    }
    /// Sends what is durable by now, in the order in which it was decided.
    void release_held() {
        const OrderEvent* front = held_->front();
        if (front == nullptr) return;
        const std::uint64_t synced =
            lanes_.durability->trading_synced.load(std::memory_order_acquire);
        for (; front != nullptr && front->seq <= synced; front = held_->front()) {
            OrderEvent e;
            if (!held_->take(e)) return;
            const VenueId venue =
                e.type == OrderEventType::kSendNew ? e.data.new_order.venue : e.data.change.venue;
            push(lanes_.to_venue[venue.value], e);
        }
    }
    void to_owner(const OrderEvent& e, StrategyId strategy) {
        if (strategy.value >= lanes_.shard_of_strategy.size()) return;  // an operator's order
        push(lanes_.to_shard[lanes_.shard_of_strategy[strategy.value]], e);
    }
    void to_journal(const OrderEvent& e) {
        since_record_ = 0;
        if (lanes_.journal != nullptr) push(lanes_.journal, e);
    }
    void push(Lane<OrderEvent>* lane, const OrderEvent& e) {
        ++pushed_;
        if (!push_or_wait(*lane, e, lanes_.backpressure)) overflowed_ = true;
    }

    /// The next intent over all shards: the earliest cause, then the lowest strategy.
    bool take_intent(OrderEvent& e) {
        if (lanes_.from_shard.size() == 1) return lanes_.from_shard[0]->take(e);
        Lane<OrderEvent>* best = nullptr;
        std::pair<std::uint64_t, std::uint16_t> best_key;
        for (Lane<OrderEvent>* lane : lanes_.from_shard) {
            const OrderEvent* front = lane->front();
            if (front == nullptr) continue;
            const std::pair key{front->cause, sender_of(*front).value};
            if (best == nullptr || key < best_key) {
                best = lane;
                best_key = key;
            }
        }
        return best != nullptr && best->take(e);
    }

    const InstrumentTable& instruments_;
    MarkTable& marks_;
    AccountBook& accounts_;
    OrderManager& orders_;
    Gate& gate_;
    TradingLanes lanes_;
    EventBuffer out_;
    std::unique_ptr<Lane<OrderEvent>> held_;  // to venues, not yet durable
    Timestamp next_equity_ = Timestamp::min();
    OrderEvent in_hand_;  // a local would be cleared at every poll
    Timestamp now_{0};
    std::uint64_t position_ = 0;
    std::uint64_t pushed_ = 0;
    std::uint64_t feed_position_ = 0;
    std::uint64_t cause_ = 0;
    std::uint32_t since_record_ = 0;  // market events
    bool overflowed_ = false;
};

}  // namespace fermata

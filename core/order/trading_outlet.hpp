#pragma once

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "core/base/assert.hpp"
#include "core/base/state_archive.hpp"
#include "core/event/market_event.hpp"
#include "core/event/order_event.hpp"
#include "core/loop/backpressure.hpp"
#include "core/loop/lane.hpp"
#include "core/order/closing_tag.hpp"
#include "core/order/event_buffer.hpp"
#include "core/port/durability.hpp"

namespace fermata {

/// The lanes of a trading stage. Report lanes are indexed by VenueId, shard lanes by shard.
struct TradingLanes {
    Lane<MarketEvent>* market = nullptr;
    Lane<OrderEvent>* control = nullptr;    ///< Commands and alerts from outside; may be null.
    Lane<OrderEvent>* snapshots = nullptr;  ///< Of portfolio risk; may be null.
    Lane<OrderEvent>* journal = nullptr;    ///< Everything consumed and emitted; may be null.
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

/// The stream of a trading stage: gives every order event that the stage consumes or emits its
/// place, hands it to the journal, and only then sends it where it belongs.
///
/// Owner: the trading stage. See there for what stands in the stream and when an order must wait.
class TradingOutlet {
public:
    explicit TradingOutlet(const TradingLanes& lanes) : lanes_(lanes) {
        if (lanes_.durability != nullptr) {
            held_ = std::make_unique<Lane<OrderEvent>>(std::max<std::size_t>(lanes_.held_max, 64));
        }
    }

    /// The input event gets its place in the stream; what follows from it names it as the cause.
    void consume(OrderEvent& e, std::uint8_t flags) {
        e.seq = ++position_;
        e.feed_position = feed_position_;
        e.flags = flags;
        to_journal(e);
        e.flags = 0;  // what is made from it is not an input
        cause_ = make_cause(CauseKind::kTrading, e.seq);
    }
    void emit(OrderEvent& e) {
        e.seq = ++position_;
        e.cause = cause_;
        e.feed_position = feed_position_;
        to_journal(e);
    }
    void emit(OrderEvent&& e) { emit(e); }
    /// A market event is in hand: what is emitted next follows from it.
    void blame_market(std::uint64_t feed_position) noexcept {
        cause_ = make_cause(CauseKind::kMarket, feed_position);
    }
    void blame(std::uint64_t cause) noexcept { cause_ = cause; }
    [[nodiscard]] std::uint64_t cause() const noexcept { return cause_; }
    void advance(std::uint64_t feed_position) noexcept { feed_position_ = feed_position; }
    /// A market event was consumed. True when the stage should say how far it is.
    [[nodiscard]] bool progress_is_due() noexcept {
        return lanes_.progress_every != 0 && ++since_record_ >= lanes_.progress_every;
    }

    /// How far the market data was consumed, for a reader who must not wait for the next order.
    void record_progress(Timestamp now) {
        OrderEvent e = make_order_event(OrderEventType::kConsumed, now, InstrumentId{0});
        blame_market(feed_position_);
        emit(e);
    }

    /// Sends what the order manager emitted: to the journal first, then where it belongs.
    void route(EventBuffer& out) {
        for (OrderEvent& e : out.span()) {
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
                    // A strategy knows nothing of what closes its positions, but for the fills.
                    if (!is_closing(e.data.update.tag)) to_owner(e, e.data.update.strategy);
                    break;
                case OrderEventType::kPosition:
                    // Shards began with what was held before.
                    if (e.data.position.change == PositionChange::kOpening) break;
                    [[fallthrough]];
                case OrderEventType::kFill:
                case OrderEventType::kAccount:
                    for (Lane<OrderEvent>* lane : lanes_.to_shard) push(lane, e);
                    break;
                default:
                    break;
            }
        }
        out.clear();
    }

    /// Answers what a strategy asked: the verdict goes to the journal, then to its shard.
    void answer(OrderEvent& e) {
        emit(e);
        to_owner(e, e.data.verdict.strategy);
    }

    /// Sends what is durable by now, in the order in which it was decided.
    void release_held() {
        if (held_ == nullptr) return;
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

    [[nodiscard]] bool overflowed() const noexcept { return overflowed_; }
    [[nodiscard]] bool holds_orders() noexcept { return held_ != nullptr && !held_->empty(); }
    [[nodiscard]] std::uint64_t position() const noexcept { return position_; }
    [[nodiscard]] std::uint64_t feed_position() const noexcept { return feed_position_; }
    [[nodiscard]] std::uint64_t pushed() const noexcept { return pushed_; }

    /// See core/base/state_archive.hpp.
    void persist(StateArchive& a) {
        a.require(!overflowed_, "something did not fit a lane, and is lost");
        a.require(!holds_orders(), "orders wait for their record to become durable");
        a(position_, pushed_, feed_position_, cause_, since_record_);
    }

private:
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

    const TradingLanes& lanes_;
    std::unique_ptr<Lane<OrderEvent>> held_;  // to venues, not yet durable
    std::uint64_t position_ = 0;
    std::uint64_t pushed_ = 0;
    std::uint64_t feed_position_ = 0;
    std::uint64_t cause_ = 0;
    std::uint32_t since_record_ = 0;  // market events
    bool overflowed_ = false;
};

}  // namespace fermata

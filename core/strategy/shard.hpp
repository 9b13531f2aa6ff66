#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "core/account/account_config.hpp"
#include "core/algo/algo_desk.hpp"
#include "core/event/market_event.hpp"
#include "core/event/order_event.hpp"
#include "core/loop/backpressure.hpp"
#include "core/loop/lane.hpp"
#include "core/loop/stage.hpp"
#include "core/loop/timer_queue.hpp"
#include "core/market/mark_table.hpp"
#include "core/strategy/context.hpp"
#include "core/strategy/strategy.hpp"

namespace fermata {

/// One strategy as a shard hosts it.
struct StrategySetup {
    StrategyId id;
    AccountId account;
    VenueId venue;
    Sizing sizing;
    std::vector<InstrumentId> instruments;
    std::unique_ptr<Strategy> strategy;
    /// What works for the strategy beside it, as managed exits do: sees every event after it, under
    /// the same context. At most 7.
    std::vector<std::unique_ptr<Strategy>> helpers;
    /// Where its algorithms may route orders to; nullptr: nowhere. Outlives the shard.
    const RoutingTable* routing = nullptr;
};

/// Hosts strategies on one thread: hands them the market events of their instruments, the reports
/// of their orders and their timers, and sends what they want to the trading stage.
///
/// Owner:   the loop that polls it.
/// Inputs:  market lane first, then the report lane; timers through fire_timers, and by themselves
///          before a market event that comes after they were due.
/// Order:   strategies see one event in ascending strategy id, so what they send does not depend on
///          how they are spread over shards (the trading stage merges by cause, then strategy).
class ShardStage {
public:
    struct Lanes {
        Lane<MarketEvent>* market;
        Lane<OrderEvent>* reports;
        Lane<OrderEvent>* intents;
        /// Which reports were consumed, and when; null where that follows from the schedule.
        Lane<OrderEvent>* journal = nullptr;
        Backpressure* backpressure = nullptr;  ///< For full output lanes; null on a single thread.
        /// With a journal: record the feed position after so many market events; 0: never.
        std::uint32_t progress_every = 0;
    };

    ShardStage(std::uint16_t index, const InstrumentTable& instruments,
               std::span<const AccountConfig> accounts, std::size_t timers_max, Lanes lanes);

    /// Before start; ascending ids.
    void add(StrategySetup setup);
    /// Calls on_start of every strategy at `now`.
    void start(Timestamp now);
    /// Calls on_stop; what strategies send afterwards is ignored.
    void stop(Timestamp now);

    Polled poll(std::size_t budget);

    // One event of one lane, for whoever follows an order of consumption that is on record. False
    // when the lane is empty.
    bool step_market();
    bool step_report();

    [[nodiscard]] Timestamp timer_due() const noexcept { return timers_.next_due(); }
    /// Fires every timer due at or before `now`.
    void fire_timers(Timestamp now);

    /// An output lane was full: what did not fit was not sent. The owner must halt trading.
    [[nodiscard]] bool overflowed() const noexcept { return overflowed_; }
    [[nodiscard]] std::size_t strategies() const noexcept { return slots_.size(); }
    /// The last market event and the last event of the trading stream that it consumed.
    [[nodiscard]] std::uint64_t feed_position() const noexcept { return feed_position_; }
    [[nodiscard]] std::uint64_t trading_position() const noexcept { return trading_position_; }
    /// The stage's stream goes on behind this position, as after a crash that lost what the last
    /// records there had consumed.
    void continue_journal(std::uint64_t position) noexcept { journaled_ = position; }
    /// Puts the end mark with the state hash into the shard's stream, if it has one.
    void record_mark();
    /// What the strategies of this shard see of their accounts, positions and orders.
    [[nodiscard]] std::uint64_t state_hash() const noexcept;

    /// See core/base/state_archive.hpp; with the states of the strategies. Reading takes the place
    /// of `start`, and calls on_start with the time of the original start and deaf ears. Fails when
    /// a strategy does not support it.
    void persist(StateArchive& a);

private:
    friend class StrategyContext;
    static constexpr std::uint8_t kDeskCaller = 15;
    struct Slot {
        std::vector<std::unique_ptr<Strategy>> parts;  // the strategy, then what helps it
        StrategyContext context;
        AlgoDesk desk;  // called behind the parts
        template <class Call>
        void each(Call&& call) {
            for (std::size_t n = 0; n < parts.size(); ++n) {
                context.caller_ = static_cast<std::uint8_t>(n);
                call(*parts[n], context);
            }
            if (!desk.active()) return;
            context.caller_ = kDeskCaller;
            call(desk, context);
        }
    };

    void on_market(const MarketEvent& e);
    void on_report(const OrderEvent& e);
    void on_update(const OrderEvent& e);
    void on_position(const OrderEvent& e);
    [[nodiscard]] std::span<Slot* const> subscribers_of(InstrumentId id) const noexcept;
    template <class Call>
    void for_subscribers(InstrumentId id, Call&& call);
    Slot* slot_of(StrategyId id) noexcept;
    void persist_strategies(StateArchive& a);
    void emit(OrderEvent& e) noexcept;
    /// What was consumed last, onto the shard's stream.
    void record_consumed(std::uint64_t cause, InstrumentId instrument) noexcept;
    void to_journal(OrderEvent& e) noexcept;

    std::uint16_t index_;
    const InstrumentTable& instruments_;
    Lanes lanes_;
    MarkTable marks_;
    TimerQueue timers_;
    std::vector<AccountView> accounts_;
    std::vector<OpeningPosition> openings_;        // of all strategies
    std::vector<std::unique_ptr<Slot>> slots_;     // ascending strategy id
    std::vector<Slot*> by_strategy_;               // by StrategyId
    std::vector<std::vector<Slot*>> subscribers_;  // by InstrumentId
    Timestamp now_{0};
    Timestamp started_{0};
    std::uint64_t cause_ = 0;
    std::uint64_t feed_position_ = 0;
    std::uint64_t trading_position_ = 0;
    std::uint64_t sent_ = 0;
    std::uint64_t journaled_ = 0;
    std::uint32_t since_record_ = 0;  // market events
    StreamId stream_;                 // of the market event in hand
    bool running_ = false;
    bool overflowed_ = false;
};

}  // namespace fermata

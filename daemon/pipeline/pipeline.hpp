#pragma once

#include <algorithm>
#include <cstdint>
#include <memory>

#include "core/loop/event_loop.hpp"
#include "daemon/pipeline/record_stage.hpp"
#include "daemon/pipeline/stages.hpp"

namespace fermata {

/// The whole flow on one thread: simulated exchanges, portfolio risk, trading stage, shards and the
/// record stage, connected by lanes and hosted by one event loop. Driven by the lockstep scheduler
/// in replay.
class Pipeline {
public:
    explicit Pipeline(PipelineSetup setup);

    /// Calls on_start of every strategy.
    void start(Timestamp now) { stages_.start(now); }
    /// Calls on_stop of every strategy, then puts the end mark with the state hash on record.
    void stop(Timestamp now);

    // What LockstepPipeline asks for.
    void publish(const MarketEvent& e, std::uint64_t position) {
        for (auto& lane : stages_.venue_market) push(*lane, e, position);
        if (PipelineStages::trading_wants(e)) push(*stages_.trading_market, e, position);
        if (stages_.portfolio != nullptr && PortfolioStage::wants(e)) {
            push(*stages_.portfolio_market, e, position);
        }
        if (!PipelineStages::shards_want(e)) return;
        for (auto& lane : stages_.shard_market) push(*lane, e, position);
    }
    /// Something from outside for the trading stage.
    void tell(const OrderEvent& e) {
        if (!stages_.control->try_push(e)) market_overflowed_ = true;
    }
    [[nodiscard]] Timestamp exchange_due() const noexcept {
        Timestamp due = Timestamp::never();
        for (const VenueStage* venue : stages_.venue_stages) due = std::min(due, venue->due());
        return due;
    }
    void advance_exchanges(Timestamp now) {
        for (VenueStage* venue : stages_.venue_stages) venue->advance(now);
    }
    [[nodiscard]] Timestamp timer_due() const noexcept {
        Timestamp due = Timestamp::never();
        for (const ShardStage* shard : stages_.shard_stages) {
            due = std::min(due, shard->timer_due());
        }
        return due;
    }
    void fire_timers(Timestamp now) {
        for (ShardStage* shard : stages_.shard_stages) shard->fire_timers(now);
    }
    void run_to_quiescence() {
        if (!endless_) endless_ = !loop_.run_to_quiescence(kRoundsMax);
    }
    /// What followed from one event did not come to an end: somebody answers every answer.
    [[nodiscard]] bool endless() const noexcept { return endless_; }
    /// So many times every stage is asked for what follows from one event, at most. An order takes
    /// two such rounds to the exchange and back.
    static constexpr std::size_t kRoundsMax = 100'000;

    /// The whole state, see PipelineStages::persist; the scheduler stores itself. To write it:
    /// between two steps of the scheduler. To read it: into a pipeline of the same setup, in place
    /// of `start`; the sink gets the records that come after.
    void persist(StateArchive& a) {
        a.require(!market_overflowed_, "something did not fit a lane, and is lost");
        a(stages_);
    }

    /// The longest time that an order and its report need to and from an exchange.
    [[nodiscard]] Duration round_trip() const noexcept { return stages_.round_trip(); }

    /// A lane was full and something was lost: what the run shows from here on is not to be
    /// trusted.
    [[nodiscard]] bool overflowed() const noexcept {
        return market_overflowed_ || stages_.overflowed();
    }

    /// See PipelineStages::what_if.
    [[nodiscard]] WhatIf what_if() noexcept { return stages_.what_if(); }
    [[nodiscard]] const AccountBook& accounts() const noexcept { return stages_.accounts(); }
    [[nodiscard]] const MarkTable& marks() const noexcept { return stages_.marks(); }
    [[nodiscard]] const OrderManager& orders() const noexcept { return stages_.orders(); }
    [[nodiscard]] const SimulatedExchange& exchange(VenueId id) const {
        return stages_.exchange(id);
    }
    /// See PipelineStages::trading_hash.
    [[nodiscard]] std::uint64_t trading_hash() const noexcept { return stages_.trading_hash(); }
    /// Positions in the trading stream: how many order events were put on record.
    [[nodiscard]] std::uint64_t records() const noexcept { return stages_.trading->position(); }
    [[nodiscard]] std::uint64_t feed_position() const noexcept {
        return stages_.trading->feed_position();
    }

private:
    // A snapshot of the risk is made before the trading stage takes the event that ended the day.
    using Loop = EventLoop<StageGroup<VenueStage>, StageGroup<PortfolioStage>,
                           PipelineStages::Trading, StageGroup<ShardStage>, RecordStage>;

    void push(Lane<MarketEvent>& lane, const MarketEvent& e, std::uint64_t position) {
        if (!lane.try_push(e, position)) market_overflowed_ = true;
    }

    RecordSink* sink_;
    PipelineStages stages_;
    RecordStage records_;
    Loop loop_;
    bool market_overflowed_ = false;
    bool endless_ = false;
};

}  // namespace fermata

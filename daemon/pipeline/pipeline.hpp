#pragma once

#include <algorithm>
#include <cstdint>
#include <memory>
#include <vector>

#include "core/account/account_book.hpp"
#include "core/account/account_config.hpp"
#include "core/loop/event_loop.hpp"
#include "core/loop/lane.hpp"
#include "core/loop/stage.hpp"
#include "core/market/mark_table.hpp"
#include "core/market/stream.hpp"
#include "core/order/exposure.hpp"
#include "core/order/order_manager.hpp"
#include "core/order/trading_stage.hpp"
#include "core/sim/simulated_exchange.hpp"
#include "core/sim/venue_stage.hpp"
#include "core/strategy/shard.hpp"
#include "core/types/instrument.hpp"
#include "daemon/pipeline/record_stage.hpp"
#include "risk/gate.hpp"
#include "risk/risk_config.hpp"

namespace fermata {

/// Sizes that are fixed when a pipeline is built. All lane capacities are powers of two.
struct PipelineLimits {
    std::size_t shards = 1;
    std::size_t market_lane =
        64;  ///< In lockstep a lane holds one event at a time; small stays in cache.
    std::size_t order_lane = 4096;
    std::size_t orders_max = 65'536;  ///< Live orders.
    std::size_t timers_max = 4096;    ///< Pending timers of one shard.
    std::size_t lots_max = 65'536;    ///< Open tax lots.
};

/// What a pipeline is made of. The tables outlive it.
struct PipelineSetup {
    const InstrumentTable* instruments = nullptr;
    StreamTable streams;
    std::vector<AccountConfig> accounts;
    std::vector<SimConfig> venues;
    RiskConfig risk;
    std::uint64_t config_hash = 0;
    std::vector<StrategySetup> strategies;  ///< Ascending ids from 0.
    std::uint16_t day = 0;  ///< For client order ids: days since 1970 of the run's start.
    std::uint16_t boot_epoch = 1;
    PipelineLimits limits;
    RecordSink* sink = nullptr;  ///< Gets every record of the trading stream; may be null.
};

/// The whole flow on one thread: simulated exchanges, trading stage, shards and the record stage,
/// connected by lanes and hosted by one event loop. Driven by the lockstep scheduler in replay.
class Pipeline {
public:
    explicit Pipeline(PipelineSetup setup);
    Pipeline(const Pipeline&) = delete;
    Pipeline& operator=(const Pipeline&) = delete;
    ~Pipeline();

    /// Calls on_start of every strategy.
    void start(Timestamp now);
    /// Calls on_stop of every strategy, then puts the end mark with the state hash on record.
    void stop(Timestamp now);

    // What LockstepPipeline asks for.
    void publish(const MarketEvent& e, std::uint64_t position) {
        for (auto& lane : venue_market_) push(*lane, e, position);
        if (e.type != MarketEventType::kDepth) push(*trading_market_, e, position);
        if (e.type == MarketEventType::kBarOpen) return;  // holds the volume to come
        for (auto& lane : shard_market_) push(*lane, e, position);
    }
    [[nodiscard]] Timestamp exchange_due() const noexcept {
        Timestamp due = Timestamp::never();
        for (const VenueStage* venue : venue_stages_) due = std::min(due, venue->due());
        return due;
    }
    void advance_exchanges(Timestamp now) {
        for (VenueStage* venue : venue_stages_) venue->advance(now);
    }
    [[nodiscard]] Timestamp timer_due() const noexcept {
        Timestamp due = Timestamp::never();
        for (const ShardStage* shard : shard_stages_) due = std::min(due, shard->timer_due());
        return due;
    }
    void fire_timers(Timestamp now) {
        for (ShardStage* shard : shard_stages_) shard->fire_timers(now);
    }
    void run_to_quiescence() { loop_.run_to_quiescence(); }

    /// The longest time that an order and its report need to and from an exchange.
    [[nodiscard]] Duration round_trip() const noexcept { return round_trip_; }

    /// A lane was full and something was lost: what the run shows from here on is not to be
    /// trusted.
    [[nodiscard]] bool overflowed() const noexcept;

    [[nodiscard]] const AccountBook& accounts() const noexcept { return accounts_; }
    [[nodiscard]] const MarkTable& marks() const noexcept { return marks_; }
    [[nodiscard]] const OrderManager& orders() const noexcept { return orders_; }
    [[nodiscard]] const SimulatedExchange& exchange(VenueId id) const {
        return *exchanges_[id.value];
    }
    /// Positions in the trading stream: how many order events were put on record.
    [[nodiscard]] std::uint64_t records() const noexcept { return trading_->position(); }

private:
    using Trading = TradingStage<Gate>;
    using Loop = EventLoop<StageGroup<VenueStage>, Trading, StageGroup<ShardStage>, RecordStage>;

    void push(Lane<MarketEvent>& lane, const MarketEvent& e, std::uint64_t position) {
        if (!lane.try_push(e, position)) market_overflowed_ = true;
    }
    void build_venues(const PipelineSetup& setup, TradingLanes& lanes);
    void build_shards(PipelineSetup& setup, TradingLanes& lanes);
    Lane<OrderEvent>* add_lane(std::size_t capacity);

    const InstrumentTable& instruments_;
    MarkTable marks_;
    AccountBook accounts_;
    OrderManager orders_;
    Gate gate_;
    std::vector<std::unique_ptr<SimulatedExchange>> exchanges_;
    std::vector<std::unique_ptr<Lane<MarketEvent>>> venue_market_;
    std::vector<std::unique_ptr<Lane<MarketEvent>>> shard_market_;
    std::unique_ptr<Lane<MarketEvent>> trading_market_;
    std::vector<std::unique_ptr<Lane<OrderEvent>>> order_lanes_;
    StageGroup<VenueStage> venues_;
    StageGroup<ShardStage> shards_;
    std::vector<VenueStage*> venue_stages_;
    std::vector<ShardStage*> shard_stages_;
    std::unique_ptr<RecordStage> records_;
    std::unique_ptr<Trading> trading_;
    Loop loop_;
    Duration round_trip_;
    bool market_overflowed_ = false;
};

}  // namespace fermata

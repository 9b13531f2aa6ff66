#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "core/account/account_book.hpp"
#include "core/account/account_config.hpp"
#include "core/account/margin.hpp"
#include "core/base/state_archive.hpp"
#include "core/loop/backpressure.hpp"
#include "core/loop/lane.hpp"
#include "core/loop/stage.hpp"
#include "core/market/mark_table.hpp"
#include "core/market/stream.hpp"
#include "core/order/day_end.hpp"
#include "core/order/link_stage.hpp"
#include "core/order/order_manager.hpp"
#include "core/order/trading_stage.hpp"
#include "core/port/durability.hpp"
#include "core/port/latch.hpp"
#include "core/port/order_link.hpp"
#include "core/sim/simulated_exchange.hpp"
#include "core/sim/venue_stage.hpp"
#include "core/strategy/shard.hpp"
#include "core/types/instrument.hpp"
#include "daemon/pipeline/record_stage.hpp"
#include "daemon/pipeline/what_if.hpp"
#include "risk/gate.hpp"
#include "risk/portfolio_stage.hpp"
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
    /// The venues are outside of the process: nothing is matched here, see use_links.
    bool venues_outside = false;
    RiskConfig risk;
    PortfolioStageSettings portfolio;  ///< Of the snapshots, if a limit of `risk` reads them.
    std::uint64_t config_hash = 0;
    std::vector<StrategySetup> strategies;  ///< Ascending ids from 0.
    std::uint16_t day = 0;  ///< For client order ids: days since 1970 of the run's start.
    std::uint16_t boot_epoch = 1;
    std::uint16_t order_epochs_taken = 0;  ///< See JournalManifest.
    DayEndRules day_end;
    PipelineLimits limits;
    RecordSink* sink = nullptr;  ///< Gets every record of the trading stream; may be null.
    const Durability* durability = nullptr;  ///< What the journal says; null without a journal.
    bool strict = false;                     ///< Orders wait for their record to be durable.
};

/// How the stages meet the threads that will host them.
struct StageWiring {
    Backpressure* backpressure = nullptr;  ///< For full lanes; null when one thread hosts all.
    /// Shards and venues put on record what they consumed: needed where it does not follow from a
    /// schedule.
    bool record_inputs = false;
    /// Market events without a record after which a stage puts its feed position on record.
    std::uint32_t progress_every = 0;
};

/// All stages of a run with the lanes between them, and nobody who drives them yet: simulated
/// exchanges, trading stage (gate, order manager, accounts), shards, and who measures the risk of
/// the portfolio, if a limit reads that.
///
/// Who drives them decides the threads: Pipeline (one thread, lockstep), ConcurrentPipeline
/// (threads of their own), StageRerun (the order that a journal recorded). Every stage and every
/// end of a lane belongs to one thread at a time.
class PipelineStages {
public:
    using Trading = TradingStage<Gate>;

    PipelineStages(PipelineSetup setup, StageWiring wiring);
    PipelineStages(const PipelineStages&) = delete;
    PipelineStages& operator=(const PipelineStages&) = delete;
    ~PipelineStages();

    /// Calls on_start of every strategy.
    void start(Timestamp now);
    /// The process changed: see OrderManager::begin_boot.
    void begin_boot(std::uint16_t epoch) noexcept {
        orders_.begin_boot(static_cast<std::uint16_t>(order_epochs_taken_ + epoch));
    }
    /// With venues outside, before the threads start: where requests go that are on record behind
    /// `after`, a position of the trading stream. `links` by VenueId; they and `latch`, the venue
    /// loop's reader (null: nothing is ever latched), outlive the stages.
    void use_links(std::span<OrderLink* const> links, Latch* latch, std::uint64_t after);
    /// Calls on_stop of every strategy.
    void stop_strategies(Timestamp now);
    /// Puts the end mark with the state hash into the trading stream, and those of venues and
    /// shards into theirs.
    void record_trading_mark(Timestamp now);
    void record_marks(Timestamp now);

    /// Whether an event goes to the trading stage, and whether to the shards; venues get all.
    [[nodiscard]] static bool trading_wants(const MarketEvent& e) noexcept {
        return e.type != MarketEventType::kDepth;
    }
    [[nodiscard]] static bool shards_want(const MarketEvent& e) noexcept {
        return e.type != MarketEventType::kBarOpen;  // holds the volume to come
    }

    /// What the loop of the venues does.
    Polled poll_venues(std::size_t budget) {
        Polled polled = venues.poll(budget);
        polled += links.poll(budget);
        return polled;
    }
    [[nodiscard]] bool venues_overflowed() const noexcept;
    [[nodiscard]] std::uint64_t venue_feed_position(std::size_t venue) const noexcept {
        return venue_stages.empty() ? link_stages[venue]->feed_position()
                                    : venue_stages[venue]->feed_position();
    }
    /// A lane was full and something was lost. To be asked by the thread that owns all stages.
    [[nodiscard]] bool overflowed() const noexcept;
    /// The state of all stages, see core/base/state_archive.hpp. At rest only: every lane must be
    /// empty and nothing lost. Reading takes the place of `start`. Fails when a strategy does not
    /// support it.
    void persist(StateArchive& a);
    /// The same with what lies on the lanes between stages, for whoever owns all of them and is not
    /// at rest. The lanes of market data must be empty.
    void persist_with_lanes(StateArchive& a);
    /// One event, of which a stage of these could be the consumer.
    void persist_event(StateArchive& a, OrderEvent& event) const;
    /// Over the accounts and orders of the trading stage.
    [[nodiscard]] std::uint64_t trading_hash() const noexcept {
        return accounts_.state_hash() ^ orders_.state_hash();
    }
    /// The longest time that an order and its report need to and from an exchange.
    [[nodiscard]] Duration round_trip() const noexcept { return round_trip_; }
    [[nodiscard]] std::size_t shard_of(StrategyId strategy) const noexcept {
        return strategy.value % shard_stages.size();
    }

    /// For questions to the gate while nothing runs, see there.
    [[nodiscard]] WhatIf what_if() noexcept { return {gate_, orders_}; }

    [[nodiscard]] const InstrumentTable& instruments() const noexcept { return instruments_; }
    [[nodiscard]] const AccountBook& accounts() const noexcept { return accounts_; }
    [[nodiscard]] const MarkTable& marks() const noexcept { return marks_; }
    [[nodiscard]] const OrderManager& orders() const noexcept { return orders_; }
    /// Only with simulated venues.
    [[nodiscard]] const SimulatedExchange& exchange(VenueId id) const {
        return *exchanges_[id.value];
    }

private:
    void build_venues(const PipelineSetup& setup, TradingLanes& lanes);
    void build_exchange(const SimConfig& config, const PipelineSetup& setup,
                        std::span<const SimAccount> accounts);
    void build_shards(PipelineSetup& setup, TradingLanes& lanes);
    void build_portfolio(const PipelineSetup& setup, TradingLanes& lanes);
    [[nodiscard]] bool is_at_rest();
    Lane<OrderEvent>* add_lane(std::size_t capacity);
    Lane<OrderEvent>* add_input_lane(std::size_t capacity);

    const InstrumentTable& instruments_;
    const StreamTable streams_;  // the exchanges refer to it
    RoutingTable routing_;       // the shards refer to it
    StageWiring wiring_;
    std::uint16_t order_epochs_taken_;
    MarkTable marks_;
    AccountBook accounts_;
    OrderManager orders_;
    SnapshotShelf shelf_;
    MarginModel margin_;  // the gate refers to it
    Gate gate_;
    DayEnd day_end_;
    std::vector<std::unique_ptr<SimulatedExchange>> exchanges_;
    std::vector<std::unique_ptr<Lane<OrderEvent>>> order_lanes_;
    Duration round_trip_;

public:
    // The stages and the outer ends of their lanes, for whoever drives them.
    std::unique_ptr<Lane<MarketEvent>> trading_market;
    std::vector<std::unique_ptr<Lane<MarketEvent>>> venue_market;
    std::vector<std::unique_ptr<Lane<MarketEvent>>> shard_market;
    std::unique_ptr<Lane<MarketEvent>> portfolio_market;  ///< Null without `portfolio`.
    Lane<OrderEvent>* control = nullptr;
    Lane<OrderEvent>* snapshots = nullptr;  ///< Null without `portfolio`.
    Lane<OrderEvent>* trading_journal = nullptr;
    std::vector<Lane<OrderEvent>*> venue_journal;  ///< Null elements without record_inputs.
    std::vector<Lane<OrderEvent>*> shard_journal;  ///< Likewise.
    std::vector<Lane<OrderEvent>*> to_venue, from_venue, to_shard, from_shard;
    StageGroup<VenueStage> venues;  ///< Simulated; or there are as many ...
    StageGroup<LinkStage> links;    ///< ... to venues outside.
    StageGroup<ShardStage> shards;
    std::vector<VenueStage*> venue_stages;
    std::vector<LinkStage*> link_stages;
    std::vector<ShardStage*> shard_stages;
    std::unique_ptr<Trading> trading;
    StageGroup<PortfolioStage> portfolios;  ///< One or none.
    PortfolioStage* portfolio = nullptr;    ///< Null when no limit reads snapshots.
};

}  // namespace fermata

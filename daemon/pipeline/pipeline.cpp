#include "daemon/pipeline/pipeline.hpp"

#include <algorithm>
#include <utility>

#include "core/base/assert.hpp"

namespace fermata {
namespace {

/// The broker's side of the accounts: the same opening balances, kept independently of our books.
std::vector<SimAccount> broker_accounts(std::span<const AccountConfig> accounts,
                                        const InstrumentTable& instruments) {
    std::vector<SimAccount> result;
    for (const AccountConfig& account : accounts) {
        SimAccount broker;
        broker.id = account.id;
        broker.kind =
            account.type == AccountConfig::Type::kCash ? AccountKind::kCash : AccountKind::kMargin;
        broker.cash.resize(instruments.currencies().size());
        for (const auto& [currency, cash] : account.cash) broker.cash[currency.value] = cash;
        result.push_back(std::move(broker));
    }
    return result;
}

}  // namespace

Pipeline::Pipeline(PipelineSetup setup)
    : instruments_(*setup.instruments),
      marks_(instruments_.size()),
      accounts_(instruments_, setup.accounts, setup.strategies.size(), setup.limits.lots_max),
      orders_(OrderManagerConfig{.orders_max = setup.limits.orders_max,
                                 .day = setup.day,
                                 .boot_epoch = setup.boot_epoch},
              instruments_, accounts_),
      gate_(setup.risk, instruments_, marks_, accounts_, orders_.exposures(), setup.config_hash),
      trading_market_(std::make_unique<Lane<MarketEvent>>(setup.limits.market_lane)),
      trading_([&] {
          TradingLanes lanes;
          lanes.market = trading_market_.get();
          lanes.journal = add_lane(setup.limits.order_lane);
          records_ = std::make_unique<RecordStage>(*lanes.journal, setup.sink);
          build_venues(setup, lanes);
          build_shards(setup, lanes);
          return std::make_unique<Trading>(instruments_, marks_, accounts_, orders_, gate_,
                                           std::move(lanes));
      }()),
      loop_(venues_, *trading_, shards_, *records_) {}

Pipeline::~Pipeline() = default;

Lane<OrderEvent>* Pipeline::add_lane(std::size_t capacity) {
    return order_lanes_.emplace_back(std::make_unique<Lane<OrderEvent>>(capacity)).get();
}

void Pipeline::build_venues(const PipelineSetup& setup, TradingLanes& lanes) {
    const std::vector<SimAccount> accounts = broker_accounts(setup.accounts, instruments_);
    for (const SimConfig& config : setup.venues) {
        round_trip_ = std::max(round_trip_, config.latency_in + config.latency_out);
        exchanges_.push_back(std::make_unique<SimulatedExchange>(
            config, instruments_, setup.streams, accounts, setup.limits.orders_max));
        venue_market_.push_back(std::make_unique<Lane<MarketEvent>>(setup.limits.market_lane));
        Lane<OrderEvent>* in = add_lane(setup.limits.order_lane);
        Lane<OrderEvent>* out = add_lane(setup.limits.order_lane);
        lanes.to_venue.push_back(in);
        lanes.from_venue.push_back(out);
        auto stage = std::make_unique<VenueStage>(
            *exchanges_.back(), VenueStage::Lanes{venue_market_.back().get(), in, out});
        venue_stages_.push_back(stage.get());
        venues_.add(std::move(stage));
    }
}

void Pipeline::build_shards(PipelineSetup& setup, TradingLanes& lanes) {
    const std::size_t count =
        std::max<std::size_t>(1, std::min(setup.limits.shards, setup.strategies.size()));
    lanes.shard_of_strategy.resize(setup.strategies.size());
    for (std::size_t i = 0; i < count; ++i) {
        shard_market_.push_back(std::make_unique<Lane<MarketEvent>>(setup.limits.market_lane));
        Lane<OrderEvent>* reports = add_lane(setup.limits.order_lane);
        Lane<OrderEvent>* intents = add_lane(setup.limits.order_lane);
        lanes.to_shard.push_back(reports);
        lanes.from_shard.push_back(intents);
        auto shard = std::make_unique<ShardStage>(
            static_cast<std::uint16_t>(i), instruments_, setup.accounts, setup.limits.timers_max,
            ShardStage::Lanes{shard_market_.back().get(), reports, intents});
        shard_stages_.push_back(shard.get());
        shards_.add(std::move(shard));
    }
    for (StrategySetup& strategy : setup.strategies) {
        FERMATA_ASSERT(strategy.id.value < lanes.shard_of_strategy.size());
        const std::size_t shard = strategy.id.value % count;
        lanes.shard_of_strategy[strategy.id.value] = static_cast<std::uint16_t>(shard);
        shard_stages_[shard]->add(std::move(strategy));
    }
}

void Pipeline::start(Timestamp now) {
    for (ShardStage* shard : shard_stages_) shard->start(now);
}

void Pipeline::stop(Timestamp now) {
    for (ShardStage* shard : shard_stages_) shard->stop(now);
    OrderEvent end = make_order_event(OrderEventType::kMark, now, InstrumentId{0});
    end.data.mark = MarkData{};
    end.data.mark.market_events = trading_->feed_position();
    // Accounts in different currencies have no common sum: the mark holds the first account's.
    end.data.mark.equity = accounts_.equity(AccountId{0});
    end.data.mark.state_hash = accounts_.state_hash() ^ orders_.state_hash();
    trading_->record(end);
    run_to_quiescence();
}

bool Pipeline::overflowed() const noexcept {
    const auto full = [](const auto* stage) { return stage->overflowed(); };
    return market_overflowed_ || trading_->overflowed() ||
           std::any_of(venue_stages_.begin(), venue_stages_.end(), full) ||
           std::any_of(shard_stages_.begin(), shard_stages_.end(), full);
}

}  // namespace fermata

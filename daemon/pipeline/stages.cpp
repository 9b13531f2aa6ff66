#include "daemon/pipeline/stages.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <span>
#include <string>
#include <utility>

#include "core/base/assert.hpp"
#include "core/event/codec.hpp"

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
        for (const OpeningPosition& p : account.positions) {
            broker.positions.push_back({p.instrument, p.quantity});
        }
        result.push_back(std::move(broker));
    }
    return result;
}

/// What the order manager need not do itself, by VenueId.
std::vector<VenueCapabilities> capabilities(std::span<const SimConfig> venues) {
    std::vector<VenueCapabilities> result;
    for (const SimConfig& config : venues) result.push_back(config.supports);
    return result;
}

template <class Stage>
void persist_each(StateArchive& a, const std::vector<Stage*>& stages, const std::string& what) {
    const std::size_t count = a.count(stages.size(), stages.size());
    if (!a.require(count == stages.size(), "there is another number of " + what + "s")) return;
    for (std::size_t n = 0; n < count; ++n) {
        a.section(what + " " + std::to_string(n), 1, [&] { a(*stages[n]); });
    }
}

}  // namespace

PipelineStages::PipelineStages(PipelineSetup setup, StageWiring wiring)
    : instruments_(*setup.instruments),
      streams_(setup.streams),
      wiring_(wiring),
      order_epochs_taken_(setup.order_epochs_taken),
      marks_(instruments_.size()),
      accounts_(instruments_, setup.accounts, setup.strategies.size(), setup.limits.lots_max),
      orders_(OrderManagerConfig{.orders_max = setup.limits.orders_max,
                                 .day = setup.day,
                                 .boot_epoch = static_cast<std::uint16_t>(order_epochs_taken_ +
                                                                          setup.boot_epoch),
                                 .venues = capabilities(setup.venues)},
              instruments_, accounts_),
      margin_(instruments_, setup.accounts, setup.day_end.margin),
      gate_(setup.risk, instruments_, marks_, accounts_, orders_.exposures(), setup.config_hash),
      day_end_(setup.day_end, instruments_, setup.accounts),
      trading_market(std::make_unique<Lane<MarketEvent>>(setup.limits.market_lane)) {
    gate_.use_margin(margin_);
    // Simulated venues on threads of their own are behind by what lies on their lanes, not by event
    // time.
    if (wiring_.record_inputs && !setup.venues_outside) gate_.ignore_answers();
    TradingLanes lanes;
    lanes.market = trading_market.get();
    lanes.control = control = add_lane(64);
    lanes.journal = trading_journal = add_lane(setup.limits.order_lane);
    lanes.backpressure = wiring_.backpressure;
    lanes.durability = setup.durability;
    lanes.strict = setup.strict;
    // An order is sent, changed and canceled at most once before any of it is durable.
    lanes.held_max = setup.strict ? std::bit_ceil(4 * setup.limits.orders_max) : 1024;
    lanes.progress_every = wiring_.progress_every;
    for (const StreamInfo& stream : streams_) routing_.venue_of_stream.push_back(stream.venue);
    std::vector<FlattenOwner> owners;
    for (const StrategySetup& s : setup.strategies) owners.push_back({s.account, s.venue});
    build_venues(setup, lanes);
    build_shards(setup, lanes);
    if (needs_snapshots(setup.risk)) build_portfolio(setup, lanes);
    trading = std::make_unique<Trading>(instruments_, marks_, accounts_, orders_, gate_,
                                        std::move(lanes));
    trading->use_day_end(day_end_);
    trading->use_owners(std::move(owners));
}

PipelineStages::~PipelineStages() = default;

Lane<OrderEvent>* PipelineStages::add_lane(std::size_t capacity) {
    return order_lanes_.emplace_back(std::make_unique<Lane<OrderEvent>>(capacity)).get();
}

Lane<OrderEvent>* PipelineStages::add_input_lane(std::size_t capacity) {
    return wiring_.record_inputs ? add_lane(capacity) : nullptr;
}

namespace {

/// By StreamId: the data of a venue other than this one.
std::vector<bool> foreign_streams(const StreamTable& streams, VenueId venue) {
    std::vector<bool> foreign(streams.size());
    bool any = false;
    for (const StreamInfo& stream : streams) {
        const bool is = stream.venue != kEveryVenue && stream.venue != venue;
        foreign[stream.id.value] = is;
        any = any || is;
    }
    return any ? foreign : std::vector<bool>();
}

/// What a taker pays there, as far as it is the same for every unit. Fees a share are money a share
/// or contract: the router sets them against the multiplier.
RouteVenue route_of(const SimConfig& config) {
    RouteVenue route{config.venue, {}, {}, config.latency_in};
    switch (config.fees.model) {
        case FeeModel::kNone:
            break;
        case FeeModel::kPerShare:
            route.fee = config.fees.per_share;
            break;
        case FeeModel::kProportional:
            route.fee_rate = config.fees.rate;
            break;
        case FeeModel::kMakerTaker:
            route.fee_rate = config.fees.taker;
            break;
        case FeeModel::kMakerTakerPerShare:
            route.fee = config.fees.taker_per_share;
            break;
    }
    return route;
}

}  // namespace

void PipelineStages::build_venues(const PipelineSetup& setup, TradingLanes& lanes) {
    const std::vector<SimAccount> accounts = broker_accounts(setup.accounts, instruments_);
    for (const SimConfig& config : setup.venues) {
        routing_.venues.push_back(route_of(config));
        venue_market.push_back(std::make_unique<Lane<MarketEvent>>(setup.limits.market_lane));
        to_venue.push_back(add_lane(setup.limits.order_lane));
        from_venue.push_back(add_lane(setup.limits.order_lane));
        venue_journal.push_back(add_input_lane(setup.limits.order_lane));
        if (!setup.venues_outside) {
            build_exchange(config, setup, accounts);
            continue;
        }
        auto stage = std::make_unique<LinkStage>(
            config.venue,
            LinkStage::Lanes{venue_market.back().get(), to_venue.back(), from_venue.back(),
                             venue_journal.back(), wiring_.backpressure, wiring_.progress_every});
        link_stages.push_back(stage.get());
        links.add(std::move(stage));
    }
    lanes.to_venue = to_venue;
    lanes.from_venue = from_venue;
}

void PipelineStages::build_exchange(const SimConfig& config, const PipelineSetup& setup,
                                    std::span<const SimAccount> accounts) {
    round_trip_ = std::max(round_trip_, config.latency_in + config.latency_out);
    exchanges_.push_back(std::make_unique<SimulatedExchange>(config, instruments_, streams_,
                                                             accounts, setup.limits.orders_max));
    auto stage = std::make_unique<VenueStage>(
        *exchanges_.back(),
        VenueStage::Lanes{venue_market.back().get(), to_venue.back(), from_venue.back(),
                          venue_journal.back(), wiring_.backpressure, wiring_.progress_every,
                          foreign_streams(streams_, config.venue)});
    venue_stages.push_back(stage.get());
    venues.add(std::move(stage));
}

void PipelineStages::use_links(std::span<OrderLink* const> to, Latch* latch, std::uint64_t after) {
    FERMATA_ASSERT(to.size() == link_stages.size());
    for (std::size_t v = 0; v < to.size(); ++v) link_stages[v]->use(*to[v], latch, after);
}

void PipelineStages::build_shards(PipelineSetup& setup, TradingLanes& lanes) {
    const std::size_t count =
        std::max<std::size_t>(1, std::min(setup.limits.shards, setup.strategies.size()));
    for (std::size_t i = 0; i < count; ++i) {
        shard_market.push_back(std::make_unique<Lane<MarketEvent>>(setup.limits.market_lane));
        to_shard.push_back(add_lane(setup.limits.order_lane));
        from_shard.push_back(add_lane(setup.limits.order_lane));
        shard_journal.push_back(add_input_lane(setup.limits.order_lane));
        auto shard = std::make_unique<ShardStage>(
            static_cast<std::uint16_t>(i), instruments_, setup.accounts, setup.limits.timers_max,
            ShardStage::Lanes{shard_market.back().get(), to_shard.back(), from_shard.back(),
                              shard_journal.back(), wiring_.backpressure, wiring_.progress_every});
        shard_stages.push_back(shard.get());
        shards.add(std::move(shard));
    }
    lanes.to_shard = to_shard;
    lanes.from_shard = from_shard;
    lanes.shard_of_strategy.resize(setup.strategies.size());
    for (StrategySetup& strategy : setup.strategies) {
        FERMATA_ASSERT(strategy.id.value < lanes.shard_of_strategy.size());
        strategy.routing = &routing_;
        const std::size_t shard = shard_of(strategy.id);
        lanes.shard_of_strategy[strategy.id.value] = static_cast<std::uint16_t>(shard);
        shard_stages[shard]->add(std::move(strategy));
    }
}

void PipelineStages::build_portfolio(const PipelineSetup& setup, TradingLanes& lanes) {
    // On a thread of its own it is busy for a while whenever a day ends: the feed should not have
    // to wait for it.
    constexpr std::size_t kMarketLane = 4096;
    const bool own_thread = wiring_.backpressure != nullptr;
    portfolio_market = std::make_unique<Lane<MarketEvent>>(
        own_thread ? std::max(kMarketLane, setup.limits.market_lane) : setup.limits.market_lane);
    lanes.snapshots = snapshots = add_lane(64);
    auto stage =
        std::make_unique<PortfolioStage>(instruments_, setup.portfolio, shelf_,
                                         PortfolioStage::Lanes{portfolio_market.get(), snapshots});
    portfolio = stage.get();
    portfolios.add(std::move(stage));
    gate_.use_snapshots(shelf_);
}

void PipelineStages::start(Timestamp now) {
    for (ShardStage* shard : shard_stages) shard->start(now);
}

void PipelineStages::stop_strategies(Timestamp now) {
    for (ShardStage* shard : shard_stages) shard->stop(now);
}

void PipelineStages::record_trading_mark(Timestamp now) {
    OrderEvent end = make_order_event(OrderEventType::kMark, now, InstrumentId{0});
    end.data.mark = MarkData{};
    end.data.mark.market_events = trading->feed_position();
    // Accounts in different currencies have no common sum: the mark holds the first account's.
    end.data.mark.equity = accounts_.equity(AccountId{0});
    end.data.mark.state_hash = trading_hash();
    trading->record(end);
}

void PipelineStages::record_marks(Timestamp now) {
    record_trading_mark(now);
    for (VenueStage* venue : venue_stages) venue->record_mark();
    for (LinkStage* link : link_stages) link->record_mark();
    for (ShardStage* shard : shard_stages) shard->record_mark();
}

void PipelineStages::persist(StateArchive& a) {
    a.section("pipeline", 2, [&] {
        a.require(is_at_rest(), "a lane is not empty");
        a(marks_, accounts_, orders_, gate_, *trading);
        persist_each(a, venue_stages, "venue");
        persist_each(a, link_stages, "link");
        persist_each(a, shard_stages, "shard");
        if (portfolio != nullptr) a(*portfolio);
    });
}

void PipelineStages::persist_with_lanes(StateArchive& a) {
    std::vector<std::vector<OrderEvent>> under_way(order_lanes_.size());
    for (std::size_t n = 0; n < order_lanes_.size(); ++n) {
        OrderEvent e;
        while (order_lanes_[n]->take(e)) under_way[n].push_back(e);
    }
    persist(a);
    a.section("lanes", 1, [&] {
        for (std::size_t n = 0; n < order_lanes_.size(); ++n) {
            under_way[n].resize(a.count(under_way[n].size(), order_lanes_[n]->capacity()));
            for (OrderEvent& e : under_way[n]) persist_event(a, e);
        }
    });
    if (a.reading() && !a.ok()) return;
    for (std::size_t n = 0; n < order_lanes_.size(); ++n) {
        for (const OrderEvent& e : under_way[n]) {
            const bool pushed = order_lanes_[n]->try_push(e);
            FERMATA_ASSERT(pushed);
        }
    }
    if (a.reading() && snapshots != nullptr && !snapshots->empty()) {
        a.require(portfolio->restore_on_shelf(*snapshots->front()),
                  "a risk snapshot under way is not the one that was made");
    }
}

void PipelineStages::persist_event(StateArchive& a, OrderEvent& event) const {
    std::array<std::byte, kOrderEventBytesMax> bytes{};
    std::size_t length = a.reading() ? 0 : encode(event, bytes.data());
    length = a.count(length, bytes.size());
    for (std::size_t n = 0; n < length; ++n) a.plain(bytes[n]);
    if (!a.reading() || !a.ok()) return;
    a.require(decode(std::span(bytes).first(length), event).ok() &&
                  event.instrument.value < instruments_.size(),
              "an event under way makes no sense");
}

bool PipelineStages::is_at_rest() {
    const auto empty = [](const auto& lane) { return lane->empty(); };
    return trading_market->empty() && (portfolio_market == nullptr || portfolio_market->empty()) &&
           std::all_of(venue_market.begin(), venue_market.end(), empty) &&
           std::all_of(shard_market.begin(), shard_market.end(), empty) &&
           std::all_of(order_lanes_.begin(), order_lanes_.end(), empty);
}

bool PipelineStages::overflowed() const noexcept {
    const auto full = [](const auto* stage) { return stage->overflowed(); };
    return trading->overflowed() || venues_overflowed() ||
           std::any_of(shard_stages.begin(), shard_stages.end(), full);
}

bool PipelineStages::venues_overflowed() const noexcept {
    const auto full = [](const auto* stage) { return stage->overflowed(); };
    return std::any_of(venue_stages.begin(), venue_stages.end(), full) ||
           std::any_of(link_stages.begin(), link_stages.end(), full);
}

}  // namespace fermata

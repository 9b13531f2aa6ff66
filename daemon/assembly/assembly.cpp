#include "daemon/assembly/assembly.hpp"

#include <algorithm>
#include <filesystem>
#include <utility>

#include "adapters/calendar/time_format.hpp"
#include "adapters/calendar/time_zone_database.hpp"
#include "adapters/corporate_actions/corporate_actions_csv.hpp"
#include "adapters/csv/csv_feed.hpp"
#include "adapters/file/posix_file.hpp"
#include "adapters/fix/capabilities.hpp"
#include "adapters/generator/generator_feed.hpp"
#include "adapters/lean/lean_feed.hpp"
#include "adapters/openssl/openssl_hasher.hpp"
#include "adapters/tape/tape_feed.hpp"
#include "core/market/companion_feed.hpp"
#include "core/market/corporate_action_feed.hpp"
#include "core/market/merged_feed.hpp"
#include "core/market/session_feed.hpp"
#include "core/port/file_source.hpp"
#include "daemon/assembly/build_commit.hpp"

namespace fermata {
namespace {

/// Custom calendars have no range of their own.
constexpr DateRange kCustomRange{Date{7'305}, Date{32'872}};  // 1990-01-01 to 2059-12-31

std::unique_ptr<TimeParser> time_parser(const csv::CsvTime& time) {
    if (time.unit != csv::CsvTimeUnit::kFormat) return nullptr;
    return make_time_parser(time.format, time.zone);
}

/// What other strategies of the account trade, too.
std::vector<InstrumentId> shared_instruments(const std::vector<StrategyConfig>& strategies,
                                             const StrategyConfig& own) {
    std::vector<InstrumentId> shared;
    for (const InstrumentId id : own.instruments) {
        const bool trades =
            std::any_of(strategies.begin(), strategies.end(), [&](const StrategyConfig& other) {
                return other.id != own.id && other.account == own.account &&
                       std::find(other.instruments.begin(), other.instruments.end(), id) !=
                           other.instruments.end();
            });
        if (trades) shared.push_back(id);
    }
    return shared;
}

PortfolioStageSettings portfolio_settings(const Config& config) {
    const PortfolioRiskConfig& risk = config.portfolio_risk;
    PortfolioStageSettings settings;
    settings.window = risk.window;
    settings.every = risk.every;
    settings.estimate = {risk.covariance, risk.lambda, risk.correlation_threshold, risk.days_min};
    settings.scenarios = risk.stress.settings;
    settings.scenarios.confidence = risk.confidence;
    for (const StressWindowConfig& window : risk.stress.windows) {
        settings.windows.push_back({window.name, window.from, window.to});
    }
    if (risk.benchmark) {
        if (const Instrument* found = config.instruments.find(*risk.benchmark)) {
            settings.benchmark = found->id;
        }
    }
    return settings;
}

/// A venue that is reached over FIX can do no more than its session can say. The simulated exchange
/// that stands in for it, in a replay or on paper, is asked for the same.
void limit_to_sessions(const std::vector<SessionConfig>& sessions, std::vector<SimConfig>& venues) {
    for (const SessionConfig& s : sessions) {
        if (s.role != SessionRole::kOrders) continue;
        VenueCapabilities& supports = venues.at(s.venue.value).supports;
        supports = fix::fix_capabilities(supports, s.expire_time);
    }
}

}  // namespace

HasherFactory sha256_hasher() {
    return [] { return make_sha256(); };
}

HasherMaker chain_hashers() {
    return [](HashAlgorithm algorithm) { return make_hasher(algorithm); };
}

std::string build_id() { return "fermata " FERMATA_VERSION " " + std::string(build_commit()); }

Assembly::Assembly(const Config& config, const StrategyRegistry& registry)
    : config_(config),
      registry_(registry),
      files_(std::make_unique<PosixFileSystem>()),
      streams_(config.streams) {
    ports_.instruments = &config_.instruments;
    ports_.calendar = [this](const std::string& name) { return calendar(name); };
    ports_.files = files_.get();
    ports_.hasher = sha256_hasher();
}

const Calendar* Assembly::calendar(const std::string& name) {
    for (const auto& known : calendars_) {
        if (known->name() == name) return known.get();
    }
    const auto custom = std::find_if(config_.calendars.begin(), config_.calendars.end(),
                                     [&](const CalendarSpec& spec) { return spec.name == name; });
    if (custom != config_.calendars.end()) {
        calendars_.push_back(make_calendar(*custom, kCustomRange.from, kCustomRange.to));
    } else {
        const auto range = builtin_calendar_range(name);
        if (!range) return nullptr;
        calendars_.push_back(make_calendar(name, range->from, range->to));
    }
    return calendars_.back().get();
}

std::unique_ptr<Feed> Assembly::make_one(const FeedConfig& feed) {
    if (const auto* csv = std::get_if<csv::CsvFeedConfig>(&feed.settings)) {
        return std::make_unique<csv::CsvFeed>(*csv,
                                              csv::CsvFeedPorts{ports_, time_parser(csv->time)});
    }
    if (const auto* lean = std::get_if<lean::LeanFeedConfig>(&feed.settings)) {
        return std::make_unique<lean::LeanFeed>(*lean, ports_);
    }
    if (const auto* generator = std::get_if<generator::GeneratorConfig>(&feed.settings)) {
        return std::make_unique<generator::GeneratorFeed>(*generator, ports_);
    }
    const auto& tape = std::get<TapeFeedConfig>(feed.settings);
    return std::make_unique<tape::TapeFeed>(
        tape::TapeFeedOptions{tape.path, tape.from, tape.to, tape.verify}, config_.instruments,
        streams_);
}

std::vector<const Calendar*> Assembly::calendars() const {
    std::vector<const Calendar*> calendars;
    for (const Instrument& instrument : config_.instruments.all()) {
        calendars.push_back(ports_.calendar_of(instrument));
    }
    return calendars;
}

std::unique_ptr<Feed> Assembly::make_corporate_actions() {
    const std::string path = config_.corporate_actions.file.string();
    for (const StreamInfo& stream : streams_) {
        if (stream.kind != MarketEventType::kCorporateAction) continue;
        throw FeedError(path + ": a tape of this run holds corporate actions already (stream '" +
                        stream.name +
                        "'); they would count twice: leave out "
                        "corporate_actions.file");
    }
    CorporateActionList list = read_corporate_actions(std::make_unique<FileSource>(*files_, path),
                                                      config_.instruments, ports_.hasher);
    CorporateActionFeedSettings settings;
    settings.name = path;
    settings.source_hash = list.source_hash;
    settings.stream = StreamId{static_cast<std::uint16_t>(streams_.size())};
    streams_.push_back(
        {settings.stream, "corporate actions", MarketEventType::kCorporateAction, Duration{}});
    return std::make_unique<CorporateActionFeed>(settings, std::move(list.actions),
                                                 config_.instruments, calendars());
}

std::unique_ptr<Feed> Assembly::make_market_feed() {
    std::vector<std::unique_ptr<Feed>> feeds;
    const auto note_source = [this](const Feed& feed) {
        sources_.push_back({std::string(feed.name()), feed.source_hash()});
    };
    for (const FeedConfig& feed : config_.feeds) {
        const std::size_t known = streams_.size();
        feeds.push_back(make_one(feed));
        for (std::size_t n = known; n < streams_.size(); ++n) streams_[n].venue = feed.venue;
        note_source(*feeds.back());
    }
    auto merged = std::make_unique<MergedFeed>(std::move(feeds), ports_.hasher);
    if (config_.corporate_actions.file.empty() ||
        config_.corporate_actions.mode == CorporateActionMode::kIgnore) {
        return merged;
    }
    auto actions = make_corporate_actions();
    note_source(*actions);
    return std::make_unique<CompanionFeed>(std::move(merged), std::move(actions), ports_.hasher);
}

std::unique_ptr<Feed> Assembly::make_feed() {
    return std::make_unique<SessionFeed>(make_market_feed(), calendars());
}

PipelineSetup Assembly::make_setup() {
    PipelineSetup setup;
    setup.instruments = &config_.instruments;
    setup.streams = streams_;
    setup.accounts = config_.accounts;
    setup.venues = config_.venues;
    setup.venues_outside = config_.mode == Mode::kShadow || config_.mode == Mode::kLive;
    limit_to_sessions(config_.sessions, setup.venues);
    setup.risk = config_.risk;
    setup.risk.set_taxpayers(config_.tax.taxpayers);
    setup.portfolio = portfolio_settings(config_);
    setup.day_end = config_.end_of_day;
    setup.config_hash = hash_prefix(config_.rules_hash);
    for (const StrategyConfig& strategy : config_.strategies) {
        const StrategyType* type = registry_.find(strategy.type);
        StrategySetup& made = setup.strategies.emplace_back();
        made.id = strategy.id;
        made.account = strategy.account;
        made.venue = strategy.venue;
        made.sizing = strategy.sizing;
        made.instruments = strategy.instruments;
        made.strategy = type->make(strategy.params);
        if (strategy.exits.any()) {
            made.helpers.push_back(std::make_unique<ExitManager>(
                strategy.exits, shared_instruments(config_.strategies, strategy)));
        }
    }
    const EngineConfig& engine = config_.engine;
    setup.limits = PipelineLimits{engine.shards,     engine.market_lane, engine.order_lane,
                                  engine.orders_max, engine.timers_max,  engine.lots_max};
    return setup;
}

RunNames Assembly::names() const {
    RunNames names;
    names.instruments = &config_.instruments;
    for (const StrategyConfig& strategy : config_.strategies)
        names.strategies.push_back(strategy.name);
    for (const AccountConfig& account : config_.accounts) names.accounts.push_back(account.name);
    for (const SimConfig& venue : config_.venues) names.venues.push_back(venue.name);
    return names;
}

LotRules Assembly::lot_rules() const {
    LotRules rules;
    rules.wash_sales = config_.tax.wash_sales;
    rules.fees_in_basis = config_.tax.fees_in_basis;
    rules.taxpayers = config_.tax.taxpayers;
    for (const auto& [fill, lot] : config_.tax.identified) {
        rules.identified[static_cast<std::uint32_t>(std::stoul(fill))] = lot;
    }
    rules.day = [calendars = calendars()](InstrumentId id, Timestamp ts) {
        constexpr std::int64_t kDay = 86'400'000'000'000;
        const Date utc{static_cast<std::int32_t>(ts.ns / kDay - (ts.ns % kDay < 0 ? 1 : 0))};
        const Calendar* calendar = calendars[id.value];
        return calendar == nullptr ? utc : calendar->date_at(ts).value_or(utc);
    };
    return rules;
}

JournalManifest Assembly::manifest() const {
    JournalManifest manifest;
    manifest.build = build_id();
    manifest.configuration_hash = config_.hash;
    manifest.start = config_.run.from;
    manifest.time_zones = time_zone_database_version();
    for (const std::string& name : config_.calendar_names) {
        manifest.calendars += (manifest.calendars.empty() ? "" : ",") + name;
    }
    manifest.shards = static_cast<std::uint32_t>(config_.engine.shards);
    manifest.schedule = config_.engine.schedule;
    manifest.market = config_.journal.market;
    manifest.folder = std::filesystem::absolute(config_.file).parent_path().string();
    manifest.sources = sources_;
    for (const Instrument& instrument : config_.instruments.all()) {
        manifest.instruments.push_back(instrument.symbol);
    }
    const RunNames run = names();
    manifest.strategies = run.strategies;
    manifest.accounts = run.accounts;
    manifest.venues = run.venues;
    manifest.currencies = config_.instruments.currencies();
    return manifest;
}

}  // namespace fermata

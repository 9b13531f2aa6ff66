#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "adapters/calendar/calendars.hpp"
#include "adapters/csv/csv_config.hpp"
#include "adapters/generator/generator_config.hpp"
#include "adapters/lean/lean_config.hpp"
#include "core/account/account_config.hpp"
#include "core/journal/journal_stage.hpp"
#include "core/journal/manifest.hpp"
#include "core/market/stream.hpp"
#include "core/order/day_end.hpp"
#include "core/port/hasher.hpp"
#include "core/sim/sim_config.hpp"
#include "core/strategy/context.hpp"
#include "core/strategy/exits.hpp"
#include "core/strategy/registry.hpp"
#include "core/types/instrument.hpp"
#include "daemon/config/control_config.hpp"
#include "daemon/config/exchange_config.hpp"
#include "daemon/config/problem.hpp"
#include "daemon/config/sessions_config.hpp"
#include "daemon/config/threads_config.hpp"
#include "daemon/config/watchdog_config.hpp"
#include "risk/portfolio/snapshot.hpp"
#include "risk/portfolio/stress.hpp"
#include "risk/risk_config.hpp"

namespace fermata {

enum class Mode : std::uint8_t { kReplay, kPaper, kShadow, kLive };
[[nodiscard]] std::string_view mode_name(Mode mode) noexcept;  ///< "replay", "paper" ...

/// How fast a replay hands out its events.
struct Speed {
    Ratio factor;  ///< Times the pace of the recorded time stamps; zero: as fast as possible.
    [[nodiscard]] bool is_max() const noexcept { return factor.is_zero(); }
    friend constexpr auto operator<=>(Speed, Speed) = default;
};

enum class ProgressBar : std::uint8_t { kAuto, kAlways, kNever };  ///< kAuto: on a terminal only.

struct RunConfig {
    std::string name;                   ///< For people.
    Timestamp from = Timestamp::min();  ///< Events before it are not delivered.
    Timestamp to = Timestamp::never();  ///< First instant that is not delivered any more.
    std::uint64_t seed = 1;
    Speed speed;
    std::filesystem::path out;  ///< Folder of the results, resolved; empty: none was given.
    ProgressBar progress = ProgressBar::kAuto;
    std::optional<InstrumentId> benchmark;  ///< Of the statistics (beta, alpha ...).
    Ratio risk_free;                        ///< A year, of the statistics.
    std::uint32_t periods_per_year = 252;   ///< Daily values a year, of the statistics.
    Duration equity_interval;               ///< Between two samples of equity on quotes and trades.
};

/// How the tax lots of lots.csv are worked out. Decides about no order.
struct TaxConfig {
    bool wash_sales = true;
    bool fees_in_basis = true;
    /// By the number of a closing fill, the lot that it closes: see LotRules.
    std::map<std::string, std::uint32_t> identified;
    std::vector<std::uint16_t> taxpayers;  ///< By AccountId: equal numbers, the same taxpayer.
};

enum class CorporateActionMode : std::uint8_t {
    kRaw,     ///< Applied to positions, open orders and cash when they take effect.
    kIgnore,  ///< For series that are adjusted already.
};

struct CorporateActionsConfig {
    std::filesystem::path file;  ///< Empty: none.
    CorporateActionMode mode = CorporateActionMode::kRaw;
};

/// A tape as a feed.
struct TapeFeedConfig {
    std::string path;
    Timestamp from = Timestamp::min();  ///< What lies in [from, to) is delivered.
    Timestamp to = Timestamp::never();
    bool verify = false;  ///< Check the whole tape before the first event.
};

/// One source of market data. `settings` are those of its adapter, with paths resolved.
struct FeedConfig {
    std::string name;  ///< For people: "csv SPY".
    VenueId venue = kEveryVenue;
    std::variant<csv::CsvFeedConfig, lean::LeanFeedConfig, TapeFeedConfig,
                 generator::GeneratorConfig>
        settings;
};

struct StrategyConfig {
    StrategyId id;
    std::string name;
    std::string type;    ///< Known to the registry.
    ParamValues params;  ///< Complete and valid.
    Sizing sizing;
    ExitRules exits;
    AccountId account;
    VenueId venue;
    std::vector<InstrumentId> instruments;
};

struct JournalConfig {
    bool enabled = true;
    std::uint64_t segment_bytes = std::uint64_t{64} << 20;
    JournalSync sync = JournalSync::kNone;
    MarketRecord market = MarketRecord::kReference;
    bool market_messages = true;  ///< Of market data sessions, as they went over the wire.
};

/// How far the database may stay behind the journal.
struct DatabaseLag {
    std::uint64_t alert_bytes = std::uint64_t{256} << 20;
    Duration alert_age = Duration::minutes(1);
    std::uint64_t halt_bytes = std::uint64_t{8} << 30;
    Duration halt_age = Duration::hours(1);
};

/// The database into which the journal is loaded while it is written.
struct DatabaseConfig {
    bool enabled = false;
    std::string url;  ///< Connection string without a password; empty: libpq's variables.
    std::size_t batch_records = 10'000;
    Duration batch_interval = Duration::milliseconds(200);
    Duration connect_timeout = Duration::seconds(5);
    Duration answer_timeout = Duration::seconds(30);
    Duration drain_timeout = Duration::minutes(1);
    DatabaseLag lag;
};

/// A part of history that happens again, as a stress scenario.
struct StressWindowConfig {
    std::string name;
    Date from;
    Date to;  ///< Included.
};

struct PortfolioStressConfig {
    portfolio::StressSettings settings;
    std::vector<StressWindowConfig> windows;
};

/// How the risk of positions is measured: by fermata risk report, and for the gate.
struct PortfolioRiskConfig {
    std::size_t window = 512;  ///< Trading days.
    std::size_t days_min = 60;
    Duration every = Duration::seconds(86'400);  ///< Between two snapshots for the gate.
    double correlation_threshold = 0.7;          ///< Of CORRELATED.
    std::optional<std::string> benchmark;        ///< Symbol; of the betas.
    double confidence = 0.99;
    portfolio::CovarianceMethod covariance = portfolio::CovarianceMethod::kShrunk;
    double lambda = 0.94;
    std::uint64_t seed = 1;
    std::size_t paths = 10'000;
    std::uint32_t fat_tails = 5;
    double participation = 0.1;
    std::size_t backtest_window = 250;
    std::vector<std::string> factors;  ///< Symbols of instruments.
    PortfolioStressConfig stress;
};

/// Sizes that are fixed at start; nothing grows afterwards. Lane capacities are powers of two.
struct EngineConfig {
    std::size_t shards = 1;
    std::size_t market_lane = 64;
    std::size_t order_lane = 4096;
    std::size_t orders_max = 65'536;  ///< Live orders.
    std::size_t timers_max = 4096;    ///< Pending timers of one shard.
    std::size_t lots_max = 65'536;    ///< Open tax lots.
    RunSchedule schedule = RunSchedule::kLockstep;
    Duration stall_limit = Duration::seconds(5);  ///< How long a full lane may stay full.
};

/// Where recorded data as a live source begins.
enum class LiveStart : std::uint8_t {
    kNow,      ///< Its first event comes at once.
    kAligned,  ///< Its first event comes at its own time of day (UTC).
};

/// What becomes of open orders when the daemon is asked to stop.
enum class StopPolicy : std::uint8_t { kCancel, kKeep };
enum class NextStart : std::uint8_t { kNew, kGoesOn };
enum class Release : std::uint8_t { kAsked, kWhenEqual };

/// What a run on the machine's clock needs beyond a replay.
struct LiveConfig {
    Duration clock_every = Duration::milliseconds(10);
    Speed speed{Ratio::from_units(1)};  ///< Of recorded data as a source.
    LiveStart start = LiveStart::kNow;
    StopPolicy stop = StopPolicy::kCancel;
    Duration stop_timeout = Duration::seconds(5);
    NextStart next_start = NextStart::kNew;  ///< In mode live always kGoesOn.
    Release release = Release::kAsked;
    Duration settle = Duration::milliseconds(500);
    Duration patience = Duration::seconds(5);
};

/// Everything that a run is made of: validated, complete, references turned into ids. Plain data.
struct Config {
    std::string file;  ///< As the caller named it.
    Mode mode = Mode::kReplay;
    RunConfig run;
    InstrumentTable instruments;
    std::vector<CalendarSpec> calendars;      ///< Custom ones.
    std::vector<std::string> calendar_names;  ///< All that the instruments use, sorted.
    std::vector<AccountConfig> accounts;      ///< By AccountId.
    CorporateActionsConfig corporate_actions;
    std::vector<FeedConfig> feeds;
    /// One entry for each feed but the tapes, in their order; tapes bring streams of their own,
    /// which are numbered behind these. Outside of mode replay those of market data sessions lie
    /// between them: SessionConfig::quote_stream, trade_stream.
    StreamTable streams;
    std::vector<SimConfig> venues;           ///< By VenueId.
    std::vector<SessionConfig> sessions;     ///< FIX sessions of all roles.
    std::vector<StrategyConfig> strategies;  ///< By StrategyId.
    TaxConfig tax;
    DayEndRules end_of_day;
    RiskConfig risk;
    std::filesystem::path latch;        ///< Halts that survive a restart; empty: none are followed.
    std::filesystem::path approvals;    ///< Which build may run what in mode live; else empty.
    std::filesystem::path risk_inputs;  ///< What the gate is told from outside; empty: nothing.
    JournalConfig journal;
    DatabaseConfig database;
    ControlConfig control;
    WatchdogConfig watchdog;
    std::optional<venue::ExchangeConfig> exchange;  ///< What `fermata venue` runs, if anything.
    EngineConfig engine;
    LiveConfig live;
    ThreadsConfig threads;
    PortfolioRiskConfig portfolio_risk;

    /// The effective configuration as canonical YAML: every default filled in, overrides applied,
    /// keys sorted, paths as written. Loading it again gives an equal configuration.
    std::string effective;
    /// Hash ("sha256:...") of the part of `effective` that decides about results: all but run.name,
    /// run.out, run.speed, run.progress, `journal`, `database`, `control`, `watchdog`, `exchange`,
    /// `engine`, `live`, `threads` and what only reports take from `portfolio_risk`.
    std::string hash;
    /// Hash of the rules alone: as `hash`, but without `feeds`, `sessions`, `corporate_actions`,
    /// run.from and run.to, so that the same rules over another source of the same data, or by
    /// another way to the venue, have the same number.
    std::string rules_hash;
    /// What does not forbid the run but deserves a look, such as a data file that does not exist.
    std::vector<ConfigProblem> warnings;
};

/// The first 8 bytes of a hash ("sha256:0123456789abcdef..." gives 0x0123456789abcdef), as they
/// stand in verdicts.
[[nodiscard]] std::uint64_t hash_prefix(const std::string& hash);

/// Reads the configuration `file`, applies `overrides` ("strategies.sma.params.fast=10": dotted
/// keys, list elements by index or by their name or symbol, the value as YAML) and checks
/// everything, also that the strategies accept their parameters.
/// Throws ConfigError with every problem found.
[[nodiscard]] Config load_config(const std::filesystem::path& file,
                                 std::span<const std::string> overrides,
                                 const StrategyRegistry& registry, const HasherFactory& hasher);

/// As load_config, from memory: `origin` stands for the file in messages, and relative paths are
/// resolved against `folder`.
[[nodiscard]] Config parse_config(std::string_view text, const std::string& origin,
                                  const std::filesystem::path& folder,
                                  std::span<const std::string> overrides,
                                  const StrategyRegistry& registry, const HasherFactory& hasher);

}  // namespace fermata

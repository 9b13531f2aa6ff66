#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "daemon/config/codec.hpp"
#include "daemon/config/config.hpp"
#include "daemon/config/problem.hpp"

/// The configuration as it is written: names instead of ids, civil times instead of instants. The
/// schema fills these; assemble.cpp makes a Config of them. Where a module's own settings struct
/// can hold what is written, it is used as it is. A member's initial value is the key's default.

namespace fermata::config {

struct RunSettings {
    std::string name;
    std::optional<CivilTime> from, to;
    std::string zone;
    std::uint64_t seed = 1;
    Speed speed;
    std::optional<FilePath> out;
    ProgressBar progress = ProgressBar::kAuto;
    std::string benchmark;
    Ratio risk_free;
    std::uint32_t periods_per_year = 252;
    Duration equity_interval = Duration::minutes(1);
};

struct AccountSettings {
    std::string name = "main";
    std::string currency;
    std::optional<Money> cash;
    std::map<std::string, Money> balances;  ///< Instead of `cash`: one amount a currency.
    AccountConfig::Type type = AccountConfig::Type::kCash;
    AccountConfig::Book book = AccountConfig::Book::kNetting;
    LotMethod lots = LotMethod::kFifo;
    std::optional<AccountConfig::Margin> margin;
    std::string taxpayer = "one";
};

struct DayEndSettings {
    std::map<std::string, Ratio> debit, credit;  ///< By currency.
    std::map<std::string, Ratio> borrow;         ///< By symbol.
    Ratio borrow_default;
    Money minimum_equity = MarginRules{}.minimum_equity;
    Duration stale_after = DayEndRules{}.stale_after;
};

struct TickSettings {
    std::optional<CivilTime> from;
    Price tick;
    Place place;
};

struct InstrumentSettings {
    std::string symbol;
    AssetClass asset_class = AssetClass::kEquity;
    std::optional<Price> tick;
    std::vector<TickSettings> ticks;  ///< Instead of `tick`.
    Quantity lot = Quantity::from_units(1);
    std::optional<Quantity> min_quantity;
    Multiplier multiplier = Multiplier::from_units(1);
    std::string currency;
    std::string sector;
    std::string calendar;
    std::optional<Quantity> average_daily_volume;
};

struct InstrumentFileSettings {
    FilePath file;
    std::optional<FilePath> ticks;
};

/// One element of `instruments`: an instrument, or a file of them (read into `rows`).
struct InstrumentEntry {
    InstrumentSettings inline_instrument;
    std::optional<InstrumentFileSettings> from_file;
    std::vector<InstrumentSettings> rows;
};

struct WeekSettings {
    std::optional<SessionHours> monday, tuesday, wednesday, thursday, friday, saturday, sunday;
};

struct CalendarSettings {
    std::string name;
    std::string zone;
    WeekSettings week;
    std::vector<Date> holidays;
    std::vector<SpecialHours> special_hours;
};

struct CorporateActionsSettings {
    std::optional<FilePath> file;
    CorporateActionMode mode = CorporateActionMode::kRaw;
};

/// How a CSV file writes the time.
struct CsvTimeSettings {
    csv::CsvColumn column{"time"};
    std::optional<csv::CsvTimeUnit> unit;
    std::string format;
    std::string zone;
};

struct CsvColumnsSettings {
    csv::CsvColumn time{"time"};
    std::optional<CsvTimeSettings> rich_time;  ///< Instead of `time`.
    csv::CsvColumns columns;
};

struct CsvFeedSettings {
    FilePath path;
    std::optional<std::string> symbol;
    std::vector<std::string> symbols;
    std::optional<Duration> interval;
    CsvColumnsSettings columns;
    std::optional<CsvTimeSettings> time;  ///< Another place for columns.rich_time.
    std::optional<CivilTime> from, to;
    csv::CsvFeedConfig csv;  ///< All other keys.
};

struct LeanFeedSettings {
    FilePath root;
    lean::LeanFeedConfig lean;  ///< All other keys.
};

struct TapeFeedSettings {
    FilePath path;
    std::optional<CivilTime> from, to;
    bool verify = false;
};

struct GeneratorFeedSettings {
    std::optional<CivilTime> from, to;
    std::optional<std::uint64_t> seed;
    generator::GeneratorConfig generator;  ///< All other keys.
};

struct FeedSettings {
    std::string name;
    std::string venue;
    std::variant<CsvFeedSettings, LeanFeedSettings, TapeFeedSettings, GeneratorFeedSettings> kind;
};

struct LatencySettings {
    Duration in;
    Duration out;
};

/// Names of all values, for the defaults.
[[nodiscard]] const std::vector<std::string>& all_order_types();
[[nodiscard]] const std::vector<std::string>& all_times_in_force();
[[nodiscard]] const std::vector<std::string>& all_offset_kinds();
[[nodiscard]] const std::vector<std::string>& all_venue_features();

struct SupportSettings {
    std::vector<std::string> types = all_order_types();
    std::vector<std::string> times_in_force = all_times_in_force();
    std::vector<std::string> offsets = all_offset_kinds();
    std::vector<std::string> features = all_venue_features();
};

struct VenueSettings {
    std::string name = "sim";
    LatencySettings latency;
    SupportSettings supports;
    SimConfig sim;  ///< All other keys.
};

struct StrategySettings {
    std::string name;
    std::string type;
    std::map<std::string, std::string> params;  ///< Complete.
    std::vector<std::string> symbols;
    std::string account;
    std::string venue;
    Sizing sizing;
    ExitRules exits;
};

/// Limits as they are written; which keys exist and what they mean is the gate's list.
struct LimitText {
    std::string text;
    Place place;
};
using LimitTexts = std::map<std::string, LimitText>;

struct LimitSettings {
    LimitTexts values;
};

/// What a strategy may do; an empty list is all.
struct PermissionSettings {
    std::string strategy;
    std::vector<std::string> accounts, instruments, venues;
};

struct PositionSettings {
    std::string instrument, strategy, account;
    Quantity quantity;
    Price cost;
    std::optional<Price> mark;
    CivilTime opened;
    Place place;
};

struct RestrictionSettings {
    std::string instrument;
    std::optional<CivilTime> from, until;
    std::string reason;
    Place place;
};

struct DayTradeRegimeSettings {
    std::optional<CivilTime> from;
    DayTradeMode mode = DayTradeMode::kHouse;
    std::vector<std::string> accounts;  ///< Empty: all.
    Place place;
};

struct ScheduleSettings {
    CivilTime from;
    LimitSettings limits;
    std::map<std::string, LimitSettings> strategies, instruments, accounts;
    Place place;
};

struct RiskSettings {
    RiskProfile profile = RiskProfile::kHouse;
    LimitSettings limits;
    LimitSettings hard;
    std::map<std::string, LimitSettings> strategies, instruments, accounts;
    std::vector<ScheduleSettings> schedule;
    std::vector<PermissionSettings> permissions;
    std::vector<RestrictionSettings> restricted;
    std::vector<DayTradeRegimeSettings> day_trade_regime;
    std::optional<FilePath> inputs;
    std::optional<FilePath> latch;
    std::optional<FilePath> approvals;
};

struct LogonTagSettings {
    int tag = 0;
    std::string value;
    std::optional<FilePath> file;
    std::string environment;
};

struct SessionKeys {
    std::string venue;
    std::vector<std::string> instruments;
    FilePath store;
    std::vector<LogonTagSettings> logon_tags;
    std::optional<TagValue> cancel_on_disconnect;
    std::map<std::string, std::string> accounts, symbols, security_types;
    SessionConfig session;  ///< All other keys.
};

/// As ControlConfig.
struct WatchdogSettings {
    std::optional<FilePath> progress_file;
    Duration poll_every = WatchdogConfig{}.poll_every;
    Duration hang_after = WatchdogConfig{}.hang_after;
    Duration fence_wait = WatchdogConfig{}.fence_wait;
    Duration retry_every = WatchdogConfig{}.retry_every;
    OnCrash on_crash = WatchdogConfig{}.on_crash;
};

struct ControlSettings {
    std::optional<FilePath> socket;
    std::vector<console::RoleRule> roles;
    int admins = ControlConfig{}.admins;
    Duration dead_man = ControlConfig{}.dead_man;
    latch::Level dead_man_level = ControlConfig{}.dead_man_level;
};

/// As venue::MemberConfig, with names.
struct MemberSettings {
    std::string comp_id, firm;
    std::vector<std::string> accounts;
    bool orders = true;
    bool market_data = true;
    bool drop_copy = false;
    bool cancel_on_disconnect = false;
    bool of_firm = false;
};

struct FaultsSettings {
    std::uint64_t seed = 1;
    std::vector<venue::Fault> list;
};

/// As venue::ExchangeConfig, with names.
struct ExchangeSettings {
    std::string venue;
    std::optional<FilePath> folder;
    std::vector<MemberSettings> members;
    FaultsSettings faults;
    venue::ExchangeConfig plain;  ///< All other keys.
};

/// The whole file.
struct Settings {
    Mode mode = Mode::kReplay;
    RunSettings run;
    std::optional<AccountSettings> account;
    std::vector<AccountSettings> accounts;
    std::vector<CalendarSettings> calendars;
    std::vector<InstrumentEntry> instruments;
    CorporateActionsSettings corporate_actions;
    std::vector<FeedSettings> feeds;
    std::vector<VenueSettings> venues;
    std::vector<SessionKeys> sessions;
    std::vector<StrategySettings> strategies;
    std::vector<PositionSettings> positions;
    TaxConfig tax;
    DayEndSettings end_of_day;
    RiskSettings risk;
    JournalConfig journal;
    DatabaseConfig database;
    ControlSettings control;
    WatchdogSettings watchdog;
    std::optional<ExchangeSettings> exchange;
    EngineConfig engine;
    LiveConfig live;
    ThreadsConfig threads;
    PortfolioRiskConfig portfolio_risk;
};

}  // namespace fermata::config

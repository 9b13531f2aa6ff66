#pragma once

#include "core/strategy/registry.hpp"
#include "daemon/config/section.hpp"
#include "daemon/config/settings.hpp"

/// The one declaration of the configuration, in one function a theme. Sections are read in the
/// order in which they are declared, so that a name is known before it is referred to.

namespace fermata::config {

/// Kinds of names that keys define and refer to.
inline constexpr const char* kAccountName = "account";
inline constexpr const char* kCalendarName = "calendar";
inline constexpr const char* kSymbolName = "instrument";
inline constexpr const char* kVenueName = "venue";
inline constexpr const char* kStrategyName = "strategy";

[[nodiscard]] Section<RunSettings> run_section();
[[nodiscard]] Section<AccountSettings> account_section();
[[nodiscard]] Section<JournalConfig> journal_section();
[[nodiscard]] Section<DatabaseConfig> database_section();
[[nodiscard]] Section<ControlSettings> control_section();
[[nodiscard]] Section<WatchdogSettings> watchdog_section();
[[nodiscard]] Section<ExchangeSettings> exchange_section();
[[nodiscard]] Section<EngineConfig> engine_section();
[[nodiscard]] Section<LiveConfig> live_section();
[[nodiscard]] Section<SessionKeys> session_section();
[[nodiscard]] Section<ThreadsConfig> threads_section();

[[nodiscard]] Section<CalendarSettings> calendar_section();
[[nodiscard]] Section<InstrumentSettings> instrument_section();
/// An element of `instruments`: an instrument, or a file of them.
[[nodiscard]] Section<InstrumentEntry> instrument_entry_section();
[[nodiscard]] Section<CorporateActionsSettings> corporate_actions_section();

[[nodiscard]] Section<FeedSettings> feed_section();
[[nodiscard]] Section<CsvFeedSettings> csv_feed_section();
[[nodiscard]] Section<LeanFeedSettings> lean_feed_section();
[[nodiscard]] Section<TapeFeedSettings> tape_feed_section();
[[nodiscard]] Section<GeneratorFeedSettings> generator_feed_section();

[[nodiscard]] Section<VenueSettings> venue_section();
[[nodiscard]] Section<SupportSettings> supports_section();
[[nodiscard]] VenueCapabilities support_of(const SupportSettings& settings);
[[nodiscard]] Section<StrategySettings> strategy_section(const StrategyRegistry& registry);
[[nodiscard]] Section<PositionSettings> position_section();
[[nodiscard]] Section<Sizing> sizing_section();
[[nodiscard]] Section<ExitRules> exits_section();
[[nodiscard]] Section<RiskSettings> risk_section();
/// The keys of `risk` that say what is allowed by name and date.
void add_compliance_keys(Section<RiskSettings>& risk);
/// Limits that may be set in `scope`; kNone: for all.
[[nodiscard]] Section<LimitSettings> limits_section(const std::string& title,
                                                    const std::string& doc, Scope scope,
                                                    bool with_default);
[[nodiscard]] Section<PortfolioRiskConfig> portfolio_risk_section();

/// The whole configuration file. `registry` must outlive it.
[[nodiscard]] Section<Settings> root_section(const StrategyRegistry& registry);

/// Reads the instruments of a CSV file (and its dated ticks) as if each row stood in the
/// configuration; see docs/configuration.md for the columns. Problems carry the file's own lines.
void read_instrument_file(Reader& reader, const Place& place,
                          const InstrumentFileSettings& settings,
                          std::vector<InstrumentSettings>& out);

}  // namespace fermata::config

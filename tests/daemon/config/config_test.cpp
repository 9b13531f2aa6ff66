#include "daemon/config/config.hpp"

#include <gtest/gtest.h>

#include <filesystem>

#include "core/types/decimal.hpp"
#include "tests/daemon/config/fixture.hpp"

namespace fermata {
namespace {

using config_test::kMinimal;
using config_test::parse;
using config_test::replaced;
using config_test::source;

/// As a user would write it, with every section that a first run needs.
constexpr const char* kSample = R"(mode: replay
account: {currency: USD, cash: 100000, type: cash}
instruments:
  - {symbol: SPY, asset_class: equity, tick: 0.000001, lot: 1, calendar: us_equity}
feeds:
  - {type: csv, kind: bar, interval: 1d, symbol: SPY, path: SPY.csv, from: 1998-01-01, to: 2012-12-31,
     columns: {time: ts_ns, open: open, high: high, low: low, close: close, volume: volume}}
venues:
  - {name: sim, type: simulated, fill: {market: next_open}, fees: {type: proportional, rate: 0.001}}
strategies:
  - {name: sma, type: sma_cross, symbols: [SPY], params: {fast: 20, slow: 50}, sizing: {type: percent, value: 0.95}}
risk: {profile: unlimited}
)";

const csv::CsvFeedConfig& csv_feed(const Config& config, std::size_t i = 0) {
    return std::get<csv::CsvFeedConfig>(config.feeds.at(i).settings);
}

TEST(Config, ReadsTheSampleAsItStands) {
    const Config c = parse(kSample);
    EXPECT_EQ(c.mode, Mode::kReplay);

    ASSERT_EQ(c.accounts.size(), 1U);
    EXPECT_EQ(c.accounts[0].name, "main");
    EXPECT_EQ(c.accounts[0].type, AccountConfig::Type::kCash);
    ASSERT_EQ(c.accounts[0].cash.size(), 1U);
    EXPECT_EQ(c.accounts[0].cash[0].second, Money::from_units(100'000));
    EXPECT_EQ(c.instruments.currencies().at(c.accounts[0].base.value), "USD");

    const Instrument* spy = c.instruments.find("SPY");
    ASSERT_NE(spy, nullptr);
    EXPECT_EQ(spy->asset_class, AssetClass::kEquity);
    EXPECT_EQ(spy->tick_at(Timestamp{0}).raw(), 1'000);  // 0.000001 in 1e-9
    EXPECT_EQ(spy->lot, Quantity::from_units(1));
    EXPECT_EQ(spy->calendar, "us_equity");
    EXPECT_EQ(spy->currency, c.accounts[0].base);
    EXPECT_EQ(c.calendar_names, std::vector<std::string>{"us_equity"});

    ASSERT_EQ(c.feeds.size(), 1U);
    const csv::CsvFeedConfig& feed = csv_feed(c);
    EXPECT_EQ(feed.path, "/srv/fermata/config/SPY.csv");
    EXPECT_EQ(feed.kind, csv::CsvKind::kBar);
    EXPECT_EQ(feed.interval, Duration::days(1));
    EXPECT_EQ(feed.symbols, std::vector<std::string>{"SPY"});
    EXPECT_EQ(feed.columns.time.name, "ts_ns");
    EXPECT_EQ(feed.columns.volume.name, "volume");
    EXPECT_EQ(feed.time.unit, csv::CsvTimeUnit::kNanoseconds);
    // New York is five hours behind UTC in winter: 1998-01-01T05:00Z to 2013-01-01T05:00Z, so that
    // both dates are in.
    ASSERT_TRUE(feed.from && feed.to);
    EXPECT_EQ(feed.from->ns, 883'630'800LL * 1'000'000'000);
    EXPECT_EQ(feed.to->ns, 1'357'016'400LL * 1'000'000'000);
    ASSERT_EQ(c.streams.size(), 1U);
    EXPECT_EQ(c.streams[0].kind, MarketEventType::kBar);
    EXPECT_EQ(c.streams[0].interval, Duration::days(1));
    EXPECT_EQ(feed.stream, c.streams[0].id);

    ASSERT_EQ(c.venues.size(), 1U);
    EXPECT_EQ(c.venues[0].name, "sim");
    EXPECT_EQ(c.venues[0].fill.market, MarketFill::kNextOpen);
    EXPECT_EQ(c.venues[0].fees.model, FeeModel::kProportional);
    EXPECT_EQ(c.venues[0].fees.rate.raw(), 1'000'000);  // 0.001 in 1e-9
    EXPECT_EQ(c.venues[0].slippage.model, SlippageModel::kNone);

    ASSERT_EQ(c.strategies.size(), 1U);
    const StrategyConfig& sma = c.strategies[0];
    EXPECT_EQ(sma.type, "sma_cross");
    EXPECT_EQ(sma.params.integer("fast"), 20);
    EXPECT_EQ(sma.params.integer("slow"), 50);
    EXPECT_EQ(sma.sizing.type, Sizing::Type::kPercent);
    EXPECT_EQ(sma.sizing.fraction.raw(), 950'000'000);
    EXPECT_EQ(sma.instruments, std::vector<InstrumentId>{spy->id});
    EXPECT_EQ(sma.account, AccountId{0});
    EXPECT_EQ(sma.venue, VenueId{0});

    EXPECT_EQ(c.risk.profile(), RiskProfile::kUnlimited);
    EXPECT_FALSE(c.risk.limits().on(LimitId::kPosition));
    EXPECT_EQ(c.run.from, Timestamp::min());
    EXPECT_EQ(c.run.to, Timestamp::never());
    EXPECT_TRUE(c.run.speed.is_max());
    EXPECT_EQ(c.run.name, "test");
    ASSERT_EQ(c.warnings.size(), 1U);  // there is no SPY.csv
    EXPECT_EQ(c.warnings[0].path, "feeds.0.path");
}

TEST(Config, TakesDefaultsFromTheModules) {
    const Config c = parse(kMinimal);
    EXPECT_EQ(c.risk.profile(), RiskProfile::kHouse);
    EXPECT_EQ(c.risk.limits(), Limits::house());
    EXPECT_EQ(c.engine.shards, EngineConfig{}.shards);
    EXPECT_TRUE(c.journal.enabled);
    const csv::CsvFeedConfig& feed = csv_feed(c);
    EXPECT_EQ(feed.columns.time.name, "time");
    EXPECT_EQ(feed.columns.open.name, "open");
    EXPECT_EQ(feed.columns.close.name, "close");
    EXPECT_FALSE(feed.columns.volume.is_set());
    EXPECT_FALSE(feed.columns.bid.is_set());
    EXPECT_EQ(feed.max_price, csv::CsvFeedConfig{}.max_price);
    EXPECT_EQ(c.strategies[0].sizing.quantity, Quantity::from_units(1));
    EXPECT_EQ(c.strategies[0].params.integer("slow"), 50);
}

TEST(Config, AcceptsTheTimeOfACsvFileInEitherPlace) {
    const std::string in_feed = replaced(
        kMinimal, "path: SPY.csv",
        "path: SPY.csv, time: {column: date, format: \"%Y-%m-%d\", zone: America/New_York}");
    const std::string in_columns = replaced(kMinimal, "path: SPY.csv",
                                            "path: SPY.csv, columns: {time: {column: date, format: "
                                            "\"%Y-%m-%d\", zone: America/New_York}}");
    const Config a = parse(in_feed);
    const Config b = parse(in_columns);
    EXPECT_EQ(csv_feed(a).columns.time.name, "date");
    EXPECT_EQ(csv_feed(a).time.unit, csv::CsvTimeUnit::kFormat);
    EXPECT_EQ(csv_feed(a).time.format, "%Y-%m-%d");
    EXPECT_EQ(csv_feed(a).time.zone, "America/New_York");
    EXPECT_EQ(a.hash, b.hash);
}

TEST(Config, ReadsFormattedTimesInTheCalendarsZoneUnlessToldOtherwise) {
    const std::string text = replaced(kMinimal, "path: SPY.csv",
                                      "path: SPY.csv, time: {column: date, format: \"%Y-%m-%d\"}");
    EXPECT_EQ(csv_feed(parse(text)).time.zone, "America/New_York");
    EXPECT_EQ(csv_feed(parse(replaced(text, ", calendar: us_equity", ""))).time.zone, "UTC");
}

struct TimeCase {
    const char* overrides;  ///< What run.from is, and run.zone behind a blank.
    std::int64_t seconds;
};
class RunTimes : public testing::TestWithParam<TimeCase> {};

TEST_P(RunTimes, AreLocalUnlessTheyCarryAnOffset) {
    const std::string given = GetParam().overrides;
    const std::size_t blank = given.find(' ');
    std::vector<std::string> overrides{"run.from=" + given.substr(0, blank)};
    if (blank != std::string::npos) overrides.push_back("run.zone=" + given.substr(blank + 1));
    EXPECT_EQ(parse(kMinimal, overrides).run.from.ns, GetParam().seconds * 1'000'000'000);
}

// 2020-07-01T00:00Z is 1,593,561,600; New York is then UTC-4, Berlin UTC+2.
INSTANTIATE_TEST_SUITE_P(
    Config, RunTimes,
    testing::Values(TimeCase{"2020-07-01", 1'593'561'600 + 4 * 3'600},
                    TimeCase{"2020-07-01 UTC", 1'593'561'600},
                    TimeCase{"2020-07-01 Europe/Berlin", 1'593'561'600 - 2 * 3'600},
                    TimeCase{"2020-07-01T00:00:00Z", 1'593'561'600},
                    TimeCase{"2020-07-01T09:30", 1'593'561'600 + 13 * 3'600 + 1'800},
                    TimeCase{"2020-07-01T00:00:00+09:00 Europe/Berlin",
                             1'593'561'600 - 9 * 3'600}));

TEST(Config, IncludesTheLastDateOfTheRun) {
    // The end of 2020-07-01 in New York is 2020-07-02T04:00Z.
    EXPECT_EQ(parse(kMinimal, {"run.to=2020-07-01"}).run.to.ns,
              (1'593'561'600LL + 28 * 3'600) * 1'000'000'000);
    EXPECT_EQ(parse(kMinimal, {"run.to=2020-07-01T00:00Z"}).run.to.ns,
              1'593'561'600LL * 1'000'000'000);
}

TEST(Config, AppliesOverridesBeforeItChecks) {
    const Config c = parse(kMinimal, {"strategies.sma.params.fast=10", "account.cash=50000.25",
                                      "instruments.SPY.lot=100", "engine.shards=4"});
    EXPECT_EQ(c.strategies[0].params.integer("fast"), 10);
    EXPECT_EQ(c.accounts[0].cash[0].second, Money::from_raw(50'000'250'000));
    EXPECT_EQ(c.instruments.find("SPY")->lot, Quantity::from_units(100));
    EXPECT_EQ(c.engine.shards, 4U);
}

TEST(Config, TurnsNamesIntoIdsInTheOrderOfTheFile) {
    const Config c = parse(R"(
accounts:
  - {name: a, currency: USD, cash: {EUR: 5, USD: 7}}
  - {name: b, currency: EUR, cash: 1, type: margin}
instruments:
  - {symbol: X, tick: 1}
  - {symbol: Y, tick: 1, currency: JPY}
feeds:
  - {type: tape, path: all.tape}
venues: [{name: v}, {name: w}]
strategies:
  - {name: s, type: buy_and_hold, symbols: [Y, X], account: b, venue: w}
)");
    ASSERT_EQ(c.accounts.size(), 2U);
    EXPECT_EQ(c.accounts[1].id, AccountId{1});
    EXPECT_EQ(c.accounts[1].type, AccountConfig::Type::kMargin);
    EXPECT_EQ(c.accounts[0].cash.size(), 2U);
    const auto& currencies = c.instruments.currencies();
    EXPECT_EQ(currencies.at(c.instruments.find("X")->currency.value), "USD");
    EXPECT_EQ(currencies.at(c.instruments.find("Y")->currency.value), "JPY");
    EXPECT_EQ(c.strategies[0].account, AccountId{1});
    EXPECT_EQ(c.strategies[0].venue, VenueId{1});
    EXPECT_EQ(c.strategies[0].instruments, (std::vector<InstrumentId>{{1}, {0}}));
    EXPECT_EQ(c.venues[1].venue, VenueId{1});
    EXPECT_TRUE(c.streams.empty());  // a tape brings its own
}

TEST(Config, ReadsTheSettingsOfAGenerator) {
    const std::string text =
        replaced(kMinimal, "{type: csv, interval: 1d, symbol: SPY, path: SPY.csv}",
                 "{type: generator, kind: quotes, symbols: [SPY], from: 2020-07-01, to: "
                 "2020-07-01, rate: 2.5,"
                 " regimes: [{multiplier: 3, to: [0.5, 0.5]}, {multiplier: 1, to: [1, 0]}]}");
    const Config c = parse(text, {"run.seed=9"});
    const auto& g = std::get<generator::GeneratorConfig>(c.feeds.at(0).settings);
    EXPECT_EQ(g.kind, generator::GeneratorKind::kQuotes);
    EXPECT_EQ(g.seed, 9U);
    // One whole day in New York, four hours behind UTC.
    EXPECT_EQ(g.from.ns, (1'593'561'600LL + 4 * 3'600) * 1'000'000'000);
    EXPECT_EQ(g.to - g.from, Duration::days(1));
    EXPECT_EQ(g.rate, 2.5);
    ASSERT_EQ(g.regimes.size(), 2U);
    EXPECT_EQ(g.regimes[0].to, (std::vector<double>{0.5, 0.5}));
    EXPECT_EQ(c.streams.at(0).kind, MarketEventType::kQuote);
    const std::vector<std::string> wrong{
        "--set feeds.0.regimes.1.to=[1, 1]: feeds.0.regimes.1.to: found 2, expected probabilities "
        "that sum to 1"};
    EXPECT_EQ(config_test::problems(text, {"feeds.0.regimes.1.to=[1, 1]"}), wrong);
}

TEST(Config, ReadsDatedTicks) {
    const Config c = parse(
        replaced(kMinimal, "tick: 0.01", "tick: [{tick: 0.01}, {from: 2020-07-01, tick: 0.05}]"));
    const Instrument* spy = c.instruments.find("SPY");
    // Local midnight of New York on that day is 04:00Z.
    const Timestamp change{(1'593'561'600LL + 4 * 3'600) * 1'000'000'000};
    EXPECT_EQ(to_string(spy->tick_at(change - Duration{1})), "0.01");
    EXPECT_EQ(to_string(spy->tick_at(change)), "0.05");
}

TEST(Config, ReadsLimitsAndTheirOverrides) {
    const Config c = parse(std::string(kMinimal) + R"(risk:
  limits: {position: 3%, duplicate_window: 2s}
  strategies: {sma: {position: 4%}}
  instruments: {SPY: {max_notional: 1%}}
  accounts: {main: {leverage: 0.5}}
)");
    EXPECT_EQ(c.risk.limits().ratio(LimitId::kPosition).raw(), 30'000'000);
    EXPECT_EQ(c.risk.limits().duration(LimitId::kDuplicateWindow), Duration::seconds(2));
    ASSERT_EQ(c.risk.overrides().size(), 3U);
    for (const LimitOverride& o : c.risk.overrides()) EXPECT_EQ(o.target, 0U);
}

TEST(Config, ReadsWhatIsDoneWithBadRecords) {
    const auto policy = [](const std::string& on_bad) {
        return csv_feed(parse(kMinimal, {"feeds.0.on_bad=" + on_bad})).on_bad;
    };
    EXPECT_EQ(policy("skip")[SkipReason::kMalformed], BadAction::kSkip);
    EXPECT_EQ(policy("skip")[SkipReason::kOutOfSession], BadAction::kKeep);
    EXPECT_EQ(policy("{duplicate: keep}")[SkipReason::kDuplicate], BadAction::kKeep);
    EXPECT_EQ(policy("{duplicate: keep}")[SkipReason::kMalformed], BadAction::kError);
}

TEST(Config, ReadsCustomCalendars) {
    const Config c = parse(std::string(kMinimal) + R"(calendars:
  - name: night
    zone: Asia/Tokyo
    week: {monday: 16:30-06:00}
    holidays: [2020-01-01]
    special_hours: [{date: 2020-01-06, hours: 09:00-12:00}]
)",
                           {"instruments.SPY.calendar=night", "run.from=2020-07-01"});
    ASSERT_EQ(c.calendars.size(), 1U);
    const CalendarSpec& night = c.calendars[0];
    ASSERT_TRUE(night.week[0].has_value());
    EXPECT_EQ(night.week[0]->open, Duration::minutes(16 * 60 + 30));
    EXPECT_EQ(night.week[0]->close, Duration::hours(6));
    EXPECT_FALSE(night.week[1].has_value());
    EXPECT_EQ(night.holidays, std::vector<Date>{to_date(2020, 1, 1)});
    EXPECT_EQ(night.special_hours[0].hours.close, Duration::hours(12));
    // Midnight in Tokyo is nine hours before midnight UTC.
    EXPECT_EQ(c.run.from.ns, (1'593'561'600LL - 9 * 3'600) * 1'000'000'000);
}

// The hash ----------------------------------------------------------------------------------------

TEST(ConfigHash, IgnoresFormCommentsAndOrderOfKeys) {
    const Config a = parse(kMinimal);
    const Config b = parse(R"(# the same in another form
strategies:
- symbols:
  - "SPY"
  type: sma_cross
  name: sma
  params: {slow: 50, fast: 20}
venues: [{type: simulated, name: sim}]
feeds: [{path: ./SPY.csv, symbols: [SPY], interval: 24h, type: csv}]
instruments: [{calendar: us_equity, tick: 1e-2, symbol: SPY, lot: 1.0}]
accounts: [{type: cash, cash: {USD: 100000.00}, currency: USD}]
risk: {profile: house, limits: {position: 5%}}
)");
    EXPECT_EQ(a.effective, b.effective);
    EXPECT_EQ(a.hash, b.hash);
    EXPECT_EQ(a.rules_hash, b.rules_hash);
    EXPECT_EQ(a.hash.rfind("sha256:", 0), 0U);
    EXPECT_EQ(a.hash.size(), 7U + 64U);
}

struct HashCase {
    const char* override_text;
    bool changes_hash;
    bool changes_rules;
};
class HashCovers : public testing::TestWithParam<HashCase> {};

TEST_P(HashCovers, WhatDecidesAboutResultsAndNothingElse) {
    static const Config base = parse(kMinimal);
    const Config changed = parse(kMinimal, {GetParam().override_text});
    EXPECT_NE(changed.effective, base.effective);
    EXPECT_EQ(changed.hash != base.hash, GetParam().changes_hash);
    EXPECT_EQ(changed.rules_hash != base.rules_hash, GetParam().changes_rules);
}

INSTANTIATE_TEST_SUITE_P(
    ConfigHash, HashCovers,
    testing::Values(
        HashCase{"strategies.sma.params.fast=19", true, true},
        HashCase{"account.cash=1", true, true}, HashCase{"instruments.SPY.tick=0.05", true, true},
        HashCase{"venues.sim.fees={type: proportional, rate: 0.001}", true, true},
        HashCase{"venues.sim.latency.in=1ms", true, true},
        HashCase{"risk.limits.position=1%", true, true}, HashCase{"run.seed=2", true, true},
        HashCase{"feeds.0.path=other.csv", true, false},
        HashCase{"feeds.0.to=2020-01-01", true, false},
        HashCase{"run.from=2020-01-01", true, false}, HashCase{"run.zone=UTC", true, false},
        HashCase{"run.name=x", false, false}, HashCase{"run.out=/tmp/x", false, false},
        HashCase{"run.speed=1x", false, false}, HashCase{"run.progress=never", false, false},
        HashCase{"journal.enabled=false", false, false},
        HashCase{"database.enabled=true", false, false}, HashCase{"engine.shards=4", false, false},
        HashCase{"portfolio_risk.window=100", true, true},
        HashCase{"portfolio_risk.every=12h", true, true},
        HashCase{"portfolio_risk.benchmark=SPY", true, true},
        HashCase{"portfolio_risk.correlation_threshold=0.8", true, true},
        HashCase{"portfolio_risk.covariance=ewma", true, true},
        HashCase{"portfolio_risk.stress.flash_fall=0.2", true, true},
        HashCase{"portfolio_risk.stress.windows=[{name: a, from: 2020-01-01, to: 2020-01-02}]",
                 true, true},
        HashCase{"portfolio_risk.seed=2", false, false},
        HashCase{"portfolio_risk.factors=[SPY]", false, false}));

TEST(ConfigHash, DoesNotDependOnWhereTheFileLies) {
    const Config a = parse(kMinimal);
    const Config b = parse_config(kMinimal, "elsewhere.yaml", "/srv/other", {},
                                  config_test::registry(), make_sha256);
    EXPECT_EQ(a.hash, b.hash);
    EXPECT_EQ(a.effective.find("/home/user"), std::string::npos);
    EXPECT_EQ(csv_feed(b).path, "/srv/other/SPY.csv");
}

TEST(ConfigHash, GivesItsFirstEightBytesToVerdicts) {
    EXPECT_EQ(hash_prefix("sha256:0123456789abcdef00000000"), 0x0123'4567'89ab'cdefULL);
    EXPECT_EQ(hash_prefix("fedcba9876543210ff"), 0xfedc'ba98'7654'3210ULL);
}

// The files that ship -----------------------------------------------------------------------------

class ShippedConfig : public testing::TestWithParam<const char*> {};

TEST_P(ShippedConfig, LoadsAndItsEffectiveFormIsEqual) {
    const std::string file = source(std::string("config/") + GetParam());
    const Config c = load_config(file, {}, config_test::registry(), make_sha256);
    const Config again = parse_config(c.effective, "effective.yaml", source("config"), {},
                                      config_test::registry(), make_sha256);
    EXPECT_EQ(again.effective, c.effective);
    EXPECT_EQ(again.hash, c.hash);
}

INSTANTIATE_TEST_SUITE_P(Config, ShippedConfig,
                         testing::Values("demo.yaml", "example-full.yaml", "live.yaml",
                                         "paper.yaml", "venue.yaml"));

TEST(Config, RunsTheDemoWithThreeStrategiesInAccountsOfTheirOwn) {
    const Config c =
        load_config(source("config/demo.yaml"), {}, config_test::registry(), make_sha256);
    ASSERT_EQ(c.strategies.size(), 3U);
    ASSERT_EQ(c.accounts.size(), 3U);
    for (std::size_t i = 0; i < 3; ++i) {
        EXPECT_EQ(c.strategies[i].account.value, i);
        EXPECT_EQ(c.accounts[i].cash[0].second, Money::from_units(100'000));
        EXPECT_EQ(to_string(c.strategies[i].sizing.fraction), "0.95");
    }
    EXPECT_EQ(c.strategies[1].params.real("low"), 30);
    EXPECT_EQ(c.strategies[2].params.text("seeding"), "own_sma");
    EXPECT_EQ(std::filesystem::path(csv_feed(c).path), source("build/demo/sp500-2000.csv"));
}

TEST(Config, TheExampleShowsEverySection) {
    const std::string text = config_test::file_text(source("config/example-full.yaml"));
    for (const char* section : {"mode", "run", "accounts", "calendars", "instruments",
                                "corporate_actions", "feeds", "venues", "strategies", "risk", "tax",
                                "journal", "database", "engine", "portfolio_risk"}) {
        EXPECT_NE(text.find(std::string("\n") + section + ":"), std::string::npos) << section;
    }
    const Config c =
        load_config(source("config/example-full.yaml"), {}, config_test::registry(), make_sha256);
    EXPECT_EQ(c.instruments.size(), 7U);
    EXPECT_EQ(c.feeds.size(), 7U);
    EXPECT_EQ(c.streams.size(), 6U);  // a tape brings its own
}

}  // namespace
}  // namespace fermata

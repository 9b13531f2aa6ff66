#include <gtest/gtest.h>

#include "tests/daemon/config/fixture.hpp"

namespace fermata {
namespace {

using config_test::kMinimal;
using config_test::parse;
using config_test::problems;
using config_test::replaced;

// By override: what is refused, and in which words ------------------------------------------------

struct Refused {
    const char* override_text;
    const char* problem;  ///< Behind "--set OVERRIDE: ".
};
class ConfigRefuses : public testing::TestWithParam<Refused> {};

TEST_P(ConfigRefuses, AndSaysWhatWasFoundAndExpected) {
    const std::string override_text = GetParam().override_text;
    EXPECT_EQ(problems(kMinimal, {override_text}),
              std::vector<std::string>{"--set " + override_text + ": " + GetParam().problem});
}

INSTANTIATE_TEST_SUITE_P(
    Scalars, ConfigRefuses,
    testing::Values(
        Refused{"run.seed=-1", "run.seed: found '-1', expected an integer"},
        Refused{"run.seed=x", "run.seed: found 'x', expected an integer"},
        Refused{"run.seed=[1]", "run.seed: found a list, expected an integer"},
        Refused{"run.seed={a: 1}", "run.seed: found a map, expected an integer"},
        Refused{
            "run.speed=fast",
            "run.speed: found 'fast', expected max, or a multiple of real time such as 1x or 60x"},
        Refused{"run.from=yesterday",
                "run.from: found 'yesterday', expected a date (2020-01-31) or a time "
                "(2020-01-31T09:30:00-05:00)"},
        Refused{"journal.enabled=yes", "journal.enabled: found 'yes', expected true or false"},
        Refused{"journal.segment_bytes=1",
                "journal.segment_bytes: found '1', expected an integer from 65536 to 4294967296"},
        Refused{"account.cash=lots",
                "account.cash: found 'lots', expected an amount of money with at most 6 decimals"},
        Refused{"account.cash=0.0000001",
                "account.cash: found '0.0000001', expected an amount of money with at most 6 "
                "decimals"},
        Refused{"account.cash=-1",
                "account.cash: found -1 USD, expected at least 0: a cash account owes nothing"},
        Refused{"account.lots=oldest",
                "account.lots: found 'oldest', expected one of fifo, lifo, hifo, specific"},
        Refused{"account.book=gross",
                "account.book: found 'gross', expected one of netting, hedging"},
        Refused{"tax.wash_sales=maybe", "tax.wash_sales: found 'maybe', expected true or false"},
        Refused{"venues.0.supports.features=[hidden]",
                "venues.0.supports.features.0: found 'hidden', expected one of iceberg, post_only, "
                "reduce_only, links"},
        Refused{"account.currency=dollars",
                "account.currency: found 'dollars', expected a currency code of 2 to 8 capital "
                "letters and digits such as USD"},
        Refused{
            "instruments.0.tick=0",
            "instruments.0.tick: found '0', expected a price with at most 9 decimals, more than "
            "0"},
        Refused{"instruments.0.lot=-1",
                "instruments.0.lot: found '-1', expected a quantity with at most 8 decimals, more "
                "than 0"},
        Refused{"engine.shards=0", "engine.shards: found '0', expected an integer from 1 to 1024"},
        Refused{"engine.market_lane=100",
                "engine.market_lane: found '100', expected a power of two from 16 to 16777216"},
        Refused{
            "feeds.0.interval=0",
            "feeds.0.interval: found '0', expected a duration such as 250ms, 1m or 1d, more than "
            "0"},
        Refused{"feeds.0.delimiter=ab",
                "feeds.0.delimiter: found 'ab', expected one ASCII character"},
        Refused{
            "venues.0.fill.participation=150%",
            "venues.0.fill.participation: found '150%', expected a ratio with at most 9 decimals, "
            "or a percentage (5%) from 0 to 1"},
        Refused{"strategies.0.symbols=SPY",
                "strategies.0.symbols: found 'SPY', expected a list such as [a, b]"},
        Refused{"strategies.0.symbols=[]",
                "strategies.0.symbols: found an empty list, expected at least one element"},
        Refused{"strategies.0.symbols=[SPY, SPY]",
                "strategies.0.symbols.1: found 'SPY' twice in the list, expected every element "
                "once"},
        Refused{"strategies.0.name=a b",
                "strategies.0.name: found 'a b', expected a name of letters, digits, '_', '-', '/' "
                "and '.' (not digits alone)"},
        Refused{"venues=[]", "venues: found an empty list, expected at least one element"},
        Refused{"venues={name: v}", "venues: found a map, expected a list of maps"},
        Refused{"risk=house", "risk: found 'house', expected a map"}));

INSTANTIATE_TEST_SUITE_P(
    Choices, ConfigRefuses,
    testing::Values(
        Refused{"mode=replai",
                "mode: found 'replai', expected one of replay, paper, shadow, live; did you mean "
                "'replay'?"},
        Refused{"journal.sync=often",
                "journal.sync: found 'often', expected one of none, group, strict"},
        Refused{"account.type=cahs",
                "account.type: found 'cahs', expected one of cash, margin; did you mean 'cash'?"},
        Refused{"venues.0.type=fix",
                "venues.0.type: found 'fix', which is not built into this version; expected "
                "simulated"},
        Refused{"venues.0.fees.type=proportionl",
                "venues.0.fees.type: found 'proportionl', expected one of none, per_share, "
                "proportional, maker_taker, maker_taker_per_share; did you mean 'proportional'?"},
        Refused{"strategies.0.type=sma_cros",
                "strategies.0.type: found 'sma_cros', expected one of bollinger_breakout, "
                "buy_and_hold, ema_cross_ticks, execute, macd_cross, rsi_reversion, sma_cross; did "
                "you mean "
                "'sma_cross'?"},
        Refused{"feeds.0.type=parquet",
                "feeds.0.type: found 'parquet', expected one of csv, lean, tape, "
                "generator"},
        Refused{
            "feeds.0.on_bad=ignore",
            "feeds.0.on_bad: found 'ignore', expected one of error, skip, or a map of reasons to "
            "actions"},
        Refused{"feeds.0.on_bad.malformed=keep",
                "feeds.0.on_bad.malformed: found 'keep', expected one of error, skip"}));

INSTANTIATE_TEST_SUITE_P(
    UnknownKeys, ConfigRefuses,
    testing::Values(
        Refused{"rnu.seed=1", "rnu: unknown key; did you mean 'run'?"},
        Refused{"run.sede=1", "run.sede: unknown key; did you mean 'seed'?"},
        Refused{"strategies.0.params.fats=10",
                "strategies.0.params.fats: unknown key; did you mean 'fast'?"},
        Refused{"strategies.0.params.volume=10",
                "strategies.0.params.volume: unknown key; expected one of fast, slow"},
        Refused{"venues.0.fees={type: none, rate: 0.1}",
                "venues.0.fees.rate: unknown key; it belongs to type proportional"},
        Refused{"feeds.0.root=x", "feeds.0.root: unknown key; it belongs to type lean"},
        Refused{"risk.limits.state=1",
                "risk.limits.state: control STATE has no limit of this name"},
        Refused{"risk.limits.positon=5%",
                "risk.limits.positon: unknown key; did you mean 'position'?"},
        Refused{"risk.strategies.sma.message_rate_firm=1",
                "risk.strategies.sma.message_rate_firm: limit message_rate_firm applies to all and "
                "cannot be set for one strategy"}));

INSTANTIATE_TEST_SUITE_P(
    References, ConfigRefuses,
    testing::Values(
        Refused{"strategies.0.symbols=[SPX]",
                "strategies.0.symbols.0: found 'SPX', expected the name of an instrument: SPY; did "
                "you mean 'SPY'?"},
        Refused{
            "strategies.0.account=mian",
            "strategies.0.account: found 'mian', expected the name of an account: main; did you "
            "mean 'main'?"},
        Refused{"strategies.0.venue=nyse",
                "strategies.0.venue: found 'nyse', expected the name of a venue: sim"},
        Refused{
            "instruments.0.calendar=us_equities",
            "instruments.0.calendar: found 'us_equities', expected the name of a calendar: 24x7, "
            "fx, us_equity, us_futures; did you mean 'us_equity'?"},
        Refused{"feeds.0.symbol=IBM",
                "feeds.0.symbol: found 'IBM', expected the name of an instrument: SPY"},
        Refused{"risk.instruments.IBM.position=1%",
                "risk.instruments.IBM: found 'IBM', expected the name of an instrument: SPY"}));

INSTANTIATE_TEST_SUITE_P(
    Contradictions, ConfigRefuses,
    testing::Values(
        Refused{"feeds.0.to=2300-01-01",
                "feeds.0.to: found '2300-01-01', expected a date (2020-01-31) or a time "
                "(2020-01-31T09:30:00-05:00)"},
        Refused{"run={from: 2020-01-02, to: 2020-01-01}",
                "run.to: found an end that is not after 'from', expected a later time"},
        Refused{"run.zone=Mars/Olympus",
                "run.zone: found 'Mars/Olympus', expected a time zone: unknown time zone "
                "'Mars/Olympus'; expected a name of the time-zone database such as "
                "'America/New_York'"},
        Refused{"instruments.0.min_quantity=1.5",
                "instruments.0.min_quantity: found 1.5, expected a multiple of the lot 1"},
        Refused{"instruments.0.tick=[{from: 2020-01-01, tick: 1}]",
                "instruments.0.tick.0: found a date in the first rule, expected a rule without "
                "'from', which applies from the beginning"},
        Refused{"instruments.0.tick=[{tick: 1}, {tick: 2}]",
                "instruments.0.tick.1: missing 'from', expected the date of the change"},
        Refused{"feeds.0.time={unit: ms, format: \"%F\"}",
                "feeds.0.time.unit: found a unit beside a format, expected one of the two"},
        Refused{
            "feeds.0.time={format: \"%Q\"}",
            "feeds.0.time.format: found '%Q', expected a time format such as %Y-%m-%d %H:%M:%S: "
            "unknown directive '%Q' in the time format; known are %Y %y %m %b %d %e %j %H %I %p "
            "%M %S %f %z %s %F %T %R %D %%"},
        Refused{
            "feeds.0.time={zone: UTC}",
            "feeds.0.time.zone: found a zone without a format, expected a format: numbers count "
            "from 1970 in UTC"},
        Refused{"risk.limits.position=500%",
                "risk.limits.position: position = 5 is above its hard maximum 4"},
        Refused{"risk.limits.drawdown=90%",
                "risk.limits.drawdown: drawdown = 0.9 is above its hard maximum 0.5"},
        Refused{"risk.hard.position=1%", "risk: position = 0.05 is above its hard maximum 0.01"},
        Refused{"risk.limits.message_rate=1000",
                "risk: message_rate = 1000 of a strategy is above message_rate_firm = 250"}),
    [](const auto& tested) { return "Case" + std::to_string(tested.index); });

// In the file: places -----------------------------------------------------------------------------

struct RefusedText {
    const char* from;
    const char* to;
    const char* problem;
};
class ConfigPoints : public testing::TestWithParam<RefusedText> {};

TEST_P(ConfigPoints, AtTheLineAndColumn) {
    const RefusedText& p = GetParam();
    EXPECT_EQ(problems(replaced(kMinimal, p.from, p.to)), std::vector<std::string>{p.problem});
}

INSTANTIATE_TEST_SUITE_P(
    Places, ConfigPoints,
    testing::Values(
        RefusedText{
            "cash: 100000", "cash: abc",
            "test.yaml:2:32: account.cash: found 'abc', expected an amount of money with at "
            "most 6 decimals"},
        RefusedText{"venues:\n  - {name: sim}\n", "",
                    "test.yaml:1:1: venues: missing, expected a list of maps"},
        RefusedText{", tick: 0.01", "",
                    "test.yaml:4:5: instruments.0.tick: missing, expected a price with at most 9 "
                    "decimals, more than 0"},
        RefusedText{
            "currency: USD", "currency:",
            "test.yaml:2:11: account.currency: found nothing, expected a currency code of 2 "
            "to 8 capital letters and digits such as USD"},
        RefusedText{
            "account: {currency: USD, cash: 100000, type: cash}\n", "",
            "test.yaml:1:1: account: missing, expected the account that the strategies trade "
            "in"},
        RefusedText{"  - {name: sim}\n", "  - {name: sim}\n  - {name: sim}\n",
                    "test.yaml:9:12: venues.1.name: found 'sim' again, expected a venue of another "
                    "name (first at test.yaml:8:12)"},
        RefusedText{
            "interval: 1d, ", "",
            "test.yaml:6:5: feeds.0.interval: missing, expected the length of a bar such as "
            "1d or 1m"},
        RefusedText{"symbols: [SPY]}", "symbols: [SPY], params: {fast: 50}}",
                    "test.yaml:10:50: strategies.0.params: 'fast' (50) must be less than 'slow' "
                    "(50)"}),
    [](const auto& tested) { return "Case" + std::to_string(tested.index); });

TEST(ConfigError, CarriesAllProblemsInTheOrderOfTheFile) {
    const auto found = problems(R"(mode: replay
acount: {currency: USD}
account: {currency: USD, cash: x}
instruments: []
feeds: 5
venues: [{name: v, speed: 1}]
strategies: [{name: s, type: sma_cross, symbols: [A]}]
)");
    ASSERT_EQ(found.size(), 6U);
    EXPECT_EQ(found[0], "test.yaml:2:1: acount: unknown key; did you mean 'account'?");
    EXPECT_EQ(found[1].rfind("test.yaml:3:32: account.cash: ", 0), 0U);
    EXPECT_EQ(found[2].rfind("test.yaml:4:14: instruments: ", 0), 0U);
    EXPECT_EQ(found[3].rfind("test.yaml:5:8: feeds: ", 0), 0U);
    EXPECT_EQ(found[4].rfind("test.yaml:6:20: venues.0.speed: ", 0), 0U);
    EXPECT_EQ(found[5].rfind("test.yaml:7:51: strategies.0.symbols.0: ", 0), 0U);
}

TEST(ConfigError, NamesAllBadOverridesTogether) {
    EXPECT_EQ(problems(kMinimal, {"a", "strategies.x.name=y"}).size(), 2U);
}

TEST(Config, RefusesAccountBesideAccounts) {
    const auto found =
        problems(std::string(kMinimal) + "accounts: [{name: b, currency: USD, cash: 1}]\n");
    ASSERT_EQ(found.size(), 1U);
    EXPECT_NE(found[0].find("accounts: found accounts beside account"), std::string::npos);
}

TEST(Config, WantsToKnowTheAccountWhereThereAreSeveral) {
    const auto found = problems(kMinimal, {"account.name=a",
                                           "accounts=[{name: x, currency: USD, cash: 1}, {name: y, "
                                           "currency: USD, cash: 1}]"});
    EXPECT_FALSE(found.empty());
    const auto only = problems(replaced(
        kMinimal, "account: {currency: USD, cash: 100000, type: cash}",
        "accounts: [{name: x, currency: USD, cash: 1}, {name: y, currency: USD, cash: 1}]"));
    ASSERT_EQ(only.size(), 1U);
    EXPECT_EQ(only[0],
              "test.yaml:10:5: strategies.0.account: missing, expected one of the 2 accounts");
}

TEST(Config, RefusesAStrategyThatNoFeedServes) {
    const auto found =
        problems(replaced(kMinimal, "  - {symbol: SPY, tick: 0.01, calendar: us_equity}",
                          "  - {symbol: SPY, tick: 0.01}\n  - {symbol: IBM, tick: 1}"),
                 {"strategies.0.symbols=[SPY, IBM]"});
    ASSERT_EQ(found.size(), 1U);
    EXPECT_NE(found[0].find("strategies.0.symbols.1: found 'IBM', which no feed delivers"),
              std::string::npos);
}

// Without two quoted venues a router has no choice, and would wait for ever.
TEST(Config, RefusesToRouteWhereOneVenueIsQuoted) {
    const std::string routed = replaced(
        replaced(kMinimal, "  - {name: sim}\n", "  - {name: a}\n  - {name: b}\n"),
        "{name: sma, type: sma_cross, symbols: [SPY]}",
        "{name: sor, type: execute, symbols: [SPY], params: {algorithm: router, over: 0}}");
    const auto found = problems(routed);
    ASSERT_EQ(found.size(), 1U);
    EXPECT_NE(found[0].find("strategies.0.params.algorithm: found 'router', and nothing to choose "
                            "from; expected feeds of two venues"),
              std::string::npos)
        << found[0];
    const std::string one = "{type: csv, interval: 1d, symbol: SPY, path: SPY.csv}";
    EXPECT_EQ(problems(replaced(routed, one,
                                "{type: csv, interval: 1d, symbol: SPY, path: a.csv, venue: a}"))
                  .size(),
              1U);
    EXPECT_TRUE(problems(replaced(routed, "  - " + one,
                                  "  - {type: csv, interval: 1d, symbol: SPY, path: a.csv, "
                                  "venue: a}\n"
                                  "  - {type: csv, interval: 1d, symbol: SPY, path: b.csv, "
                                  "venue: b}"))
                    .empty());
    const auto twap = problems(replaced(routed, "router, over: 0", "twap, routed: true"));
    ASSERT_EQ(twap.size(), 1U);
    EXPECT_NE(twap[0].find("strategies.0.params.routed: found 'true'"), std::string::npos);
}

TEST(Config, RefusesSlicesThatAreNotWholeLots) {
    const auto with_slice = [](const std::string& slice) {
        return problems(replaced(kMinimal, "{name: sma, type: sma_cross, symbols: [SPY]}",
                                 "{name: ice, type: execute, symbols: [SPY], params: "
                                 "{algorithm: iceberg, price: 100, slice: " +
                                     slice + ", over: 0}}"));
    };
    const auto found = with_slice("0.5");
    ASSERT_EQ(found.size(), 1U);
    EXPECT_NE(found[0].find("strategies.0.params.slice: found '0.5', expected whole lots of SPY, "
                            "which trades in lots of 1"),
              std::string::npos)
        << found[0];
    EXPECT_TRUE(with_slice("300").empty());
}

TEST(Config, RefusesTicksThatDoNotAscend) {
    const auto found = problems(
        replaced(kMinimal, "tick: 0.01",
                 "tick: [{tick: 1}, {from: 2020-02-01, tick: 2}, {from: 2020-01-01, tick: 3}]"));
    EXPECT_EQ(found, std::vector<std::string>{
                         "test.yaml:4:66: instruments.0.tick: found a tick of SPY that does not "
                         "begin after the one before, expected ascending dates"});
}

TEST(Config, ReportsACauseWithoutItsConsequences) {
    // The venue has no kind and the strategy no type: who refers to them by name is not at fault.
    EXPECT_EQ(problems(kMinimal, {"venues.0.type=fix", "strategies.0.venue=sim"}).size(), 1U);
    EXPECT_EQ(problems(kMinimal, {"strategies.0.type=x", "risk.strategies.sma.position=1%"}).size(),
              1U);
    EXPECT_EQ(problems(kMinimal, {"instruments.0.symbol=a b"}).size(), 1U);
}

TEST(Config, RefusesColumnNamesWithoutAHeader) {
    const auto found = problems(kMinimal, {"feeds.0.header=false"});
    ASSERT_EQ(found.size(), 5U);  // time and the four prices, by their own names
    EXPECT_NE(found[0].find("found the column 'time' by name, expected its index from 0"),
              std::string::npos);
}

TEST(Config, RefusesLocalTimesThatDoNotExist) {
    // Clocks in New York went from 02:00 to 03:00 on 2020-03-08 and back at 02:00 on 2020-11-01.
    for (const char* t : {"2020-03-08T02:30", "2020-11-01T01:30"}) {
        const auto found = problems(kMinimal, {std::string("run.from=") + t});
        ASSERT_EQ(found.size(), 1U) << t;
        EXPECT_NE(found[0].find("expected a time that exists"), std::string::npos) << found[0];
    }
}

TEST(Config, SurvivesEveryTruncationOfAFile) {
    const std::string text = config_test::file_text(config_test::source("config/demo.yaml"));
    ASSERT_GT(text.size(), 1'000U);
    std::size_t accepted = 0;
    for (std::size_t n = 0; n < text.size(); n += 7) {
        if (problems(text.substr(0, n)).empty()) ++accepted;
    }
    // Only cuts behind the last strategy's symbols leave a whole configuration.
    const std::size_t whole = text.size() - text.rfind("symbols: [SP500]");
    EXPECT_LE(accepted, whole / 7 + 1);
}

}  // namespace
}  // namespace fermata

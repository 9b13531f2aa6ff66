// The risk policy over ten years of daily prices, with strategies that try to break every rule of
// it: 5% a position, 25% a sector, 10% cash, 2% a trade, 2% a day, 5% a week, 15% drawdown,
// leverage 1.0. What the run did is judged from its journal by a checker that shares no code with
// the gate.

#include <gtest/gtest.h>

#include <array>
#include <filesystem>
#include <string>
#include <vector>

#include "adapters/file/posix_file.hpp"
#include "core/journal/journal_reader.hpp"
#include "core/market/date.hpp"
#include "tests/daemon/policy/policy_breaker.hpp"
#include "tests/daemon/policy/policy_checker.hpp"
#include "tests/daemon/replay/run_fixture.hpp"
#include "tests/support/csv_table.hpp"

namespace fermata::test {
namespace {

constexpr double kCash = 1'000'000;

/// Where prices come from, and what the instruments are.
struct Universe {
    std::vector<std::string> symbols, sectors;
    std::vector<bool> alike;  ///< By construction correlated with each other far above 0.7.
    std::string instruments, feeds;

    void add(const std::string& symbol, const std::string& sector, const std::string& tick) {
        symbols.push_back(symbol);
        sectors.push_back(sector);
        alike.push_back(false);
        instruments += "  - {symbol: " + symbol + ", tick: " + tick +
                       ", lot: 1, calendar: us_equity" +
                       (sector.empty() ? "" : ", sector: " + sector) + "}\n";
    }
};

StrategyRegistry registry() {
    StrategyRegistry all = shipped_strategies();
    register_policy_breaker(all);
    return all;
}

std::string yaml_of(const Universe& universe, const std::string& from, const std::string& to,
                    const std::string& seed, const std::string& profile) {
    std::string all;
    for (const std::string& symbol : universe.symbols) all += (all.empty() ? "" : ", ") + symbol;
    return "mode: replay\n"
           "run: {from: " +
           from + ", to: " + to +
           "}\n"
           "accounts:\n"
           "  - {name: long, currency: USD, cash: 1000000, type: cash}\n"
           "  - {name: both, currency: USD, cash: 1000000, type: margin}\n"
           "instruments:\n" +
           universe.instruments + "feeds:\n" + universe.feeds +
           "venues:\n"
           "  - {name: sim, type: simulated, fill: {market: next_open}}\n"
           "strategies:\n"
           "  - {name: long, type: policy_breaker, account: long, symbols: [" +
           all +
           "],\n"
           "     params: {seed: " +
           seed +
           "1}}\n"
           "  - {name: both, type: policy_breaker, account: both, symbols: [" +
           all +
           "],\n"
           "     params: {seed: " +
           seed +
           "2, shorts: true}}\n"
           "risk: {profile: " +
           profile +
           "}\n"
           "journal: {market: record}\n";
}

/// Value at risk and stress as loose as they may be set. They are no part of the policy, and
/// narrower than it: a portfolio that they let through stays away from its limits.
std::vector<std::string> without_measures() {
    std::vector<std::string> overrides;
    for (const LimitDefinition& l : kLimits) {
        const bool measure = l.control == ControlId::kVarParametric ||
                             l.control == ControlId::kVarHistorical ||
                             l.control == ControlId::kStress;
        if (!measure) continue;
        EXPECT_EQ(l.unit, LimitUnit::kRatio);
        overrides.push_back("risk.limits." + limit_key(l.id) + "=" +
                            std::to_string(static_cast<double>(l.hard) / Ratio::kOne));
    }
    return overrides;
}

/// Follows the journal of `out`: every record with the market events that its stage had consumed.
void check(const std::filesystem::path& out, PolicyChecker& checker) {
    PosixFileSystem files;
    const std::string journal = (out / "journal").string();
    std::vector<MarketEvent> market;
    for (const bool feed : {true, false}) {
        auto reader = JournalReader::open(files, journal);
        ASSERT_TRUE(reader.ok());
        std::size_t next = 0;
        while (const JournalRecord* record = (*reader)->next()) {
            if (feed) {
                if (record->is_market) market.push_back(record->market);
            } else if (record->stream == JournalStream::kTrading && !record->is_market) {
                while (next < market.size() && market[next].seq <= record->event.feed_position) {
                    checker.on_market(market[next++]);
                }
                checker.on_record(record->event);
            }
        }
        ASSERT_EQ((*reader)->ending(), JournalEnding::kClosed);
    }
    checker.finish();
}

std::string describe(const PolicySeen& seen) {
    std::string text =
        "approved " + std::to_string(seen.approved) + ", refused " + std::to_string(seen.refused) +
        ", fills " + std::to_string(seen.fills) + ", trips of the day " +
        std::to_string(seen.day_trips) + ", week " + std::to_string(seen.week_trips) +
        ", drawdowns " + std::to_string(seen.drawdowns) + " at " + std::to_string(seen.halted.ns) +
        ", canceled " + std::to_string(seen.canceled_by_trips) + ", reductions while tripped " +
        std::to_string(seen.reductions_while_tripped) + ", refused after the halt " +
        std::to_string(seen.refused_after_halt) + ", passive " +
        std::to_string(seen.passive_breaches) + ", largest position " +
        std::to_string(seen.position) + ", sector " + std::to_string(seen.sector) + ", leverage " +
        std::to_string(seen.leverage) + ", trade " + std::to_string(seen.trade) + ", least cash " +
        std::to_string(seen.cash);
    for (const Control& control : kControls) {
        const auto c = static_cast<std::size_t>(control.id);
        if (seen.by[c] == 0) continue;
        text += "\n  " + std::string(control.code) + " " + std::to_string(seen.by[c]) + ", alone " +
                std::to_string(seen.alone[c]);
    }
    return text;
}

class PolicyReplay : public testing::Test {
protected:
    PolicySeen run(const Universe& universe, const std::string& from, const std::string& to,
                   const std::string& seed, const std::vector<std::string>& overrides) {
        const std::filesystem::path out = folder_ / "out";
        run_yaml(yaml_of(universe, from, to, seed, "house"), folder_.path(), out, overrides,
                 registry());
        PolicyChecker checker(universe.sectors, {kCash, kCash});
        checker.use_alike(universe.alike);
        check(out, checker);
        for (const std::string& breach : checker.breaches) ADD_FAILURE() << breach;
        return checker.seen;
    }
    /// The drawdown halts the firm for good; a replay has no operator to release it. So the next
    /// day begins a run of its own, as after a release: all ten years are traded, and every halt is
    /// followed to the end of the data.
    PolicySeen run_on(const Universe& universe, const std::vector<std::string>& overrides,
                      const std::string& to = "2012-12-31") {
        PolicySeen all;
        std::string from = "2003-01-02";
        for (int n = 1; n <= 30; ++n) {
            const PolicySeen seen = run(universe, from, to, std::to_string(n), overrides);
            all.add(seen);
            if (seen.drawdowns == 0) return all;
            from = format_iso_date(utc_date(seen.halted + Duration::days(1)));
            if (from >= to) return all;
        }
        ADD_FAILURE() << "does not end";
        return all;
    }

    TemporaryFolder folder_;
};

/// Forty symbols of which the first eight move as one.
Universe generated() {
    constexpr int kAlike = 8, kAll = 40;
    Universe universe;
    std::string alike, others;
    for (int n = 0; n < kAll; ++n) {
        const std::string symbol = "S" + std::to_string(n);
        universe.add(symbol, "g" + std::to_string(n / 6), "0.01");
        universe.alike.back() = n < kAlike;
        std::string& list = n < kAlike ? alike : others;
        list += (list.empty() ? "" : ", ") + symbol;
    }
    const auto feed = [](const std::string& symbols, const std::string& more) {
        return "  - {type: generator, symbols: [" + symbols +
               "], from: 2003-01-02, to: 2012-12-31, interval: 1d, volatility: 0.25,\n"
               "     price_dispersion: 0.5, regimes: [{multiplier: 1, to: [0.98, 0.02]}, "
               "{multiplier: 3, to: [0.1, 0.9]}],\n     " +
               more + "}\n";
    };
    universe.feeds =
        feed(alike, "seed: 8, correlation: 0.97") +
        feed(others, "seed: 7, correlation: 0.3, jumps: {intensity: 2, deviation: 0.04}");
    return universe;
}

Universe recorded(bool& whole) {
    Universe universe;
    const auto file = [&](const std::string& path) {
        const auto found = data_file(path);
        whole = whole && found;
        return found ? found->string() : std::string();
    };
    const auto bars = [&](const std::string& symbol, const std::string& sector,
                          const std::string& path, const std::string& extra = "") {
        universe.add(symbol, sector, "0.000001");
        universe.feeds += "  - {type: csv, kind: bar, interval: 1d, symbol: " + symbol +
                          ", path: '" + file(path) + "', columns: {time: ts_ns, volume: volume}" +
                          extra + ",\n     rounding: nearest, on_bad: {inconsistent_bar: keep}}\n";
    };
    const std::string adjusted = "daily/lean_adjusted/", raw = "daily/lean/",
                      yahoo = "daily/yahoo/";
    bars("AAPL", "technology", adjusted + "AAPL.csv");
    bars("IBM", "technology", adjusted + "IBM.csv");
    bars("MSFT", "technology", "daily/other/MSFT.csv");
    bars("ORCL", "technology", yahoo + "ORCL.csv");
    bars("GOOG", "technology", raw + "GOOG.csv");
    universe.add("AMD", "technology", "0.000001");
    bars("SPY", "funds", adjusted + "SPY.csv");
    bars("QQQ", "funds", raw + "QQQ.csv");
    bars("IWM", "funds", raw + "IWM.csv", ", from: 2005-06-09");  // after its split
    bars("EEM", "funds", raw + "EEM.csv", ", from: 2008-07-24");  // the same
    bars("TLT", "bonds", yahoo + "TLT.csv");
    bars("IEI", "bonds", yahoo + "IEI.csv");
    bars("AGG", "bonds", yahoo + "AGG.csv");
    bars("BAC", "finance", adjusted + "BAC.csv");
    for (const char* symbol : {"GE", "WMT", "T", "XOM", "RRC", "BBY", "PFE"}) {
        universe.add(symbol, "", "0.000001");
    }
    // Closes alone.
    const std::string panel = file("daily/adjclose_panel.csv");
    for (const std::string symbol : {"AMD", "GE", "WMT", "T", "XOM", "RRC", "BBY", "PFE"}) {
        universe.feeds += "  - {type: csv, kind: bar, interval: 1d, symbol: " + symbol +
                          ", path: '" + panel +
                          "', from: 2003-01-02,\n     columns: {time: {column: date, format: "
                          "\"%Y-%m-%d\"}, open: " +
                          symbol + ", high: " + symbol + ", low: " + symbol + ", close: " + symbol +
                          "},\n     on_bad: {malformed: skip}}\n";  // the row of 1989
    }
    return universe;
}

/// A run that stays away from the limits would show nothing.
void expect_that_every_rule_was_tried(const PolicySeen& seen) {
    SCOPED_TRACE(describe(seen));
    struct Tried {
        ControlId id;
        std::uint64_t refusals, alone;
    };
    for (const Tried& tried : {Tried{ControlId::kPosition, 10'000, 1'000},
                               {ControlId::kSector, 10'000, 1'000},
                               {ControlId::kCash, 10'000, 1'000},
                               {ControlId::kMaxNotional, 10'000, 1'000},
                               {ControlId::kTradeLoss, 10'000, 0},
                               {ControlId::kLeverage, 10'000, 0},
                               {ControlId::kBasket, 500, 100},
                               {ControlId::kDayLoss, 200, 100},
                               {ControlId::kWeekLoss, 200, 50},
                               {ControlId::kDrawdown, 10'000, 0}}) {
        const auto c = static_cast<std::size_t>(tried.id);
        EXPECT_GE(seen.by[c], tried.refusals) << kControls[c].code;
        EXPECT_GE(seen.alone[c], tried.alone) << kControls[c].code << " alone";
    }
    EXPECT_GE(seen.approved, 50'000U);
    EXPECT_GE(seen.fills, 20'000U);
    EXPECT_GE(seen.day_trips, 20U);
    EXPECT_GE(seen.week_trips, 3U);
    EXPECT_GE(seen.drawdowns, 2U);
    EXPECT_GE(seen.canceled_by_trips, 100U);
    EXPECT_GE(seen.reductions_while_tripped, 10U);
    EXPECT_GE(seen.refused_after_halt, 10'000U);
    EXPECT_GE(seen.passive_breaches, 500U);
    // To within what one share is worth.
    EXPECT_GT(seen.position, 0.0499);
    EXPECT_GT(seen.sector, 0.2499);
    EXPECT_GT(seen.trade, 0.0199);
    EXPECT_LT(seen.cash, 0.1001);
}

TEST_F(PolicyReplay, TheCheckerSeesEveryRuleBrokenWhereNoLimitIsInForce) {
    const Universe universe = generated();
    run_yaml(yaml_of(universe, "2003-01-02", "2003-12-31", "1", "unlimited"), folder_.path(),
             folder_ / "out", {}, registry());
    PolicyChecker checker(universe.sectors, {kCash, kCash});
    check(folder_ / "out", checker);
    for (const char* kind :
         {"a position's share", "a sector's share", "cash", "a trade's share",
          "what a trade may lose", "leverage", "a basket's share",
          "an increase while a loss is tripped", "an order that increases stays open after a trip",
          "a fill that increases after a trip", "an order stays open after the drawdown",
          "approved after the drawdown", "an order is sent after the drawdown",
          "a fill after the drawdown", "trips on record and as seen"}) {
        EXPECT_GT(checker.kinds[kind], 0U) << kind;
    }
    // The books agree all the same.
    for (const char* kind : {"cash on record", "position on record", "equity on record",
                             "a fill of more than is open of an approved order",
                             "an order is sent that no verdict approved"}) {
        EXPECT_EQ(checker.kinds[kind], 0U) << kind;
    }
}

TEST_F(PolicyReplay, HoldsOverTenYearsOfGeneratedPrices) {
    const PolicySeen seen = run_on(generated(), without_measures());
    expect_that_every_rule_was_tried(seen);
    // Forty instruments are enough for leverage to bind where nothing else does.
    EXPECT_GE(seen.alone[static_cast<std::size_t>(ControlId::kLeverage)], 1'000U);
    EXPECT_GT(seen.leverage, 0.9999);
    EXPECT_GE(seen.by[static_cast<std::size_t>(ControlId::kCorrelated)], 1'000U);
    EXPECT_EQ(seen.alike, 5U);
}

TEST_F(PolicyReplay, HoldsOverTenYearsOfTwentyOneRealSymbols) {
    bool whole = true;
    const Universe universe = recorded(whole);
    if (!whole) GTEST_SKIP() << kNoData;
    ASSERT_EQ(universe.symbols.size(), 21U);
    expect_that_every_rule_was_tried(run_on(universe, without_measures()));
}

// With value at risk and stress scenarios as the house has them the limits of the policy are seldom
// the nearest. They hold all the same.
TEST_F(PolicyReplay, HoldsWithEveryDefaultOfTheHouse) {
    const PolicySeen seen = run_on(generated(), {}, "2006-12-31");
    SCOPED_TRACE(describe(seen));
    EXPECT_GE(seen.approved, 1'000U);
    EXPECT_GE(seen.fills, 500U);
    for (const ControlId id :
         {ControlId::kVarParametric, ControlId::kVarHistorical, ControlId::kStress}) {
        EXPECT_GE(seen.by[static_cast<std::size_t>(id)], 100U) << control(id).code;
    }
}

}  // namespace
}  // namespace fermata::test

// Execution algorithms, routing and managed exits in whole runs, under both schedules.

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include "core/types/decimal.hpp"
#include "daemon/rerun/rerun.hpp"
#include "daemon/retention/journal_disk.hpp"
#include "tests/daemon/replay/rows.hpp"
#include "tests/daemon/replay/run_fixture.hpp"

namespace fermata::test {
namespace {

Quantity quantity(const std::string& text) { return parse<Quantity>(text).value(); }

class WholeRun : public ::testing::TestWithParam<std::string> {
protected:
    void run(const std::string& feeds, const std::string& venues, const std::string& strategies) {
        const std::string yaml =
            "mode: replay\n"
            "run: {seed: 5}\n"
            "account: {currency: USD, cash: 1000000000, type: margin}\n"
            "instruments:\n"
            "  - {symbol: AAA, asset_class: equity, tick: 0.01, lot: 1}\n"
            "  - {symbol: BBB, asset_class: equity, tick: 0.01, lot: 1}\n" +
            more_ + "feeds:\n" + feeds + "venues:\n" + venues + "strategies:\n" + strategies +
            "risk: {profile: unlimited}\n"
            "journal: {segment_bytes: 262144}\n"
            "engine: {shards: 2, schedule: " +
            GetParam() + "}\n";
        run_yaml(yaml, folder_.path(), folder_ / "out");
        for (const Row& row : rows_of(folder_ / "out/orders.csv")) last_[row.at("tag")] = row;

        JournalDisk disk;
        RerunRequest request;
        request.directory = (folder_ / "out/journal").string();
        const RerunReport again = rerun_journal(disk.files(), request, shipped_strategies());
        EXPECT_TRUE(again.equal())
            << (again.divergence ? again.divergence->what : again.problem->message);
    }
    [[nodiscard]] static bool in_step() { return GetParam() == "lockstep"; }
    /// What the children of `parent` filled.
    [[nodiscard]] Quantity children_of(const std::string& parent) const {
        Quantity sum;
        for (const auto& [tag, row] : last_) {
            if (row.at("parent") == parent) sum += quantity(row.at("cumulative_quantity"));
        }
        return sum;
    }

    TemporaryFolder folder_;
    std::string more_;                 // instruments, and what stands between them and the feeds
    std::map<std::string, Row> last_;  // of every order, by tag
};

constexpr char kQuotes[] =
    "  - {type: generator, kind: quotes, from: 2024-01-02T14:30:00Z, to: 2024-01-02T16:00:00Z}\n";
constexpr char kVenue[] =
    "  - {name: sim, type: simulated, fees: {type: proportional, rate: 0.0001},\n"
    "     latency: {in: 20ms, out: 20ms}}\n";

TEST_P(WholeRun, AddsUpTheFillsOfAParentsChildren) {
    run(kQuotes, kVenue,
        "  - {name: twap, type: execute, symbols: [AAA], sizing: {type: fixed, value: 200},\n"
        "     params: {algorithm: twap, over: 3600, slices: 40, randomness: 0.5, seed: 7}}\n"
        "  - {name: fall, type: execute, symbols: [AAA], sizing: {type: fixed, value: 200},\n"
        "     params: {algorithm: shortfall, side: sell, over: 3600, slices: 40, rate: 2}}\n"
        "  - {name: ice, type: execute, symbols: [BBB], sizing: {type: fixed, value: 50},\n"
        "     params: {algorithm: iceberg, price: 200, slice: 10, randomness: 0.3, over: 3600}}\n"
        "  - {name: peg, type: execute, symbols: [BBB], sizing: {type: fixed, value: 50},\n"
        "     params: {algorithm: peg, side: sell, slice: 10, over: 3600}}\n"
        "  - {name: vwap, type: execute, symbols: [AAA, BBB], sizing: {type: fixed, value: 60},\n"
        "     params: {algorithm: vwap, over: 1800, slices: 20}}\n");
    const std::vector<Row> reports = rows_of(folder_ / "out/algos.csv");
    ASSERT_EQ(reports.size(), 6u);
    for (const Row& report : reports) {
        const std::string& tag = report.at("tag");
        SCOPED_TRACE(tag);
        const Row& parent = last_.at(tag);
        EXPECT_EQ(parent.at("flags"), "parent");
        EXPECT_EQ(quantity(report.at("filled")), quantity(parent.at("cumulative_quantity")));
        EXPECT_EQ(quantity(report.at("filled")), children_of(tag));
        EXPECT_LE(quantity(report.at("filled")), quantity(report.at("quantity")));
        EXPECT_TRUE(parent.at("state") == "Filled" || parent.at("state") == "Canceled");
        EXPECT_NE(report.at("arrival"), "");
    }
    for (const auto& [tag, row] : last_) {
        EXPECT_TRUE(row.at("state") == "Filled" || row.at("state") == "Canceled")
            << tag << " " << row.at("state");
    }
}

// The quotes of two venues: every child goes where its route says, and is filled at the quote
// there.
TEST_P(WholeRun, RoutesChildrenToTheVenueThatIsQuotedBest) {
    const auto feed = [](const std::string& venue, int seed) {
        return "  - {type: generator, name: " + venue + ", venue: " + venue +
               ", seed: " + std::to_string(seed) +
               ", kind: quotes, symbols: [AAA],\n"
               "     from: 2024-01-02T14:30:00Z, to: 2024-01-02T15:00:00Z}\n";
    };
    run(feed("east", 5) + feed("west", 6) +
            "  - {type: generator, kind: quotes, symbols: [BBB], from: 2024-01-02T14:30:00Z,\n"
            "     to: 2024-01-02T15:00:00Z}\n",
        "  - {name: east, type: simulated, fees: {type: proportional, rate: 0.0001}}\n"
        "  - {name: west, type: simulated, fees: {type: proportional, rate: 0.0001}}\n",
        "  - {name: sor, type: execute, symbols: [AAA], sizing: {type: fixed, value: 200},\n"
        "     params: {algorithm: router, over: 1500}}\n");
    const std::vector<Row> reports = rows_of(folder_ / "out/algos.csv");
    ASSERT_EQ(reports.size(), 1u);
    const Quantity filled = quantity(reports[0].at("filled"));
    EXPECT_EQ(filled, children_of(reports[0].at("tag")));
    EXPECT_LE(filled, Quantity::from_units(200));
    std::map<std::string, int> at;
    for (const auto& [tag, row] : last_) {
        if (row.at("parent").empty()) continue;
        ++at[row.at("venue")];
        EXPECT_EQ(row.at("type"), "LIMIT");
        EXPECT_EQ(row.at("tif"), "IOC");
    }
    EXPECT_GT(at["east"] + at["west"], 0);
    if (!in_step()) return;  // else how often a child is sent depends on the threads
    EXPECT_EQ(filled, Quantity::from_units(200));
    EXPECT_GT(at["east"], 0);
    EXPECT_GT(at["west"], 0);
}

// A future of 50 a point. Venue a asks 4000.00 and takes 2.25 a contract, 0.045 points; b asks
// 4000.25 and takes 0.10, 0.002 points: 4000.045 against 4000.252. So all ten are bought at a, for
// 22.50.
TEST_P(WholeRun, RoutesAFutureByWhatAPointIsWorth) {
    more_ = "  - {symbol: FUT, asset_class: future, tick: 0.25, lot: 1, multiplier: 50}\n";
    std::string feeds;
    for (const std::string name : {"a", "b"}) {
        std::string rows = "ts,bid,bs,ask,as\n";
        for (int second = 0; second < 10; ++second) {
            rows += std::to_string(1614697200 + second) + ",3999.75,50," +
                    (name == "a" ? "4000.00" : "4000.25") + ",50\n";
        }
        write_text(folder_ / (name + ".csv"), rows);
        feeds += "  - {type: csv, kind: quote, symbol: FUT, path: " +
                 (folder_ / (name + ".csv")).string() + ", venue: " + name +
                 ",\n     time: {column: ts, unit: s},\n"
                 "     columns: {bid: bid, bid_size: bs, ask: ask, ask_size: as}}\n";
    }
    run(feeds,
        "  - {name: a, type: simulated, fees: {type: per_share, per_share: 2.25}}\n"
        "  - {name: b, type: simulated, fees: {type: per_share, per_share: 0.10}}\n",
        "  - {name: sor, type: execute, symbols: [FUT], sizing: {type: fixed, value: 10},\n"
        "     params: {algorithm: router, over: 0, after: 3}}\n");
    ASSERT_EQ(last_.size(), 2u) << "the parent and one child";
    const std::vector<Row> fills = rows_of(folder_ / "out/fills.csv");
    ASSERT_EQ(fills.size(), 1u);
    EXPECT_EQ(fills[0].at("quantity"), "10");
    EXPECT_EQ(fills[0].at("price"), "4000");
    EXPECT_EQ(fills[0].at("commission"), "22.5");
}

// An iceberg buys 1000 in slices of 300 at 100. The second bar trades down to 99.90: 300 at 100. A
// dividend of 2 on the fourth lowers the limit to 98 (FINRA 5330), which only the sixth bar, down
// to 97.50, reaches: 300 at 98. The bars behind it trade below 100 and not below 99.50: nothing.
TEST_P(WholeRun, WorksAtTheLimitThatADividendLeaves) {
    more_ =
        "  - {symbol: ACME, asset_class: equity, tick: 0.01, lot: 1, calendar: us_equity}\n"
        "corporate_actions: {file: " +
        (folder_ / "actions.csv").string() + "}\n";
    write_text(folder_ / "actions.csv",
               "ex_date,symbol,type,value,close_before\n2021-03-04,ACME,dividend,2,100.50\n");
    write_text(folder_ / "acme.csv",
               "Date,Open,High,Low,Close,Volume\n"
               "2021-03-01,100.00,101.00,99.00,100.00,100000\n"
               "2021-03-02,100.20,101.00,99.90,100.50,100000\n"
               "2021-03-03,100.50,101.00,100.30,100.50,100000\n"
               "2021-03-04,99.50,99.90,98.50,99.40,200000\n"
               "2021-03-05,99.40,99.80,99.00,99.50,200000\n"
               "2021-03-08,99.50,99.80,97.50,99.60,200000\n"
               "2021-03-09,99.70,99.90,99.50,99.60,200000\n"
               "2021-03-10,99.70,99.90,99.50,99.60,200000\n");
    run("  - {type: csv, kind: bar, interval: 1d, symbol: ACME, path: " +
            (folder_ / "acme.csv").string() +
            ",\n"
            "     time: {column: Date, format: \"%Y-%m-%d\", zone: America/New_York},\n"
            "     columns: {open: Open, high: High, low: Low, close: Close, volume: Volume}}\n",
        "  - {name: sim, type: simulated}\n",
        "  - {name: ice, type: execute, symbols: [ACME], sizing: {type: fixed, value: 1000},\n"
        "     params: {algorithm: iceberg, price: 100, slice: 300, over: 0}}\n");
    const std::vector<Row> fills = rows_of(folder_ / "out/fills.csv");
    const std::int64_t ex_date = 1614834000;  // 2021-03-04 00:00 in New York
    for (const Row& fill : fills) {
        const bool before = std::stoll(fill.at("ts_ns")) / 1'000'000'000 < ex_date;
        EXPECT_LE(parse<Price>(fill.at("price")).value(), Price::from_units(before ? 100 : 98));
    }
    if (!in_step()) return;  // else what a bar meets depends on the threads
    ASSERT_EQ(fills.size(), 2u);
    EXPECT_EQ(fills[0].at("quantity") + " at " + fills[0].at("price"), "300 at 100");
    EXPECT_EQ(fills[1].at("quantity") + " at " + fills[1].at("price"), "300 at 98");
}

// A position of 20 and its exits: whatever filled, a group never trades more than was opened.
TEST_P(WholeRun, NeverExitsMoreThanThePosition) {
    run(kQuotes, kVenue,
        "  - {name: a, type: ema_cross_ticks, symbols: [AAA], params: {fast: 3, slow: 7},\n"
        "     sizing: {type: fixed, value: 20},\n"
        "     exits: {stop: {type: percent, value: 0.0005}, trail: order,\n"
        "             trail_distance: {type: percent, value: 0.001},\n"
        "             targets: [{distance: {type: risk, value: 1}, fraction: 0.5},\n"
        "                       {distance: {type: risk, value: 2}, fraction: 0.5}]}}\n");
    std::map<std::string, Quantity> sold;  // by group
    for (const auto& [tag, row] : last_) {
        if (row.at("link").empty()) continue;
        sold[row.at("link")] += quantity(row.at("cumulative_quantity"));
        // The strategy's own sale and an exit may cross under way: then it is short for a while.
        if (in_step()) {
            EXPECT_EQ(row.at("side"), "SELL");
        }
    }
    ASSERT_GT(sold.size(), in_step() ? 3u : 0u);
    for (const auto& [link, total] : sold) EXPECT_LE(total, Quantity::from_units(20)) << link;
    for (const Row& row : rows_of(folder_ / "out/fills.csv")) {
        const Quantity after = quantity(row.at("strategy_position_after"));
        if (in_step()) {
            EXPECT_FALSE(after.is_negative()) << row.at("order_id");
        }
    }
}

INSTANTIATE_TEST_SUITE_P(Schedules, WholeRun, ::testing::Values("lockstep", "concurrent"),
                         [](const auto& schedule) { return schedule.param; });

}  // namespace
}  // namespace fermata::test

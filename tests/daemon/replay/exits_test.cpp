// Managed exits in whole runs over daily bars: corporate actions, closed markets, shared accounts.

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/daemon/replay/rows.hpp"
#include "tests/daemon/replay/run_fixture.hpp"

namespace fermata::test {
namespace {

constexpr char kHold[] =
    "{name: holder, type: buy_and_hold, symbols: [AAA], sizing: {type: fixed, value: 100}, exits: ";

class ExitsRun : public ::testing::Test {
protected:
    void run(const std::string& bars, const std::string& actions,
             const std::vector<std::string>& strategies, const std::string& venue = "") {
        write_text(folder_ / "a.csv", "Date,Open,High,Low,Close,Volume\n" + bars);
        write_text(folder_ / "actions.csv", "ex_date,symbol,type,value,close_before\n" + actions);
        std::string yaml =
            "mode: replay\n"
            "account: {currency: USD, cash: 1000000, type: margin}\n"
            "instruments:\n"
            "  - {symbol: AAA, asset_class: equity, tick: 0.01, lot: 1, calendar: us_equity}\n"
            "corporate_actions: {file: actions.csv}\n"
            "feeds:\n"
            "  - {type: csv, kind: bar, interval: 1d, symbol: AAA, path: a.csv,\n"
            "     time: {column: Date, format: '%Y-%m-%d', zone: America/New_York},\n"
            "     columns: {open: Open, high: High, low: Low, close: Close, volume: Volume}}\n"
            "venues: [{name: sim, type: simulated" +
            venue + "}]\nrisk: {profile: unlimited}\nstrategies:\n";
        for (const std::string& strategy : strategies) yaml += "  - " + strategy + "\n";
        run_yaml(yaml, folder_.path(), folder_ / "out");
        for (const Row& row : rows_of(folder_ / "out/orders.csv")) last_[row.at("tag")] = row;
        fills_ = rows_of(folder_ / "out/fills.csv");
    }
    /// The last that orders.csv says of the only order that was open at the end.
    [[nodiscard]] Row open_order() const {
        std::vector<Row> open;
        for (const auto& [tag, row] : last_) {
            const std::string& state = row.at("state");
            if (state == "New" || state == "Replaced" || state == "PartiallyFilled") {
                open.push_back(row);
            }
        }
        EXPECT_EQ(open.size(), 1u);
        return open.empty() ? Row{} : open.front();
    }

    TemporaryFolder folder_;
    std::map<std::string, Row> last_;  // of every order, by tag
    std::vector<Row> fills_;
};

// Bought at Tuesday's open, 100.00, the stop 5.00 below. On Thursday 3.00 a share are paid, and the
// stop goes down to 92.00 (FINRA Rule 5330), which the low of 94.00 does not touch.
TEST_F(ExitsRun, MovesTheStopWithADividendAndKeepsThePosition) {
    run("2021-03-01,100.00,101.00,99.00,100.00,100000\n"
        "2021-03-02,100.00,100.50,99.50,100.20,100000\n"
        "2021-03-03,100.20,100.50,99.50,100.20,100000\n"
        "2021-03-04,97.00,97.50,96.00,96.50,200000\n"
        "2021-03-05,96.50,96.90,94.00,95.50,200000\n",
        "2021-03-04,AAA,dividend,3,100.20\n",
        {std::string(kHold) + "{stop: {type: price, value: 5}}}"});
    EXPECT_EQ(fills_.size(), 1u);
    EXPECT_EQ(open_order().at("stop_price"), "92");
    EXPECT_EQ(open_order().at("quantity"), "100");
}

constexpr char kSplitBars[] =
    "2021-03-01,100.00,101.00,99.00,100.00,100000\n"
    "2021-03-02,100.02,100.50,99.50,100.20,100000\n"
    "2021-03-03,100.20,100.50,99.50,100.20,100000\n"
    "2021-03-04,50.10,50.50,49.50,50.20,200000\n"
    "2021-03-05,50.10,50.50,48.50,50.20,200000\n";
constexpr char kSplit[] = "2021-03-04,AAA,split,2,100.20\n";

// 100 bought at 100.02, which 200 at 50.01 are after a split of 2 for 1. A distance of 5.00 is one
// of 2.50 then: the stop is 47.51.
TEST_F(ExitsRun, RescalesAStopWithASplitAndKeepsThePosition) {
    run(kSplitBars, kSplit, {std::string(kHold) + "{stop: {type: price, value: 5}}}"});
    EXPECT_EQ(fills_.size(), 1u);
    EXPECT_EQ(open_order().at("stop_price"), "47.51");
    EXPECT_EQ(open_order().at("quantity"), "200");
}

// The same, and a target 10.00 above: 110.02, then 55.01.
TEST_F(ExitsRun, RescalesATargetWithASplit) {
    run(kSplitBars, kSplit,
        {std::string(kHold) + "{targets: [{distance: {type: price, value: 10}}]}}"});
    EXPECT_EQ(fills_.size(), 1u);
    EXPECT_EQ(open_order().at("price"), "55.01");
    EXPECT_EQ(open_order().at("quantity"), "200");
}

// A reverse split cancels every open order (FINRA Rule 5330). 100 at 10.00 are 10 at 100.00, and
// the stop of 20% is 80.00: it is there again at the open.
TEST_F(ExitsRun, PlacesAStopAgainThatAReverseSplitCanceled) {
    run("2021-03-01,10.00,10.10,9.90,10.00,100000\n"
        "2021-03-02,10.00,10.10,9.90,10.00,100000\n"
        "2021-03-03,10.00,10.10,9.90,10.00,100000\n"
        "2021-03-04,100.00,101.00,99.00,100.00,10000\n"
        "2021-03-05,100.00,101.00,75.00,76.00,10000\n",
        "2021-03-04,AAA,split,0.1,10.00\n",
        {std::string(kHold) + "{stop: {type: percent, value: 0.2}}}"});
    ASSERT_EQ(fills_.size(), 2u);
    EXPECT_EQ(fills_[1].at("side"), "SELL");
    EXPECT_EQ(fills_[1].at("price"), "80");
    EXPECT_EQ(fills_[1].at("quantity"), "10");
}

// Bought at 100.01; the second 100 at 98.01 on Wednesday. The exchange tells of that fill after the
// close, when it takes no orders: at the next open the stop covers both. 10.00 below the average of
// 99.01 is 89.01.
TEST_F(ExitsRun, WaitsForTheOpenWhenAFillIsToldAfterTheClose) {
    run("2021-03-01,100.00,101.00,99.00,100.00,100000\n"
        "2021-03-02,100.01,100.50,99.50,100.20,100000\n"
        "2021-03-03,100.20,100.50,97.50,99.20,100000\n"
        "2021-03-04,99.20,102.50,99.10,102.20,200000\n"
        "2021-03-05,102.10,104.50,101.50,104.20,200000\n",
        "",
        {std::string(kHold) +
         "{stop: {type: price, value: 10}, adds: 1, add_distance: {type: price, value: -2}}}"},
        ", latency: {in: 250us, out: 250us}");
    ASSERT_EQ(fills_.size(), 2u);
    EXPECT_EQ(fills_[1].at("strategy_position_after"), "200");
    EXPECT_EQ(open_order().at("stop_price"), "89.01");
    EXPECT_EQ(open_order().at("quantity"), "200");
}

// The stop at 96.00 (101.00 less 5.00) closes the position inside Friday's bar, at whose end the
// averages cross back: the strategy's own sale, which it sent before it heard of that, is refused.
TEST_F(ExitsRun, SellsNothingTwiceWhenStopAndSignalMeetInOneBar) {
    run("2021-03-01,100.00,101.00,99.00,100.00,100000\n"
        "2021-03-02,99.00,100.00,98.50,99.00,100000\n"
        "2021-03-03,99.00,101.50,99.00,101.00,100000\n"
        "2021-03-04,101.00,102.50,100.50,102.00,100000\n"
        "2021-03-05,100.00,100.50,95.00,95.50,100000\n"
        "2021-03-08,95.00,96.00,94.00,95.00,100000\n",
        "",
        {"{name: own, type: sma_cross, symbols: [AAA], params: {fast: 1, slow: 2},\n"
         "     sizing: {type: fixed, value: 100}, exits: {stop: {type: price, value: 5}}}"});
    ASSERT_EQ(fills_.size(), 2u);
    EXPECT_EQ(fills_[0].at("price"), "101");
    EXPECT_EQ(fills_[1].at("price"), "96");
    EXPECT_EQ(fills_[1].at("strategy_position_after"), "0");
    int refused = 0;
    for (const auto& [tag, row] : last_) {
        refused += row.at("state") == "Rejected" && row.at("reason") == "reduce_only" ? 1 : 0;
    }
    EXPECT_EQ(refused, 1);
}

// Bought at 101.00. Half is taken at 113.00 and a chandelier stop follows the rest: when the target
// fills, the venue cuts the reduce-only stop down to the 50 that are left, whatever it is asked
// for.
TEST_F(ExitsRun, AsksNoVenueForEverForMoreThanThePosition) {
    run("2021-03-01,100.00,101.00,99.00,100.00,100000\n"
        "2021-03-02,99.00,100.00,98.50,99.00,100000\n"
        "2021-03-03,99.00,101.50,99.00,101.00,100000\n"
        "2021-03-04,101.00,104.00,100.50,104.00,100000\n"
        "2021-03-05,104.00,109.00,103.50,108.50,100000\n"
        "2021-03-08,108.50,113.50,108.00,113.00,100000\n"
        "2021-03-09,113.00,114.00,112.50,113.50,100000\n",
        "",
        {"{name: own, type: sma_cross, symbols: [AAA], params: {fast: 1, slow: 2},\n"
         "     sizing: {type: fixed, value: 100},\n"
         "     exits: {targets: [{distance: {type: price, value: 12}, fraction: 0.5}],\n"
         "             trail: chandelier, atr_period: 1, trail_distance: {type: atr, value: 3}}}"});
    ASSERT_EQ(fills_.size(), 2u);
    EXPECT_EQ(fills_[1].at("price"), "113");
    EXPECT_EQ(fills_[1].at("strategy_position_after"), "50");
    const Row stop = open_order();
    ASSERT_FALSE(stop.empty());
    EXPECT_EQ(stop.at("type"), "STOP");
    EXPECT_EQ(stop.at("leaves_quantity"), "50");
}

// Another strategy sells 100 short of its own, and the account is flat. The stop of the first one
// at 95.00 is still there when Thursday's low touches it.
TEST_F(ExitsRun, KeepsTheStopWhereAnotherStrategyMakesTheAccountFlat) {
    run("2021-03-01,100.00,101.00,99.00,100.00,100000\n"
        "2021-03-02,100.00,100.50,99.50,100.20,100000\n"
        "2021-03-03,100.20,101.50,99.50,100.20,100000\n"
        "2021-03-04,101.00,101.50,93.00,93.50,200000\n"
        "2021-03-05,85.00,86.00,84.00,85.50,200000\n",
        "",
        {std::string(kHold) + "{stop: {type: price, value: 5}}}",
         "{name: seller, type: execute, symbols: [AAA], sizing: {type: fixed, value: 100},\n"
         "     params: {algorithm: iceberg, side: sell, over: 0, price: 100.9, after: 172700}}"});
    ASSERT_EQ(fills_.size(), 3u);
    EXPECT_EQ(fills_[1].at("side"), "SELL") << "of the seller";
    EXPECT_EQ(fills_[1].at("position_after"), "0");
    EXPECT_EQ(fills_[2].at("price"), "95");
    EXPECT_EQ(fills_[2].at("strategy_position_after"), "0");
}

}  // namespace
}  // namespace fermata::test

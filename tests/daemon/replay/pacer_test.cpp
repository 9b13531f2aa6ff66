#include "daemon/replay/pacer.hpp"

#include <gtest/gtest.h>

#include "tests/daemon/replay/run_fixture.hpp"

namespace fermata::test {
namespace {

using namespace std::chrono_literals;

/// A clock that only moves when it is told to.
struct TestTime {
    using time_point = std::chrono::steady_clock::time_point;
    [[nodiscard]] time_point now() const { return *time; }
    void sleep_until(time_point until) const { *time = until; }
    std::shared_ptr<time_point> time = std::make_shared<time_point>(1h);
};

const auto kGoOn = [] { return true; };
Timestamp after(Duration d) { return Timestamp{1'700'000'000'000'000'000} + d; }

TEST(Pacer, KeepsTheDistanceOfEventsFromTheFirstInWallTime) {
    const TestTime wall;
    const auto start = wall.now();
    Pacer<TestTime> pacer(10, wall);
    EXPECT_TRUE(pacer.wait_for(after(Duration::seconds(0)), kGoOn));
    EXPECT_EQ(wall.now(), start);
    EXPECT_TRUE(pacer.wait_for(after(Duration::seconds(20)), kGoOn));
    EXPECT_EQ(wall.now(), start + 2s);  // 20 s at ten times the pace
    EXPECT_TRUE(pacer.wait_for(after(Duration::seconds(25)), kGoOn));
    EXPECT_EQ(wall.now(), start + 2500ms);
}

TEST(Pacer, CatchesUpWhereTheRunIsLate) {
    const TestTime wall;
    const auto start = wall.now();
    Pacer<TestTime> pacer(0.5, wall);
    EXPECT_TRUE(pacer.wait_for(after(Duration::seconds(0)), kGoOn));
    *wall.time += 5s;  // the stages took so long
    EXPECT_TRUE(pacer.wait_for(after(Duration::seconds(1)), kGoOn));
    EXPECT_EQ(wall.now(), start + 5s) << "due after 2 s, which are over";
    EXPECT_TRUE(pacer.wait_for(after(Duration::seconds(3)), kGoOn));
    EXPECT_EQ(wall.now(), start + 6s) << "due after 6 s: the delay is made up for";
}

TEST(Pacer, DoesNotWaitWithoutASpeed) {
    const TestTime wall;
    const auto start = wall.now();
    Pacer<TestTime> pacer(0, wall);
    EXPECT_TRUE(pacer.wait_for(after(Duration::seconds(0)), kGoOn));
    EXPECT_TRUE(pacer.wait_for(after(Duration::minutes(600)), kGoOn));
    EXPECT_EQ(wall.now(), start);
}

// A night between two events must not keep a run from being interrupted.
TEST(Pacer, AsksWhileItWaitsWhetherToGoOn) {
    const TestTime wall;
    const auto start = wall.now();
    Pacer<TestTime> pacer(1, wall);
    int asked = 0;
    EXPECT_TRUE(pacer.wait_for(after(Duration::seconds(0)), [] { return false; })) << "due at once";
    EXPECT_FALSE(pacer.wait_for(after(Duration::minutes(600)), [&] { return ++asked < 7; }));
    EXPECT_EQ(asked, 7);
    EXPECT_EQ(wall.now(), start + 7 * Pacer<TestTime>::kLookUpEvery);
}

class PacedRun : public ::testing::TestWithParam<const char*> {};

TEST_P(PacedRun, TakesAsLongAsItsDataAtThatSpeed) {
    const TemporaryFolder folder;
    const std::string yaml =
        "mode: replay\n"
        "account: {currency: USD, cash: 100000, type: margin}\n"
        "instruments: [{symbol: AAA, asset_class: equity, tick: 0.01, lot: 1}]\n"
        "feeds: [{type: generator, kind: quotes, from: 2024-01-02T14:30:00Z,\n"
        "         to: 2024-01-02T14:31:00Z}]\n"
        "venues: [{name: sim, type: simulated}]\n"
        "strategies: [{name: a, type: ema_cross_ticks, symbols: [AAA]}]\n"
        "risk: {profile: unlimited}\n"
        "run: {speed: 120x}\n"
        "engine: {schedule: " +
        std::string(GetParam()) + "}\n";
    const ReplayResult result = run_yaml(yaml, folder.path(), folder / "out").result;
    const double recorded = static_cast<double>((result.last - result.first).ns) * 1e-9;
    EXPECT_GT(recorded, 50.0) << "of a minute of quotes";
    EXPECT_GE(result.seconds, recorded / 120);
    EXPECT_FALSE(result.cancelled);
}

TEST_P(PacedRun, CanBeInterruptedBetweenTwoEvents) {
    const TemporaryFolder folder;
    write_text(folder / "AAA.csv",
               "date,open,high,low,close\n"
               "2020-01-01,10,11,9,10\n"
               "2020-01-02,10,12,9,11\n");
    const Config config = parse_config(
        "mode: replay\n"
        "account: {currency: USD, cash: 100000, type: cash}\n"
        "instruments: [{symbol: AAA, asset_class: equity, tick: 0.01, lot: 1}]\n"
        "feeds:\n"
        "  - {type: csv, kind: bar, interval: 1d, symbol: AAA, path: AAA.csv,\n"
        "     time: {column: date, format: '%Y-%m-%d', zone: UTC}}\n"
        "venues: [{name: sim, type: simulated, fill: {market: next_open}}]\n"
        "strategies: [{name: hold, type: buy_and_hold, symbols: [AAA]}]\n"
        "risk: {profile: unlimited}\n"
        "run: {speed: 1x}\n"
        "engine: {schedule: " +
            std::string(GetParam()) + "}\n",
        "test.yaml", folder.path(), {}, shipped_strategies(), sha256_hasher());
    RunRequest request;
    request.out = folder / "out";
    int asked = 0;
    request.cancelled = [&] { return ++asked == 5; };
    const RunReport report = run_configuration(config, shipped_strategies(), request);
    EXPECT_TRUE(report.result.cancelled) << "without this it would wait for hours";
    EXPECT_EQ(report.result.market_events, 1u);
}

INSTANTIATE_TEST_SUITE_P(Schedules, PacedRun, ::testing::Values("lockstep", "concurrent"),
                         [](const auto& schedule) { return std::string(schedule.param); });

}  // namespace
}  // namespace fermata::test

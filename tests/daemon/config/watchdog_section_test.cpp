#include <gtest/gtest.h>

#include "tests/daemon/config/fixture.hpp"

namespace fermata {
namespace {

using config_test::kMinimal;
using config_test::parse;
using config_test::problems;

TEST(WatchdogSection, LooksEveryFiftyMillisecondsAndActsAfterFiveHundred) {
    const WatchdogConfig w = parse(kMinimal).watchdog;
    EXPECT_TRUE(w.progress_file.empty());  // without a latch there is nothing to act with
    EXPECT_EQ(w.poll_every, Duration::milliseconds(50));
    EXPECT_EQ(w.hang_after, Duration::milliseconds(500));
    EXPECT_EQ(w.on_crash, OnCrash::kHaltAndCancel);
}

TEST(WatchdogSection, KeepsTheProgressFileBesideTheLatchUnlessToldWhere) {
    const std::vector<std::string> latch{"engine.schedule=concurrent", "risk={latch: state/latch}"};
    const Config beside = parse(kMinimal, latch);
    EXPECT_EQ(beside.watchdog.progress_file.string(), beside.latch.string() + ".progress");
    auto told = latch;
    told.push_back("watchdog={progress_file: /run/fermata/progress, on_crash: halt}");
    const Config c = parse(kMinimal, told);
    EXPECT_EQ(c.watchdog.progress_file, "/run/fermata/progress");
    EXPECT_EQ(c.watchdog.on_crash, OnCrash::kHalt);
    EXPECT_EQ(c.hash, beside.hash);  // it decides about no result
}

TEST(WatchdogSection, RefusesToCallADaemonHungBeforeItLookedTwice) {
    EXPECT_FALSE(problems(kMinimal, {"watchdog={poll_every: 300ms}"}).empty());
    EXPECT_TRUE(problems(kMinimal, {"watchdog={poll_every: 250ms}"}).empty());
    EXPECT_FALSE(problems(kMinimal, {"watchdog={hang_after: 0}"}).empty());
    EXPECT_FALSE(problems(kMinimal, {"watchdog={on_crash: pray}"}).empty());
}

}  // namespace
}  // namespace fermata

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/daemon/config/fixture.hpp"

namespace fermata {
namespace {

using config_test::kMinimal;
using config_test::parse;
using config_test::problems;
using testing::ElementsAre;
using testing::HasSubstr;

TEST(ThreadsSection, LeavesEverythingToTheSystemUnlessItIsAskedFor) {
    const Config c = parse(kMinimal);
    EXPECT_FALSE(c.threads.memory_lock);
    EXPECT_EQ(c.threads.huge_pages, HugePages::kNone);
    EXPECT_TRUE(c.threads.loops.empty());
    EXPECT_TRUE(c.threads.helpers.empty());
}

TEST(ThreadsSection, TakesCoresSchedulingAndWaitingByLoop) {
    const std::vector<std::string> given = {
        "threads={memory_lock: true, huge_pages: advise, helpers: {control: {cores: [0]}}, "
        "loops: {trading: {cores: [2], scheduler: fifo, priority: 60, idle: spin}, "
        "shards: {idle: yield, spins: 10}, shard 1: {cores: [3, 4], idle: sleep, yields: 7, "
        "nap: 50us}, feed: {}, venues: {}, portfolio: {}, journal: {}}}",
        "engine.shards=2"};
    const Config c = parse(kMinimal, given);
    EXPECT_TRUE(c.threads.memory_lock);
    EXPECT_EQ(c.threads.huge_pages, HugePages::kAdvise);
    EXPECT_THAT(c.threads.helpers.at("control").cores, ElementsAre(0U));
    const LoopThread& trading = c.threads.loops.at("trading");
    EXPECT_THAT(trading.cores, ElementsAre(2U));
    EXPECT_EQ(trading.scheduler, Scheduler::kFifo);
    EXPECT_EQ(trading.priority, 60);
    EXPECT_EQ(trading.idle, IdleStrategy::kSpin);
    EXPECT_EQ(c.threads.loops.at("shards").spins, 10U);
    const LoopThread& shard = c.threads.loops.at("shard 1");
    EXPECT_THAT(shard.cores, ElementsAre(3U, 4U));
    EXPECT_EQ(shard.idle, IdleStrategy::kSleep);
    EXPECT_EQ(shard.yields, 7U);
    EXPECT_EQ(shard.nap, Duration::microseconds(50));
    // What is not said is as a thread of the system is.
    EXPECT_EQ(c.threads.loops.at("feed").scheduler, Scheduler::kOther);
    EXPECT_TRUE(c.threads.loops.at("feed").cores.empty());
    // It decides about no result, and the effective configuration is read as it was.
    EXPECT_EQ(c.hash, parse(kMinimal, {"engine.shards=2"}).hash);
    EXPECT_EQ(parse(c.effective).effective, c.effective);
}

TEST(ThreadsSection, RefusesThreadsThatThereWillNotBe) {
    EXPECT_THAT(problems(kMinimal, {"threads={loops: {tradng: {cores: [1]}}}"}),
                ElementsAre(HasSubstr("did you mean 'trading'")));
    EXPECT_THAT(problems(kMinimal, {"threads={loops: {shard 2: {cores: [1]}}}", "engine.shards=2"}),
                ElementsAre(HasSubstr("expected shards from 0 to 1")));
    for (const std::string name : {"shard", "shard x", "shard -1", "control", "feeds"}) {
        EXPECT_FALSE(problems(kMinimal, {"threads={loops: {" + name + ": {cores: [1]}}}"}).empty())
            << name;
    }
    EXPECT_FALSE(problems(kMinimal, {"threads={helpers: {trading: {cores: [1]}}}"}).empty());
}

TEST(ThreadsSection, RefusesWhatNoThreadCanHave) {
    for (const std::string thread :
         {"{cores: [-1]}", "{cores: [1024]}", "{cores: [1, 1]}", "{cores: 1}", "{scheduler: rr}",
          "{priority: 0}", "{priority: 100}", "{idle: block}", "{spins: -1}", "{nap: 0}",
          "{nap: 1s}"}) {
        EXPECT_FALSE(problems(kMinimal, {"threads={loops: {trading: " + thread + "}}"}).empty())
            << thread;
    }
}

}  // namespace
}  // namespace fermata

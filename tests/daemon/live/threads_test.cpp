// The daemon's threads as the kernel sees them.

#include <gmock/gmock.h>

#include "tests/daemon/live/daemon_process.hpp"
#include "tests/daemon/replay/crash_fixture.hpp"
#include "tests/daemon/threads/task.hpp"

namespace fermata::test {
namespace {

TEST(Threads, OfTheDaemonRunWhereTheConfigurationWantsThem) {
    const TemporaryFolder folder;
    const std::string config = folder / "run.yaml";
    const bool fifo = fifo_allowed();
    const std::string trading = fifo ? ", scheduler: fifo, priority: 3" : "";
    std::string yaml = yaml_of({"2024-01-02T21:00:00Z", "sync: none", "shards: 2"}, 1,
                               "live: {speed: 60x}\nthreads: {loops: {trading: {cores: [0]" +
                                   trading + "}, shards: {cores: [0]}, feed: {cores: [0]}}}\n");
    const std::string replay = "mode: replay";
    write_text(config, yaml.replace(yaml.find(replay), replay.size(), "mode: paper"));
    Daemon daemon({config, "--out", folder / "out"}, folder / "err.txt");
    const bool running = wait_until([&] {
        return read_text(folder / "err.txt").find("fermatad: running") != std::string::npos;
    });
    ASSERT_TRUE(running) << read_text(folder / "err.txt");
    // The feed's is the process's first thread, and the last one to be placed.
    const std::string pid = std::to_string(daemon.pid());
    ASSERT_TRUE(wait_until([&] { return look_at("/proc/" + pid + "/task/" + pid).cores == "0"; }));
    ASSERT_TRUE(wait_until([&] {
        const auto now = tasks_of(daemon.pid());
        const auto placed = [&](const char* loop) {
            const auto found = now.find(loop);
            return found != now.end() && found->second.cores == "0";
        };
        return placed("trading") && placed("shard 0") && placed("shard 1") &&
               now.count("venues") != 0 && now.count("journal") != 0;
    }));
    const auto tasks = tasks_of(daemon.pid());
    for (const char* loop : {"trading", "shard 0", "shard 1"}) {
        ASSERT_TRUE(tasks.count(loop)) << loop;
        EXPECT_EQ(tasks.at(loop).cores, "0") << loop;
    }
    for (const char* loop : {"venues", "journal"}) {
        ASSERT_TRUE(tasks.count(loop)) << loop;
        EXPECT_EQ(tasks.at(loop).cores, this_task().cores) << loop;
    }
    EXPECT_EQ(tasks.at("trading").policy, fifo ? SCHED_FIFO : SCHED_OTHER);
    EXPECT_EQ(tasks.at("trading").rt_priority, fifo ? 3 : 0);
    EXPECT_EQ(tasks.at("venues").policy, SCHED_OTHER);
    daemon.kill(SIGTERM);
    EXPECT_EQ(daemon.wait(), 0) << read_text(folder / "err.txt");
}

}  // namespace
}  // namespace fermata::test

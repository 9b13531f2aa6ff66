// The watchdog and the daemon as processes: what hangs is halted and killed, what ends in order is
// left alone, and nobody else is ever killed.

#include <gmock/gmock.h>
#include <unistd.h>

#include <atomic>

#include "tests/daemon/watchdog/watched_run.hpp"

namespace fermata::test {
namespace {

using progress::State;
using ::testing::HasSubstr;

/// A child that does nothing.
class Sleeper {
public:
    Sleeper() : program_({"/bin/sleep", "600"}, "/dev/null") {}
    [[nodiscard]] progress::Identity who() const { return *progress::identity_of(program_.pid()); }
    [[nodiscard]] bool lives() const {
        return ::kill(program_.pid(), 0) == 0 && progress::activity_of(program_.pid()) != 'Z';
    }
    int wait() { return program_.wait(); }

private:
    Program program_;
};

using WatchdogProcess = WatchedRun;

TEST_F(WatchdogProcess, HaltsAndKillsADaemonThatIsStoppedAndWatchesTheNextOneWhichIsHalted) {
    start_daemon();
    ASSERT_TRUE(happens([&] { return on_record().find("oooooooooo") != std::string::npos; }));
    start_watchdog({"--set", "watchdog.hang_after=500ms"});
    ASSERT_TRUE(says(watches(daemon->pid()))) << read_text(watchdog_err);
    const std::string pid = std::to_string(daemon->pid());
    daemon->kill(SIGSTOP);
    ASSERT_EQ(daemon->wait(), Program::kKilled) << read_text(daemon_err);
    EXPECT_TRUE(halted());
    EXPECT_TRUE(says("the firm is HALTED, it is killed")) << read_text(watchdog_err);
    EXPECT_TRUE(says("it is stopped by a signal"));
    EXPECT_TRUE(says("process " + pid + " is gone"));
    EXPECT_THAT(reason(), HasSubstr("watchdog: the loop "));
    // Its death was dealt with, and is not dealt with again.
    EXPECT_TRUE(happens([&] { return progress::read(progress_path)->state == State::kSettled; }));

    start_daemon();
    ASSERT_TRUE(says(watches(daemon->pid()))) << read_text(watchdog_err);
    EXPECT_EQ(stop_watchdog(), 0) << read_text(watchdog_err);
    ASSERT_TRUE(happens([&] {
        const std::string told = on_record();
        return told.find('H', told.rfind('b')) != std::string::npos;
    })) << on_record();
    daemon->kill(SIGTERM);
    EXPECT_EQ(daemon->wait(), 0) << read_text(daemon_err);
    // From the halt on, not one order.
    const std::string told = on_record();
    const std::size_t boot = told.rfind('b');
    ASSERT_GT(boot, 10u);
    EXPECT_EQ(told.find('o', told.find('H', boot)), std::string::npos) << told;
}

TEST_F(WatchdogProcess, LeavesADaemonAloneThatStopsInOrder) {
    start_daemon();
    start_watchdog();
    ASSERT_TRUE(says(watches(daemon->pid()))) << read_text(watchdog_err);
    daemon->kill(SIGTERM);
    ASSERT_EQ(daemon->wait(), 0) << read_text(daemon_err);
    ASSERT_TRUE(says("ended (as asked)")) << read_text(watchdog_err);
    EXPECT_FALSE(halted());
    // And the next one, too.
    start_daemon();
    ASSERT_TRUE(says(watches(daemon->pid()))) << read_text(watchdog_err);
    EXPECT_EQ(stop_watchdog(), 0) << read_text(watchdog_err);
    EXPECT_FALSE(halted());
}

TEST_F(WatchdogProcess, HaltsWhenTheDaemonDiesUnlessItIsToldOtherwise) {
    for (const std::string policy : {"nothing", "halt", "halt_and_cancel"}) {
        start_daemon();
        start_watchdog({"--set", "watchdog.on_crash=" + policy});
        ASSERT_TRUE(says(watches(daemon->pid()))) << read_text(watchdog_err);
        daemon->kill(SIGKILL);
        ASSERT_EQ(daemon->wait(), Program::kKilled);
        ASSERT_TRUE(says("died while it was running")) << read_text(watchdog_err);
        ASSERT_TRUE(says("waits for a daemon: process")) << read_text(watchdog_err);
        EXPECT_EQ(halted(), policy != "nothing") << policy;
        EXPECT_EQ(stop_watchdog(), 0) << read_text(watchdog_err);
        if (policy != "nothing") {
            EXPECT_THAT(reason(), HasSubstr("died while it was"));
            release();
        }
    }
}

TEST_F(WatchdogProcess, HaltsForADaemonThatDiedWhileNobodyWatchedAndOnlyOnce) {
    start_daemon();
    daemon->kill(SIGKILL);
    ASSERT_EQ(daemon->wait(), Program::kKilled);
    start_watchdog();
    ASSERT_TRUE(says("waits for a daemon: process")) << read_text(watchdog_err);
    EXPECT_TRUE(halted());
    EXPECT_EQ(stop_watchdog(), 0);
    release();
    start_watchdog();
    ASSERT_TRUE(says(" ended")) << read_text(watchdog_err);
    EXPECT_FALSE(halted());
    EXPECT_EQ(stop_watchdog(), 0);
}

TEST_F(WatchdogProcess, KillsOneWhoseSingleLoopStandsWhileTheOthersGoOn) {
    Sleeper hangs;
    put_progress(hangs.who(), State::kRunning, {"venues", "trading", "journal"});
    start_watchdog({"--set", "watchdog.hang_after=500ms"});
    ASSERT_TRUE(says(watches(hangs.who().pid))) << read_text(watchdog_err);
    std::atomic<bool> end{false};
    std::thread others([&] {
        for (std::uint64_t n = 1; !end; ++n) {
            put_passes(0, n);
            put_passes(2, n);
            std::this_thread::sleep_for(std::chrono::milliseconds(1));
        }
    });
    EXPECT_EQ(hangs.wait(), Program::kKilled);
    end = true;
    others.join();
    EXPECT_TRUE(halted());
    EXPECT_TRUE(says("the loop trading of process ")) << read_text(watchdog_err);
    EXPECT_EQ(stop_watchdog(), 0);
}

TEST_F(WatchdogProcess, NeverKillsAProcessThatOnlyHasTheNumberOfTheDaemon) {
    const Sleeper other;
    progress::Identity dead = other.who();
    --dead.start_ticks;
    put_progress(dead, State::kRunning, {"trading"});
    start_watchdog({"--set", "watchdog.hang_after=100ms"});
    // The daemon is dead, which halts; its number goes on living.
    ASSERT_TRUE(says("died while it was running")) << read_text(watchdog_err);
    EXPECT_TRUE(halted());
    EXPECT_EQ(stop_watchdog(), 0);
    EXPECT_TRUE(other.lives());
}

TEST_F(WatchdogProcess, DoesNotAskADaemonThatStartsOrEndsToGoOn) {
    for (const State standing : {State::kStarting, State::kEnding}) {
        const Sleeper rests;
        put_progress(rests.who(), standing, {"trading"});
        start_watchdog({"--set", "watchdog.hang_after=100ms"});
        ASSERT_TRUE(says("which is " + std::string(progress::name(standing))));
        std::this_thread::sleep_for(std::chrono::milliseconds(600));
        EXPECT_EQ(stop_watchdog(), 0);
        EXPECT_TRUE(rests.lives());
        EXPECT_FALSE(halted());
    }
}

TEST_F(WatchdogProcess, TakesADaemonThatNobodyCanSeeForOneThatHangs) {
    Sleeper unseen;
    put_progress(unseen.who(), State::kRunning, {"trading"});
    start_watchdog({"--set", "watchdog.hang_after=500ms"});
    ASSERT_TRUE(says(watches(unseen.who().pid))) << read_text(watchdog_err);
    std::filesystem::resize_file(progress_path, 100);
    EXPECT_EQ(unseen.wait(), Program::kKilled);
    EXPECT_TRUE(halted());
    EXPECT_TRUE(says("it has another length than a progress file")) << read_text(watchdog_err);
    EXPECT_EQ(stop_watchdog(), 0);
}

TEST_F(WatchdogProcess, SaysWhatItLacksAndGoesOnWithoutALatchFile) {
    std::filesystem::remove(latch_path);
    Sleeper hangs;
    put_progress(hangs.who(), State::kRunning, {"trading"});
    start_watchdog({"--set", "watchdog.hang_after=500ms"});
    EXPECT_EQ(hangs.wait(), Program::kKilled);
    EXPECT_TRUE(says("there is no such latch file, which counts as HALTED"));
    EXPECT_EQ(stop_watchdog(), 0);

    std::string yaml = read_text(config);
    yaml.erase(yaml.find(", latch: latch"), std::string(", latch: latch").size());
    write_text(config, yaml);
    const Said refused = run_command({"watchdog", config});
    EXPECT_EQ(refused.code, 2);
    EXPECT_THAT(refused.err, HasSubstr("set risk.latch"));
}

TEST_F(WatchdogProcess, ADaemonDoesNotStartWhereAnotherOneLives) {
    const Sleeper first;
    put_progress(first.who(), State::kRunning, {"trading"});
    Program second({FERMATA_DAEMON, config, "--out", folder / "out"}, daemon_err);
    EXPECT_EQ(second.wait(), 1);
    EXPECT_THAT(read_text(daemon_err), HasSubstr("publishes its progress there, and lives"));
}

}  // namespace
}  // namespace fermata::test

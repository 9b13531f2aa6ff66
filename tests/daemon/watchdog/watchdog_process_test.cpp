// The watchdog and the daemon as processes: what hangs is halted and killed, what ends in order is
// left alone, and nobody else is ever killed.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <fstream>
#include <optional>

#include "adapters/latch/latch_file.hpp"
#include "adapters/progress/process.hpp"
#include "adapters/progress/progress_file.hpp"
#include "tests/daemon/replay/crash_fixture.hpp"
#include "tests/daemon/watchdog/watched_daemon.hpp"

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

class WatchdogProcess : public ::testing::Test {
protected:
    WatchdogProcess() {
        // What decides about the record is not taken from here: a paper run is concurrent and
        // records.
        const Trial trial{"2024-01-02T21:00:00Z", "sync: none, market: reference",
                          "schedule: lockstep, shards: 2"};
        std::string yaml = yaml_of(trial, 1,
                                   "live: {speed: 600x}\n"
                                   // Long, so that a machine with too much to do does not look like
                                   // a daemon that hangs.
                                   "watchdog: {progress_file: progress, hang_after: 30s}\n");
        const auto put = [&](const std::string& old, const std::string& now) {
            yaml.replace(yaml.find(old), old.size(), now);
        };
        put("mode: replay", "mode: paper");
        put("risk: {profile: unlimited}", "risk: {profile: unlimited, latch: latch}");
        write_text(config, yaml);
        auto file = latch::File::create(latch_path, 1, 1, "test");
        EXPECT_TRUE(file);
        release();
    }

    void release() {
        auto file = latch::File::open(latch_path, latch::File::Access::kWrite);
        latch::Change change;
        change.may_loosen = true;
        change.actor = 1;
        (void)file->change(change, *state, 1'000);
        EXPECT_FALSE(halted());
    }
    [[nodiscard]] bool halted() {
        latch::File::open(latch_path, latch::File::Access::kRead)->read(*state);
        return state->fault != latch::Fault::kNone || state->emergency || !state->latched().empty();
    }
    [[nodiscard]] std::string reason() {
        latch::File::open(latch_path, latch::File::Access::kRead)->read(*state);
        return state->latched().empty() ? "" : std::string(state->latched()[0].reason.view());
    }
    void start_daemon() {
        daemon.emplace(std::vector<std::string>{FERMATA_DAEMON, config, "--out", folder / "out"},
                       daemon_err);
        EXPECT_TRUE(happens([&] {
            const auto s = progress::read(progress_path);
            return s && s->state == State::kRunning && s->who.pid == daemon->pid();
        })) << read_text(daemon_err);
    }
    void start_watchdog(std::vector<std::string> more = {}) {
        std::vector<std::string> arguments{FERMATA_COMMAND, "watchdog", config};
        arguments.insert(arguments.end(), more.begin(), more.end());
        watchdog.emplace(arguments, watchdog_err);
    }
    [[nodiscard]] bool says(const std::string& text) {
        return happens([&] { return read_text(watchdog_err).find(text) != std::string::npos; });
    }
    [[nodiscard]] static std::string watches(int pid) {
        return "watches process " + std::to_string(pid) + ", which is running";
    }
    /// The watchdog's exit code.
    int stop_watchdog() {
        watchdog->kill(SIGTERM);
        return watchdog->wait();
    }
    /// A progress file of a process that does not write it itself.
    void put_progress(const progress::Identity& who, State standing,
                      const std::vector<std::string>& loops) {
        const auto bytes = progress::make(who, {}, std::nullopt, standing, loops);
        std::ofstream(progress_path, std::ios::binary)
            .write(reinterpret_cast<const char*>(bytes.data()),
                   static_cast<std::streamsize>(bytes.size()));
    }
    void put_passes(std::size_t loop, std::uint64_t passes) {
        std::fstream file(progress_path, std::ios::binary | std::ios::in | std::ios::out);
        file.seekp(
            static_cast<std::streamoff>(progress::kCountersAt + loop * progress::kCounterBytes));
        file.write(reinterpret_cast<const char*>(&passes), sizeof passes);
    }
    /// Orders to the venue and halts of the firm on record, in their order: 'o', 'H', and 'b' where
    /// a boot begins.
    [[nodiscard]] std::string on_record() {
        std::string told;
        std::uint32_t boot = 0;
        for (const auto& entry : std::filesystem::directory_iterator(folder / "out")) {
            PosixFileSystem files;
            auto opened = JournalReader::open(files, (entry.path() / "journal").string());
            if (!opened) continue;
            while (const JournalRecord* record = (*opened)->next()) {
                if (record->boot_epoch != boot) told += 'b';
                boot = record->boot_epoch;
                if (record->is_market) continue;
                const OrderEvent& e = record->event;
                if (e.type == OrderEventType::kSendNew) told += 'o';
                if (e.type == OrderEventType::kControl &&
                    e.data.control.scope == ControlScope::kFirm &&
                    e.data.control.state == TradingState::kHalted) {
                    told += 'H';
                }
            }
        }
        return told;
    }

    const TemporaryFolder folder;
    const std::string config = folder / "run.yaml";
    const std::string latch_path = folder / "latch";
    const std::string progress_path = folder / "progress";
    const std::string daemon_err = folder / "daemon.txt";
    const std::string watchdog_err = folder / "watchdog.txt";
    const std::unique_ptr<latch::State> state = std::make_unique<latch::State>();
    std::optional<Program> daemon, watchdog;
};

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

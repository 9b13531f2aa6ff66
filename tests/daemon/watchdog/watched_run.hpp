#pragma once

#include <gtest/gtest.h>

#include <fstream>
#include <memory>
#include <optional>

#include "adapters/latch/latch_file.hpp"
#include "adapters/progress/process.hpp"
#include "adapters/progress/progress_file.hpp"
#include "tests/daemon/replay/crash_fixture.hpp"
#include "tests/daemon/watchdog/watched_daemon.hpp"

namespace fermata::test {

/// A configuration for daemon and watchdog, its latch released, and both as processes.
class WatchedRun : public ::testing::Test {
protected:
    WatchedRun() {
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
    void start_daemon(const std::vector<std::string>& more = {}) {
        std::vector<std::string> arguments{FERMATA_DAEMON, config, "--out", folder / "out"};
        arguments.insert(arguments.end(), more.begin(), more.end());
        daemon.emplace(arguments, daemon_err);
        EXPECT_TRUE(happens([&] {
            const auto s = progress::read(progress_path);
            return s && s->state == progress::State::kRunning && s->who.pid == daemon->pid();
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
    void put_progress(const progress::Identity& who, progress::State standing,
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

}  // namespace fermata::test

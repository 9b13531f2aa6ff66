// The watchdog with a session of its own: a daemon that is stopped is killed, and what the venue
// holds of the firm is canceled.

#include <gmock/gmock.h>

#include <chrono>
#include <iostream>

#include "tests/daemon/watchdog/firm_venue.hpp"
#include "tests/daemon/watchdog/watched_run.hpp"

namespace fermata::test {
namespace {

using ::testing::HasSubstr;

class WatchdogSession : public WatchedRun {
protected:
    void add_session() {
        std::string yaml = read_text(config);
        yaml += "sessions:\n  - {name: dog, role: watchdog, venue: sim, host: 127.0.0.1, port: " +
                std::to_string(port) +
                ", sender_comp_id: FERMATA, target_comp_id: VENUE, reconnect: 1s,\n"
                "     store: fix, mass_cancel: true, mass_status: true}\n";
        write_text(config, yaml);
    }
    /// `stubborn` ones are not taken by a mass cancel.
    static std::map<std::string, FirmVenue::Order> orders(bool stubborn) {
        std::map<std::string, FirmVenue::Order> all;
        for (int n = 1; n <= 50; ++n) {
            all["20779-1-" + std::to_string(n)] = {stubborn && n % 10 == 0, "AAA"};
        }
        return all;
    }
    const std::uint16_t port = fix::test::free_port();
};

TEST_F(WatchdogSession, CancelsTheOrdersOfADaemonThatIsStoppedAndSaysWhenThatIsConfirmed) {
    for (const bool stubborn : {false, true}) {
        if (!stubborn) add_session();
        FirmVenue venue(port, folder / (stubborn ? "venue1" : "venue0"), orders(stubborn));
        std::filesystem::remove_all(folder / "fix");  // this venue counts from 1
        start_daemon();
        start_watchdog({"--set", "watchdog.hang_after=500ms"});
        ASSERT_TRUE(says("dog: logged on")) << read_text(watchdog_err);
        ASSERT_TRUE(says(watches(daemon->pid()))) << read_text(watchdog_err);
        EXPECT_EQ(venue.open(), 50u);
        EXPECT_TRUE(venue.got("q").empty());  // it only waits
        const auto stopped = std::chrono::steady_clock::now();
        daemon->kill(SIGSTOP);
        ASSERT_EQ(daemon->wait(), Program::kKilled) << read_text(daemon_err);
        EXPECT_TRUE(happens([&] { return venue.open() == 0; })) << read_text(watchdog_err);
        EXPECT_TRUE(halted());
        EXPECT_TRUE(says("dog: confirmed, no order is open there")) << read_text(watchdog_err);
        EXPECT_GE(venue.got("q").size(), 2u);
        EXPECT_EQ(venue.got("F").size(), stubborn ? 5u : 0u);
        EXPECT_TRUE(venue.got("D").empty());
        const std::chrono::duration<double, std::milli> took = venue.emptied() - stopped;
        std::cout << "SIGSTOP to the last of 50 orders canceled at the venue, "
                  << (stubborn ? "five of them one by one: " : "by one mass cancel: ")
                  << took.count() << " ms\n"
                  << read_text(watchdog_err);
        EXPECT_EQ(stop_watchdog(), 0) << read_text(watchdog_err);
        release();
    }
}

TEST_F(WatchdogSession, SaysByItsExitCodeThatOrdersMayBeOpen) {
    add_session();
    start_daemon();
    start_watchdog();
    ASSERT_TRUE(says(watches(daemon->pid()))) << read_text(watchdog_err);
    daemon->kill(SIGKILL);
    ASSERT_EQ(daemon->wait(), Program::kKilled);
    ASSERT_TRUE(says("dog: the session is down")) << read_text(watchdog_err);
    EXPECT_TRUE(halted());
    EXPECT_EQ(stop_watchdog(), 4) << read_text(watchdog_err);
    EXPECT_THAT(read_text(watchdog_err), HasSubstr("orders may be open at 1 venues"));
}

TEST_F(WatchdogSession, CancelsNothingMoreOnceTheFirmIsReleased) {
    add_session();
    start_daemon();
    start_watchdog();
    ASSERT_TRUE(says(watches(daemon->pid()))) << read_text(watchdog_err);
    daemon->kill(SIGKILL);
    ASSERT_EQ(daemon->wait(), Program::kKilled);
    ASSERT_TRUE(says("dog: the session is down")) << read_text(watchdog_err);
    release();
    ASSERT_TRUE(says("no more cancels, the firm was released")) << read_text(watchdog_err);
    FirmVenue venue(port, folder / "venue", orders(false));
    ASSERT_TRUE(says("dog: logged on")) << read_text(watchdog_err);
    EXPECT_EQ(stop_watchdog(), 4) << read_text(watchdog_err);
    EXPECT_TRUE(venue.got("q").empty());
    EXPECT_EQ(venue.open(), 50u);
}

}  // namespace
}  // namespace fermata::test

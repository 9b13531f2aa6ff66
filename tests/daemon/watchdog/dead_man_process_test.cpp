// The dead-man switch of a running daemon: people say that they are there, or trading stops.

#include <gmock/gmock.h>

#include "tests/daemon/watchdog/watched_run.hpp"

namespace fermata::test {
namespace {

using ::testing::HasSubstr;
using DeadMan = WatchedRun;

TEST_F(DeadMan, HaltsTheFirmWhenNobodySaysThatTheyAreThere) {
    const std::string socket = folder / "c.sock";
    start_daemon({"--set", "control.socket=" + socket, "--set", "control.dead_man=3s"});
    Said alive;
    ASSERT_TRUE(happens([&] {
        alive = run_command({"alive", "--socket", socket});
        return alive.code != 3;  // nobody listens yet
    }));
    EXPECT_EQ(alive.code, 0) << alive.err;
    EXPECT_THAT(alive.out, HasSubstr("3s"));
    ASSERT_TRUE(happens([&] { return halted(); }));
    EXPECT_EQ(reason(), "dead-man switch: nobody said alive for 3s");
    // It halts, it does not end anything; and being there again releases nothing.
    ASSERT_TRUE(happens([&] { return on_record().find('H') != std::string::npos; }));
    EXPECT_EQ(run_command({"alive", "--socket", socket}).code, 0);
    EXPECT_TRUE(halted());
    ASSERT_TRUE(happens([&] {
        return run_command({"alerts", "--socket", socket})
                   .out.find("halt: dead-man switch, nobody said alive for 3s") !=
               std::string::npos;
    })) << run_command({"alerts", "--socket", socket}).out;
    daemon->kill(SIGTERM);
    EXPECT_EQ(daemon->wait(), 0) << read_text(daemon_err);
    const std::string log = read_text(daemon_err);
    EXPECT_THAT(log,
                HasSubstr("warning: dead-man switch: nobody said alive for 3s: trading stops"));
    EXPECT_THAT(log, HasSubstr("warning: firm HALTED by the latch"));
}

TEST_F(DeadMan, IsNotAskedForWhereThereIsNone) {
    const std::string socket = folder / "c.sock";
    start_daemon({"--set", "control.socket=" + socket});
    Said alive;
    ASSERT_TRUE(happens([&] {
        alive = run_command({"alive", "--socket", socket});
        return alive.code != 3;
    }));
    EXPECT_EQ(alive.code, 1);
    EXPECT_THAT(alive.err, HasSubstr("no dead-man switch"));
}

}  // namespace
}  // namespace fermata::test

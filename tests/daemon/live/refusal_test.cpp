// What a daemon does not start for, and that its service is not started again for that.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <sstream>

#include "daemon/assembly/start_refusal.hpp"
#include "tests/daemon/live/live_fixture.hpp"

namespace fermata::test {
namespace {

using ::testing::HasSubstr;

/// Values of `key=` in a unit, as systemd reads them.
std::set<std::string> setting(const std::string& unit, const std::string& key) {
    std::istringstream lines(read_text(std::string(FERMATA_SOURCE) + "/systemd/" + unit));
    std::set<std::string> values;
    for (std::string line; std::getline(lines, line);) {
        if (!line.starts_with(key + "=")) continue;
        std::istringstream words(line.substr(key.size() + 1));
        for (std::string word; words >> word;) values.insert(word);
    }
    return values;
}

LiveShape with(const std::string& sections) {
    LiveShape shape;
    shape.more = sections;
    return shape;
}

class Refused : public LiveMarket {
public:
    explicit Refused(LiveShape shape = {}) : LiveMarket(1, std::move(shape)) {}

    /// Starts the daemon, which does not stay: its exit code.
    int start() {
        start_daemon();
        const int code = daemon->wait();
        said = read_text(file("daemon.err"));
        return code;
    }
    std::string said;
};

TEST(StartRefusal, OfADaemonWithoutAnApprovalIsNoReasonToStartItAgain) {
    Refused market;
    const int nothing = market.start();
    EXPECT_EQ(nothing, kExitRefused) << market.said;
    EXPECT_THAT(market.said, HasSubstr(market.file("approvals")));
    write_text(market.file("approvals"), "not a line of this kind\n");
    EXPECT_EQ(market.start(), kExitRefused) << market.said;
    EXPECT_THAT(market.said, HasSubstr("approvals:1:"));
    write_text(market.file("approvals"),
               "sha256:" + std::string(64, 'a') + " | " + build_id() + " | somebody: another\n");
    EXPECT_EQ(market.start(), kExitRefused) << market.said;
    EXPECT_THAT(market.said, HasSubstr("no line approves"));
    const auto never = setting("fermatad.service", "RestartPreventExitStatus");
    EXPECT_TRUE(never.contains(std::to_string(nothing)));
    EXPECT_TRUE(never.contains("2"));
    EXPECT_FALSE(never.contains("1")) << "a run that failed is gone on with";
    EXPECT_EQ(setting("fermatad.service", "Restart"), std::set<std::string>{"on-failure"});
}

TEST(StartRefusal, NamesARoleOfNobodyAndASecretThatIsNotThere) {
    {
        Refused market(
            with("control: {socket: c.sock, roles: [{user: nobody-of-that-name, "
                 "role: admin}]}\n"));
        market.approve();
        EXPECT_EQ(market.start(), kExitRefused) << market.said;
        EXPECT_THAT(market.said, HasSubstr("nobody-of-that-name"));
    }
    LiveShape shape;
    shape.sessions =
        "  - {name: copy, venue: exchange, role: drop_copy, host: 127.0.0.1, port: PORT,\n"
        "     sender_comp_id: COPY, target_comp_id: VENUE, store: store,\n"
        "     logon_tags: [{tag: 554, file: secret}]}\n";
    shape.limits = "drop_copy: 5s";
    Refused market(shape);
    market.approve();
    EXPECT_EQ(market.start(), kExitRefused) << market.said;
    EXPECT_THAT(market.said, HasSubstr("field 554"));
}

TEST(StartRefusal, OfASessionOfAnotherModeLeavesItAsItIs) {
    const TemporaryFolder folder;
    const std::string config = folder / "run.yaml";
    write_text(config, paper_yaml(3, "speed: 600x, next_start: goes_on"));
    {
        Daemon daemon({config, "--out", folder / "out"}, folder / "err.txt");
        ASSERT_TRUE(wait_until([&] {
            return read_text(folder / "err.txt").find("fermatad: running") != std::string::npos;
        })) << read_text(folder / "err.txt");
        daemon.kill(SIGKILL);
        (void)daemon.wait();
    }
    std::string other = read_text(config);
    other.replace(other.find("mode: paper"), 11, "mode: shadow");
    write_text(config, other);
    Daemon daemon({config, "--out", folder / "out"}, folder / "err.txt");
    EXPECT_EQ(daemon.wait(), kExitRefused) << read_text(folder / "err.txt");
    EXPECT_THAT(read_text(folder / "err.txt"), HasSubstr("session of mode paper"));
}

/// A daemon that has traded and was killed.
class Killed : public Refused {
public:
    explicit Killed(LiveShape shape = {}) : Refused(std::move(shape)) {
        approve();
        start_venue();
        start_daemon();
        EXPECT_TRUE(wait_until([&] { return fills_here() >= 5; })) << read_text(file("daemon.err"));
        daemon->kill(SIGKILL);
        EXPECT_EQ(daemon->wait(), Process::kKilled);
    }
    void edit(const std::string& from, const std::string& to) {
        std::string yaml = read_text(file("live.yaml"));
        const std::size_t at = yaml.find(from);
        ASSERT_NE(at, std::string::npos) << from;
        for (std::size_t n = at; n != std::string::npos; n = yaml.find(from, n + to.size())) {
            yaml.replace(n, from.size(), to);
        }
        write_text(file("live.yaml"), yaml);
    }
    void approve_file() const {
        run({FERMATA_COMMAND, "config", "approve", file("live.yaml"), "--by", "a test", "--why",
             "changed"});
    }
    [[nodiscard]] bool goes_on() {
        const std::size_t before = fills_here();
        start_daemon();
        const bool traded = wait_until([&] { return fills_here() >= before + 5; });
        said = read_text(file("daemon.err"));
        EXPECT_THAT(said, HasSubstr("going on with"));
        return traded;
    }
};

TEST(StartRefusal, OfAFileThatChangedSinceItsApprovalEndsWithAnotherOne) {
    Killed market(with("control: {socket: c.sock, admins: 2}\n"));
    struct Change {
        const char *from, *to;
    };
    // Who may command, what a start does by itself, how a venue is reached, what the limits are.
    for (const auto& [from, to] :
         {Change{"admins: 2", "admins: 1"}, Change{"patience: 2s", "patience: 3s"},
          Change{"reconnect: 1s", "reconnect: 2s"},
          Change{"profile: unlimited", "profile: unlimited, hard: {max_quantity: 100000}"}}) {
        SCOPED_TRACE(to);
        market.edit(from, to);
        EXPECT_EQ(market.start(), kExitRefused) << market.said;
        EXPECT_THAT(market.said, HasSubstr("no line approves"));
        market.approve_file();
    }
    EXPECT_TRUE(market.goes_on()) << market.said;
}

TEST(Live, ReachesAVenueThatMovedAtTheNextStartOfTheSameSession) {
    Killed market;
    const std::string before = "port: " + std::to_string(market.port());
    market.venue->kill(SIGTERM);
    EXPECT_EQ(market.venue->wait(), 0);
    const std::string after = "port: " + std::to_string(free_port());
    ASSERT_NE(before, after);
    market.edit(before, after);
    std::string venue = read_text(market.file("venue.yaml"));
    venue.replace(venue.find(before), before.size(), after);
    write_text(market.file("venue.yaml"), venue);
    market.start_venue();
    market.approve_file();
    EXPECT_TRUE(market.goes_on()) << market.said;
    EXPECT_EQ(sessions(market.folder / "out").size(), 1U);
}

}  // namespace
}  // namespace fermata::test

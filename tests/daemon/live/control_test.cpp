// The daemon behind its control socket, commanded as people do it: by the command line, in
// processes of their own.

#include <unistd.h>

#include "ops/control/request.hpp"
#include "tests/daemon/live/operator_fixture.hpp"
#include "tests/daemon/live/session_fixture.hpp"

namespace fermata::test {
namespace {

/// A daemon with a latch and a control socket, and people who command it.
class Commanded : public Operator {
public:
    explicit Commanded(unsigned seed) {
        // Another user may reach the socket, and nothing else here.
        std::filesystem::permissions(folder_.path(), std::filesystem::perms(0755));
        EXPECT_EQ(run_command({"latch", "init", latch(), "--reason", "first start"}).code, 0);
        write_text(folder_ / "run.yaml", yaml(seed));
    }

    [[nodiscard]] std::string latch() const { return folder_ / "latch"; }
    [[nodiscard]] std::string socket() const override { return folder_ / "c.sock"; }
    [[nodiscard]] std::string out() const { return folder_ / "out"; }
    [[nodiscard]] std::string said() const { return read_text(folder_ / "err.txt"); }

    void start() {
        daemon_ = std::make_unique<Daemon>(
            std::vector<std::string>{folder_ / "run.yaml", "--out", out()}, folder_ / "err.txt");
        EXPECT_TRUE(wait_until([&] { return call({"status"}).code == 0; })) << said();
        if (two_people()) {
            EXPECT_EQ(::chown(socket().c_str(), 0, kOther), 0);
        }
        EXPECT_TRUE(becomes([](const Json& s) { return s["run"]["phase"] == "running"; }));
    }
    int stop(int signal = SIGTERM) {
        daemon_->kill(signal);
        const int code = daemon_->wait();
        daemon_.reset();
        return code;
    }

private:
    [[nodiscard]] std::string yaml(unsigned seed) const {
        std::string roles;
        for (const std::uint32_t uid : {static_cast<std::uint32_t>(::getuid()), kOther}) {
            roles += "    - {uid: " + std::to_string(uid) + ", role: admin}\n";
        }
        std::string yaml = paper_yaml(
            seed, "speed: 60x",
            "control:\n  socket: c.sock\n  admins: " + std::string(two_people() ? "2" : "1") +
                "\n  roles:\n" + roles);
        const std::string risk = "risk: {profile: unlimited}";
        return yaml.replace(yaml.find(risk), risk.size(),
                            "risk: {profile: unlimited, latch: latch,"
                            " limits: {max_quantity: 100000}}");
    }

    TemporaryFolder folder_;
    std::unique_ptr<Daemon> daemon_;
};

TEST(ControlledSession, IsReleasedWatchedAndStoppedByTheCommandLine) {
    Commanded daemon(21);
    daemon.start();
    // A latch that was just made halts the firm.
    EXPECT_TRUE(daemon.becomes(kHalted));
    EXPECT_EQ(daemon.agree({"release"}), daemon.agreed());
    EXPECT_TRUE(daemon.becomes(kActive));
    EXPECT_TRUE(daemon.becomes([](const Json& s) { return s["fills"] > 5; }));

    const Json status = daemon.ask({"status"});
    EXPECT_EQ(status["run"]["mode"], "paper");
    EXPECT_EQ(status["run"]["phase"], "running");
    EXPECT_EQ(status["latch"]["entries"].size(), 0u);
    EXPECT_TRUE(wait_until([&] { return !daemon.ask({"positions"})["positions"].empty(); }));
    EXPECT_TRUE(daemon.ask({"orders"}).contains("orders"));
    const Json strategies = daemon.ask({"strategies"})["strategies"];
    ASSERT_EQ(strategies.size(), 5u);
    EXPECT_EQ(strategies[0]["strategy"], "a");
    EXPECT_EQ(daemon.ask({"sessions"})["sessions"][0]["venue"], "sim");
    const Json latency = daemon.ask({"latency"})["latency"];
    ASSERT_EQ(latency.size(), 5u);
    for (std::size_t hop = 0; hop < 4; ++hop) {  // nothing was canceled yet
        EXPECT_GT(latency[hop]["count"], 0) << latency.dump();
        EXPECT_GT(latency[hop]["p50_ns"], 0);
        EXPECT_LE(latency[hop]["p50_ns"], latency[hop]["p99_ns"]);
        EXPECT_LE(latency[hop]["p99_ns"], latency[hop]["max_ns"]);
    }
    const Json limits = daemon.ask({"limits"})["limits"];
    EXPECT_TRUE(std::any_of(limits.begin(), limits.end(), [](const Json& l) {
        return l["limit"] == "max_quantity" && l["value"] == "100000";
    })) << limits.dump();
    EXPECT_NE(daemon.call({"status"}).out.find("ACTIVE"), std::string::npos);

    // One strategy.
    const Json disabled = daemon.ask({"disable", "d", "--reason", "looks wrong", "--wait", "60"});
    EXPECT_EQ(disabled["latched"]["target"], "d");
    EXPECT_EQ(disabled["cancels"]["waiting"], 0);
    const auto state_of_d = [&] { return daemon.ask({"strategies"})["strategies"][3]["state"]; };
    EXPECT_TRUE(wait_until([&] { return state_of_d() == "HALTED"; }));
    EXPECT_TRUE(kActive(daemon.ask({"status"})));
    EXPECT_EQ(daemon.agree({"enable", "d"}), daemon.agreed());
    EXPECT_TRUE(wait_until([&] { return state_of_d() == "ACTIVE"; }));

    // Limits only ever become tighter by one person.
    const Json tightened =
        daemon.ask({"tighten", "max_quantity", "10", "--reason", "calm down", "--wait", "60"});
    EXPECT_EQ(tightened["outcome"], "changed");
    EXPECT_EQ(daemon.call({"tighten", "max_quantity", "20", "--reason", "no"}).code, 1);
    EXPECT_TRUE(daemon.becomes([](const Json& s) { return s["denied"] > 0; }));
    EXPECT_TRUE(wait_until([&] { return !daemon.ask({"alerts"})["alerts"].empty(); }));
    const Json alerts = daemon.ask({"alerts"})["alerts"];
    const std::string newest = std::to_string(alerts[0]["alert"].get<int>());
    EXPECT_EQ(daemon.call({"acknowledge", "--alert", newest, "--reason", "seen"}).code, 0);
    EXPECT_EQ(daemon.call({"acknowledge", "--alert", newest, "--reason", "seen"}).code, 1);
    EXPECT_EQ(daemon.call({"acknowledge", "--strategy", "a", "--reason", "as intended"}).code, 0);

    // The firm, less and less of it.
    EXPECT_EQ(daemon.call({"reduce", "--reason", "late", "--wait", "60"}).code, 0);
    EXPECT_TRUE(daemon.becomes([](const Json& s) { return s["state"] == "REDUCING"; }))
        << daemon.ask({"status"}).dump();
    EXPECT_EQ(daemon.call({"halt", "--reason", "later"}).code, 0);
    EXPECT_TRUE(daemon.becomes(kHalted));
    EXPECT_EQ(daemon
                  .call({"cancel", "--scope", "instrument", "--target", "AAA", "--reason",
                         "split tomorrow", "--wait", "60"})
                  .code,
              0);
    const Json killed = daemon.ask({"kill", "--reason", "stop everything", "--wait", "60"});
    EXPECT_EQ(killed["cancels"]["waiting"], 0);
    EXPECT_EQ(killed["cancels"]["unknown"], 0);
    EXPECT_EQ(daemon.ask({"status"})["open_orders"], 0);
    EXPECT_EQ(run_command({"latch", "show", daemon.latch()}).code, 3);
    EXPECT_EQ(daemon.agree({"release", "--scope", "instrument", "--target", "AAA"}),
              daemon.agreed());
    EXPECT_EQ(daemon.agree({"release"}), daemon.agreed());
    EXPECT_TRUE(daemon.becomes(kActive));

    ASSERT_EQ(daemon.stop(), 0) << daemon.said();
    EXPECT_EQ(daemon.call({"status"}).code, 3);  // nobody listens any more
    const auto all = sessions(daemon.out());
    ASSERT_EQ(all.size(), 1u);
    expect_whole(all[0] / "journal");
    expect_verified_and_equal(all[0] / "journal");
    const std::string log = read_text(all[0] / "control.log");
    for (const char* command : {"release", "disable", "enable", "tighten", "acknowledge", "reduce",
                                "halt", "cancel", "kill"}) {
        EXPECT_NE(log.find("\"command\":\"" + std::string(command) + "\""), std::string::npos)
            << command;
    }
}

TEST(ControlledSession, ClosesEveryPositionWhenItIsFlattened) {
    Commanded daemon(25);
    daemon.start();
    EXPECT_EQ(daemon.agree({"release"}), daemon.agreed());
    const auto held = [&] { return daemon.ask({"positions"})["positions"].size(); };
    EXPECT_TRUE(daemon.becomes([](const Json& s) { return s["fills"] > 20; }));
    EXPECT_TRUE(wait_until([&] { return held() >= 2; }));
    // One strategy first: the others go on.
    const Json one = daemon.ask({"flatten", "--scope", "strategy", "--target", "d", "--reason",
                                 "leave it", "--wait", "100"});
    EXPECT_EQ(one["cancels"]["positions"], 0);
    EXPECT_TRUE(kActive(daemon.ask({"status"})));
    const Json all = daemon.ask({"flatten", "--reason", "go home", "--wait", "100"});
    EXPECT_EQ(all["cancels"]["positions"], 0);
    EXPECT_EQ(all["cancels"]["waiting"], 0);
    EXPECT_EQ(all["latched"]["level"], "flatten");
    EXPECT_EQ(held(), 0u);
    EXPECT_TRUE(wait_until([&] {
        const Json alerts = daemon.ask({"alerts"})["alerts"];
        return !alerts.empty() && alerts[0]["text"].get<std::string>().starts_with("flattened");
    }));
    EXPECT_EQ(run_command({"latch", "show", daemon.latch()}).code, 3);
    ASSERT_EQ(daemon.stop(), 0) << daemon.said();
    const auto folders = sessions(daemon.out());
    ASSERT_EQ(folders.size(), 1u);
    expect_whole(folders[0] / "journal");
    expect_verified_and_equal(folders[0] / "journal");
}

TEST(ControlledSession, KeepsItsHaltAndItsViewWhenItIsKilled) {
    Commanded daemon(22);
    daemon.start();
    EXPECT_EQ(daemon.agree({"release"}), daemon.agreed());
    EXPECT_TRUE(daemon.becomes([](const Json& s) { return s["fills"] > 5; }));
    EXPECT_EQ(daemon.call({"halt", "--scope", "strategy", "--target", "a", "--reason", "no"}).code,
              0);
    EXPECT_TRUE(daemon.becomes([](const Json& s) { return s["not_active"].size() == 1; }));
    const Json before = daemon.ask({"status"});
    EXPECT_EQ(daemon.stop(SIGKILL), Daemon::kKilled);

    daemon.start();
    const Json after = daemon.ask({"status"});
    // What is on record is shown again, and goes on.
    EXPECT_GE(after["fills"], before["fills"]);
    EXPECT_GE(after["orders"], before["orders"]);
    EXPECT_EQ(after["not_active"][0]["target"], "a");
    EXPECT_GT(after["state_version"], before["state_version"]);
    ASSERT_EQ(daemon.stop(), 0) << daemon.said();
    const auto all = sessions(daemon.out());
    ASSERT_EQ(all.size(), 1u);
    expect_whole(all[0] / "journal");
    expect_verified_and_equal(all[0] / "journal");
}

TEST(ControlledSession, TellsFollowersWhatHappens) {
    Commanded daemon(23);
    daemon.start();
    const TemporaryFolder folder;
    const std::string events = folder / "events";
    const Child tail({"tail", "--json", "--socket", daemon.socket()}, events);
    EXPECT_TRUE(wait_until([&] {
        (void)daemon.call({"halt", "--scope", "strategy", "--target", "b", "--reason", "look"});
        return read_text(events).find("\"type\":\"control\"") != std::string::npos;
    })) << read_text(events).substr(0, 2'000);
    EXPECT_EQ(daemon.stop(), 0) << daemon.said();
    EXPECT_EQ(tail.wait(), 1);  // the daemon went away
}

TEST(ControlCommands, AreAllInTheHelpTheManualAndTheCompletion) {
    const std::string manual = run_command({"man"}).out;
    EXPECT_EQ(run_command({"completion"}).code, 0);
    for (const console::MethodDefinition& method : console::kMethods) {
        if (method.method == console::Method::kCancels) continue;  // part of those that cancel
        const std::string name(method.name);
        const Said help = run_command({name, "--help"});
        EXPECT_EQ(help.code, 0) << name;
        for (const char* told : {"--socket", "--json", "Exit codes: 0 done", "5 waits"}) {
            EXPECT_NE(help.out.find(told), std::string::npos) << name << " " << told;
        }
        EXPECT_EQ(help.out.find("--reason") != std::string::npos, method.command) << name;
        EXPECT_NE(manual.find(".SS fermata " + name + "\n"), std::string::npos) << name;
        const std::string commands = "\n" + run_command({"complete", "--", name}).out;
        EXPECT_NE(commands.find("\n" + name + "\n"), std::string::npos) << commands;
        EXPECT_EQ(run_command({"complete", "--", name, "--so"}).out, "--socket\n") << name;
    }
}

TEST(ControlCommands, EndWithWhatTheirHelpSays) {
    const TemporaryFolder folder;
    const std::string nobody = folder / "c.sock";
    EXPECT_EQ(run_command({"status", "--socket", nobody}).code, 3);
    EXPECT_EQ(run_command({"kill", "--socket", nobody}).code, 2);  // without a reason
    EXPECT_EQ(run_command({"kill", "--reason", " ", "--socket", nobody}).code, 2);
    EXPECT_EQ(run_command({"release", "--reason", "x", "--socket", nobody}).code, 2);  // on what?
    EXPECT_EQ(run_command({"halt", "--reason", "x", "--scope", "venue", "--socket", nobody}).code,
              2);
}

TEST(ControlledSession, RefusesToStartWhereItsSocketCannotBe) {
    const TemporaryFolder folder;
    write_text(folder / "run.yaml",
               paper_yaml(24, "speed: 60x", "control: {socket: missing/c.sock}\n"));
    Daemon daemon({folder / "run.yaml", "--out", folder / "out"}, folder / "err.txt");
    EXPECT_EQ(daemon.wait(), 1);
    EXPECT_NE(read_text(folder / "err.txt").find("missing/c.sock"), std::string::npos)
        << read_text(folder / "err.txt");
}

}  // namespace
}  // namespace fermata::test

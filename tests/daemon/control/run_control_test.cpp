#include "daemon/control/run_control.hpp"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "adapters/fix/order_text.hpp"
#include "tests/daemon/control/controlled_run.hpp"

namespace fermata {
namespace {

using testing::ControlledRun;
using testing::Json;
using testing::Operator;

std::string code(const Json& answer) {
    return answer.contains("error") ? answer["error"]["code"].get<std::string>() : "ok";
}
const auto all_rest = [](const Json& v) { return v["rows"].size() == 40; };

TEST(RunControl, ShowsARunThatGoesOn) {
    ControlledRun run({});
    Operator op(run.socket());
    const Json orders = op.until("orders", Json::object(), all_rest);
    EXPECT_EQ(orders["rows"][0]["side"], "BUY");
    EXPECT_EQ(orders["rows"][0]["state"], "New");
    EXPECT_EQ(orders["rows"][0]["price"], "10");
    const Json status =
        op.until("status", Json::object(), [](const Json& v) { return v["fills"] > 0; });
    EXPECT_EQ(status["state"], "ACTIVE");
    EXPECT_EQ(status["run"]["mode"], "test");
    EXPECT_GE(status["open_orders"], 40);
    EXPECT_TRUE(status["latch"]["readable"]);
    const Json strategies = op.ask("strategies")["ok"]["rows"];
    ASSERT_EQ(strategies.size(), 3u);
    EXPECT_EQ(strategies[0]["strategy"], "alpha");
    EXPECT_EQ(strategies[0]["open_orders"], 20);
    EXPECT_EQ(strategies[0]["fills"], 0);
    EXPECT_GT(strategies[2]["fills"], 0);
    const Json limits = op.ask("limits")["ok"]["rows"];
    EXPECT_TRUE(std::any_of(limits.begin(), limits.end(), [](const Json& l) {
        return l["limit"] == "max_quantity" && l["value"] == "1000";
    }));
    EXPECT_EQ(code(op.ask("latency")), "not_available");
}

TEST(RunControl, SaysFirstWhatHoldsForANewOrder) {
    ControlledRun run({});
    Operator op(run.socket());
    const auto becomes = [&](const std::string& state) {
        return op.until("status", Json::object(),
                        [&](const Json& v) { return v.begin().value() == state; });
    };
    EXPECT_EQ(becomes("ACTIVE")["recovering"], false);
    // It follows its own journal.
    run.phase = SessionPhase::kRecovering;
    EXPECT_EQ(becomes("RECOVERING")["firm"], "ACTIVE");
    run.phase = SessionPhase::kRunning;
    // The venues are not reconciled with it.
    run.recover(true);
    Json status = becomes("RECOVERING");
    EXPECT_EQ(status["firm"], "ACTIVE");
    EXPECT_EQ(status["recovering"], true);
    // What people alone end comes before what ends by itself; both are shown.
    EXPECT_EQ(code(op.command("halt")), "ok");
    EXPECT_EQ(becomes("HALTED")["recovering"], true);
    run.recover(false);
    op.until("status", Json::object(), [](const Json& v) { return v["recovering"] == false; });
    run.phase = SessionPhase::kStopping;
    EXPECT_EQ(becomes("STOPPING")["firm"], "HALTED");
}

TEST(RunControl, ShowsTheTimeOfTheFeedAlsoWhileNothingIsOnRecord) {
    ControlledRun run({});
    Operator op(run.socket());
    Json status = op.until("status", Json::object(), [](const Json& v) { return v["fills"] > 0; });
    EXPECT_TRUE(status["market_data"].is_null());
    constexpr std::int64_t kLater = 4'102'444'800'000'000'000;  // 2100-01-01, in ns
    const auto event = [](MarketEventType type, std::int64_t ns) {
        return make_event(type, Timestamp{ns}, InstrumentId{0}, StreamId{0});
    };
    run.feed.on_event(event(MarketEventType::kQuote, kLater), 5'000'000'000);
    run.feed.on_event(event(MarketEventType::kClock, kLater + 1'000'000'000), 5'000'000'001);
    status = op.ask("status")["ok"];
    EXPECT_EQ(status["time"], "2100-01-01T00:00:01Z");
    EXPECT_EQ(status["market_data"], "2100-01-01T00:00:00Z");
    EXPECT_EQ(status["market_events"], 5'000'000'001);
    EXPECT_LT(status["newest_record"].get<std::string>(), "2100");
    EXPECT_GT(status["now"].get<std::string>(), "2024");
}

TEST(RunControl, SaysOfADamagedLatchThatItIsUnreadableAndWhatToDoInItsOrder) {
    ControlledRun run({.admins = 1});
    Operator op(run.socket());
    op.until("orders", Json::object(), all_rest);
    {
        std::fstream file(run.latch_path(), std::ios::in | std::ios::out | std::ios::binary);
        file << std::string(std::filesystem::file_size(run.latch_path()), '\xa7');
    }
    const Json status =
        op.until("status", Json::object(), [](const Json& v) { return !v["not_active"].empty(); });
    EXPECT_EQ(status["state"], "HALTED");
    EXPECT_EQ(status["not_active"][0]["by"], "the latch file, which is unreadable");
    const Json refused = op.command("release");
    EXPECT_EQ(code(refused), "failed");
    const std::string why = refused["error"]["message"];
    std::size_t at = 0;
    for (const std::string& step :
         {std::string("nothing was released"), run.latch_path().string(), std::string("1. look"),
          "2. fermata latch init " + run.latch_path().string() + " --repair",
          std::string("3. restart the daemon"), std::string("4. fermata status"),
          std::string("fermata release --expect N")}) {
        at = why.find(step, at);
        ASSERT_NE(at, std::string::npos) << step << " in " << why;
    }
}

TEST(RunControl, GivesALongListInPagesThatNothingShifts) {
    ControlledRun run({});
    Operator op(run.socket());
    op.until("orders", Json::object(), all_rest);
    std::vector<std::uint64_t> seen;
    Json page = {{"count", 7}};
    for (;;) {
        const Json answer = op.ask("orders", page)["ok"];
        EXPECT_LE(answer["rows"].size(), 7u);
        for (const Json& row : answer["rows"]) {
            const auto id = fix::parse_request_id(row["order"].get<std::string>());
            ASSERT_TRUE(id) << row.dump();
            seen.push_back(id->order.value);
        }
        if (!answer.contains("next")) break;
        page["after"] = answer["next"];
    }
    EXPECT_TRUE(std::is_sorted(seen.begin(), seen.end()));
    EXPECT_GE(seen.size(), 40u);
}

TEST(RunControl, ReleasesUnderTheVersionThatItShowsFirstAfterTheLatchWasRepaired) {
    ControlledRun run({.admins = 1, .latch_cut_short = true});
    Operator op(run.socket());
    op.until("status", Json::object(), [](const Json& v) { return !v["not_active"].empty(); });
    const Json damaged = op.ask("status");
    EXPECT_FALSE(damaged["ok"]["latch"]["readable"]);
    ASSERT_TRUE(latch::File::repair(run.latch_path().string(), ::getuid(), 2, "mended").ok());
    const Json mended = op.ask("status");
    EXPECT_TRUE(mended["ok"]["latch"]["readable"]);
    EXPECT_GT(mended["state_version"], damaged["state_version"]);
    EXPECT_EQ(mended["ok"]["state_version"], mended["state_version"]);
    const Json released = op.command_at(mended["ok"]["state_version"], "release");
    EXPECT_TRUE(released.contains("ok")) << released.dump();
}

class WithAndWithoutLatch : public ::testing::TestWithParam<bool> {};

TEST_P(WithAndWithoutLatch, AKillCancelsEverythingAndSaysWhatTheVenueConfirmed) {
    ControlledRun run({.latch = GetParam()});
    Operator op(run.socket());
    op.until("orders", Json::object(), all_rest);
    const Json killed = op.command("kill");
    ASSERT_EQ(code(killed), "ok") << killed.dump();
    EXPECT_EQ(killed["ok"]["latched"]["level"], "cancel-all");
    EXPECT_EQ(killed["ok"]["cancels_before"], 0);
    if (GetParam()) {
        // On the disk before anybody was told.
        const auto file = latch::File::open(run.latch_path().string(), latch::File::Access::kRead);
        const auto state = std::make_unique<latch::State>();
        file->read(*state);
        ASSERT_EQ(state->latched().size(), 1u);
        EXPECT_EQ(state->latched()[0].level, latch::Level::kCancelAll);
        EXPECT_EQ(state->latched()[0].reason.view(), "a test");
        EXPECT_EQ(state->latched()[0].actor, ::getuid());
    }
    const Json cancels = op.until("cancels", Json::object(), [](const Json& v) {
        return v["number"] > 0 && v["waiting"] == 0;
    });
    EXPECT_GE(cancels["asked"], 40);
    EXPECT_EQ(cancels["confirmed"].get<int>() + cancels["filled"].get<int>() +
                  cancels["ended"].get<int>(),
              cancels["asked"].get<int>());
    EXPECT_GE(cancels["confirmed"], 40);
    EXPECT_EQ(cancels["unknown"], 0);
    const Json status = op.ask("status")["ok"];
    EXPECT_EQ(status["state"], "HALTED");
    EXPECT_EQ(status["open_orders"], 0);
    const std::string log = test::read_text(run.folder / "control.log");
    EXPECT_NE(log.find("\"command\":\"kill\""), std::string::npos);
    EXPECT_NE(log.find("\"reason\":\"a test\""), std::string::npos);
}
INSTANTIATE_TEST_SUITE_P(Latch, WithAndWithoutLatch, ::testing::Bool());

TEST(RunControl, StopsOneStrategyAndLeavesTheOthersAlone) {
    ControlledRun run({});
    Operator op(run.socket());
    op.until("orders", Json::object(), all_rest);
    const Json strategy = {{"scope", "strategy"}, {"target", "beta"}};
    ASSERT_EQ(code(op.command("disable", {{"target", "beta"}})), "ok");
    const Json cancels = op.until(
        "cancels", strategy, [](const Json& v) { return v["number"] > 0 && v["waiting"] == 0; });
    EXPECT_EQ(cancels["asked"], 20);
    EXPECT_EQ(cancels["confirmed"], 20);
    const Json rows = op.ask("strategies")["ok"]["rows"];
    EXPECT_EQ(rows[0]["open_orders"], 20);
    EXPECT_EQ(rows[0]["state"], "ACTIVE");
    EXPECT_EQ(rows[1]["open_orders"], 0);
    EXPECT_EQ(rows[1]["state"], "HALTED");
    const Json halted = op.ask("status")["ok"]["not_active"];
    ASSERT_EQ(halted.size(), 1u);
    EXPECT_EQ(halted[0]["target"], "beta");
}

TEST(RunControl, HaltsWithoutCancelingWhatRests) {
    ControlledRun run({});
    Operator op(run.socket());
    op.until("orders", Json::object(), all_rest);
    ASSERT_EQ(code(op.command("halt")), "ok");
    op.until("status", Json::object(), [](const Json& v) { return v["state"] == "HALTED"; });
    EXPECT_GE(op.ask("status")["ok"]["open_orders"], 40);
}

TEST(RunControl, RefusesWhatIsBasedOnAnotherState) {
    ControlledRun run({});
    Operator op(run.socket());
    const Json version = op.ask("status")["state_version"];
    ASSERT_EQ(code(op.command_at(version, "halt", {{"scope", "strategy"}, {"target", "alpha"}})),
              "ok");
    const Json stale = op.command_at(version, "halt", {{"scope", "strategy"}, {"target", "beta"}});
    EXPECT_EQ(code(stale), "stale");
    EXPECT_EQ(code(op.command("halt", {{"scope", "strategy"}, {"target", "nobody"}})), "not_found");
    op.until("status", Json::object(), [](const Json& v) { return v["not_active"].size() == 1; });
}

/// Asks as another user; the first letter of the answer's code. Root only.
char as_other_admin(const std::filesystem::path& socket, const Json& request) {
    const pid_t child = ::fork();
    if (child == 0) {
        if (::setgid(4100) != 0 || ::setuid(4100) != 0) ::_exit('!');
        auto client = console::ControlClient::connect(socket.string());
        if (!client) ::_exit('d');
        const auto line = client->ask(request.dump(), std::chrono::seconds(20));
        ::_exit(line && line->find("\"released\"") != std::string::npos ? 'r' : '?');
    }
    int status = 0;
    ::waitpid(child, &status, 0);
    return static_cast<char>(WEXITSTATUS(status));
}

TEST(RunControl, ReleasesWhenOneAdminIsEnough) {
    ControlledRun run({.admins = 1});
    Operator op(run.socket());
    EXPECT_EQ(code(op.command("release")), "nothing_to_do");
    ASSERT_EQ(code(op.command("kill")), "ok");
    op.until("status", Json::object(), [](const Json& v) { return v["state"] == "HALTED"; });
    ASSERT_EQ(code(op.command("release")), "ok");
    op.until("status", Json::object(), [](const Json& v) { return v["state"] == "ACTIVE"; });
}

TEST(RunControl, NeedsASecondAdminForWhatLoosens) {
    ControlledRun run({});
    Operator op(run.socket());
    ASSERT_EQ(code(op.command("kill")), "ok");
    op.until("status", Json::object(), [](const Json& v) { return v["state"] == "HALTED"; });
    const Json version = op.ask("status")["state_version"];
    for (int again = 0; again < 2; ++again) {
        const Json pending = op.command_at(version, "release");
        ASSERT_EQ(code(pending), "ok") << pending.dump();
        EXPECT_TRUE(pending["ok"].contains("pending"));
    }
    const Json status = op.ask("status")["ok"];
    EXPECT_EQ(status["state"], "HALTED");
    ASSERT_EQ(status["waiting_for_second_admin"].size(), 1u);
    // What happens in between ends it: nobody agreed to release that.
    ASSERT_EQ(code(op.command("halt", {{"scope", "strategy"}, {"target", "alpha"}})), "ok");
    EXPECT_EQ(code(op.command_at(version, "release")), "stale");
}

TEST(RunControl, TightensALimitAtOnceAndRefusesToLoosenItThatWay) {
    ControlledRun run({});
    Operator op(run.socket());
    const auto limit = [](const char* value) {
        return Json{{"limit", "max_quantity"}, {"value", value}};
    };
    const Json sent = op.command("tighten", limit("50"));
    ASSERT_EQ(code(sent), "ok") << sent.dump();
    EXPECT_EQ(sent["ok"]["sent"]["from"], "1000");
    const Json command = sent["ok"]["command"];
    const Json outcome = op.until("status", Json::object(), [](const Json& v) {
        return v["limit_commands"].size() == 1;
    })["limit_commands"][0];
    EXPECT_EQ(outcome["command"], command);
    EXPECT_EQ(outcome["outcome"], "changed");
    const Json limits = op.ask("limits")["ok"]["rows"];
    EXPECT_TRUE(std::any_of(limits.begin(), limits.end(), [](const Json& l) {
        return l["limit"] == "max_quantity" && l["value"] == "50";
    }));
    EXPECT_EQ(code(op.command("tighten", limit("60"))), "invalid");
    EXPECT_EQ(code(op.command("tighten", limit("50"))), "nothing_to_do");
    EXPECT_EQ(code(op.command("tighten", limit("ten"))), "invalid");
    EXPECT_EQ(code(op.command("tighten", {{"limit", "none"}, {"value", "1"}})), "not_found");
    EXPECT_TRUE(op.command("loosen", limit("60"))["ok"].contains("pending"));
    // Gamma buys 100 at a time: no more.
    op.until("status", Json::object(), [](const Json& v) { return v["denied"] > 0; });
}

TEST(RunControl, RemembersWhoSawAnAlert) {
    ControlledRun run({});
    Operator op(run.socket());
    ASSERT_EQ(code(op.command("tighten", {{"limit", "max_quantity"}, {"value", "50"}})), "ok");
    op.until("alerts", Json::object(), [](const Json& v) { return v["rows"].size() == 1; });
    ASSERT_EQ(code(op.command("acknowledge", {{"alert", 1}})), "ok");
    const Json row = op.ask("alerts")["ok"]["rows"][0];
    EXPECT_NE(row["acknowledged_by"], "");
    EXPECT_EQ(op.ask("status")["ok"]["unacknowledged"], 0);
    EXPECT_EQ(code(op.command("acknowledge", {{"alert", 1}})), "nothing_to_do");
    EXPECT_EQ(code(op.command("acknowledge", {{"alert", 99}})), "not_found");
}

TEST(RunControl, TellsFollowersEveryRecord) {
    ControlledRun run({});
    Operator op(run.socket());
    ASSERT_EQ(code(op.ask("tail")), "ok");
    std::uint64_t last = 0, lost = 0;
    for (int n = 0; n < 200; ++n) {
        const Json event = op.receive()["event"];
        if (event.contains("lost")) {
            lost += event["lost"].get<std::uint64_t>();
            continue;
        }
        const std::uint64_t seq = event["seq"];
        EXPECT_GT(seq, last);
        last = seq;
    }
    EXPECT_EQ(lost, 0u);
}

TEST(RunControl, LetsTwoAdminsReleaseTogether) {
    if (::getuid() != 0) GTEST_SKIP() << "only root can become another user";
    ControlledRun run({.other_admin = 4100});
    Operator op(run.socket());
    ASSERT_EQ(code(op.command("kill")), "ok");
    op.until("status", Json::object(), [](const Json& v) { return v["state"] == "HALTED"; });
    Json request = {{"v", 1}, {"id", 1}, {"method", "release"}, {"reason", "looked into it"}};
    request["expect"] = op.ask("status")["state_version"];
    ASSERT_TRUE(op.send(request)["ok"].contains("pending"));
    EXPECT_EQ(as_other_admin(run.socket(), request), 'r');
    op.until("status", Json::object(), [](const Json& v) { return v["state"] == "ACTIVE"; });
    const std::string log = test::read_text(run.folder / "control.log");
    EXPECT_NE(log.find("accepted with uid 0"), std::string::npos);
}

}  // namespace
}  // namespace fermata

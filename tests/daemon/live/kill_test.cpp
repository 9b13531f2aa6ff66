// The kill switch on the live path: a daemon that trades over FIX, commanded as people do it, and
// the venues' own logs to say what came of it.

#include <gmock/gmock.h>

#include <thread>

#include "adapters/fix/order_text.hpp"
#include "tests/daemon/live/kill_fixture.hpp"

namespace fermata::test {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr Scope kFirm{"firm", ""};
constexpr Scope kScopes[] = {
    {"strategy", "a"}, {"instrument", "BBB"}, {"account", "other"}, {"venue", "second"}, kFirm};

/// Ends the run, and holds everything that it did against what was in force at that moment: in the
/// daemon's record, and at the venues.
HaltChecker expect_kept(KillMarket& market, bool ends = true) {
    if (ends) market.stop();
    HaltChecker checker;
    market.for_each_record(
        [&](const OrderEvent& e, const JournalManifest&) { checker.on_record(e); });
    EXPECT_THAT(checker.wrong, IsEmpty());
    for (const char* venue : {"first", "second"}) {
        std::set<std::string> names;
        for (const VenueBooks::AtVenue& order : market.books(venue).orders()) {
            EXPECT_TRUE(names.insert(order.name).second) << order.name << " came twice";
            const auto id = fix::parse_request_id(order.name);
            EXPECT_TRUE(id && checker.sent.contains(id->order.value))
                << order.name << " is at the venue and not on record";
        }
    }
    PosixFileSystem files;
    RerunRequest request;
    request.directory = market.journal();
    const RerunReport report = rerun_journal(files, request, shipped_strategies());
    EXPECT_TRUE(report.equal()) << (report.divergence ? report.divergence->what : "");
    return checker;
}

/// What is within the scope is stopped and tries in vain, what is outside goes on; then it is
/// released, and goes on as well.
void stop_and_release(KillMarket& market, const Scope& scope) {
    EXPECT_TRUE(market.is_refused(scope)) << "it does not even try";
    EXPECT_TRUE(market.trade(scope, false)) << "what is outside of the scope does not go on";
    EXPECT_TRUE(market.release(scope));
    EXPECT_TRUE(market.trade(scope)) << "it is released and does not go on";
}

TEST(KillLevel1, LetsNothingNewOutAndLeavesWhatRestsInEveryScope) {
    KillMarket market(31);
    market.open();
    for (const Scope& scope : kScopes) {
        SCOPED_TRACE(std::string(scope.scope) + " " + scope.target);
        const auto traders = scope.traders();
        for (bool rested = false; !rested;) {  // an order may end while the command is on its way
            ASSERT_TRUE(market.work(scope));
            ASSERT_EQ(market.command("halt", scope), 0);
            ASSERT_TRUE(market.is_refused(scope));
            ASSERT_TRUE(market.settles(scope));
            const auto open = market.open_of(traders);
            rested = !open.empty();
            EXPECT_TRUE(market.is_refused(scope));
            EXPECT_EQ(market.open_of(traders), open);
            if (!rested) {
                ASSERT_TRUE(market.release(scope));
            }
        }
        stop_and_release(market, scope);
    }
    EXPECT_GE(expect_kept(market).controls, 2 * std::size(kScopes));
}

TEST(KillLevel2, LetsOutOnlyWhatReducesInEveryScope) {
    KillMarket market(32);
    market.open();
    for (const Scope& scope : kScopes) {
        SCOPED_TRACE(std::string(scope.scope) + " " + scope.target);
        const auto traders = scope.traders();
        ASSERT_TRUE(market.work(scope));
        ASSERT_EQ(market.command("reduce", scope, {"--wait", "60"}), 0);
        EXPECT_TRUE(market.settles(scope));
        EXPECT_FALSE(market.buys_open(traders)) << "an order that increases is still at its venue";
        // They close what they hold by themselves, and get nothing new.
        EXPECT_TRUE(wait_until([&] { return market.held_by(traders) == 0; }));
        stop_and_release(market, scope);
    }
    EXPECT_GE(expect_kept(market).controls, 2 * std::size(kScopes));
}

TEST(KillLevel3, CancelsWhatRestsInEveryScope) {
    KillMarket market(33);
    market.open();
    for (const Scope& scope : kScopes) {
        SCOPED_TRACE(std::string(scope.scope) + " " + scope.target);
        const auto traders = scope.traders();
        ASSERT_TRUE(market.work(scope));
        ASSERT_EQ(market.command("kill", scope, {"--wait", "60"}), 0);
        EXPECT_TRUE(market.settles(scope));
        EXPECT_THAT(market.open_of(traders), IsEmpty());
        stop_and_release(market, scope);
    }
    EXPECT_GE(expect_kept(market).controls, 2 * std::size(kScopes));
}

TEST(KillLevel4, ClosesWhatIsHeldInEveryScope) {
    KillMarket market(34);
    market.open();
    for (const Scope& scope : kScopes) {
        SCOPED_TRACE(std::string(scope.scope) + " " + scope.target);
        const auto traders = scope.traders();
        for (bool closed = false; !closed;) {  // they may sell while the command is on its way
            const std::size_t before = market.immediate_of(traders);
            ASSERT_TRUE(market.work(scope));
            ASSERT_EQ(market.command("flatten", scope, {"--wait", "100"}), 0) << market.said();
            EXPECT_TRUE(wait_until([&] { return market.held_by(traders) == 0; }));
            EXPECT_TRUE(market.settles(scope));
            EXPECT_THAT(market.open_of(traders), IsEmpty());
            closed = market.immediate_of(traders) > before;
            if (!closed) {
                ASSERT_TRUE(market.release(scope));
            }
        }
        EXPECT_TRUE(market.is_refused(scope));
        EXPECT_EQ(market.held_by(traders), 0);
        stop_and_release(market, scope);
    }
    EXPECT_GE(expect_kept(market).closing, std::size(kScopes));
}

TEST(KillOfASessionThatIsDown, StandsAndCancelsOnceTheVenueIsBack) {
    KillMarket market(35);
    market.open();
    const Scope second{"venue", "second"};
    ASSERT_TRUE(market.work(second));
    market.exchanges["second"]->kill(SIGKILL);
    (void)market.exchanges["second"]->wait();
    const std::set<std::string> left = market.open_of(second.traders());
    ASSERT_FALSE(left.empty());
    EXPECT_EQ(market.command("kill", kFirm, {"--wait", "0.5"}), 4) << "nobody confirmed them";
    EXPECT_EQ(run_command({"latch", "show", market.file("latch")}).code, 3);
    EXPECT_EQ(market.firm_state(), "HALTED");
    // What the other venue has is canceled at once.
    EXPECT_TRUE(
        wait_until([&] { return market.open_of(Scope{"venue", "first"}.traders()).empty(); }));
    EXPECT_EQ(market.open_of(second.traders()), left);
    const std::size_t asked = market.books("second").requests("AF");
    const std::size_t orders = market.books("second").orders().size();

    market.start_exchange("second");
    EXPECT_TRUE(wait_until([&] { return market.open_of(second.traders()).empty(); }))
        << market.said();
    EXPECT_GT(market.books("second").requests("AF"), asked) << "it was not asked what is open";
    EXPECT_TRUE(market.is_refused(kFirm));
    EXPECT_EQ(market.books("second").orders().size(), orders);
    EXPECT_EQ(market.firm_state(), "HALTED");
    EXPECT_TRUE(market.release(kFirm));
    EXPECT_TRUE(market.trade(kFirm)) << market.said();
    (void)expect_kept(market);
}

/// The venue and the daemon die around the kill: whatever was asked for, sent or answered by then,
/// nothing stays open.
TEST(KillOfASessionThatIsDown, IsCarriedOutWhenTheDaemonDiesToo) {
    KillMarket market(41);
    market.open();
    for (int round = 0; round < 3; ++round) {
        SCOPED_TRACE(round);
        ASSERT_TRUE(market.work(kFirm));
        market.exchanges["second"]->kill(SIGKILL);
        (void)market.exchanges["second"]->wait();
        if (round == 0) {
            EXPECT_EQ(market.command("kill", kFirm, {"--wait", "0.5"}), 4);
        } else {  // dies in the middle of it
            std::thread killer([&] { (void)market.command("kill", kFirm, {"--wait", "0.1"}); });
            (void)wait_until(
                [&] { return run_command({"latch", "show", market.file("latch")}).code == 3; });
            market.daemon->kill(SIGKILL);
            killer.join();
        }
        market.daemon->kill(SIGKILL);
        (void)market.daemon->wait();
        market.start_exchange("second");
        market.start();
        const std::vector<Trader> all(kTraders.begin(), kTraders.end());
        EXPECT_TRUE(wait_until([&] { return market.open_of(all).empty(); })) << market.said();
        EXPECT_EQ(market.command("kill", kFirm, {"--wait", "60"}), 0) << market.said();
        EXPECT_EQ(market.firm_state(), "HALTED");
        EXPECT_TRUE(market.release(kFirm));
        EXPECT_TRUE(market.trade(kFirm)) << market.said();
    }
    (void)expect_kept(market);
}

/// As after `fermata journal carry` with orders left at the venue: the new session knows nothing of
/// them, and nobody ended them.
TEST(KillOfOrdersOfASessionBefore, CancelsThemAtTheirVenues) {
    KillMarket market(39);
    market.open();
    ASSERT_TRUE(market.work(kFirm));
    market.daemon->kill(SIGKILL);
    (void)market.daemon->wait();
    std::filesystem::rename(market.file("out"), market.file("archive"));
    const std::vector<Trader> all(kTraders.begin(), kTraders.end());
    ASSERT_FALSE(market.open_of(all).empty());
    market.start_daemon();
    EXPECT_TRUE(wait_until([&] { return market.call({"status"}).code == 0; })) << market.said();
    // Reports that the session before did not get are fills of orders that are not ours, perhaps.
    const auto open_there = [&] {
        std::size_t orders = 0;
        const Json status = market.ask({"status"});
        for (const Json& venue : status["venues"]) {
            for (const Json& difference : venue["differences"]) {
                orders += difference.get<std::string>().find(") is open at the venue with ") !=
                                  std::string::npos
                              ? 1
                              : 0;
            }
        }
        return orders;
    };
    ASSERT_TRUE(wait_until([&] { return open_there() == market.open_of(all).size(); }))
        << market.ask({"status"}).dump();
    EXPECT_FALSE(market.open_of(all).empty()) << "only a person ends them";
    EXPECT_EQ(market.command("kill", {"strategy", "a"}), 0) << "whose they are nobody knows";
    EXPECT_FALSE(market.open_of(all).empty());
    const Scope second{"venue", "second"}, first{"venue", "first"};
    EXPECT_EQ(market.command("kill", second, {"--wait", "60"}), 0) << market.said();
    EXPECT_TRUE(market.open_of(second.traders()).empty());
    EXPECT_FALSE(market.open_of(first.traders()).empty());
    EXPECT_EQ(market.command("kill", kFirm, {"--wait", "60"}), 0) << market.said();
    EXPECT_TRUE(market.open_of(all).empty());
    EXPECT_EQ(open_there(), 0U) << market.ask({"status"}).dump();
    market.stop();
}

/// The same, and one of those orders is filled: nobody's position has it.
TEST(FillOfAnOrderOfASessionBefore, IsADifferenceUntilPeopleAcceptIt) {
    KillMarket market(40, "0.05");
    market.open();
    const std::vector<Trader> all(kTraders.begin(), kTraders.end());
    ASSERT_TRUE(wait_until([&] { return market.open_of(all).size() >= 2; }));
    market.daemon->kill(SIGKILL);
    (void)market.daemon->wait();
    std::filesystem::rename(market.file("out"), market.file("archive"));
    market.start_daemon();
    EXPECT_TRUE(wait_until([&] { return market.call({"status"}).code == 0; })) << market.said();
    const auto told = [&] {
        std::string all_of_it;
        const Json status = market.ask({"status"});
        for (const Json& venue : status["venues"]) {
            all_of_it += venue["differences"].dump();
        }
        return all_of_it;
    };
    const std::string filled = "is unknown here, and the venue filled";
    EXPECT_TRUE(wait_until([&] { return told().find(filled) != std::string::npos; })) << told();
    EXPECT_EQ(market.command("kill", kFirm, {"--wait", "60"}), 0) << market.said();
    EXPECT_TRUE(market.open_of(all).empty());
    EXPECT_NE(told().find(filled), std::string::npos) << "that it is over makes nothing good";

    market.daemon->kill(SIGKILL);
    (void)market.daemon->wait();
    market.start();
    EXPECT_TRUE(wait_until([&] { return told().find(filled) != std::string::npos; })) << told();
    const auto reconciled = [&] {
        const Json status = market.ask({"status"});
        for (const Json& venue : status["venues"]) {
            if (venue["state"] != "reconciled") return false;
        }
        return true;
    };
    EXPECT_TRUE(wait_until([&] {
        const auto version = market.ask({"status"})["state_version"].get<std::uint64_t>();
        (void)market.command("accept", kFirm, {"--expect", std::to_string(version)});
        return reconciled();
    })) << told();
    market.daemon->kill(SIGKILL);
    (void)market.daemon->wait();
    market.start();
    EXPECT_TRUE(wait_until(reconciled)) << told();
    market.stop();
    const Said carried = run_command({"journal", "carry", market.journal()});
    EXPECT_EQ(carried.code, 0) << carried.err;
    EXPECT_NE(carried.err.find("is unknown here, and was filled with"), std::string::npos);
    EXPECT_NE(carried.err.find(", as people accepted"), std::string::npos) << carried.err;
    EXPECT_EQ(carried.err.find("nobody accepted"), std::string::npos) << carried.err;
    PosixFileSystem files;
    RerunRequest request;
    request.directory = market.journal();
    const RerunReport report = rerun_journal(files, request, shipped_strategies());
    EXPECT_TRUE(report.equal()) << (report.divergence ? report.divergence->what : "");
}

TEST(FlattenOnAStaleBook, StandsStillAndGoesOnWhenQuotesAreBack) {
    KillMarket market(36);
    market.open();
    const std::vector<Trader> all(kTraders.begin(), kTraders.end());
    do {  // they may sell by the last quotes
        market.exchanges["quotes"]->kill(SIGCONT);
        ASSERT_TRUE(market.work(kFirm));
        market.exchanges["quotes"]->kill(SIGSTOP);
        std::this_thread::sleep_for(std::chrono::nanoseconds(FlattenRules{}.price_age.ns) +
                                    std::chrono::milliseconds(500));
    } while (market.held_by(all) == 0);
    const std::size_t before = market.immediate_of(all);
    const long held = market.held_by(all);
    EXPECT_EQ(market.command("flatten", kFirm, {"--wait", "0.5"}), 4);
    EXPECT_TRUE(market.alerted("flatten_stopped")) << market.ask({"alerts"}).dump();
    EXPECT_TRUE(market.settles(kFirm));
    EXPECT_THAT(market.open_of(all), IsEmpty());
    EXPECT_EQ(market.immediate_of(all), before) << "it traded on prices that nobody quotes";
    EXPECT_EQ(market.held_by(all), held);

    market.exchanges["quotes"]->kill(SIGCONT);
    EXPECT_TRUE(wait_until([&] { return market.held_by(all) == 0; }));
    EXPECT_GT(market.immediate_of(all), before);
    EXPECT_TRUE(market.alerted("flattened"));
    EXPECT_EQ(market.firm_state(), "HALTED");
    (void)expect_kept(market);
}

TEST(KillAndRestart, StaysHaltedUntilAnAdminReleases) {
    KillMarket market(37);
    market.open();
    ASSERT_TRUE(market.work(kFirm));
    ASSERT_EQ(market.command("kill", kFirm, {"--wait", "60"}), 0);
    // Who asks for less does not loosen it, and who flattens and kills again keeps both.
    EXPECT_NE(market.command("reduce", kFirm, {"--wait", "0.1"}), 0);
    EXPECT_EQ(market.command("flatten", kFirm, {"--wait", "60"}), 0) << market.said();
    EXPECT_EQ(market.command("kill", kFirm, {"--wait", "60"}), 0) << market.said();
    EXPECT_EQ(market.command("flatten", kFirm, {"--wait", "60"}), 0) << market.said();
    EXPECT_EQ(market.firm_state(), "HALTED");
    EXPECT_NE(run_command({"latch", "show", market.file("latch")}).out.find("flatten"),
              std::string::npos);
    const auto no_order_since = [&](const auto& before) {
        return market.orders_of({kTraders.begin(), kTraders.end()}) == before;
    };
    for (const int signal : {SIGTERM, SIGKILL}) {
        SCOPED_TRACE(signal == SIGTERM ? "stopped" : "killed");
        market.daemon->kill(signal);
        EXPECT_EQ(market.daemon->wait(), signal == SIGTERM ? 0 : Daemon::kKilled) << market.said();
        const auto before = market.orders_of({kTraders.begin(), kTraders.end()});
        market.start();
        EXPECT_EQ(market.firm_state(), "HALTED");
        EXPECT_TRUE(market.is_refused(kFirm));
        EXPECT_TRUE(no_order_since(before));
        if (!market.two_people()) continue;  // who may stop may not release
        const auto version = market.ask({"status"})["state_version"].get<std::uint64_t>();
        EXPECT_EQ(run_as(kOther, {"release", "--reason", "let me", "--expect",
                                  std::to_string(version), "--socket", market.socket()})
                      .code,
                  1);
        EXPECT_EQ(market.firm_state(), "HALTED");
        EXPECT_TRUE(no_order_since(before));
    }
    EXPECT_TRUE(market.release(kFirm));
    EXPECT_TRUE(market.trade(kFirm)) << market.said();
    (void)expect_kept(market);
}

TEST(KillLatchFile, HaltsWhereItIsAbsentOrDamagedUntilItIsMendedAndReleased) {
    KillMarket market(38);
    market.open();
    const std::string path = market.file("latch");
    for (const bool absent : {true, false}) {
        SCOPED_TRACE(absent ? "absent" : "damaged");
        market.stop();
        const auto before = market.orders_of({kTraders.begin(), kTraders.end()});
        if (absent) {
            std::filesystem::remove(path);
        } else {
            write_text(path, std::string(std::filesystem::file_size(path), '?'));
        }
        market.start();
        EXPECT_THAT(market.said(), HasSubstr(path));
        EXPECT_EQ(run_command({"latch", "show", path}).code, 2);
        EXPECT_TRUE(market.is_refused(kFirm));
        EXPECT_EQ(market.firm_state(), "HALTED");
        EXPECT_EQ(market.orders_of({kTraders.begin(), kTraders.end()}), before);
        const auto version = market.ask({"status"})["state_version"].get<std::uint64_t>();
        EXPECT_EQ(market.command("release", kFirm, {"--expect", std::to_string(version)}), 1)
            << "what cannot be read was released";
        // By people, and with the next start.
        market.stop();
        std::vector<std::string> init{"latch", "init", path, "--people", "1", "--reason", "mended"};
        if (!absent) init.emplace_back("--repair");
        EXPECT_EQ(run_command(init).code, 0);
        market.start();
        EXPECT_TRUE(market.is_refused(kFirm));
        EXPECT_EQ(market.orders_of({kTraders.begin(), kTraders.end()}), before);
        EXPECT_TRUE(market.release(kFirm));
        EXPECT_TRUE(market.trade(kFirm)) << market.said();
    }
    (void)expect_kept(market);
}

}  // namespace
}  // namespace fermata::test

// The whole live path on one machine with nothing mocked: a venue, a daemon in mode live, FIX
// between them.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/daemon/live/live_fixture.hpp"
#include "tests/daemon/live/operator_fixture.hpp"

namespace fermata::test {
namespace {

TEST(Live, TradesWithAVenueOverFixAndIsReRunEqual) {
    LiveMarket market(1);
    market.approve();
    market.start_venue();
    market.start_daemon();
    EXPECT_TRUE(wait_until([&] { return market.fills_here() >= 40; }))
        << read_text(market.file("daemon.err"));
    market.daemon->kill(SIGTERM);
    EXPECT_EQ(market.daemon->wait(), 0) << read_text(market.file("daemon.err"));
    market.venue->kill(SIGTERM);
    EXPECT_EQ(market.venue->wait(), 0) << read_text(market.file("venue.out"));

    EXPECT_EQ(market.executions_here(), market.executions_there());
    const auto orders = market.orders_there();
    EXPECT_EQ(std::set<std::string>(orders.begin(), orders.end()).size(), orders.size());
    PosixFileSystem files;
    RerunRequest request;
    request.directory = market.journal();
    const RerunReport report = rerun_journal(files, request, shipped_strategies());
    EXPECT_TRUE(report.equal()) << (report.divergence ? report.divergence->what : "");
    EXPECT_GT(report.compared, 300u);
}

TEST(Live, IsReconciledAtEveryStartAlsoWhereNothingWasTraded) {
    LiveMarket market(2);
    market.approve();
    market.start_venue(true);
    for (int start = 1; start <= 4; ++start) {
        market.start_daemon();
        EXPECT_TRUE(wait_until([&] {
            return read_text(market.file("daemon.err")).find("new orders are accepted") !=
                   std::string::npos;
        })) << "start "
            << start << ": " << read_text(market.file("daemon.err"));
        market.daemon->kill(SIGTERM);
        ASSERT_EQ(market.daemon->wait(), 0) << read_text(market.file("daemon.err"));
    }
}

/// As after `fermata journal carry`: the folder of the old session is moved away, its FIX sessions
/// go on. The venue takes an order id once, and has told the old session much.
TEST(Live, BeginsAnewOnTheSameDayWithoutTheIdsAndTheReportsOfTheSessionBefore) {
    LiveMarket market(5);
    market.approve();
    market.start_venue();
    for (const std::size_t fills : {6U, 12U}) {  // in two boots
        market.start_daemon();
        EXPECT_TRUE(wait_until([&] { return market.fills_here() >= fills; }))
            << read_text(market.file("daemon.err"));
        market.daemon->kill(SIGTERM);
        ASSERT_EQ(market.daemon->wait(), 0) << read_text(market.file("daemon.err"));
    }
    market.venue->kill(SIGTERM);
    ASSERT_EQ(market.venue->wait(), 0) << read_text(market.file("venue.out"));
    const auto before = market.executions_there();
    ASSERT_EQ(market.executions_here(), before);
    std::filesystem::rename(market.file("out"), market.file("archive"));

    // Its first process dies before the venue could tell it anything.
    market.start_daemon();
    ASSERT_TRUE(wait_until([&] {
        return read_text(market.file("daemon.err")).find("running") != std::string::npos;
    })) << read_text(market.file("daemon.err"));
    market.daemon->kill(SIGKILL);
    (void)market.daemon->wait();
    market.start_venue();
    market.start_daemon();
    EXPECT_TRUE(wait_until([&] { return market.fills_here() >= 10; }))
        << read_text(market.file("daemon.err"));
    market.daemon->kill(SIGTERM);
    EXPECT_EQ(market.daemon->wait(), 0) << read_text(market.file("daemon.err"));
    market.venue->kill(SIGTERM);
    EXPECT_EQ(market.venue->wait(), 0) << read_text(market.file("venue.out"));

    const auto all = market.executions_there();
    const auto since = only_in_first(all, before);
    EXPECT_EQ(market.executions_here(), std::set<Execution>(since.begin(), since.end()));
    const auto orders = market.orders_there();
    EXPECT_EQ(std::set<std::string>(orders.begin(), orders.end()).size(), orders.size());
    std::set<std::uint64_t> sent;
    market.for_each_record([&](const OrderEvent& e, const JournalManifest&) {
        if (e.type == OrderEventType::kSendNew) sent.insert(e.data.new_order.order_id.value);
        if (e.type != OrderEventType::kExecution) return;
        EXPECT_TRUE(sent.contains(e.data.execution.order_id.value))
            << "a report about order " << e.data.execution.order_id.value
            << " of the session before";
    });
    EXPECT_FALSE(sent.empty());
    PosixFileSystem files;
    RerunRequest request;
    request.directory = market.journal();
    const RerunReport report = rerun_journal(files, request, shipped_strategies());
    EXPECT_TRUE(report.equal()) << (report.divergence ? report.divergence->what : "");
}

TEST(Live, TakesUpALatchFileThatIsMadeWhileItRuns) {
    LiveShape shape;
    shape.more = "control: {socket: c.sock, admins: 1}\n";
    LiveMarket market(4, shape);
    market.approve();
    std::filesystem::remove(market.file("latch"));
    market.start_venue();
    market.start_daemon();
    const std::vector<std::string> socket{"--json", "--socket", market.file("c.sock")};
    const auto call = [&](std::vector<std::string> words) {
        words.insert(words.end(), socket.begin(), socket.end());
        return run_command(words);
    };
    const auto status = [&] { return Json::parse(call({"status"}).out, nullptr, false); };
    ASSERT_TRUE(wait_until([&] { return call({"status"}).code == 0; }));
    EXPECT_THAT(status()["latch"]["trouble"].get<std::string>(),
                testing::HasSubstr("taken up without a restart"));
    EXPECT_TRUE(wait_until([&] {
        return read_text(market.file("daemon.err")).find("the firm stands HALTED") !=
               std::string::npos;
    })) << read_text(market.file("daemon.err"));
    EXPECT_EQ(read_text(market.file("daemon.err")).find("new orders are accepted"),
              std::string::npos);
    const Said made = run_command(
        {"latch", "init", market.file("latch"), "--people", "1", "--reason", "made later"});
    EXPECT_EQ(made.code, 0);
    EXPECT_THAT(made.err, testing::HasSubstr("takes it up by itself"));
    ASSERT_TRUE(wait_until([&] {
        return read_text(market.file("daemon.err")).find("stays HALTED until it is released") !=
               std::string::npos;
    })) << read_text(market.file("daemon.err"));
    EXPECT_EQ(status()["state"], "HALTED");
    EXPECT_FALSE(status()["latch"].contains("trouble")) << status()["latch"].dump();
    EXPECT_EQ(market.fills_here(), 0u);
    // By the daemon that never had another one.
    EXPECT_TRUE(wait_until([&] {
        const std::string version = status()["state_version"].dump();
        return call({"release", "--reason", "a test", "--expect", version}).code == 0;
    }));
    EXPECT_TRUE(wait_until([&] { return market.fills_here() >= 5; }))
        << read_text(market.file("daemon.err"));
    market.daemon->kill(SIGTERM);
    EXPECT_EQ(market.daemon->wait(), 0) << read_text(market.file("daemon.err"));
    PosixFileSystem files;
    RerunRequest request;
    request.directory = market.journal();
    const RerunReport report = rerun_journal(files, request, shipped_strategies());
    EXPECT_TRUE(report.equal()) << (report.divergence ? report.divergence->what : "");
}

TEST(Live, HaltsWhenItsLatchFileGoesAway) {
    LiveMarket market(3);
    market.approve();
    market.start_venue();
    market.start_daemon();
    ASSERT_TRUE(wait_until([&] { return market.fills_here() >= 5; }))
        << read_text(market.file("daemon.err"));
    std::filesystem::remove(market.file("latch"));
    const auto halted = [&] {
        bool found = false;
        market.for_each_record([&](const OrderEvent& e, const JournalManifest&) {
            found = found || (e.type == OrderEventType::kControl &&
                              e.data.control.scope == ControlScope::kFirm &&
                              e.data.control.state == TradingState::kHalted);
        });
        return found;
    };
    EXPECT_TRUE(wait_until(halted)) << read_text(market.file("daemon.err"));
    EXPECT_NE(read_text(market.file("daemon.err")).find("is not there any more"),
              std::string::npos);
    market.daemon->kill(SIGTERM);
    EXPECT_EQ(market.daemon->wait(), 0) << read_text(market.file("daemon.err"));
}

}  // namespace
}  // namespace fermata::test

// The whole live path on one machine with nothing mocked: a venue, a daemon in mode live, FIX
// between them.

#include <gtest/gtest.h>

#include <random>

#include "tests/daemon/live/live_fixture.hpp"

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

TEST(Live, LosesNoFillAndSendsNoOrderTwiceWhoeverIsKilled) {
    for (unsigned seed = 1; seed <= 3; ++seed) {
        LiveMarket market(seed);
        market.approve();
        market.start_venue();
        market.start_daemon();
        std::mt19937_64 random(seed);
        std::size_t fills = 0;
        for (int kill = 0; kill < 4; ++kill) {
            EXPECT_TRUE(wait_until([&] { return market.fills_here() >= fills + 8; }))
                << "seed " << seed << " kill " << kill << '\n'
                << read_text(market.file("daemon.err"));
            std::this_thread::sleep_for(std::chrono::milliseconds(random() % 300));
            if (random() % 3 == 0) {
                market.venue->kill(SIGKILL);
                (void)market.venue->wait();
                market.start_venue();
            } else {
                market.daemon->kill(SIGKILL);
                (void)market.daemon->wait();
                market.start_daemon();
            }
            fills = market.fills_here();
        }
        EXPECT_TRUE(wait_until([&] { return market.fills_here() >= fills + 8; }))
            << "seed " << seed << '\n'
            << read_text(market.file("daemon.err"));
        market.daemon->kill(SIGTERM);
        EXPECT_EQ(market.daemon->wait(), 0) << read_text(market.file("daemon.err"));
        market.venue->kill(SIGTERM);
        EXPECT_EQ(market.venue->wait(), 0) << read_text(market.file("venue.out"));

        const auto here = market.executions_here(), there = market.executions_there();
        EXPECT_EQ(only_in_first(here, there), std::vector<Execution>{}) << "seed " << seed;
        EXPECT_EQ(only_in_first(there, here), std::vector<Execution>{})
            << "seed " << seed << '\n'
            << read_text(market.file("daemon.err"));
        const auto orders = market.orders_there();
        EXPECT_EQ(std::set<std::string>(orders.begin(), orders.end()).size(), orders.size())
            << "seed " << seed;
        PosixFileSystem files;
        RerunRequest request;
        request.directory = market.journal();
        const RerunReport report = rerun_journal(files, request, shipped_strategies());
        EXPECT_TRUE(report.equal()) << (report.divergence ? report.divergence->what : "");
    }
}

}  // namespace
}  // namespace fermata::test

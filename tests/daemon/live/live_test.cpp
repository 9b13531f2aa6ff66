// The whole live path on one machine with nothing mocked: a venue, a daemon in mode live, FIX
// between them.

#include <gtest/gtest.h>

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

}  // namespace
}  // namespace fermata::test

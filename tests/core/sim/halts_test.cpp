// Trading halts: what an exchange does and refuses between a halt and the resumption.

#include <gtest/gtest.h>

#include "tests/core/sim/exchange_fixture.hpp"

namespace fermata {
namespace {

using Fills = std::vector<FillSeen>;
using Ends = std::vector<ReportSeen>;

constexpr std::int64_t kDay = 86'400;

TEST(SimulatedHalt, MatchesNothingInAHaltAndTheFirstPriceBehindIt) {
    Exchange x;
    x.quote(0, "99", "100", "100", "100");
    x.send(1, Ticket::buy("10").limit("98"));
    x.send(1, Ticket::sell("10").stop("97"));
    x.send(1, Ticket::sell("10").trail("2"));  // from 99: 97
    x.halt(2, true);
    EXPECT_TRUE(x.exchange().halted(InstrumentId{0}));
    x.quote(3, "96", "100", "97", "100");
    x.trade(4, "95", "1000");
    x.open(5, "95");
    x.bar(6, "95", "96", "94", "95");
    x.restart({}, {});
    EXPECT_EQ(x.fills(), Fills{});
    x.halt(7, false);
    EXPECT_EQ(x.fills(), Fills{}) << "what was quoted in the halt stands no more";
    x.quote(8, "98.50", "100", "98.60", "100");
    EXPECT_EQ(x.fills(), Fills{});
    x.quote(9, "97.50", "100", "98", "100");
    EXPECT_EQ(x.fills(), (Fills{{1, "10", "98"}}));
}

TEST(SimulatedHalt, RefusesOrdersAndNewTermsInAHaltAndCancels) {
    Exchange x;
    x.quote(0, "99", "100", "100", "100");
    x.send(1, Ticket::buy("10").limit("98"));
    x.halt(2, true);
    x.send(3, Ticket::buy("10"));
    x.replace(4, 1, Ticket::buy("10").limit("97"));
    x.cancel(5, 1);
    x.halt(6, false);
    x.send(7, Ticket::buy("10"));
    EXPECT_EQ(x.ends(), (Ends{{2, ExecType::kRejected, OrderReason::kMarketClosed},
                              {1, ExecType::kReplaceRejected, OrderReason::kMarketClosed},
                              {1, ExecType::kCanceled, OrderReason::kRequested}}));
    EXPECT_EQ(x.fills(), Fills{});
    x.quote(8, "99", "100", "101", "100");
    EXPECT_EQ(x.fills(), (Fills{{3, "10", "101"}}));
}

TEST(SimulatedHalt, RefusesWhatAHaltOvertook) {
    SimConfig config;
    config.latency_in = Duration::seconds(2);
    Exchange x(config);
    x.quote(0, "99", "100", "100", "100");
    x.send(1, Ticket::buy("10"));
    x.halt(2, true);
    x.advance(at(3));
    EXPECT_EQ(x.ends(), (Ends{{1, ExecType::kRejected, OrderReason::kMarketClosed}}));
}

TEST(SimulatedHalt, EndsTheSessionInAHaltWithoutAnAuction) {
    Exchange x({}, {.calendar = "exchange"});
    x.session(34'200, true);
    x.quote(34'201, "99", "100", "100", "100");
    x.send(34'202, Ticket::buy("10").tif(TimeInForce::kAtc));
    x.send(34'202, Ticket::buy("10").limit("90").tif(TimeInForce::kDay));
    x.halt(40'000, true);
    x.quote(50'000, "99", "100", "100", "100");
    x.session(57'600, false);
    EXPECT_EQ(x.ends(), (Ends{{1, ExecType::kCanceled, OrderReason::kNoLiquidity},
                              {2, ExecType::kExpired, OrderReason::kSessionEnd}}));
    x.session(kDay + 34'200, true);
    x.send(kDay + 34'201, Ticket::buy("10"));
    EXPECT_EQ(x.last().reason, OrderReason::kMarketClosed) << "an opening ends no halt";
}

}  // namespace
}  // namespace fermata

// Linked orders at the venue: the fill of one acts on the others before anything else happens.
#include <gtest/gtest.h>

#include "tests/core/sim/exchange_fixture.hpp"

namespace fermata {
namespace {

constexpr Exchange::Setup kLong100{.position = "100"};

SimConfig with(BarPath path) {
    SimConfig config;
    config.fill.path = path;
    return config;
}
Ticket oco(const Ticket& ticket, std::uint32_t group = 1) {
    return ticket.link(group, LinkRole::kOco);
}
Ticket ouo(const Ticket& ticket) { return ticket.link(1, LinkRole::kOuo); }

constexpr ReportSeen linked(std::uint64_t order) {
    return {order, ExecType::kCanceled, OrderReason::kLinked};
}

// Long 100 in a margin account, which may be short: stop 95 and target 105, bar 100/106/94/104.
// Both levels are touched; one leg fills, the other one is gone before it could.
TEST(Oco, FillsOneLegOfStopAndTargetInOneBar) {
    const auto run = [](BarPath path) {
        Exchange x(with(path), kLong100);
        x.send(0, oco(Ticket::sell("100").stop("95")));
        x.send(0, oco(Ticket::sell("100").limit("105")));
        x.minute(0, "100", "106", "94", "104");
        EXPECT_EQ(x.position(), "0");
        EXPECT_EQ(x.exchange().live_orders(), 0U);
        EXPECT_EQ(x.ends().back().type, ExecType::kCanceled);
        EXPECT_EQ(x.ends().back().reason, OrderReason::kLinked);
        return x.fills();
    };
    const Fills stopped{{1, "100", "95"}};
    const Fills target{{2, "100", "105"}};
    EXPECT_EQ(run(BarPath::kAdverse), stopped);
    EXPECT_EQ(run(BarPath::kOptimistic), target);
    EXPECT_EQ(run(BarPath::kOpenHighLowClose), target);
    EXPECT_EQ(run(BarPath::kOpenLowHighClose), stopped);
}

TEST(Oco, FillsBothWhenTheVenueKnowsNoLinks) {
    SimConfig config;
    config.supports.drop(kVenueLinks);
    Exchange x(config, kLong100);
    x.send(0, oco(Ticket::sell("100").stop("95")));
    x.send(0, oco(Ticket::sell("100").limit("105")));
    x.minute(0, "100", "106", "94", "104");
    EXPECT_EQ(x.fills().size(), 2U);
    EXPECT_EQ(x.position(), "-100");
}

TEST(Oco, ReportsTheFillBeforeTheCancel) {
    Exchange x({}, kLong100);
    x.send(0, oco(Ticket::sell("100").stop("95")));
    x.send(0, oco(Ticket::sell("100").limit("105")));
    x.minute(0, "100", "105", "99", "104");
    ASSERT_EQ(x.reports().size(), 4U);
    EXPECT_EQ(x.reports()[2].data.execution.exec_type, ExecType::kTrade);
    EXPECT_EQ(x.reports()[3].data.execution.exec_type, ExecType::kCanceled);
    EXPECT_EQ(x.ends(), (Ends{linked(1)}));
}

// 10% of a volume of 500: the first 50 of the target cancel the stop; the other 50 stay.
TEST(Oco, IsCanceledByAPartialFill) {
    SimConfig config;
    config.fill.participation = ratio("0.1");
    Exchange x(config, kLong100);
    x.send(0, oco(Ticket::sell("100").stop("95")));
    x.send(0, oco(Ticket::sell("100").limit("105")));
    x.minute(0, "100", "105", "99", "104", "500");
    EXPECT_EQ(x.fills(), (Fills{{2, "50", "105"}}));
    EXPECT_EQ(x.ends(), (Ends{linked(1)}));
    EXPECT_EQ(x.exchange().live_orders(), 1U);
}

TEST(Oco, LeavesOtherGroupsAndOrdersWithoutALinkAlone) {
    Exchange x;
    x.send(0, oco(Ticket::buy("10").limit("99"), 1));
    x.send(0, oco(Ticket::buy("10").limit("98"), 2));
    x.send(0, Ticket::buy("10").limit("98"));
    x.send(0, oco(Ticket::buy("10").limit("98"), 1));
    x.minute(0, "100", "101", "98.50", "100");
    EXPECT_EQ(x.fills(), (Fills{{1, "10", "99"}}));
    EXPECT_EQ(x.ends(), (Ends{linked(4)}));
    EXPECT_EQ(x.exchange().live_orders(), 2U);
}

// Three bids of one group at one price, in one quote: the first gets it, the others are gone.
TEST(Oco, EndsTheOthersInTheMiddleOfAMatch) {
    Exchange x;
    x.quote(0, "100.00", "500", "100.05", "500");
    for (int n = 0; n < 3; ++n) x.send(1, oco(Ticket::buy("10").limit("100.01")));
    x.send(1, Ticket::buy("10").limit("100.01"));
    x.quote(2, "99.95", "500", "100.01", "500");
    EXPECT_EQ(x.fills(), (Fills{{1, "10", "100.01"}, {4, "10", "100.01"}}));
    EXPECT_EQ(x.ends(), (Ends{linked(2), linked(3)}));
}

TEST(Oco, ActsOnTheOthersWhenOneTakesOnArrival) {
    Exchange x;
    x.quote(0, "100.00", "500", "100.05", "500");
    x.send(1, oco(Ticket::buy("10").limit("99")));
    x.send(1, oco(Ticket::buy("10")));
    EXPECT_EQ(x.fills(), (Fills{{2, "10", "100.05"}}));
    EXPECT_EQ(x.ends(), (Ends{linked(1)}));
}

TEST(Oco, ActsOnTradesToo) {
    Exchange x;
    x.trade(0, "100", "10");
    x.send(1, oco(Ticket::buy("10").limit("99")));
    x.send(1, oco(Ticket::sell("10").limit("99")));  // takes the next trade
    x.trade(2, "99", "500");
    EXPECT_EQ(x.fills().size(), 1U);
    EXPECT_EQ(x.ends().size(), 1U);
}

// A bracket's legs as the order manager sends them: stop and target as one-updates-other.
// Bid 40 @ 105: 40 of the target, so the stop is for 60. Then the stop takes the 60.
TEST(Ouo, TakesAsMuchFromTheOtherLeg) {
    Exchange x({}, kLong100);
    x.quote(0, "100.00", "500", "100.05", "500");
    const auto stop = x.send(1, Ticket::sell("100").stop("95").link(7, LinkRole::kSecondaryOuo));
    const auto target =
        x.send(1, Ticket::sell("100").limit("105").link(7, LinkRole::kSecondaryOuo));
    x.quote(2, "105.00", "40", "105.05", "500");
    EXPECT_EQ(x.fills(), (Fills{{target, "40", "105"}}));
    EXPECT_EQ(x.last().exec_type, ExecType::kRestated);
    EXPECT_EQ(x.last().reason, OrderReason::kLinked);
    EXPECT_EQ(to_string(x.last().leaves_quantity), "60");
    x.quote(3, "94.90", "500", "94.95", "500");
    EXPECT_EQ(x.fills().back(), (FillSeen{stop, "60", "94.9"}));
    EXPECT_EQ(x.ends().back(), linked(target));
    EXPECT_EQ(x.position(), "0");
}

// Both inside one bar, capped at 30 of a volume of 300: the stop gets 30 and takes 30 from the
// target, which gets nothing of this bar; then the target gets its 70.
TEST(Ouo, NeverFillsMoreThanTheGroupWasForInOneBar) {
    SimConfig config;
    config.fill.participation = ratio("0.1");
    Exchange x(config, kLong100);
    x.send(0, ouo(Ticket::sell("100").stop("95")));
    x.send(0, ouo(Ticket::sell("100").limit("105")));
    x.minute(0, "100", "106", "94", "104", "300");
    EXPECT_EQ(x.fills(), (Fills{{1, "30", "95"}}));
    x.minute(60, "104", "106", "103", "105", "100000");
    EXPECT_EQ(x.fills().back(), (FillSeen{1, "70", "104"}));  // a triggered stop is a market order
    EXPECT_EQ(x.ends().back(), linked(2));
    EXPECT_EQ(x.position(), "0");
}

TEST(Links, ActOnOrdersOfTheSameRoleOnly) {
    Exchange x;
    x.send(0, Ticket::buy("10").limit("99").link(1, LinkRole::kPrimary));
    x.send(0, Ticket::sell("10").limit("101").link(1, LinkRole::kSecondaryOco));
    x.minute(0, "100", "102", "98", "100");
    EXPECT_EQ(x.fills().size(), 2U);
}

TEST(Links, KeepTheirGroupOverARestart) {
    const SimConfig config;
    Exchange x(config, kLong100);
    x.send(0, oco(Ticket::sell("100").stop("95")));
    x.send(0, oco(Ticket::sell("100").limit("105")));
    x.restart(config, kLong100);
    x.minute(0, "100", "106", "94", "104");
    EXPECT_EQ(x.fills(), (Fills{{1, "100", "95"}}));
    EXPECT_EQ(x.ends().back(), linked(2));
}

TEST(Links, AreRefusedBeyondTheLargestGroup) {
    Exchange x;
    for (std::size_t n = 0; n < LinkGroups::kMembersMax; ++n) {
        x.send(0, oco(Ticket::buy("1").limit("90")));
    }
    EXPECT_EQ(x.ends(), Ends{});
    x.send(0, oco(Ticket::buy("1").limit("90")));
    EXPECT_EQ(x.ends().back().reason, OrderReason::kUnsupported);
    x.cancel(1, 3);  // makes room
    x.send(1, oco(Ticket::buy("1").limit("90")));
    EXPECT_EQ(x.last().exec_type, ExecType::kNew);
}

}  // namespace
}  // namespace fermata
